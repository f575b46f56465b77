/* fill_target.c - see fill_target.h; and what a fill asks its target before it begins. */
#include "sql/fill_target.h"

#include "base/text.h"
#include "sql/expr.h"
#include "sql/fill_parts.h"

const struct sql_column *fill_copy_of_key(const struct fill_map *map, size_t key) {
    for (size_t i = 0; i < map->match_count; i++)
        if (expr_is_column(map->dialect, map->match_expr[i], map->key[key]))
            return map->match[i];
    return NULL;
}

/* Both sides put values of the column in the same order. */
static bool same_order(const struct sql_column *a, const struct sql_column *b) {
    const char *one = a->collation ? a->collation : "", *two = b->collation ? b->collation : "";
    return a->class == b->class && text_equal(one, two);
}

bool fill_is_aligned(const struct fill_map *map) {
    if (map->in_place)
        return true;
    for (size_t i = 0; i < map->key_count; i++) {
        const struct sql_column *copy = fill_copy_of_key(map, i);
        if (copy == NULL || !same_order(map->key[i], copy))
            return false;
    }
    return map->key_count == map->match_count;
}

struct fill_map fill_target_walk(const struct fill_map *map) {
    struct fill_map walk = *map;
    const char *names[KEY_COLUMNS_MAX];
    walk.source = map->target;
    for (size_t i = 0; i < map->key_count; i++) {
        walk.key[i] = fill_copy_of_key(map, i);
        names[i] = walk.key[i]->name;
    }
    const struct sql_index *index = sql_table_range_index(map->target, names, map->key_count);
    walk.key_index = index ? index->name : NULL;
    return walk;
}

/* "(SELECT match expressions FROM the source) AS s" of the rows that are filled */
static void all_matches(struct stmt *stmt, const struct fill_map *map) {
    stmt_add(stmt, "(");
    part_matches(stmt, map);
    part_from(stmt, map, "src");
    if (map->where != NULL) {
        stmt_add(stmt, " WHERE ");
        part_expr(stmt, map->where);
    }
    stmt_add(stmt, ") AS s");
}

static void not_exists(struct stmt *stmt, const struct fill_map *map) {
    stmt_add(stmt, "NOT EXISTS (SELECT 1 FROM ");
    all_matches(stmt, map);
    stmt_add(stmt, " WHERE ");
    part_match(stmt, map);
    stmt_add(stmt, ")");
}

static void match_value(struct stmt *stmt, const struct fill_map *map, size_t i) {
    char value[32];
    snprintf(value, sizeof value, "s.infill_m%zu", i);
    stmt->dialect->converted(&stmt->text, map->match[i], value);
}

void part_is_stray(struct stmt *stmt, const struct fill_map *map) {
    if (!map->dialect->anti_join_by_in) {
        not_exists(stmt, map);
        return;
    }
    for (size_t i = 0; i < map->match_count; i++) {
        stmt_add(stmt, i == 0 ? "(" : ", ");
        part_column(stmt, "tgt", map->match[i]->name);
    }
    stmt_add(stmt, ") NOT IN (");
    for (size_t i = 0; i < map->match_count; i++) {
        stmt_add(stmt, i == 0 ? "SELECT " : ", ");
        match_value(stmt, map, i);
    }
    stmt_add(stmt, " FROM ");
    all_matches(stmt, map);
    for (size_t i = 0; i < map->match_count; i++) { /* one NULL among them, and NOT IN is true of no row */
        stmt_add(stmt, i == 0 ? " WHERE " : " AND ");
        match_value(stmt, map, i);
        stmt_add(stmt, " IS NOT NULL");
    }
    stmt_add(stmt, ")");
}

static void build_extra(const struct fill_map *map, enum fill_form form, bool aligned, struct stmt *stmt) {
    stmt_add(stmt, "SELECT 1");
    if (aligned) {
        struct fill_map walk = fill_target_walk(map);
        part_from(stmt, &walk, "tgt");
        stmt_add(stmt, " WHERE ");
        keyset_between(stmt, &walk, "tgt", form, true);
        stmt_add(stmt, " AND ");
        not_exists(stmt, map);
    } else {
        stmt_add(stmt, " FROM ");
        part_target(stmt, map);
        stmt_add(stmt, " AS tgt WHERE ");
        part_is_stray(stmt, map);
    }
    stmt_add(stmt, " LIMIT 1");
}

void fill_extra_build(const struct fill_map *map, struct fill_sql *sql) {
    bool aligned = fill_is_aligned(map);
    build_extra(map, FILL_OPEN, aligned, &sql->extra[FILL_OPEN]);
    if (aligned)
        build_extra(map, FILL_ABOVE, aligned, &sql->extra[FILL_ABOVE]);
}
