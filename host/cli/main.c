/* main.c - finds the subcommand, runs it, and says once what went wrong. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "cli/cli.h"
#include "device/compile.h"

/* In the order of use. */
static const struct scl_command *const commands[] = {
    &scl_command_devices, &scl_command_doctor,  &scl_command_verify, &scl_command_tune,
    &scl_command_bench,   &scl_command_plan,    &scl_command_data,   &scl_command_train,
    &scl_command_eval,    &scl_command_compile,
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void)
{
    printf("usage: scorecl COMMAND [OPTION...] [ARGUMENT...]\n\n"
           "Trains image encoders without labels on any OpenCL device.\n\n");
    for (int i = 0; i < N_COMMANDS; i++)
        if (commands[i]->summary)
            printf("    %-9s %s\n", commands[i]->name, commands[i]->summary);
    printf("\nscorecl COMMAND --help explains one command; scorecl --version names this one.\n\n"
           "exit codes: 0 done; 1 the run failed; 2 wrong usage, configuration or input;\n"
           "3 no usable device; 130 interrupted\n\n"
           "example: scorecl train configs/quickstart/simclr.yaml\n");
    return SCL_OK;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int run(int argc, char **argv, bool *started)
{
    if (argc < 2)
        return scl_fail(SCL_USAGE, "found no command, wanted one; see scorecl --help");
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], commands[i]->name) != 0)
            continue;
        if (!asks_for_help(argc - 1, argv + 1))
            return commands[i]->run(argc - 1, argv + 1, started);
        fputs(commands[i]->help, stdout);
        return SCL_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0) {
        printf("scorecl %s\n", SCL_VERSION);
        return SCL_OK;
    }
    return scl_fail(SCL_USAGE, "there is no command '%s'; see scorecl --help", argv[1]);
}

static int exit_code(int rc, bool started)
{
    switch (rc) {
    case SCL_INTERRUPTED:
        return 130;
    case SCL_NO_DEVICE:
        return 3;
    case SCL_USAGE:
    case SCL_CONFIG:
    case SCL_DATA:
    case SCL_IO:
    case SCL_SHAPE:
        return started ? 1 : 2;
    default:
        return 1;
    }
}

int main(int argc, char **argv)
{
    bool started = false;
    int rc;

    signal(SIGXFSZ, SIG_IGN); /* a write that is too large is to fail, not to kill */
    scl_compilers_set("/proc/self/exe");
    rc = run(argc, argv, &started);
    if ((fflush(stdout) != 0 || ferror(stdout)) && rc >= 0) {
        started = true;
        rc = scl_fail(SCL_IO, "the answer cannot be written to the standard output: %s",
                      strerror(errno));
    }
    if (rc >= 0)
        return rc;
    fprintf(stderr, "scorecl: %s\n", scl_error());
    return exit_code(rc, started);
}
