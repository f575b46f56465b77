/* reporter.c - see reporter.h. */
#include "cli/reporter.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/doc.h"
#include "cli/term.h"
#include "cli/xalloc.h"

/* A terminal is read by eye, a log by the page, NDJSON by a program. */
enum { TERMINAL_MS = 200, LOG_MS = 30000, JSON_MS = 1000 };

/* In a log, standing still is said at once and not only with the next line: after this long without a row. */
enum { STILL_MS = 1000 };

struct reporter {
    const struct out *out;
    bool on_terminal; /* standard error */
    int every_ms;     /* 0: never */
    /* The main thread's only; times are of the monotonic clock. */
    int64_t due_ms;
    int64_t look_ms; /* when to look whether the run stands still; in logs only */
    uint64_t rows_before;
    char said[sizeof((struct work_pulse *)0)->reason]; /* why it stands still, as last said */

    pthread_mutex_t lock; /* guards both streams and line_shown */
    bool line_shown;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct reporter *reporter_new(const struct out *out) {
    struct reporter *reporter = xalloc(1, sizeof *reporter);
    reporter->out = out;
    reporter->on_terminal = isatty(STDERR_FILENO) && !out->json;
    reporter->every_ms = out->quiet ? 0 : out->json ? JSON_MS : reporter->on_terminal ? TERMINAL_MS : LOG_MS;
    reporter->due_ms = now_ms() + reporter->every_ms;
    reporter->look_ms = reporter->every_ms == LOG_MS ? now_ms() + STILL_MS : INT64_MAX;
    pthread_mutex_init(&reporter->lock, NULL);
    return reporter;
}

/* The caller holds the lock. */
static void clear_line(struct reporter *reporter) {
    if (reporter->line_shown)
        fputs("\r\033[K", stderr);
    reporter->line_shown = false;
}

void reporter_free(struct reporter *reporter) {
    pthread_mutex_lock(&reporter->lock);
    clear_line(reporter);
    pthread_mutex_unlock(&reporter->lock);
    pthread_mutex_destroy(&reporter->lock);
    free(reporter);
}

/* A log without a terminal is read hours later, so its lines say when they were written. */
static void stamp(const struct reporter *reporter) {
    struct tm parts;
    char text[32];
    time_t now = time(NULL);
    if (reporter->on_terminal || gmtime_r(&now, &parts) == NULL)
        return;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ ", &parts);
    fputs(text, stderr);
}

static const char *level_name(int level) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    return level >= 0 && level < 4 ? names[level] : "error";
}

static void print_json_line(const char *text) {
    fprintf(stdout, "%s\n", text);
    (void)fflush(stdout); /* a program waits for the line */
}

static void say_json(int level, const char *text) {
    json_t *line = json_pack("{ss ss so}", "type", "log", "level", level_name(level), "text", doc_string(text));
    char *dumped = json_dumps(line, JSON_COMPACT);
    print_json_line(dumped != NULL ? dumped : "{\"type\":\"log\"}");
    free(dumped);
    json_decref(line);
}

static void say(struct reporter *reporter, int level, const char *text) {
    pthread_mutex_lock(&reporter->lock);
    if (reporter->out->json) {
        say_json(level, text);
    } else {
        clear_line(reporter);
        stamp(reporter);
        fprintf(stderr, "infill: %s", level == 2 ? "warning: " : level > 2 ? "error: " : "");
        term_escape(stderr, text);
        fputc('\n', stderr);
    }
    pthread_mutex_unlock(&reporter->lock);
}

static void log_line(void *context, int level, const char *text) {
    struct reporter *reporter = context;
    if (level >= 2 || reporter->out->verbose)
        say(reporter, level, text);
}

struct infill_log reporter_log(struct reporter *reporter) {
    return (struct infill_log){log_line, reporter};
}

void reporter_say(struct reporter *reporter, int level, const char *format, ...) {
    struct xstream stream;
    va_list args;
    if (level < 2 && reporter->out->quiet)
        return;
    xstream_begin(&stream);
    va_start(args, format);
    vfprintf(stream.file, format, args);
    va_end(args);
    char *text = xstream_end(&stream);
    say(reporter, level, text);
    free(text);
}

int reporter_due_ms(struct reporter *reporter) {
    if (reporter->every_ms == 0)
        return -1;
    int64_t due_ms = reporter->due_ms < reporter->look_ms ? reporter->due_ms : reporter->look_ms;
    int64_t left = due_ms - now_ms();
    return left > 0 ? (int)left : 0;
}

static void draw_line(struct reporter *reporter, const struct work *work) {
    unsigned columns = term_columns(STDERR_FILENO); /* asked each time: windows change */
    /* The last column stays free: some terminals wrap when it is written. */
    char *line = work->line(work->subject, columns > 1 ? columns - 1 : TERM_COLUMNS_DEFAULT - 1);
    pthread_mutex_lock(&reporter->lock);
    fprintf(stderr, "\r%s\033[K", line);
    (void)fflush(stderr);
    reporter->line_shown = true;
    pthread_mutex_unlock(&reporter->lock);
    free(line);
}

static void show(struct reporter *reporter, const struct work *work) {
    if (reporter->on_terminal) {
        draw_line(reporter, work);
        return;
    }
    char *line = reporter->out->json ? work->json(work->subject) : work->line(work->subject, 0);
    pthread_mutex_lock(&reporter->lock);
    if (reporter->out->json) {
        print_json_line(line);
    } else {
        stamp(reporter);
        fprintf(stderr, "infill: %s\n", line);
    }
    pthread_mutex_unlock(&reporter->lock);
    free(line);
}

/* Says once why everybody waits, and once that the work goes on. */
static void look_whether_still(struct reporter *reporter, const struct work *work) {
    struct work_pulse pulse = {0};
    work->pulse(work->subject, &pulse);
    bool moved = pulse.rows != reporter->rows_before;
    reporter->rows_before = pulse.rows;
    if (moved && reporter->said[0] != '\0') {
        reporter->said[0] = '\0';
        reporter_say(reporter, 1, "going on");
    } else if (!moved && pulse.waits && strcmp(reporter->said, pulse.reason) != 0) {
        snprintf(reporter->said, sizeof reporter->said, "%s", pulse.reason);
        reporter_say(reporter, 1, "waiting: %s", pulse.reason);
    }
}

void reporter_progress(struct reporter *reporter, const struct work *work) {
    if (reporter_due_ms(reporter) != 0)
        return;
    int64_t now = now_ms();
    if (now >= reporter->look_ms) {
        look_whether_still(reporter, work);
        reporter->look_ms = now + STILL_MS;
    }
    if (now >= reporter->due_ms) {
        show(reporter, work);
        reporter->due_ms = now + reporter->every_ms;
    }
}

void reporter_last(struct reporter *reporter, const struct work *work) {
    if (reporter->out->json && !reporter->out->quiet)
        show(reporter, work);
}

void reporter_summary(struct reporter *reporter, json_t *summary) {
    if (!reporter->out->json)
        return;
    json_t *line = json_pack("{ss}", "type", "summary");
    json_object_update(line, summary);
    char *dumped = json_dumps(line, JSON_COMPACT);
    print_json_line(dumped != NULL ? dumped : "{\"type\":\"summary\"}");
    free(dumped);
    json_decref(line);
}
