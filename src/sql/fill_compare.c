/* fill_compare.c - statements that compare source and target row by row, byte for byte. */
#include <stdio.h>

#include "sql/fill_parts.h"

static void all_same(const struct fill_map *map, struct stmt *stmt) {
    for (size_t i = 0; i < map->value_count; i++) {
        char value[32];
        snprintf(value, sizeof(value), "s.infill_v%zu", i);
        if (i > 0)
            stmt_add(stmt, " AND ");
        part_same(stmt, &map->values[i], "tgt", value);
    }
}

static void build_compare(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*), count(");
    part_column(stmt, "tgt", map->match[0]->name);
    stmt_add(stmt, "), coalesce(sum(CASE WHEN ");
    part_column(stmt, "tgt", map->match[0]->name);
    stmt_add(stmt, " IS NOT NULL AND ");
    all_same(map, stmt);
    stmt_add(stmt, " THEN 1 ELSE 0 END), 0) FROM ");
    part_derived(stmt, map, form, PART_MATCH | PART_VALUES);
    stmt_add(stmt, " LEFT JOIN ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt ON ");
    part_match(stmt, map);
}

static void derived_key_out(const struct fill_map *map, struct stmt *stmt) {
    for (size_t i = 0; i < map->key_count; i++) {
        char column[32];
        snprintf(column, sizeof(column), "s.infill_k%zu", i);
        if (i > 0)
            stmt_add(stmt, ", ");
        stmt->dialect->key_out(&stmt->text, map->key[i], column);
    }
}

static void build_different(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT ");
    derived_key_out(map, stmt);
    stmt_add(stmt, " FROM ");
    part_derived(stmt, map, form, PART_KEY | PART_MATCH | PART_VALUES);
    stmt_add(stmt, " JOIN ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt ON ");
    part_match(stmt, map);
    stmt_add(stmt, " WHERE NOT (");
    all_same(map, stmt);
    stmt_add(stmt, ")");
    for (size_t i = 0; i < map->key_count; i++)
        stmt_printf(stmt, "%ss.infill_k%zu", i == 0 ? " ORDER BY " : ", ", i);
    stmt_add(stmt, " LIMIT ");
    stmt_limit_arg(stmt, FILL_N);
}

void fill_compare_build(const struct fill_map *map, struct fill_sql *sql) {
    for (enum fill_form form = FILL_OPEN; form < FILL_FORMS; form++)
        build_compare(map, form, &sql->compare[form]);
    for (enum fill_form form = FILL_OPEN; form <= FILL_ABOVE; form++)
        build_different(map, form, &sql->different[form]);
}
