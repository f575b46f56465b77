/* sqlite_dialect.c - how SQLite (3.35 and newer) spells things.
 *
 * Values are bound with the storage class they had, so placeholders need no cast: compared with a column, a bound value gets the
 * column's affinity, which is what it had when it was stored.
 *
 * The same trick answers "what would storing this expression give": there is no CAST that only applies an affinity, but `column IS +expr`
 * does. The unary plus takes away an affinity of the expression's own (else `text_column IS integer_column` would compare numbers, and
 * '05' would be 5). After that the column's affinity is applied to the value, as storing would:
 * - INTEGER, NUMERIC: text that is a number becomes that number. Equal numbers in such a column are stored alike.
 * - REAL: the same, but an integer beyond 2^53 is rounded when it is stored and not when it is compared; that is asked for apart.
 * - TEXT: numbers become their text. Blobs stay blobs.
 * - none: nothing is converted, and 5 would equal 5.0; here the storage classes are compared as well.
 * COLLATE BINARY on the left decides for bytes whatever the column's collation is. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "db/dialects.h"

static void plain_in(struct buf *out, const char *placeholder) {
    buf_add(out, placeholder);
}

static void integer_in(struct buf *out, const char *placeholder) {
    buf_printf(out, "CAST(%s AS INTEGER)", placeholder);
}

static void now_plus_ms(struct buf *out, const char *placeholder) {
    buf_printf(out, "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', (%s / 1000.0) || ' seconds')", placeholder);
}

static void epoch_ms(struct buf *out, const char *expr) {
    buf_printf(out, "CAST(round((julianday(%s) - 2440587.5) * 86400000.0) AS INTEGER)", expr);
}

static void key_out(struct buf *out, const struct sql_column *column, const char *expr) {
    (void)column;
    buf_add(out, expr);
}

static void key_in(struct buf *out, const struct sql_column *column, const char *placeholder) {
    (void)column;
    buf_add(out, placeholder);
}

static const char *key_refused(const struct sql_column *column) {
    switch (column->class) {
    case SQL_FLOAT:
        return "floating point numbers are not exact";
    case SQL_JSON:
        return "JSON has no order to walk";
    case SQL_OTHER:
        return "infill does not know the order of this type";
    default:
        return NULL;
    }
}

static void converted(struct buf *out, const struct sql_column *column, const char *expr) {
    (void)column;
    buf_printf(out, "+%s", expr);
}

static bool contains_nocase(const char *text, const char *part) {
    return strcasestr(text, part) != NULL;
}

static bool has_text_affinity(const struct sql_column *column) {
    return !contains_nocase(column->type, "INT") &&
           (contains_nocase(column->type, "CHAR") || contains_nocase(column->type, "CLOB") ||
            contains_nocase(column->type, "TEXT"));
}

/* INT, CHAR, CLOB and TEXT in a declared type are looked for before BLOB (datatype3.html). A column of type ANY has no affinity in a
 * STRICT table and NUMERIC elsewhere; the check of storage classes is the careful choice for both. */
static bool may_have_no_affinity(const struct sql_column *column) {
    if (column->type[0] == '\0' || text_equal_nocase(column->type, "ANY"))
        return true;
    return !contains_nocase(column->type, "INT") && !has_text_affinity(column) && contains_nocase(column->type, "BLOB");
}

static bool has_real_affinity(const struct sql_column *column) {
    if (contains_nocase(column->type, "INT") || has_text_affinity(column) || may_have_no_affinity(column))
        return false;
    return contains_nocase(column->type, "REAL") || contains_nocase(column->type, "FLOA") || contains_nocase(column->type, "DOUB");
}

static void same_bytes(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    buf_add_char(out, '(');
    if (may_have_no_affinity(column))
        buf_printf(out, "typeof(%s) = typeof(+%s) AND ", stored, expr);
    buf_printf(out, "%s COLLATE BINARY IS +%s", stored, expr);
    if (has_real_affinity(column))
        buf_printf(out, " OR typeof(+%s) IN ('integer', 'text') AND CAST(%s AS NUMERIC) IS +%s AND %s IS CAST(%s AS REAL)", expr,
                   expr, expr, stored, expr);
    buf_add_char(out, ')');
}

static void force_index(struct buf *out, const char *quoted_index) {
    (void)out;
    (void)quoted_index;
}

enum { DAY_SECONDS = 86400, SECOND_US = 1000000 };

/* Times are ISO text here. The day is taken from the first ten characters, never from date(), which would move a time with an offset to
 * UTC; '2026-03-02' sorts behind every form of a time of the day before. Text that is no date gives NULL, and that finds no row. */
static void next_period(struct buf *out, const struct sql_column *column, const char *expr, long long period_us) {
    long long days = period_us / SECOND_US / DAY_SECONDS;
    long long shift = (5000LL * 366 / days + 1) * days; /* whole periods, so that the division never sees a negative number */
    (void)column;
    buf_printf(
        out,
        "date('2000-01-03', ((CAST(julianday(substr(%s, 1, 10)) - julianday('2000-01-03') AS INTEGER) + %lld) / %lld * %lld + %lld)"
        " || ' days')",
        expr, shift, days, days, days - shift);
}

static const char *period_refused(const struct sql_column *column, long long period_us) {
    if (!has_text_affinity(column) && column->class != SQL_DATE && column->class != SQL_TIMESTAMP)
        return "the first key column does not hold dates as ISO text";
    if (period_us <= 0 || period_us % ((long long)DAY_SECONDS * SECOND_US) != 0)
        return "on this engine the period must be whole days";
    return NULL;
}

static const char *const volatile_functions[] = {"changes",           "current_date",      "current_time",
                                                 "current_timestamp", "last_insert_rowid", "random",
                                                 "randomblob",        "total_changes",     NULL};

static const char *const volatile_words[] = {"current_date", "current_time", "current_timestamp", NULL};

static const struct sql_clock_function clock_functions[] = {{"date", 1},      {"time", 1},     {"datetime", 1}, {"julianday", 1},
                                                            {"unixepoch", 1}, {"strftime", 2}, {"timediff", 1}, {NULL, 0}};

static const char *const clock_strings[] = {"now", "subsec", "subsecond", NULL};

const struct sql_dialect sqlite_dialect = {
    .name = "sqlite",
    .quote = '"',
    .row_values = true,
    .updates_in_key_order = true,
    .ledger_prefix = "infill_",
    .ddl_text = "TEXT",
    .ddl_name = "TEXT",
    .ddl_time = "TEXT",
    .ddl_end = "",
    .ddl_busy_end = "",
    .now = "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    .for_update = "",
    .skip_locked = "",
    .for_share = "",
    .lock_rows = "",
    .text_in = plain_in,
    .integer_in = integer_in,
    .limit_in = integer_in,
    .now_plus_ms = now_plus_ms,
    .epoch_ms = epoch_ms,
    .key_out = key_out,
    .key_in = key_in,
    .key_refused = key_refused,
    .anti_join_by_in = true,
    .converted = converted,
    .same_bytes = same_bytes,
    .force_index = force_index,
    .next_period = next_period,
    .period_refused = period_refused,
    .volatile_functions = volatile_functions,
    .volatile_words = volatile_words,
    .clock_functions = clock_functions,
    .clock_strings = clock_strings,
    .bracket_names = true,
    .named_placeholders = true,
    .scratch = &sqlite_scratch,
};
