/* mariadb_dialect.c - how MariaDB (10.6 and newer) spells things.
 *
 * Sessions are strict, in UTC, with neither ANSI_QUOTES nor TIME_ROUND_FRACTIONAL. Casts here imitate what storing does; they were
 * compared with the server's own stores, type by type, for some 80 expressions of every kind. Where the two disagree it is by calling
 * something different that is the same: a DOUBLE into a text too short for its digits, SET members in another order, a year of two
 * digits. Outside of what they promise: a value that cannot be stored at all, a BIT column into a text or time, an ENUM into a BIT. */
#include <string.h>

#include "base/text.h"
#include "db/dialects.h"

static void plain_in(struct buf *out, const char *placeholder) {
    buf_add(out, placeholder);
}

static void integer_in(struct buf *out, const char *placeholder) {
    buf_printf(out, "CAST(%s AS SIGNED)", placeholder);
}

/* SYSDATE moves within a transaction, NOW does not. */
static void now_plus_ms(struct buf *out, const char *placeholder) {
    buf_printf(out, "(SYSDATE(6) + INTERVAL %s * 1000 MICROSECOND)", placeholder);
}

static void epoch_ms(struct buf *out, const char *expr) {
    buf_printf(out, "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', %s) DIV 1000", expr);
}

static void key_out(struct buf *out, const struct sql_column *column, const char *expr) {
    buf_printf(out, column->class == SQL_BYTES ? "HEX(%s)" : "%s", expr);
}

/* `expr` as the type the column is compared in. Integers and decimals never pass through DOUBLE. A text is only brought to the
 * column's character set: the column's own collation wins over that of a bound value. */
static void cast_like(struct buf *out, const struct sql_column *column, const char *expr) {
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_BOOLEAN:
        buf_printf(out, "CAST(%s AS %s)", expr, column->is_unsigned ? "UNSIGNED" : "SIGNED");
        break;
    case SQL_DECIMAL:
        buf_printf(out, "CAST(%s AS DECIMAL(65,%d))", expr, column->scale);
        break;
    case SQL_DATE:
        buf_printf(out, "CAST(%s AS DATE)", expr);
        break;
    case SQL_TIME:
        buf_printf(out, "CAST(%s AS TIME(6))", expr);
        break;
    case SQL_TIMESTAMP:
        buf_printf(out, "CAST(%s AS DATETIME(6))", expr);
        break;
    case SQL_UUID:
        buf_printf(out, "CAST(%s AS UUID)", expr);
        break;
    default:
        buf_add(out, expr);
        break;
    }
}

static void key_in(struct buf *out, const struct sql_column *column, const char *placeholder) {
    if (column->class == SQL_BYTES)
        buf_printf(out, "UNHEX(%s)", placeholder);
    else
        cast_like(out, column, placeholder);
}

static const char *key_refused(const struct sql_column *column) {
    switch (column->class) {
    case SQL_FLOAT:
        return "floating point numbers are not exact";
    case SQL_JSON:
        return "JSON has no order to walk";
    case SQL_ENUM:
        return "ENUM and SET are ordered by number, not by the text that is compared";
    case SQL_ANY:
    case SQL_OTHER:
        return "infill does not know the order of this type";
    default:
        return NULL;
    }
}

/* An expression has a collation of its own that could win over the column's and cost the index; stating the column's settles it. */
static void converted(struct buf *out, const struct sql_column *column, const char *expr) {
    if (column->class == SQL_TEXT && column->charset != NULL && column->collation != NULL)
        buf_printf(out, "CONVERT(%s USING %s) COLLATE %s", expr, column->charset, column->collation);
    else if (column->class == SQL_BYTES)
        buf_printf(out, "CAST(%s AS BINARY)", expr);
    else
        cast_like(out, column, expr);
}

static const char *charset_of(const struct sql_column *column) {
    return column->charset != NULL ? column->charset : "utf8mb4";
}

/* COERCIBILITY 5 is a number or a time, and folded to a constant. Numbers are stored in an integer by the rounding of CAST AS SIGNED
 * (5.5 -> 6, 2.5e0 -> 2); of a string that takes only the digits in front ('5.6' -> 5), while storing rounds (6). */
static void same_integer(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    if (text_starts(column->type, "year")) {
        buf_printf(out, "%s + 0 <=> CAST(%s AS DECIMAL(65,5))", stored, expr);
        return;
    }
    buf_printf(out, "%s <=> IF(COERCIBILITY(%s) = 5, CAST(%s AS %s), CAST(%s AS DECIMAL(65,0)))", stored, expr, expr,
               column->is_unsigned ? "UNSIGNED" : "SIGNED", expr);
}

/* A column of limited length cuts blanks off a text that is too long and refuses to cut anything else; CHAR loses all blanks at the
 * end. The second comparison sees characters that were cut off and, being made in utf8mb4, those that the column's character set does
 * not have. The third is about numbers: a FLOAT is stored with more digits than CONVERT shows. */
static void same_text(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    struct buf fit;
    buf_init(&fit);
    if (column->length > 0)
        buf_printf(&fit, "LEFT(CONVERT(%s USING %s), %d)", expr, charset_of(column), column->length);
    else
        buf_printf(&fit, "CONVERT(%s USING %s)", expr, charset_of(column));
    if (text_starts(column->type, "char"))
        buf_printf(out, "CAST(%s AS BINARY) <=> CAST(RTRIM(%s) AS BINARY)", stored, fit.data);
    else
        buf_printf(out, "CAST(%s AS BINARY) <=> CAST(%s AS BINARY)", stored, fit.data);
    if (column->length > 0 || strcmp(charset_of(column), "utf8mb4") != 0)
        buf_printf(out,
                   " AND CAST(RTRIM(CONVERT(%s USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(%s USING utf8mb4)) AS BINARY)",
                   fit.data, expr);
    buf_printf(out, " AND IF(COERCIBILITY(%s) = 5, %s <=> %s, TRUE)", expr, stored, expr);
    if (!buf_ok(&fit))
        out->failed = true;
    buf_release(&fit);
}

/* ENUM and SET take strings by name and numbers by position. Fractions are kept, so that a number that would be cut is not the same. */
static void same_enum(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    buf_printf(out, "IF(COERCIBILITY(%s) = 5, %s + 0 <=> CAST(%s AS DECIMAL(65,5)), %s <=> CONVERT(%s USING %s)", expr, stored,
               expr, stored, expr, charset_of(column));
    if (column->collation != NULL)
        buf_printf(out, " COLLATE %s", column->collation);
    buf_add_char(out, ')');
}

static void same_bytes_value(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    if (text_starts(column->type, "binary("))
        buf_printf(out, "%s <=> CAST(%s AS BINARY(%d)) AND COALESCE(LENGTH(CAST(%s AS BINARY)), 0) <= %d", stored, expr,
                   column->length, expr, column->length);
    else
        buf_printf(out, "%s <=> CAST(%s AS BINARY)", stored, expr);
}

/* A CHAR loses its blanks at the end, a shorter VARCHAR those that do not fit; both when stored. */
static void text_as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    if (text_starts(column->type, "char"))
        buf_printf(out, "TRIM(TRAILING ' ' FROM CONVERT(%s USING utf8mb4))", expr);
    else
        buf_printf(out, "CONVERT(%s USING utf8mb4)", expr);
}

/* A YEAR of two digits lies between 1970 and 2069, but for the number 0. Blanks behind a number are no part of it. */
static void integer_as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    if (text_starts(column->type, "year"))
        buf_printf(
            out,
            "CAST(IF(COERCIBILITY(%s) = 5 AND %s = 0, 0, CASE WHEN %s + 0 BETWEEN 0 AND 69 THEN %s + 2000 WHEN %s + 0 BETWEEN "
            "70 AND 99 THEN %s + 1900 ELSE %s END) AS UNSIGNED)",
            expr, expr, expr, expr, expr, expr, expr);
    else
        buf_printf(out, "IF(COERCIBILITY(%s) = 5, CAST(%s AS %s), CAST(TRIM(TRAILING ' ' FROM %s) AS DECIMAL(65,0)))", expr, expr,
                   column->is_unsigned ? "UNSIGNED" : "SIGNED", expr);
}

/* An ENUM has one spelling of each of its words, and takes numbers by position. What is none of them stays what it is: it could not be
 * stored. */
static void enum_as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    int size = (int)strlen(column->type) - (int)strlen("enum()");
    const char *words = column->type + strlen("enum(");
    buf_printf(out, "COALESCE(IF(COERCIBILITY(%s) = 5, ELT(%s, %.*s), ELT(FIELD(CONVERT(%s USING %s)", expr, expr, size, words,
               expr, charset_of(column));
    if (column->collation != NULL)
        buf_printf(out, " COLLATE %s", column->collation);
    buf_printf(out, ", %.*s), %.*s)), CONVERT(%s USING utf8mb4))", size, words, size, words, expr);
}

/* BINARY(n) is filled up with zeros. What is longer stays longer: it could not be stored. */
static void bytes_as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    if (text_starts(column->type, "binary("))
        buf_printf(out, "RPAD(CAST(%s AS BINARY), GREATEST(%d, LENGTH(CAST(%s AS BINARY))), 0x00)", expr, column->length, expr);
    else
        buf_add(out, expr);
}

static void as_stored(struct buf *out, const struct sql_column *column, const char *expr) {
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_BOOLEAN:
        integer_as_stored(out, column, expr);
        break;
    case SQL_BYTES:
        bytes_as_stored(out, column, expr);
        break;
    case SQL_TEXT:
        text_as_stored(out, column, expr);
        break;
    case SQL_FLOAT:
        buf_printf(out, "CAST(%s AS %s)", expr, text_starts(column->type, "float") ? "FLOAT" : "DOUBLE");
        break;
    case SQL_TIMESTAMP:
        buf_printf(out, "CAST(%s AS DATETIME(%d))", expr, column->precision);
        break;
    case SQL_TIME:
        buf_printf(out, "CAST(%s AS TIME(%d))", expr, column->precision);
        break;
    case SQL_DECIMAL:
    case SQL_DATE:
        cast_like(out, column, expr);
        break;
    default:
        if (text_starts(column->type, "enum("))
            enum_as_stored(out, column, expr);
        else
            buf_add(out, expr);
    }
}

/* BIT takes numbers by value and strings, other bit columns among them, by their bytes. */
static void same_bit(struct buf *out, const char *stored, const char *expr) {
    buf_printf(out,
               "IF(COERCIBILITY(%s) = 5, %s + 0 <=> CAST(%s AS DECIMAL(65,5)), "
               "TRIM(LEADING 0x00 FROM CAST(%s AS BINARY)) <=> TRIM(LEADING 0x00 FROM CAST(%s AS BINARY)))",
               expr, stored, expr, stored, expr);
}

static void same_float(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    const char *type = text_starts(column->type, "float") ? "FLOAT" : "DOUBLE";
    const char *brackets = strchr(column->type, '(');
    if (brackets != NULL && column->scale > 0)
        buf_printf(out, "%s <=> CAST(ROUND(CAST(%s AS DOUBLE), %d) AS %s)", stored, expr, column->scale, type);
    else
        buf_printf(out, "%s <=> CAST(%s AS %s)", stored, expr, type);
}

static void same_other(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    if (text_starts(column->type, "bit"))
        same_bit(out, stored, expr);
    else if (text_starts(column->type, "inet"))
        buf_printf(out, "%s <=> CAST(%s AS %s)", stored, expr, column->type);
    else
        buf_printf(out, "CAST(%s AS BINARY) <=> CAST(%s AS BINARY)", stored, expr);
}

static void same_bytes(struct buf *out, const struct sql_column *column, const char *stored, const char *expr) {
    buf_add_char(out, '(');
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_BOOLEAN:
        same_integer(out, column, stored, expr);
        break;
    case SQL_TEXT:
    case SQL_JSON:
        same_text(out, column, stored, expr);
        break;
    case SQL_ENUM:
        same_enum(out, column, stored, expr);
        break;
    case SQL_BYTES:
        same_bytes_value(out, column, stored, expr);
        break;
    case SQL_FLOAT:
        same_float(out, column, stored, expr);
        break;
    case SQL_TIMESTAMP:
        buf_printf(out, "%s <=> CAST(%s AS DATETIME(%d))", stored, expr, column->precision);
        break;
    case SQL_TIME:
        buf_printf(out, "%s <=> CAST(%s AS TIME(%d))", stored, expr, column->precision);
        break;
    case SQL_DECIMAL:
    case SQL_DATE:
    case SQL_UUID:
        buf_printf(out, "%s <=> ", stored);
        cast_like(out, column, expr);
        break;
    default:
        same_other(out, column, stored, expr);
        break;
    }
    buf_add_char(out, ')');
}

static void force_index(struct buf *out, const char *quoted_index) {
    buf_printf(out, " FORCE INDEX (%s)", quoted_index);
}

/* One index, which takes the place of the key's. */
static const char *hint_refused(const struct sql_table *source, const char *key, const char *const *names, size_t count) {
    if (count != 1)
        return "MariaDB takes the name of one index";
    for (size_t i = 0; i < source->index_count; i++) {
        const struct sql_index *index = &source->indexes[i];
        if (strcmp(index->name, names[0]) == 0)
            return index->column_count > 0 && index->columns[0] != NULL && strcmp(index->columns[0], key) == 0
                       ? NULL
                       : "the index does not begin with the key's first column";
    }
    return "the source has no such index";
}

enum { YEAR_SECONDS_MAX = 366 * 86400 };

/* DIV cuts towards zero, so 2000 years of whole periods are added before and taken away after it: times before 2000 fall into the
 * right period too. */
static void next_period(struct buf *out, const struct sql_column *column, const char *expr, long long period_us) {
    long long shift = (2000LL * YEAR_SECONDS_MAX * 1000000 / period_us + 1) * period_us;
    const char *form = "TIMESTAMPADD(MICROSECOND, (TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'2000-01-03 00:00:00', ";
    buf_printf(out, "%s%s%s) + %lld) DIV %lld * %lld + %lld, TIMESTAMP'2000-01-03 00:00:00')%s",
               column->class == SQL_DATE ? "CAST(" : "", form, expr, shift, period_us, period_us, period_us - shift,
               column->class == SQL_DATE ? " AS DATE)" : "");
}

static const char *const volatile_functions[] = {"benchmark",
                                                 "connection_id",
                                                 "curdate",
                                                 "current_date",
                                                 "current_role",
                                                 "current_time",
                                                 "current_timestamp",
                                                 "current_user",
                                                 "curtime",
                                                 "database",
                                                 "found_rows",
                                                 "get_lock",
                                                 "is_free_lock",
                                                 "is_used_lock",
                                                 "last_insert_id",
                                                 "lastval",
                                                 "load_file",
                                                 "localtime",
                                                 "localtimestamp",
                                                 "master_pos_wait",
                                                 "nextval",
                                                 "now",
                                                 "rand",
                                                 "random_bytes",
                                                 "release_all_locks",
                                                 "release_lock",
                                                 "row_count",
                                                 "schema",
                                                 "session_user",
                                                 "setval",
                                                 "sleep",
                                                 "sys_guid",
                                                 "sysdate",
                                                 "system_user",
                                                 "user",
                                                 "utc_date",
                                                 "utc_time",
                                                 "utc_timestamp",
                                                 "uuid",
                                                 "uuid_short",
                                                 "uuid_v4",
                                                 "uuid_v7",
                                                 "version",
                                                 NULL};

static const char *const volatile_words[] = {"current_date", "current_role", "current_time",   "current_timestamp",
                                             "current_user", "localtime",    "localtimestamp", "nextval",
                                             "utc_date",     "utc_time",     "utc_timestamp",  NULL};

static const struct sql_clock_function clock_functions[] = {{"unix_timestamp", 1}, {NULL, 0}};

/* The number of a domain in a list of GTIDs, "0-1-57,3-2-9": domain, server, number. -1: not in it. */
static long long gtid_number(const char *list, long long domain) {
    while (list && *list) {
        char *at = NULL;
        long long of = strtoll(list, &at, 10);
        long long number = -1;
        if (*at == '-' && strtoll(at + 1, &at, 10) >= 0 && *at == '-')
            number = strtoll(at + 1, &at, 10);
        if (of == domain)
            return number;
        list = strchr(at, ',');
        list = list ? list + 1 : NULL;
    }
    return -1;
}

static bool has_reached(const char *replayed, const char *position) {
    for (const char *at = position; at && *at;) {
        long long domain = strtoll(at, NULL, 10);
        if (gtid_number(replayed, domain) < gtid_number(at, domain))
            return false;
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    return true;
}

static double sum_of(const char *list) {
    double sum = 0;
    for (const char *at = list; at && *at;) {
        sum += (double)gtid_number(at, strtoll(at, NULL, 10));
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    return sum;
}

static double distance(const char *from, const char *to) {
    return sum_of(to) - sum_of(from);
}

static const struct sql_load load = {
    .position = "SELECT @@GLOBAL.gtid_binlog_pos",
    .replayed = "SELECT @@GLOBAL.gtid_slave_pos, CASE WHEN @@GLOBAL.gtid_slave_pos = '' THEN 0 ELSE 1 END, NULL",
    .has_reached = has_reached,
    .distance = distance,
    .lock_waits =
        "SELECT variable_value, NULL FROM information_schema.global_status WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'",
    /* Takes PROCESS. Who waits for a row of the ledger is one of us. */
    .blockers =
        "SELECT DISTINCT b.trx_mysql_thread_id FROM information_schema.innodb_lock_waits w JOIN information_schema.innodb_trx b "
        "ON b.trx_id = w.blocking_trx_id JOIN information_schema.innodb_locks l ON l.lock_id = w.requested_lock_id "
        "WHERE l.lock_table NOT LIKE '%`infill\\_%'",
    .sessions = "SELECT variable_value, @@GLOBAL.max_connections, 1 FROM information_schema.global_status WHERE variable_name = "
                "'THREADS_RUNNING'",
    .place = "SELECT NULL, 1, @@hostname",
};

const struct sql_dialect mariadb_dialect = {
    .name = "mariadb",
    .quote = '`',
    .has_schemas = true,
    .locks_rows = true,
    .concurrent_writers = true,
    .update_counts_changes = true,
    .update_joins = true,
    .folds_min_max_only = true,
    .updates_in_key_order = true,
    .ledger_prefix = "infill_",
    .ddl_text = "LONGTEXT",
    .ddl_name = "VARCHAR(190)",
    .ddl_time = "DATETIME(6)",
    .ddl_end = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    .ddl_busy_end = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    .now = "SYSDATE(6)",
    .for_update = " FOR UPDATE",
    .skip_locked = " FOR UPDATE SKIP LOCKED",
    .for_share = " LOCK IN SHARE MODE",
    .lock_rows = " FOR UPDATE",
    .text_in = plain_in,
    .integer_in = integer_in,
    .limit_in = plain_in,
    .now_plus_ms = now_plus_ms,
    .epoch_ms = epoch_ms,
    .see_transactions = "PROCESS",
    .key_hex_upper = true,
    .key_pads_fraction = true,
    .key_out = key_out,
    .key_in = key_in,
    .key_refused = key_refused,
    .anti_join_by_in = true,
    .converted = converted,
    .as_stored = as_stored,
    .same_bytes = same_bytes,
    .force_index = force_index,
    .hint_refused = hint_refused,
    .locks_told = "SELECT CONCAT(trx_rows_locked, ' rows in ', trx_tables_locked, ' tables') FROM information_schema.INNODB_TRX "
                  "WHERE trx_mysql_thread_id = CONNECTION_ID()",
    .sessions_told = "SELECT CONCAT('session ', ID, ' '), CONCAT_WS(', ', USER, COMMAND, NULLIF(STATE, '')) FROM "
                     "information_schema.PROCESSLIST",
    .rows_read = "SHOW SESSION STATUS LIKE 'Handler_read_%'", /* SHOW itself is not counted */
    .next_period = next_period,
    .period_refused = sql_period_refused,
    .volatile_functions = volatile_functions,
    .volatile_words = volatile_words,
    .clock_functions = clock_functions,
    .backslash_escapes = true,
    .hash_comments = true,
    .double_quoted_strings = true,
    .session_variables = true,
    .scratch = &mariadb_scratch,
    .load = &load,
};
