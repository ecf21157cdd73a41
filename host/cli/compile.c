/* compile.c - `scorecl compile-kernels`: what this program starts itself as, to compile in several
 * processes at once (device/compile.h). No list of commands shows it. */
#include "device/compile.h"

#include "base/status.h"
#include "cli/cli.h"

static int run(int argc, char **argv, bool *started)
{
    const struct scl_option options[] = { { 0 } };
    const int first = scl_options_read(argc, argv, options, 1, 1);

    if (first < 0)
        return first;
    *started = true;
    return scl_compile_requests(argv[first]);
}

const struct scl_command scl_command_compile = {
    .name = "compile-kernels",
    .help = "usage: scorecl compile-kernels KEY\n\n"
            "Compiles kernels into the cache for the device of this key. Other commands start it\n"
            "for what they lack, one for each core: each reads requests from one pipe, FILE ITEMS\n"
            "OPTIONS in 512 bytes.\n\n"
            "example: printf '%-511s\\n' 'relu 1 -DSPAN=4096' | scorecl compile-kernels KEY\n",
    .run = run,
};
