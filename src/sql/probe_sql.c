/* probe_sql.c - see probe_sql.h. */
#include "sql/probe_sql.h"

#include <inttypes.h>

#include "base/buf.h"

static void add_table(const struct sql_dialect *dialect, struct buf *out, const char *name) {
    sql_table_name(dialect, out, dialect->ledger_schema, name);
}

static const char *statement(const struct sql_dialect *dialect, struct arena *arena, const char *before, const char *name,
                             const char *behind) {
    struct buf text;
    buf_init(&text);
    buf_add(&text, before);
    add_table(dialect, &text, name);
    buf_add(&text, behind);
    const char *made = buf_ok(&text) ? arena_strdup(arena, text.data) : NULL;
    buf_release(&text);
    return made;
}

static const char *insert_behind(const struct sql_dialect *dialect, struct arena *arena) {
    struct buf text;
    buf_init(&text);
    buf_add(&text, " (n) VALUES (");
    dialect->integer_in(&text, dialect->numbered ? "$1" : "?");
    buf_add(&text, ")");
    const char *made = buf_ok(&text) ? arena_strdup(arena, text.data) : NULL;
    buf_release(&text);
    return made;
}

int probe_sql_build(const struct sql_dialect *dialect, struct arena *arena, struct probe_sql *sql, struct err *err) {
    const char *schema = dialect->ledger_schema, *insert = insert_behind(dialect, arena);
    const char *columns = arena_printf(arena, " (n BIGINT NOT NULL PRIMARY KEY)%s", dialect->ddl_end);
    *sql = (struct probe_sql){.nothing = "SELECT 1", .name = arena_printf(arena, "%sparity_probe", dialect->ledger_prefix)};
    if (sql->name == NULL || insert == NULL || columns == NULL)
        return err_nomem(err);
    sql->table = schema ? arena_printf(arena, "%s.%s", schema, sql->name) : sql->name;
    sql->create = statement(dialect, arena, "CREATE TABLE ", sql->name, columns);
    sql->drop = statement(dialect, arena, "DROP TABLE ", sql->name, "");
    sql->insert = statement(dialect, arena, "INSERT INTO ", sql->name, insert);
    sql->make_schema = schema ? arena_printf(arena, "CREATE SCHEMA %s", schema) : NULL;
    sql->drop_schema = schema ? arena_printf(arena, "DROP SCHEMA %s", schema) : NULL;
    bool whole = sql->table && sql->create && sql->drop && sql->insert;
    return whole && (schema == NULL || (sql->make_schema && sql->drop_schema)) ? 0 : err_nomem(err);
}

const char *probe_sql_count(const struct sql_dialect *dialect, struct arena *arena, const struct sql_table *table, int64_t most) {
    struct buf text;
    buf_init(&text);
    buf_add(&text, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_table_name(dialect, &text, table->schema, table->name);
    buf_printf(&text, " LIMIT %" PRId64 ") AS r", most);
    const char *made = buf_ok(&text) ? arena_strdup(arena, text.data) : NULL;
    buf_release(&text);
    return made;
}
