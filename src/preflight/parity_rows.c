/* parity_rows.c - how many rows the plan's tables have, by order of magnitude. */
#include <inttypes.h>

#include "base/text.h"
#include "preflight/parity.h"

enum { COUNT_MAX = 1000000, MATTERS = 10, DIFFERS = 2 };

/* The statistics know; a table that has none is counted as far as that is cheap. DB_UNKNOWN. */
static int rows_of(struct parity *parity, struct parity_side *side, const struct sql_table *table, int64_t *rows, struct err *err) {
    const struct db_tx tx = plan_tx(side->plan, true, false);
    struct db_result result;
    *rows = table->row_estimate;
    if (*rows >= 0 || table->is_view)
        return 0;
    const char *sql = probe_sql_count(db_dialect(side->db), parity->arena, table, COUNT_MAX);
    int rc = sql ? db_query(side->db, &tx, sql, NULL, 0, parity->arena, &result, err) : err_nomem(err);
    if (rc == ERR_SLOW || rc == ERR_DENIED || rc == ERR_LOCKED) {
        err_clear(err);
        return 0;
    }
    if (rc == 0)
        *rows = db_cell_int(&result, 0, 0, COUNT_MAX);
    if (*rows >= COUNT_MAX)
        *rows = DB_UNKNOWN;
    return rc;
}

static const char *count_text(struct parity *parity, int64_t rows) {
    return rows < 0 ? NULL : parity_text(parity, "%" PRId64 " rows", rows);
}

static void compare_rows(struct parity *parity, const struct parity_table *table, const int64_t rows[2]) {
    const char *subject = table->label, *a = count_text(parity, rows[0]), *b = count_text(parity, rows[1]);
    if (rows[0] < 0 || rows[1] < 0) {
        parity_say(parity, PARITY_UNKNOWN, subject, a, b, "ANALYZE the table",
                   "too many to be counted here, and the statistics do not know");
        return;
    }
    size_t larger = rows[1] >= rows[0];
    double factor = (double)(rows[larger] + 1) / (double)(rows[1 - larger] + 1);
    enum parity_verdict verdict = factor < DIFFERS    ? PARITY_PASS
                                  : factor >= MATTERS ? parity_for(table, PARITY_INFO, PARITY_WARN)
                                                      : PARITY_INFO;
    if (verdict == PARITY_PASS)
        parity_say(parity, verdict, subject, a, b, NULL, "%s", "");
    else if (table->is_target)
        parity_say(parity, verdict, subject, a, b, NULL, "one of them has more of what is to be filled already");
    else
        parity_say(parity, verdict, subject, a, b, NULL,
                   "%s has %s times the rows: a fill takes as much longer, less of it stays in memory, and plans may differ",
                   parity->sides[larger].name, parity_factor(parity, factor));
}

/* In place the target is what is read. */
static bool is_only_written(const struct parity *parity, const struct parity_table *table) {
    for (size_t i = 0; i < parity->sides[0].jobs->count; i++) {
        const struct job *job = &parity->sides[0].jobs->jobs[i];
        const struct sql_table *source = job->source, *named = table->table[0];
        if (source && text_equal(source->schema, named->schema) && text_equal(source->name, named->name))
            return false;
    }
    return true;
}

static int compare(struct parity *parity, struct err *err) {
    for (size_t i = 0; i < parity->table_count; i++) {
        struct parity_table table = parity->tables[i];
        int64_t rows[2];
        if (table.table[0] == NULL || table.table[1] == NULL)
            continue;
        for (size_t s = 0; s < 2; s++) {
            int rc = rows_of(parity, &parity->sides[s], table.table[s], &rows[s], err);
            if (rc)
                return rc;
        }
        table.is_target = is_only_written(parity, &table);
        compare_rows(parity, &table, rows);
    }
    return 0;
}

const struct parity_item rows_parity = {"rows", compare};
