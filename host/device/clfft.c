/* clfft.c - Fourier transforms through clFFT, under the rules of DESIGN.md 4: the library is set up
 * when a plan first needs it, and each transform must give what is known of a delta, and of random
 * numbers (Parseval's equation), before a step may use it.
 */
#include "device/device_impl.h" /* first: it says which OpenCL we mean */

#include <clFFT.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"

#define PI 3.14159265358979323846
#define TOLERANCE 1e-4 /* of fp32 in some ten stages, with room */

struct scl_clfft {
    struct scl_device *device;
    struct scl_fft fft;
    clfftPlanHandle plan;
    size_t temp_bytes;
    bool is_user, has_plan;
};

static int users; /* of the library, in all devices: the last one takes it down */

static int check(clfftStatus status, const char *call)
{
    if (status == CLFFT_SUCCESS)
        return SCL_OK;
    if ((int)status < CLFFT_BUGCHECK)
        return scl_cl((cl_int)status, call, NULL);
    return scl_fail(SCL_DEVICE, "%s: clFFT's status %d", call, (int)status);
}

static int set_up(struct scl_clfft *c)
{
    const clfftSetupData data = { clfftVersionMajor, clfftVersionMinor, clfftVersionPatch, 0 };
    int rc = SCL_OK;

    if (users == 0)
        rc = check(clfftSetup(&data), "clfftSetup");
    c->is_user = rc == SCL_OK;
    users += c->is_user;
    return rc;
}

/* Floats of a plane (0) and of its spectrum (1). */
static size_t floats_of(const struct scl_fft *f, int is_spectrum)
{
    const size_t height = (size_t)f->height, width = (size_t)f->width;

    return is_spectrum ? 2 * height * (width / 2 + 1) : height * width;
}

static int bake(struct scl_clfft *c)
{
    const struct scl_fft *f = &c->fft;
    const size_t length[] = { (size_t)f->width, (size_t)f->height };
    size_t stride[2][2] = { { 1, length[0] }, { 1, length[0] / 2 + 1 } };
    const size_t distance[] = { floats_of(f, 0), floats_of(f, 1) / 2 };
    const clfftLayout layout[] = { CLFFT_REAL, CLFFT_HERMITIAN_INTERLEAVED };
    const int in = f->inverse, out = !f->inverse;
    int rc;

    SCL_TRY(check(clfftCreateDefaultPlan(&c->plan, c->device->context, CLFFT_2D, length),
                  "clfftCreateDefaultPlan"));
    c->has_plan = true;
    SCL_TRY(check(clfftSetPlanPrecision(c->plan, CLFFT_SINGLE), "clfftSetPlanPrecision"));
    SCL_TRY(check(clfftSetLayout(c->plan, layout[in], layout[out]), "clfftSetLayout"));
    SCL_TRY(check(clfftSetResultLocation(c->plan, CLFFT_OUTOFPLACE), "clfftSetResultLocation"));
    SCL_TRY(check(clfftSetPlanInStride(c->plan, CLFFT_2D, stride[in]), "clfftSetPlanInStride"));
    SCL_TRY(check(clfftSetPlanOutStride(c->plan, CLFFT_2D, stride[out]), "clfftSetPlanOutStride"));
    SCL_TRY(
        check(clfftSetPlanDistance(c->plan, distance[in], distance[out]), "clfftSetPlanDistance"));
    SCL_TRY(check(clfftSetPlanBatchSize(c->plan, (size_t)f->batch), "clfftSetPlanBatchSize"));
    SCL_TRY(check(clfftBakePlan(c->plan, 1, &c->device->queue, NULL, NULL), "clfftBakePlan"));
    rc = check(clfftGetTmpBufSize(c->plan, &c->temp_bytes), "clfftGetTmpBufSize");
out:
    return rc;
}

/* ---- what is known of a transform ----------------------------------------------------------- */

enum { ROW = 2, COLUMN = 3 }; /* where the delta is, in a plane that has room for it */

static double delta_phase(const struct scl_fft *f, int k, int l)
{
    return -2 * PI *
           (ROW % f->height * (double)k / f->height + COLUMN % f->width * (double)l / f->width);
}

/* A delta, or its spectrum. */
static void fill_delta(float *out, const struct scl_fft *f, int is_spectrum)
{
    const int half = f->width / 2 + 1;

    for (size_t i = 0; i < floats_of(f, is_spectrum); i++)
        out[i] = 0;
    if (!is_spectrum) {
        out[ROW % f->height * f->width + COLUMN % f->width] = 1;
        return;
    }
    for (int k = 0; k < f->height; k++)
        for (int l = 0; l < half; l++) {
            out[2 * (k * half + l)] = (float)cos(delta_phase(f, k, l));
            out[2 * (k * half + l) + 1] = (float)sin(delta_phase(f, k, l));
        }
}

/* How often a column of a spectrum stands in the whole one, which is symmetric. */
static int column_count(const struct scl_fft *f, int l)
{
    return l == 0 || 2 * l == f->width ? 1 : 2;
}

/* Random numbers; of a spectrum only where the symmetry leaves them free. */
static void fill_random(float *out, const struct scl_fft *f, int is_spectrum, struct scl_rng *rng)
{
    const int half = f->width / 2 + 1;

    for (size_t i = 0; i < floats_of(f, is_spectrum); i++) {
        const int l = (int)(i / 2 % (size_t)half);

        out[i] = scl_rng_uniform(rng, -1, 1);
        if (is_spectrum && column_count(f, l) == 1)
            out[i] = 0;
    }
}

/* The sum of squares, a spectrum's as the whole one's over the number of elements. */
static double energy(const float *v, const struct scl_fft *f, int is_spectrum)
{
    const int half = f->width / 2 + 1;
    double sum = 0;

    for (size_t i = 0; i < floats_of(f, is_spectrum); i++) {
        const double square = (double)v[i] * (double)v[i];

        sum += is_spectrum ? square * column_count(f, (int)(i / 2 % (size_t)half)) : square;
    }
    return is_spectrum ? sum / f->height / f->width : sum;
}

static int judge(const struct scl_fft *f, const float *in, const float *out, float *want)
{
    const size_t n_in = floats_of(f, f->inverse), n_out = floats_of(f, !f->inverse);
    double before, after;

    fill_delta(want, f, !f->inverse);
    for (size_t i = 0; i < n_out; i++)
        if (!(fabs((double)out[i] - (double)want[i]) <= TOLERANCE))
            return scl_fail(SCL_DEVICE,
                            "clFFT computes transforms of %d by %d wrongly here: element %zu of a "
                            "delta's is %g, and %g is wanted; another candidate must do",
                            f->height, f->width, i, (double)out[i], (double)want[i]);
    for (size_t b = 1; b < (size_t)f->batch; b++) {
        before = energy(in + b * n_in, f, f->inverse);
        after = energy(out + b * n_out, f, !f->inverse);
        if (!(fabs(after - before) <= TOLERANCE * before))
            return scl_fail(SCL_DEVICE,
                            "clFFT computes transforms of %d by %d wrongly here: plane %zu of %d "
                            "has the energy %g, and %g is wanted; another candidate must do",
                            f->height, f->width, b, f->batch, after, before);
    }
    return SCL_OK;
}

/* The first plane is a delta's, the others are random. */
static int check_transform(struct scl_clfft *c)
{
    const struct scl_fft *f = &c->fft;
    const size_t n_in = floats_of(f, f->inverse), n_out = floats_of(f, !f->inverse);
    const size_t batch = (size_t)f->batch;
    float *in = malloc(batch * n_in * sizeof *in), *out = malloc(batch * n_out * sizeof *out);
    float *want = malloc(n_out * sizeof *want);
    struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, 0, 0, 0);
    cl_mem mem[3] = { NULL };
    int rc;

    if (!in || !out || !want) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a transform's check");
        goto out;
    }
    fill_delta(in, f, f->inverse);
    for (size_t b = 1; b < batch; b++)
        fill_random(in + b * n_in, f, f->inverse, &rng);
    SCL_TRY(scl_memory_new(&mem[0], c->device, batch * n_out * sizeof *out, "a transform's check"));
    SCL_TRY(scl_memory_new(&mem[1], c->device, batch * n_in * sizeof *in, "a transform's check"));
    if (c->temp_bytes > 0)
        SCL_TRY(scl_memory_new(&mem[2], c->device, c->temp_bytes, "a transform's check"));
    SCL_TRY(scl_cl(clEnqueueWriteBuffer(c->device->queue, mem[1], CL_TRUE, 0,
                                        batch * n_in * sizeof *in, in, 0, NULL, NULL),
                   "clEnqueueWriteBuffer", "a transform's check"));
    SCL_TRY(scl_clfft_run(c, mem[0], mem[1], mem[2], NULL));
    SCL_TRY(scl_cl(clEnqueueReadBuffer(c->device->queue, mem[0], CL_TRUE, 0,
                                       batch * n_out * sizeof *out, out, 0, NULL, NULL),
                   "clEnqueueReadBuffer", "a transform's check"));
    rc = judge(f, in, out, want);
out:
    for (int i = 0; i < 3; i++)
        if (mem[i])
            clReleaseMemObject(mem[i]);
    free(want);
    free(out);
    free(in);
    return rc;
}

int scl_clfft_new(struct scl_clfft **out, struct scl_device *device, const struct scl_fft *fft)
{
    struct scl_clfft *c = calloc(1, sizeof *c);
    int rc;

    *out = NULL;
    if (!c)
        return scl_fail(SCL_NOMEM, "out of memory for a transform");
    c->device = device;
    c->fft = *fft;
    SCL_TRY(set_up(c));
    SCL_TRY(bake(c));
    SCL_TRY(check_transform(c));
    *out = c;
    c = NULL;
out:
    scl_clfft_free(c);
    return rc;
}

void scl_clfft_free(struct scl_clfft *c)
{
    if (!c)
        return;
    if (c->has_plan)
        clfftDestroyPlan(&c->plan);
    users -= c->is_user;
    if (c->is_user && users == 0)
        clfftTeardown();
    free(c);
}

size_t scl_clfft_temp_bytes(const struct scl_clfft *c)
{
    return c->temp_bytes;
}

int scl_clfft_run(struct scl_clfft *c, cl_mem out, cl_mem in, cl_mem temp, cl_event *event)
{
    return check(clfftEnqueueTransform(c->plan, c->fft.inverse ? CLFFT_BACKWARD : CLFFT_FORWARD, 1,
                                       &c->device->queue, 0, NULL, event, &in, &out, temp),
                 "clfftEnqueueTransform");
}
