/* scorecl.h - libscorecl for a program that embeds it: everything a run is made of.
 *
 *     #include <scorecl.h>
 *
 *     int main(void)
 *     {
 *         struct scl_config config;
 *         char *set[] = { "train.steps=100" };
 *         bool started = false;
 *         int rc = scl_config_load(&config, "simclr.yaml", 1, set);
 *
 *         if (rc == SCL_OK)
 *             rc = scl_train(&config, &started);
 *         if (rc < 0)
 *             fprintf(stderr, "%s\n", scl_error());
 *         return rc < 0;
 *     }
 *
 *     cc program.c $(pkg-config --cflags --static --libs scorecl)
 *
 * Each header says what its module is for, who owns what, and how it is used. Functions
 * return SCL_OK or a negative status, and scl_error() has the words (base/status.h).
 */
#ifndef SCL_SCORECL_H
#define SCL_SCORECL_H

#include "base/progress.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/stop.h"
#include "config/config.h"
#include "data/augment.h"
#include "data/configured.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "device/device.h"
#include "device/exec.h"
#include "device/store.h"
#include "eval/features.h"
#include "eval/knn.h"
#include "eval/linear.h"
#include "eval/retrieval.h"
#include "eval/supervised.h"
#include "eval/unlabelled.h"
#include "eval/verify.h"
#include "graph/evaluate.h"
#include "graph/graph.h"
#include "io/image.h"
#include "io/npy.h"
#include "io/safetensors.h"
#include "method/method.h"
#include "model/model.h"
#include "ops/ops.h"
#include "plan/plan.h"
#include "report/metrics.h"
#include "report/run.h"
#include "train/checkpoint.h"
#include "train/phase.h"
#include "train/train.h"

#endif
