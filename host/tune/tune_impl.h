/* tune_impl.h - what the files of the search share. */
#ifndef SCL_TUNE_TUNE_IMPL_H
#define SCL_TUNE_TUNE_IMPL_H

#include "backend/tuning.h"
#include "graph/lower.h"
#include "train/phase.h"
#include "tune/space.h"
#include "tune/trial.h"
#include "tune/tune.h"

/* A plan must be so much faster to take another's place: less is noise. */
#define SCL_TUNE_GAIN 0.98

/* A plan for a task, and what came of it. */
struct scl_tried {
    const struct scl_candidate *candidate;
    const char *params, *plan; /* "MR=12", "winograd4.vec MR=12 NV=2 TILES=48" (space.h) */
    char compiled[17];         /* scl_plan_hash(): plans of one hash are the same */
    enum scl_verdict verdict;
    double ms, error;
};

/* Nodes of one key. */
struct scl_task {
    char key[SCL_NODE_KEY_BYTES];
    const struct scl_node *node, *small, *narrow; /* the first of them; the same with fewer images,
                                                   * and in a network with fewer channels */
    int n_node;
    double step_ms;              /* of all, in the steps with the profile's plans */
    double node_ms;              /* of one of them there; 0: not measured */
    double floor_ms;             /* the least that they can take */
    struct scl_subject *subject; /* NULL: not needed yet */
    float *sample;               /* of a plan that is right */
    size_t n_sample;
    struct scl_tried *tried;
    int n_tried, room;
    int usual, best;      /* in tried; -1: not known. usual: the profile's */
    int n_lost;           /* trials since the last that gained */
    double trial_seconds; /* of the last trial */
    bool is_done;
};

/* One graph of the run, at its own size and at small ones. */
struct scl_tuned_phase {
    struct scl_config config[3]; /* the run's, with fewer images, and with fewer channels */
    struct scl_phase_run run[3];
    int n_run;     /* of run[] that stand */
    double weight; /* steps of this phase in the run, to one step of the encoder */
    double *ms;    /* of each step of the plan; as scl_exec_profile() */
};

struct scl_tuner {
    const struct scl_tune_spec *spec;
    struct scl_facts facts;
    struct scl_profile *profile;
    struct scl_tuning *tuning;
    double gflops, copy_gbps; /* 0: not known */
    struct scl_extent images;
    struct scl_tuned_phase phase[2];
    int n_phase;
    struct scl_arena arena;
    struct scl_task *task;
    int n_task;
    double end; /* clock */
    int n_trial, n_known, n_failed;
    struct scl_tune_report *report;
};

/* The loosest class that the run's candidates may have. */
enum scl_class scl_tuner_class(const struct scl_tuner *t);

/* What is to be tried. */
struct scl_request {
    const struct scl_candidate *candidate;
    char params[SCL_PLAN_BYTES];
    char plan[SCL_PLAN_BYTES], compiled[17], sources[SCL_KERNEL_HASH_BYTES]; /* what follows */
};

/* look.c: facts and limits of the device; the time of each launch of a step. In other processes. */
int scl_tuner_look(struct scl_tuner *t);
int scl_tuner_profile(struct scl_tuner *t, struct scl_tuned_phase *phase);

/* tasks.c: graphs and plans of the run; its nodes by key, with their times. */
int scl_tuner_open_phases(struct scl_tuner *t);
void scl_tuner_close_phases(struct scl_tuner *t);
int scl_tuner_list_tasks(struct scl_tuner *t);

/* search.c: the next plan for a task that is worth a trial; 1, or 0 where there is none. */
int scl_tuner_next(struct scl_request *out, struct scl_tuner *t, struct scl_task *s);

/* Fills what follows of the request, and finds the plan of that hash among those that were tried,
 * of which the database may tell. NULL: it was not, or (*rc) it cannot be. */
const struct scl_tried *scl_tuner_find(int *rc, struct scl_request *r, struct scl_tuner *t,
                                       struct scl_task *s);

/* session.c: what a step takes with the profile's plans, or is to take with the best. */
double scl_tuner_step_seconds(const struct scl_tuner *t, bool is_tuned);

/* The best and the usual plan follow. */
int scl_tuner_push(struct scl_tuner *t, struct scl_task *s, const struct scl_request *r,
                   enum scl_verdict verdict, double ms, double error);

/* Trials until the time is over or nothing is left to be tried. */
int scl_tuner_search(struct scl_tuner *t);
void scl_tuner_close(struct scl_tuner *t);

/* report.c */
int scl_tuner_report(struct scl_tune_report *out, const struct scl_tuner *t);

#endif
