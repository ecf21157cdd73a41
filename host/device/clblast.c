/* clblast.c - dense GEMM through CLBlast, under the rules of DESIGN.md 4: our
 * parameters override its tables before the first call, known-bad sets are refused, and
 * temporary memory is made when a plan is bound, not in a step.
 */
#include "device/device_impl.h" /* first: it says which OpenCL we mean */

#include <clblast_c.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backend/gemm_params.h"
#include "base/status.h"

static int check(CLBlastStatusCode status, const char *call)
{
    if (status == CLBlastSuccess)
        return SCL_OK;
    if ((int)status > -100)
        return scl_cl((cl_int)status, call, NULL);
    return scl_fail(SCL_DEVICE, "%s: CLBlast's status %d", call, (int)status);
}

/* The value of "-DNAME=12 " in a launch's defines. */
static int value_of(const char *defines, const char *name)
{
    const size_t n = strlen(name);
    const char *at = defines;

    while (strncmp(at + 2, name, n) != 0 || at[2 + n] != '=') {
        at = strchr(at, ' ');
        assert(at && at[1]); /* the lowering defines all */
        at++;
    }
    return (int)strtol(at + 2 + n + 1, NULL, 10);
}

/* CLBlast below 1.6.3 computes wrong results, and writes out of bounds, with
 * GEMMK = 1 and MWG other than NWG (its pull request 543). */
static int refuse_known_bad(const char *defines)
{
    const int version =
        CLBLAST_VERSION_MAJOR * 10000 + CLBLAST_VERSION_MINOR * 100 + CLBLAST_VERSION_PATCH;
    const int mwg = value_of(defines, "MWG"), nwg = value_of(defines, "NWG");

    if (version < 10603 && value_of(defines, "GEMMK") == 1 && mwg != nwg)
        return scl_fail(SCL_BUILD,
                        "clblast/Xgemm has GEMMK 1 with MWG %d and NWG %d, which CLBlast %d.%d.%d "
                        "computes wrongly; they must be equal",
                        mwg, nwg, CLBLAST_VERSION_MAJOR, CLBLAST_VERSION_MINOR,
                        CLBLAST_VERSION_PATCH);
    return SCL_OK;
}

static int override(struct scl_device *device, const struct scl_gemm_kernel *kernel,
                    const char *defines)
{
    size_t value[SCL_GEMM_MAX_PARAM], n = 0;

    for (; kernel->param[n]; n++)
        value[n] = (size_t)value_of(defines, kernel->param[n]);
    return check(CLBlastOverrideParameters(device->id, kernel->name, CLBlastPrecisionSingle, n,
                                           (const char **)kernel->param, value),
                 "CLBlastOverrideParameters");
}

/* CLBlast keeps the programs of each set, so going back and forth between two compiles nothing. */
static int use(struct scl_device *device, const char *defines)
{
    int rc;

    if (strcmp(device->gemm_defines, defines) == 0)
        return SCL_OK;
    assert(strlen(defines) < sizeof device->gemm_defines);
    SCL_TRY(refuse_known_bad(defines));
    device->gemm_defines[0] = '\0'; /* until all of them are overridden */
    for (const struct scl_gemm_kernel *k = scl_gemm_kernels; k->name; k++)
        SCL_TRY(override(device, k, defines));
    strcpy(device->gemm_defines, defines);
out:
    return rc;
}

static CLBlastTranspose transpose(int is)
{
    return is ? CLBlastTransposeYes : CLBlastTransposeNo;
}

int scl_clblast_temp_bytes(size_t *out, struct scl_device *device, const struct scl_launch *l)
{
    const struct scl_gemm *g = &l->gemm;
    const int rc = use(device, l->defines);

    if (rc < 0)
        return rc;
    return check(CLBlastSGemmTempBufferSize(CLBlastLayoutRowMajor, transpose(g->trans_a),
                                            transpose(g->trans_b), (size_t)g->m, (size_t)g->n,
                                            (size_t)g->k, 0, (size_t)(g->trans_a ? g->m : g->k), 0,
                                            (size_t)(g->trans_b ? g->k : g->n), 0, (size_t)g->n,
                                            &device->queue, out),
                 "CLBlastSGemmTempBufferSize");
}

int scl_clblast_gemm(struct scl_device *device, const struct scl_launch *l, const cl_mem mem[3],
                     cl_mem temp, cl_event *event)
{
    const struct scl_gemm *g = &l->gemm;
    const int rc = use(device, l->defines);

    if (rc < 0)
        return rc;
    return check(CLBlastSgemmWithTempBuffer(CLBlastLayoutRowMajor, transpose(g->trans_a),
                                            transpose(g->trans_b), (size_t)g->m, (size_t)g->n,
                                            (size_t)g->k, g->alpha, mem[1], 0,
                                            (size_t)(g->trans_a ? g->m : g->k), mem[2], 0,
                                            (size_t)(g->trans_b ? g->k : g->n), 0.0f, mem[0], 0,
                                            (size_t)g->n, &device->queue, event, temp),
                 "CLBlastSgemmWithTempBuffer");
}
