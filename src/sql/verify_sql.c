/* verify_sql.c - see verify_sql.h. */
#include "sql/verify_sql.h"

#include <string.h>

#include "base/text.h"
#include "sql/expr.h"
#include "sql/fill_parts.h"
#include "sql/fill_target.h"

static bool is_matched(const struct fill_map *map, const struct sql_column *column) {
    for (size_t i = 0; !map->in_place && i < map->match_count; i++)
        if (map->match[i] == column)
            return true;
    return false;
}

static void where(struct stmt *stmt, const struct fill_map *map, const char *alias, enum verify_form form, bool filtered) {
    static const enum fill_form forms[VERIFY_FORMS] = {FILL_OPEN, FILL_ABOVE, FILL_FROM, FILL_ABOVE, FILL_OPEN};
    stmt_add(stmt, " WHERE ");
    keyset_between(stmt, map, alias, forms[form], form != VERIFY_REST && form != VERIFY_WHOLE);
    if (filtered && map->where != NULL) {
        stmt_add(stmt, " AND ");
        part_expr(stmt, map->where);
    }
}

static const char *comma(struct stmt *stmt, const char *glue) {
    stmt_add(stmt, glue);
    return ", ";
}

/* The source column that the expression is nothing but, if it has the target column's type: it is stored as it is. */
static bool is_stored_as_it_is(const struct fill_map *map, const struct sql_column *column, const char *expr) {
    for (size_t i = 0; i < map->source->column_count; i++) {
        const struct sql_column *source = &map->source->columns[i];
        if (expr_is_column(map->dialect, expr, source))
            return source->class == column->class && text_equal(source->type, column->type);
    }
    return false;
}

static void as_stored(const struct fill_map *map, const struct sql_column *column, const char *expr, struct stmt *stmt) {
    if (stmt->dialect->as_stored == NULL || is_stored_as_it_is(map, column, expr)) {
        part_expr(stmt, expr);
        return;
    }
    struct buf bracketed;
    buf_init(&bracketed);
    buf_printf(&bracketed, "(\n%s\n)", expr);
    stmt->dialect->as_stored(&stmt->text, column, bracketed.data);
    stmt->text.failed = stmt->text.failed || !buf_ok(&bracketed);
    buf_release(&bracketed);
}

static void build_source(const struct fill_map *map, const char *const *expect, enum verify_form form, const struct verify_sql *sql,
                         struct stmt *stmt) {
    const char *glue = "SELECT ";
    for (size_t i = 0; i < map->key_count; i++) {
        glue = comma(stmt, glue);
        part_column(stmt, "src", map->key[i]->name);
    }
    for (size_t i = 0; !sql->aligned && i < map->match_count; i++) {
        glue = comma(stmt, glue);
        as_stored(map, map->match[i], map->match_expr[i], stmt);
    }
    for (size_t i = 0; i < sql->value_count; i++) {
        glue = comma(stmt, glue);
        const char *second = expect ? expect[sql->values[i] - map->values] : NULL;
        as_stored(map, sql->values[i]->column, second ? second : sql->values[i]->expr, stmt);
    }
    for (size_t i = 0; map->in_place && i < sql->value_count; i++) {
        glue = comma(stmt, glue);
        part_column(stmt, "src", sql->values[i]->column->name);
    }
    part_from(stmt, map, "src");
    where(stmt, map, "src", form, true);
}

static void target_columns(const struct verify_sql *sql, struct stmt *stmt) {
    const char *glue = "SELECT ";
    for (size_t i = 0; i < sql->matched_count; i++) {
        glue = comma(stmt, glue);
        part_column(stmt, "tgt", sql->matched[i]->name);
    }
    for (size_t i = 0; i < sql->value_count; i++) {
        glue = comma(stmt, glue);
        part_column(stmt, "tgt", sql->values[i]->column->name);
    }
}

/* "(SELECT match expressions FROM the source ...) AS s": nothing but the source is in scope of them. */
static void matches(const struct fill_map *map, enum verify_form form, struct stmt *stmt) {
    stmt_add(stmt, "(");
    part_matches(stmt, map);
    part_from(stmt, map, "src");
    where(stmt, map, "src", form, true);
    stmt_add(stmt, ") AS s");
}

static void matched_columns(const struct fill_map *map, const char *glue, struct stmt *stmt) {
    for (size_t i = 0; i < map->match_count; i++) {
        stmt_add(stmt, i == 0 ? glue : ", ");
        part_column(stmt, "tgt", map->match[i]->name);
    }
}

/* "(SELECT ...) AS s JOIN target AS tgt ON ...": each source row and where it leads. */
static void lead(const struct fill_map *map, enum verify_form form, struct stmt *stmt) {
    matches(map, form, stmt);
    stmt_add(stmt, " JOIN ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt ON ");
    part_match(stmt, map);
}

static void build_target(const struct fill_map *map, enum verify_form form, const struct verify_sql *sql, struct stmt *stmt) {
    target_columns(sql, stmt);
    if (sql->aligned) {
        struct fill_map walk = fill_target_walk(map);
        part_from(stmt, &walk, "tgt");
        where(stmt, &walk, "tgt", form, false);
        return;
    }
    stmt_add(stmt, " FROM ");
    lead(map, form, stmt);
}

static void build_strays(const struct fill_map *map, bool of_one, struct stmt *stmt) {
    matched_columns(map, "SELECT ", stmt);
    stmt_add(stmt, " FROM ");
    part_target(stmt, map);
    stmt_add(stmt, " AS tgt WHERE ");
    if (!of_one) {
        part_is_stray(stmt, map);
        return;
    }
    stmt_add(stmt, "NOT EXISTS (SELECT 1 FROM ");
    matches(map, VERIFY_WHOLE, stmt);
    stmt_add(stmt, " WHERE ");
    part_match(stmt, map);
    stmt_add(stmt, ")");
    for (size_t i = 0; i < map->match_count; i++) {
        stmt_add(stmt, " AND ");
        part_column(stmt, "tgt", map->match[i]->name);
        stmt_add(stmt, " = ");
        stmt_key_arg(stmt, map->match[i], FILL_LO + (unsigned)i);
    }
}

/* The whole source, in whatever order and by whatever index suits the server: no walk along the key. */
static struct fill_map in_any_order(const struct fill_map *map) {
    struct fill_map any = *map;
    any.key_index = NULL;
    return any;
}

static void build_shared(const struct fill_map *map, struct stmt *stmt) {
    struct fill_map any = in_any_order(map);
    matched_columns(map, "SELECT ", stmt);
    stmt_add(stmt, " FROM ");
    lead(&any, VERIFY_WHOLE, stmt);
    matched_columns(map, " GROUP BY ", stmt);
    stmt_add(stmt, " HAVING COUNT(*) > 1");
}

static void build_rivals(const struct fill_map *map, struct stmt *stmt) {
    struct fill_map any = in_any_order(map);
    stmt_add(stmt, "SELECT 1 FROM ");
    matches(&any, VERIFY_WHOLE, stmt);
    matched_columns(map, " JOIN (SELECT ", stmt);
    stmt_add(stmt, " FROM ");
    lead(map, VERIFY_KEY, stmt);
    stmt_add(stmt, ") AS tgt ON ");
    part_match(stmt, map);
    stmt_add(stmt, " LIMIT 2");
}

static void named_row(const struct verify_sql *sql, struct stmt *stmt) {
    for (size_t i = 0; i < sql->matched_count; i++) {
        stmt_add(stmt, i == 0 ? " WHERE " : " AND ");
        stmt_ident(stmt, sql->matched[i]->name);
        stmt_add(stmt, " = ");
        stmt_key_arg(stmt, sql->matched[i], FILL_LO + (unsigned)i);
    }
}

static size_t match_number(const struct fill_map *map, const struct sql_column *column) {
    size_t i = 0;
    while (map->match[i] != column)
        i++;
    return i;
}

static void build_extra(const struct fill_map *map, struct verify_sql *sql) {
    if (map->dialect->locks_rows) {
        stmt_add(&sql->lock_extra, "SELECT 1 FROM ");
        part_target(&sql->lock_extra, map);
        named_row(sql, &sql->lock_extra);
        stmt_add(&sql->lock_extra, map->dialect->for_update);
    }
    struct stmt *stmt = &sql->delete_extra;
    stmt_add(stmt, "DELETE FROM ");
    part_target(stmt, map);
    named_row(sql, stmt);
    stmt_add(stmt, " AND NOT EXISTS (SELECT 1 FROM ");
    matches(map, VERIFY_WHOLE, stmt);
    for (size_t i = 0; i < sql->matched_count; i++) {
        stmt_printf(stmt, " %s s.infill_m%zu = ", i == 0 ? "WHERE" : "AND", match_number(map, sql->matched[i]));
        stmt_key_arg(stmt, sql->matched[i], FILL_LO + (unsigned)i);
    }
    stmt_add(stmt, ")");
}

static void list_matched(const struct fill_map *map, struct verify_sql *sql) {
    sql->aligned = fill_is_aligned(map);
    sql->matched_count = map->in_place ? 0 : map->match_count;
    for (size_t i = 0; i < sql->matched_count; i++)
        sql->matched[i] = sql->aligned ? fill_copy_of_key(map, i) : map->match[i];
}

static int list_values(const struct fill_map *map, struct arena *arena, struct verify_sql *sql, struct err *err) {
    sql->values = arena_array(arena, map->value_count + 1, sizeof *sql->values);
    if (sql->values == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < map->value_count; i++)
        if (!is_matched(map, map->values[i].column))
            sql->values[sql->value_count++] = &map->values[i];
    return 0;
}

int verify_sql_build(const struct fill_map *map, const char *const *expect, struct arena *arena, struct verify_sql *sql,
                     struct err *err) {
    memset(sql, 0, sizeof *sql);
    for (enum verify_form form = 0; form < VERIFY_FORMS; form++) {
        stmt_init(&sql->source[form], map->dialect);
        stmt_init(&sql->target[form], map->dialect);
    }
    stmt_init(&sql->strays, map->dialect);
    stmt_init(&sql->stray, map->dialect);
    stmt_init(&sql->shared, map->dialect);
    stmt_init(&sql->rivals, map->dialect);
    stmt_init(&sql->lock_extra, map->dialect);
    stmt_init(&sql->delete_extra, map->dialect);
    list_matched(map, sql);
    int rc = list_values(map, arena, sql, err);
    for (enum verify_form form = 0; form < VERIFY_FORMS && rc == 0; form++) {
        build_source(map, expect, form, sql, &sql->source[form]);
        if (!map->in_place)
            build_target(map, form, sql, &sql->target[form]);
        rc = stmt_check(&sql->source[form], err);
        if (rc == 0)
            rc = stmt_check(&sql->target[form], err);
    }
    if (rc == 0 && !sql->aligned) {
        build_strays(map, false, &sql->strays);
        build_strays(map, true, &sql->stray);
        build_shared(map, &sql->shared);
        build_rivals(map, &sql->rivals);
    }
    if (rc == 0 && !map->in_place)
        build_extra(map, sql);
    const struct stmt *last[] = {&sql->strays, &sql->stray, &sql->shared, &sql->rivals, &sql->lock_extra, &sql->delete_extra};
    for (size_t i = 0; i < sizeof last / sizeof *last && rc == 0; i++)
        rc = stmt_check(last[i], err);
    return rc;
}

void verify_sql_release(struct verify_sql *sql) {
    for (enum verify_form form = 0; form < VERIFY_FORMS; form++) {
        stmt_release(&sql->source[form]);
        stmt_release(&sql->target[form]);
    }
    stmt_release(&sql->strays);
    stmt_release(&sql->stray);
    stmt_release(&sql->shared);
    stmt_release(&sql->rivals);
    stmt_release(&sql->lock_extra);
    stmt_release(&sql->delete_extra);
}
