/* db.c - the registry of drivers, and what all of them share. */
#include "db/db.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/engines.h"

#define ENGINE(name) &name##_engine,
static const struct db_engine *const engines[] = {
#include "engine_list.h"
    NULL};
#undef ENGINE

const struct db_engine *const *db_engines(void) {
    return engines;
}

void db_own_process(void) {
    for (size_t i = 0; engines[i] != NULL; i++)
        if (engines[i]->own_process != NULL)
            engines[i]->own_process();
}

static bool has_scheme(const char *url, const char *scheme) {
    size_t len = strlen(scheme);
    return strncmp(url, scheme, len) == 0 && url[len] == ':';
}

const struct db_engine *db_engine_for(const char *url) {
    for (size_t i = 0; engines[i] != NULL; i++)
        for (const char *const *scheme = engines[i]->schemes; *scheme != NULL; scheme++)
            if (has_scheme(url, *scheme))
                return engines[i];
    return NULL;
}

/* The URL itself is not printed: what was mistyped may be the place of a password. */
static int unknown_scheme(struct err *err) {
    struct buf known;
    buf_init(&known);
    for (size_t i = 0; engines[i] != NULL; i++)
        for (const char *const *scheme = engines[i]->schemes; *scheme != NULL; scheme++)
            buf_printf(&known, "%s%s:", known.len > 0 ? ", " : "", *scheme);
    int result = buf_ok(&known) ? err_set(err, ERR_USAGE, "the URL does not begin with a scheme that is built in: %s", known.data)
                                : err_nomem(err);
    buf_release(&known);
    return result;
}

int db_open(const struct db_options *options, struct db **db, struct err *err) {
    *db = NULL;
    const struct db_engine *engine = db_engine_for(options->url);
    if (engine == NULL)
        return unknown_scheme(err);
    return engine->open(engine, options, db, err);
}

void db_close(struct db *db) {
    if (db != NULL)
        db->engine->close(db);
}

int db_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
             struct arena *arena, struct db_result *results, struct err *err) {
    assert(tx != NULL || (flags & DB_BEGIN) == 0);
    return db->engine->flush(db, flags, tx, queries, count, arena, results, err);
}

int db_query(struct db *db, const struct db_tx *tx, const char *sql, const struct sql_value *args, unsigned arg_count,
             struct arena *arena, struct db_result *result, struct err *err) {
    struct db_query query = {.sql = sql, .args = args, .arg_count = arg_count, .returns_rows = arena != NULL && result != NULL};
    return db_flush(db, DB_ONE_TX, tx, &query, 1, arena, result, err);
}

int db_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err) {
    return db->engine->stream(db, query, row, context, err);
}

void db_rollback(struct db *db) {
    db->engine->rollback(db);
}

void db_cancel(struct db *db) {
    db->engine->cancel(db);
}

bool db_is_dead(struct db *db) {
    return db->engine->is_dead(db);
}

int db_script(struct db *db, const char *sql, struct err *err) {
    return db->engine->script(db, sql, err);
}

int db_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err) {
    return db->engine->identify(db, arena, identity, err);
}

int db_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                struct err *err) {
    return db->engine->describe(db, schema, name, arena, table, err);
}

static const struct sql_value *cell(const struct db_result *result, unsigned row, unsigned column) {
    assert(row < result->row_count && column < result->column_count);
    return &result->values[(size_t)row * result->column_count + column];
}

const char *db_cell(const struct db_result *result, unsigned row, unsigned column) {
    const struct sql_value *value = cell(result, row, column);
    return value->kind == VALUE_NULL ? NULL : value->ptr;
}

int64_t db_cell_int(const struct db_result *result, unsigned row, unsigned column, int64_t otherwise) {
    const char *text = db_cell(result, row, column);
    int64_t number;
    return text != NULL && text_to_int64(text, &number) ? number : otherwise;
}

enum { SQLSTATE_LEN = 5, CLASS_LEN = 2 };

int db_error_class(const struct db_error_class *table, const char *code) {
    for (const struct db_error_class *row = table; row->code != NULL; row++)
        if (strcmp(row->code, code) == 0)
            return row->class;
    if (strlen(code) != SQLSTATE_LEN)
        return ERR_UNKNOWN;
    for (const struct db_error_class *row = table; row->code != NULL; row++)
        if (strlen(row->code) == CLASS_LEN && strncmp(row->code, code, CLASS_LEN) == 0)
            return row->class;
    return ERR_UNKNOWN;
}

int db_holders(struct db *db, const struct sql_table *const *tables, size_t count, struct arena *arena, struct db_holders *holders,
               struct err *err) {
    *holders = (struct db_holders){0};
    return db->engine->holders ? db->engine->holders(db, tables, count, arena, holders, err) : 0;
}

int db_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err) {
    *survey = (struct db_survey){
        .clock_us = DB_UNKNOWN,
        .lock_wait_ms = DB_UNKNOWN,
        .lock_wait_who = "",
        .connections_max = DB_NONE,
        .connections_used = DB_NONE,
        .oldest_s = DB_NONE,
        .oldest_who = "",
        .horizon = DB_NONE,
        .horizon_max = DB_NONE,
        .horizon_unit = "",
        .archive_waiting = DB_NONE,
        .slot_bytes = DB_NONE,
        .slot = "",
        .disk_free = DB_UNKNOWN,
        .data_bytes = DB_UNKNOWN,
    };
    return db->engine->survey(db, arena, survey, err);
}

int db_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err) {
    struct db_result result;
    *cost = (struct db_cost){.log_bytes = DB_UNKNOWN};
    if (db->engine->cost)
        return db->engine->cost(db, query, arena, cost, err);
    int code = db_flush(db, 0, NULL, query, 1, arena, &result, err);
    if (code == 0)
        cost->rows = result.changed;
    return code;
}

int db_rights(struct db *db, struct db_right *rights, size_t count, struct arena *arena, bool *known, struct err *err) {
    *known = db->engine->rights != NULL;
    return *known && count > 0 ? db->engine->rights(db, rights, count, arena, err) : 0;
}

static bool is_held(const struct db_holders *now, const char *id) {
    for (size_t i = 0; i < now->count; i++)
        if (strcmp(now->list[i].id, id) == 0)
            return true;
    return false;
}

size_t db_holders_left(const struct db_holders *before, const struct db_holders *now, struct buf *names) {
    enum { NAMED_MAX = 10 };
    size_t left = 0;
    for (size_t i = 0; i < before->count; i++) {
        if (!is_held(now, before->list[i].id))
            continue;
        if (left++ < NAMED_MAX && names)
            buf_printf(names, "%s%s", names->len > 0 ? ", " : "", before->list[i].who);
    }
    return left;
}

int db_holders_of(const struct db_result *result, struct arena *arena, struct db_holders *holders, struct err *err) {
    struct db_holder *list = arena_array(arena, result->row_count + 1, sizeof *list);
    if (list == NULL)
        return err_nomem(err);
    for (unsigned i = 0; i < result->row_count; i++)
        list[i] = (struct db_holder){db_cell(result, i, 0), db_cell(result, i, 1)};
    *holders = (struct db_holders){list, result->row_count};
    return 0;
}

static const char *value_of(const struct db_result *found, const char *name) {
    for (unsigned row = 0; row < found->row_count; row++)
        if (text_equal_nocase(db_cell(found, row, 0), name))
            return db_cell(found, row, 1);
    return NULL;
}

int db_settings_of(const struct db_setting *table, const struct db_result *found, struct arena *arena, struct db_settings *settings,
                   struct err *err) {
    size_t rows = 0;
    while (table[rows].name != NULL)
        rows++;
    struct db_setting *list = arena_array(arena, rows, sizeof *list);
    if (list == NULL)
        return err_nomem(err);
    *settings = (struct db_settings){list, 0};
    for (const struct db_setting *row = table; row->name != NULL; row++) {
        const char *value = value_of(found, row->name);
        if (value == NULL)
            continue;
        list[settings->count] = *row;
        list[settings->count++].value = value;
    }
    return 0;
}

bool db_error_is(const struct err *error, const char *const *codes) {
    char native[16];
    snprintf(native, sizeof native, "%d", error->native);
    for (; codes != NULL && *codes != NULL; codes++)
        if (strcmp(*codes, error->sqlstate) == 0 || strcmp(*codes, native) == 0)
            return true;
    return false;
}
