/* arena.c - a list of blocks; allocation moves a mark in the newest one.
 *
 * Blocks double, so a batch settles on one block that holds all of it: arena_reset() keeps the largest. */
#include "base/arena.h"

#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum {
    ARENA_FIRST_BLOCK = 4096,
    ARENA_GROW_MAX = 1 << 20, /* beyond 1 MiB doubling wastes more than it saves */
};

struct arena_block {
    struct arena_block *next; /* older blocks */
    size_t size;              /* bytes in data */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena) {
    arena->head = NULL;
}

static void free_blocks(struct arena_block *block) {
    while (block != NULL) {
        struct arena_block *next = block->next;
        mem_free(block);
        block = next;
    }
}

void arena_release(struct arena *arena) {
    free_blocks(arena->head);
    arena->head = NULL;
}

void arena_reset(struct arena *arena) {
    struct arena_block **largest = &arena->head;
    for (struct arena_block **at = &arena->head; *at != NULL; at = &(*at)->next)
        if ((*at)->size > (*largest)->size)
            largest = at;
    struct arena_block *keep = *largest;
    if (keep == NULL)
        return;
    *largest = keep->next;
    free_blocks(arena->head);
    keep->next = NULL;
    keep->used = 0;
    arena->head = keep;
}

static struct arena_block *add_block(struct arena *arena, size_t need) {
    size_t size = ARENA_FIRST_BLOCK;
    if (arena->head != NULL)
        size = arena->head->size < ARENA_GROW_MAX / 2 ? arena->head->size * 2 : ARENA_GROW_MAX;
    if (size < need || mem_fails())
        size = need;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block = mem_alloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->next = arena->head;
    block->size = size;
    block->used = 0;
    arena->head = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    size_t step = alignof(max_align_t);
    if (size > SIZE_MAX - step)
        return NULL;
    size_t need = size == 0 ? step : (size + step - 1) / step * step;
    struct arena_block *block = arena->head;
    if (block == NULL || block->size - block->used < need || mem_fails())
        block = add_block(arena, need);
    if (block == NULL)
        return NULL;
    void *data = block->data + block->used;
    block->used += need;
    return memset(data, 0, need);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(arena, count * size);
}

char *arena_memdup(struct arena *arena, const void *data, size_t len) {
    if (len == SIZE_MAX)
        return NULL;
    char *copy = arena_alloc(arena, len + 1);
    if (copy != NULL && len > 0)
        memcpy(copy, data, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return text == NULL ? NULL : arena_memdup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || len == INT_MAX)
        return NULL;
    char *text = arena_alloc(arena, (size_t)len + 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}
