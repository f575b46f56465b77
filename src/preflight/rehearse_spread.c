/* rehearse_spread.c - places all over the key space. A run never reckons with keys; a sample may, as long as it goes on from real ones. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "preflight/rehearse.h"

enum { WALKED_MAX = 200000 /* rows that are walked over to get to a place that cannot be reckoned */, UUID_HEAD = 8 };

int rehearse_bound(struct rehearsal *rehearsal, const struct job *job, const char *lo, const char *hi, int64_t rows,
                   const char **key, struct err *err) {
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    bool tagged = rehearsal->db->engine->tags_keys;
    const struct stmt *stmt = &job->sql.bound[lo ? FILL_ABOVE : FILL_OPEN];
    struct db_result result;
    struct buf text;
    *key = NULL;
    int rc = lo ? key_decode(lo, job->map.key_count, tagged, rehearsal->arena, values + FILL_LO, err) : 0;
    if (rc == 0)
        rc = key_decode(hi, job->map.key_count, tagged, rehearsal->arena, values + FILL_HI, err);
    if (rc)
        return rc;
    const char *count = arena_printf(rehearsal->arena, "%" PRId64, rows - 1);
    if (count == NULL)
        return err_nomem(err);
    values[FILL_N] = value_text(count);
    stmt_bind(stmt, values, bound);
    rc = db_query(rehearsal->db, &rehearsal->read_tx, stmt->text.data, bound, stmt->arg_count, rehearsal->arena, &result, err);
    if (rc || result.row_count == 0)
        return rc;
    buf_init(&text);
    rc = key_encode(result.values, job->map.key_count, tagged, &text, err);
    if (rc == 0 && (*key = arena_strdup(rehearsal->arena, text.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&text);
    return rc;
}

/* A whole number between two. */
static const char *between_numbers(struct arena *arena, const char *first, const char *last, double part) {
    int64_t low, high;
    if (!text_to_int64(first, &low) || !text_to_int64(last, &high))
        return NULL;
    double value = (double)low + ((double)high - (double)low) * part;
    return value <= (double)low ? first : value >= (double)high ? last : arena_printf(arena, "%.0f", value);
}

/* A uuid whose first 32 bits lie between those of two. */
static const char *between_uuids(struct arena *arena, const char *first, const char *last, double part) {
    char low[UUID_HEAD + 1], high[UUID_HEAD + 1];
    if (strlen(first) <= UUID_HEAD || strlen(last) <= UUID_HEAD)
        return NULL;
    snprintf(low, sizeof low, "%s", first);
    snprintf(high, sizeof high, "%s", last);
    double from = (double)strtoul(low, NULL, 16), to = (double)strtoul(high, NULL, 16);
    return to < from ? NULL : arena_printf(arena, "%08x%s", (unsigned)(from + (to - from) * part), first + UUID_HEAD);
}

/* The first column decides where a key lies; the others are those of the first key. NULL: not with keys of this kind. */
static const char *between(struct rehearsal *rehearsal, const struct job *job, const char *first, const char *last, double part,
                           struct err *err) {
    struct sql_value low[KEY_COLUMNS_MAX], high[KEY_COLUMNS_MAX];
    bool tagged = rehearsal->db->engine->tags_keys;
    struct buf text;
    const char *value = NULL, *key = NULL;
    if (key_decode(first, job->map.key_count, tagged, rehearsal->arena, low, err) ||
        key_decode(last, job->map.key_count, tagged, rehearsal->arena, high, err))
        return NULL;
    if (job->map.key[0]->class == SQL_INTEGER)
        value = between_numbers(rehearsal->arena, low[0].ptr, high[0].ptr, part);
    else if (job->map.key[0]->class == SQL_UUID)
        value = between_uuids(rehearsal->arena, low[0].ptr, high[0].ptr, part);
    if (value == NULL)
        return NULL;
    low[0] = (struct sql_value){value, strlen(value), low[0].kind};
    buf_init(&text);
    if (key_encode(low, job->map.key_count, tagged, &text, err) == 0 && (key = arena_strdup(rehearsal->arena, text.data)) == NULL)
        err_nomem(err);
    buf_release(&text);
    return key;
}

int rehearse_spread(struct rehearsal *rehearsal, const struct job *job, const char *last_key, size_t n, size_t count,
                    const char **lo, bool *evenly, struct err *err) {
    const char *first = NULL;
    *lo = NULL;
    *evenly = true;
    if (n == 0)
        return 0;
    int rc = rehearse_bound(rehearsal, job, NULL, last_key, 1, &first, err);
    if (rc || first == NULL)
        return rc;
    *lo = between(rehearsal, job, first, last_key, (double)n / (double)count, err);
    if (*lo || err->code)
        return err->code;
    *evenly = false;
    int64_t rows = job->source->row_estimate;
    rows = rows < 0 || rows > WALKED_MAX ? WALKED_MAX : rows;
    return rehearse_bound(rehearsal, job, NULL, last_key, rows * (int64_t)n / (int64_t)count + 1, lo, err);
}
