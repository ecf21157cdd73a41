/* embedded.c - look-up in the generated table. */
#include "base/embedded.h"

#include <string.h>

const struct scl_embedded *scl_embedded_find(const char *name)
{
    for (const struct scl_embedded *f = scl_embedded_files; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}
