/* show_rehearsal.c - what rehearsed batches cost, and what follows from it, as text; see show.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/doc.h"
#include "cli/figures.h"
#include "cli/show.h"
#include "cli/xalloc.h"

static void show_batches(FILE *file, const struct out *out, const json_t *batches) {
    static const char *const headings[] = {"BEHIND KEY", "ROWS", "WRITTEN", "RIGHT ALREADY", "MS", "LOG BYTES", "ERROR", NULL};
    struct table table;
    size_t index;
    json_t *batch;
    table_init(&table, headings, 0x3E);
    json_array_foreach (batches, index, batch) {
        char *key = doc_shown(batch, "lo");
        char *ms = xformat("%.1f", doc_real(batch, "milliseconds", 0));
        table_cell(&table, key);
        show_count_cell(&table, batch, "rows");
        show_count_cell(&table, batch, "written");
        show_count_cell(&table, batch, "same");
        table_cell(&table, ms);
        show_count_cell(&table, batch, "log_bytes");
        table_cell(&table, doc_text(batch, "error"));
        free(key);
        free(ms);
    }
    show_table(file, out, &table);
}

/* A rate above the plan's is what the server would take, and no advice to whoever wrote a slower one down. */
static void show_recommended(FILE *file, const json_t *recommended, int64_t pace) {
    long long rate = (long long)doc_int(recommended, "pace.rows_per_second", 0);
    long long rows = (long long)doc_int(recommended, "batch.rows", 0), workers = (long long)doc_int(recommended, "workers", 0);
    if (pace <= 0 || pace >= rate) {
        show_fieldf(file, "recommended", "--set batch.rows=%lld --set workers=%lld --set pace.rows_per_second=%lld", rows, workers,
                    rate);
        return;
    }
    char *plan = xcopy(figure_count(pace).text);
    show_fieldf(file, "recommended", "--set batch.rows=%lld --set workers=%lld at the plan's pace of %s rows/s", rows, workers,
                plan);
    show_fieldf(file, "server took", "more in the rehearsal: pace.rows_per_second=%lld would keep one worker busy half of the time",
                rate);
    free(plan);
}

static void show_log(FILE *file, const json_t *rehearsal) {
    double row = doc_real(rehearsal, "log_bytes_per_row", -1);
    int64_t whole = doc_int(doc_object(rehearsal, "forecast"), "log_bytes", -1);
    if (row < 0)
        return;
    const char *most = doc_true(rehearsal, "log_is_shared") ? "at most " : "";
    if (whole >= 0)
        show_fieldf(file, "log", "%s%.0f bytes a row, %s bytes for the whole fill", most, row, figure_count(whole).text);
    else
        show_fieldf(file, "log", "%s%.0f bytes a row", most, row);
}

static void show_forecast(FILE *file, const json_t *forecast, int64_t pace) {
    const json_t *seconds = doc_object(forecast, "seconds"), *recommended = doc_object(forecast, "recommended");
    double expected = doc_real(seconds, "expected", -1);
    if (forecast == NULL)
        return;
    if (expected >= 0) {
        char *most = xcopy(figure_duration(expected).text), *low = xcopy(figure_duration(doc_real(seconds, "low", 0)).text);
        show_fieldf(file, "forecast", "%s (90%%: %s to %s)", most, low, figure_duration(doc_real(seconds, "high", 0)).text);
        free(most);
        free(low);
    }
    if (doc_text(recommended, "finish_within")[0])
        show_fieldf(file, "done within", "%s%s", doc_text(recommended, "finish_within"),
                    json_is_false(json_object_get(forecast, "fits_active_max")) ? ", longer than phases.active.max" : "");
    show_recommended(file, recommended, pace);
}

static void show_triggers(FILE *file, const json_t *batches) {
    size_t index;
    json_t *batch;
    json_array_foreach (batches, index, batch)
        if (doc_text(batch, "triggers")[0] != '\0') {
            show_field(file, "triggers", doc_text(batch, "triggers"));
            return;
        }
}

static void show_counts(FILE *file, const json_t *rehearsal) {
    const json_t *locks = doc_object(rehearsal, "locks"), *overhead = doc_object(rehearsal, "overhead");
    double read = doc_real(rehearsal, "read_per_written", -1), hot = doc_real(rehearsal, "hot_ratio", -1);
    const char *held = doc_text(locks, "held");
    if (read >= 0)
        show_fieldf(file, "reads", "%.1f rows for each row written", read);
    if (hot >= 0)
        show_fieldf(file, "updates", "%.0f%% touch no index (HOT)", hot * 100);
    show_fieldf(file, "locks", "held for %.1f ms at most%s%s", doc_real(locks, "longest_milliseconds", 0), held[0] ? ": " : "",
                held);
    show_fieldf(file, "overhead", "%.1f ms a batch%s", doc_real(overhead, "milliseconds", 0),
                doc_true(overhead, "waits_for_log") ? ", COMMIT included" : ", without waiting for the log");
}

void show_rehearsal(FILE *file, const struct out *out, const json_t *rehearsal, int64_t pace) {
    const json_t *batches = doc_list(rehearsal, "batches");
    double speed = doc_real(rehearsal, "rows_per_second", -1);
    if (rehearsal == NULL)
        return;
    show_batches(file, out, batches);
    fputc('\n', file);
    if (speed >= 0)
        show_fieldf(file, "rehearsed", "%s rows/s by one worker without a limit%s", figure_count((int64_t)speed).text,
                    doc_true(rehearsal, "evenly") ? "" : "; only among the first rows: keys of this kind cannot be spread");
    show_log(file, rehearsal);
    show_counts(file, rehearsal);
    show_triggers(file, batches);
    show_forecast(file, doc_object(rehearsal, "forecast"), pace);
}
