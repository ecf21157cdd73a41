/* key.c - names, shapes, attributes. */
#include "graph/key.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "graph/op.h"

enum { LONGEST = 4096, HASH_BYTES = 18 };

static void append(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void append(char *out, size_t size, const char *format, ...)
{
    const size_t used = strlen(out);
    va_list args;

    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

/* "256x128", "128x3072u8"; "-" without a value. */
static void append_shape(char *out, size_t size, const struct scl_node *y)
{
    static const char *const type[] = { [SCL_F32] = "", [SCL_I32] = "i32", [SCL_U8] = "u8" };

    if (y->shape.rank == 0)
        append(out, size, "-");
    for (int i = 0; i < y->shape.rank; i++)
        append(out, size, "%s%d", i ? "x" : "", y->shape.dim[i]);
    append(out, size, "%s", type[y->type]);
}

static void write_shapes(char *out, size_t size, const struct scl_node *y)
{
    snprintf(out, size, "%s ", y->op->name);
    append_shape(out, size, y);
    for (int i = 0; i < y->n_in; i++) {
        append(out, size, "%s", i ? "," : " of ");
        append_shape(out, size, y->in[i]);
    }
}

void scl_node_key_with(char *out, size_t size, const struct scl_node *y, const char *format, ...)
{
    size_t used;
    va_list args;

    write_shapes(out, size, y);
    append(out, size, " ");
    used = strlen(out);
    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

void scl_node_key(char out[SCL_NODE_KEY_BYTES], const struct scl_node *y)
{
    char text[LONGEST];
    size_t n;

    if (y->op->key)
        y->op->key(text, sizeof text, y);
    else
        write_shapes(text, sizeof text, y);
    n = strlen(text);
    memcpy(out, text, n < SCL_NODE_KEY_BYTES ? n + 1 : SCL_NODE_KEY_BYTES);
    if (n >= SCL_NODE_KEY_BYTES)
        snprintf(out + SCL_NODE_KEY_BYTES - HASH_BYTES, HASH_BYTES, "#%016" PRIx64,
                 (uint64_t)XXH3_64bits(text, n));
}
