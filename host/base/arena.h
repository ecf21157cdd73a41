/* arena.h - memory that is given back all at once.
 *
 * A graph, a plan or a configuration allocates many small things that live and
 * die together. They come from one arena, and one call frees them.
 *
 *     struct scl_arena arena = { 0 };
 *     int *table = scl_arena_alloc(&arena, n * sizeof *table);
 *     ...
 *     scl_arena_fini(&arena);
 */
#ifndef SCL_BASE_ARENA_H
#define SCL_BASE_ARENA_H

#include <stddef.h>

struct scl_arena_block;

/* All zeros is an empty arena. */
struct scl_arena {
    struct scl_arena_block *block;
};

/* Zeroed bytes, aligned for any type. NULL, with words, when memory is out. */
void *scl_arena_alloc(struct scl_arena *arena, size_t bytes);

/* A copy of `bytes` bytes at `from`. */
void *scl_arena_copy(struct scl_arena *arena, const void *from, size_t bytes);

/* A formatted string. */
char *scl_arena_text(struct scl_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena is empty again. */
void scl_arena_fini(struct scl_arena *arena);

#endif
