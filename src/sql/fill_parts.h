/* fill_parts.h - pieces that the statements of a fill are put together from. Used by src/sql/fill_*.c only.
 *
 * The expressions of a plan name source columns without an alias wherever they like. So they may only stand where nothing but the
 * source is in scope: in a SELECT from the source alone. Where the target comes in, the source is a derived table `s` with columns
 * infill_k0 ... (key), infill_m0 ... (match) and infill_v0 ... (values), which nobody's table has. Each expression stands in
 * parentheses on lines of its own: nothing in it can reach what follows. */
#ifndef SQL_FILL_PARTS_H
#define SQL_FILL_PARTS_H

#include "sql/fill_sql.h"

enum { PART_KEY = 1, PART_MATCH = 2, PART_VALUES = 4 };

/* key `sign` the arguments from `arg` on; sign is > or <= */
void keyset_compare(struct stmt *stmt, const struct fill_map *map, const char *alias, const char *sign, unsigned arg);
/* " ORDER BY alias.a, alias.b" */
void keyset_order(struct stmt *stmt, const struct fill_map *map, const char *alias, bool descending);

void part_expr(struct stmt *stmt, const char *expr);
/* "table AS src", the index of the walk forced where that is how it is done */
void part_source(struct stmt *stmt, const struct fill_map *map);
/* " FROM table AS alias" of the table that is walked, likewise */
void part_from(struct stmt *stmt, const struct fill_map *map, const char *alias);
void part_target(struct stmt *stmt, const struct fill_map *map);
/* " WHERE keyset", and "... AND (where)" with `filtered` */
void part_where(struct stmt *stmt, const struct fill_map *map, enum fill_form form, bool filtered);
/* "(SELECT ... FROM source AS src WHERE ...) AS s" with the columns of `parts` */
void part_derived(struct stmt *stmt, const struct fill_map *map, enum fill_form form, unsigned parts);
/* "SELECT match expressions AS infill_m0, ..." */
void part_matches(struct stmt *stmt, const struct fill_map *map);
/* "tgt.a = s.infill_m0 AND ...": the target row of a row of s, found by its index */
void part_match(struct stmt *stmt, const struct fill_map *map);
/* Condition on a row tgt of the target: no row of the source that is filled leads to it. Compared with all of them, which takes the server
 * one walk over the source: where the rows lie along the key, or one is named, NOT EXISTS (... part_match) is faster. */
void part_is_stray(struct stmt *stmt, const struct fill_map *map);
/* The key columns of `src` as the ledger wants them. */
void part_key_out(struct stmt *stmt, const struct fill_map *map);
/* "column" of the target as it is read: alias."column" */
void part_column(struct stmt *stmt, const char *alias, const char *column);
/* A bare literal gets the column's type where it would have none; every other expression stays as it is. */
void part_value(struct stmt *stmt, const struct fill_value *value);
/* same_bytes() of one value: stored is `stored_alias`.column; `expr` the SQL that is compared with it */
void part_same(struct stmt *stmt, const struct fill_value *value, const char *stored_alias, const char *expr);
/* Does overwriting set this column? Not a match column that is right by being matched: setting a key makes an UPDATE dearer for nothing.
 * And not a GENERATED ALWAYS identity, which PostgreSQL refuses. */
bool part_can_be_set(const struct fill_map *map, const struct fill_value *value);

/* The statements themselves; fill_sql.c calls these. `sql` is initialized; failures stick in its buffers. */
void fill_walk_build(const struct fill_map *map, struct fill_sql *sql);
void fill_period_build(const struct fill_map *map, long long period_us, struct fill_sql *sql);
void fill_into_build(const struct fill_map *map, struct fill_sql *sql);
void fill_compare_build(const struct fill_map *map, struct fill_sql *sql);
void fill_in_place_build(const struct fill_map *map, struct fill_sql *sql);
void fill_extra_build(const struct fill_map *map, struct fill_sql *sql);

#endif
