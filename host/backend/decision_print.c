/* decision_print.c - a list of decisions as text, the same bytes for the same lines. */
#include <stdlib.h>
#include <string.h>

#include "backend/decision.h"
#include "base/file.h"
#include "base/status.h"

static int by_device(const void *a, const void *b)
{
    const struct scl_kin *const *x = a, *const *y = b;

    return strcmp((*x)->device, (*y)->device);
}

/* Winners, then what was only tried, then what failed; the faster first. */
static int by_question(const void *a, const void *b)
{
    const struct scl_decision *const *px = a, *const *py = b;
    const struct scl_decision *x = *px, *y = *py;
    int order;

    if ((order = strcmp(x->device, y->device)) || (order = strcmp(x->node, y->node)) ||
        (order = strcmp(x->numeric, y->numeric)) || (order = strcmp(x->driver, y->driver)))
        return order;
    if ((order = scl_decision_wins(y) - scl_decision_wins(x)) ||
        (order = (int)x->verdict - (int)y->verdict) || (order = (x->ms > y->ms) - (x->ms < y->ms)))
        return order;
    return strcmp(x->plan, y->plan);
}

static void print_number(FILE *file, const char *format, double value)
{
    fputs(" | ", file);
    if (value < 0)
        fputc('-', file);
    else
        fprintf(file, format, value);
}

static void print_line(const struct scl_decision *d, FILE *file)
{
    fprintf(file, "%s | %s | %s | %s | %s", d->device, d->driver, d->node, d->plan, d->numeric);
    if (d->verdict == SCL_TIMED)
        print_number(file, "%.5g", d->ms);
    else
        fprintf(file, " | %s", scl_verdict_text(d->verdict));
    print_number(file, "%.2g", d->max_error);
    print_number(file, "%.3g", d->share);
    fprintf(file, " | %s | %s%s%s | %s\n", d->hash, scl_origin_text(d->origin), d->from ? ":" : "",
            d->from ? d->from : "", d->version);
}

int scl_decisions_print(const struct scl_decisions *list, FILE *file)
{
    const size_t n = (size_t)list->n, n_kin = (size_t)list->n_kin;
    const struct scl_decision **line = malloc((n + 1) * sizeof *line);
    const struct scl_kin **kin = malloc((n_kin + 1) * sizeof *kin);
    int rc = SCL_OK;

    if (!line || !kin) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %zu decisions", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        line[i] = &list->decision[i];
    for (size_t i = 0; i < n_kin; i++)
        kin[i] = &list->kin[i];
    qsort(line, n, sizeof *line, by_question);
    qsort(kin, n_kin, sizeof *kin, by_device);
    fputs("# device | driver | operator and shape | plan | class | ms | max error | share of peak "
          "| kernel hash | source | tool version\n",
          file);
    for (size_t i = 0; i < n_kin; i++)
        fprintf(file, "#@ %s | %s | %s | %s | %zu\n", kin[i]->device, kin[i]->vendor,
                kin[i]->profile, kin[i]->is_cpu ? "cpu" : "gpu", kin[i]->local_bytes);
    for (size_t i = 0; i < n; i++)
        print_line(line[i], file);
out:
    free(kin);
    free(line);
    return rc;
}

int scl_decisions_save(const struct scl_decisions *list, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    int rc;

    if (!file)
        return scl_fail(SCL_NOMEM, "%s: out of memory for %d decisions", path, list->n);
    rc = scl_decisions_print(list, file);
    if (fclose(file) != 0 && rc == SCL_OK)
        rc = scl_fail(SCL_NOMEM, "%s: out of memory for %d decisions", path, list->n);
    if (rc == SCL_OK)
        rc = scl_file_write(path, text, size);
    free(text);
    return rc;
}
