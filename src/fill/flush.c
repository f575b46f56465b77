/* flush.c - see flush.h. */
#include "fill/flush.h"

#include <inttypes.h>

void flush_init(struct flush *flush, struct arena *arena) {
    memset(flush, 0, sizeof *flush);
    flush->arena = arena;
}

size_t flush_add(struct flush *flush, const struct stmt *stmt, const struct sql_value *values, bool returns_rows) {
    struct sql_value *bound = arena_array(flush->arena, stmt->arg_count + 1, sizeof *bound);
    if (bound == NULL || flush->count == FLUSH_MAX) {
        flush->failed = true;
        return 0;
    }
    stmt_bind(stmt, values, bound);
    flush->queries[flush->count] = (struct db_query){stmt->text.data, bound, stmt->arg_count, returns_rows};
    return flush->count++;
}

int flush_run(struct flush *flush, struct db *db, unsigned flags, const struct db_tx *tx, struct err *err) {
    if (flush->failed) {
        if (db)
            db_rollback(db);
        return err_nomem(err);
    }
    return db_flush(db, flags, tx, flush->queries, flush->count, flush->arena, flush->results, err);
}

struct sql_value flush_int(struct arena *arena, int64_t number) {
    return value_text(arena_printf(arena, "%" PRId64, number));
}
