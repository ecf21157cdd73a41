/* compile.c - processes that compile, and a parent that waits for them. */
#define _GNU_SOURCE /* CPU_COUNT */
#include "device/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "base/stop.h"
#include "device/device_impl.h"

enum { MAX_CHILDREN = 256, REQUEST_BYTES = 512 };

extern char **environ;

static const char *compiler;

void scl_compilers_set(const char *program)
{
    compiler = program;
}

/* False where it is too long. */
static bool print_request(char out[REQUEST_BYTES], const struct scl_launch *l)
{
    const int n = snprintf(out, REQUEST_BYTES, "%s %zu %s", l->file, l->items, l->defines);

    if (n < 0 || n >= REQUEST_BYTES)
        return false;
    memset(out + n, ' ', (size_t)(REQUEST_BYTES - 1 - n));
    out[REQUEST_BYTES - 1] = '\n';
    return true;
}

/* The options as they were: each has one blank behind it. */
static bool read_request(char file[REQUEST_BYTES], char defines[REQUEST_BYTES], size_t *items,
                         char text[REQUEST_BYTES])
{
    size_t end = REQUEST_BYTES - 1;
    int at = 0;

    text[end] = '\0';
    if (sscanf(text, "%511s %zu %n", file, items, &at) != 2)
        return false;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    text[end] = '\0';
    snprintf(defines, REQUEST_BYTES, "%s%s", text + at, text[at] ? " " : "");
    return true;
}

static void compile(struct scl_device *device, const char *file, const char *defines, size_t items)
{
    cl_program program;
    char form[64];

    /* PoCL keeps a form of each kernel for any size of group with a program; this one, for the
     * groups that will run, it would compile at the first launch. */
    snprintf(form, sizeof form, "%zu-1-1-goffs0-smallgrid", items);
    setenv("POCL_BINARY_SPECIALIZE_WG", form, 1);
    if (scl_program_find(&program, device, file, defines) == SCL_OK)
        scl_device_cache_programs(device);
    scl_programs_free(device); /* they borrow their names */
}

int scl_compile_requests(const char *key)
{
    char text[REQUEST_BYTES], file[REQUEST_BYTES], defines[REQUEST_BYTES];
    struct scl_device *device;
    size_t items;
    int rc;

    SCL_TRY(scl_device_open(&device, key, 0));
    while (read(STDIN_FILENO, text, REQUEST_BYTES) == REQUEST_BYTES)
        if (read_request(file, defines, &items, text))
            compile(device, file, defines, items);
    scl_device_close(device);
out:
    return rc;
}

/* How many at once. */
static int count_compilers(void)
{
    const char *const set = getenv("SCL_COMPILERS");
    cpu_set_t cores;
    int n = 1;

    if (!compiler)
        return 0;
    if (set && *set)
        n = atoi(set);
    else if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        n = CPU_COUNT(&cores);
    return n < 0 ? 0 : n > MAX_CHILDREN ? MAX_CHILDREN : n;
}

/* A pipe of requests, of which each child takes the next as a whole. */
struct crew {
    int pipe[2]; /* -1: none, or no more requests */
    pid_t pid[MAX_CHILDREN];
    int n;
};

/* Its words are nobody's: what it does not bring is compiled again, and then fails aloud. */
static bool start_child(struct crew *crew, const struct scl_device *device)
{
    char key[SCL_KEY_BYTES];
    char *argv[] = { "scorecl", "compile-kernels", key, NULL };
    posix_spawn_file_actions_t files;
    bool started;

    scl_device_key(key, sizeof key, &device->facts);
    if (posix_spawn_file_actions_init(&files) != 0)
        return false;
    started = posix_spawn_file_actions_adddup2(&files, crew->pipe[0], STDIN_FILENO) == 0;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        started =
            started && posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_WRONLY, 0) == 0;
    started =
        started && posix_spawn(&crew->pid[crew->n], compiler, &files, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    crew->n += started;
    return started;
}

static void end_requests(struct crew *crew)
{
    if (crew->pipe[1] >= 0)
        close(crew->pipe[1]);
    crew->pipe[1] = -1;
}

/* Writes requests from `next` on, as many as the pipe takes; after the last, says so. Returns the
 * next. */
static int feed(struct crew *crew, int next, int n, const struct scl_launch *const launch[])
{
    char text[REQUEST_BYTES];

    for (; next < n; next++)
        if (print_request(text, launch[next]) &&
            write(crew->pipe[1], text, sizeof text) != (ssize_t)sizeof text)
            return next;
    end_requests(crew);
    return next;
}

/* Whether children are still at work. */
static bool is_busy(struct crew *crew)
{
    for (int i = 0; i < crew->n; i++)
        if (waitpid(crew->pid[i], NULL, WNOHANG) != 0)
            crew->pid[i--] = crew->pid[--crew->n];
    return crew->n > 0;
}

static void dismiss(struct crew *crew)
{
    for (int i = 0; i < crew->n; i++) {
        kill(crew->pid[i], SIGKILL);
        while (waitpid(crew->pid[i], NULL, 0) < 0 && errno == EINTR)
            ;
    }
    end_requests(crew);
    if (crew->pipe[0] >= 0)
        close(crew->pipe[0]);
}

/* Calls progress for those that have come into the cache; returns how many there are. */
static int look(int done, struct scl_device *device, int n, const struct scl_launch *const launch[],
                bool seen[], const struct scl_compiling *to)
{
    for (int i = 0; i < n; i++) {
        if (seen[i] || !scl_program_is_cached(device, launch[i]->file, launch[i]->defines))
            continue;
        seen[i] = true;
        if (to->progress)
            to->progress(to->user, done, n, launch[i]->file);
        done++;
    }
    return done;
}

int scl_compile_all(struct scl_device *device, int n, const struct scl_launch *const launch[],
                    const struct scl_compiling *to)
{
    const struct timespec nap = { 0, 20000000 };
    const int most = count_compilers() < n ? count_compilers() : n;
    struct crew crew = { .pipe = { -1, -1 } };
    bool *seen = NULL, busy = true;
    int next = 0, done = 0;

    if (most < 2 || !(seen = calloc((size_t)n, sizeof *seen)) ||
        pipe2(crew.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        goto out;
    fcntl(crew.pipe[0], F_SETFL, 0); /* a child waits for its request */
    while (crew.n < most && start_child(&crew, device))
        ;
    while (busy && !scl_stop_asked()) {
        if (next < n)
            next = feed(&crew, next, n, launch);
        nanosleep(&nap, NULL);
        busy = is_busy(&crew);
        done = look(done, device, n, launch, seen, to);
    }
out:
    dismiss(&crew);
    free(seen);
    return done;
}
