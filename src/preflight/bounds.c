/* bounds.c - do the ends that a part of a fill was given go together? Asked of the database, which alone knows the order of the keys. */
#include "preflight/resolve.h"

static int bind(const struct job *job, const struct db *db, const char *key, struct arena *arena, struct sql_value *values,
                struct err *err) {
    return key_decode(key, job->map.key_count, db->engine->tags_keys, arena, values, err);
}

int job_key_is_above(const struct job *job, struct db *db, const struct db_tx *tx, const char *key, const char *than, bool *above,
                     struct err *err) {
    const struct stmt *stmt = &job->sql.is_above;
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    struct db_result result;
    struct arena arena;
    arena_init(&arena);
    int rc = bind(job, db, key, &arena, values + FILL_LO, err);
    if (rc == 0)
        rc = bind(job, db, than, &arena, values + FILL_HI, err);
    if (rc == 0) {
        stmt_bind(stmt, values, bound);
        rc = db_query(db, tx, stmt->text.data, bound, stmt->arg_count, &arena, &result, err);
    }
    if (rc == 0)
        *above = db_cell_int(&result, 0, 0, 0) > 0;
    arena_release(&arena);
    return rc;
}
