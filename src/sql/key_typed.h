/* key_typed.h - a key as somebody typed it, for the columns that it is a key of. */
#ifndef SQL_KEY_TYPED_H
#define SQL_KEY_TYPED_H

#include "base/arena.h"
#include "sql/fill_sql.h"

/* key_parse(), and ERR_USAGE for a text where the key is a number. *key is of the arena. */
int key_typed(const struct fill_map *map, const char *text, bool tagged, struct arena *arena, const char **key, struct err *err);

#endif
