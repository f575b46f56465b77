/* mem.h - the one door to the heap, which tests can make fail.
 *
 * All allocation of infill, and of jansson, goes through here. In tests mem_fail_at(n) makes the n-th allocation from now fail, once or
 * for ever, so a loop over n walks through every out-of-memory path. Thread-safe; the fault counter is for single-threaded tests. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* malloc, calloc, realloc, strdup; NULL when out of memory. A size of 0 gives a unique pointer. Free with mem_free (NULL allowed). */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t count, size_t size);
void *mem_realloc(void *ptr, size_t size);
char *mem_strdup(const char *text);
void mem_free(void *ptr);

/* Makes jansson allocate here. Call it once, before the first use of jansson. */
void mem_hook_jansson(void);

/* How often this thread was refused memory. A JSON document that was put together without looking is whole if it did not change. */
unsigned long mem_refusals(void);

/* json_dumps(), but all of the text or NULL: jansson's own leaves parts out in silence when memory ends. `flags` are jansson's. */
struct json_t;
char *mem_json_text(const struct json_t *json, size_t flags);

/* Test hook: the n-th allocation from now (1 = the next) fails; with `for_ever` all later ones too. 0 switches it off. */
void mem_fail_at(unsigned long n, bool for_ever);
/* Is there such an allocation to come? Then an arena asks for each piece on its own, so that each piece can be the one that is refused. */
bool mem_fails(void);
/* Allocations asked for since the last mem_fail_at(). */
unsigned long mem_count(void);

#endif
