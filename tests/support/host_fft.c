/* host_fft.c - under the simulator, which does not survive clFFT's own kernels, the host makes its
 * transforms: what is simulated is what stands around them. Elsewhere clFFT does.
 */
#include <clFFT.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

clfftStatus __real_clfftBakePlan(clfftPlanHandle plan, cl_uint n, cl_command_queue *queue,
                                 void(CL_CALLBACK *notify)(clfftPlanHandle, void *), void *user);
clfftStatus __wrap_clfftBakePlan(clfftPlanHandle plan, cl_uint n, cl_command_queue *queue,
                                 void(CL_CALLBACK *notify)(clfftPlanHandle, void *), void *user);
clfftStatus __real_clfftGetTmpBufSize(clfftPlanHandle plan, size_t *bytes);
clfftStatus __wrap_clfftGetTmpBufSize(clfftPlanHandle plan, size_t *bytes);
clfftStatus __real_clfftEnqueueTransform(clfftPlanHandle plan, clfftDirection direction,
                                         cl_uint n_queue, cl_command_queue *queue, cl_uint n_wait,
                                         const cl_event *wait, cl_event *event, cl_mem *in,
                                         cl_mem *out, cl_mem temp);
clfftStatus __wrap_clfftEnqueueTransform(clfftPlanHandle plan, clfftDirection direction,
                                         cl_uint n_queue, cl_command_queue *queue, cl_uint n_wait,
                                         const cl_event *wait, cl_event *event, cl_mem *in,
                                         cl_mem *out, cl_mem temp);

/* Planes of height x width, spectra of height x half complex numbers. */
struct sizes {
    size_t height, width, half, batch;
};

static bool is_simulated(void)
{
    return getenv("SCL_SIMULATOR") != NULL;
}

static double phase(const struct sizes *s, size_t i, size_t k, size_t j, size_t l)
{
    return 2 * pi *
           ((double)(i * k % s->height) / (double)s->height +
            (double)(j * l % s->width) / (double)s->width);
}

static void forward(const struct sizes *s, const float *x, float *y)
{
    for (size_t k = 0; k < s->height; k++)
        for (size_t l = 0; l < s->half; l++) {
            double re = 0, im = 0;

            for (size_t i = 0; i < s->height; i++)
                for (size_t j = 0; j < s->width; j++) {
                    re += x[i * s->width + j] * cos(phase(s, i, k, j, l));
                    im -= x[i * s->width + j] * sin(phase(s, i, k, j, l));
                }
            y[2 * (k * s->half + l)] = (float)re;
            y[2 * (k * s->half + l) + 1] = (float)im;
        }
}

/* Columns that the half leaves out are the conjugates of others. */
static void inverse(const struct sizes *s, const float *y, float *x)
{
    for (size_t i = 0; i < s->height; i++)
        for (size_t j = 0; j < s->width; j++) {
            double sum = 0;

            for (size_t k = 0; k < s->height; k++)
                for (size_t l = 0; l < s->half; l++) {
                    const float *at = &y[2 * (k * s->half + l)];
                    const double angle = phase(s, i, k, j, l);

                    sum += (l == 0 || 2 * l == s->width ? 1 : 2) *
                           (at[0] * cos(angle) - at[1] * sin(angle));
                }
            x[i * s->width + j] = (float)(sum / (double)(s->height * s->width));
        }
}

static clfftStatus transform(clfftPlanHandle plan, bool back, cl_command_queue queue, cl_mem in,
                             cl_mem out)
{
    size_t length[3] = { 0 };
    struct sizes s = { 0 };
    clfftDim dim;
    cl_uint n;
    float *plane, *spectrum;
    size_t plane_floats, spectrum_floats;
    cl_int err;

    clfftGetPlanDim(plan, &dim, &n);
    clfftGetPlanLength(plan, dim, length);
    clfftGetPlanBatchSize(plan, &s.batch);
    s.width = length[0];
    s.height = length[1];
    s.half = s.width / 2 + 1;
    plane_floats = s.height * s.width;
    spectrum_floats = 2 * s.height * s.half;
    plane = malloc(s.batch * plane_floats * sizeof(float));
    spectrum = malloc(s.batch * spectrum_floats * sizeof(float));
    if (!plane || !spectrum)
        abort();
    err = clEnqueueReadBuffer(queue, in, CL_TRUE, 0,
                              s.batch * (back ? spectrum_floats : plane_floats) * sizeof(float),
                              back ? spectrum : plane, 0, NULL, NULL);
    for (size_t b = 0; err == CL_SUCCESS && b < s.batch; b++) {
        if (back)
            inverse(&s, spectrum + b * spectrum_floats, plane + b * plane_floats);
        else
            forward(&s, plane + b * plane_floats, spectrum + b * spectrum_floats);
    }
    if (err == CL_SUCCESS)
        err =
            clEnqueueWriteBuffer(queue, out, CL_TRUE, 0,
                                 s.batch * (back ? plane_floats : spectrum_floats) * sizeof(float),
                                 back ? plane : spectrum, 0, NULL, NULL);
    free(plane);
    free(spectrum);
    return (clfftStatus)err;
}

clfftStatus __wrap_clfftBakePlan(clfftPlanHandle plan, cl_uint n, cl_command_queue *queue,
                                 void(CL_CALLBACK *notify)(clfftPlanHandle, void *), void *user)
{
    return is_simulated() ? CLFFT_SUCCESS : __real_clfftBakePlan(plan, n, queue, notify, user);
}

clfftStatus __wrap_clfftGetTmpBufSize(clfftPlanHandle plan, size_t *bytes)
{
    *bytes = 0;
    return is_simulated() ? CLFFT_SUCCESS : __real_clfftGetTmpBufSize(plan, bytes);
}

clfftStatus __wrap_clfftEnqueueTransform(clfftPlanHandle plan, clfftDirection direction,
                                         cl_uint n_queue, cl_command_queue *queue, cl_uint n_wait,
                                         const cl_event *wait, cl_event *event, cl_mem *in,
                                         cl_mem *out, cl_mem temp)
{
    if (!is_simulated())
        return __real_clfftEnqueueTransform(plan, direction, n_queue, queue, n_wait, wait, event,
                                            in, out, temp);
    return transform(plan, direction == CLFFT_BACKWARD, *queue, *in, *out);
}
