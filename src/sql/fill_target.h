/* fill_target.h - how a fill's target lies to its source: side by side along the key, or found row by row through the match columns. */
#ifndef SQL_FILL_TARGET_H
#define SQL_FILL_TARGET_H

#include "sql/fill_sql.h"

/* Match columns are the key's columns, copied, and in the same order on both sides: target rows of a key interval are an interval
 * themselves. In place they always are. */
bool fill_is_aligned(const struct fill_map *map);
/* The target column that is a copy of key column i; NULL if there is none. */
const struct sql_column *fill_copy_of_key(const struct fill_map *map, size_t i);
/* An aligned target as something to walk along: it stands where the map's source stood. */
struct fill_map fill_target_walk(const struct fill_map *map);

#endif
