/* test_compile.c - other processes compile into the cache, or fail to: what they do not bring is
 * compiled here. */
#include "device/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/status.h"
#include "device/device_impl.h"
#include "device/exec.h"
#include "ops/ops.h"
#include "support/op_check.h"
#include "support/temp_folder.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

enum { REQUEST_BYTES = 512 };

static struct scl_device *device; /* whose programs are not built yet */
static struct scl_graph *g;
static struct scl_plan *plan;
static char *cache_before;

/* relu(x) + x: two programs. */
static void setup(void)
{
    struct scl_node *x, *y;

    temp_folder_open();
    cache_before = getenv("SCL_CACHE_DIR") ? strdup(getenv("SCL_CACHE_DIR")) : NULL;
    setenv("SCL_CACHE_DIR", temp_path("."), 1);
    setenv("SCL_COMPILERS", "2", 1);
    MUST(scl_device_open(&device, "", 0));
    g = scl_graph_new();
    x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(3));
    y = scl_add(g, scl_relu(g, x), x);
    MUST(scl_plan_new(&plan, g,
                      &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                               .profile = scl_device_profile(device),
                                               .n_keep = 1,
                                               .keep = &y }));
    ck_assert_int_eq(plan->n_step, 2);
}

static void teardown(void)
{
    scl_plan_free(plan);
    scl_graph_free(g);
    scl_device_close(device);
    scl_compilers_set(NULL);
    unsetenv("SCL_COMPILERS");
    unsetenv("POCL_BINARY_SPECIALIZE_WG");
    if (cache_before)
        setenv("SCL_CACHE_DIR", cache_before, 1);
    else
        unsetenv("SCL_CACHE_DIR");
    free(cache_before);
    temp_folder_close();
}

static void count_program(void *user, int done, int of, const char *program)
{
    ck_assert_int_eq(done, *(int *)user);
    ck_assert_int_eq(of, 2);
    ck_assert_ptr_nonnull(program);
    ++*(int *)user;
}

/* Binds and runs the plan; returns how many programs were not in the cache. */
static int run_plan(void)
{
    const float values[3] = { -1, 0.5f, 3 };
    const struct scl_step *last = &plan->step[1];
    struct scl_exec *exec;
    float out[3];
    int n = 0;

    MUST(scl_exec_new(&exec, device, NULL, plan, count_program, &n));
    MUST(scl_exec_write(exec, plan->step[0].node->in[0], values, true));
    MUST(scl_exec_run(exec));
    MUST(scl_exec_read(exec, last->node, out));
    ck_assert(out[0] == -1 && out[1] == 1 && out[2] == 6);
    scl_exec_free(exec);
    return n;
}

static void print_request(FILE *file, const char *text)
{
    fprintf(file, "%-*s\n", REQUEST_BYTES - 1, text);
}

START_TEST(what_a_process_was_asked_to_compile_lies_in_the_cache)
{
    char key[SCL_KEY_BYTES], text[REQUEST_BYTES];
    FILE *file = fopen(temp_path("requests"), "w");

    print_request(file, "there/is/none 1 -DWG=1");
    print_request(file, "words of no form");
    for (int s = 0; s < 2; s++) {
        const struct scl_launch *l = plan->step[s].launch;

        snprintf(text, sizeof text, "%s %zu %s", l->file, l->items, l->defines);
        print_request(file, text);
    }
    fputs("half a request", file);
    fclose(file);
    ck_assert_ptr_nonnull(freopen(temp_path("requests"), "r", stdin));
    scl_device_key(key, sizeof key, scl_device_facts(device));
    MUST(scl_compile_requests(key));
    ck_assert_int_eq(run_plan(), 0);
}
END_TEST

/* A program that only writes down what it is asked. */
START_TEST(each_program_is_asked_for_once_and_compiled_here_where_it_does_not_come)
{
    const char *const path = temp_path("compiler");
    char script[1200], key[SCL_KEY_BYTES], wanted[REQUEST_BYTES];
    char *calls, *requests;
    size_t size;

    snprintf(script, sizeof script,
             "#!/bin/sh\necho \"$*\" >>%s\nwhile dd bs=512 count=1 2>/dev/null >%s-$$ && "
             "[ -s %s-$$ ]; do cat %s-$$ >>%s; done\n",
             temp_path("calls"), temp_path("one"), temp_path("one"), temp_path("one"),
             temp_path("requests"));
    write_file(path, script, strlen(script));
    ck_assert_int_eq(chmod(path, 0700), 0);
    scl_compilers_set(path);
    ck_assert_int_eq(run_plan(), 2);
    calls = read_file(&size, temp_path("calls"));
    scl_device_key(key, sizeof key, scl_device_facts(device));
    snprintf(script, sizeof script, "compile-kernels %s\ncompile-kernels %s\n", key, key);
    ck_assert_str_eq(calls, script);
    requests = read_file(&size, temp_path("requests"));
    ck_assert_uint_eq(size, 2 * REQUEST_BYTES);
    for (int s = 0; s < 2; s++) {
        const struct scl_launch *l = plan->step[s].launch;

        snprintf(wanted, sizeof wanted, "%s %zu %s", l->file, l->items, l->defines);
        ck_assert_msg(strstr(requests, wanted) != NULL, "%s", requests);
    }
    free(calls);
    free(requests);
}
END_TEST

static const char *const useless[] = { "/bin/false", "/nowhere/scorecl", "" };

START_TEST(compilers_that_fail_are_no_error)
{
    scl_compilers_set(useless[_i]);
    ck_assert_int_eq(run_plan(), 2);
}
END_TEST

START_TEST(none_are_started_where_none_are_wanted)
{
    const char *const path = temp_path("compiler"), *const none[] = { "0", "1", "-3", "many" };
    char script[600];

    snprintf(script, sizeof script, "#!/bin/sh\necho started >%s\n", temp_path("calls"));
    write_file(path, script, strlen(script));
    ck_assert_int_eq(chmod(path, 0700), 0);
    scl_compilers_set(path);
    setenv("SCL_COMPILERS", none[_i], 1);
    ck_assert_int_eq(run_plan(), 2);
    ck_assert_int_eq(scl_path_kind(temp_path("calls")), SCL_PATH_NONE);
}
END_TEST

const char *const suite_name = "device/compile";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, what_a_process_was_asked_to_compile_lies_in_the_cache);
    tcase_add_test(tc, each_program_is_asked_for_once_and_compiled_here_where_it_does_not_come);
    tcase_add_loop_test(tc, compilers_that_fail_are_no_error, 0, 3);
    tcase_add_loop_test(tc, none_are_started_where_none_are_wanted, 0, 4);
}
