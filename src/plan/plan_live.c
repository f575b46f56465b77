/* plan_live.c - settings that change while a run is under way: checked by the same table as those of a plan file. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_load.h"
#include "plan/plan_value.h"

/* "batch.rows, batch.rows_max, ..." */
static void live_names(struct buf *out) {
    for (size_t i = 0; i < SCHEMA_COUNT; i++)
        if (SCHEMA[i].flags & SCHEMA_LIVE)
            buf_printf(out, "%s%s", out->len ? ", " : "", SCHEMA[i].path);
}

static int refuse(const char *name, struct err *err) {
    const struct schema_row *row = schema_by_path(name);
    const char *words[64];
    size_t count = 0;
    struct buf names;
    buf_init(&names);
    live_names(&names);
    for (size_t i = 0; i < SCHEMA_COUNT && count < sizeof words / sizeof words[0]; i++)
        if (schema_is_setting(&SCHEMA[i]))
            words[count++] = SCHEMA[i].path;
    const char *nearest = text_nearest(name, words, count);
    if (row && schema_is_setting(row))
        err_set(err, ERR_USAGE, "%s cannot change while a run is under way", name);
    else
        err_set(err, ERR_USAGE, "no setting is named '%.64s'%s%s%s", name, nearest ? "; did you mean '" : "",
                nearest ? nearest : "", nearest ? "'?" : "");
    err_next(err, "nothing was changed; these can: %s. The rest is for the plan and the next infill run", names.data);
    buf_release(&names);
    return ERR_USAGE;
}

static int take(const char *name, const json_t *text, struct plan_settings *set, struct err *err) {
    char expected[VALUE_EXPECTED_MAX];
    const struct schema_row *row = schema_by_path(name);
    struct value value;
    if (row == NULL || (row->flags & SCHEMA_LIVE) == 0)
        return refuse(name, err);
    if (!json_is_string(text) || !value_read(row, json_string_value(text), false, &value)) {
        err_set(err, ERR_USAGE, "%s must be %s, not '%.60s'", name, value_expected(row, expected),
                json_is_string(text) ? json_string_value(text) : "");
        err_next(err, "nothing was changed");
        return ERR_USAGE;
    }
    value_store(row, &value, set);
    return 0;
}

/* As in a plan: a size that was set draws along the one that was not, and a batch is never more than one second of the rate. */
static int fit(const struct json_t *live, struct plan_settings *set, struct err *err) {
    bool rows = json_object_get(live, "batch.rows") != NULL, most = json_object_get(live, "batch.rows_max") != NULL;
    if (set->batch_rows > set->batch_rows_max && rows && most) {
        err_set(err, ERR_USAGE, "batch.rows must not be more than batch.rows_max");
        err_next(err, "nothing was changed");
        return ERR_USAGE;
    }
    if (set->batch_rows > set->batch_rows_max && most)
        set->batch_rows = set->batch_rows_max;
    if (set->batch_rows > set->batch_rows_max)
        set->batch_rows_max = set->batch_rows;
    int64_t rate = set->pace_rows_per_second;
    if (rate > 0 && set->batch_rows > rate)
        set->batch_rows = rate;
    if (rate > 0 && set->batch_rows_max > rate)
        set->batch_rows_max = rate;
    return 0;
}

int plan_live_settings(const struct plan *plan, const struct json_t *live, struct plan_settings *set, struct err *err) {
    struct plan_settings now = plan->asked;
    int rc = 0;
    for (void *at = json_object_iter((json_t *)(uintptr_t)live); at && rc == 0;
         at = json_object_iter_next((json_t *)(uintptr_t)live, at))
        rc = take(json_object_iter_key(at), json_object_iter_value(at), &now, err);
    if (rc == 0)
        rc = fit(live, &now, err);
    if (rc == 0)
        *set = now;
    return rc;
}

struct json_t *plan_setting_json(const char *name, const struct plan_settings *set) {
    const struct schema_row *row = schema_by_path(name);
    return row && schema_is_setting(row) ? value_json(row, set) : NULL;
}
