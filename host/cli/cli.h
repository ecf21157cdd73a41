/* cli.h - what a subcommand of `scorecl` is, and how it reads its options.
 *
 * A subcommand is one file with one `const struct scl_command`, listed in main.c. It prints
 * its answer to stdout and returns what came of it; main() prints the words of a failure, once,
 * and turns codes into exit codes.
 *
 *     static int run(int argc, char **argv, bool *started)
 *     {
 *         bool json = false;
 *         const char *device = "";
 *         const struct scl_option options[] = { { "json", .flag = &json },
 *                                               { "device", .text = &device },
 *                                               { 0 } };
 *         const int first = scl_options_read(argc, argv, options, 1, 1);
 *
 *         if (first < 0)
 *             return first;
 *         ... argv[first] is the one argument ...
 *     }
 */
#ifndef SCL_CLI_CLI_H
#define SCL_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

struct scl_command {
    const char *name, *summary; /* NULL: no list shows it */
    const char *help;           /* usage, options, and an example; ends with a newline */

    /* argv[0] is the command's name. Returns a negative status, or the exit code.
     * Sets *started once work has begun that a wrong command line, configuration
     * or input cannot explain any more: failures then exit with 1. */
    int (*run)(int argc, char **argv, bool *started);
};

// clang-format off
extern const struct scl_command scl_command_bench, scl_command_compile, scl_command_data,
                                scl_command_devices, scl_command_doctor, scl_command_eval,
                                scl_command_plan, scl_command_train, scl_command_tune,
                                scl_command_verify;
// clang-format on

enum { SCL_MAX_TEXTS = 64 };

/* What a repeated option has collected. */
struct scl_texts {
    int n;
    char *text[SCL_MAX_TEXTS];
};

/* One option, `--name`; exactly one of the pointers says where its value goes. A table
 * ends with a NULL name. */
struct scl_option {
    const char *name;
    bool *flag; /* takes no value */
    const char **text;
    uint64_t *number; /* 0 ... max */
    struct scl_texts *texts;
    uint64_t max; /* of number; 0: any */
};

/* Reads the options, moves the arguments behind them, and returns the index of the first
 * argument. Refused with SCL_USAGE: an option that is not in the table, a value that is
 * missing or no number, fewer than `min` or more than `max` arguments (max -1: any). */
int scl_options_read(int argc, char **argv, const struct scl_option option[], int min, int max);

/* The configuration of a command: the file, with what the options `--set` and `--device`
 * (NULL: not given) say instead. */
int scl_options_config(struct scl_config *out, const char *path, const struct scl_texts *set,
                       const char *device);

struct cJSON;

/* Prints the object, and frees it; NULL, or one that is not `whole`, means that memory was out
 * while it was made. */
int scl_json_print(struct cJSON *json, bool whole);

#endif
