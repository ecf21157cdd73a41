/* test_profile.c - devices get their profiles, and broken profiles are named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/facts_file.h"
#include "backend/profile.h"
#include "backend/profile_impl.h"
#include "base/file.h"
#include "base/status.h"

/* A folder with backends/generic/generic.yaml and backends/x/x.yaml of the test's own. */
static char folder[64];

static const char *const root_text = "name: generic\nbuild_options: \"-cl-std=CL1.2\"\n"
                                     "families: tile vec\nkernels:\n  relu: { WG: 64, SPAN: 4 }\n";

static void put(const char *path, const char *text)
{
    char full[256];
    char *slash;

    snprintf(full, sizeof full, "%s/%s", folder, path);
    slash = strrchr(full, '/');
    *slash = '\0';
    ck_assert_int_eq(scl_folder_make(full), SCL_OK);
    *slash = '/';
    ck_assert_int_eq(scl_file_write(full, text, strlen(text)), SCL_OK);
}

static void setup(void)
{
    strcpy(folder, "/tmp/scl_profile_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    unsetenv("SCL_SOURCE_DIR");
}

static void teardown(void)
{
    static const char *const made[] = { "backends/generic/generic.yaml",
                                        "backends/x/x.yaml",
                                        "backends/generic",
                                        "backends/x",
                                        "backends",
                                        "" };
    char full[256];

    unsetenv("SCL_SOURCE_DIR");
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(full, sizeof full, "%s/%s", folder, made[i]);
        remove(full);
    }
}

static void use_own(const char *x_text)
{
    put("backends/generic/generic.yaml", root_text);
    put("backends/x/x.yaml", x_text);
    setenv("SCL_SOURCE_DIR", folder, 1);
}

/* The rest of the line of `text` that begins with `key`. */
static void read_fact(char *out, size_t size, const char *text, const char *key)
{
    const char *line = text;

    while (strncmp(line, key, strlen(key)) != 0 || line[strlen(key)] != ' ') {
        line = strchr(line, '\n');
        ck_assert_msg(line && *++line, "no line \"%s\" in\n%s", key, text);
    }
    line += strlen(key);
    line += strspn(line, " ");
    snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static void check_recorded(const char *file, const char *path, const char *text)
{
    struct scl_facts facts;
    struct scl_profile *profile = NULL;
    char want[256], key[256];

    ck_assert_msg(scl_facts_load(&facts, path) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    read_fact(want, sizeof want, text, "profile");
    ck_assert_msg(strcmp(scl_profile_name(profile), want) == 0, "%s: %s", file,
                  scl_profile_name(profile));
    read_fact(want, sizeof want, text, "families");
    ck_assert_str_eq(scl_profile_families(profile), want);
    read_fact(want, sizeof want, text, "key");
    scl_device_key(key, sizeof key, &facts);
    ck_assert_str_eq(key, want);
    scl_profile_close(profile);
}

START_TEST(recorded_devices_get_their_profiles_and_keys)
{
    struct scl_folder devices = { 0 };
    int n = 0;

    ck_assert_int_eq(scl_folder_load(&devices, "tests/devices"), SCL_OK);
    for (size_t i = 0; i < devices.n; i++) {
        const char *name = devices.entry[i].name;
        char *path = scl_path_join("tests/devices", name), *text;
        size_t size;

        if (strstr(name, ".txt")) {
            ck_assert_int_eq(scl_file_read(&text, &size, path, 4096), SCL_OK);
            check_recorded(name, path, text);
            free(text);
            n++;
        }
        free(path);
    }
    ck_assert_int_gt(n, 0);
    scl_folder_fini(&devices);
}
END_TEST

START_TEST(a_parameter_comes_from_the_nearest_ancestor)
{
    struct scl_profile *profile = NULL;
    int value;

    use_own("name: x\ninherits: generic\nkernels: { relu: { WG: 128 } }\n");
    ck_assert_int_eq(scl_profile_open_named(&profile, "x"), SCL_OK);
    ck_assert_int_eq(scl_profile_get(&value, profile, "relu", "WG"), SCL_OK);
    ck_assert_int_eq(value, 128);
    ck_assert_int_eq(scl_profile_get(&value, profile, "relu", "SPAN"), SCL_OK);
    ck_assert_int_eq(value, 4);
    ck_assert_str_eq(scl_profile_build_options(profile), "-cl-std=CL1.2");
    ck_assert_int_eq(scl_profile_get(&value, profile, "relu", "NONE"), SCL_CONFIG);
    ck_assert_str_eq(scl_error(),
                     "profile x: neither it nor an ancestor has kernels: relu: { NONE }");
    scl_profile_close(profile);
}
END_TEST

START_TEST(the_profile_with_more_matching_keys_wins)
{
    const struct scl_facts facts = { .platform = "P", .name = "Alpha 7", .is_cpu = true };
    struct scl_profile *profile = NULL;

    use_own("name: x\ninherits: generic\nmatch: { type: cpu, device: [\"beta*\", \"ALPHA*\"] }\n");
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    ck_assert_str_eq(scl_profile_name(profile), "x");
    scl_profile_close(profile);
}
END_TEST

START_TEST(one_key_that_fails_leaves_the_profile_out)
{
    const struct scl_facts facts = { .platform = "P", .name = "Alpha 7" };
    struct scl_profile *profile = NULL;

    use_own("name: x\ninherits: generic\nmatch: { type: cpu, device: \"alpha*\" }\n");
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    ck_assert_str_eq(scl_profile_name(profile), "generic");
    scl_profile_close(profile);
}
END_TEST

START_TEST(an_unknown_name_is_refused_in_words)
{
    struct scl_profile *profile = NULL;

    ck_assert_int_eq(scl_profile_open_named(&profile, "pocl-avx3"), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "profile: found \"pocl-avx3\", wanted one of backends/");
    ck_assert_ptr_null(profile);
}
END_TEST

/* A profile's text, and what is said of it behind its path. */
static const struct {
    const char *text, *words;
} broken[] = {
    { "name: [x\n", ":2: is not YAML: did not find expected ',' or ']'" },
    { "", ":1: is empty" },
    { "inherits: generic\n", ":1: name: missing" },
    { "name: y\ninherits: generic\n", ":1: name: found \"y\", wanted the file's own" },
    { "name: x\n", ":1: inherits: missing; all but generic inherit" },
    { "name: x\ninherits: nobody\n", ":2: inherits: there is no profile \"nobody\"" },
    { "name: x\ninherits: x\n", ":2: inherits: x inherits itself, or from too far" },
    { "name: x\nname: x\n", ":2: name is given twice" },
    { "name: x\nfamily: vec\n", ":2: profile: found \"family\", wanted name, inherits, match, "
                                "build_options, families, kernels or search" },
    { "name: x\nfamilies: vec tyle\n", ":2: families: found \"vec tyle\", wanted some of vec tile "
                                       "subgroup mma clblast fft, a blank between two" },
    { "name: x\nmatch: { type: dsp }\n", ":2: match.type: found \"dsp\", wanted cpu or gpu" },
    { "name: x\nmatch: { vendor_id: 1 }\n",
      ":2: match: found \"vendor_id\", wanted platform, type, "
      "vector_width, vendor or device" },
    { "name: x\nmatch:\n  type: cpu\n  type: gpu\n",
      ":4: match: found \"type\", wanted each key once" },
    { "name: x\nkernels:\n  relu: { WG: many }\n",
      ":3: WG: found \"many\", wanted a whole number from 0 to 16777216" },
    { "name: x\nkernels:\n  relu: { WG: 99999999999999999999 }\n",
      ":3: WG: found \"99999999999999999999\", wanted a whole number from 0 to 16777216" },
    { "name: x\nkernels:\n  relu: { WG: 1, WG: 2 }\n",
      ":3: relu: found \"WG\", wanted each parameter once" },
    { "name: x\nkernels:\n  relu: { wg: 1 }\n",
      ":3: relu: found \"wg\", wanted a parameter's name in capitals" },
    { "name: x\nkernels:\n  relu: 5\n", ":3: relu: found \"5\", wanted a group of keys" },
    { "name: x\nsearch:\n  relu: { WG: 5 }\n", ":3: WG: found \"5\", wanted a list of values" },
    { "name: x\nsearch:\n  relu: { wg: [5] }\n",
      ":3: relu: found \"wg\", wanted parameters' names in capitals, a blank between two" },
    { "name: x\nsearch:\n  relu: { WG  SPAN: [5 1] }\n",
      ":3: relu: found \"WG  SPAN\", wanted parameters' names in capitals, a blank between two" },
    { "name: x\nsearch:\n  relu: { WG SPAN: [5 1, 5] }\n",
      ":3: WG SPAN: found \"5\", wanted a whole number for each parameter, a blank between two" },
    { "name: x\nsearch:\n  relu: { WG: [99999999] }\n",
      ":3: WG: found \"99999999\", wanted a whole number for each parameter, a blank between "
      "two" },
};

START_TEST(a_broken_profile_is_named_with_its_line)
{
    struct scl_profile *profile = NULL;
    char want[512];

    use_own(broken[_i].text);
    ck_assert_int_eq(scl_profile_open_named(&profile, "x"), SCL_CONFIG);
    snprintf(want, sizeof want, "%s/backends/x/x.yaml%s", folder, broken[_i].words);
    ck_assert_str_eq(scl_error(), want);
    ck_assert_ptr_null(profile);
}
END_TEST

START_TEST(a_search_line_replaces_that_of_the_same_parameters_alone)
{
    static const char *const wanted[] = { "WG SPAN", "1 2", "SPAN", "7" };
    struct scl_profile *profile;

    put("backends/generic/generic.yaml",
        "name: generic\nbuild_options: \"\"\nfamilies: vec\nsearch:\n"
        "  relu: { SPAN: [7, 8], WG SPAN: [5 5] }\n  add: { WG: [1] }\n");
    put("backends/x/x.yaml",
        "name: x\ninherits: generic\nsearch:\n  relu: { WG SPAN: [1 2, 3 4] }\n");
    setenv("SCL_SOURCE_DIR", folder, 1);
    ck_assert_msg(scl_profile_open_named(&profile, "x") == SCL_OK, "%s", scl_error());
    for (int i = 0; i < 2; i++) {
        const struct scl_search *found = scl_profile_search(profile, "relu", i);

        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found->params, wanted[2 * i]);
        ck_assert_int_eq(found->n_value, 2);
        ck_assert_str_eq(found->value[0], wanted[2 * i + 1]);
    }
    ck_assert_ptr_null(scl_profile_search(profile, "relu", 2));
    ck_assert_ptr_null(scl_profile_search(profile, "scale", 0));
    scl_profile_close(profile);
}
END_TEST

/* All the parameters of a line, each of which some profile must have. */
static void check_params(const struct scl_profile *profile, const struct scl_search *search)
{
    char params[256], *word, *rest = params;
    int value;

    ck_assert_uint_lt(strlen(search->params), sizeof params);
    strcpy(params, search->params);
    while ((word = strsep(&rest, " ")))
        ck_assert_msg(scl_profile_get(&value, profile, search->kernel, word) == SCL_OK, "%s",
                      scl_error());
}

START_TEST(what_is_searched_are_parameters_that_there_are)
{
    struct scl_arena arena = { 0 };
    struct scl_profile_file *file;
    int n = 0;

    ck_assert_msg(scl_profile_load_all(&file, &arena) == SCL_OK, "%s", scl_error());
    for (; file; file = file->next) {
        struct scl_profile *profile;

        ck_assert_msg(scl_profile_open_named(&profile, file->name) == SCL_OK, "%s", scl_error());
        for (const struct scl_search_line *line = file->search; line; line = line->next, n++)
            check_params(profile, &line->search);
        scl_profile_close(profile);
    }
    ck_assert_int_gt(n, 0);
    scl_arena_fini(&arena);
}
END_TEST

START_TEST(a_key_fits_in_a_short_buffer)
{
    struct scl_facts facts = { .platform = "Portable Computing Language", .compute_units = 3 };
    char key[16];

    memset(facts.name, 'a', sizeof facts.name - 1);
    scl_device_key(key, sizeof key, &facts);
    ck_assert_str_eq(key, "pocl:aaaaaaaaaa");
}
END_TEST

START_TEST(devices_of_one_key_are_numbered_in_their_order)
{
    static const char *const wanted[] = { "nvidia:a:2cu", "nvidia:a:2cu#1", "nvidia:a:2cu#2",
                                          "nvidia:b:2cu", "nvidia:a:2cu" };
    struct {
        int before; /* facts among other things */
        struct scl_facts facts;
    } device[5] = { 0 };
    char key[SCL_KEY_BYTES];

    for (int i = 0; i < 5; i++) {
        device[i].facts = (struct scl_facts){ .platform = "NVIDIA CUDA", .compute_units = 2 };
        strcpy(device[i].facts.name, i == 3 ? "B" : "A");
    }
    for (int i = 0; i < 5; i++) {
        scl_device_key_numbered(key, sizeof key, &device[0].facts, sizeof *device, i);
        ck_assert_str_eq(key, wanted[i]);
    }
}
END_TEST

START_TEST(empty_source_folder_is_none)
{
    struct scl_facts facts = { .platform = "NVIDIA CUDA" };
    struct scl_profile *profile;
    char here[4096];

    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(folder), 0); /* where there are no profiles */
    setenv("SCL_SOURCE_DIR", "", 1);
    ck_assert_msg(scl_profile_open(&profile, &facts) == SCL_OK, "%s", scl_error());
    scl_profile_close(profile);
    ck_assert_int_eq(chdir(here), 0);
}
END_TEST

const char *const suite_name = "backend/profile";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, recorded_devices_get_their_profiles_and_keys);
    tcase_add_test(tc, a_parameter_comes_from_the_nearest_ancestor);
    tcase_add_test(tc, the_profile_with_more_matching_keys_wins);
    tcase_add_test(tc, one_key_that_fails_leaves_the_profile_out);
    tcase_add_test(tc, an_unknown_name_is_refused_in_words);
    tcase_add_loop_test(tc, a_broken_profile_is_named_with_its_line, 0,
                        sizeof broken / sizeof *broken);
    tcase_add_test(tc, a_search_line_replaces_that_of_the_same_parameters_alone);
    tcase_add_test(tc, what_is_searched_are_parameters_that_there_are);
    tcase_add_test(tc, a_key_fits_in_a_short_buffer);
    tcase_add_test(tc, devices_of_one_key_are_numbered_in_their_order);
    tcase_add_test(tc, empty_source_folder_is_none);
}
