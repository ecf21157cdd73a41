/* diff.c - where two configurations differ, all keys of a group, and an enum's words. */
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "config/config_impl.h"

/* A value for people: "0.1", "[0.2, 1]". NULL, with words, when memory is out. */
static const char *joined(struct scl_arena *arena, const struct scl_entry *entry)
{
    const char *text = entry->form == SCL_ENTRY_LIST ? "[" : entry->value[0];

    for (int i = 0; text && entry->form == SCL_ENTRY_LIST && i < entry->n; i++)
        text = scl_arena_text(arena, "%s%s%s", text, i ? ", " : "", entry->value[i]);
    return text && entry->form == SCL_ENTRY_LIST ? scl_arena_text(arena, "%s]", text) : text;
}

int scl_config_diff(const struct scl_config *a, const struct scl_config *b,
                    void (*differs)(void *user, const char *key, const char *in_a,
                                    const char *in_b),
                    void *user)
{
    struct scl_arena arena = { 0 };
    struct scl_entries of_a = { .arena = &arena }, of_b = { .arena = &arena };
    int n = 0, rc;

    SCL_TRY(scl_entries_from(&of_a, a));
    SCL_TRY(scl_entries_from(&of_b, b));
    for (int i = 0; i < of_a.n; i++) { /* both have every key, in the same order */
        const char *in_a = joined(&arena, of_a.item[i]), *in_b = joined(&arena, of_b.item[i]);

        if (!in_a || !in_b) {
            rc = SCL_NOMEM;
            goto out;
        }
        if (!strcmp(in_a, in_b))
            continue;
        n++;
        if (differs)
            differs(user, of_a.item[i]->key, in_a, in_b);
    }
    rc = n;
out:
    scl_arena_fini(&arena);
    return rc;
}

int scl_config_each(const struct scl_config *c, const char *group,
                    void (*each)(void *user, const char *key, const char *value, bool is_number),
                    void *user)
{
    const size_t length = strlen(group);
    struct scl_arena arena = { 0 };
    struct scl_entries all = { .arena = &arena };
    struct scl_leaf leaf = { 0 };
    int rc;

    SCL_TRY(scl_entries_from(&all, c));
    while (scl_leaf_next(&leaf)) {
        const cyaml_type_e type = leaf.field->value.type;
        const char *value;

        if (strncmp(leaf.key, group, length) != 0 || leaf.key[length] != '.')
            continue;
        if (!(value = joined(&arena, scl_entries_find(&all, leaf.key)))) {
            rc = SCL_NOMEM;
            goto out;
        }
        each(user, leaf.key, value, type == CYAML_INT || type == CYAML_UINT || type == CYAML_FLOAT);
    }
out:
    scl_arena_fini(&arena);
    return rc;
}

const char *scl_config_word(const char *key, int value)
{
    struct scl_leaf leaf;
    const cyaml_schema_value_t *v;

    if (!scl_leaf_find(&leaf, key))
        return NULL;
    v = &leaf.field->value;
    for (uint32_t i = 0; v->type == CYAML_ENUM && i < v->enumeration.count; i++)
        if (v->enumeration.strings[i].val == value)
            return v->enumeration.strings[i].str;
    return NULL;
}
