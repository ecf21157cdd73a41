/* knn.h - accuracy of nearest neighbours: the labels of queries, guessed from a bank.
 *
 * Bank and queries pass through the device in chunks, with plans built once; there is never a
 * matrix of all distances. Made once for its sizes, used as often as the features change:
 *
 *     SCL_TRY(scl_knn_new(&knn, device, &spec, 50000, 10000, 512));
 *     SCL_TRY(scl_knn_run(&accuracy, NULL, knn, &bank, &query));
 *     scl_knn_free(knn);
 */
#ifndef SCL_EVAL_KNN_H
#define SCL_EVAL_KNN_H

#include "config/config.h"
#include "device/device.h"
#include "eval/features.h"
#include "ops/knn.h" /* struct scl_knn_spec */

/* What a protocol of the configuration asks for; facts/methods.md 4.1.
 *   ht        eval.k nearest by Euclidean distance, a vote each: Ermolov et al. 2021
 *   weighted  eval.knn_k nearest by cosine, votes exp(cos / T), T eval.knn_temperature: Wu et
 *             al. 2018
 * Ties go to the smallest label in both. */
struct scl_knn_spec scl_knn_protocol(const struct scl_eval_config *eval,
                                     enum scl_knn_protocol protocol);

struct scl_knn;

/* For a bank of n_bank rows and n_query queries of `dim` floats. Refuses k above n_bank. */
int scl_knn_new(struct scl_knn **out, struct scl_device *device, const struct scl_knn_spec *spec,
                int n_bank, int n_query, int dim);
void scl_knn_free(struct scl_knn *knn);

/* *accuracy: percent of the queries whose label is guessed; prediction [n_query], or NULL.
 * Refuses rows without a label, and sets of other sizes; features that are not finite are
 * SCL_NUMERIC. */
int scl_knn_run(double *accuracy, int32_t *prediction, struct scl_knn *knn,
                const struct scl_features *bank, const struct scl_features *query);

/* new, run, free. */
int scl_knn_accuracy(double *accuracy, int32_t *prediction, struct scl_device *device,
                     const struct scl_knn_spec *spec, const struct scl_features *bank,
                     const struct scl_features *query);

/* "5-NN" for a title; the whole protocol but for data and features: "5-NN, euclidean
 * distance, majority vote, ties to the smallest label". Both return `out`. */
enum { SCL_KNN_BYTES = 128 };
const char *scl_knn_title(char out[SCL_KNN_BYTES], const struct scl_knn_spec *spec);
const char *scl_knn_text(char out[SCL_KNN_BYTES], const struct scl_knn_spec *spec);

#endif
