/* stop.c - one flag, set by a handler that does nothing else. */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

static const int signals[] = { SIGINT, SIGTERM };

enum { N_SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t asked;

/* signal() is async-signal-safe; after it, any second signal ends the process. */
static void ask(int number)
{
    (void)number;
    asked = 1;
    for (int i = 0; i < N_SIGNALS; i++)
        signal(signals[i], SIG_DFL);
}

void scl_stop_install(void)
{
    struct sigaction action = { .sa_handler = ask, .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_SIGNALS; i++)
        sigaddset(&action.sa_mask, signals[i]);
    asked = 0;
    for (int i = 0; i < N_SIGNALS; i++) {
        struct sigaction before;

        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool scl_stop_asked(void)
{
    return asked;
}
