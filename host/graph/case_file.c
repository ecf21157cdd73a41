/* case_file.c - opening a case, and its tensors in our layouts. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/status.h"
#include "graph/case_run.h"
#include "graph/layout.h"

static int read_tolerance(double *out, const struct scl_case *c, const char *key, double absent)
{
    const char *text = scl_safetensors_meta(&c->file, key);
    char *end;

    *out = absent;
    if (!text)
        return SCL_OK;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out) || *out < 0)
        return scl_fail(SCL_DATA, "%s: %s is '%s', not a number of 0 or more", c->path, key, text);
    return SCL_OK;
}

static int read_metadata(struct scl_case *c)
{
    const char *format = scl_safetensors_meta(&c->file, "format");
    const char *attrs = scl_safetensors_meta(&c->file, "attrs");
    int rc;

    if (!format || strcmp(format, "scorecl-case/1") != 0)
        return scl_fail(SCL_DATA, "%s: the metadata's format is '%s', not 'scorecl-case/1'",
                        c->path, format ? format : "");
    if (!(c->op = scl_safetensors_meta(&c->file, "op")))
        return scl_fail(SCL_DATA, "%s: the metadata names no op", c->path);
    if (!(c->attrs = cJSON_ParseWithOpts(attrs ? attrs : "{}", NULL, true)) ||
        !cJSON_IsObject(c->attrs))
        return scl_fail(SCL_DATA, "%s: the metadata's attrs are no JSON object", c->path);
    if ((rc = read_tolerance(&c->rtol, c, "rtol", 1e-4)) < 0)
        return rc;
    return read_tolerance(&c->atol, c, "atol", 1e-6);
}

/* From the disk, or from the program itself. */
static int load(struct scl_safetensors *out, const char *path)
{
    const size_t prefix = strlen(SCL_CASE_BUILTIN);
    const struct scl_embedded *file;
    char *bytes;

    if (strncmp(path, SCL_CASE_BUILTIN, prefix) != 0)
        return scl_safetensors_load(out, path);
    if (!(file = scl_embedded_find(path + prefix)))
        return scl_fail(SCL_DATA, "%s: is not among the program's own cases", path);
    if (!(bytes = malloc(file->size + 1)))
        return scl_fail(SCL_NOMEM, "%s: no memory for %zu bytes", path, file->size);
    memcpy(bytes, file->data, file->size);
    return scl_safetensors_load_bytes(out, path, bytes, file->size);
}

int scl_case_open(struct scl_case **out, const char *path)
{
    struct scl_case *c = calloc(1, sizeof *c);
    int rc;

    *out = NULL;
    if (!c)
        return scl_fail(SCL_NOMEM, "out of memory for a case");
    c->op = "?";
    if (!(c->path = scl_arena_text(&c->arena, "%s", path))) {
        rc = SCL_NOMEM;
        goto out;
    }
    SCL_TRY(load(&c->file, path));
    SCL_TRY(read_metadata(c));
    *out = c;
    c = NULL;
out:
    scl_case_close(c);
    return rc;
}

void scl_case_close(struct scl_case *c)
{
    if (!c)
        return;
    cJSON_Delete(c->attrs);
    scl_safetensors_fini(&c->file);
    scl_arena_fini(&c->arena);
    free(c->entry);
    free(c);
}

const struct scl_tensor *scl_case_find(const struct scl_case *c, const char *kind, const char *name)
{
    char full[512];

    snprintf(full, sizeof full, "%s.%s", kind, name);
    return scl_safetensors_find(&c->file, full);
}

/* Dimension d of ours is dimension order[d] of the file's. */
static const int *dimension_order(enum scl_case_layout layout, int rank)
{
    static const int plain[] = { 0, 1, 2, 3, 4, 5, 6, 7 }, image[] = { 0, 2, 3, 1 },
                     kernel[] = { 2, 3, 1, 0 }, linear[] = { 1, 0 };

    if (layout == SCL_CASE_IMAGE && rank == 4)
        return image;
    if (layout == SCL_CASE_KERNEL && rank == 4)
        return kernel;
    if (layout == SCL_CASE_LINEAR && rank == 2)
        return linear;
    return plain;
}

int scl_case_check_type(const struct scl_case *c, const struct scl_tensor *t, enum scl_dtype type)
{
    const bool is_whole = t->type == SCL_TENSOR_I32 || t->type == SCL_TENSOR_I64;
    const bool is_real = t->type == SCL_TENSOR_F32 || t->type == SCL_TENSOR_F64;

    if (type == SCL_I32 ? is_whole : is_real)
        return SCL_OK;
    return scl_fail(SCL_DATA, "%s: %s is %s; %s is wanted", c->path, t->name,
                    scl_tensor_type_text(t->type), type == SCL_I32 ? "I32 or I64" : "F32 or F64");
}

/* "[2, 3, 5]" */
static const char *dimensions(char *text, size_t room, int n, const int64_t dim[])
{
    size_t at = 0;

    text[0] = '\0';
    for (int d = 0; d < n && at < room; d++)
        at += (size_t)snprintf(text + at, room - at, "%s%lld", d ? ", " : "", (long long)dim[d]);
    return text;
}

int scl_case_check_shape(const struct scl_case *c, const struct scl_tensor *t, int skip,
                         struct scl_shape shape, enum scl_case_layout layout)
{
    const int *order = dimension_order(layout, shape.rank);
    int64_t want[SCL_MAX_DIM] = { 0 };
    char found_text[192], want_text[96];
    bool same = t->rank >= skip;

    for (int d = 0; d < shape.rank; d++)
        want[order[d]] = shape.dim[d];
    for (int d = 0; same && (d < shape.rank || skip + d < t->rank); d++)
        same = (d < shape.rank ? want[d] : 1) == (skip + d < t->rank ? t->dim[skip + d] : 1);
    if (same)
        return SCL_OK;
    return scl_fail(SCL_DATA, "%s: %s is [%s]; [%s%s] is wanted", c->path, t->name,
                    dimensions(found_text, sizeof found_text, t->rank, t->dim),
                    skip ? "steps, " : "",
                    dimensions(want_text, sizeof want_text, shape.rank, want));
}

int scl_case_read(double *out, const struct scl_tensor *t, enum scl_case_layout layout)
{
    const int *order = dimension_order(layout, t->rank);
    const size_t n = scl_tensor_count(t);
    size_t dim[SCL_TENSOR_MAX_DIM];
    double *plain = malloc((n + 1) * sizeof *plain);
    int rc;

    if (!plain)
        return scl_fail(SCL_NOMEM, "out of memory for tensor %s", t->name);
    if (t->type == SCL_TENSOR_F32 || t->type == SCL_TENSOR_F64) {
        SCL_TRY(scl_tensor_doubles(plain, t));
    } else {
        int *ints = (int *)plain;

        SCL_TRY(scl_tensor_ints(ints, t));
        for (size_t i = n; i-- > 0;)
            plain[i] = ints[i];
    }
    for (int d = 0; d < t->rank; d++)
        dim[d] = (size_t)t->dim[d];
    scl_permute(out, plain, sizeof *out, t->rank, dim, order);
    rc = SCL_OK;
out:
    free(plain);
    return rc;
}

int scl_case_runs(const struct scl_case *c)
{
    const struct scl_tensor *t = c->steps_name ? scl_case_find(c, "in", c->steps_name) : NULL;

    return t && t->rank > 0 ? (int)t->dim[0] : 1;
}
