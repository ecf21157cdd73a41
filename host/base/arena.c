/* arena.c - a list of blocks, each filled from its start. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { BLOCK_BYTES = 64 * 1024 };

struct scl_arena_block {
    struct scl_arena_block *next;
    size_t used, bytes;
    max_align_t data[];
};

void *scl_arena_alloc(struct scl_arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    struct scl_arena_block *block = arena->block;
    void *out;

    bytes = (bytes + align - 1) / align * align;
    if (!block || block->bytes - block->used < bytes) {
        const size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

        if (!(block = calloc(1, sizeof *block + room))) {
            scl_fail(SCL_NOMEM, "out of memory: %zu bytes were asked for", room);
            return NULL;
        }
        block->bytes = room;
        block->next = arena->block;
        arena->block = block;
    }
    out = (char *)block->data + block->used;
    block->used += bytes;
    return out;
}

void *scl_arena_copy(struct scl_arena *arena, const void *from, size_t bytes)
{
    void *out = scl_arena_alloc(arena, bytes);

    if (out && bytes)
        memcpy(out, from, bytes);
    return out;
}

char *scl_arena_text(struct scl_arena *arena, const char *format, ...)
{
    va_list args, again;
    char *out;
    int length;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    if ((out = scl_arena_alloc(arena, (size_t)length + 1)))
        vsnprintf(out, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return out;
}

void scl_arena_fini(struct scl_arena *arena)
{
    while (arena->block) {
        struct scl_arena_block *next = arena->block->next;

        free(arena->block);
        arena->block = next;
    }
}
