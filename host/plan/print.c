/* print.c - the plan as a table for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "plan/plan.h"

static void print_groups(const struct scl_launch *l, FILE *file)
{
    char text[64];

    if (l->file)
        snprintf(text, sizeof text, "%zux%zux%zu", l->groups[0], l->groups[1], l->groups[2]);
    else if (l->fft.batch)
        snprintf(text, sizeof text, "%dx%dx%d", l->fft.height, l->fft.width, l->fft.batch);
    else
        snprintf(text, sizeof text, "%dx%dx%d", l->gemm.m, l->gemm.n, l->gemm.k);
    fprintf(file, " %-16s %4zu", text, l->items);
}

static void print_place(const struct scl_place *place, FILE *file)
{
    if (place->kind == SCL_IN_MODEL)
        fprintf(file, " %s", place->root->name);
    else
        fprintf(file, " %d:%zu", place->buffer, place->offset);
}

/* The widest reason for a choice. */
static int why_width(const struct scl_plan *plan)
{
    char why[SCL_WHY_BYTES];
    int width = 7;

    for (int s = 0; s < plan->n_step; s++) {
        const int n =
            (int)strlen(scl_why_text(why, plan->step[s].by->origin, plan->step[s].by->from));

        width = n > width ? n : width;
    }
    return width;
}

/* How many nodes have no launches of their own. */
static int count_absorbed(const struct scl_plan *plan)
{
    int n = 0;

    for (int s = 0; s < plan->n_step; s++)
        if (s == 0 || plan->step[s - 1].node != plan->step[s].node)
            for (const struct scl_absorbed *a = plan->step[s].absorbed; a; a = a->next)
                n++;
    return n;
}

void scl_plan_print(const struct scl_plan *plan, FILE *file)
{
    const int width = why_width(plan), n = count_absorbed(plan);

    fprintf(
        file,
        "# profile %s: %d launches, %d node%s fused into others, %.3f GFLOP, workspace %.1f MiB "
        "in %d buffer%s (%.1f MiB without sharing)\n",
        scl_profile_name(plan->profile), plan->n_step, n, n == 1 ? "" : "s", plan->flops * 1e-9,
        (double)scl_plan_bytes(plan) / 0x1p20, plan->n_buffer, plan->n_buffer == 1 ? "" : "s",
        (double)plan->value_bytes / 0x1p20);
    fprintf(file, "%5s %-44s %-18s %-*s %-24s %10s %-16s %4s %s\n", "#step", "node", "candidate",
            width, "why", "kernel", "MFLOP", "groups", "size",
            "result and inputs at buffer:byte, or state + node computed on the way");
    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_step *step = &plan->step[s];
        const struct scl_node *y = step->node;
        const bool again = s > 0 && plan->step[s - 1].node == y; /* its arithmetic stands above */
        const double flops = scl_node_flops(y);
        char why[SCL_WHY_BYTES];

        fprintf(file, "%5d %-44s %-18s %-*s %-24s %10.3f", s, y->name, step->by->candidate->name,
                width, scl_why_text(why, step->by->origin, step->by->from), step->launch->kernel,
                again ? 0.0 : flops * 1e-6);
        print_groups(step->launch, file);
        for (int a = 0; a < step->launch->n_arg; a++)
            if (step->launch->arg[a].kind <= SCL_ARG_SCRATCH)
                print_place(&step->place[a], file);
        for (const struct scl_absorbed *f = again ? NULL : step->absorbed; f; f = f->next)
            fprintf(file, " + %s", f->node->name);
        fputc('\n', file);
    }
}

void scl_plan_hash(char out[17], const struct scl_plan *plan)
{
    XXH64_hash_t hash = 0;

    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_launch *l = plan->step[s].launch;
        const size_t size[4] = { l->groups[0], l->groups[1], l->groups[2], l->items };

        hash = XXH3_64bits_withSeed(l->kernel, strlen(l->kernel), hash);
        hash = XXH3_64bits_withSeed(l->defines, strlen(l->defines), hash);
        hash = XXH3_64bits_withSeed(size, sizeof size, hash);
        hash = XXH3_64bits_withSeed(&l->gemm, sizeof l->gemm, hash);
        hash = XXH3_64bits_withSeed(&l->fft, sizeof l->fft, hash);
        for (int a = 0; a < l->n_arg; a++) {
            if (l->arg[a].kind == SCL_ARG_INT)
                hash = XXH3_64bits_withSeed(&l->arg[a].i, sizeof l->arg[a].i, hash);
            if (l->arg[a].kind == SCL_ARG_FLOAT)
                hash = XXH3_64bits_withSeed(&l->arg[a].f, sizeof l->arg[a].f, hash);
        }
    }
    snprintf(out, 17, "%016" PRIx64, (uint64_t)hash);
}
