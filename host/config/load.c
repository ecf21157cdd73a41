/* load.c - from a file to a struct; libcyaml does the last step. */
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "config/config_impl.h"

/* Keeps libcyaml's first complaint. What reaches it has been checked, so it has
 * none; if it has, its own words are the best there are. */
static void keep_first(cyaml_log_t level, void *user, const char *format, va_list args)
{
    char *words = user;

    if (level >= CYAML_LOG_ERROR && !*words) {
        vsnprintf(words, 256, format, args);
        words[strcspn(words, "\n")] = '\0';
    }
}

/* libcyaml allocates the struct; it holds no pointers, so a copy is the whole. */
static int to_struct(struct scl_config *out, struct scl_entries *e)
{
    char words[256] = "";
    const cyaml_config_t options = {
        .log_fn = keep_first,
        .log_ctx = words,
        .log_level = CYAML_LOG_ERROR,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
    const char *text = scl_entries_text(e);
    struct scl_config *loaded = NULL;
    cyaml_err_t err;

    if (!text)
        return SCL_NOMEM;
    err = cyaml_load_data((const uint8_t *)text, strlen(text), &options, &scl_config_schema,
                          (cyaml_data_t **)&loaded, NULL);
    if (err != CYAML_OK)
        return scl_fail(err == CYAML_ERR_OOM ? SCL_NOMEM : SCL_CONFIG, "%s: %s (%s)", e->source,
                        cyaml_strerror(err), words);
    *out = *loaded;
    cyaml_free(&options, &scl_config_schema, loaded, 0);
    return SCL_OK;
}

int scl_config_load_text(struct scl_config *out, const char *source, const char *text, size_t size,
                         int n_set, char *const set[])
{
    struct scl_arena arena = { 0 };
    struct scl_entries e = { .arena = &arena };
    int rc;

    SCL_TRY(scl_entries_load(&e, source, text, size));
    for (int i = 0; i < n_set; i++)
        SCL_TRY(scl_entries_set(&e, set[i]));
    SCL_TRY(scl_entries_defaults(&e));
    SCL_TRY(scl_entries_check(&e));
    SCL_TRY(to_struct(out, &e));
    SCL_TRY(scl_config_validate(out, &e));
out:
    scl_arena_fini(&arena);
    return rc;
}

int scl_config_load(struct scl_config *out, const char *path, int n_set, char *const set[])
{
    char *text = NULL;
    size_t size = 0;
    int rc;

    SCL_TRY(scl_file_read(&text, &size, path, SCL_CONFIG_BYTES));
    SCL_TRY(scl_config_load_text(out, path, text, size, n_set, set));
out:
    free(text);
    return rc;
}
