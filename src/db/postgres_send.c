/* postgres_send.c - handing a flush to libpq: arguments as C strings, BEGIN and its settings, the statements, COMMIT, the sync. */
#include "db/postgres_flush.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { SETTING_ARGS = 6, NUMBER_MAX = 16 };

/* NULL stands for the role's own default. */
static const char set_settings[] =
    "SELECT pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),"
    " pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true), pg_catalog.set_config('search_path', $4, true),"
    " pg_catalog.set_config('synchronous_commit', $5, true), pg_catalog.set_config('enable_seqscan', $6, true),"
    " pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),"
    " pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, MDY', true),"
    " pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true),"
    " pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('standard_conforming_strings', 'on', true),"
    " pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('jit', 'off', true),"
    " pg_catalog.set_config('cursor_tuple_fraction', '1', true), pg_catalog.set_config('client_min_messages', 'warning', true),"
    " pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true)"; /* K3 */

int pg_check_args(const struct pg_flush *f) {
    for (size_t i = 0; i < f->count; i++)
        for (unsigned j = 0; j < f->queries[i].arg_count; j++) {
            const struct sql_value *value = &f->queries[i].args[j];
            if (value->kind != VALUE_NULL && memchr(value->ptr, '\0', value->len) != NULL) {
                err_set(f->err, ERR_ROW, "a value holds a NUL character, which PostgreSQL cannot store");
                f->err->statement = (int)i;
                return ERR_ROW;
            }
        }
    return 0;
}

/* libpq wants C strings; views into keys are not. One block: the pointers, then the texts. */
static const char **c_strings(const struct sql_value *args, unsigned count) {
    size_t size = count * sizeof(char *);
    for (unsigned i = 0; i < count; i++)
        size += args[i].len + 1;
    const char **values = mem_alloc(size);
    if (values == NULL)
        return NULL;
    char *text = (char *)(values + count);
    for (unsigned i = 0; i < count; i++) {
        values[i] = args[i].kind == VALUE_NULL ? NULL : text;
        if (args[i].kind == VALUE_NULL)
            continue;
        memcpy(text, args[i].ptr, args[i].len);
        text[args[i].len] = '\0';
        text += args[i].len + 1;
    }
    return values;
}

/* Out of memory leaves half a pipeline behind, so the connection ends either way. */
static void send_failed(struct pg_flush *f) {
    bool out_of_memory = PQstatus(f->pg->conn) == CONNECTION_OK;
    if (out_of_memory && !f->commit_sent) {
        f->code = err_nomem(f->err);
        f->failed = true;
    }
    pg_lose(f, out_of_memory ? "out of memory" : "it was closed");
}

/* By its text, or by its name. */
static void hand_over(struct pg_flush *f, const char *sql, const char *name, const struct sql_value *args, unsigned count,
                      enum pg_format format) {
    PGconn *conn = f->pg->conn;
    if (f->pg->is_dead)
        return;
    const char **values = count > 0 ? c_strings(args, count) : NULL;
    bool sent = count == 0 || values != NULL;
    if (sent && name != NULL)
        sent = PQsendQueryPrepared(conn, name, (int)count, values, NULL, NULL, format) == 1;
    else if (sent)
        sent = PQsendQueryParams(conn, sql, (int)count, NULL, values, NULL, NULL, format) == 1;
    mem_free(values);
    if (!sent)
        send_failed(f);
}

void pg_send_one(struct pg_flush *f, const char *sql, const struct sql_value *args, unsigned count, enum pg_format format) {
    hand_over(f, sql, NULL, args, count, format);
}

/* What may come again. */
static void send_kept(struct pg_flush *f, const char *sql, const struct sql_value *args, unsigned count) {
    char name[PG_NAME_MAX];
    bool has_name = f->keeps && count > 0 && pg_kept_name(&f->pg->kept, sql, name);
    f->by_name = f->by_name || has_name;
    hand_over(f, sql, has_name ? name : NULL, args, count, PG_TEXT);
}

void pg_send_describe(struct pg_flush *f, const char *cursor) {
    if (!f->pg->is_dead && PQsendDescribePortal(f->pg->conn, cursor) != 1)
        send_failed(f);
}

void pg_send_sync(struct pg_flush *f) {
    if (!f->pg->is_dead && PQpipelineSync(f->pg->conn) != 1)
        send_failed(f);
}

/* Without READ WRITE: a database that is read-only by default stays so. A snapshot is that of the settings behind BEGIN. */
static const char *begin_of(bool snapshot, bool read_only) {
    if (snapshot)
        return read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL REPEATABLE READ";
    return read_only ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED";
}

/* The same with the methods that this transaction does without. */
static void send_settings(struct pg_flush *f, const struct db_tx *tx, struct sql_value args[SETTING_ARGS + DB_AVOID_MAX]) {
    struct buf sql;
    unsigned count = SETTING_ARGS;
    buf_init(&sql);
    buf_add(&sql, set_settings);
    for (size_t i = 0; i < tx->avoid_count && i < DB_AVOID_MAX; i++) {
        args[count++] = value_text(tx->avoid[i]);
        buf_printf(&sql, ", pg_catalog.set_config($%u, 'off', true)", count);
    }
    if (buf_ok(&sql))
        pg_send_one(f, sql.data, args, count, PG_TEXT);
    else if (!f->pg->is_dead)
        send_failed(f);
    buf_release(&sql);
}

static void send_begin(struct pg_flush *f, const struct db_tx *tx) {
    char numbers[3][NUMBER_MAX];
    const unsigned settings[3] = {tx->statement_timeout_ms, tx->lock_timeout_ms, tx->idle_timeout_ms};
    struct sql_value args[SETTING_ARGS + DB_AVOID_MAX];
    for (size_t i = 0; i < 3; i++) {
        snprintf(numbers[i], NUMBER_MAX, "%u", settings[i]);
        args[i] = value_text(numbers[i]);
    }
    args[3] = value_text(f->pg->search_path); /* NULL while it is asked for */
    args[4] = value_text(tx->async_commit ? "off" : f->pg->commit_mode);
    args[5] = value_text(tx->by_index ? "off" : NULL);
    pg_send_one(f, begin_of(tx->snapshot, f->pg->tx_reads_only), NULL, 0, PG_TEXT);
    if (tx->avoid_count > 0)
        send_settings(f, tx, args);
    else
        send_kept(f, set_settings, args, SETTING_ARGS);
}

static void send_prepare(struct pg_flush *f, size_t index) {
    if (!f->pg->is_dead && PQsendPrepare(f->pg->conn, f->names[index], f->queries[index].sql, 0, NULL) != 1)
        send_failed(f);
}

void pg_send_all(struct pg_flush *f, const struct db_tx *tx) {
    if (f->flags & DB_BEGIN)
        send_begin(f, tx);
    for (size_t i = 0; i < f->count; i++)
        if (f->names != NULL)
            send_prepare(f, i);
        else
            send_kept(f, f->queries[i].sql, f->queries[i].args, f->queries[i].arg_count);
    if ((f->flags & DB_COMMIT) && !f->pg->is_dead) {
        f->commit_sent = !f->pg->tx_reads_only;
        pg_send_one(f, "COMMIT", NULL, 0, PG_TEXT);
    }
    pg_send_sync(f);
}
