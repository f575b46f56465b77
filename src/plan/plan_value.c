/* plan_value.c - see plan_value.h. */
#include "plan/plan_value.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/units.h"
#include "plan/window.h"

enum { WORDS_MAX = 16 }; /* of one row; the longest list is that of the signals */

bool value_is_name(const char *text) {
    size_t len = strlen(text);
    return len > 0 && len <= VALUE_NAME_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == len;
}

static bool find_word(const char *words, const char *text, int64_t *index) {
    char word[VALUE_NAME_MAX];
    for (size_t i = 0; schema_word(words, i, word, sizeof(word)); i++) {
        if (strcmp(word, text) == 0) {
            *index = (int64_t)i;
            return true;
        }
    }
    return false;
}

bool value_is_later(const struct schema_row *row, const char *text) {
    int64_t index;
    return row->type == SCHEMA_WORD && find_word(row->words_later, text, &index);
}

static bool within(const struct schema_row *row, int64_t number) {
    return number >= row->min && number <= row->max;
}

static bool read_bool(const char *text, int64_t *number) {
    *number = strcmp(text, "true") == 0;
    return *number == 1 || strcmp(text, "false") == 0;
}

static bool read_rate(const struct schema_row *row, const char *text, bool quoted, int64_t *number) {
    if (strcmp(text, "unlimited") == 0) {
        *number = 0;
        return true;
    }
    return !quoted && text_to_int64(text, number) && within(row, *number);
}

static bool read_measure(const char *text, double *number) {
    return strspn(text, "0123456789.eE-") == strlen(text) && text_to_double(text, number) && *number >= 0;
}

bool value_read(const struct schema_row *row, const char *text, bool quoted, struct value *value) {
    struct window window;
    *value = (struct value){.text = text};
    switch (row->type) {
    case SCHEMA_BOOL:
        return !quoted && read_bool(text, &value->number);
    case SCHEMA_INT:
        return !quoted && text_to_int64(text, &value->number) && within(row, value->number);
    case SCHEMA_RATE:
        return read_rate(row, text, quoted, &value->number);
    case SCHEMA_DURATION:
        return units_duration(text, &value->number) && within(row, value->number);
    case SCHEMA_FRACTION:
        return units_fraction(text, &value->fraction);
    case SCHEMA_WORD:
        return find_word(row->words, text, &value->number);
    case SCHEMA_NAME:
        return value_is_name(text);
    case SCHEMA_MEASURE:
        return units_duration(text, &value->number) || units_fraction(text, &value->fraction) ||
               read_measure(text, &value->fraction);
    case SCHEMA_WINDOW:
        return window_parse(text, &window);
    default:
        return text[0] != '\0';
    }
}

/* "keep, overwrite or fail" */
static void list_words(const char *words, char *out, size_t size) {
    char word[VALUE_NAME_MAX];
    char next[VALUE_NAME_MAX];
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; len < size && schema_word(words, i, word, sizeof(word)); i++) {
        bool last = !schema_word(words, i + 1, next, sizeof(next));
        len += (size_t)snprintf(out + len, size - len, "%s%s", i == 0 ? "" : last ? " or " : ", ", word);
    }
}

static void expect_number(const struct schema_row *row, char out[VALUE_EXPECTED_MAX]) {
    const char *more = row->type == SCHEMA_RATE ? ", or unlimited" : "";
    if (row->min == row->max) {
        snprintf(out, VALUE_EXPECTED_MAX, "%" PRId64, row->min);
    } else {
        snprintf(out, VALUE_EXPECTED_MAX, "a whole number from %" PRId64 " to %" PRId64 "%s", row->min, row->max, more);
    }
}

const char *value_expected(const struct schema_row *row, char out[VALUE_EXPECTED_MAX]) {
    char low[UNITS_TEXT_MAX];
    char high[UNITS_TEXT_MAX];
    const char *shape = "";
    out[0] = '\0';
    switch (row->type) {
    case SCHEMA_BOOL:
        shape = "true or false";
        break;
    case SCHEMA_FRACTION:
        shape = "a fraction such as 0.01%, from 0% to 100%";
        break;
    case SCHEMA_NAME:
        shape = "a name of 1 to 64 letters, digits, '_', '.' or '-'";
        break;
    case SCHEMA_TABLE:
        shape = "a table: name, schema.table or [schema, table]";
        break;
    case SCHEMA_NAMES:
        shape = "a list of names such as [id]";
        break;
    case SCHEMA_SQL:
        shape = "an SQL expression";
        break;
    case SCHEMA_SQLS:
        shape = "a map of column: SQL expression";
        break;
    case SCHEMA_FACT:
        shape = "a text, a number, true or false";
        break;
    case SCHEMA_URL:
        shape = "a URL";
        break;
    case SCHEMA_MAP:
        shape = "a map of keys";
        break;
    case SCHEMA_LIST:
        shape = "a list";
        break;
    case SCHEMA_MEASURE:
        shape = "a number, a duration such as 250ms or a percentage such as 70%";
        break;
    case SCHEMA_WINDOW:
        shape = "hours of the day and a time zone that this machine knows, such as 22:00-06:00 Europe/Berlin";
        break;
    case SCHEMA_INT:
    case SCHEMA_RATE:
        expect_number(row, out);
        return out;
    case SCHEMA_DURATION:
        snprintf(out, VALUE_EXPECTED_MAX, "a duration such as 250ms, 30s or 1 day, from %s to %s",
                 units_format_duration(row->min, low), units_format_duration(row->max, high));
        return out;
    case SCHEMA_WORD:
        list_words(row->words, out, VALUE_EXPECTED_MAX);
        return out;
    default:
        shape = "a text that is not empty";
        break;
    }
    snprintf(out, VALUE_EXPECTED_MAX, "%s", shape);
    return out;
}

const char *value_nearest(const struct schema_row *row, const char *text, char out[VALUE_NAME_MAX]) {
    char words[WORDS_MAX][VALUE_NAME_MAX];
    const char *list[WORDS_MAX];
    size_t count = 0;
    while (count < WORDS_MAX && row->type == SCHEMA_WORD && schema_word(row->words, count, words[count], VALUE_NAME_MAX)) {
        list[count] = words[count];
        count++;
    }
    const char *nearest = count > 0 ? text_nearest(text, list, count) : NULL;
    if (nearest == NULL) {
        return NULL;
    }
    snprintf(out, VALUE_NAME_MAX, "%s", nearest);
    return out;
}

void value_store(const struct schema_row *row, const struct value *value, struct plan_settings *set) {
    if (row->offset == SCHEMA_NO_FIELD) {
        return;
    }
    void *field = (char *)set + row->offset;
    switch (row->type) {
    case SCHEMA_FRACTION:
        *(double *)field = value->fraction;
        break;
    case SCHEMA_TEXT:
    case SCHEMA_WINDOW:
        *(const char **)field = value->text;
        break;
    case SCHEMA_BOOL:
        *(bool *)field = value->number != 0;
        break;
    case SCHEMA_WORD:
        *(bool *)field = value->number == 0;
        break; /* two words: the first one is "true" */
    default:
        *(int64_t *)field = value->number;
        break;
    }
}

static json_t *duration_json(const struct schema_row *row, int64_t us) {
    char text[UNITS_TEXT_MAX];
    return us == 0 && row->min > 0 ? json_null() : json_string(units_format_duration(us, text));
}

static json_t *word_json(const struct schema_row *row, size_t index) {
    char word[VALUE_NAME_MAX];
    return schema_word(row->words, index, word, sizeof(word)) ? json_string(word) : json_null();
}

json_t *value_json(const struct schema_row *row, const struct plan_settings *set) {
    char text[UNITS_TEXT_MAX];
    if (row->offset == SCHEMA_NO_FIELD) {
        return word_json(row, 0);
    }
    const void *field = (const char *)set + row->offset;
    switch (row->type) {
    case SCHEMA_FRACTION:
        return json_string(units_format_fraction(*(const double *)field, text));
    case SCHEMA_TEXT:
    case SCHEMA_WINDOW:
        return *(const char *const *)field != NULL ? json_string(*(const char *const *)field) : json_null();
    case SCHEMA_BOOL:
        return json_boolean(*(const bool *)field);
    case SCHEMA_WORD:
        return word_json(row, *(const bool *)field ? 0 : 1);
    case SCHEMA_DURATION:
        return duration_json(row, *(const int64_t *)field);
    case SCHEMA_RATE:
        return *(const int64_t *)field == 0 ? json_string("unlimited") : json_integer(*(const int64_t *)field);
    default:
        return json_integer(*(const int64_t *)field);
    }
}

json_t *value_standard_json(const struct schema_row *row) {
    struct value value;
    if (row->standard == NULL || !value_read(row, row->standard, false, &value)) {
        return json_null();
    }
    switch (row->type) {
    case SCHEMA_INT:
        return json_integer(value.number);
    case SCHEMA_RATE:
        return value.number == 0 ? json_string("unlimited") : json_integer(value.number);
    case SCHEMA_BOOL:
        return json_boolean(value.number != 0);
    default:
        return json_string(row->standard);
    }
}
