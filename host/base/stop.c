/* stop.c - one thread waits for the signals; they are blocked in all others. */
#include "base/stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/status.h"

static const int signals[] = { SIGINT, SIGTERM };

enum { N_SIGNALS = sizeof signals / sizeof *signals };

static atomic_bool asked;
static sigset_t waited_for;

/* The first signal asks; the second has its way. */
static void *wait_for_signals(void *unused)
{
    int number;

    for (;;) {
        if (sigwait(&waited_for, &number) != 0 || !atomic_exchange(&asked, true))
            continue;
        signal(number, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &waited_for, NULL);
        raise(number);
    }
    return unused;
}

static void choose_signals(void)
{
    sigemptyset(&waited_for);
    for (int i = 0; i < N_SIGNALS; i++) {
        struct sigaction before;

        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaddset(&waited_for, signals[i]);
    }
}

int scl_stop_install(void)
{
    static bool is_installed;
    pthread_t thread;

    atomic_store(&asked, false);
    if (is_installed)
        return SCL_OK;
    choose_signals();
    pthread_sigmask(SIG_BLOCK, &waited_for, NULL);
    if (pthread_create(&thread, NULL, wait_for_signals, NULL) != 0) {
        pthread_sigmask(SIG_UNBLOCK, &waited_for, NULL);
        return scl_fail(SCL_NOMEM, "the system gives no thread to wait for signals on");
    }
    pthread_detach(thread);
    is_installed = true;
    return SCL_OK;
}

bool scl_stop_asked(void)
{
    return atomic_load(&asked);
}
