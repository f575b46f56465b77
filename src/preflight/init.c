/* init.c - see init.h. */
#include "preflight/init.h"

#include <ctype.h>

#include "base/text.h"

/* Can the name stand unquoted, read by nobody as anything else? */
static bool is_plain(const char *name) {
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    bool plain = isalpha((unsigned char)name[0]) || name[0] == '_';
    for (const char *c = name; *c && plain; c++)
        plain = isalnum((unsigned char)*c) || *c == '_';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        plain = plain && !text_equal_nocase(name, words[i]);
    return plain;
}

/* A name as YAML: plain, or a double-quoted string (JSON's escapes are YAML's). */
static void yaml_name(struct buf *out, const char *name) {
    if (is_plain(name)) {
        buf_add(out, name);
        return;
    }
    buf_add_char(out, '"');
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            buf_printf(out, "\\x%02x", *c);
        else
            buf_add_char(out, (char)*c);
    }
    buf_add_char(out, '"');
}

/* A name inside a comment must not end it. */
static void comment_name(struct buf *out, const char *name) {
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        buf_add_char(out, *c < 0x20 || *c == 0x7f ? '?' : (char)*c);
}

static void yaml_names(struct buf *out, const char *const *names, size_t count) {
    buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add(out, ", ");
        yaml_name(out, names[i]);
    }
    buf_add(out, "]");
}

/* schema.table where both are plain words, else [schema, table]. */
static void yaml_table(struct buf *out, const struct sql_dialect *dialect, const struct sql_table *table) {
    const char *names[] = {table->schema, table->name};
    bool qualified = dialect->has_schemas && table->schema != NULL;
    if (is_plain(table->name) && (!qualified || is_plain(table->schema)))
        buf_printf(out, "%s%s%s", qualified ? table->schema : "", qualified ? "." : "", table->name);
    else
        yaml_names(out, qualified ? names : names + 1, qualified ? 2 : 1);
}

static const struct sql_index *choose_key(const struct sql_table *table) {
    const struct sql_index *primary = sql_table_primary(table);
    for (size_t i = 0; i < table->index_count && primary == NULL; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (index->is_unique && !index->is_partial && !index->is_expression && !index->is_deferrable && index->is_valid)
            primary = index;
    }
    return primary;
}

static void write_key(struct buf *out, const struct sql_table *table) {
    const struct sql_index *key = choose_key(table);
    if (key == NULL) {
        buf_add(out, "    # key: [...]                    # there is no primary key: name unique, indexed, NOT NULL columns\n");
        return;
    }
    buf_add(out, "    key: ");
    yaml_names(out, key->columns, key->column_count);
    buf_add(out, key->is_primary ? "                       # the primary key; it can be left out\n" : "\n");
}

static void write_carry(struct buf *out, const struct sql_table *from, const struct sql_table *into) {
    size_t count = 0;
    buf_add(out, "    carry: [");
    for (size_t i = 0; i < into->column_count; i++) {
        const struct sql_column *column = &into->columns[i];
        if (column->is_generated || sql_table_column(from, column->name) == NULL)
            continue;
        if (count++)
            buf_add(out, ", ");
        yaml_name(out, column->name);
    }
    buf_add(out, "]   # same name on both sides\n");
}

/* What has no counterpart, with its type and the nearest name: a line to uncomment and correct. */
static void write_unfilled(struct buf *out, const struct sql_table *from, const struct sql_table *into) {
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < from->column_count && count < 256; i++)
        names[count++] = from->columns[i].name;
    bool first = true;
    for (size_t i = 0; i < into->column_count; i++) {
        const struct sql_column *column = &into->columns[i];
        if (column->is_generated || sql_table_column(from, column->name))
            continue;
        if (first)
            buf_add(out, "    # columns:                      # one SQL expression over the source row each\n");
        first = false;
        const char *near = text_nearest(column->name, names, count);
        buf_add(out, "    #   ");
        comment_name(out, column->name);
        buf_add(out, ": ");
        comment_name(out, near ? near : "...");
        buf_printf(out, "   # %s%s\n", column->type, column->not_null && !column->has_default ? ", must be filled" : "");
    }
}

static void write_left_behind(struct buf *out, const struct sql_table *from, const struct sql_table *into) {
    size_t count = 0;
    for (size_t i = 0; i < from->column_count; i++) {
        const char *name = from->columns[i].name;
        if (sql_table_column(into, name) || from->columns[i].is_generated)
            continue;
        buf_add(out, count++ ? ", " : "    # omit: [");
        comment_name(out, name);
    }
    if (count)
        buf_add(out, "]   # left behind on purpose: say so, or use them in an expression\n");
}

static void write_in_place(struct buf *out, const struct sql_table *table) {
    buf_add(out,
            "    set:                            # new columns: one SQL expression over the row each; uncomment and correct\n");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->not_null || column->is_generated)
            continue;
        buf_add(out, "    #   ");
        comment_name(out, column->name);
        buf_printf(out, ": ...   # %s\n", column->type);
    }
}

static void write_name(struct buf *out, const char *name) {
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        buf_add_char(out, isalnum(*c) ? (char)*c : '_');
}

static void write_head(struct buf *out, const char *url, const struct sql_table *named_after) {
    buf_add(
        out,
        "# A plan made from the live schemas. infill plan FILE shows what it would do; nothing is written until infill run FILE.\n"
        "version: 1\nplan: ");
    write_name(out, named_after->name);
    buf_add(out, "\nsource: {url: \"");
    for (const char *c = url; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *c);
    }
    buf_add(out, "\"}   # no passwords here: ~/.pgpass, ~/.my.cnf, or ${env:NAME} for the whole URL\n"
                 "profile: prod                       # prod: 500 rows/s, small batches; staging; dev: no limits\n"
                 "writes: {by: application}           # who keeps the target right from now on: application | none\n"
                 "fills:\n");
}

int init_plan(struct db *db, const char *url, const char *from, const char *into, struct buf *out, struct err *err) {
    struct arena arena;
    struct sql_table *source = NULL, *target = NULL;
    arena_init(&arena);
    int rc = db_describe(db, NULL, from, &arena, &source, err);
    if (rc == 0 && into)
        rc = db_describe(db, NULL, into, &arena, &target, err);
    if (rc == 0) {
        const struct sql_dialect *dialect = db_dialect(db);
        write_head(out, url, target ? target : source);
        buf_add(out, "  - name: ");
        write_name(out, target ? target->name : source->name);
        buf_add(out, target ? "\n    from: " : "\n    table: ");
        yaml_table(out, dialect, source);
        if (target) {
            buf_add(out, "\n    into: ");
            yaml_table(out, dialect, target);
        }
        buf_add(out, "\n");
        write_key(out, source);
        if (target) {
            buf_add(out, "    on_conflict: keep               # rows that are there already: keep | overwrite | fail\n");
            write_carry(out, source, target);
            write_unfilled(out, source, target);
            write_left_behind(out, source, target);
        } else {
            write_in_place(out, source);
        }
        if (!buf_ok(out))
            rc = err_nomem(err);
    }
    arena_release(&arena);
    return rc;
}
