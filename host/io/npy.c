/* npy.c - magic, version, length, a Python dictionary as text, data. */
#include "io/npy.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"

enum { PREFIX = 10, ALIGN = 64 }; /* bytes before the dictionary; where the data begins */

static const char magic[] = "\x93NUMPY\x01"; /* and its end: version 1.0 */

static const struct {
    const char *text;
    size_t bytes;
} types[] = {
    [SCL_NPY_F32] = { "<f4", 4 }, [SCL_NPY_F64] = { "<f8", 8 }, [SCL_NPY_I32] = { "<i4", 4 },
    [SCL_NPY_I64] = { "<i8", 8 }, [SCL_NPY_U8] = { "|u1", 1 },
};

/* Bytes of the data; false when a dimension is negative or the product overflows. */
static bool measure(size_t *bytes, enum scl_npy_type type, int rank, const int64_t dim[])
{
    size_t size = types[type].bytes;

    for (int i = 0; i < rank; i++)
        if (dim[i] < 0 || __builtin_mul_overflow(size, (uint64_t)dim[i], &size) ||
            size > PTRDIFF_MAX)
            return false;
    *bytes = size;
    return true;
}

static int fail_size(int code, const char *path)
{
    return scl_fail(code, "%s: found a shape too large for memory", path);
}

/* The dictionary for a type and shape, as NumPy writes it. */
static void print_dictionary(char *out, size_t size, enum scl_npy_type type, int rank,
                             const int64_t dim[])
{
    size_t n = (size_t)snprintf(out, size, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                                types[type].text);

    for (int i = 0; i < rank; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%lld", i ? ", " : "", (long long)dim[i]);
    snprintf(out + n, size - n, "%s), }", rank == 1 ? "," : "");
}

int scl_npy_save(const char *path, enum scl_npy_type type, int rank, const int64_t dim[],
                 const void *data)
{
    char header[512], text[384];
    size_t bytes, length;
    int rc;

    if (rank < 0 || rank > SCL_NPY_MAX_DIM)
        return scl_fail(SCL_SHAPE, "%s: found rank %d, wanted 0 to %d", path, rank,
                        SCL_NPY_MAX_DIM);
    if (!measure(&bytes, type, rank, dim))
        return fail_size(SCL_SHAPE, path);
    print_dictionary(text, sizeof text, type, rank, dim);
    length = (PREFIX + strlen(text) + 1 + ALIGN - 1) / ALIGN * ALIGN;
    memset(header, ' ', sizeof header);
    memcpy(header, magic, sizeof magic);
    header[8] = (char)((length - PREFIX) & 0xff);
    header[9] = (char)((length - PREFIX) >> 8);
    memcpy(header + PREFIX, text, strlen(text));
    header[length - 1] = '\n';
    SCL_TRY(scl_file_write_parts(
        path, 2, (const struct scl_bytes[]){ { header, length }, { data, bytes } }));
out:
    return rc;
}

/* Moves *p behind `word` (and blanks); false when something else stands there. */
static int skip(const char **p, const char *word)
{
    const size_t n = strlen(word);

    while (**p == ' ')
        (*p)++;
    if (strncmp(*p, word, n))
        return 0;
    *p += n;
    return 1;
}

static int parse_shape(struct scl_npy *out, const char **p)
{
    if (!skip(p, "("))
        return 0;
    while (!skip(p, ")")) {
        char *end;
        long long dim;

        while (**p == ' ')
            (*p)++;
        if (out->rank == SCL_NPY_MAX_DIM || **p < '0' || **p > '9')
            return 0;
        dim = strtoll(*p, &end, 10); /* out of range becomes LLONG_MAX, which no file has */
        out->dim[out->rank++] = dim;
        *p = end;
        skip(p, ",");
    }
    return 1;
}

/* `text` ends with a zero byte. NumPy sorts the keys, so they stand in this order. */
static int parse_dictionary(struct scl_npy *out, const char *text)
{
    const char *p = text;
    size_t type = 0;

    if (!skip(&p, "{") || !skip(&p, "'descr':") || !skip(&p, "'"))
        return 0;
    while (type < sizeof types / sizeof *types && strncmp(p, types[type].text, 3))
        type++;
    if (type == sizeof types / sizeof *types)
        return 0;
    out->type = (enum scl_npy_type)type;
    p += 3;
    if (!skip(&p, "'") || !skip(&p, ",") || !skip(&p, "'fortran_order':") || !skip(&p, "False") ||
        !skip(&p, ",") || !skip(&p, "'shape':") || !parse_shape(out, &p))
        return 0;
    skip(&p, ",");
    return skip(&p, "}");
}

int scl_npy_load(struct scl_npy *out, const char *path)
{
    size_t size, bytes, begin;
    char *dictionary = NULL;
    int rc;

    *out = (struct scl_npy){ 0 };
    SCL_TRY(scl_file_read(&out->bytes, &size, path, PTRDIFF_MAX));
    if (size < PREFIX || memcmp(out->bytes, magic, sizeof magic)) {
        rc = scl_fail(SCL_DATA, "%s: found other bytes, wanted an npy file of version 1.0", path);
        goto out;
    }
    begin = PREFIX + (unsigned char)out->bytes[8] + 256u * (unsigned char)out->bytes[9];
    if (begin > size || begin % 16) {
        rc = scl_fail(SCL_DATA, "%s: found a header of %zu bytes, wanted it inside the %zu", path,
                      begin, size);
        goto out;
    }
    dictionary = strndup(out->bytes + PREFIX, begin - PREFIX);
    if (!dictionary) {
        rc = scl_fail(SCL_NOMEM, "%s: no memory for its header", path);
        goto out;
    }
    if (!parse_dictionary(out, dictionary)) {
        rc = scl_fail(SCL_DATA, "%s: found a header that is not descr, fortran_order: False, shape",
                      path);
        goto out;
    }
    if (!measure(&bytes, out->type, out->rank, out->dim))
        rc = fail_size(SCL_DATA, path);
    else if (bytes != size - begin)
        rc = scl_fail(SCL_DATA, "%s: found %zu bytes of data, wanted %zu", path, size - begin,
                      bytes);
    out->data = out->bytes + begin;
out:
    free(dictionary);
    if (rc < 0)
        scl_npy_fini(out);
    return rc;
}

void scl_npy_fini(struct scl_npy *array)
{
    free(array->bytes);
    *array = (struct scl_npy){ 0 };
}
