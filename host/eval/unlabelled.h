/* unlabelled.h - what can be said of features without labels.
 *
 * Whether a network has collapsed, and along how many directions it uses its space:
 * for data sets that nobody has labelled, and for watching a run.
 *
 *     SCL_TRY(scl_unlabelled_find(&measures, &whole, &views));
 *     printf("effective rank %.1f of %d\n", measures.effective_rank, measures.dim);
 */
#ifndef SCL_EVAL_UNLABELLED_H
#define SCL_EVAL_UNLABELLED_H

#include "eval/features.h"

/* Floats of a row at most: the time goes with their cube, a minute or so for these. */
enum { SCL_MEASURES_DIM = 4096 };

/* Rows that pairs are made of for the uniformity: half a million pairs. */
enum { SCL_UNIFORMITY_ROWS = 1000 };

/* u is a row over its length (a row of zeros stays so). */
struct scl_unlabelled {
    int n, dim;

    /* sqrt(D) times the standard deviation of each dimension of u, averaged over the D
     * dimensions: 1 when directions are spread evenly, 0 when all are one. Chen and He 2021
     * (SimSiam), figure 2. */
    double spread;

    /* Mean of |u - u'|^2 over two augmented views of one image; 0 is best. Wang and Isola
     * 2020, alpha = 2. */
    double alignment;

    /* ln of the mean of exp(-2 |u - u'|^2) over pairs of two images, among at most
     * SCL_UNIFORMITY_ROWS evenly spaced ones; -4 is the least that high dimensions allow, 0 is
     * collapse. Wang and Isola 2020, t = 2. NaN for one image. */
    double uniformity;

    /* exp of the entropy of s / sum s, for the singular values s of the centred features, not
     * brought to unit length: between 1 and min(D, n - 1); 0 when all rows are equal. Roy and
     * Vetterli 2007. */
    double effective_rank;
};

/* `whole` holds a row an image; `views` two: row i and row n + i are views of image i.
 * Refuses sets that do not go together, and no images; features that are not finite are
 * SCL_NUMERIC. */
int scl_unlabelled_find(struct scl_unlabelled *out, const struct scl_features *whole,
                        const struct scl_features *views);

#endif
