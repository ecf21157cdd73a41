/* decision.h - how one plan fared for one node on one device: a line of the tuning database.
 *
 *     # device | driver | operator and shape | plan | class | ms | max error | share of peak | ...
 *     pocl:skylake-avx512:2cu | 3.1 | conv2d.fwd n256h32w32c64k64r3s3u1p1 | winograd4.vec MR=12 |
 *         f32 | 11.2 | 2.1e-5 | 1.74 | 9f31c0d2 | tuned | 0.1.0        (in the file: one line)
 *
 * Fields of a decision that are texts are borrowed; a list (scl_decisions) keeps copies of all
 * that it is given, in its arena.
 *
 *     struct scl_decisions list = { 0 };
 *
 *     SCL_TRY(scl_decisions_load(&list, path));
 *     SCL_TRY(scl_decisions_put(&list, &decision));
 *     SCL_TRY(scl_decisions_save(&list, path));
 * out:
 *     scl_decisions_fini(&list);
 */
#ifndef SCL_BACKEND_DECISION_H
#define SCL_BACKEND_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/facts.h"
#include "backend/profile.h"
#include "base/arena.h"

/* What came of trying the plan; in its text, all but SCL_TIMED stand in the place of the time. */
enum scl_verdict { SCL_TIMED, SCL_WRONG, SCL_CRASHED, SCL_HUNG, SCL_BUILD_ERROR, SCL_N_VERDICT };

/* Where the line is from. The last two stand only in the record of a run, which tells what was
 * chosen, and not what was measured. */
enum scl_origin {
    SCL_TUNED,    /* the best that was found for this node here */
    SCL_MEASURED, /* tried here, and not the best, or failed */
    SCL_IMPORTED, /* from elsewhere: the best, or failed, there */
    SCL_RELATIVE, /* "relative:KEY": the best of another device */
    SCL_DEFAULT,  /* the profile's */
    SCL_N_ORIGIN
};

struct scl_decision {
    const char *device, *driver; /* scl_device_key(), scl_driver_text() */
    const char *node;            /* scl_node_key() of graph/key.h */
    const char *plan;            /* "winograd4.vec MR=12 TILES=24"; without parameters: the
                                    candidate as the profile has it */
    const char *numeric;         /* "f32", "tf32" or "f16" */
    enum scl_verdict verdict;
    double ms;               /* where it is SCL_TIMED; negative: not known, as the next two */
    double max_error, share; /* against the reference; of the device's peak, 1 is all of it */
    const char *hash;        /* of the sources that it launches: scl_kernel_hash() */
    enum scl_origin origin;
    const char *from;    /* SCL_RELATIVE: the other device's key; NULL else */
    const char *version; /* of the program that wrote it: SCL_VERSION */
};

/* What is known of a device whose decisions stand in a list, so that others can tell how near a
 * relative it is: "#@ KEY | vendor | profile | cpu or gpu | bytes of local memory". */
struct scl_kin {
    const char *device, *vendor, *profile;
    bool is_cpu;
    size_t local_bytes;
};

/* Zero is an empty list. */
struct scl_decisions {
    struct scl_arena arena;
    struct scl_decision *decision; /* in the order of their coming */
    uint64_t *question;            /* of each, a hash of device, driver, node and class */
    int n, room;
    struct scl_kin *kin;
    int n_kin;
};

enum { SCL_DRIVER_BYTES = 128, SCL_PLAN_BYTES = 512, SCL_NODE_KEY_BYTES = 256 };

/* The driver's version for a line: without bars and control characters; "-" where it says none. */
const char *scl_driver_text(char out[SCL_DRIVER_BYTES], const struct scl_facts *facts);

/* "wrong", "crashed", "hung", "build-error"; "timed" of SCL_TIMED. */
const char *scl_verdict_text(enum scl_verdict verdict);
/* "tuned", "measured", "imported", "relative", "default". */
const char *scl_origin_text(enum scl_origin origin);

/* Whether it is what its device is to use, and not only what was tried. */
bool scl_decision_wins(const struct scl_decision *d);

/* Makes it SCL_IMPORTED; false for one that was only tried, which is of no use elsewhere. */
bool scl_decision_import(struct scl_decision *d);

/* Adds the decisions of a text, called `path` in errors: SCL_CONFIG with "path:line: what was
 * found, what was wanted" for a line that is none. Lines that begin with # but not with #@ are
 * skipped. `record`: the lines may be of a run's record. */
int scl_decisions_parse(struct scl_decisions *list, const char *path, const char *text,
                        bool record);

/* The same from a file; one that is not there is empty. */
int scl_decisions_load(struct scl_decisions *list, const char *path, bool record);

/* Adds copies. A decision takes the place of one of the same device, driver, node, plan and
 * class, and a SCL_TUNED one makes an earlier SCL_TUNED of its device, driver, node and class
 * SCL_MEASURED; that one, measured again, stays SCL_TUNED. A SCL_IMPORTED one takes the place of an
 * earlier SCL_IMPORTED that won there, and never of what was measured here. */
int scl_decisions_put(struct scl_decisions *list, const struct scl_decision *d);
int scl_decisions_put_kin(struct scl_decisions *list, const struct scl_kin *kin);

/* The line of the same device, driver, node, plan and class. NULL: there is none. */
const struct scl_decision *scl_decisions_find(const struct scl_decisions *list,
                                              const struct scl_decision *like);

/* NULL: nothing is known of the device. */
const struct scl_kin *scl_decisions_find_kin(const struct scl_decisions *list, const char *device);

/* The head, what is known of the devices, and a line each, by device, node, and best first. */
int scl_decisions_print(const struct scl_decisions *list, FILE *file);

/* Replaces the file by that, atomically. */
int scl_decisions_save(const struct scl_decisions *list, const char *path);

void scl_decisions_fini(struct scl_decisions *list);

#endif
