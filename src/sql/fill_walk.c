/* fill_walk.c - the statements that walk the key: bounds, high-water mark, counts, periods. All of them live off the key's index. */
#include "sql/fill_parts.h"

static void build_bound(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT ");
    part_key_out(stmt, map);
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, false);
    keyset_order(stmt, map, "src", false);
    stmt_add(stmt, " LIMIT 1 OFFSET ");
    stmt_limit_arg(stmt, FILL_N);
}

/* max() would not do: not every key type has one, and rows have none. */
static void build_high_water(const struct fill_map *map, struct stmt *stmt) {
    stmt_add(stmt, "SELECT ");
    part_key_out(stmt, map);
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    keyset_order(stmt, map, "src", true);
    stmt_add(stmt, " LIMIT 1");
}

/* Bare values would compare under another collation: as a row of a union they have the columns of its first part, which has no rows. */
static void build_is_above(const struct fill_map *map, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*) FROM (SELECT ");
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i > 0 ? ", " : "");
        part_column(stmt, "src", map->key[i]->name);
    }
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    stmt_add(stmt, " WHERE 1 = 0 UNION ALL SELECT ");
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i > 0 ? ", " : "");
        stmt_key_arg(stmt, map->key[i], FILL_LO + (unsigned)i);
    }
    stmt_add(stmt, ") AS src WHERE ");
    keyset_compare(stmt, map, "src", ">", FILL_HI);
}

static void build_count(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "SELECT count(*) FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, true);
}

void fill_sql_sample(const struct fill_map *map, bool last, long long rows, struct stmt *stmt) {
    stmt_printf(stmt, "SELECT count(*), count(s.infill_in) FROM (SELECT CASE WHEN (\n%s\n) THEN 1 END AS infill_in FROM ",
                map->where);
    part_source(stmt, map);
    keyset_order(stmt, map, "src", last);
    stmt_printf(stmt, " LIMIT %lld) AS s", rows);
}

void fill_walk_build(const struct fill_map *map, struct fill_sql *sql) {
    stmt_add(&sql->rows_read, map->dialect->rows_read != NULL ? map->dialect->rows_read : "");
    build_high_water(map, &sql->high_water);
    build_is_above(map, &sql->is_above);
    for (enum fill_form form = FILL_OPEN; form <= FILL_ABOVE; form++) {
        build_bound(map, form, &sql->bound[form]);
        build_count(map, form, &sql->count[form]);
    }
}

/* The first key column of the first row above lo, as the row that a subquery finds. */
static void first_by_row(const struct fill_map *map, enum fill_form form, long long period_us, struct stmt *stmt) {
    stmt_add(stmt, "(SELECT ");
    stmt->dialect->next_period(&stmt->text, map->key[0], "f.infill_k0", period_us);
    stmt_add(stmt, " FROM (SELECT ");
    part_column(stmt, "src", map->key[0]->name);
    stmt_add(stmt, " AS infill_k0 FROM ");
    part_source(stmt, map);
    part_where(stmt, map, form, false);
    keyset_order(stmt, map, "src", false);
    stmt_add(stmt, " LIMIT 1) AS f)");
}

/* "(SELECT MIN(src.c) FROM source AS src WHERE src.a = lo AND src.b = lo AND src.c > lo)": an index lookup that is done before the
 * statement is planned. */
static void least_above(const struct fill_map *map, size_t column, enum fill_form form, struct stmt *stmt) {
    stmt_add(stmt, "(SELECT MIN(");
    part_column(stmt, "src", map->key[column]->name);
    stmt_add(stmt, ") FROM ");
    part_source(stmt, map);
    for (size_t i = 0; form != FILL_OPEN && i <= column; i++) {
        stmt_add(stmt, i == 0 ? " WHERE " : " AND ");
        part_column(stmt, "src", map->key[i]->name);
        stmt_add(stmt, i < column ? " = " : " > ");
        stmt_key_arg(stmt, map->key[i], FILL_LO + (unsigned)i);
    }
    stmt_add(stmt, ")");
}

/* The same by lookups of least values: if any row shares lo's first column and is above lo, the first row has that too, else it has
 * the least one above. */
static void first_by_least(const struct fill_map *map, enum fill_form form, struct stmt *stmt) {
    if (form == FILL_OPEN || map->key_count == 1) {
        least_above(map, 0, form, stmt);
        return;
    }
    for (size_t i = map->key_count - 1; i > 0; i--) {
        stmt_add(stmt, i + 1 == map->key_count ? "CASE WHEN " : " OR ");
        least_above(map, i, FILL_ABOVE, stmt);
        stmt_add(stmt, " IS NOT NULL");
    }
    stmt_add(stmt, " THEN ");
    stmt_key_arg(stmt, map->key[0], FILL_LO);
    stmt_add(stmt, " ELSE ");
    least_above(map, 0, FILL_ABOVE, stmt);
    stmt_add(stmt, " END");
}

static void period_end(const struct fill_map *map, enum fill_form form, long long period_us, struct stmt *stmt) {
    if (!stmt->dialect->folds_min_max_only) {
        first_by_row(map, form, period_us, stmt);
        return;
    }
    struct stmt first; /* its placeholders are counted on from the statement's own */
    stmt_init(&first, stmt->dialect);
    first.arg_count = stmt->arg_count;
    first_by_least(map, form, &first);
    stmt->dialect->next_period(&stmt->text, map->key[0], first.text.data, period_us);
    for (unsigned i = stmt->arg_count; i < first.arg_count && i < STMT_ARGS_MAX; i++)
        stmt->arg[i] = first.arg[i];
    stmt->arg_count = first.arg_count;
    stmt->text.failed = stmt->text.failed || !buf_ok(&first.text);
    stmt_release(&first);
}

/* The walk goes backwards from the end of the period, so the upper bound must not be what positions the index: as a negation it is no
 * index condition. */
static void not_above_hi(const struct fill_map *map, struct stmt *stmt) {
    if (!stmt->dialect->row_values) {
        keyset_compare(stmt, map, "src", "<=", FILL_HI);
        return;
    }
    stmt_add(stmt, "NOT (");
    keyset_compare(stmt, map, "src", ">", FILL_HI);
    stmt_add(stmt, ")");
}

static void build_period_bound(const struct fill_map *map, enum fill_form form, long long period_us, struct stmt *stmt) {
    stmt_add(stmt, "SELECT ");
    part_key_out(stmt, map);
    stmt_add(stmt, " FROM ");
    part_source(stmt, map);
    stmt_add(stmt, " WHERE ");
    if (form != FILL_OPEN) {
        keyset_compare(stmt, map, "src", ">", FILL_LO);
        stmt_add(stmt, " AND ");
    }
    not_above_hi(map, stmt);
    stmt_add(stmt, " AND ");
    part_column(stmt, "src", map->key[0]->name);
    stmt_add(stmt, " < ");
    period_end(map, form, period_us, stmt);
    keyset_order(stmt, map, "src", true);
    stmt_add(stmt, " LIMIT 1");
}

void fill_period_build(const struct fill_map *map, long long period_us, struct fill_sql *sql) {
    const struct sql_dialect *dialect = map->dialect;
    if (period_us <= 0 || dialect->next_period == NULL || dialect->period_refused(map->key[0], period_us) != NULL)
        return;
    for (enum fill_form form = FILL_OPEN; form <= FILL_ABOVE; form++)
        build_period_bound(map, form, period_us, &sql->period_bound[form]);
}
