/* check.c - see check.h. The registry, the list of open checks, and how facts are put together. */
#include "reconcile/check.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define CHECK(name) extern const struct check_type name##_check;
#include "check_list.h"
#undef CHECK

#define CHECK(name) &name##_check,
static const struct check_type *const types[] = {
#include "check_list.h"
    NULL};
#undef CHECK

static_assert(sizeof(types) / sizeof(types[0]) - 1 <= CHECKS_MAX, "a list has room for every check");

const struct check_type *const *check_types(void) {
    return types;
}

const struct check_type *check_type_named(const char *name) {
    for (size_t i = 0; types[i] != NULL; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

/* ---- lists ---- */

static int unknown_name(const char *name, struct err *err) {
    struct buf known;
    buf_init(&known);
    for (size_t i = 0; types[i] != NULL; i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", types[i]->name);
    int code = buf_ok(&known) ? err_set(err, ERR_USAGE, "no check %s; there are %s", name, known.data) : err_nomem(err);
    buf_release(&known);
    return code;
}

static int check_names(const char *const *only, struct err *err) {
    for (size_t i = 0; only != NULL && only[i] != NULL; i++)
        if (check_type_named(only[i]) == NULL)
            return unknown_name(only[i], err);
    return 0;
}

static bool is_asked_for(const struct check_type *type, const struct check_options *options) {
    bool named = options->only == NULL;
    for (size_t i = 0; !named && options->only[i] != NULL; i++)
        named = strcmp(options->only[i], type->name) == 0;
    return named && (type->wanted == NULL || type->wanted(options));
}

int check_list_open(struct check_list *list, const struct check_options *options, struct err *err) {
    *list = (struct check_list){.count = 0};
    int code = check_names(options->only, err);
    for (size_t i = 0; types[i] != NULL && code == 0; i++) {
        if (!is_asked_for(types[i], options))
            continue;
        struct check *check = NULL;
        code = types[i]->open(options, &check, err);
        if (code != 0)
            break;
        check->type = types[i];
        check->options = options;
        list->checks[list->count++] = check;
    }
    if (code != 0)
        check_list_close(list);
    return code;
}

void check_list_reset(struct check_list *list) {
    for (size_t i = 0; i < list->count; i++)
        list->checks[i]->type->reset(list->checks[i]);
}

int check_list_row(struct check_list *list, enum side side, const struct check_row *row, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < list->count && code == 0; i++)
        if (list->checks[i]->type->row != NULL)
            code = list->checks[i]->type->row(list->checks[i], side, row, err);
    return code;
}

int check_list_matched(struct check_list *list, const struct range_totals *totals, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < list->count && code == 0; i++)
        if (list->checks[i]->type->matched != NULL)
            code = list->checks[i]->type->matched(list->checks[i], totals, err);
    return code;
}

int check_list_pair(struct check_list *list, const struct check_pair *pair, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < list->count && code == 0; i++)
        if (list->checks[i]->type->pair != NULL)
            code = list->checks[i]->type->pair(list->checks[i], pair, err);
    return code;
}

int check_list_merge(struct check_list *list, const struct check_list *other, struct err *err) {
    assert(list->count == other->count);
    int code = 0;
    for (size_t i = 0; i < list->count && code == 0; i++) {
        assert(list->checks[i]->type == other->checks[i]->type);
        code = list->checks[i]->type->merge(list->checks[i], other->checks[i], err);
    }
    return code;
}

/* Takes the facts over. NULL when out of memory. */
static json_t *result_json(const struct check_type *type, struct check_result *result) {
    json_t *facts = result->facts != NULL ? result->facts : json_array();
    result->facts = NULL;
    json_t *json = json_pack("{s:s, s:s, s:s*, s:o}", "check", type->name, "verdict", verdict_word(result->verdict), "reason",
                             result->reason[0] != '\0' ? result->reason : NULL, "facts", facts);
    return json;
}

static int finish_one(const struct check *check, enum verdict *verdict, json_t *results, struct err *err) {
    struct check_result result = {.verdict = VERDICT_MATCH};
    int code = check->type->finish(check, &result, err);
    if (code == 0 && result.failed)
        code = err_nomem(err);
    if (code == 0 && json_array_append_new(results, result_json(check->type, &result)) != 0)
        code = err_nomem(err);
    json_decref(result.facts);
    *verdict = verdict_worst(*verdict, result.verdict);
    return code;
}

int check_list_finish(const struct check_list *list, enum verdict *verdict, json_t **results, struct err *err) {
    *verdict = VERDICT_MATCH;
    *results = json_array();
    int code = *results != NULL ? 0 : err_nomem(err);
    for (size_t i = 0; i < list->count && code == 0; i++)
        code = finish_one(list->checks[i], verdict, *results, err);
    if (code != 0) {
        json_decref(*results);
        *results = NULL;
    }
    return code;
}

void check_list_close(struct check_list *list) {
    for (size_t i = 0; i < list->count; i++)
        list->checks[i]->type->close(list->checks[i]);
    list->count = 0;
}

/* ---- facts ---- */

json_t *check_fact(struct check_result *result, const char *name, bool ok) {
    if (!ok)
        result->verdict = VERDICT_DIFFER;
    if (result->facts == NULL)
        result->facts = json_array();
    json_t *fact = json_pack("{s:s, s:b}", "fact", name, "ok", ok);
    if (result->facts == NULL || fact == NULL || json_array_append_new(result->facts, fact) != 0) {
        if (result->facts == NULL)
            json_decref(fact);
        result->failed = true;
        return NULL;
    }
    return fact;
}

static void set_member(struct check_result *result, json_t *fact, const char *name, json_t *value) {
    if (fact == NULL || value == NULL || json_object_set_new(fact, name, value) != 0) {
        if (fact == NULL)
            json_decref(value);
        result->failed = true;
    }
}

void check_fact_text(struct check_result *result, json_t *fact, const char *name, const char *text) {
    set_member(result, fact, name, text != NULL ? json_string(text) : json_null());
}

void check_fact_number(struct check_result *result, json_t *fact, const char *name, uint64_t number) {
    set_member(result, fact, name, json_integer((json_int_t)number));
}

json_t *check_fact_sides(struct check_result *result, const char *name, const char *column, const uint64_t counts[SIDES]) {
    json_t *fact = check_fact(result, name, counts[SIDE_SOURCE] == counts[SIDE_TARGET]);
    if (column != NULL)
        check_fact_text(result, fact, "column", column);
    check_fact_number(result, fact, "source", counts[SIDE_SOURCE]);
    check_fact_number(result, fact, "target", counts[SIDE_TARGET]);
    return fact;
}

void check_unverified(struct check_result *result, const char *format, ...) {
    result->verdict = verdict_worst(result->verdict, VERDICT_UNVERIFIED);
    if (result->reason[0] != '\0')
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(result->reason, sizeof(result->reason), format, args);
    va_end(args);
}

char *check_value_text(struct row_hash hash, char *out) {
    row_hash_hex(hash, out);
    out[CHECK_VALUE_HEX] = '\0';
    return out;
}
