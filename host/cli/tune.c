/* tune.c - `scorecl tune`. */
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/tune_impl.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv, bool *started);
} parts[] = {
    { "list", scl_tune_list },
    { "export", scl_tune_export },
    { "import", scl_tune_import },
    { "diff", scl_tune_diff },
};

static int run(int argc, char **argv, bool *started)
{
    for (size_t i = 0; argc > 1 && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(argv[1], parts[i].name) == 0)
            return parts[i].run(argc - 1, argv + 1, started);
    if (argc > 1 && !strpbrk(argv[1], "-./") && scl_path_kind(argv[1]) == SCL_PATH_NONE)
        return scl_fail(SCL_USAGE, "tune: there is no '%s'; see scorecl tune --help", argv[1]);
    return scl_tune_search(argc, argv, started);
}

const struct scl_command scl_command_tune = {
    .name = "tune",
    .summary = "finds the fastest kernels for a run's layers on a device; shows what is known",
    .help =
        "usage: scorecl tune [OPTION...] CONFIG\n"
        "       scorecl tune list [--device KEY] [--all] [--json]\n"
        "       scorecl tune export [--device KEY]\n"
        "       scorecl tune import FILE\n"
        "       scorecl tune diff FILE FILE\n\n"
        "Tries candidates and parameters for the nodes of the run's training steps, each in a\n"
        "process of its own: built, checked against the reference, then timed. Time goes where\n"
        "most of the step is to be gained. What is found goes into the tuning database, which\n"
        "every run on the device uses; what was tried before is not tried again, so the same\n"
        "command goes on where a signal or the end of its time has stopped it.\n\n"
        "    --minutes M        how long to search, 10 where nothing is said; 0.5 is possible\n"
        "    --device KEY       which device (scorecl devices); the configuration's\n"
        "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n"
        "    --json             the table as JSON\n\n"
        "list shows the tuning database: for each device the best plan of each node that is\n"
        "known, its time, its largest error and its share of the device's peak; and how many\n"
        "plans were tried and have failed.\n\n"
        "export prints the decisions of this machine's devices, or of one, and what failed,\n"
        "a line each: to be passed on, or sent to the driver's vendor. import takes such a\n"
        "file, all of it or nothing; what was measured here stays. diff compares two of them,\n"
        "each of one device: before and after a driver's update, here and there.\n\n"
        "    --device KEY    only this device's (scorecl devices)\n"
        "    --all           also what lost, and what failed\n"
        "    --json          the same as one JSON object\n\n"
        "example: scorecl tune configs/bench/resnet18-simclr.yaml --minutes 5\n"
        "example: scorecl tune export --device pocl:skylake-avx512-amd-epyc:2cu >mine.txt\n"
        "example: scorecl tune import theirs.txt\n",
    .run = run,
};
