/* engines.h - the drivers, one constant per engine, each in <engine>.c. Only those named by -Dengines exist at link time. */
#ifndef DB_ENGINES_H
#define DB_ENGINES_H

#include "db/db.h"

extern const struct db_engine sqlite_engine;
extern const struct db_engine postgres_engine;
extern const struct db_engine mariadb_engine;

#endif
