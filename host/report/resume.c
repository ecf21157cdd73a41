/* resume.c - which keys of a run may change while it is interrupted. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "report/run.h"

/* Where it lies, how fast it is, how often it says so: none changes a bit of the result. */
static const char *const free_keys[] = {
    "name",
    "runs",
    "device",
    "memory_bytes",
    "data.threads",
    "data.cache_bytes",
    "train.log_every",
    "train.checkpoint_every",
    "train.keep",
    NULL,
};

/* Of what comes after the training, or beside it. */
static const char *const free_groups[] = { "eval.", "linear.", "finetune.", NULL };

bool scl_run_key_may_differ(const char *key)
{
    for (int i = 0; free_keys[i]; i++)
        if (strcmp(key, free_keys[i]) == 0)
            return true;
    for (int i = 0; free_groups[i]; i++)
        if (strncmp(key, free_groups[i], strlen(free_groups[i])) == 0)
            return true;
    return false;
}

struct differences {
    char text[640];
    int n, n_left_out;
};

static void note(void *user, const char *key, const char *before, const char *now)
{
    struct differences *d = user;
    const size_t used = strlen(d->text);
    char one[320];

    if (scl_run_key_may_differ(key))
        return;
    d->n++;
    snprintf(one, sizeof one, "%s%s was %.100s and is %.100s", used ? ", " : "", key, before, now);
    if (used + strlen(one) < sizeof d->text)
        strcat(d->text, one);
    else
        d->n_left_out++;
}

int scl_run_check_config(const char *source, const struct scl_config *before,
                         const struct scl_config *now)
{
    struct differences d = { .n = 0 };
    char more[32] = "";
    const int rc = scl_config_diff(before, now, note, &d);

    if (rc < 0 || d.n == 0)
        return rc < 0 ? rc : SCL_OK;
    if (d.n_left_out)
        snprintf(more, sizeof more, " and %d more", d.n_left_out);
    return scl_fail(SCL_CONFIG,
                    "%s: cannot go on under another configuration: %s%s; give the run another "
                    "name, or its own config.yaml",
                    source, d.text, more);
}
