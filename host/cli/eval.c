/* eval.c - `scorecl eval`: what an encoder's features are worth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/cli.h"
#include "cli/eval_impl.h"

/* In the order of use. */
static const struct scl_eval_kind *const kinds[] = {
    &scl_eval_knn, &scl_eval_linear, &scl_eval_finetune, &scl_eval_retrieval, &scl_eval_measures,
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

static int find_kind(const struct scl_eval_kind **out, const char *name)
{
    char words[128] = "";

    for (int i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            *out = kinds[i];
            return SCL_OK;
        }
        strcat(words, i == 0 ? "" : i < N_KINDS - 1 ? ", " : " or ");
        strcat(words, kinds[i]->name);
    }
    return scl_fail(SCL_USAGE, "eval: found '%s', wanted %s", name, words);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || (c && strcmp(word, c) == 0);
}

static int check(const struct scl_eval_request *r, const struct scl_eval_kind *kind)
{
    const char *const *protocols = kind->protocols;

    if (r->protocol && !protocols[0])
        return scl_fail(SCL_USAGE, "eval: --protocol: found '%s', and %s has but one", r->protocol,
                        kind->name);
    if (r->protocol && !is_one_of(r->protocol, protocols[0], protocols[1], NULL))
        return scl_fail(SCL_USAGE, "eval: --protocol: found '%s', wanted %s or %s", r->protocol,
                        protocols[0], protocols[1]);
    if (r->split && !is_one_of(r->split, "test", "validation", "train"))
        return scl_fail(SCL_USAGE, "eval: --split: found '%s', wanted test, validation or train",
                        r->split);
    if (r->labels && !kind->has_labels)
        return scl_fail(SCL_USAGE, "eval: --labels: found '%s', and %s takes all there are",
                        r->labels, kind->name);
    if (r->labels && !is_one_of(r->labels, "1", "10", "100"))
        return scl_fail(SCL_USAGE, "eval: --labels: found '%s', wanted 1, 10 or 100", r->labels);
    if (r->untrained + r->pixels + (r->checkpoint != NULL) > 1)
        return scl_fail(SCL_USAGE,
                        "eval: --untrained, --pixels and --checkpoint exclude each other");
    return SCL_OK;
}

static int run(int argc, char **argv, bool *started)
{
    struct scl_evaluation e = { 0 };
    struct scl_eval_request r = { 0 };
    struct scl_texts set = { 0 };
    const struct scl_option options[] = { { "protocol", .text = &r.protocol },
                                          { "labels", .text = &r.labels },
                                          { "split", .text = &r.split },
                                          { "checkpoint", .text = &r.checkpoint },
                                          { "untrained", .flag = &r.untrained },
                                          { "pixels", .flag = &r.pixels },
                                          { "json", .flag = &r.json },
                                          { "device", .text = &r.device },
                                          { "set", .texts = &set },
                                          { 0 } };
    const int first = scl_options_read(argc, argv, options, 2, 2);
    int rc;

    SCL_TRY(first);
    r.kind = argv[first];
    r.path = argv[first + 1];
    SCL_TRY(find_kind(&e.kind, r.kind));
    SCL_TRY(check(&r, e.kind));
    SCL_TRY(scl_evaluation_open(&e, &r, &set));
    *started = true;
    SCL_TRY(e.kind->run(&e));
    scl_device_cache_programs(e.device);
    rc = scl_evaluation_print(&e, r.json);
out:
    scl_evaluation_close(&e);
    return rc;
}

const struct scl_command scl_command_eval = {
    .name = "eval",
    .summary = "nearest neighbours, linear layers, retrieval; measures without labels",
    .help =
        "usage: scorecl eval knn|linear|finetune|retrieval|measures [OPTION...] RUN|CONFIG\n\n"
        "RUN is a run folder: its newest checkpoint is evaluated, and the answer is also a line\n"
        "of RUN/evaluations.jsonl. Images are not augmented, the encoder is in evaluation mode.\n\n"
        "    knn          the labels of test from the nearest images of train; where images have\n"
        "                 no labels, the measures\n"
        "    linear       the labels of test from a linear layer that is trained on train\n"
        "    finetune     the same, and the encoder is trained with it\n"
        "    retrieval    images of train by their likeness to those of test: recall, mean\n"
        "                 average precision\n"
        "    measures     without labels: spread (collapse), alignment, uniformity, effective "
        "rank\n\n"
        "    --protocol NAME    knn: ht, 5 nearest, Euclidean, a vote each; weighted, 200 "
        "nearest,\n"
        "                       cosine, votes exp(cos / 0.1); the configuration's eval.protocol.\n"
        "                       linear: ht, Adam on features; sl, SGD on random crops and flips;\n"
        "                       the configuration's linear.protocol\n"
        "    --labels PERCENT   finetune: 1, 10 (default) or 100 of each class\n"
        "    --split SPLIT      test (default), validation; measures also: train\n"
        "    --checkpoint FILE  this one\n"
        "    --untrained        the first weights, before any step\n"
        "    --pixels           pixels in place of features\n"
        "    --json             the answer and all it depends on, as one JSON object\n"
        "    --device KEY       which device (scorecl devices); the configuration's\n"
        "    --set KEY=VALUE    replaces one key of the configuration; may be repeated: another\n"
        "                       data set (data.kind, data.root), numbers of a protocol\n\n"
        "example: scorecl eval linear runs/quickstart-simclr\n",
    .run = run,
};
