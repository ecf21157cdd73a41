/* gemm_params.h - CLBlast's kernels behind a GEMM, with all their parameters: it wants all of a
 * kernel's when it is to use others than its own.
 *
 *     for (const struct scl_gemm_kernel *k = scl_gemm_kernels; k->name; k++)
 *         for (int i = 0; k->param[i]; i++)
 *             ... scl_profile_get(&value, profile, k->profile, k->param[i]) ...
 *
 * No two kernels have a parameter of one name.
 */
#ifndef SCL_BACKEND_GEMM_PARAMS_H
#define SCL_BACKEND_GEMM_PARAMS_H

enum { SCL_GEMM_MAX_PARAM = 16 };

struct scl_gemm_kernel {
    const char *name, *profile; /* CLBlast's; in profiles */
    const char *param[SCL_GEMM_MAX_PARAM + 1];
};

/* Ended by a NULL name. */
extern const struct scl_gemm_kernel scl_gemm_kernels[];

#endif
