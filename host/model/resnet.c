/* resnet.c - residual networks of basic blocks or bottlenecks, torchvision's names. */
#include <math.h>

#include "base/status.h"
#include "model/layers.h"
#include "model/model.h"
#include "ops/ops.h"

/* Kaiming normal, by outputs: facts/methods.md 3. */
static struct scl_node *conv(struct scl_graph *g, struct scl_node *x, const char *name, int out,
                             int size, int stride)
{
    const float fan_out = (float)(size * size * out);

    return scl_layer_conv2d(
        g, x, name,
        &(struct scl_conv_spec){ .out = out,
                                 .size = size,
                                 .stride = stride,
                                 .padding = size / 2,
                                 .init = { SCL_INIT_NORMAL, sqrtf(2.0f / fan_out) } });
}

static struct scl_node *norm(struct scl_graph *g, struct scl_node *x, const char *name,
                             const struct scl_resnet_spec *spec, bool relu, float gamma,
                             struct scl_node *residual)
{
    const struct scl_norm_spec norm_spec = {
        .training = spec->training, .relu = relu, .views = spec->views, .gamma = gamma
    };

    return scl_layer_batch_norm(g, x, name, &norm_spec, residual);
}

/* The input, through a 1x1 convolution where the block changes its shape: He et al. 2016,
 * their option B. */
static struct scl_node *shortcut(struct scl_graph *g, struct scl_node *x, int out, int stride,
                                 const struct scl_resnet_spec *spec)
{
    if (!x || (stride == 1 && x->shape.dim[3] == out))
        return x;
    x = conv(g, x, "downsample.0", out, 1, stride);
    return norm(g, x, "downsample.1", spec, false, 1, NULL);
}

/* Two 3x3 convolutions: He et al. 2016, fig. 2. */
static struct scl_node *basic_block(struct scl_graph *g, struct scl_node *x, int width, int stride,
                                    const struct scl_resnet_spec *spec)
{
    struct scl_node *h;

    h = norm(g, conv(g, x, "conv1", width, 3, stride), "bn1", spec, true, 1, NULL);
    h = conv(g, h, "conv2", width, 3, 1);
    x = shortcut(g, x, width, stride, spec);
    return norm(g, h, "bn2", spec, true, spec->zero_init_residual ? 0 : 1, x);
}

/* 1x1 down to `width`, 3x3, 1x1 up to four times as many: their fig. 5. */
static struct scl_node *bottleneck(struct scl_graph *g, struct scl_node *x, int width, int stride,
                                   const struct scl_resnet_spec *spec)
{
    struct scl_node *h;

    h = norm(g, conv(g, x, "conv1", width, 1, 1), "bn1", spec, true, 1, NULL);
    h = norm(g, conv(g, h, "conv2", width, 3, stride), "bn2", spec, true, 1, NULL);
    h = conv(g, h, "conv3", 4 * width, 1, 1);
    x = shortcut(g, x, 4 * width, stride, spec);
    return norm(g, h, "bn3", spec, true, spec->zero_init_residual ? 0 : 1, x);
}

/* The replaced stem of small images keeps PyTorch's default initialisation. */
static struct scl_node *stem(struct scl_graph *g, struct scl_node *x,
                             const struct scl_resnet_spec *spec)
{
    if (spec->stem == SCL_STEM_IMAGENET) {
        x = norm(g, conv(g, x, "conv1", spec->width, 7, 2), "bn1", spec, true, 1, NULL);
        return scl_max_pool2d(g, x, 3, 2, 1);
    }
    x = scl_layer_conv2d(
        g, x, "conv1",
        &(struct scl_conv_spec){ .out = spec->width,
                                 .size = 3,
                                 .stride = 1,
                                 .padding = spec->stem == SCL_STEM_CIFAR_PAD2 ? 2 : 1,
                                 .init = scl_init_default(27) });
    return norm(g, x, "bn1", spec, true, 1, NULL);
}

/* Whether this block, the stem the first, is one that gradients compute again: as a whole, or what
 * is light in it. */
static bool is_again(const struct scl_resnet_spec *spec, int block)
{
    return block < spec->again.blocks || spec->again.light == SCL_LIGHT_IN_BLOCKS;
}

static void begin_block(struct scl_graph *g, const struct scl_resnet_spec *spec, int block)
{
    if (is_again(spec, block) || (block == spec->again.blocks && spec->again.light))
        scl_recompute_push(g, block >= spec->again.blocks);
}

static void end_block(struct scl_graph *g, const struct scl_resnet_spec *spec, int block)
{
    if (is_again(spec, block))
        scl_recompute_pop(g);
}

struct scl_node *scl_resnet(struct scl_graph *g, struct scl_node *x,
                            const struct scl_resnet_spec *spec)
{
    static const int blocks[][4] = {
        [SCL_ENCODER_RESNET18] = { 2, 2, 2, 2 }, [SCL_ENCODER_RESNET50] = { 3, 4, 6, 3 }
    };
    int done = 0;

    begin_block(g, spec, done);
    x = stem(g, x, spec);
    end_block(g, spec, done++);
    for (int stage = 0; stage < 4; stage++)
        for (int block = 0; block < blocks[spec->kind][stage]; block++) {
            const int width = spec->width << stage, stride = stage > 0 && block == 0 ? 2 : 1;

            begin_block(g, spec, done);
            scl_scope_push(g, "layer%d.%d", stage + 1, block);
            x = spec->kind == SCL_ENCODER_RESNET18 ? basic_block(g, x, width, stride, spec)
                                                   : bottleneck(g, x, width, stride, spec);
            scl_scope_pop(g);
            end_block(g, spec, done++);
        }
    if (spec->again.light == SCL_LIGHT_ALL && spec->again.blocks < done)
        scl_recompute_pop(g);
    return scl_global_avg_pool(g, x);
}

struct scl_node *scl_encoder(struct scl_graph *g, struct scl_node *x, const char *scope,
                             const struct scl_encoder_config *config, bool training, int views,
                             struct scl_recompute_choice again)
{
    const struct scl_resnet_spec spec = { .kind = (enum scl_encoder_kind)config->kind,
                                          .stem = (enum scl_encoder_stem)config->stem,
                                          .width = config->width,
                                          .zero_init_residual = config->zero_init_residual,
                                          .training = training,
                                          .views = views,
                                          .again = again };

    scl_scope_push(g, "%s", scope);
    x = scl_resnet(g, x, &spec);
    scl_scope_pop(g);
    return x;
}

static int read_width(struct scl_case *c, int absent)
{
    const int width = scl_case_int(c, "width", absent);

    if (width < 1 || width > 4096)
        return scl_fail(SCL_DATA, "width: found %d, wanted 1 to 4096", width);
    return width;
}

static int resnet_case(struct scl_graph *g, struct scl_case *c, enum scl_encoder_kind kind)
{
    const struct scl_resnet_spec spec = {
        .kind = kind,
        .stem = (enum scl_encoder_stem)scl_case_word(c, "encoder.stem", "cifar"),
        .width = read_width(c, 64),
        .training = scl_case_bool(c, "training", false),
        .views = 1,
    };
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    if (spec.width < 0)
        return spec.width;
    scl_case_output(g, c, "features", scl_resnet(g, x, &spec), SCL_CASE_PLAIN);
    scl_case_params(g, c, "");
    return scl_graph_check(g);
}

static int resnet18_case(struct scl_graph *g, struct scl_case *c)
{
    return resnet_case(g, c, SCL_ENCODER_RESNET18);
}

static int resnet50_case(struct scl_graph *g, struct scl_case *c)
{
    return resnet_case(g, c, SCL_ENCODER_RESNET50);
}

static int unet_from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
    struct scl_node *sigma = scl_case_input(g, c, "sigma", SCL_CASE_PLAIN);
    const int width = read_width(c, 32);

    if (width < 0)
        return width;
    scl_case_output(g, c, "score", scl_score_unet(g, x, sigma, width), SCL_CASE_IMAGE);
    scl_case_params(g, c, "");
    return scl_graph_check(g);
}

const struct scl_composite scl_model_cases[] = {
    { "model.resnet18", resnet18_case },
    { "model.resnet50", resnet50_case },
    { "model.score_unet", unet_from_case },
    { NULL, NULL },
};
