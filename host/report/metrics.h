/* metrics.h - what a run measures, one JSON object a line: metrics.jsonl.
 *
 *     {"format":"scorecl-metrics/1","fields":{"phase":"","step":"","loss":"","seconds":"s"}}
 *     {"phase":"encoder","step":10,"loss":5.12,"seconds":3.5}
 *
 * The first line names the fields and their units. A run that is resumed from step s cuts
 * off what was written after it, so that its file is, but for times, the one that an
 * uninterrupted run writes.
 *
 *     const struct scl_field fields[] = { { "loss", "" }, { "seconds", "s" }, { 0 } };
 *
 *     SCL_TRY(scl_metrics_open(&metrics, path, fields, "encoder", 500));
 *     SCL_TRY(scl_metrics_push(metrics, "encoder", 510, 2,
 *                              (struct scl_metric[]){ { "loss", loss }, { "seconds", t } }));
 *     scl_metrics_close(metrics);
 */
#ifndef SCL_REPORT_METRICS_H
#define SCL_REPORT_METRICS_H

struct scl_metrics;

struct scl_field {
    const char *name, *unit; /* "" for a number without one */
};

/* A value that is not finite becomes null. */
struct scl_metric {
    const char *name;
    double value;
};

/* `field` ends with a NULL name; phase and step are always there. Goes on behind
 * `step` of `phase`: cuts off at the first line of that phase with a later step, at
 * the first line of another phase behind lines of this one, and at a line that is not
 * whole. A NULL phase begins anew. */
int scl_metrics_open(struct scl_metrics **out, const char *path, const struct scl_field field[],
                     const char *phase, int step);
void scl_metrics_close(struct scl_metrics *metrics);

/* Appends one line. Every name is one of the fields. On failure (a full disk) the file ends
 * with the line before. */
int scl_metrics_push(struct scl_metrics *metrics, const char *phase, int step, int n,
                     const struct scl_metric metric[]);

/* Waits until every line is on the disk: what a checkpoint stands for must not be lost when the
 * checkpoint is not. */
int scl_metrics_flush(struct scl_metrics *metrics);

#endif
