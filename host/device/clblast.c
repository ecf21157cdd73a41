/* clblast.c - dense GEMM through CLBlast, under the rules of DESIGN.md 4: our
 * parameters override its tables before the first call, known-bad sets are refused, and
 * temporary memory is made when a plan is bound, not in a step.
 */
#include "device/device_impl.h" /* first: it says which OpenCL we mean */

#include <clblast_c.h>

#include "base/status.h"

#define MAX_PARAM 16

/* Every kernel behind Sgemm, with all its parameters: CLBlast wants all of them. */
static const struct {
    const char *kernel, *profile, *param[MAX_PARAM];
} overridden[] = {
    { "Xgemm",
      "clblast/Xgemm",
      { "GEMMK", "KREG", "KWG", "KWI", "MDIMA", "MDIMC", "MWG", "NDIMB", "NDIMC", "NWG", "SA", "SB",
        "STRM", "STRN", "VWM", "VWN" } },
    { "XgemmDirect",
      "clblast/XgemmDirect",
      { "KWID", "MDIMAD", "MDIMCD", "NDIMBD", "NDIMCD", "PADA", "PADB", "VWMD", "VWND", "WGD" } },
    { "GemmRoutine", "clblast/GemmRoutine", { "XGEMM_MIN_INDIRECT_SIZE" } },
    { "Copy", "clblast/Copy", { "COPY_DIMX", "COPY_DIMY", "COPY_VW", "COPY_WPT" } },
    { "Pad", "clblast/Pad", { "PAD_DIMX", "PAD_DIMY", "PAD_WPTX", "PAD_WPTY" } },
    { "Transpose", "clblast/Transpose", { "TRA_DIM", "TRA_PAD", "TRA_SHUFFLE", "TRA_WPT" } },
    { "Padtranspose", "clblast/Padtranspose", { "PADTRA_PAD", "PADTRA_TILE", "PADTRA_WPT" } },
};

static int check(CLBlastStatusCode status, const char *call)
{
    if (status == CLBlastSuccess)
        return SCL_OK;
    if ((int)status > -100)
        return scl_cl((cl_int)status, call, NULL);
    return scl_fail(SCL_DEVICE, "%s: CLBlast's status %d", call, (int)status);
}

/* CLBlast below 1.6.3 computes wrong results, and writes out of bounds, with
 * GEMMK = 1 and MWG other than NWG (its pull request 543). */
static int refuse_known_bad(const struct scl_profile *profile)
{
    const int version =
        CLBLAST_VERSION_MAJOR * 10000 + CLBLAST_VERSION_MINOR * 100 + CLBLAST_VERSION_PATCH;
    int gemmk, mwg, nwg, rc;

    SCL_TRY(scl_profile_get(&gemmk, profile, "clblast/Xgemm", "GEMMK"));
    SCL_TRY(scl_profile_get(&mwg, profile, "clblast/Xgemm", "MWG"));
    SCL_TRY(scl_profile_get(&nwg, profile, "clblast/Xgemm", "NWG"));
    if (version < 10603 && gemmk == 1 && mwg != nwg)
        return scl_fail(SCL_CONFIG,
                        "profile %s: clblast/Xgemm has GEMMK 1 with MWG %d and NWG %d, which "
                        "CLBlast %d.%d.%d computes wrongly; they must be equal",
                        scl_profile_name(profile), mwg, nwg, CLBLAST_VERSION_MAJOR,
                        CLBLAST_VERSION_MINOR, CLBLAST_VERSION_PATCH);
out:
    return rc;
}

static int override(struct scl_device *device, size_t i)
{
    const char *name[MAX_PARAM];
    size_t value[MAX_PARAM], n = 0;
    int rc;

    for (; n < MAX_PARAM && overridden[i].param[n]; n++) {
        int v;

        name[n] = overridden[i].param[n];
        SCL_TRY(scl_profile_get(&v, device->profile, overridden[i].profile, name[n]));
        value[n] = (size_t)v;
    }
    rc = check(CLBlastOverrideParameters(device->id, overridden[i].kernel, CLBlastPrecisionSingle,
                                         n, name, value),
               "CLBlastOverrideParameters");
out:
    return rc;
}

int scl_clblast_prepare(struct scl_device *device)
{
    int rc;

    if (device->has_clblast)
        return SCL_OK;
    SCL_TRY(refuse_known_bad(device->profile));
    for (size_t i = 0; i < sizeof overridden / sizeof *overridden; i++)
        SCL_TRY(override(device, i));
    device->has_clblast = true;
out:
    return rc;
}

static CLBlastTranspose transpose(int is)
{
    return is ? CLBlastTransposeYes : CLBlastTransposeNo;
}

int scl_clblast_temp_bytes(size_t *out, struct scl_device *device, const struct scl_gemm *g)
{
    return check(CLBlastSGemmTempBufferSize(CLBlastLayoutRowMajor, transpose(g->trans_a),
                                            transpose(g->trans_b), (size_t)g->m, (size_t)g->n,
                                            (size_t)g->k, 0, (size_t)(g->trans_a ? g->m : g->k), 0,
                                            (size_t)(g->trans_b ? g->k : g->n), 0, (size_t)g->n,
                                            &device->queue, out),
                 "CLBlastSGemmTempBufferSize");
}

int scl_clblast_gemm(struct scl_device *device, const struct scl_gemm *g, cl_mem c, cl_mem a,
                     cl_mem b, cl_mem temp, cl_event *event)
{
    return check(CLBlastSgemmWithTempBuffer(
                     CLBlastLayoutRowMajor, transpose(g->trans_a), transpose(g->trans_b),
                     (size_t)g->m, (size_t)g->n, (size_t)g->k, g->alpha, a, 0,
                     (size_t)(g->trans_a ? g->m : g->k), b, 0, (size_t)(g->trans_b ? g->k : g->n),
                     0.0f, c, 0, (size_t)g->n, &device->queue, event, temp),
                 "CLBlastSgemmWithTempBuffer");
}
