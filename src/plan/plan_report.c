/* plan_report.c - see plan_report.h. Collecting only; plan_report_show.c puts it into words. */
#include "plan/plan_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plan/plan_report_show.h"
#include "plan/rune.h"

void report_init(struct plan_report *report, struct arena *arena, const char *path, const char *text, size_t len) {
    *report = (struct plan_report){.arena = arena, .path = path, .text = text, .len = len};
}

/* A cut message must not end within a character. */
static void drop_partial_rune(char *text) {
    size_t len = strlen(text);
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    uint32_t rune;
    if (start > 0 && rune_next(text + start - 1, len - start + 1, &rune) == 0) {
        text[start - 1] = '\0';
    }
}

__attribute__((format(printf, 3, 0))) static void add(struct plan_report *report, const struct mistake *place, const char *format,
                                                      va_list args) {
    char message[REPORT_MESSAGE_MAX];
    if (vsnprintf(message, sizeof(message), format, args) >= (int)sizeof(message)) {
        drop_partial_rune(message);
    }
    report->count++;
    report->unsupported += place->unsupported;
    if (report->count > REPORT_MISTAKES_MAX) {
        return;
    }
    struct mistake *mistake = arena_alloc(report->arena, sizeof(*mistake));
    char *copy = arena_strdup(report->arena, message);
    if (mistake == NULL || copy == NULL) {
        report->nomem = true;
        return;
    }
    *mistake = *place;
    mistake->order = report->count;
    mistake->message = copy;
    mistake->next = report->mistakes;
    report->mistakes = mistake;
}

void report_at(struct plan_report *report, int line, int column, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(report, &(struct mistake){.line = line, .column = column}, format, args);
    va_end(args);
}

void report_unsupported(struct plan_report *report, int line, int column, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(report, &(struct mistake){.line = line, .column = column, .unsupported = true}, format, args);
    va_end(args);
}

static const char *copy_place(struct plan_report *report, const char *place) {
    const char *copy = arena_strdup(report->arena, place);
    report->nomem |= copy == NULL;
    return copy != NULL ? copy : "";
}

void report_outside(struct plan_report *report, const char *place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(report, &(struct mistake){.place = copy_place(report, place)}, format, args);
    va_end(args);
}

void report_outside_unsupported(struct plan_report *report, const char *place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(report, &(struct mistake){.place = copy_place(report, place), .unsupported = true}, format, args);
    va_end(args);
}

void report_secret(struct plan_report *report, int line, int column, int end_line) {
    struct secret_span *span = arena_alloc(report->arena, sizeof(*span));
    if (span == NULL) {
        report->nomem = true;
        return;
    }
    *span = (struct secret_span){.line = line, .column = column, .end_line = end_line, .next = report->secrets};
    report->secrets = span;
}

bool report_looks_secret(const char *text, size_t len) {
    return report_secret_offset(text, len) < len;
}

const char *report_quote(struct plan_report *report, const char *text) {
    size_t len = strlen(text);
    if (report_looks_secret(text, len)) {
        return "'***'";
    }
    struct buf quoted;
    buf_init(&quoted);
    buf_add_char(&quoted, '\'');
    size_t shown = 0;
    for (size_t at = 0; at < len && shown < REPORT_QUOTE_MAX; shown++) {
        at += report_add_rune(&quoted, text + at, len - at);
    }
    buf_add(&quoted, shown == REPORT_QUOTE_MAX ? "..." : "");
    buf_add_char(&quoted, '\'');
    const char *copy = buf_ok(&quoted) ? arena_strdup(report->arena, quoted.data) : NULL;
    buf_release(&quoted);
    report->nomem |= copy == NULL;
    return copy != NULL ? copy : "''";
}
