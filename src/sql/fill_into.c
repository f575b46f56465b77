/* fill_into.c - statements that write rows of the source into another table. */
#include <stdio.h>
#include <string.h>

#include "sql/fill_parts.h"

static void insert_head(const struct fill_map *map, struct stmt *stmt) {
    bool has_identity = false;
    stmt_add(stmt, "INSERT INTO ");
    part_target(stmt, map);
    stmt_add(stmt, " (");
    for (size_t i = 0; i < map->value_count; i++) {
        if (i > 0)
            stmt_add(stmt, ", ");
        stmt_ident(stmt, map->values[i].column->name);
        has_identity = has_identity || map->values[i].column->is_identity;
    }
    stmt_add(stmt, has_identity ? ") OVERRIDING SYSTEM VALUE " : ") ");
}

static void build_insert(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    insert_head(map, stmt);
    for (size_t i = 0; i < map->value_count; i++) {
        stmt_add(stmt, i == 0 ? "SELECT " : ", ");
        part_expr(stmt, map->values[i].expr);
    }
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
}

/* All parts of the statement see one snapshot, so the count of the source is of the very rows that were inserted. Counting again reads
 * the index range a second time; keeping the rows aside to count them would copy them all. */
static void build_insert_counted(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "WITH infill_w AS (");
    build_insert(map, form, stmt);
    stmt_add(stmt, " RETURNING 1) SELECT (SELECT count(*) FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
    stmt_add(stmt, "), (SELECT count(*) FROM infill_w)");
}

/* The clause with %s replaced by the match columns. */
static void on_duplicate(const struct fill_map *map, struct stmt *stmt) {
    const char *clause = stmt->dialect->on_duplicate_nothing;
    if (clause == NULL)
        return;
    const char *mark = strstr(clause, "%s");
    stmt_printf(stmt, "%.*s", (int)(mark - clause), clause);
    for (size_t i = 0; i < map->match_count; i++) {
        if (i > 0)
            stmt_add(stmt, ", ");
        stmt_ident(stmt, map->match[i]->name);
    }
    stmt_add(stmt, mark + 2);
}

static void not_in_target(const struct fill_map *map, struct stmt *stmt) {
    stmt_add(stmt, " WHERE NOT EXISTS (SELECT 1 FROM ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt WHERE ");
    part_match(stmt, map);
    stmt_add(stmt, ")");
}

static void build_insert_missing(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    insert_head(map, stmt);
    for (size_t i = 0; i < map->value_count; i++)
        stmt_printf(stmt, "%ss.infill_v%zu", i == 0 ? "SELECT " : ", ", i);
    stmt_add(stmt, " FROM ");
    part_derived(stmt, map, form, PART_MATCH | PART_VALUES);
    not_in_target(map, stmt);
    on_duplicate(map, stmt);
}

static void build_missing(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*) FROM ");
    part_derived(stmt, map, form, PART_MATCH);
    not_in_target(map, stmt);
}

/* In key order, so that two batches that meet wait for each other instead of deadlocking. Gives the number of rows. */
static void build_lock_source(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*) FROM (SELECT 1 AS one FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
    keyset_order(stmt, map, "src", false);
    stmt_printf(stmt, "%s) AS l", stmt->dialect->lock_rows);
}

static void set_list(const struct fill_map *map, struct stmt *stmt) {
    bool joins = stmt->dialect->update_joins;
    const char *comma = " SET ";
    for (size_t i = 0; i < map->value_count; i++) {
        if (!part_can_be_set(map, &map->values[i]))
            continue;
        stmt_add(stmt, comma);
        stmt_add(stmt, joins ? "tgt." : "");
        stmt_ident(stmt, map->values[i].column->name);
        stmt_printf(stmt, " = s.infill_v%zu", i);
        comma = ", ";
    }
    for (size_t i = 0; joins && i < map->keep_count; i++, comma = ", ") {
        stmt_add(stmt, comma);
        part_column(stmt, "tgt", map->keep_columns[i]);
        stmt_add(stmt, " = ");
        part_column(stmt, "tgt", map->keep_columns[i]);
    }
}

/* " AND NOT (all columns that can be set are the same)" */
static void and_differs(const struct fill_map *map, struct stmt *stmt) {
    const char *glue = " AND NOT (";
    for (size_t i = 0; i < map->value_count; i++) {
        char value[32];
        if (!part_can_be_set(map, &map->values[i]))
            continue;
        snprintf(value, sizeof(value), "s.infill_v%zu", i);
        stmt_add(stmt, glue);
        part_same(stmt, &map->values[i], "tgt", value);
        glue = " AND ";
    }
    stmt_add(stmt, ")");
}

static void build_overwrite(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "UPDATE ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt");
    if (stmt->dialect->update_joins) {
        stmt_add(stmt, " JOIN ");
        part_derived(stmt, map, form, PART_MATCH | PART_VALUES);
        stmt_add(stmt, " ON ");
        part_match(stmt, map);
        set_list(map, stmt);
        return;
    }
    set_list(map, stmt);
    stmt_add(stmt, " FROM ");
    part_derived(stmt, map, form, PART_MATCH | PART_VALUES);
    stmt_add(stmt, " WHERE ");
    part_match(stmt, map);
    and_differs(map, stmt);
}

static bool has_something_to_set(const struct fill_map *map) {
    for (size_t i = 0; i < map->value_count; i++)
        if (part_can_be_set(map, &map->values[i]))
            return true;
    return false;
}

void fill_into_build(const struct fill_map *map, struct fill_sql *sql) {
    for (enum fill_form form = FILL_OPEN; form <= FILL_ABOVE; form++) {
        build_insert(map, form, &sql->insert[form]);
        if (map->dialect->count_in_statement)
            build_insert_counted(map, form, &sql->insert_counted[form]);
        build_missing(map, form, &sql->missing[form]);
    }
    for (enum fill_form form = FILL_OPEN; form < FILL_FORMS; form++) {
        build_insert_missing(map, form, &sql->insert_missing[form]);
        if (map->dialect->locks_rows)
            build_lock_source(map, form, &sql->lock_source[form]);
        if (has_something_to_set(map))
            build_overwrite(map, form, &sql->overwrite[form]);
    }
}
