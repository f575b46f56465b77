/* probe.c - see probe.h. */
#include "preflight/probe.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

static int refuse_another(const struct probe *probe, struct db *db, struct arena *arena, struct err *err) {
    struct sql_table *table;
    int rc = db_describe(db, db_dialect(db)->ledger_schema, probe->sql.name, arena, &table, err);
    if (rc == ERR_NOT_FOUND) {
        err_clear(err);
        return 0;
    }
    if (rc)
        return rc;
    err_set(err, ERR_REFUSED, "%s is there already: another probe is at work, or one was killed", probe->sql.table);
    err_next(err, "nothing was written; if no other probe is at work: %s", probe->sql.drop);
    return ERR_REFUSED;
}

/* Somebody may have made the schema and nothing in it: only the table says whether it can be used. */
static void make_schema(struct probe *probe, struct db *db, struct err *why_not) {
    if (probe->sql.make_schema)
        probe->made_schema = db_script(db, probe->sql.make_schema, why_not) == 0;
}

int probe_open(struct probe *probe, struct db *db, const struct ledger *ledger, struct arena *arena, struct err *err) {
    bool installed = false;
    struct err why_not;
    *probe = (struct probe){0};
    err_clear(&why_not);
    int rc = probe_sql_build(db_dialect(db), arena, &probe->sql, err);
    if (rc == 0)
        rc = refuse_another(probe, db, arena, err);
    if (rc == 0)
        rc = ledger_is_installed(ledger, db, &installed, err);
    if (rc)
        return rc;
    if (!installed)
        make_schema(probe, db, &why_not);
    rc = db_is_dead(db) ? why_not.code : db_script(db, probe->sql.create, err);
    probe->made_table = rc == 0;
    if (rc && why_not.code &&
        (rc == ERR_SQL || db_is_dead(db))) { /* there is no such schema: why it could not be made is the reason */
        *err = why_not;
        rc = why_not.code;
    }
    return rc;
}

static int drop(struct probe *probe, struct db *db, struct err *err) {
    int rc = probe->made_table ? db_script(db, probe->sql.drop, err) : 0;
    probe->made_table = probe->made_table && rc != 0;
    if (rc == 0 && probe->made_schema) { /* somebody else may have put something into it meanwhile: then it is theirs */
        struct err ignored;
        err_clear(&ignored);
        db_script(db, probe->sql.drop_schema, &ignored);
        probe->made_schema = false;
    }
    return rc;
}

int probe_close(struct probe *probe, struct db *db, const struct db_options *options, struct err *err) {
    struct db *again = NULL;
    if (!probe->made_table && !probe->made_schema)
        return 0;
    int rc = db_is_dead(db) ? db_open(options, &again, err) : 0;
    if (rc == 0)
        rc = drop(probe, again ? again : db, err);
    db_close(again);
    if (rc) {
        err_where(err, "%s was left behind", probe->sql.table);
        err_next(err, "%s", probe->sql.drop);
    }
    return rc;
}

static double ms_since(int64_t begin_us) {
    return (double)(clock_monotonic_us() - begin_us) / 1000.0;
}

int probe_commit(struct probe *probe, struct db *db, const struct db_tx *tx, double *ms, struct err *err) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, probe->rows + 1);
    const struct sql_value number = value_text(digits);
    const struct db_query query = {.sql = probe->sql.insert, .args = &number, .arg_count = 1};
    int64_t begin_us = clock_monotonic_us();
    int rc = db_flush(db, DB_ONE_TX, tx, &query, 1, NULL, NULL, err);
    *ms = ms_since(begin_us);
    probe->rows += rc == 0;
    return rc;
}

int probe_round_trip(const struct probe_sql *sql, struct db *db, struct arena *arena, double *ms, struct err *err) {
    const struct db_query query = {.sql = sql->nothing, .returns_rows = true};
    struct db_result result;
    int64_t begin_us = clock_monotonic_us();
    int rc = db_flush(db, 0, NULL, &query, 1, arena, &result, err);
    *ms = ms_since(begin_us);
    return rc;
}
