/* test_readers.c - every reader of files from outside, on thousands of damaged ones.
 *
 * The damage is drawn by Philox, so that each run has the same. A reader may find a file good;
 * what it refuses, it refuses in one line. After a crash the file lies in the test's folder.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/decision.h"
#include "backend/facts_file.h"
#include "backend/profile_impl.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/status.h"
#include "eval/verify_impl.h"
#include "io/image.h"
#include "io/npy.h"
#include "support/damage.h"
#include "support/temp_folder.h"

enum { MOST_SEEDS = 256, MOST_KIB = 1 << 20 };

/* ---- readers: each frees what it read ---------------------------------------------------- */

static int read_image(const char *path)
{
    struct scl_image image = { 0 };
    const int rc = scl_image_load(&image, path);

    scl_image_fini(&image);
    return rc;
}

static int read_safetensors(const char *path)
{
    struct scl_safetensors file;
    const int rc = scl_safetensors_load(&file, path);

    if (rc == SCL_OK)
        scl_safetensors_fini(&file);
    return rc;
}

static int read_npy(const char *path)
{
    struct scl_npy array;
    const int rc = scl_npy_load(&array, path);

    if (rc == SCL_OK)
        scl_npy_fini(&array);
    return rc;
}

/* From the metadata to the graph, with its gradients. */
static int read_case(const char *path)
{
    struct scl_case_graph in;
    const int rc = scl_case_graph_open(&in, path);

    scl_case_graph_fini(&in);
    return rc;
}

static int read_facts(const char *path)
{
    struct scl_facts facts;

    return scl_facts_load(&facts, path);
}

static int read_profile(const char *path)
{
    struct scl_arena arena = { 0 };
    struct scl_profile_file file;
    size_t size;
    char *text = read_file(&size, path);
    const int rc = scl_profile_parse(&file, &arena, path, text, size);

    free(text);
    scl_arena_fini(&arena);
    return rc;
}

/* What is read can be written, and read again. */
static int read_decisions(const char *path)
{
    struct scl_decisions list = { 0 };
    int rc = scl_decisions_load(&list, path, false);

    if (rc == SCL_OK) {
        const int n = list.n;

        ck_assert_int_eq(scl_decisions_save(&list, path), SCL_OK);
        scl_decisions_fini(&list);
        rc = scl_decisions_load(&list, path, false);
        ck_assert_msg(rc == SCL_OK, "%s", scl_error());
        ck_assert_int_eq(list.n, n);
    }
    scl_decisions_fini(&list);
    return rc;
}

/* ---- damage ------------------------------------------------------------------------------ */

static const char *const numbers[] = {
    "0",     "-1",         "1",          "2",          "3",   "7",    "255",
    "65536", "1000000000", "2147483647", "4294967296", "1e9", "1e-9", "1e400",
    "-1e99", "0.5",        "null",       "[]",         "{}",  "nan",
};

/* Some bytes that mean something to one of the formats. */
static const uint8_t bytes[] =
    "\0\1\2\3\4\x7F\x80\xC0\xC4\xD0\xD8\xD9\xDA\xFE\xFF\"{}[]:,\\ \n'#&*-";

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The number that stands next becomes another one. */
static void change_number(struct damage *d, size_t at, struct scl_rng *rng)
{
    const char *number = numbers[scl_rng_below(rng, sizeof numbers / sizeof *numbers)];
    size_t n = 0;

    while (at < d->size && !is_digit(d->bytes[at]))
        at++;
    while (at + n < d->size && is_digit(d->bytes[at + n]))
        n++;
    if (n > 0)
        damage_replace(d, at, n, number, strlen(number));
}

static void change(struct damage *d, struct scl_rng *rng)
{
    const size_t at = scl_rng_below(rng, (uint32_t)d->size), rest = d->size - at;
    const size_t n = 1 + scl_rng_below(rng, rest < 16 ? (uint32_t)rest : 16);
    uint8_t copy[16];

    memcpy(copy, d->bytes + at, n);
    switch (scl_rng_below(rng, 8)) {
    case 0:
        d->bytes[at] ^= (uint8_t)(1u << scl_rng_below(rng, 8));
        break;
    case 1:
        d->bytes[at] = bytes[scl_rng_below(rng, sizeof bytes - 1)];
        break;
    case 2:
        damage_replace(d, at, n, NULL, 0);
        break;
    case 3:
        damage_replace(d, scl_rng_below(rng, (uint32_t)d->size), 0, copy, n);
        break;
    case 4:
        damage_replace(d, at, n, NULL, n);
        break;
    default:
        change_number(d, at, rng);
    }
}

static void change_some(struct damage *d, struct scl_rng *rng)
{
    for (uint32_t n = 1 + scl_rng_below(rng, 3); n > 0 && d->size > 0; n--)
        change(d, rng);
    if (scl_rng_below(rng, 32) == 0)
        damage_replace(d, d->size / 2, d->size - d->size / 2, NULL, 0);
}

/* Behind a wrong checksum nothing is read: most have right ones. */
static void change_png(struct damage *d, struct scl_rng *rng)
{
    change_some(d, rng);
    if (scl_rng_below(rng, 8) > 0)
        png_mend_checksums(d);
}

/* The header alone, with its length in front of it; half of the time what an operation is told. */
static void change_header(struct damage *d, struct scl_rng *rng)
{
    struct damage header = { NULL, 0 };
    uint64_t length;
    size_t attrs = 0;

    memcpy(&length, d->bytes, sizeof length);
    ck_assert_ptr_nonnull(header.bytes = malloc(length));
    memcpy(header.bytes, d->bytes + sizeof length, length);
    header.size = length;
    while (attrs + 7 < length && memcmp(header.bytes + attrs, "\"attrs\"", 7) != 0)
        attrs++;
    if (attrs + 7 < length && scl_rng_below(rng, 2) == 0)
        change_number(&header, attrs + scl_rng_below(rng, 64), rng);
    else
        change_some(&header, rng);
    damage_replace(d, 0, 8 + length, NULL, 8 + header.size);
    length = header.size;
    memcpy(d->bytes, &length, sizeof length);
    memcpy(d->bytes + sizeof length, header.bytes, header.size);
    damage_fini(&header);
}

/* ---- the table --------------------------------------------------------------------------- */

static const struct {
    const char *name, *folder, *ends; /* seeds are the files below the folder that end so */
    int (*read)(const char *path);
    void (*change)(struct damage *d, struct scl_rng *rng);
    uint32_t n;
    bool names_file; /* what is said begins with the path; else the caller names the file */
} readers[] = {
    { "png", "tests/io/images", ".png", read_image, change_png, 3000, true },
    { "jpeg", "tests/io/images", ".jpg", read_image, change_some, 3000, true },
    { "safetensors", "tests/cases/add", ".safetensors", read_safetensors, change_header, 2000,
      true },
    { "whole safetensors", "tests/cases/relu", ".safetensors", read_safetensors, change_some, 1000,
      true },
    { "npy", NULL, ".npy", read_npy, change_some, 2000, true },
    { "case", "tests/cases", ".safetensors", read_case, change_header, 4000, false },
    { "facts", "tests/devices", ".txt", read_facts, change_some, 2000, true },
    { "decisions", "tests/backend/decisions", ".txt", read_decisions, change_some, 2000, true },
    { "profile", "backends", ".yaml", read_profile, change_some, 2000, true },
};

static struct {
    char *path[MOST_SEEDS];
    uint32_t n;
} seeds;

/* Those in the folder and in its folders. */
static void find_seeds(const char *folder, const char *ends)
{
    struct scl_folder names = { 0 };

    ck_assert_msg(scl_folder_load(&names, folder) == SCL_OK, "%s", scl_error());
    for (size_t i = 0; i < names.n; i++) {
        const char *dot = strrchr(names.entry[i].name, '.');
        char *path = scl_path_join(folder, names.entry[i].name);

        if (names.entry[i].kind == SCL_PATH_FOLDER)
            find_seeds(path, ends);
        if (names.entry[i].kind == SCL_PATH_FILE && dot && strcmp(dot, ends) == 0 &&
            seeds.n < MOST_SEEDS)
            seeds.path[seeds.n++] = path;
        else
            free(path);
    }
    scl_folder_fini(&names);
}

static void forget_seeds(void)
{
    while (seeds.n > 0)
        free(seeds.path[--seeds.n]);
}

static void write_npy(void)
{
    const int64_t dim[] = { 3, 4 };
    const double values[12] = { 1 };

    ck_assert_int_eq(scl_folder_make(temp_path("npy")), SCL_OK);
    for (int rank = 0; rank < 3; rank++)
        ck_assert_int_eq(
            scl_npy_save(temp_path("npy/%d.npy", rank), SCL_NPY_F64, rank, dim, values), SCL_OK);
}

START_TEST(damaged_file_is_refused_in_one_line)
{
    uint32_t n_refused = 0;

    if (!readers[_i].folder)
        write_npy();
    find_seeds(readers[_i].folder ? readers[_i].folder : temp_path("npy"), readers[_i].ends);
    ck_assert_uint_gt(seeds.n, 0);
    for (uint32_t i = 0; i < readers[_i].n; i++) {
        struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, (uint32_t)_i, i, 0);
        const char *seed = seeds.path[i % seeds.n];
        const char *path = temp_path("%s", strrchr(seed, '/') + 1);
        struct damage d = damage_load(seed);
        int rc;

        readers[_i].change(&d, &rng);
        write_file(path, d.bytes, d.size);
        damage_fini(&d);
        scl_fail(SCL_OK, "nothing");
        rc = readers[_i].read(path);
        ck_assert_msg(rc <= 0 && rc != SCL_NOMEM, "%s %u of %s: %d, %s", readers[_i].name, i, seed,
                      rc, scl_error());
        if (rc < 0 && readers[_i].names_file)
            check_said(path, "");
        if (rc < 0)
            ck_assert_msg(strcmp(scl_error(), "nothing") != 0, "%s %u of %s: refused without words",
                          readers[_i].name, i, seed);
        n_refused += rc < 0;
    }
    ck_assert_uint_gt(n_refused, readers[_i].n / 8);
    ck_assert_uint_lt(n_refused, readers[_i].n);
    ck_assert_int_lt(peak_kib(), MOST_KIB);
    forget_seeds();
}
END_TEST

const char *const suite_name = "fuzz/readers";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_loop_test(tc, damaged_file_is_refused_in_one_line, 0,
                        sizeof readers / sizeof *readers);
}
