/* test_run.c - run folders: what is made, who may use them, and when a run may go on. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "report/run.h"
#include "support/temp_folder.h"

static const struct scl_facts facts = { .platform = "Portable Computing Language",
                                        .vendor = "AuthenticAMD",
                                        .name = "pthread-haswell-AMD EPYC",
                                        .driver = "3.1",
                                        .version = "OpenCL 3.0 PoCL",
                                        .is_cpu = true,
                                        .compute_units = 2,
                                        .vector_width = 8 };

static struct scl_config config;
static struct scl_profile *profile;

static void setup(void)
{
    static const char text[] = "name: x\ndata: { kind: synthetic }\nmethod: { kind: simclr }\n"
                               "train: { batch: 8, epochs: 1 }\n";

    temp_folder_open();
    ck_assert_msg(scl_config_load_text(&config, "x.yaml", text, strlen(text), 0, NULL) == SCL_OK,
                  "%s", scl_error());
    snprintf(config.runs, sizeof config.runs, "%s", temp_path("runs"));
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
}

static void teardown(void)
{
    scl_profile_close(profile);
    temp_folder_close();
}

static int open_run(struct scl_run **run, bool may_exist)
{
    return scl_run_open(run, &config, &facts, profile, may_exist);
}

static void open_and_close(void)
{
    struct scl_run *run;

    ck_assert_msg(open_run(&run, true) == SCL_OK, "%s", scl_error());
    scl_run_close(run);
}

static void check_refused(int code, bool may_exist, const char *words)
{
    struct scl_run *run;
    char want[1024];

    snprintf(want, sizeof want, "%s: %s", temp_path("runs/x"), words);
    ck_assert_int_eq(open_run(&run, may_exist), code);
    ck_assert_str_eq(scl_error(), want);
    ck_assert_ptr_null(run);
}

static bool holds(const char *path, const char *words)
{
    size_t size;
    char *text = read_file(&size, path);
    const bool found = strstr(text, words);

    free(text);
    return found;
}

START_TEST(new_run_has_its_configuration_device_and_log)
{
    struct scl_run *run;
    struct scl_config kept;

    ck_assert_msg(open_run(&run, false) == SCL_OK, "%s", scl_error());
    ck_assert(!scl_run_is_resumed(run));
    ck_assert_str_eq(scl_run_folder(run), temp_path("runs/x"));
    ck_assert_int_eq(scl_path_kind(temp_path("runs/x/checkpoints")), SCL_PATH_FOLDER);
    ck_assert_int_eq(scl_config_load(&kept, temp_path("runs/x/config.yaml"), 0, NULL), SCL_OK);
    ck_assert_int_eq(scl_config_diff(&config, &kept, NULL, NULL), 0);
    ck_assert(holds(temp_path("runs/x/device.txt"), "\nkey       pocl:haswell-amd-epyc:2cu\n"));
    scl_run_set_quiet(run, true);
    ck_assert_int_eq(scl_run_log(run, "step %d", 7), SCL_OK);
    ck_assert(holds(temp_path("runs/x/log.txt"), "Z step 7\n"));
    scl_run_close(run);
}
END_TEST

START_TEST(folder_in_use_is_refused_with_the_process)
{
    struct scl_run *run;
    char words[64];

    ck_assert_int_eq(open_run(&run, false), SCL_OK);
    snprintf(words, sizeof words, "is in use by process %ld", (long)getpid());
    check_refused(SCL_USAGE, true, words);
    scl_run_close(run);
    open_and_close();
}
END_TEST

START_TEST(run_that_exists_goes_on_only_where_that_is_wanted)
{
    struct scl_run *run;

    open_and_close();
    check_refused(SCL_USAGE, false, "there is a run of this name already");
    ck_assert_int_eq(open_run(&run, true), SCL_OK);
    ck_assert(scl_run_is_resumed(run));
    scl_run_close(run);
}
END_TEST

START_TEST(other_configuration_is_refused_with_keys_and_values)
{
    open_and_close();
    config.seed = 2;
    config.optim.lr = 0.5;
    check_refused(SCL_CONFIG, true,
                  "cannot go on under another configuration: seed was 1 and is 2, optim.lr was "
                  "0.003 and is 0.5; give the run another name, or its own config.yaml");
}
END_TEST

START_TEST(more_differences_than_fit_are_counted)
{
    open_and_close();
    memset(config.data.root, 'r', sizeof config.data.root - 1);
    memset(config.score.checkpoint, 'c', sizeof config.score.checkpoint - 1);
    config.seed = config.data.seed = 99;
    config.augment.size = 64;
    config.augment.flip = config.augment.jitter = config.augment.hue = 0.25;
    config.head.hidden = config.head.out = config.encoder.width = 8;
    config.optim.beta1 = config.optim.beta2 = config.optim.eta = 0.125;
    config.train.batch = 4;
    config.train.epochs = 2;
    ck_assert_int_eq(open_run(&(struct scl_run *){ NULL }, true), SCL_CONFIG);
    ck_assert_ptr_nonnull(strstr(scl_error(), "seed was 1 and is 99, "));
    ck_assert_ptr_nonnull(strstr(scl_error(), " more; give the run another name"));
}
END_TEST

START_TEST(keys_that_change_no_bits_may_differ_and_are_kept)
{
    struct scl_config kept;

    open_and_close();
    strcpy(config.device, "another");
    config.memory_bytes = 1 << 30;
    config.data.threads = 7;
    config.data.cache_bytes = 9;
    config.train.log_every = 3;
    config.train.checkpoint_every = 4;
    config.train.keep = 5;
    config.eval.knn_every = 6;
    config.linear.lr = 7;
    config.finetune.epochs = 8;
    open_and_close();
    ck_assert_int_eq(scl_config_load(&kept, temp_path("runs/x/config.yaml"), 0, NULL), SCL_OK);
    ck_assert_int_eq(scl_config_diff(&config, &kept, NULL, NULL), 0);
}
END_TEST

START_TEST(folder_may_be_moved_and_renamed)
{
    open_and_close();
    ck_assert_int_eq(rename(temp_path("runs"), temp_path("moved")), 0);
    ck_assert_int_eq(rename(temp_path("moved/x"), temp_path("moved/y")), 0);
    snprintf(config.runs, sizeof config.runs, "%s", temp_path("moved"));
    strcpy(config.name, "y");
    open_and_close();
    ck_assert(holds(temp_path("moved/y/config.yaml"), "name: \"y\"\n"));
}
END_TEST

START_TEST(another_device_is_said_in_the_log)
{
    struct scl_facts other = facts;
    struct scl_run *run;

    open_and_close();
    ck_assert(!holds(temp_path("runs/x/log.txt"), "device"));
    strcpy(other.driver, "4.0");
    ck_assert_int_eq(scl_run_open(&run, &config, &other, profile, true), SCL_OK);
    scl_run_close(run);
    ck_assert(holds(temp_path("runs/x/log.txt"), "the device or its driver is another"));
    ck_assert(holds(temp_path("runs/x/device.txt"), "\ndriver    4.0\n"));
}
END_TEST

START_TEST(memory_that_is_free_makes_no_other_device)
{
    struct scl_facts other = facts;
    struct scl_run *run;

    other.global_bytes = other.max_alloc_bytes = 1 << 30;
    open_and_close();
    ck_assert_int_eq(scl_run_open(&run, &config, &other, profile, true), SCL_OK);
    scl_run_close(run);
    ck_assert(!holds(temp_path("runs/x/log.txt"), "device"));
    ck_assert(holds(temp_path("runs/x/device.txt"), "\nmemory    1073741824\n"));
}
END_TEST

START_TEST(folder_of_other_things_is_left_alone)
{
    write_file(temp_path("runs/x/thesis.txt"), "words", 5);
    check_refused(SCL_USAGE, true, "is no run folder: it has no config.yaml, but thesis.txt");
    ck_assert_int_eq(scl_path_kind(temp_path("runs/x/lock")), SCL_PATH_NONE);
}
END_TEST

START_TEST(run_that_got_no_further_than_its_lock_begins_anew)
{
    struct scl_run *run;

    write_file(temp_path("runs/x/lock"), "123\n", 4);
    write_file(temp_path("runs/x/config.yaml.tmp-123-0"), "na", 2);
    ck_assert_msg(open_run(&run, true) == SCL_OK, "%s", scl_error());
    ck_assert(!scl_run_is_resumed(run));
    scl_run_close(run);
}
END_TEST

START_TEST(what_a_killed_process_left_is_swept)
{
    char path[600];

    open_and_close();
    snprintf(
        path, sizeof path, "%s",
        temp_path("runs/x/checkpoints/encoder-00000008.safetensors.tmp-%ld-3", (long)getpid()));
    write_file(path, "half", 4);
    write_file(temp_path("runs/x/metrics.jsonl.tmp-%ld-2", (long)getpid()), "half", 4);
    open_and_close();
    ck_assert_int_eq(scl_path_kind(path), SCL_PATH_NONE);
    ck_assert_int_eq(scl_path_kind(temp_path("runs/x/metrics.jsonl.tmp-%ld-2", (long)getpid())),
                     SCL_PATH_NONE);
}
END_TEST

START_TEST(half_a_line_of_the_log_is_cut_off)
{
    static const char *const left[][2] = { { "a line\nhalf a l", "a line\n" },
                                           { "half a l", "" },
                                           { "a line\n", "a line\n" },
                                           { "", "" } };

    open_and_close();
    for (int i = 0; i < 4; i++) {
        size_t size;
        char *log;

        write_file(temp_path("runs/x/log.txt"), left[i][0], strlen(left[i][0]));
        open_and_close();
        log = read_file(&size, temp_path("runs/x/log.txt"));
        ck_assert_str_eq(log, left[i][1]);
        free(log);
    }
}
END_TEST

START_TEST(damaged_configuration_is_refused_by_line)
{
    char want[600];

    open_and_close();
    write_file(temp_path("runs/x/config.yaml"), "name: x\nbatch: 3\n", 17);
    ck_assert_int_eq(open_run(&(struct scl_run *){ NULL }, true), SCL_CONFIG);
    snprintf(want, sizeof want, "%s:2: ", temp_path("runs/x/config.yaml"));
    ck_assert_msg(strncmp(scl_error(), want, strlen(want)) == 0, "%s", scl_error());
}
END_TEST

START_TEST(place_that_cannot_be_written_is_named)
{
    write_file(temp_path("runs"), "a file", 6);
    ck_assert_int_eq(open_run(&(struct scl_run *){ NULL }, true), SCL_IO);
    ck_assert_msg(strncmp(scl_error(), temp_path("runs"), strlen(temp_path("runs"))) == 0, "%s",
                  scl_error());
}
END_TEST

START_TEST(line_that_does_not_fit_on_the_disk_leaves_the_log_whole)
{
    struct rlimit before, small;
    struct scl_run *run;
    char *log;
    size_t size;

    ck_assert_int_eq(open_run(&run, false), SCL_OK);
    scl_run_set_quiet(run, true);
    ck_assert_int_eq(scl_run_log(run, "first"), SCL_OK);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 40; /* the first line has 27 bytes */
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert_int_eq(scl_run_log(run, "a second line"), SCL_IO);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_ptr_nonnull(strstr(scl_error(), "runs/x/log.txt: cannot be written: "));
    log = read_file(&size, temp_path("runs/x/log.txt"));
    ck_assert_str_eq(log + 20, " first\n");
    free(log);
    ck_assert_int_eq(scl_run_log(run, "third"), SCL_OK);
    scl_run_close(run);
}
END_TEST

const char *const suite_name = "report/run";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, new_run_has_its_configuration_device_and_log);
    tcase_add_test(tc, folder_in_use_is_refused_with_the_process);
    tcase_add_test(tc, run_that_exists_goes_on_only_where_that_is_wanted);
    tcase_add_test(tc, other_configuration_is_refused_with_keys_and_values);
    tcase_add_test(tc, more_differences_than_fit_are_counted);
    tcase_add_test(tc, keys_that_change_no_bits_may_differ_and_are_kept);
    tcase_add_test(tc, folder_may_be_moved_and_renamed);
    tcase_add_test(tc, another_device_is_said_in_the_log);
    tcase_add_test(tc, memory_that_is_free_makes_no_other_device);
    tcase_add_test(tc, folder_of_other_things_is_left_alone);
    tcase_add_test(tc, run_that_got_no_further_than_its_lock_begins_anew);
    tcase_add_test(tc, what_a_killed_process_left_is_swept);
    tcase_add_test(tc, half_a_line_of_the_log_is_cut_off);
    tcase_add_test(tc, damaged_configuration_is_refused_by_line);
    tcase_add_test(tc, place_that_cannot_be_written_is_named);
    tcase_add_test(tc, line_that_does_not_fit_on_the_disk_leaves_the_log_whole);
}
