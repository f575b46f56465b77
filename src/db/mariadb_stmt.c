/* mariadb_stmt.c - prepared statements: kept by their text, the one not used for longest goes first.
 *
 * Arguments travel as texts, results come back as texts, converted by the library. A cell that is longer than its place is fetched once
 * more, straight into the caller's memory. A statement that failed is not kept: its definition may be what failed. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "db/mariadb.h"

enum { CELL_MAX = 128 /* holds every number and time, and most texts */ };

struct mdb_cell {
    unsigned long len;
    my_bool is_null;
    my_bool is_cut;
    char text[CELL_MAX];
};

struct mdb_failure mdb_stmt_failure(MYSQL_STMT *handle) {
    return (struct mdb_failure){mysql_stmt_errno(handle), mysql_stmt_sqlstate(handle), mysql_stmt_error(handle)};
}

/* Keeping statements */

static void forget(struct mdb_stmt *stmt) {
    if (stmt->handle != NULL)
        mysql_stmt_close(stmt->handle);
    mem_free(stmt->sql);
    mem_free(stmt->params);
    mem_free(stmt->columns);
    mem_free(stmt->cells);
    memset(stmt, 0, sizeof(*stmt));
}

void mdb_forget_statements(struct mdb *mdb) {
    for (size_t i = 0; i < MDB_STATEMENTS_MAX; i++)
        forget(&mdb->statements[i]);
}

void mdb_stmt_forget(struct mdb *mdb, struct mdb_stmt *stmt) {
    if (mdb->conn != NULL) /* else all of them are forgotten */
        forget(stmt);
}

static struct mdb_stmt *find(struct mdb *mdb, const char *sql, size_t len) {
    for (size_t i = 0; i < MDB_STATEMENTS_MAX; i++) {
        struct mdb_stmt *stmt = &mdb->statements[i];
        if (stmt->handle != NULL && stmt->sql_len == len && memcmp(stmt->sql, sql, len) == 0)
            return stmt;
    }
    return NULL;
}

static struct mdb_stmt *free_place(struct mdb *mdb) {
    struct mdb_stmt *oldest = &mdb->statements[0];
    for (size_t i = 0; i < MDB_STATEMENTS_MAX; i++) {
        if (mdb->statements[i].handle == NULL)
            return &mdb->statements[i];
        if (mdb->statements[i].last_use < oldest->last_use)
            oldest = &mdb->statements[i];
    }
    forget(oldest);
    return oldest;
}

/* Preparing */

static bool make_room(struct mdb_stmt *stmt, const char *sql, size_t len) {
    stmt->param_count = (unsigned)mysql_stmt_param_count(stmt->handle);
    stmt->column_count = mysql_stmt_field_count(stmt->handle);
    stmt->sql_len = len;
    stmt->sql = mem_strdup(sql);
    stmt->params = mem_zalloc(stmt->param_count, sizeof(*stmt->params));
    stmt->columns = mem_zalloc(stmt->column_count, sizeof(*stmt->columns));
    stmt->cells = mem_zalloc(stmt->column_count, sizeof(*stmt->cells));
    return stmt->sql != NULL && stmt->params != NULL && stmt->columns != NULL && stmt->cells != NULL;
}

static void point_columns(struct mdb_stmt *stmt) {
    for (unsigned i = 0; i < stmt->column_count; i++) {
        struct mdb_cell *cell = &stmt->cells[i];
        stmt->columns[i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                        .buffer = cell->text,
                                        .buffer_length = CELL_MAX,
                                        .length = &cell->len,
                                        .is_null = &cell->is_null,
                                        .error = &cell->is_cut};
    }
}

static int prepare(struct mdb *mdb, struct mdb_stmt *stmt, const char *sql, int index, struct err *err) {
    size_t len = strlen(sql);
    stmt->handle = mysql_stmt_init(mdb->conn);
    if (stmt->handle == NULL)
        return err_nomem(err);
    if (mysql_stmt_prepare(stmt->handle, sql, (unsigned long)len) != 0) {
        struct mdb_failure failure = mdb_stmt_failure(stmt->handle);
        return mdb_fail(mdb, &failure, index, err);
    }
    if (!make_room(stmt, sql, len))
        return err_nomem(err);
    point_columns(stmt);
    return 0;
}

static int statement_for(struct mdb *mdb, const char *sql, int index, struct mdb_stmt **stmt, struct err *err) {
    *stmt = find(mdb, sql, strlen(sql));
    if (*stmt == NULL) {
        *stmt = free_place(mdb);
        int code = prepare(mdb, *stmt, sql, index, err);
        if (code != 0) {
            forget(*stmt);
            return code;
        }
    }
    (*stmt)->last_use = ++mdb->uses;
    return 0;
}

/* Running */

/* The library only reads what an argument points to, but has one type for both directions. */
static char *unconst(const char *text) {
    union {
        const char *in;
        char *out;
    } both = {.in = text};
    return both.out;
}

static void point_params(struct mdb_stmt *stmt, const struct db_query *query) {
    for (unsigned i = 0; i < query->arg_count; i++) {
        const struct sql_value *value = &query->args[i];
        stmt->params[i] = (MYSQL_BIND){.buffer_type = value->kind == VALUE_NULL ? MYSQL_TYPE_NULL : MYSQL_TYPE_STRING,
                                       .buffer = unconst(value->ptr),
                                       .buffer_length = (unsigned long)value->len};
    }
}

/* "Rows matched: 5  Changed: 2  Warnings: 0" behind an UPDATE. */
static uint64_t changed_rows(MYSQL *conn, uint64_t affected) {
    static const char before[] = "Changed: ";
    const char *info = mysql_info(conn);
    const char *at = info != NULL ? strstr(info, before) : NULL;
    uint64_t changed = 0;
    if (at == NULL)
        return affected;
    for (at += strlen(before); *at >= '0' && *at <= '9'; at++)
        changed = changed * 10 + (uint64_t)(*at - '0');
    return changed;
}

static bool copy_cell(struct mdb_stmt *stmt, unsigned column, struct arena *arena, struct sql_value *value) {
    struct mdb_cell *cell = &stmt->cells[column];
    if (cell->is_null)
        return true; /* zeroed memory is VALUE_NULL */
    size_t len = cell->len;
    char *text = arena_alloc(arena, len + 1);
    if (text == NULL)
        return false;
    if (len <= CELL_MAX) {
        memcpy(text, cell->text, len);
    } else {
        unsigned long whole = 0;
        MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_STRING, .buffer = text, .buffer_length = (unsigned long)len, .length = &whole};
        if (mysql_stmt_fetch_column(stmt->handle, &bind, column, 0) != 0)
            return false;
    }
    *value = (struct sql_value){text, len, VALUE_TEXT};
    return true;
}

static int copy_rows(struct mdb *mdb, struct mdb_stmt *stmt, int index, struct arena *arena, struct db_result *result,
                     struct err *err) {
    unsigned rows = (unsigned)mysql_stmt_num_rows(stmt->handle);
    struct sql_value *values = arena_array(arena, (size_t)rows * stmt->column_count, sizeof(*values));
    if (values == NULL && rows > 0)
        return err_nomem(err);
    for (unsigned row = 0; row < rows; row++) {
        int fetched = mysql_stmt_fetch(stmt->handle);
        if (fetched != 0 && fetched != MYSQL_DATA_TRUNCATED) {
            struct mdb_failure failure = mdb_stmt_failure(stmt->handle);
            return mdb_fail(mdb, &failure, index, err);
        }
        for (unsigned column = 0; column < stmt->column_count; column++)
            if (!copy_cell(stmt, column, arena, &values[(size_t)row * stmt->column_count + column]))
                return err_nomem(err);
    }
    result->row_count = rows;
    result->column_count = stmt->column_count;
    result->values = values;
    return 0;
}

/* A statement that returns rows nobody wants is read to its end all the same. */
static int read_rows(struct mdb *mdb, struct mdb_stmt *stmt, const struct db_query *query, int index, struct arena *arena,
                     struct db_result *result, struct err *err) {
    bool wanted = query->returns_rows && arena != NULL && result != NULL;
    if ((wanted && mysql_stmt_bind_result(stmt->handle, stmt->columns) != 0) || mysql_stmt_store_result(stmt->handle) != 0) {
        struct mdb_failure failure = mdb_stmt_failure(stmt->handle);
        return mdb_fail(mdb, &failure, index, err);
    }
    int code = wanted ? copy_rows(mdb, stmt, index, arena, result, err) : 0;
    if (mdb->conn != NULL)
        mysql_stmt_free_result(stmt->handle);
    return code;
}

static int execute(struct mdb *mdb, struct mdb_stmt *stmt, const struct db_query *query, int index, struct err *err) {
    if (query->arg_count != stmt->param_count)
        return err_set(err, ERR_INTERNAL, "%u arguments for a statement that takes %u", query->arg_count, stmt->param_count);
    point_params(stmt, query);
    if ((stmt->param_count > 0 && mysql_stmt_bind_param(stmt->handle, stmt->params) != 0) ||
        mysql_stmt_execute(stmt->handle) != 0) {
        struct mdb_failure failure = mdb_stmt_failure(stmt->handle);
        return mdb_fail(mdb, &failure, index, err);
    }
    if (mysql_stmt_field_count(stmt->handle) != stmt->column_count)
        return err_set(err, ERR_TRANSIENT, "a table changed its columns under a prepared statement");
    return 0;
}

int mdb_stmt_start(struct mdb *mdb, const struct db_query *query, int index, struct mdb_stmt **stmt, struct err *err) {
    int code = statement_for(mdb, query->sql, index, stmt, err);
    if (code != 0)
        return code;
    code = execute(mdb, *stmt, query, index, err);
    if (code != 0) {
        err->statement = index;
        mdb_stmt_forget(mdb, *stmt);
    }
    return code;
}

static int finish(struct mdb *mdb, struct mdb_stmt *stmt, const struct db_query *query, int index, struct arena *arena,
                  struct db_result *result, struct err *err) {
    if (stmt->column_count > 0)
        return read_rows(mdb, stmt, query, index, arena, result, err);
    if (result != NULL) {
        result->affected = mysql_stmt_affected_rows(stmt->handle);
        result->changed = changed_rows(mdb->conn, result->affected);
        result->warnings = mysql_warning_count(mdb->conn);
    }
    return 0;
}

int mdb_execute(struct mdb *mdb, const struct db_query *query, int index, struct arena *arena, struct db_result *result,
                struct err *err) {
    struct mdb_stmt *stmt = NULL;
    int code = mdb_stmt_start(mdb, query, index, &stmt, err);
    if (code != 0)
        return code;
    code = finish(mdb, stmt, query, index, arena, result, err);
    if (code != 0) {
        err->statement = index;
        mdb_stmt_forget(mdb, stmt);
    }
    return code;
}
