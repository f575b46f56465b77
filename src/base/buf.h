/* buf.h - a growing byte buffer, always NUL-terminated, for text that is built up.
 *
 * Failure is sticky: after one allocation failed every later call does nothing, and buf_ok() says so once at the end. Not thread-safe. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL-terminated; "" before the first write */
    size_t len; /* bytes without the NUL */
    size_t cap;
    bool failed;
};

void buf_init(struct buf *buf);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* len 0, memory and a failure are kept */
bool buf_ok(const struct buf *buf);

void buf_add(struct buf *buf, const char *text);
void buf_add_mem(struct buf *buf, const void *data, size_t len);
void buf_add_char(struct buf *buf, char c);
/* Room for `size` bytes behind the text, for a caller that writes them itself and then adds to `len`. NULL when out of memory. */
char *buf_reserve(struct buf *buf, size_t size);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands the text over to the caller, who frees it with mem_free; the buffer is empty again. NULL if it failed. */
char *buf_detach(struct buf *buf);

#endif
