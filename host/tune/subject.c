/* subject.c - a node taken out of its graph, and what it is given to compute with. */
#include "tune/subject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"

/* A prime, so that no stride of a tensor meets the same values again and again. */
enum { POOL = 65521, MAX_IN = 16 };

/* An input like x; a constant with its values, for operators read them when they lower. */
static struct scl_node *copy_input(struct scl_graph *g, const struct scl_node *x)
{
    if (x->role == SCL_CONST)
        return scl_constant(g, x->name, x->type, x->shape, x->data);
    return scl_input(g, x->name, x->type, x->shape);
}

static int take_out(struct scl_alone *out, const struct scl_node *node)
{
    struct scl_node *in[MAX_IN];

    if (node->n_in > MAX_IN)
        return scl_fail(SCL_SHAPE, "%s: %d inputs, and %d can be", node->name, node->n_in, MAX_IN);
    if (!(out->g = scl_graph_new()))
        return SCL_NOMEM;
    for (int i = 0; i < node->n_in; i++) {
        int same = 0;

        while (node->in[same] != node->in[i])
            same++;
        in[i] = same < i ? in[same] : copy_input(out->g, node->in[i]);
    }
    out->y = scl_apply(out->g, node->op, node->n_in, in, node->attr, node->attr_bytes);
    if (!out->y)
        return scl_graph_check(out->g);
    if (out->y->shape.rank > 0)
        out->out[out->n_out++] = out->y;
    for (int i = 0; i < node->n_in && out->n_out < SCL_SUBJECT_MAX_OUT; i++)
        if (node->op->writes >> i & 1)
            out->out[out->n_out++] = in[i];
    return SCL_OK;
}

bool scl_subject_draws(const struct scl_node *x)
{
    return x->role == SCL_INPUT;
}

static int place_in(const struct scl_node *y, const struct scl_node *x)
{
    int i = 0;

    while (y->in[i] != x)
        i++;
    return i;
}

static void draw_floats(float *out, size_t n, int place, bool is_signed)
{
    struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, 0, (uint32_t)place, 0);
    const size_t first = n < POOL ? n : POOL;

    for (size_t i = 0; i < first; i++)
        out[i] = scl_rng_uniform(&rng, is_signed ? -1.0f : 0.5f, is_signed ? 1.0f : 1.5f);
    for (size_t i = first; i < n; i += first)
        memcpy(out + i, out, (n - i < first ? n - i : first) * sizeof *out);
}

/* Element i of x in its own type. */
static void put(void *out, enum scl_dtype type, size_t i, double value)
{
    if (type == SCL_F32)
        ((float *)out)[i] = (float)value;
    else if (type == SCL_I32)
        ((int32_t *)out)[i] = (int32_t)value;
    else
        ((uint8_t *)out)[i] = (uint8_t)value;
}

void scl_subject_draw(void *out, const struct scl_node *y, const struct scl_node *x, bool is_signed)
{
    const size_t n = scl_shape_count(x->shape);
    const int place = place_in(y, x);

    if (x->type == SCL_F32)
        draw_floats(out, n, place, is_signed);
    else
        for (size_t i = 0; i < n; i++)
            put(out, x->type, i, x->type == SCL_U8 ? (uint8_t)(i * 151 >> 3) : 0);
    for (size_t i = 0; y->op->value && i < n; i++) {
        const double value = y->op->value(y, place, i);

        if (!isnan(value))
            put(out, x->type, i, value);
    }
}

/* The same values as doubles, for the reference. */
static int draw_doubles(struct scl_values *v, const struct scl_node *y, const struct scl_node *x,
                        bool is_signed)
{
    const size_t n = scl_shape_count(x->shape);
    void *drawn = malloc(n * 4 + 1);
    double *to = v->of[x->id];

    if (!drawn)
        return scl_fail(SCL_NOMEM, "out of memory for the values of %s", x->name);
    scl_subject_draw(drawn, y, x, is_signed);
    for (size_t i = 0; i < n; i++)
        to[i] = x->type == SCL_F32   ? ((float *)drawn)[i]
                : x->type == SCL_I32 ? ((int32_t *)drawn)[i]
                                     : ((uint8_t *)drawn)[i];
    free(drawn);
    return SCL_OK;
}

static bool is_finite(const struct scl_alone *a, const struct scl_values *v)
{
    for (int i = 0; i < a->n_out; i++)
        for (size_t k = 0; k < scl_shape_count(a->out[i]->shape); k++)
            if (!isfinite(v->of[a->out[i]->id][k]))
                return false;
    return true;
}

static int compute(struct scl_subject *s, bool is_signed)
{
    const struct scl_alone *a = &s->small;
    int rc;

    s->is_signed = is_signed;
    SCL_TRY(scl_values_new(&s->want, a->g));
    for (int id = 0; id < scl_graph_count(a->g); id++)
        if (scl_subject_draws(scl_graph_node(a->g, id)))
            SCL_TRY(draw_doubles(s->want, a->y, scl_graph_node(a->g, id), is_signed));
    scl_values_run(s->want);
out:
    return rc;
}

int scl_subject_new(struct scl_subject **out, const struct scl_node *full,
                    const struct scl_node *small)
{
    struct scl_subject *s = calloc(1, sizeof *s);
    int rc;

    *out = NULL;
    if (!s)
        return scl_fail(SCL_NOMEM, "out of memory for a node");
    SCL_TRY(take_out(&s->full, full));
    SCL_TRY(take_out(&s->small, small));
    /* A term that is missing shows more in sums of both signs; logarithms and roots want others. */
    SCL_TRY(compute(s, true));
    if (!is_finite(&s->small, s->want)) {
        scl_values_free(s->want);
        SCL_TRY(compute(s, false));
    }
    *out = s;
    s = NULL;
out:
    scl_subject_free(s);
    return rc;
}

void scl_subject_free(struct scl_subject *s)
{
    if (!s)
        return;
    scl_values_free(s->want);
    scl_graph_free(s->small.g);
    scl_graph_free(s->full.g);
    free(s);
}
