/* proof_open.c - what there is to verify: fills, their shapes, the slices that tile their keys, and what is left out and why. */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "reconcile/fill_slices.h"
#include "reconcile/proof.h"
#include "sql/key_typed.h"

/* ---- the shape of a fill's rows ---- */

/* Rows are found by bytes: what names them is compared exactly. */
static struct canonical_rule rule_of(const struct proof_fill *fill, bool is_value, const struct sql_column *column) {
    const struct plan_names *semantic = &fill->job->plan->checks.semantic;
    struct canonical_rule rule = {CANONICAL_EXACT, CANONICAL_AS_STORED};
    for (size_t i = 0; is_value && i < semantic->count; i++)
        if (text_equal(semantic->names[i], column->name))
            rule.level = CANONICAL_SEMANTIC;
    if (rule.level == CANONICAL_SEMANTIC)
        rule.reading = column->class == SQL_JSON   ? CANONICAL_AS_JSON
                       : column->class == SQL_UUID ? CANONICAL_AS_UUID
                                                   : CANONICAL_AS_STORED;
    return rule;
}

static int shape_fill(struct verify *verify, struct proof_fill *fill, struct err *err) {
    const struct fill_map *map = &fill->job->map;
    size_t keys = map->in_place ? map->key_count : fill->sql.matched_count, count = keys + fill->sql.value_count;
    const char **names = arena_array(&verify->arena, count, sizeof *names);
    struct canonical_rule *rules = arena_array(&verify->arena, count, sizeof *rules);
    fill->columns = arena_array(&verify->arena, count, sizeof *fill->columns);
    fill->fits = arena_array(&verify->arena, count, sizeof *fill->fits);
    if (names == NULL || rules == NULL || fill->columns == NULL || fill->fits == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        fill->columns[i] = i >= keys ? fill->sql.values[i - keys]->column : map->in_place ? map->key[i] : fill->sql.matched[i];
        names[i] = fill->columns[i]->name;
        fill->fits[i] = i < keys && map->in_place ? FIT_NONE : fit_of(map->dialect, fill->columns[i]);
        rules[i] = rule_of(fill, i >= keys, fill->columns[i]);
    }
    fill->shape = (struct shape){names, rules, count, keys};
    return 0;
}

/* ---- slices ---- */

static int list_slices(struct verify *verify, struct proof_fill *fill, struct err *err) {
    const char *name = fill->job->name;
    struct fill_slices list = {0};
    int rc = fill_slices_list(verify->ledger, verify->db, verify->run, name, &verify->arena, &list, verify->not_compared, err);
    if (rc == 0 && !list.tile)
        return err_set(err, ERR_MISMATCH, "the ranges of fill %s do not tile its key space: the ledger was changed by hand", name);
    if (rc == 0 && !fill->sql.aligned && fill->checks.extra)
        rc = fill_slices_add(verify->ledger, verify->db, verify->run, name, LEDGER_STRAYS, NULL, &verify->arena, &list, err);
    fill->slices = list.slices;
    fill->slice_count = list.count;
    fill->whole = true;
    return rc;
}

/* ---- a selection of them ---- */

static bool in_numbers(const struct ledger_slice *slice, int64_t from, int64_t to) {
    return slice->range_no >= from && slice->range_no <= to && slice->range_no > 0;
}

/* The first column of a key, as text. */
static const char *first_column(struct verify *verify, const struct proof_fill *fill, const char *key) {
    struct sql_value values[KEY_COLUMNS_MAX];
    struct err ignored;
    err_clear(&ignored);
    if (key == NULL ||
        key_decode(key, fill->job->map.key_count, verify->db->engine->tags_keys, &verify->arena, values, &ignored) != 0)
        return NULL;
    return values[0].ptr;
}

/* Times in keys are ISO 8601 with fields of fixed width: their text has their order. */
static bool in_period(struct verify *verify, const struct proof_fill *fill, const struct ledger_slice *slice, const char *prefix) {
    const char *lo = first_column(verify, fill, slice->lo), *hi = first_column(verify, fill, slice->hi);
    return hi && strncmp(hi, prefix, strlen(prefix)) >= 0 && (lo == NULL || strncmp(lo, prefix, strlen(prefix)) <= 0);
}

static int select_ranges(struct verify *verify, struct proof_fill *fill, struct err *err) {
    const char *ranges = verify->options.ranges;
    int64_t from = 0, to = 0;
    bool by_number = text_to_interval(ranges, &from, &to) && from > 0;
    bool has_time = fill->job->map.key[0]->class == SQL_TIMESTAMP || fill->job->map.key[0]->class == SQL_DATE;
    if (!by_number && (!has_time || strlen(ranges) < 4))
        return err_set(err, ERR_USAGE,
                       "--range %s: a number, two of them as 17..19, or where the key begins with a time its beginning, as "
                       "2026-03",
                       ranges);
    size_t left = 0;
    for (size_t i = 0; i < fill->slice_count; i++)
        if (by_number ? in_numbers(&fill->slices[i], from, to) : in_period(verify, fill, &fill->slices[i], ranges))
            fill->slices[left++] = fill->slices[i];
    fill->slice_count = left;
    fill->whole = false;
    return 0;
}

/* ---- keys that a user typed ---- */

static int parse_key(struct verify *verify, const struct proof_fill *fill, const char *text, size_t len, const char **key,
                     struct err *err) {
    char *typed = arena_memdup(&verify->arena, text, len);
    if (typed == NULL)
        return err_nomem(err);
    return key_typed(&fill->job->map, typed, verify->db->engine->tags_keys, &verify->arena, key, err);
}

static int is_above(struct verify *verify, const struct proof_fill *fill, const char *key, const char *than, bool *above,
                    struct err *err) {
    *above = false;
    return job_key_is_above(fill->job, verify->db, &verify->look_tx, key, than, above, err);
}

/* The slices that [from, to] touches, cut down to it. Ranges are in the order of their keys, and what lies above them follows. */
static int cut_to(struct verify *verify, struct proof_fill *fill, const char *from, const char *to, struct err *err) {
    size_t left = 0;
    int rc = 0;
    bool above = false;
    for (size_t i = 0; i < fill->slice_count && rc == 0; i++) {
        struct ledger_slice slice = fill->slices[i];
        bool last = false;
        above = slice.range_no == LEDGER_STRAYS;
        if (!above && slice.hi)
            rc = is_above(verify, fill, from, slice.hi, &above, err);
        if (rc || above)
            continue;
        if (left == 0)
            slice.lo = fill->from = from;
        if (slice.hi)
            rc = is_above(verify, fill, to, slice.hi, &above, err);
        if (rc == 0 && !above) {
            slice.hi = to;
            last = true;
        }
        fill->slices[left++] = slice;
        if (last)
            break;
    }
    fill->slice_count = left;
    fill->whole = false;
    return rc;
}

static int select_keys(struct verify *verify, struct proof_fill *fill, struct err *err) {
    const char *keys = verify->options.keys, *dots = strstr(keys, ".."), *from = NULL, *to = NULL;
    if (dots == NULL)
        return err_set(err, ERR_USAGE, "--keys %s: two keys, as 1000..2000", keys);
    int rc = parse_key(verify, fill, keys, (size_t)(dots - keys), &from, err);
    if (rc == 0)
        rc = parse_key(verify, fill, dots + 2, strlen(dots + 2), &to, err);
    bool backwards = false;
    if (rc == 0)
        rc = is_above(verify, fill, from, to, &backwards, err);
    if (rc == 0 && backwards)
        rc = err_set(err, ERR_USAGE, "--keys %s: the first key is above the second", keys);
    return rc ? rc : cut_to(verify, fill, from, to, err);
}

/* ---- fills ---- */

static int open_fill(struct verify *verify, const struct job *job, struct err *err) {
    struct proof_fill *fill = &verify->fills[verify->fill_count++];
    *fill = (struct proof_fill){.job = job};
    int rc = verify_sql_build(&job->map, verify->borrows ? NULL : job->expect, &verify->arena, &fill->sql, err);
    if (rc == 0)
        rc = shape_fill(verify, fill, err);
    if (rc == 0)
        rc = checks_open(verify, fill, err);
    fill->whole = true;
    if (rc == 0 && !verify->borrows)
        rc = list_slices(verify, fill, err);
    if (rc == 0 && verify->options.ranges)
        rc = select_ranges(verify, fill, err);
    if (rc == 0 && verify->options.keys)
        rc = select_keys(verify, fill, err);
    if (rc)
        err_where(err, "fill %s", job->name);
    verify->slices += (unsigned)fill->slice_count;
    return rc;
}

int proof_open(struct verify *verify, struct err *err) {
    if (verify->options.sample && (verify->options.keys || verify->options.only))
        return err_set(err, ERR_USAGE, "--sample and %s do not go together", verify->options.keys ? "--keys" : "--only");
    verify->not_compared = json_array();
    verify->fills = arena_array(&verify->arena, verify->jobs->count + 1, sizeof *verify->fills);
    verify->causes = arena_array(&verify->arena, verify->jobs->count + 1, sizeof(struct cause *));
    if (verify->fills == NULL || verify->causes == NULL || verify->not_compared == NULL)
        return err_nomem(err);
    int rc = 0;
    for (size_t i = 0; i < verify->jobs->count && rc == 0; i++) {
        const struct job *job = &verify->jobs->jobs[verify->jobs->order[i]];
        if (verify->options.fill == NULL || text_equal(job->name, verify->options.fill))
            rc = open_fill(verify, job, err);
    }
    if (rc == 0)
        rc = checks_opened(verify, err);
    if (rc == 0 && verify->fill_count == 0)
        return err_set(err, ERR_USAGE, "plan %s has no fill %s", verify->plan->name, verify->options.fill);
    if (rc == 0 && verify->fill_count > 1 && (verify->options.ranges || verify->options.keys))
        return err_set(err, ERR_USAGE, "--range and --keys need --fill: the plan has %zu fills", verify->fill_count);
    if (rc == 0 && verify->slices == 0 && (verify->options.ranges || verify->options.keys))
        return err_set(err, ERR_USAGE, "nothing lies in %s",
                       verify->options.ranges ? verify->options.ranges : verify->options.keys);
    return rc;
}

void proof_close(struct verify *verify) {
    for (size_t i = 0; i < verify->fill_count; i++) {
        verify_sql_release(&verify->fills[i].sql);
        checks_close(&verify->fills[i]);
        cause_free(verify->causes[i]);
    }
    json_decref(verify->not_compared);
}
