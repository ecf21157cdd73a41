/* embedded.c - look-up in the generated tables. */
#include "base/embedded.h"

#include <string.h>

const struct scl_embedded *scl_embedded_find(const char *name)
{
    const struct scl_embedded *const table[] = { scl_embedded_files, scl_embedded_cases };

    for (size_t t = 0; t < sizeof table / sizeof *table; t++)
        for (const struct scl_embedded *f = table[t]; f->name; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    return NULL;
}
