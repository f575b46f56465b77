/* keyset.c - "above this key, not above that one", so that the index of the key is used for both ends. */
#include "sql/fill_sql.h"

#include "sql/fill_parts.h"

static void key_column(struct stmt *stmt, const struct fill_map *map, const char *alias, size_t i) {
    stmt_printf(stmt, "%s.", alias);
    stmt_ident(stmt, map->key[i]->name);
}

static void comparison(struct stmt *stmt, const struct fill_map *map, const char *alias, size_t i, const char *sign, unsigned arg) {
    key_column(stmt, map, alias, i);
    stmt_printf(stmt, " %s ", sign);
    stmt_key_arg(stmt, map->key[i], arg + (unsigned)i);
}

/* (src.a, src.b) > (x, y) */
static void row_comparison(struct stmt *stmt, const struct fill_map *map, const char *alias, const char *sign, unsigned arg) {
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i == 0 ? "(" : ", ");
        key_column(stmt, map, alias, i);
    }
    stmt_printf(stmt, ") %s ", sign);
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i == 0 ? "(" : ", ");
        stmt_key_arg(stmt, map->key[i], arg + (unsigned)i);
    }
    stmt_add(stmt, ")");
}

/* (src.a > x OR (src.a = x AND src.b > y)): the range optimizer makes one interval per line of it. `sign` of the last column may include
 * equality, that of the others never does. */
static void expanded_comparison(struct stmt *stmt, const struct fill_map *map, const char *alias, const char *sign, unsigned arg) {
    char strict[2] = {sign[0], '\0'};
    for (size_t last = 0; last < map->key_count; last++) {
        stmt_add(stmt, last == 0 ? "(" : " OR (");
        for (size_t i = 0; i < last; i++) {
            comparison(stmt, map, alias, i, "=", arg);
            stmt_add(stmt, " AND ");
        }
        comparison(stmt, map, alias, last, last + 1 == map->key_count ? sign : strict, arg);
        if (last > 0)
            stmt_add(stmt, ")");
    }
    stmt_add(stmt, ")");
}

void keyset_compare(struct stmt *stmt, const struct fill_map *map, const char *alias, const char *sign, unsigned arg) {
    if (map->key_count == 1)
        comparison(stmt, map, alias, 0, sign, arg);
    else if (stmt->dialect->row_values)
        row_comparison(stmt, map, alias, sign, arg);
    else
        expanded_comparison(stmt, map, alias, sign, arg);
}

void keyset_between(struct stmt *stmt, const struct fill_map *map, const char *alias, enum fill_form form, bool has_hi) {
    if (form != FILL_OPEN)
        keyset_compare(stmt, map, alias, form == FILL_FROM ? ">=" : ">", FILL_LO);
    if (form != FILL_OPEN && has_hi)
        stmt_add(stmt, " AND ");
    if (has_hi)
        keyset_compare(stmt, map, alias, "<=", FILL_HI);
    if (form == FILL_OPEN && !has_hi)
        stmt_add(stmt, "1 = 1");
}

void keyset_order(struct stmt *stmt, const struct fill_map *map, const char *alias, bool descending) {
    for (size_t i = 0; i < map->key_count; i++) {
        stmt_add(stmt, i == 0 ? " ORDER BY " : ", ");
        key_column(stmt, map, alias, i);
        if (descending)
            stmt_add(stmt, " DESC");
    }
}
