/* safetensors_load.c - a header is checked in full before one tensor is handed out. */
#include "io/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/status.h"
#include "io/safetensors_impl.h"

enum { MOST_VALUES = 4000000 }; /* in a header; cJSON takes 64 bytes for each */

/* What is known while a header is read. */
struct header {
    const char *source;
    const char *text; /* of `size` bytes, followed by the payload */
    size_t size, payload;
    const char *data;
};

/* A tensor's span in the payload, for the search for gaps and overlaps. */
struct span {
    size_t begin, end;
    const char *name;
};

static int fail(const struct header *h, const char *name, const char *what)
{
    return scl_fail(SCL_DATA, "%s: %s: %s", h->source, name, what);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct scl_tensor *)a)->name, ((const struct scl_tensor *)b)->name);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct scl_meta *)a)->key, ((const struct scl_meta *)b)->key);
}

static int by_place(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* A JSON number that is a whole number, exact in a double. */
static bool get_whole(int64_t *out, const cJSON *number)
{
    const double limit = 9007199254740992.0; /* 2^53 */

    if (!cJSON_IsNumber(number))
        return false;
    const double x = number->valuedouble;
    if (!(x >= 0 && x < limit) || x != floor(x))
        return false;
    *out = (int64_t)x;
    return true;
}

static int read_type(struct scl_tensor *t, const struct header *h, const cJSON *value)
{
    if (!cJSON_IsString(value))
        return fail(h, t->name, "dtype is no text");
    for (int type = 0; scl_tensor_type_text(type); type++)
        if (!strcmp(scl_tensor_type_text(type), value->valuestring)) {
            t->type = type;
            return SCL_OK;
        }
    return scl_fail(SCL_DATA, "%s: %s: found dtype %.16s, wanted one such as F32", h->source,
                    t->name, value->valuestring);
}

static int read_shape(struct scl_tensor *t, const struct header *h, const cJSON *value)
{
    const cJSON *dim;

    if (!cJSON_IsArray(value))
        return fail(h, t->name, "shape is no list");
    cJSON_ArrayForEach(dim, value)
    {
        if (t->rank == SCL_TENSOR_MAX_DIM)
            return fail(h, t->name, "shape has more than 8 dimensions");
        if (!get_whole(&t->dim[t->rank++], dim))
            return fail(h, t->name, "shape holds something that is not a whole number");
    }
    return SCL_OK;
}

static int read_span(struct span *span, const struct header *h, const cJSON *value)
{
    int64_t begin, end;

    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2 ||
        !get_whole(&begin, cJSON_GetArrayItem(value, 0)) ||
        !get_whole(&end, cJSON_GetArrayItem(value, 1)))
        return fail(h, span->name, "data_offsets is not two whole numbers");
    if (begin > end || (uint64_t)end > h->payload)
        return scl_fail(SCL_DATA,
                        "%s: %s: found data_offsets [%lld, %lld], wanted them inside the payload "
                        "of %zu bytes",
                        h->source, span->name, (long long)begin, (long long)end, h->payload);
    span->begin = (size_t)begin;
    span->end = (size_t)end;
    return SCL_OK;
}

static int read_tensor(struct scl_tensor *t, struct span *span, const struct header *h,
                       const cJSON *item)
{
    size_t bytes;
    int rc;

    t->name = span->name = item->string;
    if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 3)
        return fail(h, t->name, "is not an object of dtype, shape and data_offsets");
    SCL_TRY(read_type(t, h, cJSON_GetObjectItemCaseSensitive(item, "dtype")));
    SCL_TRY(read_shape(t, h, cJSON_GetObjectItemCaseSensitive(item, "shape")));
    SCL_TRY(read_span(span, h, cJSON_GetObjectItemCaseSensitive(item, "data_offsets")));
    if (scl_tensor_measure(&bytes, t) < 0)
        return fail(h, t->name, "shape is too large for memory");
    if (bytes != span->end - span->begin)
        return scl_fail(SCL_DATA, "%s: %s: found %zu bytes between its offsets, wanted %zu",
                        h->source, t->name, span->end - span->begin, bytes);
    t->data = h->data + span->begin;
out:
    return rc;
}

static int read_meta(struct scl_safetensors *out, const struct header *h, const cJSON *object)
{
    const cJSON *item;

    if (out->meta)
        return fail(h, "__metadata__", "is there twice");
    if (!cJSON_IsObject(object))
        return fail(h, "__metadata__", "is no object");
    out->meta = calloc((size_t)cJSON_GetArraySize(object) + 1, sizeof *out->meta);
    if (!out->meta)
        return scl_fail(SCL_NOMEM, "%s: no memory for its metadata", h->source);
    cJSON_ArrayForEach(item, object)
    {
        if (!cJSON_IsString(item))
            return fail(h, item->string, "metadata is no text");
        out->meta[out->n_meta++] = (struct scl_meta){ item->string, item->valuestring };
    }
    qsort(out->meta, out->n_meta, sizeof *out->meta, by_key);
    for (size_t i = 1; i < out->n_meta; i++)
        if (!strcmp(out->meta[i].key, out->meta[i - 1].key))
            return fail(h, out->meta[i].key, "metadata is there twice");
    return SCL_OK;
}

/* The payload is covered once, from its first byte to its last. */
static int check_spans(const struct header *h, struct span *span, size_t n)
{
    size_t end = 0;

    qsort(span, n, sizeof *span, by_place);
    for (size_t i = 0; i < n; i++) {
        if (span[i].begin != end)
            return scl_fail(SCL_DATA, "%s: %s: begins at byte %zu of the payload, %s", h->source,
                            span[i].name, span[i].begin,
                            span[i].begin < end ? "inside another tensor" : "after a gap");
        end = span[i].end;
    }
    if (end != h->payload)
        return scl_fail(SCL_DATA, "%s: found %zu bytes after the last tensor, wanted none",
                        h->source, h->payload - end);
    return SCL_OK;
}

static int read_tensors(struct scl_safetensors *out, const struct header *h, const cJSON *root)
{
    const size_t most = (size_t)cJSON_GetArraySize(root);
    struct span *span = calloc(most + 1, sizeof *span);
    const cJSON *item;
    int rc = SCL_OK;

    out->tensor = calloc(most + 1, sizeof *out->tensor);
    if (!span || !out->tensor) {
        rc = scl_fail(SCL_NOMEM, "%s: no memory for %zu tensors", h->source, most);
        goto out;
    }
    cJSON_ArrayForEach(item, root)
    {
        if (!strcmp(item->string, "__metadata__")) {
            SCL_TRY(read_meta(out, h, item));
            continue;
        }
        SCL_TRY(read_tensor(&out->tensor[out->n_tensors], &span[out->n_tensors], h, item));
        out->n_tensors++;
    }
    SCL_TRY(check_spans(h, span, out->n_tensors));
    qsort(out->tensor, out->n_tensors, sizeof *out->tensor, by_name);
    for (size_t i = 1; i < out->n_tensors; i++)
        if (!strcmp(out->tensor[i].name, out->tensor[i - 1].name)) {
            rc = fail(h, out->tensor[i].name, "is there twice");
            goto out;
        }
out:
    free(span);
    return rc;
}

/* The length, and that JSON of such a header will not take memory out of proportion. */
static int open_header(struct header *h, const char *source, const char *bytes, size_t size)
{
    uint64_t length;
    size_t values = 0;

    if (size < sizeof length)
        return scl_fail(SCL_DATA, "%s: found %zu bytes, wanted a safetensors file", source, size);
    memcpy(&length, bytes, sizeof length);
    if (length > SCL_SAFETENSORS_HEADER_BYTES || length > size - sizeof length)
        return scl_fail(SCL_DATA,
                        "%s: found a header of %llu bytes, wanted at most %d and inside the file",
                        source, (unsigned long long)length, SCL_SAFETENSORS_HEADER_BYTES);
    *h = (struct header){ source, bytes + sizeof length, (size_t)length,
                          size - sizeof length - (size_t)length, bytes + sizeof length + length };
    for (size_t i = 0; i < h->size; i++)
        values += h->text[i] == ',' || h->text[i] == '[' || h->text[i] == '{';
    if (values > MOST_VALUES)
        return scl_fail(SCL_DATA, "%s: found more than %d values in the header", source,
                        MOST_VALUES);
    return SCL_OK;
}

int scl_safetensors_load_bytes(struct scl_safetensors *out, const char *source, char *bytes,
                               size_t size)
{
    const char *end = NULL, *hash;
    struct header h;
    cJSON *root;
    int rc;

    *out = (struct scl_safetensors){ .bytes = bytes };
    SCL_TRY(open_header(&h, source, bytes, size));
    out->strings = root = cJSON_ParseWithLengthOpts(h.text, h.size, &end, false);
    while (root && end < h.data && *end == ' ')
        end++;
    if (!root || end != h.data || !cJSON_IsObject(root)) {
        rc = scl_fail(SCL_DATA, "%s: found no JSON object in the header", source);
        goto out;
    }
    SCL_TRY(read_tensors(out, &h, root));
    hash = scl_safetensors_meta(out, SCL_HASH_KEY);
    if (hash)
        SCL_TRY(scl_hash_check(source, bytes, size, h.size, hash));
    out->hashed = hash != NULL;
out:
    if (rc < 0)
        scl_safetensors_fini(out);
    return rc;
}

int scl_safetensors_load(struct scl_safetensors *out, const char *path)
{
    char *bytes;
    size_t size;
    int rc;

    *out = (struct scl_safetensors){ 0 };
    SCL_TRY(scl_file_read(&bytes, &size, path, PTRDIFF_MAX));
    SCL_TRY(scl_safetensors_load_bytes(out, path, bytes, size));
out:
    return rc;
}

void scl_safetensors_fini(struct scl_safetensors *file)
{
    cJSON_Delete(file->strings);
    free(file->tensor);
    free(file->meta);
    free(file->bytes);
    *file = (struct scl_safetensors){ 0 };
}

const struct scl_tensor *scl_safetensors_find(const struct scl_safetensors *file, const char *name)
{
    const struct scl_tensor wanted = { .name = name };

    return file->n_tensors ? bsearch(&wanted, file->tensor, file->n_tensors, sizeof wanted, by_name)
                           : NULL;
}

const char *scl_safetensors_meta(const struct scl_safetensors *file, const char *key)
{
    const struct scl_meta wanted = { key, NULL }, *found = NULL;

    if (file->n_meta)
        found = bsearch(&wanted, file->meta, file->n_meta, sizeof wanted, by_key);
    return found ? found->value : NULL;
}
