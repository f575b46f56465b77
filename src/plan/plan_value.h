/* plan_value.h - one scalar, as its schema row understands it: read, explain what was expected, keep, print.
 *
 * The same for a value from the plan file, from --set and from INFILL_*. */
#ifndef PLAN_PLAN_VALUE_H
#define PLAN_PLAN_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"
#include "plan/plan_schema.h"

struct json_t;

enum { VALUE_EXPECTED_MAX = 192, VALUE_NAME_MAX = 64 };

struct value {
    int64_t number; /* BOOL: 0 or 1; WORD: index of the word; DURATION: microseconds */
    double fraction;
    const char *text; /* TEXT, NAME: as given */
};

/* Reads `text`. `quoted`: it stood in quotes, so it is no number and no bool. False: it is not what the row wants. */
bool value_read(const struct schema_row *row, const char *text, bool quoted, struct value *value);

/* Is it a word of a later version? */
bool value_is_later(const struct schema_row *row, const char *text);

/* "a whole number from 1 to 64", "one of keep, overwrite, fail": what stands behind "must be". */
const char *value_expected(const struct schema_row *row, char out[VALUE_EXPECTED_MAX]);

/* The word of the row nearest to `text`, copied to `out`; NULL when none is near. */
const char *value_nearest(const struct schema_row *row, const char *text, char out[VALUE_NAME_MAX]);

/* A name of plan, environment, profile or fill: [A-Za-z0-9_.-]{1,64}. */
bool value_is_name(const char *text);

/* Writes a setting into its field of `set`. */
void value_store(const struct schema_row *row, const struct value *value, struct plan_settings *set);

/* The setting as it would stand in a plan: number, bool, text or null. New reference; NULL when out of memory. */
struct json_t *value_json(const struct schema_row *row, const struct plan_settings *set);

/* The default of a row, as JSON; null when it has none. */
struct json_t *value_standard_json(const struct schema_row *row);

#endif
