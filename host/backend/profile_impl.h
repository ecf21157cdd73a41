/* profile_impl.h - profile files as they were read; for host/backend only.
 *
 * All of them are read before one is chosen, because any may inherit any other;
 * they and everything they point to live in one arena.
 */
#ifndef SCL_BACKEND_PROFILE_IMPL_H
#define SCL_BACKEND_PROFILE_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/profile.h"
#include "base/arena.h"

#define SCL_PROFILE_ROOT "generic"

/* A key of `match`: it holds when one of the globs matches the device's fact. */
struct scl_match_rule {
    const char *key;
    const char **glob;
    int n_glob;
    struct scl_match_rule *next;
};

struct scl_kernel_param {
    const char *kernel, *param; /* "conv2d/direct_vec", "MR" */
    int value;
    struct scl_kernel_param *next;
};

/* A line of `search` (backend/profile.h). */
struct scl_search_line {
    struct scl_search search;
    struct scl_search_line *next;
};

struct scl_profile_file {
    const char *path; /* "backends/pocl/pocl-avx2.yaml" */
    const char *name;
    const char *inherits, *build_options, *families; /* NULL: not said */
    int inherits_line;
    struct scl_match_rule *match;
    struct scl_kernel_param *param;
    struct scl_search_line *search, **search_end; /* in the file's order */
    const struct scl_profile_file *parent;        /* NULL: the root */
    int depth;                                    /* ancestors */
    struct scl_profile_file *next;
};

/* Whether `key` is one of `match`'s. */
bool scl_match_key_known(const char *key);

/* Fills *out from a profile's text; its parent is found later. SCL_CONFIG, in
 * one line with the path and line, when it is not valid. */
int scl_profile_parse(struct scl_profile_file *out, struct scl_arena *arena, const char *path,
                      const char *text, size_t size);

/* All profiles, with their parents, by path: those under backends/ in the folder
 * that SCL_SOURCE_DIR names, or, where it is not set, those in the program. */
int scl_profile_load_all(struct scl_profile_file **out, struct scl_arena *arena);

#endif
