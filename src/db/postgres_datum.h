/* postgres_datum.h - values as PostgreSQL sends them in binary, turned into datums. Needs no connection. */
#ifndef DB_POSTGRES_DATUM_H
#define DB_POSTGRES_DATUM_H

#include <postgres_ext.h>
#include <stdbool.h>

#include "sql/datum.h"

/* False when the bytes cannot be a value of the type. What has to be written down takes its place at *room and moves it on; the datum may
 * point there or to `bytes`. */
typedef bool pg_decode_fn(const char *bytes, size_t size, char **room, struct datum *datum);

/* How values of a type are read; a type that is not known gives DATUM_OTHER. */
pg_decode_fn *pg_decoder_of(Oid type);

/* Whether it writes anything, and at most how many bytes for one value. */
bool pg_decoder_writes(pg_decode_fn *decode);
size_t pg_datum_room(const char *bytes, size_t size);

#endif
