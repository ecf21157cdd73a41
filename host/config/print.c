/* print.c - a configuration as text, and where two of them differ. */
#include "config/config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "config/config_impl.h"

/* The fewest digits that read back as the same number. */
static char *real_text(struct scl_arena *arena, double x)
{
    char text[32];

    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    return scl_arena_text(arena, "%s", text);
}

static const char *value_text(struct scl_arena *arena, const struct scl_leaf *leaf, const void *at)
{
    switch (scl_leaf_item(leaf)->type) {
    case CYAML_STRING:
        return scl_arena_text(arena, "%s", (const char *)at);
    case CYAML_BOOL:
        return *(const bool *)at ? "true" : "false";
    case CYAML_ENUM:
        return scl_config_word(leaf->key, *(const int *)at);
    case CYAML_UINT:
        return scl_arena_text(arena, "%llu", (unsigned long long)*(const uint64_t *)at);
    case CYAML_INT:
        return scl_arena_text(arena, "%d", *(const int *)at);
    default:
        return real_text(arena, *(const double *)at);
    }
}

/* How many values a list has: as many as it must, or as the member beside it says. */
static int count_of(const struct scl_config *c, const struct scl_leaf *leaf)
{
    const cyaml_schema_field_t *field = leaf->field;
    const char *group = (const char *)c + leaf->offset - field->data_offset;

    if (field->value.type == CYAML_SEQUENCE)
        return *(const int *)(group + field->count_offset);
    return (int)field->value.sequence.max;
}

int scl_entries_from(struct scl_entries *e, const struct scl_config *c)
{
    struct scl_leaf leaf = { 0 };

    while (scl_leaf_next(&leaf)) {
        const cyaml_schema_value_t *v = &leaf.field->value, *item = scl_leaf_item(&leaf);
        const char *base = (const char *)c + leaf.offset;
        struct scl_entry *entry = scl_entries_push(e, scl_arena_text(e->arena, "%s", leaf.key));

        if (!entry || !entry->key)
            return SCL_NOMEM;
        entry->n = 1;
        if (item != v) {
            entry->form = SCL_ENTRY_LIST;
            entry->n = count_of(c, &leaf);
        }
        for (int i = 0; i < entry->n; i++)
            if (!(entry->value[i] =
                      value_text(e->arena, &leaf, base + (size_t)i * item->data_size)))
                return SCL_NOMEM;
    }
    return SCL_OK;
}

/* The value as YAML has it: text in quotes, a list in brackets, one given alone too. */
static void print_value(FILE *out, const struct scl_leaf *leaf, const struct scl_entry *entry)
{
    const bool text = leaf->field->value.type == CYAML_STRING;
    const bool list = scl_leaf_item(leaf) != &leaf->field->value;

    if (list)
        fputc('[', out);
    for (int i = 0; i < entry->n; i++) {
        fputs(i ? ", " : "", out);
        if (text)
            fputc('"', out);
        for (const char *p = entry->value[i]; *p; p++) {
            if (text && (*p == '"' || *p == '\\'))
                fputc('\\', out);
            fputc(*p, out);
        }
        if (text)
            fputc('"', out);
    }
    fputs(list ? "]\n" : "\n", out);
}

/* Everything, in the order of the schema; malloc'd. NULL when memory is out. */
static char *print_entries(const struct scl_entries *e)
{
    struct scl_leaf leaf = { 0 };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int group = -1;
    bool bad;

    while (out && scl_leaf_next(&leaf)) {
        const char *dot = strchr(leaf.key, '.');

        if (dot && leaf.group != group)
            fprintf(out, "%.*s:\n", (int)(dot - leaf.key), leaf.key);
        group = leaf.group;
        fprintf(out, "%s%s: ", dot ? "  " : "", dot ? dot + 1 : leaf.key);
        print_value(out, &leaf, scl_entries_find(e, leaf.key));
    }
    bad = !out || ferror(out);
    if (out && fclose(out))
        bad = true;
    if (!bad)
        return text;
    free(text);
    scl_fail(SCL_NOMEM, "no memory for the text of a configuration");
    return NULL;
}

const char *scl_entries_text(struct scl_entries *e)
{
    char *text = print_entries(e);
    const char *out = text ? scl_arena_text(e->arena, "%s", text) : NULL;

    free(text);
    return out;
}

char *scl_config_text(const struct scl_config *c)
{
    struct scl_arena arena = { 0 };
    struct scl_entries e = { .arena = &arena, .source = c->name };
    char *text = NULL;

    if (scl_entries_from(&e, c) == SCL_OK)
        text = print_entries(&e);
    scl_arena_fini(&arena);
    return text;
}

int scl_config_save(const struct scl_config *c, const char *path)
{
    char *text = scl_config_text(c);
    int rc = text ? scl_file_write(path, text, strlen(text)) : SCL_NOMEM;

    free(text);
    return rc;
}
