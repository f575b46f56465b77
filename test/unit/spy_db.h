/* spy_db.h - stands between the code under test and a driver: writes down what is sent, and fails a flush of the test's choice. */
#ifndef TEST_SPY_DB_H
#define TEST_SPY_DB_H

#include "unit.h"

#include "base/buf.h"
#include "db/db.h"

struct spy_db {
    struct db_engine engine; /* first: a connection's engine is its spy */
    const struct db_engine *real;
    struct buf sent;     /* statements one a line, or nothing while `mute` */
    unsigned flushes;    /* so far */
    unsigned fail_from;  /* the first flush that fails, counted from 1; 0: none */
    unsigned fail_count; /* and how many in a row */
    int fail_with;
    bool fail_behind; /* it fails behind what it has done: the answer was lost */
    /* In front of each flush, told its first statement: where somebody else comes in between. NULL for nobody. */
    void (*before)(struct spy_db *spy, struct db *db, const char *first);
    void *context;
};

static inline int spy_flush(struct db *db, unsigned flags, const struct db_tx *tx, const struct db_query *queries, size_t count,
                            struct arena *arena, struct db_result *results, struct err *err) {
    struct spy_db *spy = (struct spy_db *)(uintptr_t)db->engine;
    spy->flushes++;
    if (spy->before)
        spy->before(spy, db, count > 0 ? queries[0].sql : "");
    for (size_t i = 0; i < count; i++)
        buf_printf(&spy->sent, "%s\n", queries[i].sql);
    bool fails = spy->fail_from > 0 && spy->flushes >= spy->fail_from && spy->flushes < spy->fail_from + spy->fail_count;
    if (!fails || spy->fail_behind) {
        int rc = spy->real->flush(db, flags, tx, queries, count, arena, results, err);
        if (rc || !fails)
            return rc;
    }
    spy->real->rollback(db);
    return err_set(err, spy->fail_with, "planted");
}

/* From now on `db` goes through the spy. */
static inline void spy_on(struct spy_db *spy, struct db *db) {
    *spy = (struct spy_db){.engine = *db->engine, .real = db->engine, .fail_count = 1};
    buf_init(&spy->sent);
    spy->engine.flush = spy_flush;
    db->engine = &spy->engine;
}

static inline void spy_off(struct spy_db *spy, struct db *db) {
    db->engine = spy->real;
    buf_release(&spy->sent);
}

#endif
