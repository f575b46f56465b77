/* mariadb_errors.h - what each error of a MariaDB means, and how much of a server's message may be shown. Needs no connection. */
#ifndef DB_MARIADB_ERRORS_H
#define DB_MARIADB_ERRORS_H

#include <stdbool.h>

#include "base/err.h"

/* What the client library says of a failed call. */
struct mdb_failure {
    unsigned native;
    const char *sqlstate;
    const char *message;
};

/* What a code means: its class, and for errors about rows a name, because their messages hold values and are not shown. */
struct mdb_meaning {
    unsigned native;
    int class; /* enum err_code */
    const char *name;
};

/* mariadb_codes.c: the meaning of a failure; ERR_UNKNOWN for a code that is not in the table. */
struct mdb_meaning mdb_meaning_of(const struct mdb_failure *failure);
/* Is the connection of no use after this error, whatever it means for the batch? */
bool mdb_ends_session(const struct mdb_failure *failure);

/* Fills in the error of a statement; `statement` as in struct err. `was_cancelled`: we asked for it. */
int mdb_error(const struct mdb_failure *failure, bool was_cancelled, int statement, struct err *err);
/* The same of a failed attempt to connect: ERR_DENIED or ERR_CONNECT. */
int mdb_connect_error(const struct mdb_failure *failure, struct err *err);

#endif
