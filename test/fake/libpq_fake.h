/* libpq_fake.h - a libpq without a server: the functions that the PostgreSQL driver calls, answering by a small model of a server and by
 * a script of what goes wrong.
 *
 * The model knows transactions: a statement that fails skips the rest up to the sync, a COMMIT of a failed transaction is answered with
 * ROLLBACK, and a cursor has so many rows. Answers arrive one by one, each with a wait, so that a loss can be planted between any two. poll() and the monotonic clock
 * are faked too: nothing here takes time. A call that would block for ever fails the test. */
#ifndef FAKE_LIBPQ_FAKE_H
#define FAKE_LIBPQ_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

/* What happens to statements that begin with `sql`. Fields left out are those of a plain success. */
struct fake_answer {
    const char *sql;      /* NULL ends a script */
    const char *sqlstate; /* an error of the server */
    const char *severity; /* "ERROR" when NULL; "FATAL" ends the session */
    const char *message;
    const char *constraint;
    const char *place;      /* in the server's source */
    const char *tag;        /* instead of the right one */
    ExecStatusType status;  /* instead of the right one, when not PGRES_EMPTY_QUERY */
    bool nothing;           /* no result at all before the end of its slot */
    bool no_sqlstate;       /* a failure made by libpq itself, such as out of memory */
    bool keeps_transaction; /* the session says it is still in a transaction afterwards */
    int times;              /* 0: always */
};

struct fake {
    const struct fake_answer *script;
    /* Connecting */
    const char *host, *hostaddr, *sslmode, *connect_timeout; /* as PQconninfo gives them */
    const char *url_sslmode, *url_host, *url_port;           /* as PQconninfoParse finds them in the URL */
    const char *url_complaint;                               /* or what it says */
    const char *connect_error;                               /* NULL: succeeds */
    bool no_memory_at_start, no_settings, no_cancel, no_pipeline, no_nonblocking, never_connects, needs_password;
    char asked[16][2][64]; /* names and values of the last PQconnectStartParams, ended by an empty name */
    /* Faults: the n-th call of its kind from now, 0 never. */
    int lose_at;       /* of any that touches the network */
    int last_words;    /* answers that still arrive with the loss */
    int send_fails_at; /* PQsendQueryParams returns 0 on a living connection */
    bool silent;       /* nothing arrives any more */
    bool no_sync;      /* the sync is answered with something else */
    int empty_answers; /* NULLs in front of the sync */
    int cursor_rows;   /* of what DECLARE declares */
    bool no_rows_mode; /* PQsetSingleRowMode refuses */
    bool own_session;  /* nobody stands between: the process that answers is the one connected to */
    void (*on_poll)(void *context);
    void *on_poll_context;
    /* What happened */
    int calls; /* that touch the network */
    int sends;
    bool commit_handed_over; /* PQsendQueryParams saw a COMMIT; this and the next three are of the last transaction */
    bool commit_answered;    /* PQgetResult gave out the tag COMMIT */
    bool error_answered;     /* PQgetResult gave out an error of the server */
    bool committed;          /* the server did it */
    int results_open;        /* PGresults not cleared */
    int connections_open;
    int64_t now_us;
    int polls;
    char log[4096]; /* first words of the statements sent; + prepared, = by its name */
};

extern struct fake fake;
void fake_reset(void);
void fake_again(void); /* the script from its beginning */
/* The value of a connection parameter asked for last, or NULL. */
const char *fake_asked(const char *name);

#endif
