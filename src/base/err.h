/* err.h - the error that every fallible function fills in.
 *
 * Functions return 0 or a negative ERR_*; the last parameter is a struct err, untouched on success, never NULL. The first error of a
 * call chain wins: err_set() overwrites, callers add context with err_where() and err_next() and otherwise pass it up. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "infill_error.h"

enum err_code {
    ERR_OK = 0,
#define ERR_ENUM(name, value, exit_code, line, text) ERR_##name = (value),
    INFILL_ERROR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

enum {
    ERR_MESSAGE_MAX = 4096, /* a plan with many mistakes reports them all in one message */
    ERR_CONTEXT_MAX = 512,
    ERR_NAME_MAX = 192,
};

struct err {
    int code;                      /* 0, or an enum err_code */
    char sqlstate[6];              /* of the server, or "" */
    int native;                    /* errno of MariaDB, extended result code of SQLite, or 0 */
    int statement;                 /* index of the failing statement within its flush, or -1 */
    char constraint[ERR_NAME_MAX]; /* constraint or index the server named, or "" */
    char message[ERR_MESSAGE_MAX]; /* what failed; never row values, never secrets */
    char where[ERR_CONTEXT_MAX];   /* table, fill, range; or "" */
    char next[ERR_CONTEXT_MAX];    /* what state the data is in and the next command; or "" */
};

/* Makes `err` empty: code 0, every text "". */
void err_clear(struct err *err);

/* Sets code and message (printf style, cut at ERR_MESSAGE_MAX), clears the rest. Returns `code`. */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sets ERR_NOMEM. Returns it. */
int err_nomem(struct err *err);

/* Adds where it happened, in front of what is there already ("fill users: range 17"). */
void err_where(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what state the data is in and what to do next; the first one set is kept. */
void err_next(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Name ("PLAN"), process exit code, line and long text of a code; "UNKNOWN" and 1 for a number that is none. */
const char *err_name(int code);
int err_exit_code(int code);
const char *err_line(int code);
const char *err_text(int code);

/* The code of a name, with or without "ERR_"/"INFILL_ERR_" in front, any case; 0 if there is none. */
int err_by_name(const char *name);

#endif
