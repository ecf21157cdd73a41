/* profile_parse.c - one profile's YAML to a struct, by libyaml's document API. */
#include "backend/profile_impl.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/status.h"

/* What is being read; `key` is the path of keys down to here, for messages. */
struct reader {
    yaml_document_t document;
    struct scl_arena *arena;
    struct scl_profile_file *file;
};

static const char *const family_words[] = { "vec", "tile", "subgroup", "mma", "clblast", "fft" };

static int line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

static const char *found_text(const yaml_node_t *node)
{
    if (node->type == YAML_SCALAR_NODE)
        return (const char *)node->data.scalar.value;
    return node->type == YAML_SEQUENCE_NODE ? "a list" : "a group of keys";
}

static int refuse(const struct reader *r, const yaml_node_t *node, const char *key,
                  const char *wanted)
{
    return scl_fail(SCL_CONFIG, "%s:%d: %s: found \"%.60s\", wanted %s", r->file->path,
                    line_of(node), key, found_text(node), wanted);
}

/* A copy of the scalar's text in *out. */
static int read_text(const char **out, struct reader *r, const yaml_node_t *node, const char *key)
{
    if (node->type != YAML_SCALAR_NODE)
        return refuse(r, node, key, "a text");
    if (strlen(found_text(node)) != node->data.scalar.length)
        return refuse(r, node, key, "a text without zero bytes");
    if (*out)
        return scl_fail(SCL_CONFIG, "%s:%d: %s is given twice", r->file->path, line_of(node), key);
    *out = scl_arena_text(r->arena, "%s", found_text(node));
    return *out ? SCL_OK : SCL_NOMEM;
}

/* Calls `read` for each key and value of a mapping; `above` is the mapping's own key. */
static int read_mapping(struct reader *r, const yaml_node_t *node, const char *above,
                        int (*read)(struct reader *, const char *above, const yaml_node_t *key,
                                    const yaml_node_t *value))
{
    int rc;

    if (node->type != YAML_MAPPING_NODE)
        return refuse(r, node, above, "a group of keys");
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(&r->document, p->key);
        const yaml_node_t *value = yaml_document_get_node(&r->document, p->value);

        if (key->type != YAML_SCALAR_NODE)
            return refuse(r, key, above, "a key");
        if ((rc = read(r, above, key, value)) < 0)
            return rc;
    }
    return SCL_OK;
}

static bool is_family(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof family_words / sizeof *family_words; i++)
        if (strlen(family_words[i]) == length && memcmp(family_words[i], word, length) == 0)
            return true;
    return false;
}

static int read_families(struct reader *r, const yaml_node_t *node)
{
    int rc;

    SCL_TRY(read_text(&r->file->families, r, node, "families"));
    for (const char *p = r->file->families; *p;) {
        const size_t length = strcspn(p, " ");

        if (!is_family(p, length))
            return refuse(r, node, "families",
                          "some of vec tile subgroup mma clblast fft, a blank between two");
        p += length + (p[length] == ' ');
    }
out:
    return rc;
}

static int push_glob(struct reader *r, struct scl_match_rule *rule, const yaml_node_t *node)
{
    const char *glob = NULL;
    int rc;

    SCL_TRY(read_text(&glob, r, node, rule->key));
    if (strcmp(rule->key, "type") == 0 && strcmp(glob, "cpu") != 0 && strcmp(glob, "gpu") != 0)
        return refuse(r, node, "match.type", "cpu or gpu");
    rule->glob[rule->n_glob++] = glob;
out:
    return rc;
}

/* A glob, or a list of them. */
static int read_rule(struct reader *r, const char *above, const yaml_node_t *key,
                     const yaml_node_t *value)
{
    const bool is_list = value->type == YAML_SEQUENCE_NODE;
    const yaml_node_item_t *item = is_list ? value->data.sequence.items.start : NULL;
    const size_t n = is_list ? (size_t)(value->data.sequence.items.top - item) : 1;
    struct scl_match_rule *rule = scl_arena_alloc(r->arena, sizeof *rule);
    int rc = SCL_NOMEM;

    if (!rule || !(rule->glob = scl_arena_alloc(r->arena, n * sizeof *rule->glob)))
        return rc;
    if (!scl_match_key_known(found_text(key)))
        return refuse(r, key, above, "platform, type, vector_width, vendor or device");
    for (const struct scl_match_rule *seen = r->file->match; seen; seen = seen->next)
        if (strcmp(seen->key, found_text(key)) == 0)
            return refuse(r, key, above, "each key once");
    SCL_TRY(read_text(&rule->key, r, key, above));
    if (!is_list)
        SCL_TRY(push_glob(r, rule, value));
    for (size_t i = 0; is_list && i < n; i++)
        SCL_TRY(push_glob(r, rule, yaml_document_get_node(&r->document, item[i])));
    rule->next = r->file->match;
    r->file->match = rule;
out:
    return rc;
}

static int read_int(int *out, const struct reader *r, const yaml_node_t *node, const char *key)
{
    const char *text = found_text(node);
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (node->type != YAML_SCALAR_NODE || end == text || *end || errno || value < 0 ||
        value > 1 << 24)
        return refuse(r, node, key, "a whole number from 0 to 16777216");
    *out = (int)value;
    return SCL_OK;
}

static bool is_param(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isupper((unsigned char)name[i]) && name[i] != '_' &&
            (i == 0 || !isdigit((unsigned char)name[i])))
            return false;
    return length > 0;
}

/* `above` is the kernel's name, key the parameter's. */
static int read_param(struct reader *r, const char *above, const yaml_node_t *key,
                      const yaml_node_t *value)
{
    const char *name = found_text(key);
    struct scl_kernel_param *param;
    int rc;

    if (!is_param(name, strlen(name)))
        return refuse(r, key, above, "a parameter's name in capitals");
    for (const struct scl_kernel_param *p = r->file->param; p; p = p->next)
        if (strcmp(p->kernel, above) == 0 && strcmp(p->param, name) == 0)
            return refuse(r, key, above, "each parameter once");
    if (!(param = scl_arena_alloc(r->arena, sizeof *param)))
        return SCL_NOMEM;
    param->kernel = above;
    SCL_TRY(read_text(&param->param, r, key, above));
    SCL_TRY(read_int(&param->value, r, value, name));
    param->next = r->file->param;
    r->file->param = param;
out:
    return rc;
}

static int read_kernel(struct reader *r, const char *above, const yaml_node_t *key,
                       const yaml_node_t *value)
{
    const char *kernel = NULL;
    int rc;

    SCL_TRY(read_text(&kernel, r, key, above));
    SCL_TRY(read_mapping(r, value, kernel, read_param));
out:
    return rc;
}

/* How many words there are, a blank between two; 0 for anything else, and where one does not
 * fit. */
static int count_words(const char *text, bool (*fits)(const char *word, size_t length))
{
    int n = 0;

    for (;;) {
        const size_t length = strcspn(text, " ");

        if (!fits(text, length))
            return 0;
        n++;
        if (!text[length])
            return n;
        text += length + 1;
    }
}

static bool is_value(const char *word, size_t length)
{
    return length > 0 && length < 8 && strspn(word, "0123456789") == length;
}

/* `above` is the kernel's name, key its parameters, the value a list of what they may be. */
static int read_search_line(struct reader *r, const char *above, const yaml_node_t *key,
                            const yaml_node_t *value)
{
    const int n_param = count_words(found_text(key), is_param);
    struct scl_search_line *line = scl_arena_alloc(r->arena, sizeof *line);
    const yaml_node_item_t *item;
    size_t n;
    int rc;

    if (!line)
        return SCL_NOMEM;
    if (n_param == 0)
        return refuse(r, key, above, "parameters' names in capitals, a blank between two");
    if (value->type != YAML_SEQUENCE_NODE)
        return refuse(r, value, found_text(key), "a list of values");
    item = value->data.sequence.items.start;
    n = (size_t)(value->data.sequence.items.top - item);
    line->search.kernel = above;
    SCL_TRY(read_text(&line->search.params, r, key, above));
    if (!(line->search.value = scl_arena_alloc(r->arena, (n + 1) * sizeof *line->search.value)))
        return SCL_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *one = yaml_document_get_node(&r->document, item[i]);

        SCL_TRY(read_text(&line->search.value[i], r, one, line->search.params));
        if (count_words(line->search.value[i], is_value) != n_param)
            return refuse(r, one, line->search.params,
                          "a whole number for each parameter, a blank between two");
    }
    line->search.n_value = (int)n;
    *r->file->search_end = line;
    r->file->search_end = &line->next;
out:
    return rc;
}

static int read_search_kernel(struct reader *r, const char *above, const yaml_node_t *key,
                              const yaml_node_t *value)
{
    const char *kernel = NULL;
    int rc;

    SCL_TRY(read_text(&kernel, r, key, above));
    SCL_TRY(read_mapping(r, value, kernel, read_search_line));
out:
    return rc;
}

static int read_top(struct reader *r, const char *above, const yaml_node_t *key,
                    const yaml_node_t *value)
{
    struct scl_profile_file *file = r->file;
    const char *k = found_text(key);

    if (strcmp(k, "name") == 0)
        return read_text(&file->name, r, value, k);
    if (strcmp(k, "inherits") == 0) {
        file->inherits_line = line_of(value);
        return read_text(&file->inherits, r, value, k);
    }
    if (strcmp(k, "match") == 0)
        return read_mapping(r, value, "match", read_rule);
    if (strcmp(k, "build_options") == 0)
        return read_text(&file->build_options, r, value, k);
    if (strcmp(k, "families") == 0)
        return read_families(r, value);
    if (strcmp(k, "kernels") == 0)
        return read_mapping(r, value, "kernels", read_kernel);
    if (strcmp(k, "search") == 0)
        return read_mapping(r, value, "search", read_search_kernel);
    return refuse(r, key, above,
                  "name, inherits, match, build_options, families, kernels or search");
}

/* The file is called after its profile, and all but the root inherit: the root
 * has everything. */
static int check(const struct scl_profile_file *file)
{
    const char *stem = strrchr(file->path, '/') + 1;

    if (!file->name)
        return scl_fail(SCL_CONFIG, "%s:1: name: missing", file->path);
    if (strlen(stem) != strlen(file->name) + strlen(".yaml") ||
        strncmp(stem, file->name, strlen(file->name)) != 0)
        return scl_fail(SCL_CONFIG, "%s:1: name: found \"%s\", wanted the file's own", file->path,
                        file->name);
    if (strcmp(file->name, SCL_PROFILE_ROOT) == 0) {
        if (!file->build_options || !file->families)
            return scl_fail(SCL_CONFIG, "%s:1: build_options and families: wanted both",
                            file->path);
    } else if (!file->inherits) {
        return scl_fail(SCL_CONFIG, "%s:1: inherits: missing; all but " SCL_PROFILE_ROOT " inherit",
                        file->path);
    }
    return SCL_OK;
}

int scl_profile_parse(struct scl_profile_file *out, struct scl_arena *arena, const char *path,
                      const char *text, size_t size)
{
    struct reader r = { .arena = arena, .file = out };
    yaml_parser_t parser;
    const yaml_node_t *root;
    int rc;

    *out = (struct scl_profile_file){ .path = path };
    out->search_end = &out->search;
    if (!yaml_parser_initialize(&parser))
        return scl_fail(SCL_NOMEM, "%s: out of memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    if (!yaml_parser_load(&parser, &r.document)) {
        rc = scl_fail(SCL_CONFIG, "%s:%d: is not YAML: %s", path, (int)parser.problem_mark.line + 1,
                      parser.problem ? parser.problem : "?");
        yaml_parser_delete(&parser);
        return rc;
    }
    if (!(root = yaml_document_get_root_node(&r.document)))
        rc = scl_fail(SCL_CONFIG, "%s:1: is empty", path);
    else
        rc = read_mapping(&r, root, "profile", read_top);
    if (rc == SCL_OK)
        rc = check(out);
    yaml_document_delete(&r.document);
    yaml_parser_delete(&parser);
    return rc;
}
