/* mariadb_url.h - a mariadb:// or mysql:// URL taken apart.
 *
 * scheme://user:password@host:port/database?socket=PATH&ssl-mode=disabled|required|verify&ssl-ca=FILE&ssl-cert=FILE&ssl-key=FILE
 * Every part may be missing and may be percent-encoded. What is missing comes from the option files, as for every other client. */
#ifndef DB_MARIADB_URL_H
#define DB_MARIADB_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

enum mdb_tls {
    MDB_TLS_UNSAID, /* verified when the server is on another machine, else as the option files say */
    MDB_TLS_DISABLED,
    MDB_TLS_REQUIRED, /* encrypted, the server's name not checked */
    MDB_TLS_VERIFY,
};

/* NULL and 0: not said. */
struct mdb_url {
    const char *user;
    const char *password;
    const char *host;
    const char *database;
    const char *socket;
    const char *ssl_ca;
    const char *ssl_cert;
    const char *ssl_key;
    unsigned port;
    enum mdb_tls tls;
};

/* ERR_USAGE when it cannot be understood; the message shows nothing of the URL but the name of an unknown setting. */
int mdb_url_parse(const char *text, struct arena *arena, struct mdb_url *url, struct err *err);
/* Does a connection to this host stay on this machine? A socket, a loopback address, or nothing said. */
bool mdb_url_is_local(const struct mdb_url *url);

#endif
