/* progress_verify.c - the progress of a verification; see progress.h. */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/parts.h"
#include "cli/progress.h"
#include "cli/term.h"
#include "cli/xalloc.h"

enum part { PART_FILL, PART_ROWS, PART_PERCENT, PART_RATE, PART_LEFT, PART_SLICES, PART_FINDINGS, PART_REASON };

static const int worth[] = {
    [PART_FILL] = 2, [PART_ROWS] = 6,   [PART_PERCENT] = 5,  [PART_RATE] = 3,
    [PART_LEFT] = 4, [PART_SLICES] = 1, [PART_FINDINGS] = 8, [PART_REASON] = 7,
};

static void put(struct parts *parts, enum part part, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put(struct parts *parts, enum part part, const char *format, ...) {
    va_list args;
    va_start(args, format);
    parts_put(parts, part, worth[part], format, args);
    va_end(args);
}

/* Slices are cut for about the same number of rows, so their share is the share of the rows. Negative: unknown. */
static double percent_of(const struct infill_verify_progress *progress) {
    if (progress->slices == 0 || progress->slices_done > progress->slices)
        return -1;
    return 100.0 * progress->slices_done / progress->slices;
}

char *progress_verify_line(const struct infill_verify_progress *progress, unsigned columns) {
    struct parts parts = {0};
    double percent = percent_of(progress);
    char *fill = term_escaped(progress->fill);
    char *reason = term_escaped(progress->reason);
    if (fill[0] != '\0')
        put(&parts, PART_FILL, "%s", fill);
    put(&parts, PART_ROWS, "%s rows against %s", figure_count((int64_t)progress->rows_source).text,
        figure_count((int64_t)progress->rows_target).text);
    if (percent >= 0)
        put(&parts, PART_PERCENT, "%s", figure_percent(percent).text);
    if (progress->rows_per_second >= 0)
        put(&parts, PART_RATE, "%s rows/s", figure_rate(progress->rows_per_second).text);
    if (progress->seconds_left >= 0)
        put(&parts, PART_LEFT, "ETA %s", figure_duration(progress->seconds_left).text);
    if (progress->slices > 0)
        put(&parts, PART_SLICES, "slices %u/%u", progress->slices_done, progress->slices);
    put(&parts, PART_FINDINGS, "findings %s", figure_count((int64_t)progress->findings).text);
    if (reason[0] != '\0')
        put(&parts, PART_REASON, "slowed: %s", reason);
    free(fill);
    free(reason);
    return parts_line(&parts, columns);
}

/* Unknown is null, so that no reader takes -1 for a number. */
static json_t *real_or_null(double value) {
    return value >= 0 ? json_real(value) : json_null();
}

char *progress_verify_json(const struct infill_verify_progress *progress) {
    json_t *slices = progress->slices > 0 ? json_integer(progress->slices) : json_null();
    json_t *document =
        json_pack("{ss so sI sI sI so sI so so so so}", "type", "progress", "fill", doc_string(progress->fill), "rows_source",
                  (json_int_t)progress->rows_source, "rows_target", (json_int_t)progress->rows_target, "findings",
                  (json_int_t)progress->findings, "slices", slices, "slices_done", (json_int_t)progress->slices_done, "percent",
                  real_or_null(percent_of(progress)), "rows_per_second", real_or_null(progress->rows_per_second), "seconds_left",
                  real_or_null(progress->seconds_left), "reason", doc_string(progress->reason));
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(document);
    return text != NULL ? text : xcopy("{\"type\":\"progress\"}");
}
