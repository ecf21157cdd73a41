/* config_impl.h - a configuration as a list of keys, private to this folder.
 *
 * Every way in and out goes through one list, so that all words about a key come
 * from one place:
 *
 *     file --document--> entries --override, defaults, check--> text --libcyaml--> struct
 *     struct --print--> entries --> text of config.yaml, differences of two structs
 *
 * An entry knows where it comes from ("run.yaml:12: optim.lr"), which is how each
 * refusal begins. Entries and their texts live in the arena of whoever made the list.
 */
#ifndef SCL_CONFIG_CONFIG_IMPL_H
#define SCL_CONFIG_CONFIG_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include <cyaml/cyaml.h>

#include "base/arena.h"
#include "config/config.h"

#define SCL_CONFIG_BYTES (1 << 20) /* the largest configuration that is read */
#define SCL_MAX_ENTRIES 512
#define SCL_MAX_ITEMS 16
#define SCL_KEY_BYTES 64

enum scl_entry_form { SCL_ENTRY_SCALAR, SCL_ENTRY_LIST, SCL_ENTRY_GROUP };

struct scl_entry {
    const char *key;    /* "optim.lr" */
    const char *origin; /* "run.yaml:12: optim.lr", "--set optim.lr=1" */
    enum scl_entry_form form;
    int n;                            /* values; a list may have more than are kept */
    const char *value[SCL_MAX_ITEMS]; /* as written */
    bool quoted[SCL_MAX_ITEMS];
};

struct scl_entries {
    struct scl_arena *arena;
    const char *source; /* name of the file */
    bool is_value;      /* not a file, but one value: source alone says where it is from */
    struct scl_entry *item[SCL_MAX_ENTRIES];
    int n;
};

/* A place in the schema; all zeros stands before the first. */
struct scl_leaf {
    char key[SCL_KEY_BYTES];
    const cyaml_schema_field_t *field;
    size_t offset; /* in struct scl_config */
    int group, index;
};

/* document.c: appends what the YAML text says; SCL_CONFIG with file and line. */
int scl_entries_load(struct scl_entries *e, const char *source, const char *text, size_t size);
struct scl_entry *scl_entries_find(const struct scl_entries *e, const char *key);
/* NULL, with words, when there are too many or memory is out. */
struct scl_entry *scl_entries_push(struct scl_entries *e, const char *key);

/* clean.c: how many bytes the control character or line end has that the text begins with;
 * 0: none. */
size_t scl_control_bytes(const char *text);
/* For errors: short, without control characters; in a buffer good for four calls. */
const char *scl_clean_text(const char *text);

/* override.c: "key.path=value" takes the place of an entry, or becomes one. */
int scl_entries_set(struct scl_entries *e, const char *set);

/* defaults.c: an entry for each key that has a default and is not there. */
int scl_entries_defaults(struct scl_entries *e);

/* schema.c */
extern const cyaml_schema_value_t scl_config_schema;
bool scl_leaf_next(struct scl_leaf *leaf); /* false after the last */
bool scl_leaf_find(struct scl_leaf *leaf, const char *key);
bool scl_leaf_is_group(const char *key);
const cyaml_schema_value_t *scl_leaf_item(const struct scl_leaf *leaf); /* of a list: its items' */

/* check.c: keys that do not exist or are missing, types, ranges. */
int scl_entries_check(const struct scl_entries *e);

/* validate.c: what no key can say alone. */
int scl_config_validate(const struct scl_config *c, const struct scl_entries *e);

/* unknown.c: refuses a key that does not exist, and names the nearest. */
int scl_config_unknown(const struct scl_entry *entry);

/* print.c: the whole as YAML, in the arena; NULL, with words, when memory is out. */
const char *scl_entries_text(struct scl_entries *e);
/* All keys of a struct. */
int scl_entries_from(struct scl_entries *e, const struct scl_config *c);

#endif
