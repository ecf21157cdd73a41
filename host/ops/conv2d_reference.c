/* conv2d_reference.c - the convolution and its gradients by the definition. */
#include <string.h>

#include "ops/conv2d_impl.h"

/* Where the arrays of one convolution lie; one of them is written. */
struct arrays {
    const double *x, *w, *dy;
    double *y, *dx, *dw;
};

/* All that a pixel of y has to do with a pixel of x under tap (r, s). */
static void visit(const struct arrays *a, const struct scl_conv2d_size *z, size_t x_pixel,
                  size_t y_pixel, int tap)
{
    for (int c = 0; c < z->C; c++)
        for (int k = 0; k < z->K; k++) {
            const size_t w = ((size_t)tap * (size_t)z->C + (size_t)c) * (size_t)z->K + (size_t)k;
            const size_t x = x_pixel * (size_t)z->C + (size_t)c;
            const size_t y = y_pixel * (size_t)z->K + (size_t)k;

            if (a->y)
                a->y[y] += a->x[x] * a->w[w];
            else if (a->dx)
                a->dx[x] += a->dy[y] * a->w[w];
            else
                a->dw[w] += a->x[x] * a->dy[y];
        }
}

static void visit_taps(const struct arrays *a, const struct scl_conv2d_size *z, int n, int p, int q)
{
    for (int r = 0; r < z->R; r++)
        for (int s = 0; s < z->S; s++) {
            const int h = p * z->stride - z->padding + r, w = q * z->stride - z->padding + s;

            if (h >= 0 && h < z->H && w >= 0 && w < z->W)
                visit(a, z, ((size_t)n * (size_t)z->H + (size_t)h) * (size_t)z->W + (size_t)w,
                      ((size_t)n * (size_t)z->P + (size_t)p) * (size_t)z->Q + (size_t)q,
                      r * z->S + s);
        }
}

static void visit_all(const struct arrays *a, const struct scl_conv2d_size *z)
{
    for (int n = 0; n < z->N; n++)
        for (int p = 0; p < z->P; p++)
            for (int q = 0; q < z->Q; q++)
                visit_taps(a, z, n, p, q);
}

void scl_conv2d_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);
    const size_t n = scl_shape_count(y->shape);

    for (size_t i = 0; i < n; i++)
        out[i] = y->n_in == 3 ? in[2][i % (size_t)z.K] : 0;
    visit_all(&(struct arrays){ .x = in[0], .w = in[1], .y = out }, &z);
}

void scl_conv2d_reference_grad_x(const struct scl_node *dx, double *const in[], double *out)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dx);

    memset(out, 0, scl_shape_count(dx->shape) * sizeof *out);
    visit_all(&(struct arrays){ .dy = in[0], .w = in[1], .dx = out }, &z);
}

void scl_conv2d_reference_grad_w(const struct scl_node *dw, double *const in[], double *out)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dw);

    memset(out, 0, scl_shape_count(dw->shape) * sizeof *out);
    visit_all(&(struct arrays){ .x = in[0], .dy = in[1], .dw = out }, &z);
}
