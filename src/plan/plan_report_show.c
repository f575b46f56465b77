/* plan_report_show.c - mistakes as text: sorted, each with its source line and a caret. */
#include "plan/plan_report_show.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/rune.h"

enum { CARET_AFTER_MAX = 100 }; /* characters shown in front of the caret before a long line is cut at its left */

/* The end of "password=", "passwd=", "sslpassword=", "pwd=" beginning at `text`; false when it is something else. */
static bool is_password_word(const char *text, size_t len) {
    if ((len < 4 || strncasecmp(text, "pass", 4) != 0) && (len < 3 || strncasecmp(text, "pwd", 3) != 0)) {
        return false;
    }
    size_t end = 3;
    while (end < len && ((text[end] | 0x20) >= 'a' && (text[end] | 0x20) <= 'z')) {
        end++;
    }
    return end < len && text[end] == '=';
}

size_t report_secret_offset(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (i + 3 <= len && memcmp(text + i, "://", 3) == 0) {
            return i + 3 < len ? i + 3 : len;
        }
        if (is_password_word(text + i, len - i)) {
            return i;
        }
    }
    return len;
}

size_t report_add_rune(struct buf *out, const char *text, size_t len) {
    uint32_t rune = 0;
    size_t bytes = rune_next(text, len, &rune);
    if (bytes == 0 || (!rune_printable(rune) && rune != '\t')) {
        buf_add_char(out, '?');
        return bytes > 0 ? bytes : 1;
    }
    buf_add_mem(out, text, bytes);
    return bytes;
}

/* The bytes of a line (1 based); false when the text has fewer lines. */
static bool find_line(const struct plan_report *report, int line, const char **start, size_t *len) {
    size_t at = 0;
    int current = 1;
    while (current < line && at < report->len) {
        size_t skip = rune_line_break(report->text + at, report->len - at);
        current += skip > 0;
        at += skip > 0 ? skip : 1;
    }
    if (report->text == NULL || current < line) {
        return false;
    }
    size_t end = at;
    while (end < report->len && rune_line_break(report->text + end, report->len - end) == 0) {
        end++;
    }
    *start = report->text + at;
    *len = end - at;
    return true;
}

static int runes_within(const char *text, size_t len) {
    int count = 0;
    uint32_t rune;
    for (size_t at = 0; at < len; count++) {
        size_t bytes = rune_next(text + at, len - at, &rune);
        at += bytes > 0 ? bytes : 1;
    }
    return count;
}

/* The column (0 based) from which on the line is not shown; INT_MAX when all of it may be. */
static int mask_column(const struct plan_report *report, int line, const char *text, size_t len) {
    size_t offset = report_secret_offset(text, len);
    int column = offset < len ? runes_within(text, offset) : INT_MAX;
    for (const struct secret_span *span = report->secrets; span != NULL; span = span->next) {
        if (line < span->line || line > span->end_line) {
            continue;
        }
        int from = line == span->line ? span->column - 1 : 0;
        column = from < column ? from : column;
    }
    return column;
}

/* The blanks below one character of the source line: tabs stay tabs, so both lines are indented alike. */
static void add_blank(struct buf *caret, const char *text, size_t len) {
    uint32_t rune = 0;
    if (rune_next(text, len, &rune) > 0 && rune == '\t') {
        buf_add_char(caret, '\t');
        return;
    }
    for (int i = rune_printable(rune) ? rune_width(rune) : 1; i > 0; i--) {
        buf_add_char(caret, ' ');
    }
}

static void show_line(struct buf *out, struct buf *caret, const char *text, size_t len, int column, int masked) {
    int skip = column > CARET_AFTER_MAX ? column - CARET_AFTER_MAX : 0;
    size_t at = 0;
    for (int i = 0; at < len && i < skip + REPORT_SHOWN_MAX; i++) {
        if (i == masked) {
            buf_add(out, "***");
            break;
        }
        struct buf *shown = i >= skip ? out : NULL;
        if (shown != NULL && i < column) {
            add_blank(caret, text + at, len - at);
        }
        uint32_t rune;
        size_t bytes = rune_next(text + at, len - at, &rune);
        at += shown != NULL ? report_add_rune(shown, text + at, len - at) : bytes > 0 ? bytes : 1;
    }
}

static void show_source(const struct plan_report *report, const struct mistake *mistake, struct buf *out) {
    const char *text;
    size_t len;
    if (mistake->line == 0 || !find_line(report, mistake->line, &text, &len) || len == 0) {
        return;
    }
    int masked = mask_column(report, mistake->line, text, len);
    int column = mistake->column - 1 < masked ? mistake->column - 1 : masked;
    struct buf caret;
    buf_init(&caret);
    buf_add(out, "    ");
    show_line(out, &caret, text, len, column, masked);
    buf_printf(out, "\n    %s^\n", caret.data);
    out->failed |= !buf_ok(&caret);
    buf_release(&caret);
}

static void show_place(const struct plan_report *report, const struct mistake *mistake, struct buf *out) {
    if (mistake->place != NULL) {
        buf_add(out, mistake->place);
        return;
    }
    for (size_t at = 0, len = strlen(report->path); at < len;) {
        at += report_add_rune(out, report->path + at, len - at);
    }
    if (mistake->line > 0) {
        buf_printf(out, ":%d:%d", mistake->line, mistake->column);
    }
}

static int by_position(const void *left, const void *right) {
    const struct mistake *a = *(const struct mistake *const *)left;
    const struct mistake *b = *(const struct mistake *const *)right;
    if ((a->place != NULL) != (b->place != NULL)) {
        return a->place != NULL ? 1 : -1; /* outside the file comes last */
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    if (a->column != b->column) {
        return a->column < b->column ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

/* Aliases and several layers may find the same mistake twice. */
static bool is_repeat(const struct mistake *a, const struct mistake *b) {
    return a->line == b->line && a->column == b->column && strcmp(a->message, b->message) == 0 &&
           strcmp(a->place != NULL ? a->place : "", b->place != NULL ? b->place : "") == 0;
}

/* Sorted, each once; NULL when out of memory. */
static struct mistake **sorted(const struct plan_report *report, size_t *count) {
    size_t stored = report->count < REPORT_MISTAKES_MAX ? report->count : REPORT_MISTAKES_MAX;
    struct mistake **list = arena_array(report->arena, stored, sizeof(struct mistake *));
    if (list == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (struct mistake *mistake = report->mistakes; mistake != NULL; mistake = mistake->next) {
        list[n++] = mistake;
    }
    qsort(list, n, sizeof(*list), by_position);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (*count == 0 || !is_repeat(list[*count - 1], list[i])) {
            list[(*count)++] = list[i];
        }
    }
    return list;
}

static int set_err(const struct plan_report *report, const struct mistake *first, size_t total, struct err *err) {
    struct buf place;
    buf_init(&place);
    show_place(report, first, &place);
    int code = report->unsupported == report->count ? ERR_UNSUPPORTED : ERR_PLAN;
    if (!buf_ok(&place)) {
        code = err_nomem(err);
    } else if (total == 1) {
        err_set(err, code, "%s: %s", place.data, first->message);
    } else {
        err_set(err, code, "%zu mistakes in the plan; the first is at %s: %s", total, place.data, first->message);
    }
    buf_release(&place);
    return code;
}

int report_finish(struct plan_report *report, struct buf *out, struct err *err) {
    if (report->nomem) {
        return err_nomem(err);
    }
    if (report->count == 0) {
        return 0;
    }
    size_t count = 0;
    struct mistake **list = sorted(report, &count);
    if (list == NULL) {
        return err_nomem(err);
    }
    for (size_t i = 0; out != NULL && i < count; i++) {
        show_place(report, list[i], out);
        buf_printf(out, ": error: %s\n", list[i]->message);
        show_source(report, list[i], out);
    }
    size_t more = report->count > REPORT_MISTAKES_MAX ? report->count - REPORT_MISTAKES_MAX : 0;
    if (out != NULL && more > 0) {
        buf_printf(out, "and %zu more\n", more);
    }
    if (out != NULL && !buf_ok(out)) {
        return err_nomem(err);
    }
    return set_err(report, list[0], count + more, err);
}
