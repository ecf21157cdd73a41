/* test_configured.c - what is known of a data set before it is there. */
#include <check.h>
#include <string.h>

#include "base/status.h"
#include "data/configured.h"

static struct scl_data_config config;

static void setup(void)
{
    memset(&config, 0, sizeof config);
    config.train_size = 300;
    config.test_size = 20;
    config.threads = 1;
}

static void check(struct scl_extent e, uint32_t count, int side, int classes)
{
    ck_assert_uint_eq(e.count, count);
    ck_assert_int_eq(e.max_side, side);
    ck_assert_int_eq(e.bytes, 3 * side * side);
    ck_assert_int_eq(e.classes, classes);
}

START_TEST(published_sets_have_their_sizes)
{
    config.kind = SCL_DATA_CIFAR10;
    check(scl_dataset_expected(&config), 50000, 32, 10);
    config.validation = 5000;
    check(scl_dataset_expected(&config), 45000, 32, 10);
    config.kind = SCL_DATA_CIFAR100;
    check(scl_dataset_expected(&config), 45000, 32, 100);
    config.labels = SCL_LABELS_COARSE;
    check(scl_dataset_expected(&config), 45000, 32, 20);
}
END_TEST

START_TEST(folder_has_images_of_any_number_up_to_the_bound)
{
    config.kind = SCL_DATA_IMAGE_FOLDER;
    check(scl_dataset_expected(&config), 0, SCL_EXPECTED_SIDE, 1000);
    config.max_side = 300;
    check(scl_dataset_expected(&config), 0, 300, 1000);
}
END_TEST

START_TEST(synthetic_set_is_what_was_expected)
{
    struct scl_dataset *d = NULL;
    struct scl_extent found;

    config.kind = SCL_DATA_SYNTHETIC;
    config.validation = 40;
    ck_assert_msg(scl_dataset_open_configured(&d, &config, "train") == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_dataset_extent(&found, d), SCL_OK);
    check(found, 260, 32, 10);
    check(scl_dataset_expected(&config), 260, 32, 10);
    scl_dataset_close(d);
}
END_TEST

const char *const suite_name = "data/configured";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, published_sets_have_their_sizes);
    tcase_add_test(tc, folder_has_images_of_any_number_up_to_the_bound);
    tcase_add_test(tc, synthetic_set_is_what_was_expected);
}
