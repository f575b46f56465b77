/* contract.h - one suite for every engine: what db.h promises, tried on a real server with planted faults.
 *
 * A test is written once, in SQL that all engines speak, with ? for arguments. Where engines differ, the test asks for a word of struct
 * contract_engine. An engine that cannot have a fault (SQLite has no deadlocks) lacks the capability, and the tests that need it are not
 * in its list; nothing else leaves a test out, and a server that is missing is a failure.
 *
 * Adding an engine: engine_<name>.c with contract_<name>_lanes, a NULL-terminated list of struct contract_engine (one per way to reach
 * it), and one line in meson.build. */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

enum contract_capability {
    CAN_KILL = 1,      /* a session can be ended from another one */
    CAN_DEADLOCK = 2,  /* two writers at once, row locks */
    CAN_DEFER = 4,     /* constraints checked at COMMIT */
    CAN_IDLE_OUT = 8,  /* the server ends a transaction whose client is silent */
    CAN_WAIT = 16,     /* wait_for_older knows of other sessions */
    CAN_END_TX = 32,   /* a statement exists that ends the transaction behind the driver's back */
    CAN_TIME_OUT = 64, /* statement timeouts */
};

/* A key type: its DDL name and values in ascending order, as key_out gives them. */
struct contract_key {
    const char *type;
    const char *const *values; /* NULL-terminated */
    enum sql_class class;
    enum sql_value_kind kind; /* of the arguments; VALUE_NULL: text */
};

/* A query of one value in a transaction of the driver, and what it must give. */
struct contract_setting {
    const char *sql;
    const char *value;
};

/* A statement that fails because of the value "canary" in it, and its class. The table contract_row holds what it needs. */
struct contract_row_error {
    const char *sql;
    int class;
};

/* A query of one value, and the datum a stream gives for it. `argument` is bound when its ptr is not NULL. A size of CONTRACT_LONG: a
 * megabyte of the letter x, or of zeros where there are bytes. */
struct contract_datum {
    const char *sql;
    struct datum datum;
    struct sql_value argument;
};
enum { CONTRACT_LONG = 1 << 20 };

#define BYTES(kind_, text_)                                                                                                        \
    { .kind = (kind_), .bytes = (text_), .size = sizeof(text_) - 1 }
#define NUMBER(kind_, number_)                                                                                                     \
    { .kind = (kind_), .number = (number_) }
#define REAL(real_)                                                                                                                \
    { .kind = DATUM_DOUBLE, .real = (real_) }
#define NO_ARGUMENT                                                                                                                \
    { NULL, 0, VALUE_NULL }
#define ARGUMENT(text_, kind_)                                                                                                     \
    { (text_), sizeof(text_) - 1, (kind_) }

struct contract_engine {
    const char *name; /* of the lane: postgres, pgbouncer ... */
    unsigned capabilities;
    /* The URL of a database that the suite may fill with rubbish; false when the environment does not name one. */
    bool (*url)(char *out, size_t size);

    const char *text;           /* column type for texts of a few thousand characters */
    const char *long_text;      /* and for a megabyte */
    const char *named_text;     /* a bounded text, usable as a key */
    const char *bytes;          /* column type */
    const char *bytes_literal;  /* the bytes 00 ff 27 */
    const char *bytes_out;      /* the same as key_out gives them */
    const char *echo;           /* a query that returns its text argument */
    const char *fill_t;         /* a statement that puts ids 1 to 20000 into contract_t, v other than 'x' */
    const char *const *analyze; /* so that the planner knows */
    const char *auto_key;       /* column definition of a key that numbers itself */
    const char *sleep;          /* a statement that runs for at least 10 s */

    const char *session_id;     /* a query for the session's own id */
    const char *kill;           /* a statement that ends session ? */
    const char *session_lives;  /* a query counting sessions of id ? */
    const char *ends_tx;        /* CAN_END_TX */
    const char *deferred_ddl;   /* CAN_DEFER: creates contract_child(parent bigint) checked against contract_t(id) at COMMIT */
    const char *const *row_ddl; /* what the row errors need; each begins with CREATE TABLE contract_row ... */

    const char *rows;       /* (i, 'row i') for i from 1 to ?, in order, without putting them together first */
    const char *wide_rows;  /* a hundred thousand letters x, ? times */
    const char *fails_late; /* numbers from 1, and ERR_ROW at the 50000th */
    const char *slow_late;  /* numbers from 1, and after the 10000th nothing for at least 10 s */

    const struct contract_datum *datums; /* ended by a NULL sql */
    const struct contract_key *keys;     /* ended by a NULL type */
    const struct contract_setting *settings;
    const struct contract_row_error *row_errors;
    const char *volatile_function; /* a name */
    const char *stable_function;   /* the name of one that is not */
    const struct CMUnitTest *own;  /* tests of this engine alone, ended by a NULL name; may be NULL */
    const char *const *cleanup;    /* statements before every test and before the common tables are dropped; may be NULL */
};

/* What every test gets: two connections to the same database, and an empty table contract_t(id bigint primary key, v text). */
struct contract {
    const struct contract_engine *engine;
    char url[512];
    struct db *db;
    struct db *other;
    struct arena arena;
    struct err err;
};

extern const struct db_tx contract_tx; /* generous limits */

struct db *contract_open(struct contract *c);
/* The same text with ? written as the engine wants it; memory of the arena. */
const char *contract_sql(struct contract *c, const char *sql);
/* Statements that must work: failing them fails the test, with the server's message. */
void contract_run(struct contract *c, struct db *db, const char *sql);
void contract_script(struct contract *c, const char *sql);
void contract_begin(struct contract *c, struct db *db, const char *sql);
const char *contract_text(struct contract *c, struct db *db, const char *sql);
int64_t contract_count(struct contract *c, struct db *db, const char *sql);
/* Ends the session of `victim` from the other connection, and waits until it is gone. */
void contract_kill(struct contract *c, struct db *killer, const char *session);
const char *contract_session(struct contract *c, struct db *db);
/* One statement, its arguments texts (NULL allowed), in a transaction of its own; the code, with err in c->err. */
int contract_try(struct contract *c, struct db *db, const struct db_tx *tx, const char *sql, struct db_result *result,
                 unsigned count, ...);

/* Streams pairs of a value and what it must be: of the second's kind, or its text. At least one. */
void contract_pairs(struct contract *c, const char *sql);

void contract_expect(struct contract *c, int code, int wanted, const char *file, int line);
#define EXPECT(c, call, wanted) contract_expect((c), (call), (wanted), __FILE__, __LINE__)
#define EXPECT_OK(c, call) EXPECT(c, call, 0)

/* A suite: tests and the capabilities each needs, ended by a NULL test. */
struct contract_test {
    const char *name;
    void (*run)(void **state);
    unsigned needs;
};
extern const struct contract_test contract_flush_tests[];
extern const struct contract_test contract_fault_tests[];
extern const struct contract_test contract_value_tests[];
extern const struct contract_test contract_catalog_tests[];
extern const struct contract_test contract_stream_tests[];

/* The lane of that name, or NULL. */
const struct contract_engine *contract_engine_named(const char *name);

#endif
