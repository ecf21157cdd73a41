/* run.h - the folder of a run, RUNS/NAME: made, locked, and what is said of it.
 *
 *     config.yaml     every key, defaults included
 *     device.txt      the device that the run was last on, in the form of tests/devices
 *     plan.txt        the plans that ran
 *     tuning.txt      what they chose for each node (plan/plan.h): a resume chooses the same
 *     log.txt         what was said, with the time of day
 *     metrics.jsonl   what was measured (report/metrics.h)
 *     evaluations.jsonl  what `scorecl eval` found of it, an object a line
 *     checkpoints/    (train/checkpoint.h)
 *     lock            held while a process uses the folder
 *
 *     SCL_TRY(scl_run_open(&run, config, facts, profile, true));
 *     SCL_TRY(scl_run_log(run, "resumed at step %d", step));
 *     ...
 * out:
 *     scl_run_close(run);
 */
#ifndef SCL_REPORT_RUN_H
#define SCL_REPORT_RUN_H

#include <stdbool.h>

#include "backend/facts.h"
#include "backend/profile.h"
#include "backend/tuning.h"
#include "config/config.h"
#include "plan/plan.h"

struct scl_run;

/* Makes the folder, or, with `may_exist`, goes on with the one there is: its
 * configuration must then be the same but for keys that change no bit of the result
 * (scl_run_key_may_differ()), whose new values replace the old ones. A device other
 * than the one before, in more than its memory, is said in the log, no reason to refuse.
 *
 * Refused in one line: a folder that another process uses, by its process number; one
 * that is no run folder; the keys that differ, with both values. */
int scl_run_open(struct scl_run **out, const struct scl_config *config,
                 const struct scl_facts *facts, const struct scl_profile *profile, bool may_exist);
void scl_run_close(struct scl_run *run);

/* Whether the key says only where and how fast: name and runs (the folder may be
 * moved), device (it is compared itself), memory_bytes, data.threads, data.cache_bytes,
 * train.log_every, train.checkpoint_every, train.keep, and all of eval, linear and
 * finetune. */
bool scl_run_key_may_differ(const char *key);

/* Refuses keys that differ and may not; `source` is what has the configuration of before. */
int scl_run_check_config(const char *source, const struct scl_config *before,
                         const struct scl_config *now);

/* Whether it was there before. */
bool scl_run_is_resumed(const struct scl_run *run);

/* Its path; and the path of a file in it, yours to free (NULL, with words, without
 * memory). */
const char *scl_run_folder(const struct scl_run *run);
char *scl_run_path(const struct scl_run *run, const char *name);

/* Appends a line to log.txt and shows it on stderr, unless the run is quiet. */
int scl_run_log(struct scl_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
void scl_run_set_quiet(struct scl_run *run, bool quiet);

/* Writes tuning.txt, and plan.txt, each plan below its title. */
int scl_run_save_plans(struct scl_run *run, int n, const char *const title[],
                       const struct scl_plan *const plan[]);

/* What a run of this configuration that was interrupted chose, to be asked for before it is opened.
 * *out is `fresh` for a new run, and for one that was on another device; NULL for one from a time
 * when nothing was recorded; else *record, which is yours to close. SCL_CONFIG for a record that is
 * not whole. */
int scl_run_load_tuning(const struct scl_tuning **out, struct scl_tuning **record,
                        const struct scl_config *config, const struct scl_facts *facts,
                        const struct scl_profile *profile, const struct scl_tuning *fresh);

#endif
