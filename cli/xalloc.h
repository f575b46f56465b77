/* xalloc.h - allocation for a command that ends anyway: when memory is out, it says so and exits 1.
 *
 * Exiting in the middle of a run is what a crash is: no batch is half-done, and the same command resumes. */
#ifndef CLI_XALLOC_H
#define CLI_XALLOC_H

#include <stddef.h>
#include <stdio.h>

void *xalloc(size_t count, size_t size);                /* zeroed */
void *xresize(void *memory, size_t count, size_t size); /* count × size bytes, checked for overflow */
char *xcopy(const char *text);
char *xformat(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A stream into memory; xstream_end closes it and hands the text over, which the caller frees. */
struct xstream {
    FILE *file;
    char *text;
    size_t len;
};
void xstream_begin(struct xstream *stream);
char *xstream_end(struct xstream *stream);

#endif
