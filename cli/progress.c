/* progress.c - see progress.h. */
#include "cli/progress.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/parts.h"
#include "cli/term.h"
#include "cli/xalloc.h"

/* The parts of the line from left to right, and how dear each is: on a narrow terminal the lowest goes first. How fast and how long is what
 * people look for; a reason can be long, and is cut short before any of that goes. */
enum part {
    PART_FILL,
    PART_ROWS,
    PART_PERCENT,
    PART_RATE,
    PART_LEFT,
    PART_BATCH,
    PART_RANGES,
    PART_REJECTS,
    PART_RETRIES,
    PART_REASON,
};

static const int worth[] = {
    [PART_FILL] = 4,  [PART_ROWS] = 10,  [PART_PERCENT] = 6, [PART_RATE] = 8,    [PART_LEFT] = 9,
    [PART_BATCH] = 1, [PART_RANGES] = 2, [PART_REJECTS] = 5, [PART_RETRIES] = 3, [PART_REASON] = 7,
};

static void put(struct parts *parts, enum part part, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put(struct parts *parts, enum part part, const char *format, ...) {
    va_list args;
    va_start(args, format);
    parts_put(parts, part, worth[part], format, args);
    va_end(args);
}

double progress_percent(const struct infill_progress *progress) {
    if (progress->rows_estimate < 0)
        return -1;
    bool done = progress->fills > 0 && progress->fills_done == progress->fills;
    if (progress->rows_estimate == 0)
        return done ? 100 : -1;
    double percent = 100.0 * (double)progress->rows_seen / (double)progress->rows_estimate;
    /* An estimate is no count: with more rows than it promised, the run is nearly done until it says that it is. */
    if (percent > 99.9)
        return done ? 100 : 99.9;
    return percent;
}

static void put_rows(struct parts *parts, const struct infill_progress *progress) {
    struct figure seen = figure_count((int64_t)progress->rows_seen);
    struct figure estimate = figure_count(progress->rows_estimate);
    double percent = progress_percent(progress);
    if (progress->rows_estimate >= 0)
        put(parts, PART_ROWS, "%s of ~%s rows", seen.text, estimate.text);
    else
        put(parts, PART_ROWS, "%s rows", seen.text);
    if (percent >= 0)
        put(parts, PART_PERCENT, "%s", figure_percent(percent).text);
    if (progress->rows_per_second >= 0)
        put(parts, PART_RATE, "%s rows/s", figure_rate(progress->rows_per_second).text);
    if (progress->seconds_left >= 0)
        put(parts, PART_LEFT, "ETA %s", figure_duration(progress->seconds_left).text);
}

static void put_rest(struct parts *parts, const struct infill_progress *progress) {
    if (progress->batch_rows > 0)
        put(parts, PART_BATCH, "batch %s", figure_count(progress->batch_rows).text);
    if (progress->ranges > 0)
        put(parts, PART_RANGES, "ranges %u/%u", progress->ranges_filled, progress->ranges);
    if (progress->rejects > 0)
        put(parts, PART_REJECTS, "rejects %s", figure_count((int64_t)progress->rejects).text);
    if (progress->retries > 0)
        put(parts, PART_RETRIES, "retries %s", figure_count((int64_t)progress->retries).text);
    if (progress->reason[0] != '\0') {
        char *reason = term_escaped(progress->reason);
        put(parts, PART_REASON, "%s: %s", progress->workers_waiting >= progress->workers ? "waiting" : "slowed", reason);
        free(reason);
    }
    if (progress->fill[0] != '\0') {
        char *fill = term_escaped(progress->fill);
        if (progress->fills > 1)
            put(parts, PART_FILL, "%s (%u/%u)", fill, progress->fills_done, progress->fills);
        else
            put(parts, PART_FILL, "%s", fill);
        free(fill);
    }
}

char *progress_line(const struct infill_progress *progress, unsigned columns) {
    struct parts parts = {.cut_place = PART_REASON, .cut_for = worth[PART_PERCENT]};
    put_rows(&parts, progress);
    put_rest(&parts, progress);
    return parts_line(&parts, columns);
}

static void set_number(json_t *document, const char *name, uint64_t value) {
    json_object_set_new(document, name, json_integer((json_int_t)value));
}

/* Unknown is null, so that no reader takes -1 for a number. */
static void set_real(json_t *document, const char *name, double value) {
    json_object_set_new(document, name, value >= 0 ? json_real(value) : json_null());
}

char *progress_json(const struct infill_progress *progress) {
    json_t *document = json_pack("{ss so}", "type", "progress", "fill", doc_string(progress->fill));
    set_number(document, "rows_seen", progress->rows_seen);
    set_number(document, "rows_written", progress->rows_written);
    set_number(document, "rows_same", progress->rows_same);
    set_number(document, "rows_kept", progress->rows_kept);
    json_object_set_new(document, "rows_estimate",
                        progress->rows_estimate >= 0 ? json_integer((json_int_t)progress->rows_estimate) : json_null());
    set_real(document, "percent", progress_percent(progress));
    set_real(document, "rows_per_second", progress->rows_per_second);
    set_real(document, "seconds_left", progress->seconds_left);
    set_number(document, "batch_rows", progress->batch_rows);
    set_number(document, "fills", progress->fills);
    set_number(document, "fills_done", progress->fills_done);
    set_number(document, "ranges", progress->ranges);
    set_number(document, "ranges_filled", progress->ranges_filled);
    set_number(document, "rejects", progress->rejects);
    set_number(document, "retries", progress->retries);
    set_number(document, "workers", progress->workers);
    set_number(document, "workers_waiting", progress->workers_waiting);
    json_object_set_new(document, "reason", doc_string(progress->reason));
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(document);
    return text != NULL ? text : xcopy("{\"type\":\"progress\"}");
}
