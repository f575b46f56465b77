/* look.c - one look at an interval of the key: both sides as of one moment of the database, row by row, in the columns of the shape. */
#include "reconcile/proof.h"

#include "sql/datum_key.h"

struct look {
    struct verifier *verifier;
    look_fn *row;
    void *context;
};

/* Where this look goes. */
static struct db *looked_at(const struct verifier *verifier) {
    return verifier->replica && !verifier->again ? verifier->replica : verifier->db;
}

int look_begin(struct verifier *verifier, struct err *err) {
    return verifier->borrows_tx ? 0 : db_flush(looked_at(verifier), DB_BEGIN, &verifier->verify->look_tx, NULL, 0, NULL, NULL, err);
}

void look_end(struct verifier *verifier) {
    if (!verifier->borrows_tx)
        db_rollback(looked_at(verifier));
}

/* The row as the target's columns would store it. */
static int fit_row(struct verifier *verifier, const struct datum *row, const struct datum **fitted, struct err *err) {
    const struct proof_fill *fill = verifier->fill;
    size_t columns = fill->shape.column_count;
    arena_reset(&verifier->scratch);
    memcpy(verifier->fitted, row, columns * sizeof *row);
    for (size_t i = 0; i < columns; i++)
        if (fill->fits[i] != FIT_NONE && !fit_value(fill->fits[i], &verifier->fitted[i], &verifier->scratch))
            return err_nomem(err);
    *fitted = verifier->fitted;
    return 0;
}

/* [key][match unless they are the same][values], in place [key][expressions][columns]. */
static int source_row(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct look *look = context;
    const struct proof_fill *fill = look->verifier->fill;
    size_t keys = fill->job->map.key_count;
    (void)columns;
    const struct datum *fitted = row;
    int rc = fit_row(look->verifier, fill->sql.aligned ? row : row + keys, &fitted, err);
    if (rc == 0)
        rc = look->row(look->context, SIDE_SOURCE, row, fitted, err);
    if (rc || !fill->job->map.in_place)
        return rc;
    struct datum *target = look->verifier->datums;
    memcpy(target, row, keys * sizeof *row);
    memcpy(target + keys, row + keys + fill->sql.value_count, fill->sql.value_count * sizeof *row);
    rc = fit_row(look->verifier, target, &fitted, err);
    return rc ? rc : look->row(look->context, SIDE_TARGET, row, fitted, err);
}

static int target_row(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct look *look = context;
    const struct datum *fitted = row;
    (void)columns;
    int rc = fit_row(look->verifier, row, &fitted, err);
    return rc ? rc : look->row(look->context, SIDE_TARGET, look->verifier->fill->sql.aligned ? row : NULL, fitted, err);
}

/* Only what names the row was asked for. */
static int stray_row(void *context, const struct datum *row, unsigned columns, struct err *err) {
    struct look *look = context;
    struct datum *whole = look->verifier->datums;
    memset(whole, 0, look->verifier->fill->shape.column_count * sizeof *whole);
    memcpy(whole, row, columns * sizeof *row);
    return look->row(look->context, SIDE_TARGET, NULL, whole, err);
}

static int bind_key(const struct verifier *verifier, const char *key, bool stray, struct arena *arena, struct sql_value *values,
                    struct err *err) {
    if (key == NULL)
        return 0;
    return key_decode(key, stray ? verifier->fill->sql.matched_count : verifier->fill->job->map.key_count,
                      verifier->db->engine->tags_keys, arena, values, err);
}

static int stream(struct verifier *verifier, const struct stmt *stmt, const struct interval *interval, db_row_fn *row,
                  struct look *look, struct err *err) {
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    struct arena arena;
    arena_init(&arena);
    int rc = bind_key(verifier, interval->lo, interval->strays, &arena, values + FILL_LO, err);
    if (rc == 0)
        rc = bind_key(verifier, interval->hi, interval->strays, &arena, values + FILL_HI, err);
    if (rc) {
        db_rollback(looked_at(verifier));
    } else {
        stmt_bind(stmt, values, bound);
        struct db_query query = {stmt->text.data, bound, stmt->arg_count, true};
        rc = db_stream(looked_at(verifier), &query, row, look, err);
    }
    arena_release(&arena);
    return rc;
}

int look_at(struct verifier *verifier, const struct interval *interval, look_fn *row, void *context, struct err *err) {
    const struct verify_sql *sql = &verifier->fill->sql;
    struct look look = {verifier, row, context};
    if (interval->shared)
        return stream(verifier, &sql->shared, interval, stray_row, &look, err);
    if (interval->strays)
        return stream(verifier, interval->lo ? &sql->stray : &sql->strays, interval, stray_row, &look, err);
    int rc = interval->under ? 0 : stream(verifier, &sql->source[interval->form], interval, source_row, &look, err);
    if (rc || verifier->fill->job->map.in_place)
        return rc;
    return stream(verifier, &sql->target[interval->form], interval, target_row, &look, err);
}

int look_encode(struct verifier *verifier, const struct datum *row, struct err *err) {
    const struct shape *shape = &verifier->fill->shape;
    return canonical_row(&verifier->row, row, shape->rules, shape->column_count, verifier->ends, err);
}

size_t look_key_size(const struct verifier *verifier) {
    return verifier->ends[verifier->fill->shape.key_count - 1];
}

int look_key_text(struct verifier *verifier, bool of_source, const struct datum *key, const char **text, struct err *err) {
    const struct proof_fill *fill = verifier->fill;
    struct sql_value values[KEY_COLUMNS_MAX];
    size_t count = of_source ? fill->job->map.key_count : fill->shape.key_count;
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = datum_key(fill->job->map.dialect, of_source ? fill->job->map.key[i] : fill->columns[i],
                       verifier->db->engine->tags_keys, &key[i], &verifier->arena, &values[i], err);
    struct buf out;
    buf_init(&out);
    if (rc == 0)
        rc = key_encode(values, count, verifier->db->engine->tags_keys, &out, err);
    if (rc == 0 && (*text = arena_strdup(&verifier->arena, out.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&out);
    return rc;
}
