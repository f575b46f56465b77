/* fill_sql.c - all statements of a fill: which there are, and that each came out whole. */
#include "sql/fill_sql.h"

#include "sql/fill_parts.h"

/* struct fill_sql is an array of statements with names; this is the one place that sees it so. */
enum { FILL_SQL_STATEMENTS = sizeof(struct fill_sql) / sizeof(struct stmt) };

_Static_assert(sizeof(struct fill_sql) % sizeof(struct stmt) == 0, "struct fill_sql holds statements only");

static struct stmt *statements(struct fill_sql *sql) {
    return (struct stmt *)sql;
}

int fill_sql_build(const struct fill_map *map, long long period_us, struct fill_sql *sql, struct err *err) {
    struct stmt *all = statements(sql);
    for (size_t i = 0; i < FILL_SQL_STATEMENTS; i++)
        stmt_init(&all[i], map->dialect);
    fill_walk_build(map, sql);
    fill_period_build(map, period_us, sql);
    if (map->in_place) {
        fill_in_place_build(map, sql);
    } else {
        fill_into_build(map, sql);
        fill_compare_build(map, sql);
        fill_extra_build(map, sql);
    }
    for (size_t i = 0; i < FILL_SQL_STATEMENTS; i++) {
        int rc = stmt_check(&all[i], err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

void fill_sql_release(struct fill_sql *sql) {
    struct stmt *all = statements(sql);
    for (size_t i = 0; i < FILL_SQL_STATEMENTS; i++)
        stmt_release(&all[i]);
}
