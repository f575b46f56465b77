/* fill_in_place.c - statements that fill columns of the source itself. Only the table is in scope, so expressions stand where they are
 * used. Names of our own begin with infill_, because a subquery in an expression would see them. */
#include "sql/fill_parts.h"

static void same_as_stored(struct stmt *stmt, const struct fill_value *value) {
    struct buf expr;
    buf_init(&expr);
    buf_printf(&expr, "(\n%s\n)", value->expr);
    part_same(stmt, value, "src", expr.data);
    stmt->text.failed = stmt->text.failed || !buf_ok(&expr);
    buf_release(&expr);
}

static void and_differs(const struct fill_map *map, struct stmt *stmt) {
    for (size_t i = 0; i < map->value_count; i++) {
        stmt_add(stmt, i == 0 ? " AND NOT (" : " AND ");
        same_as_stored(stmt, &map->values[i]);
    }
    stmt_add(stmt, ")");
}

/* Assigned bare, so that the server checks lengths; the casts are for comparing only. */
static void set_list(const struct fill_map *map, struct stmt *stmt) {
    for (size_t i = 0; i < map->value_count; i++) {
        stmt_add(stmt, i == 0 ? " SET " : ", ");
        stmt_ident(stmt, map->values[i].column->name);
        stmt_add(stmt, " = ");
        part_expr(stmt, map->values[i].expr);
    }
    for (size_t i = 0; i < map->keep_count; i++) {
        stmt_add(stmt, ", ");
        stmt_ident(stmt, map->keep_columns[i]);
        stmt_add(stmt, " = ");
        stmt_ident(stmt, map->keep_columns[i]);
    }
}

static void conditions(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    part_where(stmt, map, form, true);
    if (!stmt->dialect->update_counts_changes)
        and_differs(map, stmt);
}

static void build_update(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "UPDATE ");
    part_source(stmt, map);
    set_list(map, stmt);
    conditions(map, form, stmt);
}

static void locked_rows(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "WITH infill_l AS MATERIALIZED (");
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i == 0 ? "SELECT " : ", ");
        part_column(stmt, "src", map->key[i]->name);
        stmt_printf(stmt, " AS infill_k%zu", i);
    }
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    conditions(map, form, stmt);
    keyset_order(stmt, map, "src", false);
    stmt_printf(stmt, "%s) ", stmt->dialect->lock_rows);
}

/* Rows are locked as the sorted list gives them out, and joined back by key, which is right for partitioned tables too. The conditions
 * stand again in the UPDATE, because a row may have changed while its lock was waited for. */
static void build_update_ordered(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    if (stmt->dialect->updates_in_key_order) {
        build_update(map, form, stmt);
        return;
    }
    locked_rows(map, form, stmt);
    stmt_add(stmt, "UPDATE ");
    part_source(stmt, map);
    set_list(map, stmt);
    stmt_add(stmt, " FROM infill_l");
    conditions(map, form, stmt);
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, " AND ");
        part_column(stmt, "src", map->key[i]->name);
        stmt_printf(stmt, " = infill_l.infill_k%zu", i);
    }
}

static void build_differing(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*) FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
    and_differs(map, stmt);
}

void fill_in_place_build(const struct fill_map *map, struct fill_sql *sql) {
    for (enum fill_form form = FILL_OPEN; form <= FILL_ABOVE; form++)
        build_update_ordered(map, form, &sql->update_ordered[form]);
    for (enum fill_form form = FILL_OPEN; form < FILL_FORMS; form++) {
        build_update(map, form, &sql->update[form]);
        build_differing(map, form, &sql->differing[form]);
    }
}
