/* plan_schema.h - every key a plan may have, in one table.
 *
 * The table checks plans, gives defaults and profiles, names the INFILL_* variables and --set paths, and prints the JSON Schema. A new
 * key is one new row. Paths join keys with dots; "[]" is an item of a list, "*" a name that the user chooses. */
#ifndef PLAN_PLAN_SCHEMA_H
#define PLAN_PLAN_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_type {
    SCHEMA_MAP,
    SCHEMA_LIST,
    SCHEMA_BOOL,
    SCHEMA_INT,
    SCHEMA_RATE,     /* a number above 0, or `unlimited`, which is 0 */
    SCHEMA_DURATION, /* microseconds */
    SCHEMA_FRACTION,
    SCHEMA_TEXT,
    SCHEMA_NAME,  /* of plan, environment, profile, fill */
    SCHEMA_WORD,  /* one of `words` */
    SCHEMA_TABLE, /* name, schema.table or [schema, table] */
    SCHEMA_NAMES, /* list of column or fill names */
    SCHEMA_SQL,   /* one expression */
    SCHEMA_SQLS,  /* map of column to expression */
    SCHEMA_URL,
    SCHEMA_MEASURE, /* a line of a signal: a number, a duration or a percentage */
    SCHEMA_WINDOW,  /* hours of the day and a time zone */
    SCHEMA_FACT,    /* a text, a number, true or false: kept as it is written */
    SCHEMA_ANY,     /* of a later version */
    SCHEMA_TYPE_COUNT,
};

enum schema_flag {
    SCHEMA_REQUIRED = 1,
    SCHEMA_LATER = 2,   /* known, but not supported yet */
    SCHEMA_SETTING = 4, /* has a default; may stand at the top, in a profile, in an environment, in --set and INFILL_* */
    SCHEMA_SCOPE = 8,   /* a map that may hold settings beside its own keys */
    SCHEMA_EMPTY = 16,  /* a list that may be empty */
    SCHEMA_LIVE = 32,   /* a setting that may change while a run is under way */
    SCHEMA_WEB = 64,    /* a URL of the web, not of a database */
};

struct schema_row {
    const char *path;
    enum schema_type type;
    unsigned flags;
    int64_t min; /* numbers and durations; of a list: items */
    int64_t max;
    const char *words;       /* SCHEMA_WORD: "keep|overwrite|fail" */
    const char *words_later; /* words that are not supported yet */
    const char *same_as;     /* maps: has the keys of the row with that path */
    const char *shorthand;   /* a scalar in place of this map means this key of it */
    const char *standard;    /* settings: the default, as a plan would write it; NULL: none */
    const char *dev;         /* what the built-in profiles say where they differ; prod says `standard` */
    const char *staging;
    size_t offset;     /* settings: in struct plan_settings; SCHEMA_NO_FIELD: nowhere */
    const char *doc;   /* one or two sentences */
    const char *extra; /* JSON merged into this key's JSON Schema; NULL: none */
};

#define SCHEMA_NO_FIELD ((size_t)-1)

extern const struct schema_row SCHEMA[];
extern const size_t SCHEMA_COUNT;

/* The row of the top: a scope whose path is "". */
const struct schema_row *schema_root(void);

/* Is `row` one level below `parent`? */
bool schema_is_child(const struct schema_row *row, const struct schema_row *parent);

/* The last part of the path: "rows" of "batch.rows". */
const char *schema_key(const struct schema_row *row);

/* May `row` stand in `parent`: as a child, or as a setting in a scope? */
bool schema_allows(const struct schema_row *parent, const struct schema_row *row);

/* The row for a key written in `parent`, or NULL. */
const struct schema_row *schema_find(const struct schema_row *parent, const char *key);

/* The row for the items of a list. */
const struct schema_row *schema_item(const struct schema_row *list);

/* The row with that whole path, or NULL. */
const struct schema_row *schema_by_path(const char *path);

/* Is it a setting that has a value, not a map of settings? */
bool schema_is_setting(const struct schema_row *row);

/* The word of `row->words` number `index` (0 based) copied to out, false when there are fewer. */
bool schema_word(const char *words, size_t index, char *out, size_t size);

#endif
