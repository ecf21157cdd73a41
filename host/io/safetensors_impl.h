/* safetensors_impl.h - shared by reading and writing, private to this folder. */
#ifndef SCL_IO_SAFETENSORS_IMPL_H
#define SCL_IO_SAFETENSORS_IMPL_H

#include "base/file.h"
#include "io/safetensors.h"

#define SCL_HASH_KEY "xxh3"
#define SCL_HASH_DIGITS 16
#define SCL_HASH_ZEROS "0000000000000000"

/* Bytes of an element; 0 for a number that is no type. */
size_t scl_tensor_type_bytes(enum scl_tensor_type type);

/* rank, dims and type to a size; SCL_DATA when it overflows. */
int scl_tensor_measure(size_t *bytes, const struct scl_tensor *t);

/* XXH3 of the parts one after the other, as hexadecimal text. */
int scl_hash_text(char text[SCL_HASH_DIGITS + 1], int n, const struct scl_bytes part[]);

/* Compares the hash of a whole file, its own digits taken as zeros, with `wanted`,
 * which metadata says it is. SCL_DATA when the file is damaged. */
int scl_hash_check(const char *source, const char *bytes, size_t size, size_t header_size,
                   const char *wanted);

#endif
