/* npy.h - one array in a file that NumPy reads with np.load(), and back.
 *
 *     const int64_t dim[] = { 1000, 512 };
 *     SCL_TRY(scl_npy_save("features.npy", SCL_NPY_F32, 2, dim, features));
 *
 *     struct scl_npy array;
 *     SCL_TRY(scl_npy_load(&array, "features.npy"));
 *     ... array.data, array.dim[0] ...
 *     scl_npy_fini(&array);
 *
 * Format version 1.0, little-endian, C order; nothing else is read.
 */
#ifndef SCL_IO_NPY_H
#define SCL_IO_NPY_H

#include <stddef.h>
#include <stdint.h>

#define SCL_NPY_MAX_DIM 8

enum scl_npy_type { SCL_NPY_F32, SCL_NPY_F64, SCL_NPY_I32, SCL_NPY_I64, SCL_NPY_U8 };

struct scl_npy {
    enum scl_npy_type type;
    int rank;
    int64_t dim[SCL_NPY_MAX_DIM];
    const void *data; /* aligned for its type, inside `bytes` */
    char *bytes;
};

/* Written atomically, without a copy of the data. */
int scl_npy_save(const char *path, enum scl_npy_type type, int rank, const int64_t dim[],
                 const void *data);

/* Refused with SCL_DATA: other versions, types and orders, a size that does not
 * follow from the shape. */
int scl_npy_load(struct scl_npy *out, const char *path);
void scl_npy_fini(struct scl_npy *array);

#endif
