/* scratch.c - see scratch.h. Damage that every engine spells alike. */
#include "sql/scratch.h"

#include <string.h>

#include "base/mem.h"

/* Rows 101 to 140: as many even ones as odd ones. Rows 101 and 125 have one width in all columns on every engine. */
enum { BLOCK_ROWS = 40 };
#define BLOCK "id BETWEEN 1010 AND 1400"
#define ROW_AGAIN "INSERT INTO {copy} SELECT * FROM {source} AS s WHERE s.id = 700"

static const struct sql_scratch_damage everywhere[] = {
    {"two values swapped between two rows",
     2,
     {"UPDATE {copy} SET name = (SELECT s.name FROM {source} AS s WHERE s.id = CASE infill_self_copy.id WHEN 1010 THEN 1250 ELSE "
      "1010 "
      "END) WHERE id IN (1010, 1250)"}},
    {"values rotated among four rows",
     4,
     {"UPDATE {copy} SET ratio = (SELECT s.ratio FROM {source} AS s WHERE s.id = CASE infill_self_copy.id WHEN 1010 THEN 1030 WHEN "
      "1030 "
      "THEN 1050 WHEN 1050 THEN 1070 ELSE 1010 END) WHERE id IN (1010, 1030, 1050, 1070)"}},
    {"the keys of two rows swapped",
     2,
     {"UPDATE {copy} SET id = CASE id WHEN 1010 THEN 1250 ELSE 1010 END WHERE id IN (1010, 1250)"}},
    {"NULL became the empty text", 1, {"UPDATE {copy} SET note = '' WHERE id = 80"}},
    {"the empty text became NULL", 1, {"UPDATE {copy} SET note = NULL WHERE id = 90"}},
    {"NULL became the word", 1, {"UPDATE {copy} SET note = 'NULL' WHERE id = 80"}},
    {"0 became NULL", 1, {"UPDATE {copy} SET small = NULL WHERE id = 50"}},
    {"NULL became 0", 1, {"UPDATE {copy} SET small = 0 WHERE id = 100"}},
    {"a blank at the end of a text", 1, {"UPDATE {copy} SET name = 'name 0120 ' WHERE id = 1200"}},
    {"a text cut short", 1, {"UPDATE {copy} SET name = 'name 01' WHERE id = 1200"}},
    {"a text with another character", 1, {"UPDATE {copy} SET name = 'name 0l20' WHERE id = 1200"}},
    {"the case of a text, under a collation that ignores it where the engine has one",
     1,
     {"UPDATE {copy} SET label = UPPER(label) WHERE id = 1300"}},
    {"the case of a text in an even number of rows", BLOCK_ROWS, {"UPDATE {copy} SET label = UPPER(label) WHERE " BLOCK}},
    {"a text in another normal form of Unicode", 1, {"UPDATE {copy} SET name = 'cafe\xcc\x81' WHERE id = 140"}},
    {"two columns swapped", 1, {"UPDATE {copy} SET name = 'Label 0180', label = 'name 0180' WHERE id = 1800"}},
    {"the boundary between two columns moved", 1, {"UPDATE {copy} SET name = 'name 0190L', label = 'abel 0190' WHERE id = 1900"}},
    {"a separator moved from one column to the next", 1, {"UPDATE {copy} SET name = 'a', label = 'b#c' WHERE id = 200"}},
    {"one cent more", 1, {"UPDATE {copy} SET amount = amount + 0.01 WHERE id = 1500"}},
    {"one cent more in an even number of rows", BLOCK_ROWS, {"UPDATE {copy} SET amount = amount + 0.01 WHERE " BLOCK}},
    {"one cent from one row to another",
     2,
     {"UPDATE {copy} SET amount = amount + CASE id WHEN 1500 THEN 0.01 ELSE -0.01 END WHERE id IN (1500, 1510)"}},
    {"a sign", 1, {"UPDATE {copy} SET amount = -amount WHERE id = 1600"}},
    {"the last bit of a floating-point number", 1, {"UPDATE {copy} SET ratio = ratio * 1.0000000000000002 WHERE id = 1600"}},
    {"a floating-point number of six digits", 1, {"UPDATE {copy} SET ratio = 45.1 WHERE id = 1800"}},
    {"a time seven hours later", 1, {"UPDATE {copy} SET seen_at = '2026-01-04 15:00:00.123456' WHERE id = 1200"}},
    {"a time seven hours later in an even number of rows",
     BLOCK_ROWS,
     {"UPDATE {copy} SET seen_at = '2026-01-04 15:00:00.123456' WHERE " BLOCK}},
    {"the fraction of a second lost", 1, {"UPDATE {copy} SET seen_at = '2026-01-07 08:00:00' WHERE id = 2600"}},
    {"a microsecond", 1, {"UPDATE {copy} SET seen_at = '2026-01-07 08:00:00.123455' WHERE id = 2600"}},
    {"a day later", 1, {"UPDATE {copy} SET day = '2026-07-31' WHERE id = 2100"}},
    {"a flag turned over", 1, {"UPDATE {copy} SET flag = NOT flag WHERE id = 2200"}},
    {"a flag turned over in an even number of rows", BLOCK_ROWS, {"UPDATE {copy} SET flag = NOT flag WHERE " BLOCK}},
    {"a value inside of a JSON document", 1, {"UPDATE {copy} SET doc = '{\"a\": 1230, \"b\": [1, 3]}' WHERE id = 2300"}},
    {"a key inside of a JSON document", 1, {"UPDATE {copy} SET doc = '{\"A\": 1230, \"b\": [1, 2]}' WHERE id = 2300"}},
    {"one word for another in all rows of a block",
     BLOCK_ROWS / 4,
     {"UPDATE {copy} SET status = 'void' WHERE status = 'open' AND " BLOCK}},
    {"the last column of one row", 1, {"UPDATE {copy} SET status = 'kept' WHERE id = 2400"}},
    {"a row twice", 1, {ROW_AGAIN}},
    {"a row three times: a duplicate pair", 1, {ROW_AGAIN, ROW_AGAIN}},
    {"a row twice, in place of another one", 2, {"DELETE FROM {copy} WHERE id = 710", ROW_AGAIN}},
    {"the first row missing", 1, {"DELETE FROM {copy} WHERE id = 10"}},
    {"the last row missing", 1, {"DELETE FROM {copy} WHERE id = 3000"}},
    {"two rows missing", 2, {"DELETE FROM {copy} WHERE id IN (1500, 1510)"}},
    {"all rows missing", SCRATCH_ROWS, {"DELETE FROM {copy}"}},
    {"an extra row among the others", 1, {"UPDATE {copy} SET id = 705 WHERE id = 700", ROW_AGAIN}},
    {"an extra row above the last", 1, {"UPDATE {copy} SET id = 9000 WHERE id = 700", ROW_AGAIN}},
    {"an extra row below the first", 1, {"UPDATE {copy} SET id = -5 WHERE id = 700", ROW_AGAIN}},
    {"a key off by one", 2, {"UPDATE {copy} SET id = id + 1 WHERE id = 1700"}},
    {"keys off by one in an even number of rows", 2 * BLOCK_ROWS, {"UPDATE {copy} SET id = id + 1 WHERE " BLOCK}},
};
enum { EVERYWHERE = sizeof everywhere / sizeof everywhere[0] };

/* ---- text ---- */

static const char *kept(struct arena *arena, struct buf *text) {
    const char *copy = buf_ok(text) ? arena_strdup(arena, text->data) : NULL;
    buf_release(text);
    return copy;
}

/* {copy} and {source} replaced; all other braces are themselves. */
static const char *spelled(const struct sql_dialect *dialect, struct arena *arena, const struct scratch *scratch, const char *sql) {
    static const char copy[] = "{copy}", source[] = "{source}";
    struct buf text;
    buf_init(&text);
    while (sql && *sql) {
        bool is_copy = strncmp(sql, copy, sizeof copy - 1) == 0, is_source = strncmp(sql, source, sizeof source - 1) == 0;
        const struct sql_table *table = is_copy ? &scratch->copy : &scratch->source;
        if (is_copy || is_source)
            sql_table_name(dialect, &text, table->schema, table->name);
        else
            buf_add_char(&text, *sql);
        sql += is_copy ? sizeof copy - 1 : is_source ? sizeof source - 1 : 1;
    }
    return kept(arena, &text);
}

/* ---- the tables ---- */

static void column_text(const struct sql_dialect *dialect, const struct sql_column *column, struct buf *out) {
    sql_ident(dialect, out, column->name);
    buf_printf(out, " %s", column->type);
    if (column->collation)
        buf_printf(out, " COLLATE %s", column->collation);
    buf_add(out, column->not_null ? " NOT NULL" : "");
}

static const char *create_text(const struct sql_dialect *dialect, struct arena *arena, const struct sql_table *table,
                               bool with_key) {
    struct buf text;
    buf_init(&text);
    buf_add(&text, "CREATE TEMPORARY TABLE ");
    sql_table_name(dialect, &text, table->schema, table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        buf_add(&text, i == 0 ? " (" : ", ");
        column_text(dialect, &table->columns[i], &text);
    }
    if (with_key) {
        buf_add(&text, ", PRIMARY KEY (");
        sql_ident(dialect, &text, table->columns[0].name);
        buf_add(&text, ")");
    }
    buf_printf(&text, ")%s", dialect->ddl_end);
    return kept(arena, &text);
}

static const char *rows_text(const struct sql_dialect *dialect, struct arena *arena, const struct sql_table *table) {
    const struct sql_scratch *from = dialect->scratch;
    struct buf text;
    buf_init(&text);
    buf_add(&text, "INSERT INTO ");
    sql_table_name(dialect, &text, table->schema, table->name);
    buf_printf(&text, " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)", SCRATCH_ROWS);
    for (size_t i = 0; i < from->column_count; i++)
        buf_printf(&text, "%s%s", i == 0 ? " SELECT " : ", ", from->columns[i].value);
    buf_add(&text, " FROM n");
    return kept(arena, &text);
}

static struct sql_table table_of(const struct sql_scratch *from, const char *name, struct sql_column *columns) {
    return (struct sql_table){.schema = from->schema,
                              .name = name,
                              .kind = "temporary table",
                              .row_estimate = SCRATCH_ROWS,
                              .byte_estimate = -1,
                              .columns = columns,
                              .column_count = from->column_count};
}

static int build_tables(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, struct err *err) {
    const struct sql_scratch *from = dialect->scratch;
    struct sql_column *columns = arena_array(arena, from->column_count, sizeof *columns);
    if (columns == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < from->column_count; i++)
        columns[i] = from->columns[i].column;
    scratch->source = table_of(from, "infill_self_source", columns);
    scratch->copy = table_of(from, "infill_self_copy", columns);
    scratch->create[0] = create_text(dialect, arena, &scratch->source, true);
    scratch->create[1] = create_text(dialect, arena, &scratch->copy, false);
    scratch->create[2] = rows_text(dialect, arena, &scratch->source);
    size_t steps = 0;
    scratch->restore[steps++] = spelled(dialect, arena, scratch, from->empty ? from->empty : "DROP TEMPORARY TABLE {copy}");
    if (from->empty == NULL)
        scratch->restore[steps++] = scratch->create[1];
    scratch->restore[steps] = spelled(dialect, arena, scratch, "INSERT INTO {copy} SELECT * FROM {source}");
    return 0;
}

static int build_map(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, struct err *err) {
    struct fill_map *map = &scratch->map;
    *map = (struct fill_map){.dialect = dialect,
                             .source = &scratch->source,
                             .target = &scratch->copy,
                             .key = {&scratch->source.columns[0]},
                             .key_count = 1,
                             .key_index = dialect->scratch->key_index,
                             .match = {&scratch->copy.columns[0]},
                             .match_count = 1,
                             .value_count = scratch->copy.column_count};
    map->values = arena_array(arena, map->value_count, sizeof *map->values);
    if (map->values == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < map->value_count; i++) {
        struct buf text;
        buf_init(&text);
        buf_add(&text, "src.");
        sql_ident(dialect, &text, scratch->source.columns[i].name);
        map->values[i] = (struct fill_value){&scratch->copy.columns[i], kept(arena, &text)};
    }
    map->match_expr[0] = map->values[0].expr;
    return 0;
}

/* ---- damage ---- */

static void add_damage(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch,
                       const struct sql_scratch_damage *damage) {
    struct sql_scratch_damage *out = &scratch->damages[scratch->damage_count++];
    *out = (struct sql_scratch_damage){.name = damage->name, .rows = damage->rows};
    for (size_t i = 0; i < SCRATCH_STEPS_MAX && damage->steps[i]; i++)
        out->steps[i] = spelled(dialect, arena, scratch, damage->steps[i]);
}

/* The value of another row: no column may be left out of what is compared. */
static void add_column_damage(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, const char *column) {
    const char *sql = arena_printf(
        arena, "UPDATE {copy} SET %s = (SELECT s.%s FROM {source} AS s WHERE s.id = 2580) WHERE id = 2010", column, column);
    struct sql_scratch_damage damage = {arena_printf(arena, "another row's value in the column %s", column), 1, {sql}};
    add_damage(dialect, arena, scratch, &damage);
}

static int build_damages(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, struct err *err) {
    const struct sql_scratch *from = dialect->scratch;
    size_t own = 0;
    while (from->damages[own].name)
        own++;
    scratch->damages = arena_array(arena, EVERYWHERE + own + from->column_count, sizeof *scratch->damages);
    if (scratch->damages == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < EVERYWHERE; i++)
        add_damage(dialect, arena, scratch, &everywhere[i]);
    for (size_t i = 0; i < own; i++)
        add_damage(dialect, arena, scratch, &from->damages[i]);
    for (size_t i = 1; i < from->column_count; i++)
        add_column_damage(dialect, arena, scratch, from->columns[i].column.name);
    return 0;
}

int scratch_build(const struct sql_dialect *dialect, struct arena *arena, struct scratch *scratch, struct err *err) {
    unsigned long refusals = mem_refusals();
    *scratch = (struct scratch){0};
    int rc = build_tables(dialect, arena, scratch, err);
    if (rc == 0)
        rc = build_map(dialect, arena, scratch, err);
    if (rc == 0)
        rc = build_damages(dialect, arena, scratch, err);
    return rc == 0 && mem_refusals() != refusals ? err_nomem(err) : rc;
}
