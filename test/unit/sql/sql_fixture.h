/* Columns, tables and a fill to build statements for, the same on every engine but for the types. */
#ifndef SQL_FIXTURE_H
#define SQL_FIXTURE_H

#include "unit.h"

#include "base/err.h"
#include "db/dialects.h"
#include "sql/fill_sql.h"

/* A fill of "app"."users" from "app"."old", key (tenant, id) or id alone. */
struct fixture {
    struct sql_column tenant, id, email, weird;
    struct sql_table source, target;
    struct fill_value values[2];
    struct fill_map map;
};

static inline struct fixture *fixture_init(struct fixture *fixture, const struct sql_dialect *dialect, size_t key_count) {
    bool is_mariadb = dialect == &mariadb_dialect;
    const char *text = is_mariadb ? "varchar(40)" : "text";
    *fixture = (struct fixture){
        .tenant = {.name = "tenant", .type = text, .class = SQL_TEXT, .not_null = true},
        .id = {.name = "id", .type = "bigint", .class = SQL_INTEGER, .precision = 64, .not_null = true},
        .email = {.name = "email", .type = text, .class = SQL_TEXT, .length = is_mariadb ? 40 : 0},
        .source = {.schema = "app", .name = "old"},
        .target = {.schema = "app", .name = "users"},
    };
    if (is_mariadb) {
        fixture->tenant.charset = fixture->email.charset = "utf8mb4";
        fixture->tenant.collation = fixture->email.collation = "utf8mb4_bin";
    }
    fixture->values[0] = (struct fill_value){&fixture->id, "id"};
    fixture->values[1] = (struct fill_value){&fixture->email, "lower(email)"};
    fixture->map = (struct fill_map){.dialect = dialect,
                                     .source = &fixture->source,
                                     .target = &fixture->target,
                                     .key = {&fixture->id},
                                     .key_count = key_count,
                                     .key_index = "old_key",
                                     .match = {&fixture->id},
                                     .match_expr = {"id"},
                                     .match_count = 1,
                                     .values = fixture->values,
                                     .value_count = 2};
    if (key_count == 2) {
        fixture->map.key[0] = &fixture->tenant;
        fixture->map.key[1] = &fixture->id;
    }
    return fixture;
}

/* The same columns filled in place: email of "app"."old". */
static inline struct fixture *fixture_in_place(struct fixture *fixture, const struct sql_dialect *dialect) {
    fixture_init(fixture, dialect, 1);
    fixture->map.in_place = true;
    fixture->map.target = &fixture->source;
    fixture->map.values = fixture->values + 1;
    fixture->map.value_count = 1;
    return fixture;
}

#endif
