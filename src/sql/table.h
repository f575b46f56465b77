/* table.h - what infill knows of a table: a description as data, filled in by a driver (db_describe), read by everybody.
 *
 * Names are exact catalog spellings. All memory belongs to the arena the description was made in. */
#ifndef SQL_TABLE_H
#define SQL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value of a column is, as far as keys and comparisons care. The exact SQL type stands beside it as text. */
enum sql_class {
    SQL_INTEGER, /* any width; sql_column.is_unsigned says the rest */
    SQL_DECIMAL, /* exact, scaled */
    SQL_FLOAT,   /* refused as a key */
    SQL_TEXT,    /* compared by its collation, by the server only */
    SQL_BYTES,   /* travels as hex */
    SQL_UUID,
    SQL_DATE,
    SQL_TIME,
    SQL_TIMESTAMP, /* with or without zone */
    SQL_BOOLEAN,
    SQL_JSON,  /* refused as a key */
    SQL_ENUM,  /* refused as a key where the order is not the text's order */
    SQL_ANY,   /* SQLite: a column whose values may have any storage class */
    SQL_OTHER, /* refused as a key */
};

struct sql_column {
    const char *name;
    const char *type;      /* usable in a cast: "bigint", "timestamp without time zone", "varchar(255)", "bigint(20) unsigned" */
    const char *collation; /* NULL: none or the default; SQLite: BINARY, NOCASE ... */
    const char *charset;   /* MariaDB: of a text column; else NULL */
    const char *formula;   /* its default, or what it is computed from, as the server writes it; NULL: none, or not told */
    enum sql_class class;
    int length;    /* characters or bytes a value may have, 0: no limit or not said */
    int precision; /* decimals: digits; timestamps: digits of the fraction; integers: bits (16, 32, 64 ...) */
    int scale;
    bool is_unsigned;
    bool not_null;
    bool has_default;    /* also identity and auto_increment */
    bool is_identity;    /* PostgreSQL GENERATED ALWAYS AS IDENTITY: needs OVERRIDING SYSTEM VALUE */
    bool is_generated;   /* computed by the database: never written */
    bool has_sequence;   /* identity, serial, auto_increment, AUTOINCREMENT */
    bool updates_itself; /* MariaDB ON UPDATE CURRENT_TIMESTAMP */
};

struct sql_index {
    const char *name;
    const char **columns; /* an expression stands as NULL */
    size_t column_count;
    bool is_primary;
    bool is_unique;
    bool is_partial;    /* has a WHERE */
    bool is_expression; /* at least one column is an expression, or a prefix of a column */
    bool is_deferrable;
    bool is_valid;        /* PostgreSQL indisvalid and indisready */
    bool is_descending;   /* at least one column: usable for reading, not refused */
    bool is_custom_order; /* opclass or index collation differs from the column's: not usable for keyset ranges */
};

struct sql_foreign_key {
    const char *name;
    const char **columns;
    const char *ref_schema; /* NULL where there are none */
    const char *ref_table;
    const char **ref_columns;
    size_t column_count;
};

struct sql_trigger {
    const char *name;
    const char *timing; /* "BEFORE", "AFTER", "INSTEAD OF" */
    const char *body;   /* what it does, for comparing */
    bool on_insert, on_update, on_delete;
    bool per_row;
    bool enabled;
};

struct sql_table {
    const char *schema; /* PostgreSQL schema, MariaDB database, SQLite "main" */
    const char *name;
    bool is_view; /* view, foreign table, virtual table ...: kind tells */
    bool is_partitioned;
    bool has_rules;           /* PostgreSQL INSTEAD/ALSO rules on insert or update */
    bool has_row_security;    /* and the current role is subject to it */
    bool has_children;        /* PostgreSQL INHERITS: rows of other tables show up in this one, and no unique index spans them */
    bool is_without_rowid;    /* SQLite */
    const char *kind;         /* "table", "partitioned table", "view", "foreign table" ... */
    const char *publications; /* PostgreSQL: logical replication sends its changes out; NULL: to nobody */
    const char *engine;       /* MariaDB: InnoDB ...; else NULL */
    int64_t row_estimate;     /* of the statistics; -1 unknown */
    int64_t byte_estimate;    /* size of table and indexes; -1 unknown */
    struct sql_column *columns;
    size_t column_count;
    struct sql_index *indexes; /* the primary key first */
    size_t index_count;
    struct sql_foreign_key *foreign_keys;
    size_t foreign_key_count;
    struct sql_trigger *triggers; /* user triggers only */
    size_t trigger_count;
};

/* The column of that exact name, or NULL. */
const struct sql_column *sql_table_column(const struct sql_table *table, const char *name);
/* The primary key, or NULL. */
const struct sql_index *sql_table_primary(const struct sql_table *table);
/* A full, plain, valid, immediate unique index over exactly these columns (any order when `any_order`), NULL if there is none. */
const struct sql_index *sql_table_unique(const struct sql_table *table, const char *const *columns, size_t count, bool any_order);
/* An index whose leading columns are these, in this order, usable for a keyset range scan; unique ones are preferred. */
const struct sql_index *sql_table_range_index(const struct sql_table *table, const char *const *columns, size_t count);

#endif
