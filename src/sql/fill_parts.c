/* fill_parts.c - see fill_parts.h. */
#include "sql/fill_parts.h"

#include <stdio.h>

#include "sql/expr.h"

enum { PART_NAME_SIZE = 48 }; /* "s.infill_v" and a number */

void part_expr(struct stmt *stmt, const char *expr) {
    stmt_add(stmt, "(\n");
    stmt_add(stmt, expr);
    stmt_add(stmt, "\n)");
}

void part_column(struct stmt *stmt, const char *alias, const char *column) {
    stmt_add(stmt, alias);
    stmt_add(stmt, ".");
    stmt_ident(stmt, column);
}

/* A target need not have an index in the order of the walk. */
static void walked(struct stmt *stmt, const struct fill_map *map, const char *alias) {
    stmt_table(stmt, map->source->schema, map->source->name);
    stmt_printf(stmt, " AS %s", alias);
    if (map->key_index == NULL)
        return;
    struct buf index;
    buf_init(&index);
    sql_ident(stmt->dialect, &index, map->key_index);
    stmt->dialect->force_index(&stmt->text, index.data);
    stmt->text.failed = stmt->text.failed || !buf_ok(&index);
    buf_release(&index);
}

void part_source(struct stmt *stmt, const struct fill_map *map) {
    walked(stmt, map, "src");
}

void part_from(struct stmt *stmt, const struct fill_map *map, const char *alias) {
    stmt_add(stmt, " FROM ");
    walked(stmt, map, alias);
}

void part_target(struct stmt *stmt, const struct fill_map *map) {
    stmt_table(stmt, map->target->schema, map->target->name);
}

void part_where(struct stmt *stmt, const struct fill_map *map, enum fill_form form, bool filtered) {
    stmt_add(stmt, " WHERE ");
    keyset_between(stmt, map, "src", form, true);
    if (filtered && map->where != NULL) {
        stmt_add(stmt, " AND ");
        part_expr(stmt, map->where);
    }
}

/* `sql` appended by a slot of the dialect that wants the expression as text. */
static void add_converted(struct stmt *stmt, const struct sql_column *column, const char *expr) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "(\n%s\n)", expr);
    stmt->dialect->converted(&stmt->text, column, text.data);
    stmt->text.failed = stmt->text.failed || !buf_ok(&text);
    buf_release(&text);
}

void part_value(struct stmt *stmt, const struct fill_value *value) {
    if (stmt->dialect->untyped_literals && expr_is_untyped(stmt->dialect, value->expr))
        add_converted(stmt, value->column, value->expr);
    else
        part_expr(stmt, value->expr);
}

static void derived_columns(struct stmt *stmt, const struct fill_map *map, unsigned parts) {
    const char *comma = "";
    for (size_t i = 0; (parts & PART_KEY) != 0 && i < map->key_count; i++, comma = ", ") {
        stmt_add(stmt, comma);
        part_column(stmt, "src", map->key[i]->name);
        stmt_printf(stmt, " AS infill_k%zu", i);
    }
    for (size_t i = 0; (parts & PART_MATCH) != 0 && i < map->match_count; i++, comma = ", ") {
        stmt_add(stmt, comma);
        part_expr(stmt, map->match_expr[i]);
        stmt_printf(stmt, " AS infill_m%zu", i);
    }
    for (size_t i = 0; (parts & PART_VALUES) != 0 && i < map->value_count; i++, comma = ", ") {
        stmt_add(stmt, comma);
        part_value(stmt, &map->values[i]);
        stmt_printf(stmt, " AS infill_v%zu", i);
    }
}

void part_derived(struct stmt *stmt, const struct fill_map *map, enum fill_form form, unsigned parts) {
    stmt_add(stmt, "(SELECT ");
    derived_columns(stmt, map, parts);
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
    stmt_add(stmt, ") AS s");
}

void part_matches(struct stmt *stmt, const struct fill_map *map) {
    for (size_t i = 0; i < map->match_count; i++) {
        stmt_add(stmt, i == 0 ? "SELECT " : ", ");
        part_expr(stmt, map->match_expr[i]);
        stmt_printf(stmt, " AS infill_m%zu", i);
    }
}

void part_match(struct stmt *stmt, const struct fill_map *map) {
    for (size_t i = 0; i < map->match_count; i++) {
        char value[PART_NAME_SIZE];
        snprintf(value, sizeof(value), "s.infill_m%zu", i);
        if (i > 0)
            stmt_add(stmt, " AND ");
        part_column(stmt, "tgt", map->match[i]->name);
        stmt_add(stmt, " = ");
        stmt->dialect->converted(&stmt->text, map->match[i], value);
    }
}

void part_key_out(struct stmt *stmt, const struct fill_map *map) {
    for (size_t i = 0; i < map->key_count; i++) {
        struct buf column;
        buf_init(&column);
        buf_add(&column, "src.");
        sql_ident(stmt->dialect, &column, map->key[i]->name);
        if (i > 0)
            stmt_add(stmt, ", ");
        stmt->dialect->key_out(&stmt->text, map->key[i], column.data);
        stmt->text.failed = stmt->text.failed || !buf_ok(&column);
        buf_release(&column);
    }
}

void part_same(struct stmt *stmt, const struct fill_value *value, const char *stored_alias, const char *expr) {
    struct buf stored;
    buf_init(&stored);
    buf_printf(&stored, "%s.", stored_alias);
    sql_ident(stmt->dialect, &stored, value->column->name);
    stmt->dialect->same_bytes(&stmt->text, value->column, stored.data, expr);
    stmt->text.failed = stmt->text.failed || !buf_ok(&stored);
    buf_release(&stored);
}

/* Values of these classes that are equal are stored alike. */
static bool equal_is_same(const struct sql_column *column) {
    switch (column->class) {
    case SQL_INTEGER:
    case SQL_UUID:
    case SQL_DATE:
    case SQL_BOOLEAN:
        return true;
    default:
        return false;
    }
}

bool part_can_be_set(const struct fill_map *map, const struct fill_value *value) {
    for (size_t i = 0; i < map->match_count; i++)
        if (map->match[i] == value->column && equal_is_same(value->column))
            return false;
    return !value->column->is_identity;
}
