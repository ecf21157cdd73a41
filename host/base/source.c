/* source.c - from the source tree where one is named, else from the program. */
#include "base/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/status.h"

enum { MAX_BYTES = 1 << 20 };

int scl_source_load(char **out, const char *name)
{
    const char *root = getenv("SCL_SOURCE_DIR");
    const struct scl_embedded *file;
    char *path;
    size_t size;
    int rc;

    if (root && *root) {
        if (!(path = scl_path_join(root, name)))
            return SCL_NOMEM;
        rc = scl_file_read(out, &size, path, MAX_BYTES);
        free(path);
        return rc;
    }
    if (!(file = scl_embedded_find(name)))
        return scl_fail(SCL_BUILD, "%s is not among the files that the program carries", name);
    if (!(*out = strdup((const char *)file->data)))
        return scl_fail(SCL_NOMEM, "out of memory for %s", name);
    return SCL_OK;
}
