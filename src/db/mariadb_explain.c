/* mariadb_explain.c - what the optimizer makes of a statement, and of which type an expression is. Nothing is executed. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/mariadb.h"

enum { DEPTH_MAX = 100, /* of a plan; deeper nodes are not looked at */ BYTES_PER_CHARACTER = 4, BINARY_CHARSET = 63 };

/* How the plan reads one table. A full scan anywhere outweighs. */
struct reads {
    const char *name;
    bool by_index;
    bool in_full;
    struct buf steps; /* one line for each table */
};

/* An "index" is one walked whole. */
static void look_at(const json_t *node, struct reads *reads) {
    const char *table = json_string_value(json_object_get(node, "table_name"));
    const char *access = json_string_value(json_object_get(node, "access_type"));
    if (table == NULL || access == NULL)
        return;
    const char *key = json_string_value(json_object_get(node, "key"));
    const json_t *rows = json_object_get(node, "rows");
    buf_printf(&reads->steps, "%s%s: %s", reads->steps.len > 0 ? "\n" : "", table, access);
    if (key != NULL)
        buf_printf(&reads->steps, ", index %s", key);
    if (rows != NULL)
        buf_printf(&reads->steps, ", %.0f rows", json_number_value(rows));
    if (strcmp(table, reads->name) != 0 && strcmp(table, "src") != 0)
        return;
    if (strcmp(access, "ALL") == 0 || strcmp(access, "index") == 0)
        reads->in_full = true;
    else
        reads->by_index = true;
}

static void walk(json_t *node, int depth, struct reads *reads) {
    const char *key;
    json_t *child;
    size_t i;
    if (depth > DEPTH_MAX)
        return;
    if (json_is_object(node))
        look_at(node, reads);
    json_object_foreach (node, key, child)
        walk(child, depth + 1, reads);
    json_array_foreach (node, i, child)
        walk(child, depth + 1, reads);
}

static int read_plan(const char *name, struct arena *arena, struct db_plan *plan, struct err *err) {
    struct reads reads = {.name = name};
    json_error_t ignored;
    json_t *root = json_loads(plan->text, 0, &ignored);
    if (root == NULL)
        return err_set(err, ERR_INTERNAL, "the server's plan is not JSON that infill can read");
    buf_init(&reads.steps);
    buf_add(&reads.steps, "");
    walk(root, 0, &reads);
    json_decref(root);
    plan->outline = buf_ok(&reads.steps) ? arena_strdup(arena, reads.steps.data != NULL ? reads.steps.data : "") : NULL;
    buf_release(&reads.steps);
    plan->scan = reads.in_full ? "full scan" : reads.by_index ? "index range" : "";
    return plan->outline != NULL ? 0 : err_nomem(err);
}

int mdb_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
                struct db_plan *plan, struct err *err) {
    struct db_result answer;
    (void)tx; /* an index is chosen by the statement's text */
    const char *sql = arena_printf(arena, "EXPLAIN FORMAT=JSON %s", query->sql);
    if (sql == NULL)
        return err_nomem(err);
    mdb_of(db)->is_explaining = true;
    int code = db_query(db, &mdb_catalog_tx, sql, query->args, query->arg_count, arena, &answer, err);
    mdb_of(db)->is_explaining = false;
    if (code != 0)
        return code;
    plan->text = answer.row_count > 0 ? db_cell(&answer, 0, 0) : NULL;
    if (plan->text == NULL)
        return err_set(err, ERR_INTERNAL, "the server explains nothing");
    return read_plan(name, arena, plan, err);
}

/* Names of types, as a column of the expression's type would have it. */
static const struct {
    enum enum_field_types type;
    const char *name;
    const char *binary_name;                       /* when it has no character set; NULL: the same */
    enum { PLAIN, LENGTH, SCALED, FRACTION } what; /* what stands in brackets */
} names[] = {
    {MYSQL_TYPE_TINY, "tinyint", NULL, PLAIN},
    {MYSQL_TYPE_SHORT, "smallint", NULL, PLAIN},
    {MYSQL_TYPE_INT24, "mediumint", NULL, PLAIN},
    {MYSQL_TYPE_LONG, "int", NULL, PLAIN},
    {MYSQL_TYPE_LONGLONG, "bigint", NULL, PLAIN},
    {MYSQL_TYPE_YEAR, "year", NULL, PLAIN},
    {MYSQL_TYPE_DECIMAL, "decimal", NULL, SCALED},
    {MYSQL_TYPE_NEWDECIMAL, "decimal", NULL, SCALED},
    {MYSQL_TYPE_FLOAT, "float", NULL, PLAIN},
    {MYSQL_TYPE_DOUBLE, "double", NULL, PLAIN},
    {MYSQL_TYPE_STRING, "char", "binary", LENGTH},
    {MYSQL_TYPE_VAR_STRING, "varchar", "varbinary", LENGTH},
    {MYSQL_TYPE_VARCHAR, "varchar", "varbinary", LENGTH},
    {MYSQL_TYPE_TINY_BLOB, "tinytext", "tinyblob", PLAIN},
    {MYSQL_TYPE_BLOB, "text", "blob", PLAIN},
    {MYSQL_TYPE_MEDIUM_BLOB, "mediumtext", "mediumblob", PLAIN},
    {MYSQL_TYPE_LONG_BLOB, "longtext", "longblob", PLAIN},
    {MYSQL_TYPE_DATE, "date", NULL, PLAIN},
    {MYSQL_TYPE_NEWDATE, "date", NULL, PLAIN},
    {MYSQL_TYPE_TIME, "time", NULL, FRACTION},
    {MYSQL_TYPE_DATETIME, "datetime", NULL, FRACTION},
    {MYSQL_TYPE_TIMESTAMP, "timestamp", NULL, FRACTION},
    {MYSQL_TYPE_BIT, "bit", NULL, LENGTH},
    {MYSQL_TYPE_JSON, "json", NULL, PLAIN},
    {MYSQL_TYPE_GEOMETRY, "geometry", NULL, PLAIN},
    {MYSQL_TYPE_NULL, "null", NULL, PLAIN},
};

/* UUID, INET6 and the like travel as texts under a name of their own. */
static const char *own_name(const MYSQL_FIELD *field, struct arena *arena) {
    MARIADB_CONST_STRING name = {NULL, 0};
    if (mariadb_field_attr(&name, field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) != 0 || name.length == 0)
        return NULL;
    return arena_memdup(arena, name.str, name.length);
}

static const char *with_brackets(const MYSQL_FIELD *field, size_t i, struct arena *arena) {
    bool binary = field->charsetnr == BINARY_CHARSET;
    const char *name = binary && names[i].binary_name != NULL ? names[i].binary_name : names[i].name;
    unsigned long per_unit = binary ? 1 : BYTES_PER_CHARACTER;
    /* A decimal's length counts its sign and point. */
    unsigned long digits = field->length - (field->flags & UNSIGNED_FLAG ? 0 : 1) - (field->decimals > 0 ? 1 : 0);
    switch (names[i].what) {
    case LENGTH:
        return arena_printf(arena, "%s(%lu)", name, field->length / per_unit);
    case SCALED:
        return arena_printf(arena, "%s(%lu,%u)", name, digits, field->decimals);
    case FRACTION:
        return field->decimals > 0 ? arena_printf(arena, "%s(%u)", name, field->decimals) : name;
    default:
        return field->flags & UNSIGNED_FLAG && IS_NUM(field->type) ? arena_printf(arena, "%s unsigned", name) : name;
    }
}

static const char *type_of(const MYSQL_FIELD *field, struct arena *arena) {
    const char *own = own_name(field, arena);
    if (own != NULL)
        return own;
    if (field->flags & ENUM_FLAG)
        return "enum";
    if (field->flags & SET_FLAG)
        return "set";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == field->type)
            return with_brackets(field, i, arena);
    return arena_printf(arena, "type %d", (int)field->type);
}

/* Preparing a statement compiles it and says what it would return. */
static int read_types(struct mdb *mdb, const char *sql, size_t count, struct arena *arena, const char **types, struct err *err) {
    MYSQL_STMT *handle = mysql_stmt_init(mdb->conn);
    if (handle == NULL)
        return err_nomem(err);
    if (mysql_stmt_prepare(handle, sql, (unsigned long)strlen(sql)) != 0) {
        struct mdb_failure failure = mdb_stmt_failure(handle);
        int code = mdb_fail(mdb, &failure, 0, err);
        mysql_stmt_close(handle);
        return code;
    }
    MYSQL_RES *fields = mysql_stmt_result_metadata(handle);
    int code = fields == NULL ? err_nomem(err)
               : mysql_num_fields(fields) != (unsigned)count
                   ? err_set(err, ERR_SQL, "%zu expressions give %u columns", count, mysql_num_fields(fields))
                   : 0;
    for (unsigned i = 0; i < count && code == 0; i++)
        if ((types[i] = type_of(mysql_fetch_field_direct(fields, i), arena)) == NULL)
            code = err_nomem(err);
    mysql_free_result(fields);
    mysql_stmt_close(handle);
    return code;
}

static int compile(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                   const char **types, struct err *err) {
    struct buf sql;
    buf_init(&sql);
    for (size_t i = 0; i < count; i++)
        buf_printf(&sql, "%s (%s)", i == 0 ? "SELECT" : ",", exprs[i]);
    buf_add(&sql, " FROM ");
    sql_table_name(db_dialect(db), &sql, from->schema, from->name);
    buf_add(&sql, " AS src LIMIT 0");
    int code = buf_ok(&sql) ? read_types(mdb_of(db), sql.data, count, arena, types, err) : err_nomem(err);
    buf_release(&sql);
    return code;
}

/* Which of the expressions the server refuses: the first that fails alone. */
static int find_refused(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                        const char **types, struct err *err) {
    for (size_t i = 0; i < count && !db_is_dead(db); i++) {
        struct err refused;
        err_clear(&refused);
        int code = compile(db, from, &exprs[i], 1, arena, types, &refused);
        if (code != 0) {
            *err = refused;
            err->statement = (int)i;
            return code;
        }
    }
    return err->code;
}

int mdb_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                         const char **types, struct err *err) {
    struct mdb *mdb = mdb_of(db);
    if (mdb->conn == NULL)
        return err_set(err, ERR_LOST, "the connection was lost before");
    int code = count > 0 ? mdb_set_limits(mdb, &mdb_catalog_tx, err) : 0;
    if (count == 0 || code != 0)
        return code;
    code = compile(db, from, exprs, count, arena, types, err);
    return code != 0 && mdb->conn != NULL ? find_refused(db, from, exprs, count, arena, types, err) : code;
}
