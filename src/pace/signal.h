/* signal.h - the contract of a signal: one load, measured.
 *
 * A signal answers one question (how far behind is the standby? how busy is the processor?) with a number in the unit of its lines, or
 * with open or shut. What the number means for the speed is not its business (pace.h). It is measured by one thread at a time; an instant
 * one by whoever wants to know.
 *
 * Adding one is a file signal_NAME.c with a struct signal_type NAME_signal, and its line in the list of src/meson.build. */
#ifndef PACE_SIGNAL_H
#define PACE_SIGNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "pace/pace.h"
#include "plan/plan.h"

struct signal_type;

/* Begins every signal's own struct; filled in by signal_open(). */
struct signal {
    const struct signal_type *type;
    const struct plan_signal *about;
};

/* What one measurement may use. Borrowed for the call. */
struct signal_tools {
    struct db *db;       /* a connection to the source, in no transaction; NULL unless needs_db */
    struct arena *arena; /* emptied before each measurement */
    const struct db_options *db_options;
    const atomic_bool *stop; /* nobody waits for the answer any more */
    int64_t wall_us;
    int64_t now_us;
    /* Tells that somebody waits for what this session holds, ours or not; NULL: nobody wants to know. */
    void (*blocks)(void *context, int64_t session);
    void *context;
};

/* Slots but sample may be NULL. */
struct signal_type {
    const char *name;
    enum pace_kind kind;
    bool needs_db;
    bool of_writes; /* it holds back who writes; a verification, which reads, does not ask it */
    bool instant;   /* costs a system call at most and needs no tools but the clock: asked for at every decision, by any thread */
    size_t size;    /* of its own struct; 0: a struct signal */
    /* `signal` is all zero but for its beginning. An error is one of configuration: the run does not start. */
    int (*open)(struct signal *signal, const struct plan *plan, struct err *err);
    /* An error means that it could not be read this time; its message is shown, and holds no value and no secret. */
    int (*sample)(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err);
    void (*close)(struct signal *signal);
};

/* ERR_UNSUPPORTED when this build does not have it. */
int signal_open(const struct plan *plan, const struct plan_signal *about, struct signal **signal, struct err *err);
void signal_close(struct signal *signal); /* NULL allowed */

/* ---- for signals ---- */

/* One SELECT in a read-only transaction under the signal's timeout. */
int signal_rows(const struct signal *signal, const struct signal_tools *tools, const char *sql, struct db_result *result,
                struct err *err);
/* … that gives a row, else ERR_SQL. */
int signal_query(const struct signal *signal, const struct signal_tools *tools, const char *sql, struct db_result *result,
                 struct err *err);
/* A GET of the signal's URL, or of `url` under it, under the signal's timeout: the text of an answer from 200 to 299, added to `answer`. */
struct buf;
int signal_get(const struct signal *signal, const struct signal_tools *tools, const char *url, struct buf *answer, struct err *err);
/* A number as a query or a command gives it: blanks around it are fine, and `%` behind it divides by a hundred. ERR_SQL, without the text. */
int signal_number(const char *text, double *number, struct err *err);

#endif
