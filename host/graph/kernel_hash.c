/* kernel_hash.c - whether kernels are as they were; declared in lower.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/source.h"
#include "base/status.h"
#include "graph/lower.h"

/* "" stands for CLBlast, which is the library's own. */
static const char *file_of(const struct scl_launch *l)
{
    return l->file ? l->file : "";
}

static bool is_first_of_file(const struct scl_launch *first, const struct scl_launch *l)
{
    for (; first != l; first = first->next)
        if (strcmp(file_of(first), file_of(l)) == 0)
            return false;
    return true;
}

int scl_kernel_hash(char out[SCL_KERNEL_HASH_BYTES], const struct scl_launch *first)
{
    XXH64_hash_t hash = 0;

    for (const struct scl_launch *l = first; l; l = l->next) {
        char *text = NULL;

        if (!is_first_of_file(first, l))
            continue;
        hash = XXH3_64bits_withSeed(file_of(l), strlen(file_of(l)), hash);
        if (!l->file)
            continue;
        if (scl_source_kernel(&text, l->file) < 0)
            return SCL_BUILD;
        hash = XXH3_64bits_withSeed(text, strlen(text), hash);
        free(text);
    }
    snprintf(out, SCL_KERNEL_HASH_BYTES, "%08" PRIx32, (uint32_t)(hash ^ hash >> 32));
    return SCL_OK;
}
