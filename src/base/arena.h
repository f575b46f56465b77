/* arena.h - memory that lives as long as one run, one batch or one command, and goes all at once.
 *
 * Not thread-safe. Every function returns NULL when out of memory. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *head;
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);
void arena_reset(struct arena *arena); /* forgets everything, keeps one block for reuse */

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *text);             /* NULL stays NULL */
char *arena_memdup(struct arena *arena, const void *data, size_t len); /* NUL added */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
