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

enum { CUT_COLUMNS = 20 }; /* the fewest that still say something */

/* The place of the part that is worth least; PARTS_MAX when only one is left. */
static size_t least_of(const struct parts *parts) {
    size_t least = PARTS_MAX, count = 0;
    for (size_t i = 0; i < PARTS_MAX; i++) {
        if (parts->texts[i] == NULL)
            continue;
        count++;
        if (least == PARTS_MAX || parts->worth[i] < parts->worth[least])
            least = i;
    }
    return count < 2 ? PARTS_MAX : least;
}

/* Cuts the part that may be cut by what the line is too wide, where enough of it is left; behind a word, so that 500 does not become 5. */
static bool cut_short(struct parts *parts, unsigned too_many) {
    char *text = parts->texts[parts->cut_place];
    if (text == NULL)
        return false;
    unsigned columns = term_width(text);
    if (columns < too_many + CUT_COLUMNS)
        return false;
    text = xresize(text, strlen(text) + sizeof "…", 1);
    term_cut(text, columns - too_many);
    char *space = strrchr(text, ' ');
    if (space != NULL)
        memcpy(space + 1, "…", sizeof "…");
    parts->texts[parts->cut_place] = text;
    return true;
}

/* Takes away what is worth least; false when there is nothing more to take. */
static bool shorten(struct parts *parts, unsigned too_many) {
    size_t least = least_of(parts);
    if (least == PARTS_MAX)
        return false;
    if (parts->cut_for > 0 && parts->worth[least] >= parts->cut_for && cut_short(parts, too_many))
        return true;
    free(parts->texts[least]);
    parts->texts[least] = NULL;
    return true;
}

char *parts_line(struct parts *parts, unsigned columns) {
    char *line = join(parts);
    while (columns > 0 && term_width(line) > columns && shorten(parts, term_width(line) - columns)) {
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
