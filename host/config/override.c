/* override.c - `--set key.path=value` on the command line. */
#include "config/config_impl.h"

#include <string.h>

#include "base/status.h"

/* The value is read as YAML, so that lists and quotes mean what they mean in the
 * file: it is the only key of a small document, and its entry gives form and values. */
static int parse_value(struct scl_entries *e, struct scl_entry *entry, const char *value)
{
    const char *key = entry->key, *origin = entry->origin;
    const char *text = scl_arena_text(e->arena, "value: %s", value);
    struct scl_entries one = { .arena = e->arena, .is_value = true };
    int rc;

    if (!text)
        return SCL_NOMEM;
    SCL_TRY(scl_entries_load(&one, origin, text, strlen(text)));
    if (one.n != 1 || one.item[0]->form == SCL_ENTRY_GROUP)
        return scl_fail(SCL_CONFIG, "%s: found keys inside the value, wanted one value or [list]",
                        origin);
    *entry = *one.item[0];
    entry->key = key;
    entry->origin = origin;
out:
    return rc;
}

int scl_entries_set(struct scl_entries *e, const char *set)
{
    const char *equals = strchr(set, '=');
    struct scl_entry *entry;
    char *key;

    if (!equals || equals == set)
        return scl_fail(SCL_CONFIG, "--set %s: found no key or no `=`, wanted key.path=value",
                        scl_clean_text(set));
    key = scl_arena_text(e->arena, "%.*s", (int)(equals - set), set);
    if (!key)
        return SCL_NOMEM;
    entry = scl_entries_find(e, key);
    if (!entry)
        entry = scl_entries_push(e, key);
    if (!entry)
        return SCL_CONFIG;
    entry->origin = scl_arena_text(e->arena, "--set %s", scl_clean_text(set));
    if (!entry->origin)
        return SCL_NOMEM;
    return parse_value(e, entry, equals + 1);
}
