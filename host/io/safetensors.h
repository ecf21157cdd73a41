/* safetensors.h - named tensors in one file: checkpoints, exports, conformance cases.
 *
 * The format is Hugging Face's: 8 bytes of header length, a JSON header, then the
 * tensors' bytes, little-endian, row-major, without gaps. A header is believed only
 * after every length, type, shape and offset in it has been checked.
 *
 *     struct scl_safetensors file;
 *     SCL_TRY(scl_safetensors_load(&file, "weights.safetensors"));
 *     const struct scl_tensor *t = scl_safetensors_find(&file, "conv1.weight");
 *     if (t)
 *         SCL_TRY(scl_tensor_floats(values, t));
 *     ...
 *     scl_safetensors_fini(&file);
 *
 * Tensors point into the loaded bytes and go with them. Nothing in the format
 * aligns them: read through scl_tensor_floats() and its like, or by memcpy.
 */
#ifndef SCL_IO_SAFETENSORS_H
#define SCL_IO_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCL_TENSOR_MAX_DIM 8
#define SCL_SAFETENSORS_HEADER_BYTES 100000000 /* the format's own limit */

/* What a tensor's bytes are. Types of other programs can be listed, not read. */
enum scl_tensor_type {
    SCL_TENSOR_BOOL,
    SCL_TENSOR_U8,
    SCL_TENSOR_I8,
    SCL_TENSOR_I16,
    SCL_TENSOR_U16,
    SCL_TENSOR_F16,
    SCL_TENSOR_BF16,
    SCL_TENSOR_I32,
    SCL_TENSOR_U32,
    SCL_TENSOR_F32,
    SCL_TENSOR_F64,
    SCL_TENSOR_I64,
    SCL_TENSOR_U64,
};

struct scl_tensor {
    const char *name;
    enum scl_tensor_type type;
    int rank;
    int64_t dim[SCL_TENSOR_MAX_DIM];
    const void *data; /* scl_tensor_bytes() of them, aligned to nothing when loaded */
};

struct scl_meta {
    const char *key, *value;
};

/* Both lists are sorted by the bytes of their names. */
struct scl_safetensors {
    size_t n_tensors, n_meta;
    struct scl_tensor *tensor;
    struct scl_meta *meta;
    bool hashed;   /* metadata has an xxh3 of header and payload, and it is right */
    char *bytes;   /* the file */
    void *strings; /* owner of all names */
};

/* "F32". */
const char *scl_tensor_type_text(enum scl_tensor_type type);

/* Elements, and bytes; the shape of a loaded tensor cannot overflow them. */
size_t scl_tensor_count(const struct scl_tensor *t);
size_t scl_tensor_bytes(const struct scl_tensor *t);

/* Reads the whole file. Refused with SCL_DATA, naming file and tensor: whatever does
 * not follow the format, rank above SCL_TENSOR_MAX_DIM, a wrong xxh3. */
int scl_safetensors_load(struct scl_safetensors *out, const char *path);

/* The same from memory: `bytes` (malloc'd) are the struct's own from now on, also
 * after a refusal. `source` is the name for errors. */
int scl_safetensors_load_bytes(struct scl_safetensors *out, const char *source, char *bytes,
                               size_t size);
void scl_safetensors_fini(struct scl_safetensors *file);

/* NULL when there is none. */
const struct scl_tensor *scl_safetensors_find(const struct scl_safetensors *file, const char *name);
const char *scl_safetensors_meta(const struct scl_safetensors *file, const char *key);

/* All elements, converted: floats and doubles from F32 and F64, ints from I32, I64
 * and U8. Refused with SCL_DATA: other types, values that an int does not hold. */
int scl_tensor_floats(float *out, const struct scl_tensor *t);
int scl_tensor_doubles(double *out, const struct scl_tensor *t);
int scl_tensor_ints(int *out, const struct scl_tensor *t);

/* Writes atomically, without a second copy of the tensors. The order in the file is
 * larger elements first, then names, so equal contents give equal bytes. With
 * `hash`, metadata gets the key xxh3: 16 hexadecimal digits over the whole file,
 * itself taken as zeros. Refuses names given twice, and ranks and shapes that could
 * not be read back. */
int scl_safetensors_save(const char *path, size_t n_tensors, const struct scl_tensor tensor[],
                         size_t n_meta, const struct scl_meta meta[], bool hash);

#endif
