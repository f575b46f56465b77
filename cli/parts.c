/* parts.c - see parts.h. */
#include "cli/parts.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/term.h"
#include "cli/xalloc.h"

void parts_put(struct parts *parts, size_t place, int worth, const char *format, va_list args) {
    struct xstream stream;
    assert(place < PARTS_MAX && parts->texts[place] == NULL);
    xstream_begin(&stream);
    vfprintf(stream.file, format, args);
    parts->texts[place] = xstream_end(&stream);
    parts->worth[place] = worth;
}

static char *join(const struct parts *parts) {
    struct xstream stream;
    bool any = false;
    xstream_begin(&stream);
    for (size_t i = 0; i < PARTS_MAX; i++) {
        if (parts->texts[i] != NULL)
            fprintf(stream.file, "%s%s", any ? ", " : "", parts->texts[i]);
        any = any || parts->texts[i] != NULL;
    }
    return xstream_end(&stream);
}

/* Drops the part that is worth least; false when only one is left. */
static bool drop_least(struct parts *parts) {
    size_t least = PARTS_MAX;
    size_t count = 0;
    for (size_t i = 0; i < PARTS_MAX; i++) {
        if (parts->texts[i] == NULL)
            continue;
        count++;
        if (least == PARTS_MAX || parts->worth[i] < parts->worth[least])
            least = i;
    }
    if (count < 2)
        return false;
    free(parts->texts[least]);
    parts->texts[least] = NULL;
    return true;
}

char *parts_line(struct parts *parts, unsigned columns) {
    char *line = join(parts);
    while (columns > 0 && term_width(line) > columns && drop_least(parts)) {
        free(line);
        line = join(parts);
    }
    for (size_t i = 0; i < PARTS_MAX; i++)
        free(parts->texts[i]);
    *parts = (struct parts){0};
    if (columns > 0) {
        line = xresize(line, strlen(line) + sizeof "…", 1);
        term_cut(line, columns);
    }
    return line;
}
