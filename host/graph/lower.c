/* lower.c - building the list of launches. */
#include "graph/lower.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/profile.h"
#include "base/status.h"

/* The kernel that was asked of first. */
static const char *main_kernel(const struct scl_lowering *l)
{
    const struct scl_asked *asked = l->asked;

    while (asked && asked->next)
        asked = asked->next;
    return asked ? asked->kernel : NULL;
}

/* Whether the list "MR=4 elementwise.vec:SPAN=512" has the parameter. */
static bool find_param(int *out, const struct scl_lowering *l, const char *kernel,
                       const char *param)
{
    const char *const first = main_kernel(l);
    const size_t n = strlen(kernel), n_param = strlen(param);

    for (const char *at = l->params; at && *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        const char *name = at;

        if (strncmp(at, kernel, n) == 0 && at[n] == ':')
            name += n + 1;
        else if (first && strcmp(kernel, first) != 0)
            continue;
        if (strncmp(name, param, n_param) != 0 || name[n_param] != '=')
            continue;
        *out = (int)strtol(name + n_param + 1, NULL, 10);
        return true;
    }
    return false;
}

static void note_asked(struct scl_lowering *l, const char *kernel, const char *param, int value)
{
    struct scl_asked *asked;

    for (asked = l->asked; asked; asked = asked->next)
        if (strcmp(asked->kernel, kernel) == 0 && strcmp(asked->param, param) == 0)
            return;
    if (!(asked = scl_arena_alloc(l->arena, sizeof *asked))) {
        l->rc = SCL_NOMEM;
        return;
    }
    *asked = (struct scl_asked){ scl_arena_text(l->arena, "%s", kernel),
                                 scl_arena_text(l->arena, "%s", param), value, l->asked };
    if (!asked->kernel || !asked->param) {
        l->rc = SCL_NOMEM;
        return;
    }
    l->asked = asked;
}

int scl_lower_param(struct scl_lowering *l, const char *kernel, const char *param)
{
    int value = 1, rc = SCL_OK;

    if (!find_param(&value, l, kernel, param))
        rc = scl_profile_get(&value, l->profile, kernel, param);
    if (rc < 0 && l->rc == SCL_OK)
        l->rc = rc;
    note_asked(l, kernel, param, value);
    return value;
}

const struct scl_absorbed *scl_lower_absorbed(const struct scl_lowering *l,
                                              const struct scl_node *node)
{
    const struct scl_absorbed *a = l->absorbed;

    while (a && a->node != node)
        a = a->next;
    return a;
}

void scl_lower_begin(struct scl_lowering *l, const char *file, const char *kernel)
{
    struct scl_launch *launch = scl_arena_alloc(l->arena, sizeof *launch);

    if (!launch) {
        l->rc = SCL_NOMEM;
        return;
    }
    launch->file = file;
    launch->kernel = kernel;
    launch->defines = "";
    launch->items = launch->groups[0] = launch->groups[1] = launch->groups[2] = 1;
    if (l->last)
        l->last->next = launch;
    else
        l->first = launch;
    l->last = launch;
}

void scl_lower_define(struct scl_lowering *l, const char *name, int value)
{
    const char *text;

    if (l->rc < 0)
        return;
    text = scl_arena_text(l->arena, "%s-D%s=%d ", l->last->defines, name, value);
    if (text)
        l->last->defines = text;
    else
        l->rc = SCL_NOMEM;
}

static void push(struct scl_lowering *l, struct scl_arg arg)
{
    if (l->rc < 0)
        return;
    assert(l->last->n_arg < SCL_MAX_ARG);
    l->last->arg[l->last->n_arg++] = arg;
}

void scl_lower_value(struct scl_lowering *l, const struct scl_node *node)
{
    push(l, (struct scl_arg){ .kind = SCL_ARG_VALUE, .value = node });
}

void scl_lower_part(struct scl_lowering *l, const struct scl_node *node, size_t first, size_t count)
{
    assert(first % scl_lower_align(l) == 0);
    push(l,
         (struct scl_arg){ .kind = SCL_ARG_VALUE, .value = node, .first = first, .count = count });
}

size_t scl_lower_align(const struct scl_lowering *l)
{
    return scl_facts_align(l->facts) / sizeof(float);
}

void scl_lower_int(struct scl_lowering *l, int value)
{
    push(l, (struct scl_arg){ .kind = SCL_ARG_INT, .i = value });
}

void scl_lower_ints(struct scl_lowering *l, const int value[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        scl_lower_int(l, value[i]);
}

void scl_lower_float(struct scl_lowering *l, float value)
{
    push(l, (struct scl_arg){ .kind = SCL_ARG_FLOAT, .f = value });
}

int scl_lower_scratch(struct scl_lowering *l, size_t bytes)
{
    const int n = l->n_scratch;
    size_t *grown = scl_arena_alloc(l->arena, (size_t)(n + 1) * sizeof *grown);

    if (!grown) {
        l->rc = SCL_NOMEM;
        return 0;
    }
    for (int i = 0; i < n; i++)
        grown[i] = l->scratch[i];
    grown[n] = bytes;
    l->scratch = grown;
    return l->n_scratch++;
}

void scl_lower_use(struct scl_lowering *l, int scratch)
{
    push(l, (struct scl_arg){ .kind = SCL_ARG_SCRATCH, .scratch = scratch });
}

void scl_lower_groups(struct scl_lowering *l, size_t x, size_t y, size_t z, size_t items)
{
    if (l->rc < 0)
        return;
    l->last->groups[0] = x;
    l->last->groups[1] = y;
    l->last->groups[2] = z;
    l->last->items = items;
}

void scl_lower_slices(struct scl_lowering *l, size_t slices)
{
    if (l->rc == SCL_OK)
        l->last->slices = slices < l->last->groups[1] ? slices : l->last->groups[1];
}

void scl_lower_gemm(struct scl_lowering *l, struct scl_gemm gemm)
{
    scl_lower_begin(l, NULL, "gemm");
    if (l->rc == SCL_OK)
        l->last->gemm = gemm;
}

void scl_lower_fft(struct scl_lowering *l, struct scl_fft fft)
{
    scl_lower_begin(l, NULL, fft.inverse ? "ifft" : "fft");
    if (l->rc == SCL_OK)
        l->last->fft = fft;
}

int scl_lower_end(struct scl_lowering *l)
{
    return l->rc;
}

static bool is_usual(const struct scl_lowering *l, const struct scl_asked *a)
{
    int usual;

    return scl_profile_get(&usual, l->profile, a->kernel, a->param) == SCL_OK && usual == a->value;
}

/* Appends what was asked, the first of it first; false without room. */
static bool append_params(char *out, size_t size, const struct scl_lowering *l,
                          const struct scl_asked *a, bool all)
{
    bool is_main;
    size_t used;
    int n;

    if (!a)
        return true;
    if (!append_params(out, size, l, a->next, all))
        return false;
    is_main = strcmp(a->kernel, main_kernel(l)) == 0;
    if (a->value < 1 || (!is_main && !all && is_usual(l, a)))
        return true;
    used = strlen(out);
    n = snprintf(out + used, size - used, " %s%s%s=%d", is_main ? "" : a->kernel,
                 is_main ? "" : ":", a->param, a->value);
    return (size_t)n < size - used;
}

void scl_lower_plan_text(char *out, size_t size, const char *candidate,
                         const struct scl_lowering *l, bool all)
{
    snprintf(out, size, "%s", candidate);
    if (!append_params(out, size, l, l->asked, all))
        snprintf(out, size, "%s", candidate);
}

/* Whether "KERNEL:PARAM=" or, of the main kernel, "PARAM=" begins the text. */
static bool is_named(const char *text, const struct scl_asked *a, const char *main)
{
    const size_t kernel = strlen(a->kernel), param = strlen(a->param);

    if (strncmp(text, a->kernel, kernel) == 0 && text[kernel] == ':')
        text += kernel + 1;
    else if (strcmp(a->kernel, main) != 0)
        return false;
    return strncmp(text, a->param, param) == 0 && text[param] == '=';
}

bool scl_lower_knows_params(const struct scl_lowering *l)
{
    for (const char *at = l->params; at && *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        const struct scl_asked *a = l->asked;

        while (a && !is_named(at, a, main_kernel(l)))
            a = a->next;
        if (!a)
            return false;
    }
    return true;
}
