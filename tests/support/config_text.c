/* config_text.c - configurations given as text. */
#include "support/config_text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

int config_load(struct scl_config *out, const char *text)
{
    return scl_config_load_text(out, "run.yaml", text, strlen(text), 0, NULL);
}

int config_load_set(struct scl_config *out, const char *set)
{
    char *copy = strdup(set);
    const int rc = scl_config_load_text(out, "run.yaml", SMALL, strlen(SMALL), 1, &copy);

    free(copy);
    return rc;
}

void config_check_refused(const struct config_refusal *refusal)
{
    struct scl_config c;

    ck_assert_int_eq(config_load(&c, refusal->text), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), refusal->words);
}
