/* loss_cases.c - conformance cases of losses and pair weights. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

/* b, which has the shape of a: it is another view of the same images. */
static struct scl_node *alike(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    if (!a || !b || scl_shape_equal(a->shape, b->shape))
        return b;
    return scl_graph_refuse(g,
                            scl_fail(SCL_DATA, "in.%s is %s; %s is wanted, as in.%s is", b->name,
                                     scl_shape_text(b->shape), scl_shape_text(a->shape), a->name));
}

/* in.NAME0 above in.NAME1: the rows of two views. */
static struct scl_node *two(struct scl_graph *g, struct scl_case *c, const char *first,
                            const char *second)
{
    struct scl_node *a = scl_case_input(g, c, first, SCL_CASE_PLAIN);

    return scl_concat(g, a, alike(g, a, scl_case_input(g, c, second, SCL_CASE_PLAIN)), 0);
}

static struct scl_node *optional_weight(struct scl_graph *g, struct scl_case *c)
{
    return scl_case_optional(g, c, "weight", SCL_CASE_PLAIN);
}

static int end(struct scl_graph *g, struct scl_case *c, struct scl_node *loss)
{
    scl_case_output(g, c, "loss", loss, SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

/* in.weight [N] of two views, [pairs, N] of more, as a row for each pair; all NULL where there
 * is none. */
static void pair_rows(struct scl_node *row[SCL_MAX_PAIRS], struct scl_graph *g, struct scl_case *c,
                      int n_views, int n)
{
    struct scl_node *weight = optional_weight(g, c);
    const int pairs = n_views * (n_views - 1) / 2;

    memset(row, 0, SCL_MAX_PAIRS * sizeof *row);
    if (!weight)
        return;
    if (pairs == 1 && weight->shape.rank == 1) {
        row[0] = weight;
        return;
    }
    if (!scl_shape_equal(weight->shape, SCL_SHAPE2(pairs, n))) {
        scl_graph_refuse(g, scl_fail(SCL_DATA, "in.weight is %s; %s is wanted of %d views",
                                     scl_shape_text(weight->shape),
                                     scl_shape_text(SCL_SHAPE2(pairs, n)), n_views));
        return;
    }
    for (int p = 0; p < pairs; p++)
        row[p] = scl_reshape(g, scl_rows(g, weight, p, 1), SCL_SHAPE1(n));
}

/* in.NAME0, in.NAME1 ... as one tensor; how many there are. */
static struct scl_node *views(struct scl_graph *g, struct scl_case *c, const char *name, int *n)
{
    static const char *const numbered[][SCL_MAX_VIEWS] = { { "z0", "z1", "z2", "z3" },
                                                           { "h0", "h1", "h2", "h3" } };
    const char *const *names = numbered[name[0] == 'h'];
    struct scl_node *first = scl_case_input(g, c, names[0], SCL_CASE_PLAIN), *all = first, *next;

    for (*n = 1; *n < SCL_MAX_VIEWS; ++*n) {
        if (!(next = *n < 2 ? scl_case_input(g, c, names[*n], SCL_CASE_PLAIN)
                            : scl_case_optional(g, c, names[*n], SCL_CASE_PLAIN)))
            break;
        all = scl_concat(g, all, alike(g, first, next), 0);
    }
    return all;
}

static int simclr_case(struct scl_graph *g, struct scl_case *c)
{
    const struct scl_config config = { .method.temperature =
                                           scl_case_float(c, "temperature", 0.5) };
    struct scl_node *weight[SCL_MAX_PAIRS];
    struct scl_method_step step = { .config = &config, .weight = weight };

    step.z = views(g, c, "z", &step.n_views);
    if (!step.z)
        return scl_graph_check(g);
    step.n = step.z->shape.dim[0] / step.n_views;
    pair_rows(weight, g, c, step.n_views, step.n);
    return end(g, c, scl_method_find(SCL_METHOD_SIMCLR)->loss(g, &step));
}

static int simsiam_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *p = two(g, c, "p0", "p1"), *z = two(g, c, "z0", "z1");

    return end(g, c, scl_simsiam_loss(g, p, z, optional_weight(g, c), NULL));
}

static int byol_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *p = two(g, c, "p0", "p1"), *z = two(g, c, "z0", "z1");

    return end(g, c, scl_byol_loss(g, p, z, optional_weight(g, c), NULL));
}

static int wmse_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *weight[SCL_MAX_PAIRS], *h;
    struct scl_node *permutation = scl_case_input(g, c, "permutation", SCL_CASE_INDEX);
    struct scl_wmse wmse = { .size = scl_case_int(c, "whitening_size", 128),
                             .eps = scl_case_float(c, "eps", 0) };
    int n;

    h = views(g, c, "h", &wmse.n_views);
    if (!h || !permutation)
        return scl_graph_check(g);
    n = h->shape.dim[0] / wmse.n_views;
    if (!scl_shape_equal(permutation->shape, SCL_SHAPE1(n)))
        return scl_fail(SCL_DATA, "in.permutation is %s; [%d] is wanted",
                        scl_shape_text(permutation->shape), n);
    pair_rows(weight, g, c, wmse.n_views, n);
    return end(g, c, scl_wmse_loss(g, h, permutation, weight, wmse, NULL, NULL));
}

static int vicreg_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *z = two(g, c, "z0", "z1");

    return end(g, c,
               scl_vicreg_loss(g, z, optional_weight(g, c), scl_case_float(c, "sim", 25),
                               scl_case_float(c, "std", 25), scl_case_float(c, "cov", 1), NULL));
}

static int barlow_case(struct scl_graph *g, struct scl_case *c)
{
    return end(g, c,
               scl_barlow_loss(g, two(g, c, "z0", "z1"), scl_case_float(c, "lambda", 0.0051),
                               scl_case_float(c, "scale", 1)));
}

static int mocov3_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *q = two(g, c, "q0", "q1"), *k = two(g, c, "k0", "k1");

    return end(g, c,
               scl_mocov3_loss(g, q, k, optional_weight(g, c),
                               scl_case_float(c, "temperature", 0.2), NULL));
}

static int dino_case(struct scl_graph *g, struct scl_case *c)
{
    const float teacher = (float)scl_case_float(c, "teacher_temperature", 0.07);
    struct scl_node *s = two(g, c, "s0", "s1"), *t = two(g, c, "t0", "t1");

    return end(g, c,
               scl_dino_loss(g, s, t, scl_case_input(g, c, "center", SCL_CASE_PLAIN),
                             optional_weight(g, c), scl_case_float(c, "temperature", 0.1),
                             scl_constant(g, "teacher", SCL_F32, SCL_SHAPE1(1), &teacher), NULL));
}

static int dsm_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *score = scl_case_input(g, c, "score", SCL_CASE_IMAGE);
    struct scl_node *noise = scl_case_input(g, c, "noise", SCL_CASE_IMAGE);
    struct scl_node *sigma = scl_case_input(g, c, "sigma", SCL_CASE_PLAIN);

    return end(g, c, scl_dsm_loss(g, score, noise, sigma));
}

static int weight_case(struct scl_graph *g, struct scl_case *c)
{
    static const char *const inputs[][SCL_MAX_VIEWS] = {
        { "score0", "score1", "score2", "score3" },
        { "view0", "view1", "view2", "view3" },
        { "feature0", "feature1", "feature2", "feature3" },
    };
    const struct scl_weight_config weight = {
        .kind = scl_case_word(c, "weight.kind", NULL),
        .map = scl_case_word(c, "weight.map", "mean"),
        .sigma = scl_case_float(c, "sigma", 0.1),
        .power = scl_case_float(c, "power", 1),
        .temperature = scl_case_float(c, "temperature", 1),
        .lambda = scl_case_float(c, "lambda", 0.3),
        .clip = scl_case_float(c, "clip", 0),
    };
    const int judged_by = weight.kind == SCL_WEIGHT_FEATURE ? 2
                          : weight.kind == SCL_WEIGHT_PIXEL_L2 || weight.kind == SCL_WEIGHT_SSIM
                              ? 1
                              : 0;
    struct scl_node *view[SCL_MAX_VIEWS] = {
        scl_case_input(g, c, inputs[judged_by][0], SCL_CASE_IMAGE),
        scl_case_input(g, c, inputs[judged_by][1], SCL_CASE_IMAGE)
    };
    struct scl_node *all = NULL;
    int n = 2;

    while (n < SCL_MAX_VIEWS &&
           (view[n] = scl_case_optional(g, c, inputs[judged_by][n], SCL_CASE_IMAGE)))
        n++;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) {
            struct scl_node *w = scl_pair_weights(g, view[a], view[b], &weight);

            if (n > 2 && w)
                w = scl_reshape(g, w, SCL_SHAPE2(1, w->shape.dim[0]));
            all = all ? scl_concat(g, all, w, 0) : w;
        }
    scl_case_output(g, c, "weight", all, SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

const struct scl_composite scl_loss_cases[] = {
    { "loss.simclr", simclr_case },
    { "loss.simsiam", simsiam_case },
    { "loss.byol", byol_case },
    { "loss.wmse", wmse_case },
    { "loss.vicreg", vicreg_case },
    { "loss.barlow", barlow_case },
    { "loss.mocov3", mocov3_case },
    { "loss.dino", dino_case },
    { "loss.dsm", dsm_case },
    { "weight", weight_case },
    { NULL, NULL },
};
