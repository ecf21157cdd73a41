/* tensor.c - types, sizes and elements of a tensor in a file. */
#include "io/safetensors.h"

#include <limits.h>
#include <string.h>

#include "base/status.h"
#include "io/safetensors_impl.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files hold little-endian numbers");

static const struct {
    const char *text;
    size_t bytes;
} types[] = {
    [SCL_TENSOR_BOOL] = { "BOOL", 1 }, [SCL_TENSOR_U8] = { "U8", 1 },
    [SCL_TENSOR_I8] = { "I8", 1 },     [SCL_TENSOR_I16] = { "I16", 2 },
    [SCL_TENSOR_U16] = { "U16", 2 },   [SCL_TENSOR_F16] = { "F16", 2 },
    [SCL_TENSOR_BF16] = { "BF16", 2 }, [SCL_TENSOR_I32] = { "I32", 4 },
    [SCL_TENSOR_U32] = { "U32", 4 },   [SCL_TENSOR_F32] = { "F32", 4 },
    [SCL_TENSOR_F64] = { "F64", 8 },   [SCL_TENSOR_I64] = { "I64", 8 },
    [SCL_TENSOR_U64] = { "U64", 8 },
};

const char *scl_tensor_type_text(enum scl_tensor_type type)
{
    return (size_t)type < sizeof types / sizeof *types ? types[type].text : NULL;
}

size_t scl_tensor_type_bytes(enum scl_tensor_type type)
{
    return (size_t)type < sizeof types / sizeof *types ? types[type].bytes : 0;
}

int scl_tensor_measure(size_t *bytes, const struct scl_tensor *t)
{
    size_t size = scl_tensor_type_bytes(t->type);

    if (size == 0)
        return scl_fail(SCL_DATA, "%s: found the type %d, wanted a type of the format", t->name,
                        (int)t->type);
    if (t->rank < 0 || t->rank > SCL_TENSOR_MAX_DIM)
        return scl_fail(SCL_DATA, "%s: found rank %d, wanted 0 to %d", t->name, t->rank,
                        SCL_TENSOR_MAX_DIM);
    for (int i = 0; i < t->rank; i++)
        if (t->dim[i] < 0 || __builtin_mul_overflow(size, (uint64_t)t->dim[i], &size) ||
            size > PTRDIFF_MAX)
            return scl_fail(SCL_DATA, "%s: found a shape too large for memory", t->name);
    *bytes = size;
    return SCL_OK;
}

size_t scl_tensor_bytes(const struct scl_tensor *t)
{
    return scl_tensor_count(t) * scl_tensor_type_bytes(t->type);
}

size_t scl_tensor_count(const struct scl_tensor *t)
{
    size_t n = 1;

    for (int i = 0; i < t->rank; i++)
        n *= (size_t)t->dim[i];
    return n;
}

static int fail_type(const struct scl_tensor *t, const char *wanted)
{
    return scl_fail(SCL_DATA, "%s: found type %s, wanted %s", t->name,
                    scl_tensor_type_text(t->type), wanted);
}

int scl_tensor_floats(float *out, const struct scl_tensor *t)
{
    const size_t n = scl_tensor_count(t);
    const char *from = t->data;

    if (t->type == SCL_TENSOR_F32) {
        if (n > 0)
            memcpy(out, from, n * sizeof *out);
    } else if (t->type == SCL_TENSOR_F64) {
        for (size_t i = 0; i < n; i++) {
            double x;

            memcpy(&x, from + i * sizeof x, sizeof x);
            out[i] = (float)x;
        }
    } else {
        return fail_type(t, "F32 or F64");
    }
    return SCL_OK;
}

int scl_tensor_doubles(double *out, const struct scl_tensor *t)
{
    const size_t n = scl_tensor_count(t);
    const char *from = t->data;

    if (t->type == SCL_TENSOR_F64) {
        if (n > 0)
            memcpy(out, from, n * sizeof *out);
    } else if (t->type == SCL_TENSOR_F32) {
        for (size_t i = 0; i < n; i++) {
            float x;

            memcpy(&x, from + i * sizeof x, sizeof x);
            out[i] = x;
        }
    } else {
        return fail_type(t, "F32 or F64");
    }
    return SCL_OK;
}

int scl_tensor_ints(int *out, const struct scl_tensor *t)
{
    const size_t n = scl_tensor_count(t);
    const char *from = t->data;

    if (t->type != SCL_TENSOR_I32 && t->type != SCL_TENSOR_I64 && t->type != SCL_TENSOR_U8)
        return fail_type(t, "I32, I64 or U8");
    for (size_t i = 0; i < n; i++) {
        int64_t wide = 0;
        int32_t narrow;

        if (t->type == SCL_TENSOR_U8) {
            out[i] = (unsigned char)from[i];
        } else if (t->type == SCL_TENSOR_I32) {
            memcpy(&narrow, from + i * sizeof narrow, sizeof narrow);
            out[i] = narrow;
        } else {
            memcpy(&wide, from + i * sizeof wide, sizeof wide);
            if (wide < INT_MIN || wide > INT_MAX)
                return scl_fail(SCL_DATA, "%s: found %lld at %zu, wanted a number of 32 bits",
                                t->name, (long long)wide, i);
            out[i] = (int)wide;
        }
    }
    return SCL_OK;
}
