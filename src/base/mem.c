/* mem.c - malloc behind one door, with a fault that tests can place. */
#include "base/mem.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_ulong asked;   /* allocations since the last mem_fail_at() */
static atomic_ulong fail_at; /* 0: never */
static atomic_bool fail_on;  /* later ones fail as well */

static _Thread_local unsigned long refusals;

static void *counted(void *ptr) {
    refusals += ptr == NULL;
    return ptr;
}

unsigned long mem_refusals(void) {
    return refusals;
}

static bool refused(void) {
    unsigned long now = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed) + 1;
    unsigned long at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (at == 0 || now < at)
        return false;
    return now == at || atomic_load_explicit(&fail_on, memory_order_relaxed);
}

/* malloc(0) may return NULL, which would read as out of memory. */
static size_t at_least_one(size_t size) {
    return size == 0 ? 1 : size;
}

void *mem_alloc(size_t size) {
    return counted(refused() ? NULL : malloc(at_least_one(size)));
}

void *mem_zalloc(size_t count, size_t size) {
    /* calloc refuses an overflow as well, but AddressSanitizer's takes it for a defect. */
    bool fails = refused() || (size != 0 && count > SIZE_MAX / size);
    return counted(fails ? NULL : calloc(at_least_one(count), at_least_one(size)));
}

void *mem_realloc(void *ptr, size_t size) {
    return counted(refused() ? NULL : realloc(ptr, at_least_one(size)));
}

char *mem_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void mem_free(void *ptr) {
    free(ptr);
}

void mem_hook_jansson(void) {
    json_set_alloc_funcs(mem_alloc, mem_free);
}

char *mem_json_text(const struct json_t *json, size_t flags) {
    size_t len = json ? json_dumpb(json, NULL, 0, flags) : 0;
    char *text = len > 0 ? mem_alloc(len + 1) : NULL;
    if (text == NULL)
        return NULL;
    if (json_dumpb(json, text, len, flags) != len) {
        mem_free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

void mem_fail_at(unsigned long n, bool for_ever) {
    atomic_store(&fail_on, for_ever);
    atomic_store(&fail_at, n);
    atomic_store(&asked, 0);
}

bool mem_fails(void) {
    return atomic_load_explicit(&fail_at, memory_order_relaxed) > 0;
}

unsigned long mem_count(void) {
    return atomic_load(&asked);
}
