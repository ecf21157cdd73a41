/* train.c - `scorecl train`. */
#include "train/train.h"

#include "base/status.h"
#include "cli/cli.h"

static int run(int argc, char **argv, bool *started)
{
    struct scl_config config;
    struct scl_texts set = { 0 };
    const char *device = NULL;
    const struct scl_option options[] = { { "device", .text = &device },
                                          { "set", .texts = &set },
                                          { 0 } };
    int rc, first;

    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    SCL_TRY(scl_options_config(&config, argv[first], &set, device));
    rc = scl_train(&config, started);
out:
    return rc;
}

const struct scl_command scl_command_train = {
    .name = "train",
    .summary = "trains what a configuration names; goes on if the run exists",
    .help = "usage: scorecl train [OPTION...] CONFIG\n\n"
            "Trains the score network where the pair weights need one, then the encoder. All\n"
            "there is to keep goes to the run folder, RUNS/NAME. If it exists, the run goes on\n"
            "from its last checkpoint. Ctrl-C finishes the step and saves; the same command\n"
            "then goes on.\n\n"
            "    --device KEY       which device (scorecl devices); the configuration's\n"
            "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n\n"
            "example: scorecl train configs/quickstart/simclr.yaml --set optim.lr=1e-3\n",
    .run = run,
};
