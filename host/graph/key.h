/* key.h - what a node computes, in one line: nodes of one key are the same work on every device.
 *
 *     char key[SCL_NODE_KEY_BYTES];
 *
 *     scl_node_key(key, y);       "conv2d.fwd n256h32w32c64k64r3s3u1p1",
 *                                 "matmul 256x128 of 256x512,512x128 a0b0"
 *
 * Tuning databases are looked up by it, so a form that is given out never changes its meaning.
 */
#ifndef SCL_GRAPH_KEY_H
#define SCL_GRAPH_KEY_H

#include <stddef.h>

#include "backend/decision.h"

struct scl_node;

/* The operator's own form (op.h), else its name, the shape of its value ("-": none) and of its
 * inputs. One that would be longer ends in its hash. No bars, no blanks at its ends. */
void scl_node_key(char out[SCL_NODE_KEY_BYTES], const struct scl_node *y);

/* For operators: name and shapes, a blank, and what is said here of the attributes. */
void scl_node_key_with(char *out, size_t size, const struct scl_node *y, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
