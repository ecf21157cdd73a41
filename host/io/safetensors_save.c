/* safetensors_save.c - the header is text, the tensors stay where they are. */
#include "io/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/safetensors_impl.h"

/* Larger elements first, so that each tensor is aligned if the payload is. */
static int by_size_and_name(const void *a, const void *b)
{
    const struct scl_tensor *x = *(const struct scl_tensor *const *)a;
    const struct scl_tensor *y = *(const struct scl_tensor *const *)b;
    const size_t of_x = scl_tensor_type_bytes(x->type), of_y = scl_tensor_type_bytes(y->type);

    return of_x != of_y ? (of_x < of_y ? 1 : -1) : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct scl_tensor *const *)a)->name,
                  (*(const struct scl_tensor *const *)b)->name);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct scl_meta *)a)->key, ((const struct scl_meta *)b)->key);
}

static void print_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(out, "\\u%04x", *p);
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

/* Prints {"key":"value",...} and returns where the digits of the hash stand, 0 for none. */
static size_t print_meta(FILE *out, size_t n, const struct scl_meta meta[])
{
    size_t digits = 0;

    fputs("\"__metadata__\":{", out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        print_text(out, meta[i].key);
        fputc(':', out);
        if (!strcmp(meta[i].key, SCL_HASH_KEY))
            digits = (size_t)ftell(out) + 1;
        print_text(out, meta[i].value);
    }
    fputc('}', out);
    return digits;
}

static void print_tensor(FILE *out, const struct scl_tensor *t, size_t begin)
{
    print_text(out, t->name);
    fprintf(out, ":{\"dtype\":\"%s\",\"shape\":[", scl_tensor_type_text(t->type));
    for (int i = 0; i < t->rank; i++)
        fprintf(out, "%s%lld", i ? "," : "", (long long)t->dim[i]);
    fprintf(out, "],\"data_offsets\":[%zu,%zu]}", begin, begin + scl_tensor_bytes(t));
}

/* A sorted copy of the metadata, one more for the hash if that is wanted; yours. */
static int sort_meta(struct scl_meta **out, size_t *n, const struct scl_meta meta[], bool hash)
{
    struct scl_meta *list = calloc(*n + 1, sizeof *list);

    if (!list)
        return scl_fail(SCL_NOMEM, "no memory for metadata");
    if (*n)
        memcpy(list, meta, *n * sizeof *list);
    if (hash)
        list[(*n)++] = (struct scl_meta){ SCL_HASH_KEY, SCL_HASH_ZEROS };
    qsort(list, *n, sizeof *list, by_key);
    for (size_t i = 1; i < *n; i++)
        if (!strcmp(list[i].key, list[i - 1].key)) {
            const int rc = scl_fail(SCL_DATA, "metadata %s: given twice", list[i].key);

            free(list);
            return rc;
        }
    *out = list;
    return SCL_OK;
}

/* The tensors in the order of the file; yours. */
static int sort_tensors(const struct scl_tensor ***out, size_t n, const struct scl_tensor tensor[])
{
    const struct scl_tensor **list = calloc(n + 1, sizeof *list);
    size_t bytes, sum = 0;
    int rc = SCL_OK;

    if (!list)
        return scl_fail(SCL_NOMEM, "no memory for a list of %zu tensors", n);
    for (size_t i = 0; i < n; i++) {
        list[i] = &tensor[i];
        SCL_TRY(scl_tensor_measure(&bytes, list[i]));
        if (!strcmp(list[i]->name, "__metadata__")) {
            rc = scl_fail(SCL_DATA, "__metadata__: is no name for a tensor");
            goto out;
        }
        if (__builtin_add_overflow(sum, bytes, &sum)) {
            rc = scl_fail(SCL_DATA, "%s: found a shape too large for memory", list[i]->name);
            goto out;
        }
    }
    qsort(list, n, sizeof *list, by_name);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(list[i]->name, list[i - 1]->name)) {
            rc = scl_fail(SCL_DATA, "tensor %s: given twice", list[i]->name);
            goto out;
        }
    qsort(list, n, sizeof *list, by_size_and_name);
    *out = list;
    list = NULL;
out:
    free(list);
    return rc;
}

/* Length, JSON and blanks up to a multiple of 8; malloc'd. `digits`: see print_meta(). */
static int print_header(char **out, size_t *size, size_t *digits, const struct scl_tensor **tensor,
                        size_t n_tensors, const struct scl_meta *meta, size_t n_meta)
{
    FILE *text = open_memstream(out, size);
    size_t begin = 0;
    uint64_t length = 0;
    bool bad;

    if (!text)
        return scl_fail(SCL_NOMEM, "no memory for a header of %zu tensors", n_tensors);
    fwrite(&length, sizeof length, 1, text);
    fputc('{', text);
    *digits = n_meta ? print_meta(text, n_meta, meta) : 0;
    for (size_t i = 0; i < n_tensors; i++) {
        fputs(i || n_meta ? "," : "", text);
        print_tensor(text, tensor[i], begin);
        begin += scl_tensor_bytes(tensor[i]);
    }
    fputc('}', text);
    while (ftell(text) % 8)
        fputc(' ', text);
    bad = ferror(text);
    if (fclose(text) || bad)
        return scl_fail(SCL_NOMEM, "no memory for a header of %zu tensors", n_tensors);
    length = *size - sizeof length;
    if (length > SCL_SAFETENSORS_HEADER_BYTES)
        return scl_fail(SCL_DATA, "found a header of %llu bytes, wanted at most %d",
                        (unsigned long long)length, SCL_SAFETENSORS_HEADER_BYTES);
    memcpy(*out, &length, sizeof length);
    return SCL_OK;
}

int scl_safetensors_save(const char *path, size_t n_tensors, const struct scl_tensor tensor[],
                         size_t n_meta, const struct scl_meta meta[], bool hash)
{
    const struct scl_tensor **order = NULL;
    struct scl_meta *all = NULL;
    struct scl_bytes *part = calloc(n_tensors + 1, sizeof *part);
    char *header = NULL, text[SCL_HASH_DIGITS + 1];
    size_t digits, size;
    int rc;

    if (!part)
        return scl_fail(SCL_NOMEM, "%s: no memory for %zu tensors", path, n_tensors);
    SCL_TRY(sort_meta(&all, &n_meta, meta, hash));
    SCL_TRY(sort_tensors(&order, n_tensors, tensor));
    SCL_TRY(print_header(&header, &size, &digits, order, n_tensors, all, n_meta));
    part[0] = (struct scl_bytes){ header, size };
    for (size_t i = 0; i < n_tensors; i++)
        part[i + 1] = (struct scl_bytes){ order[i]->data, scl_tensor_bytes(order[i]) };
    if (hash) {
        SCL_TRY(scl_hash_text(text, (int)n_tensors + 1, part));
        memcpy(header + digits, text, SCL_HASH_DIGITS);
    }
    SCL_TRY(scl_file_write_parts(path, (int)n_tensors + 1, part));
out:
    free(header);
    free(order);
    free(all);
    free(part);
    return rc;
}
