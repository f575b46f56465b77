/* dialects.h - the dialects, one constant per engine, each in <engine>_dialect.c, its scratch in <engine>_scratch.c. They need no client library, so tests use them all. */
#ifndef DB_DIALECTS_H
#define DB_DIALECTS_H

#include "sql/dialect.h"

extern const struct sql_dialect postgres_dialect;
extern const struct sql_dialect mariadb_dialect;
extern const struct sql_dialect sqlite_dialect;

extern const struct sql_scratch postgres_scratch;
extern const struct sql_scratch mariadb_scratch;
extern const struct sql_scratch sqlite_scratch;

#endif
