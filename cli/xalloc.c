/* xalloc.c - see xalloc.h. */
#include "cli/xalloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void) {
    fputs("infill: out of memory\n  next: the same command resumes\n", stderr);
    exit(1);
}

void *xalloc(size_t count, size_t size) {
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL)
        out_of_memory();
    return memory;
}

void *xresize(void *memory, size_t count, size_t size) {
    void *bigger = reallocarray(memory, count > 0 ? count : 1, size);
    if (bigger == NULL)
        out_of_memory();
    return bigger;
}

char *xcopy(const char *text) {
    char *copy = strdup(text);
    if (copy == NULL)
        out_of_memory();
    return copy;
}

char *xformat(const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        out_of_memory();
    return text;
}

void xstream_begin(struct xstream *stream) {
    *stream = (struct xstream){0};
    stream->file = open_memstream(&stream->text, &stream->len);
    if (stream->file == NULL)
        out_of_memory();
}

char *xstream_end(struct xstream *stream) {
    if (fclose(stream->file) != 0 || stream->text == NULL)
        out_of_memory();
    stream->file = NULL;
    return stream->text;
}
