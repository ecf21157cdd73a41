/* conv2d_fft.c - convolutions with large kernels by Fourier transforms: the launches of
 * cl_kernels/conv2d/fft.cl and of clFFT.
 *
 * A plane has room for the padded image, so that what wraps around meets zeros in all three
 * directions. Weights are transformed whole, images in pieces of PIECE KiB.
 */
#include "ops/conv2d_impl.h"
#include "ops/split_impl.h"

#define FILE_STEM "conv2d/fft"

enum { LEAST = 7 }; /* taps in a row or column of a kernel that is worth it */

/* A tensor's planes and their spectra, each a scratch. */
struct spectra {
    int planes, spectrum, count;
};

struct transforms {
    struct scl_conv2d_size z;
    int height, width; /* of a plane */
    int piece;         /* images */
};

static bool largest_factor_is_small(int n)
{
    static const int factor[] = { 2, 3, 5, 7, 11, 13 };

    for (size_t i = 0; i < sizeof factor / sizeof *factor; i++)
        while (n % factor[i] == 0)
            n /= factor[i];
    return n == 1;
}

/* The least even size that clFFT has transforms for. */
static int smooth(int n)
{
    n += n % 2;
    while (!largest_factor_is_small(n))
        n += 2;
    return n;
}

static size_t plane_bytes(const struct transforms *t)
{
    return (size_t)t->height * (size_t)(t->width + 2) * sizeof(float); /* its spectrum's: more */
}

static struct transforms transforms_of(const struct scl_node *y)
{
    struct transforms t = { .z = scl_conv2d_size(y) };

    t.height = smooth(t.z.H + 2 * t.z.padding);
    t.width = smooth(t.z.W + 2 * t.z.padding);
    return t;
}

bool scl_conv2d_fft_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    const struct transforms t = transforms_of(y);
    const size_t channels = (size_t)(t.z.C > t.z.K ? t.z.C : t.z.K);
    const size_t planes = scl_larger((size_t)t.z.C * (size_t)t.z.K, channels);

    return t.z.R >= LEAST && t.z.S >= LEAST && planes <= facts->max_alloc_bytes / plane_bytes(&t);
}

static struct transforms begin_transforms(struct scl_lowering *l, const struct scl_node *y)
{
    struct transforms t = transforms_of(y);
    const size_t image = (size_t)(t.z.C > t.z.K ? t.z.C : t.z.K) * plane_bytes(&t);
    const size_t most = (size_t)scl_lower_param(l, FILE_STEM, "PIECE") * 1024;

    t.piece = (int)scl_smaller((size_t)t.z.N, scl_larger(1, most / image));
    return t;
}

static struct spectra make_spectra(struct scl_lowering *l, const struct transforms *t, int count)
{
    const size_t line = (size_t)count * (size_t)t->height * sizeof(float);
    struct spectra s = { .count = count };

    s.planes = scl_lower_scratch(l, line * (size_t)t->width);
    s.spectrum = scl_lower_scratch(l, line * (size_t)(t->width / 2 + 1) * 2);
    return s;
}

static int begin(struct scl_lowering *l, const char *kernel)
{
    const int wg = scl_lower_param(l, FILE_STEM, "WG");

    scl_lower_begin(l, FILE_STEM, kernel);
    scl_lower_define(l, "WG", wg);
    return wg;
}

static void transform(struct scl_lowering *l, const struct transforms *t, const struct spectra *s,
                      int inverse)
{
    scl_lower_fft(l, (struct scl_fft){ t->height, t->width, s->count, inverse });
    scl_lower_use(l, inverse ? s->planes : s->spectrum);
    scl_lower_use(l, inverse ? s->spectrum : s->planes);
}

/* Images of x from `first` on, size[] = N, H, W and channels, as spectra. */
static void put(struct scl_lowering *l, const struct transforms *t, const struct spectra *s,
                const struct scl_node *x, const int size[4], int stride, int first)
{
    const int wg = begin(l, "fft_put");

    scl_lower_use(l, s->planes);
    scl_lower_value(l, x);
    scl_lower_ints(l, size, 4);
    scl_lower_ints(l, (const int[]){ t->height, t->width, stride, first }, 4);
    scl_lower_groups(l, (size_t)s->count * (size_t)t->height, 1, 1, (size_t)wg);
    transform(l, t, s, 0);
}

/* out [rows, columns] = a b over `depth`; strides are of a's row and column, of b's row and column.
 */
struct product {
    int rows, columns, depth, stride[4], conjugate, adds;
};

static void multiply(struct scl_lowering *l, const struct transforms *t, const struct spectra *out,
                     const struct spectra *a, const struct spectra *b, struct product p)
{
    const int wg = begin(l, "fft_product");

    scl_lower_use(l, out->spectrum);
    scl_lower_use(l, a->spectrum);
    scl_lower_use(l, b->spectrum);
    scl_lower_ints(l, (const int[]){ t->height * (t->width / 2 + 1), p.depth }, 2);
    scl_lower_ints(l, p.stride, 4);
    scl_lower_ints(l, (const int[]){ p.conjugate, p.adds }, 2);
    scl_lower_groups(l, (size_t)p.rows, (size_t)p.columns, 1, (size_t)wg);
}

/* `n` images of y, from `first` on, size[] = P, Q and channels, out of their spectra. */
static void take(struct scl_lowering *l, const struct transforms *t, const struct spectra *s,
                 const struct scl_node *y, const struct scl_node *bias, const int size[3],
                 const int stride_offset[2], int first, int n)
{
    int wg;

    transform(l, t, s, 1);
    wg = begin(l, "fft_take");
    scl_lower_value(l, y);
    scl_lower_use(l, s->planes);
    if (bias)
        scl_lower_value(l, bias);
    else
        scl_lower_use(l, s->planes);
    scl_lower_ints(l, size, 3);
    scl_lower_ints(l, (const int[]){ t->height, t->width }, 2);
    scl_lower_ints(l, stride_offset, 2);
    scl_lower_ints(l, (const int[]){ bias != NULL, first }, 2);
    scl_lower_groups(l, (size_t)n * (size_t)size[0] * (size_t)size[1], 1, 1, (size_t)wg);
}

int scl_conv2d_fft(const struct scl_node *y, struct scl_lowering *l)
{
    const struct transforms t = begin_transforms(l, y);
    const struct scl_conv2d_size *z = &t.z;
    const struct spectra w = make_spectra(l, &t, z->C * z->K);
    const struct spectra x = make_spectra(l, &t, t.piece * z->C);
    const struct spectra out = make_spectra(l, &t, t.piece * z->K);

    put(l, &t, &w, y->in[1], (const int[]){ 1, z->R, z->S, z->C * z->K }, 1, 0);
    for (int first = 0; first < z->N; first += t.piece) {
        const int n = z->N - first < t.piece ? z->N - first : t.piece;

        put(l, &t, &x, y->in[0], (const int[]){ z->N, z->H, z->W, z->C }, 1, first);
        multiply(l, &t, &out, &x, &w,
                 (struct product){ t.piece, z->K, z->C, { z->C, 1, z->K, 1 }, 1, 0 });
        take(l, &t, &out, y, y->n_in == 3 ? y->in[2] : NULL, (const int[]){ z->P, z->Q, z->K },
             (const int[]){ z->stride, -z->padding }, first, n);
    }
    return scl_lower_end(l);
}

int scl_conv2d_fft_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    const struct transforms t = begin_transforms(l, dx);
    const struct scl_conv2d_size *z = &t.z;
    const struct spectra w = make_spectra(l, &t, z->C * z->K);
    const struct spectra dy = make_spectra(l, &t, t.piece * z->K);
    const struct spectra out = make_spectra(l, &t, t.piece * z->C);

    put(l, &t, &w, dx->in[1], (const int[]){ 1, z->R, z->S, z->C * z->K }, 1, 0);
    for (int first = 0; first < z->N; first += t.piece) {
        const int n = z->N - first < t.piece ? z->N - first : t.piece;

        put(l, &t, &dy, dx->in[0], (const int[]){ z->N, z->P, z->Q, z->K }, z->stride, first);
        multiply(l, &t, &out, &dy, &w,
                 (struct product){ t.piece, z->C, z->K, { z->K, 1, 1, z->K }, 0, 0 });
        take(l, &t, &out, dx, NULL, (const int[]){ z->H, z->W, z->C },
             (const int[]){ 1, z->padding }, first, n);
    }
    return scl_lower_end(l);
}

int scl_conv2d_fft_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    const struct transforms t = begin_transforms(l, dw);
    const struct scl_conv2d_size *z = &t.z;
    const struct spectra x = make_spectra(l, &t, t.piece * z->C);
    const struct spectra dy = make_spectra(l, &t, t.piece * z->K);
    const struct spectra out = make_spectra(l, &t, z->C * z->K);

    for (int first = 0; first < z->N; first += t.piece) {
        put(l, &t, &x, dw->in[0], (const int[]){ z->N, z->H, z->W, z->C }, 1, first);
        put(l, &t, &dy, dw->in[1], (const int[]){ z->N, z->P, z->Q, z->K }, z->stride, first);
        multiply(l, &t, &out, &x, &dy,
                 (struct product){ z->C, z->K, t.piece, { 1, z->C, z->K, 1 }, 1, first > 0 });
    }
    take(l, &t, &out, dw, NULL, (const int[]){ z->R, z->S, z->C * z->K },
         (const int[]){ 1, -z->padding }, 0, 1);
    return scl_lower_end(l);
}
