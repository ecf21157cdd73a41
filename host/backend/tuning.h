/* tuning.h - what is known of the fastest plans for a device: its own lines of the tuning database
 * (decision.h), imported ones, and those of its relatives.
 *
 * The database lies in $SCL_CONFIG_DIR/tuned, else $XDG_CONFIG_HOME/scorecl/tuned, else
 * ~/.config/scorecl/tuned, a file a device; an empty SCL_CONFIG_DIR turns it off. What the program
 * carries (backends/VENDOR/tuned/) counts as imported.
 *
 *     SCL_TRY(scl_tuning_open(&tuning, facts, profile));
 *     for (d = scl_tuning_find(tuning, node, NULL); d; d = scl_tuning_find(tuning, node, d))
 *         ... the best first: try d->plan ...
 *     if ((d = scl_tuning_tried(tuning, node, "direct.vec MR=6", "f32")) &&
 *         strcmp(d->hash, hash) == 0)
 *         ... it was measured already: d->verdict, d->ms ...
 *     SCL_TRY(scl_tuning_save(tuning, 1, &decision));
 * out:
 *     scl_tuning_close(tuning);
 *
 * Whoever uses a line compares its hash with that of the kernels as they are now: one that differs
 * is stale, and says nothing of them.
 */
#ifndef SCL_BACKEND_TUNING_H
#define SCL_BACKEND_TUNING_H

#include "backend/decision.h"

struct scl_tuning;

/* Reads the database. SCL_CONFIG, with file and line, when a file of it is bad. */
int scl_tuning_open(struct scl_tuning **out, const struct scl_facts *facts,
                    const struct scl_profile *profile);

/* The same from decisions that were read elsewhere; the list is taken, and left empty. */
int scl_tuning_new(struct scl_tuning **out, struct scl_decisions *list,
                   const struct scl_facts *facts, const struct scl_profile *profile);
void scl_tuning_close(struct scl_tuning *tuning);

/* The record of a run (scl_plan_record()), of which every line holds for its device, whatever the
 * driver; NULL when it is of another device. Refused as a database's file is. */
int scl_tuning_open_record(struct scl_tuning **out, const char *path, const struct scl_facts *facts,
                           const struct scl_profile *profile);
bool scl_tuning_is_record(const struct scl_tuning *tuning);

/* The key and the driver of its device, as they stand in lines. */
const char *scl_tuning_device(const struct scl_tuning *tuning);
const char *scl_tuning_driver(const struct scl_tuning *tuning);

/* The best plan for a node that is known, or, after one, the next: tuned here under this driver;
 * tuned under another or imported; of the nearest relative, and so on. NULL: no more. A plan that
 * has failed here under this driver is left out. Good until the next save. */
const struct scl_decision *scl_tuning_find(const struct scl_tuning *tuning, const char *node,
                                           const struct scl_decision *after);

/* What came of this very plan on this device under this driver. NULL: nothing is known, or only
 * that it was good elsewhere. */
const struct scl_decision *scl_tuning_tried(const struct scl_tuning *tuning, const char *node,
                                            const char *plan, const char *numeric);

/* Where a decision of scl_tuning_find() is from, for this device: SCL_TUNED, SCL_IMPORTED, or
 * SCL_RELATIVE, and then of which; of a record what it says. */
enum scl_origin scl_tuning_origin(const char **from, const struct scl_tuning *tuning,
                                  const struct scl_decision *d);

/* "tuned", "relative:KEY". */
enum { SCL_WHY_BYTES = SCL_KEY_BYTES + 16 };
const char *scl_why_text(char out[SCL_WHY_BYTES], enum scl_origin origin, const char *from);

/* Puts the lines (device, driver and version of which may be NULL: its own, and this program's)
 * into the user's database: what others have written meanwhile is kept, and a kill at any moment
 * leaves the file as it was or as it is to be. scl_decisions_put() says what they replace. */
int scl_tuning_save(struct scl_tuning *tuning, int n, const struct scl_decision d[]);

/* The same with lines of any devices, which are whole; what is known of the devices goes along. */
int scl_tuning_store(const struct scl_decisions *list);

/* Decisions that scl_tuning_find() can give, by where they are from; and the nearest relative. */
struct scl_tuning_count {
    int tuned, imported, relative;
    const char *nearest; /* NULL: there is no relative */
};
struct scl_tuning_count scl_tuning_count(const struct scl_tuning *tuning);

/* Adds what the user's database holds; what the program carries, as imported. */
int scl_tuning_load_user(struct scl_decisions *list);
int scl_tuning_load_shipped(struct scl_decisions *list);

/* Where the user's database lies; false when nowhere: SCL_CONFIG_DIR is empty, or HOME is not set.
 * And the file of a device in it, in letters that every file system takes. */
bool scl_tuning_folder(char *out, size_t size);
void scl_tuning_file_name(char *out, size_t size, const char *device);

#endif
