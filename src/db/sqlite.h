/* sqlite.h - what the files of the SQLite driver share. Not for other folders. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/dialects.h"

sqlite3 *lite_conn(struct db *db);

/* sqlite.c: one statement row by row, inside a transaction: start, step until there is no row, end. lite_step() gives the statement its
 * time limit anew. Neither rolls back. */
int lite_start(struct db *db, const struct db_query *query, sqlite3_stmt **stmt, struct err *err);
int lite_step(struct db *db, const struct db_query *query, sqlite3_stmt *stmt, bool *has_row, struct err *err);
void lite_end(sqlite3_stmt *stmt);
void lite_rollback(struct db *db);

/* sqlite_stream.c */
int lite_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err);

/* sqlite_catalog.c */
int lite_identify(struct db *db, struct arena *arena, struct db_identity *identity, struct err *err);
int lite_describe(struct db *db, const char *schema, const char *name, struct arena *arena, struct sql_table **table,
                  struct err *err);

/* sqlite_lookup.c */
int lite_expression_types(struct db *db, const struct sql_table *from, const char *const *exprs, size_t count, struct arena *arena,
                          const char **types, struct err *err);
int lite_volatile_function(struct db *db, const char *const *names, size_t count, const char **found, struct err *err);
int lite_wait_for_older(struct db *db, int64_t wait_us, const _Atomic bool *stop, bool *waited, struct err *err);
int lite_explain(struct db *db, const struct db_tx *tx, const struct db_query *query, const char *name, struct arena *arena,
                 struct db_plan *plan, struct err *err);
int lite_sequence_next(struct db *db, const struct sql_table *table, const struct sql_column *column, struct arena *arena,
                       const char **next, struct err *err);

/* sqlite_settings.c */
int lite_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err);

/* sqlite_survey.c */
int lite_survey(struct db *db, struct arena *arena, struct db_survey *survey, struct err *err);

#endif
