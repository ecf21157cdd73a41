/* gemm_params.c - the table. */
#include "backend/gemm_params.h"

#include <stddef.h>

const struct scl_gemm_kernel scl_gemm_kernels[] = {
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
    { .name = NULL },
};
