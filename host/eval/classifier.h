/* classifier.h - a linear layer on features, and how often it is right.
 *
 * The layer is two states, "linear.weight" [D, classes] and "linear.bias" [classes], of a
 * model that others train (eval/linear.h, eval/supervised.h). Its test is a graph of its
 * own, made before the model's memory:
 *
 *     SCL_TRY(scl_classifier_init(&test, n_rows, dim, n_classes));
 *     SCL_TRY(scl_store_new(&store, device, 2, (struct scl_graph *[]){ train, test.g }, seed));
 *     ...
 *     SCL_TRY(scl_classifier_run(&accuracy, &test, device, store, &features));
 *     scl_classifier_fini(&test);
 */
#ifndef SCL_EVAL_CLASSIFIER_H
#define SCL_EVAL_CLASSIFIER_H

#include "device/device.h"
#include "device/store.h"
#include "eval/features.h"

/* Percent of the rows whose class has the highest value, or one of the five highest. Of equal
 * values the smaller class counts as the higher. */
struct scl_accuracy {
    double top1, top5;
};

/* `done` of `of` steps or epochs of its training; NaN is no news of the loss. */
typedef void scl_fit_progress(void *context, int done, int of, double loss);

struct scl_classifier {
    struct scl_graph *g;
    int n, dim, classes;
    int chunk; /* rows of a run */
    struct scl_node *rows, *logits;
};

/* The scope of the layer's states. */
#define SCL_CLASSIFIER_SCOPE "linear"

/* The layer: x [N, D] to [N, classes]; PyTorch's initialisation. */
struct scl_node *scl_classifier_layer(struct scl_graph *g, struct scl_node *x, int classes);

/* After a failure there is nothing to fini. */
int scl_classifier_init(struct scl_classifier *out, int n, int dim, int classes);
void scl_classifier_fini(struct scl_classifier *c);

/* Refuses features of another size, and labels that are no class; a value that is not finite is
 * SCL_NUMERIC. */
int scl_classifier_run(struct scl_accuracy *out, const struct scl_classifier *c,
                       struct scl_device *device, struct scl_store *store,
                       const struct scl_features *features);

/* scl_features_check(), and that each label is one of the classes. */
int scl_labels_check(const struct scl_features *f, int classes, const char *who, const char *name);

#endif
