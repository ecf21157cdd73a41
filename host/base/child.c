/* child.c - a fork, two pipes and a clock. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/stop.h"

enum { ANSWER, SAID, N_PIPE, MAX_BYTES = 1 << 20 };

#define LOOK_EVERY 0.1   /* seconds, for a signal that asks to stop */
#define LONGEST_LOOK 0.5 /* what is longer was a machine asleep, or processes stopped */

/* What a child that comes to its end puts behind its answer: without it, it crashed. */
struct trailer {
    char mark[8];
    int rc;
    char words[512];
};

static const char mark[8] = "SCLdone";

struct stream {
    char *bytes;
    size_t n;
};

/* Work that hangs is not to outlive a parent that was killed: nobody would end it. */
static void end_with(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(1);
}

static void be_child(pid_t parent, int fd[N_PIPE], int (*work)(FILE *answer, void *user),
                     void *user)
{
    const struct rlimit no_core = { 0, 0 };
    struct trailer trailer = { 0 };
    FILE *answer = fdopen(fd[ANSWER], "w");

    end_with(parent);
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(fd[SAID], STDOUT_FILENO);
    dup2(fd[SAID], STDERR_FILENO);
    if (!answer)
        _exit(1);
    memcpy(trailer.mark, mark, sizeof mark);
    trailer.rc = work(answer, user);
    if (trailer.rc < 0)
        snprintf(trailer.words, sizeof trailer.words, "%s", scl_error());
    fwrite(&trailer, sizeof trailer, 1, answer);
    fflush(answer);
    _exit(0); /* what libraries do at an exit is of no use here, and has hung */
}

/* Appends what can be read now; false at the end. */
static bool read_some(struct stream *s, int fd)
{
    char more[4096];
    const ssize_t n = read(fd, more, sizeof more);
    char *grown;

    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    if (s->n + (size_t)n > MAX_BYTES || !(grown = realloc(s->bytes, s->n + (size_t)n + 1)))
        return true; /* read on, so that the child does not wait */
    memcpy(grown + s->n, more, (size_t)n);
    s->bytes = grown;
    s->n += (size_t)n;
    grown[s->n] = '\0';
    return true;
}

/* Reads both until the answer ends; false when the time was over before, or a signal asked to
 * stop. What is said may stay open longer: a compiler that was started has it, too. */
static bool listen_to(struct stream stream[N_PIPE], const int fd[N_PIPE], double seconds)
{
    double last = scl_clock(), left = seconds;

    for (;;) {
        struct pollfd wait[N_PIPE] = { { .fd = fd[ANSWER], .events = POLLIN },
                                       { .fd = fd[SAID], .events = POLLIN } };
        const double now = scl_clock();

        left -= fmin(now - last, LONGEST_LOOK);
        last = now;
        if (left <= 0 || scl_stop_asked())
            return false;
        poll(wait, N_PIPE, (int)(fmin(left, LOOK_EVERY) * 1000) + 1);
        if (wait[SAID].revents)
            read_some(&stream[SAID], fd[SAID]);
        if (wait[ANSWER].revents && !read_some(&stream[ANSWER], fd[ANSWER]))
            break;
    }
    fcntl(fd[SAID], F_SETFL, O_NONBLOCK);
    while (read_some(&stream[SAID], fd[SAID]) && errno != EAGAIN)
        errno = 0;
    return true;
}

/* The last line that is not empty. */
static void keep_last_line(char *out, size_t size, const struct stream *s)
{
    size_t end = s->n, begin;

    while (end > 0 && strchr("\r\n ", s->bytes[end - 1]))
        end--;
    for (begin = end; begin > 0 && s->bytes[begin - 1] != '\n';)
        begin--;
    snprintf(out, size, "%.*s", (int)(end - begin), s->n ? s->bytes + begin : "");
}

static void take_answer(struct scl_child *out, struct stream *s, int status, double seconds)
{
    struct trailer trailer = { 0 };

    if (s->n >= sizeof trailer)
        memcpy(&trailer, s->bytes + s->n - sizeof trailer, sizeof trailer);
    if (memcmp(trailer.mark, mark, sizeof mark) == 0) {
        out->end = SCL_CHILD_DONE;
        out->rc = trailer.rc;
        memcpy(out->words, trailer.words, sizeof out->words);
        s->n -= sizeof trailer;
        s->bytes[s->n] = '\0';
    } else if (out->end == SCL_CHILD_HUNG) {
        snprintf(out->words, sizeof out->words, "hung for more than %.0f s", seconds);
    } else {
        out->end = SCL_CHILD_CRASHED;
        snprintf(out->words, sizeof out->words, "crashed (%s)",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "ended the process");
    }
    out->answer = s->bytes;
    out->size = s->n;
}

static int open_pipes(int from[N_PIPE], int to[N_PIPE])
{
    for (int i = 0; i < N_PIPE; i++) {
        int fd[2];

        if (pipe(fd) < 0)
            return scl_fail(SCL_IO, "a pipe to another process cannot be made: %s",
                            strerror(errno));
        from[i] = fd[0];
        to[i] = fd[1];
        fcntl(fd[0], F_SETFD, FD_CLOEXEC);
        fcntl(fd[1], F_SETFD, FD_CLOEXEC);
    }
    return SCL_OK;
}

static void close_all(int fd[N_PIPE])
{
    for (int i = 0; i < N_PIPE; i++) {
        if (fd[i] >= 0)
            close(fd[i]);
        fd[i] = -1;
    }
}

int scl_child_run(struct scl_child *out, double seconds, int (*work)(FILE *answer, void *user),
                  void *user)
{
    int from[N_PIPE] = { -1, -1 }, to[N_PIPE] = { -1, -1 }, status = 0, rc;
    struct stream stream[N_PIPE] = { { 0 } };
    const pid_t parent = getpid();
    pid_t child;

    *out = (struct scl_child){ 0 };
    SCL_TRY(open_pipes(from, to));
    fflush(NULL); /* what waits in a buffer would be written twice */
    if ((child = fork()) < 0) {
        rc = scl_fail(SCL_IO, "another process cannot be started: %s", strerror(errno));
        goto out;
    }
    if (child == 0)
        be_child(parent, to, work, user);
    close_all(to);
    if (!listen_to(stream, from, seconds)) {
        out->end = SCL_CHILD_HUNG;
        kill(child, SIGKILL);
        if (scl_stop_asked())
            rc = scl_fail(SCL_INTERRUPTED, "stopped while another process was at work");
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    keep_last_line(out->said, sizeof out->said, &stream[SAID]);
    take_answer(out, &stream[ANSWER], status, seconds);
    stream[ANSWER].bytes = NULL;
out:
    close_all(from);
    close_all(to);
    for (int i = 0; i < N_PIPE; i++)
        free(stream[i].bytes);
    return rc;
}

void scl_child_fini(struct scl_child *child)
{
    free(child->answer);
    *child = (struct scl_child){ 0 };
}
