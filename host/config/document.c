/* document.c - YAML text to a list of keys, each with its line.
 *
 * A configuration needs little of YAML, and what it does not need is refused:
 * anchors, aliases, tags, several documents, groups inside groups.
 */
#include "config/config_impl.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/status.h"

struct document {
    yaml_parser_t parser;
    struct scl_entries *e;
    const char *text;
    size_t size;
};

struct scl_entry *scl_entries_find(const struct scl_entries *e, const char *key)
{
    for (int i = 0; i < e->n; i++)
        if (!strcmp(e->item[i]->key, key))
            return e->item[i];
    return NULL;
}

struct scl_entry *scl_entries_push(struct scl_entries *e, const char *key)
{
    struct scl_entry *entry;

    if (e->n == SCL_MAX_ENTRIES) {
        scl_fail(SCL_CONFIG, "%s: found more than %d keys, wanted a configuration", e->source,
                 SCL_MAX_ENTRIES);
        return NULL;
    }
    entry = scl_arena_alloc(e->arena, sizeof *entry);
    if (!entry)
        return NULL;
    entry->key = key;
    e->item[e->n++] = entry;
    return entry;
}

/* "run.yaml:12"; a value on the command line has no lines. */
static const char *place(const struct document *d, size_t line)
{
    const char *text = d->e->source;

    if (!d->e->is_value)
        text = scl_arena_text(d->e->arena, "%s:%zu", d->e->source, line + 1);
    return text ? text : d->e->source;
}

static int fail_at(const struct document *d, size_t line, const char *what)
{
    return scl_fail(SCL_CONFIG, "%s: %s", place(d, line), what);
}

/* The `line`-th line of the text begins with blanks among which is a tab. */
static bool is_indented_by_tab(const struct document *d, size_t line)
{
    const char *p = d->text, *end = d->text + d->size;

    for (; line > 0 && p; line--) {
        p = memchr(p, '\n', (size_t)(end - p));
        p = p ? p + 1 : NULL;
    }
    while (p && p < end && *p == ' ')
        p++;
    return p && p < end && *p == '\t';
}

static int fail_syntax(const struct document *d)
{
    const yaml_parser_t *p = &d->parser;
    size_t line = p->problem_mark.line;
    char since[96] = "";

    if (p->error == YAML_MEMORY_ERROR)
        return scl_fail(SCL_NOMEM, "%s: no memory to read it", d->e->source);
    if (p->error == YAML_READER_ERROR) {
        line = 0;
        for (size_t i = 0; i < p->problem_offset && i < d->size; i++)
            line += d->text[i] == '\n';
    } else if (is_indented_by_tab(d, line)) {
        return fail_at(d, line, "found a tab, wanted spaces before a key");
    }
    /* What was never closed is found missing at the end of the file. */
    if (p->context && p->context_mark.line != line && !d->e->is_value)
        snprintf(since, sizeof since, " %s from line %zu", p->context, p->context_mark.line + 1);
    return scl_fail(SCL_CONFIG, "%s: found no valid YAML (%s%s), wanted %s", place(d, line),
                    p->problem ? p->problem : "unknown fault", since,
                    d->e->is_value ? "one value or [list]" : "`key: value`");
}

/* The next event; an alias, anchor or tag is refused here, for all callers. */
static int next_event(struct document *d, yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    size_t line;

    if (!yaml_parser_parse(&d->parser, event))
        return fail_syntax(d);
    line = event->start_mark.line;
    if (event->type == YAML_ALIAS_EVENT) {
        anchor = event->data.alias.anchor;
    } else if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (!anchor && !tag)
        return SCL_OK;
    yaml_event_delete(event);
    return fail_at(d, line,
                   anchor ? "found an anchor or alias (& or *), wanted a plain value"
                          : "found a tag (!), wanted a plain value");
}

/* What kind of event it was, which deleting it forgets. */
static yaml_event_type_t end_event(yaml_event_t *event)
{
    const yaml_event_type_t type = event->type;

    yaml_event_delete(event);
    return type;
}

/* Keeps a scalar event's text as the next value of `entry`, and the event's end. */
static int push_value(struct document *d, struct scl_entry *entry, yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t size = event->data.scalar.length;
    int rc = SCL_OK;

    if (strlen(text) != size)
        rc = scl_fail(SCL_CONFIG, "%s: found a zero byte, wanted text", entry->origin);
    else if (entry->n < SCL_MAX_ITEMS) {
        entry->quoted[entry->n] = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        entry->value[entry->n] = scl_arena_copy(d->e->arena, text, size + 1);
        if (!entry->value[entry->n])
            rc = SCL_NOMEM;
    }
    entry->n++;
    yaml_event_delete(event);
    return rc;
}

static int read_list(struct document *d, struct scl_entry *entry)
{
    yaml_event_t event;
    int rc = SCL_OK;

    entry->form = SCL_ENTRY_LIST;
    while (rc == SCL_OK) {
        SCL_TRY(next_event(d, &event));
        if (event.type == YAML_SCALAR_EVENT) {
            rc = push_value(d, entry, &event);
            continue;
        }
        if (end_event(&event) == YAML_SEQUENCE_END_EVENT)
            break;
        rc = scl_fail(SCL_CONFIG, "%s: found a list of lists or groups, wanted plain values",
                      entry->origin);
    }
out:
    return rc;
}

/* Makes the entry for a key event inside `group` (NULL: the top), and ends the event. */
static int push_key(struct document *d, struct scl_entry **out, const char *group,
                    yaml_event_t *event)
{
    const size_t line = event->start_mark.line;
    struct scl_entry *entry;
    char *key;

    if (event->type != YAML_SCALAR_EVENT) {
        yaml_event_delete(event);
        return fail_at(d, line, "found a list or group as a key, wanted a name");
    }
    if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length) {
        yaml_event_delete(event);
        return fail_at(d, line, "found a zero byte in a key, wanted a name");
    }
    key = scl_arena_text(d->e->arena, "%s%s%s", group ? group : "", group ? "." : "",
                         (const char *)event->data.scalar.value);
    yaml_event_delete(event);
    if (!key)
        return SCL_NOMEM;
    if (strchr(group ? key + strlen(group) + 1 : key, '.'))
        return scl_fail(SCL_CONFIG,
                        "%s: %s: found a dot in a key, wanted the group as a key of its own",
                        place(d, line), scl_clean_text(key));
    entry = scl_entries_find(d->e, key);
    if (entry)
        return scl_fail(SCL_CONFIG, "%s: %s: found the key again, wanted it once", place(d, line),
                        scl_clean_text(key));
    entry = scl_entries_push(d->e, key);
    if (!entry)
        return SCL_CONFIG;
    entry->origin =
        d->e->is_value ? d->e->source
                       : scl_arena_text(d->e->arena, "%s: %s", place(d, line), scl_clean_text(key));
    *out = entry;
    return entry->origin ? SCL_OK : SCL_NOMEM;
}

/* The pairs of a mapping whose start has been read; one level below the top. */
static int read_mapping(struct document *d, const char *group)
{
    struct scl_entry *entry = NULL;
    yaml_event_t event;
    int rc = SCL_OK;

    while (rc == SCL_OK) {
        SCL_TRY(next_event(d, &event));
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        SCL_TRY(push_key(d, &entry, group, &event));
        SCL_TRY(next_event(d, &event));
        if (event.type == YAML_SCALAR_EVENT) {
            rc = push_value(d, entry, &event);
            continue;
        }
        if (end_event(&event) == YAML_SEQUENCE_START_EVENT) {
            rc = read_list(d, entry);
        } else if (group) {
            rc = scl_fail(SCL_CONFIG, "%s: found a group inside a group, wanted a value",
                          entry->origin);
        } else {
            entry->form = SCL_ENTRY_GROUP;
            rc = read_mapping(d, entry->key);
        }
    }
out:
    return rc;
}

int scl_entries_load(struct scl_entries *e, const char *source, const char *text, size_t size)
{
    /* libyaml takes a mark of the byte order for a blank before the first key. */
    const size_t mark = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct document d = { .e = e, .text = text + mark, .size = size - mark };
    yaml_event_type_t type = YAML_NO_EVENT;
    size_t line = 0;
    yaml_event_t event;
    int rc = SCL_OK;

    e->source = source;
    if (!yaml_parser_initialize(&d.parser))
        return scl_fail(SCL_NOMEM, "%s: no memory to read it", source);
    yaml_parser_set_encoding(&d.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&d.parser, (const unsigned char *)d.text, d.size);
    while (type != YAML_MAPPING_START_EVENT) {
        SCL_TRY(next_event(&d, &event));
        line = event.start_mark.line;
        type = end_event(&event);
        if (type == YAML_STREAM_END_EVENT) {
            rc = scl_fail(SCL_CONFIG, "%s: found no keys at all, wanted a configuration", source);
            goto out;
        }
        if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT) {
            rc = fail_at(&d, line, "found a single value or list, wanted `key: value` lines");
            goto out;
        }
    }
    SCL_TRY(read_mapping(&d, NULL));
    while (type != YAML_STREAM_END_EVENT) {
        SCL_TRY(next_event(&d, &event));
        line = event.start_mark.line;
        type = end_event(&event);
        if (type == YAML_DOCUMENT_START_EVENT) {
            rc = fail_at(&d, line, "found a second document, wanted one");
            goto out;
        }
    }
out:
    yaml_parser_delete(&d.parser);
    return rc;
}
