/* fresh.c - see fresh.h. */
#include "preflight/fresh.h"

#include <strings.h>

#include "base/text.h"

enum { SMALL_ROWS = 100000 /* may be read as a whole for a mark */, LOOK_MS = 2000 };

static bool has_word(const char *name, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

/* A column that is set anew with every change, by what it is or by what it is called. */
static const struct sql_column *changed_column(const struct sql_table *table) {
    static const char *const words[] = {"updated", "modified", "changed", "last_change", "mtime", NULL};
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].updates_itself)
            return &table->columns[i];
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        bool can_be_time =
            column->class == SQL_TIMESTAMP || column->class == SQL_INTEGER || column->class == SQL_TEXT || column->class == SQL_ANY;
        if (can_be_time && has_word(column->name, words))
            return column;
    }
    return NULL;
}

static bool grows(const struct sql_column *column) {
    return column->class == SQL_INTEGER || column->class == SQL_TIMESTAMP || column->class == SQL_DATE ||
           column->class == SQL_DECIMAL || column->class == SQL_ANY;
}

static void by_key(struct fresh_order *watch, const struct job *job) {
    watch->map = job->map;
    watch->column = job->map.key[0]->name;
    if (!grows(job->map.key[0]))
        watch->unfit = "new keys may lie anywhere";
}

/* The time first, then the key: unique again, so that no row is looked at twice. */
static void by_time(struct fresh_order *watch, const struct job *job, const struct sql_dialect *dialect) {
    const struct sql_column *time = changed_column(job->source);
    watch->map = job->map;
    if (time == NULL || job->map.key_count == KEY_COLUMNS_MAX) {
        watch->unfit = "no column says when a row was changed";
        return;
    }
    watch->column = time->name;
    const struct sql_index *index = sql_table_range_index(job->source, &watch->column, 1);
    bool is_small = job->source->row_estimate >= 0 && job->source->row_estimate <= SMALL_ROWS;
    if (!time->not_null || dialect->key_refused(time))
        watch->unfit = "the column that says when a row was changed may be NULL, or has no exact order";
    else if (index == NULL && !is_small)
        watch->unfit = "the column that says when a row was changed has no index";
    watch->map.key[0] = time;
    watch->map.key_count = 1;
    for (size_t i = 0; i < job->map.key_count; i++)
        if (job->map.key[i] != time)
            watch->map.key[watch->map.key_count++] = job->map.key[i];
    if (index)
        watch->map.key_index = index->name;
}

/* What takes too long, or cannot be written as a key, tells nothing. */
static bool is_no_answer(int code) {
    return code == ERR_SLOW || code == ERR_ROW || code == ERR_LOCKED;
}

static int give_up(struct fresh_order *watch, struct err *err) {
    watch->unfit = "looking for fresh rows takes too long";
    err_clear(err);
    return 0;
}

static int read_top(struct fresh_rows *watching, const struct fresh_order *watch, const char **key, struct err *err) {
    struct db_result result;
    struct buf text;
    int rc = db_query(watching->db, &watching->tx, watch->sql.high_water.text.data, NULL, 0, watching->arena, &result, err);
    *key = NULL;
    if (rc || result.row_count == 0)
        return rc;
    buf_init(&text);
    rc = key_encode(result.values, watch->map.key_count, watching->db->engine->tags_keys, &text, err);
    if (rc == 0 && (*key = arena_strdup(watching->arena, text.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&text);
    return rc;
}

int fresh_begin(struct fresh_rows *watching, const struct job *job, struct err *err) {
    by_key(&watching->orders[FRESH_BY_KEY], job);
    by_time(&watching->orders[FRESH_BY_TIME], job, db_dialect(watching->db));
    watching->tx.statement_timeout_ms = LOOK_MS;
    for (size_t i = 0; i < FRESH_ORDERS; i++) {
        struct fresh_order *watch = &watching->orders[i];
        if (watch->unfit)
            continue;
        int rc = fill_sql_build(&watch->map, 0, &watch->sql, err);
        watch->has_sql = true;
        if (rc == 0)
            rc = read_top(watching, watch, &watch->mark, err);
        if (is_no_answer(rc))
            rc = give_up(watch, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int ask(struct fresh_rows *watching, const struct fresh_order *watch, const struct stmt *stmt, struct db_result *result,
               struct err *err) {
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    bool tagged = watching->db->engine->tags_keys;
    int rc = watch->mark ? key_decode(watch->mark, watch->map.key_count, tagged, watching->arena, values + FILL_LO, err) : 0;
    if (rc == 0)
        rc = key_decode(watch->top, watch->map.key_count, tagged, watching->arena, values + FILL_HI, err);
    if (rc)
        return rc;
    stmt_bind(stmt, values, bound);
    return db_query(watching->db, &watching->tx, stmt->text.data, bound, stmt->arg_count, watching->arena, result, err);
}

/* How many rows lie between mark and top, and how many of them are right. */
static int compare(struct fresh_rows *watching, struct fresh_order *watch, struct err *err) {
    enum fill_form form = watch->mark ? FILL_ABOVE : FILL_OPEN;
    struct db_result result;
    if (!watch->map.in_place) {
        int rc = ask(watching, watch, &watch->sql.compare[form], &result, err);
        if (rc)
            return rc;
        watch->fresh = db_cell_int(&result, 0, 0, 0);
        watch->same = db_cell_int(&result, 0, 2, 0);
        return 0;
    }
    int rc = ask(watching, watch, &watch->sql.differing[form], &result, err);
    int64_t differing = rc ? 0 : db_cell_int(&result, 0, 0, 0);
    if (rc == 0)
        rc = ask(watching, watch, &watch->sql.count[form], &result, err);
    if (rc)
        return rc;
    watch->fresh = db_cell_int(&result, 0, 0, 0);
    watch->same = watch->fresh > differing ? watch->fresh - differing : 0;
    return 0;
}

/* The times first: what is inserted in between then counts as inserted, and not as updated. */
int fresh_look(struct fresh_rows *watching, bool on, struct err *err) {
    for (size_t i = FRESH_ORDERS; i-- > 0;) {
        struct fresh_order *watch = &watching->orders[i];
        int rc = 0;
        if (watch->unfit)
            continue;
        if (on)
            rc = read_top(watching, watch, &watch->top, err);
        if (rc == 0 && watch->top && !text_equal(watch->top, watch->mark))
            rc = compare(watching, watch, err);
        if (is_no_answer(rc))
            rc = give_up(watch, err);
        if (rc)
            return rc;
    }
    return 0;
}

void fresh_release(struct fresh_rows *watching) {
    for (size_t i = 0; i < FRESH_ORDERS; i++)
        if (watching->orders[i].has_sql)
            fill_sql_release(&watching->orders[i].sql);
}

int64_t fresh_inserted(const struct fresh_rows *watching) {
    const struct fresh_order *key = &watching->orders[FRESH_BY_KEY];
    return key->unfit ? -1 : key->fresh;
}

int64_t fresh_updated(const struct fresh_rows *watching) {
    const struct fresh_order *key = &watching->orders[FRESH_BY_KEY], *time = &watching->orders[FRESH_BY_TIME];
    if (time->unfit || key->unfit)
        return -1;
    return time->fresh > key->fresh ? time->fresh - key->fresh : 0;
}

const struct fresh_order *fresh_worst(const struct fresh_rows *watching) {
    const struct fresh_order *worst = NULL;
    for (size_t i = 0; i < FRESH_ORDERS; i++) {
        const struct fresh_order *watch = &watching->orders[i];
        if (watch->unfit || watch->fresh == 0)
            continue;
        if (worst == NULL || watch->fresh - watch->same > worst->fresh - worst->same)
            worst = watch;
    }
    return worst;
}
