/* http.h - one request over HTTP, and what came back.
 *
 * A URL may be a secret as a whole (a webhook's is): messages name its scheme and host, with the port where one is given, and nothing else
 * of it. http and https only, certificates are verified against the system's, redirects are not followed, and nothing comes from the
 * process's environment: no proxy, no netrc. No signal is raised or caught. Thread-safe. */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    HTTP_CONNECT_US = 5000000,    /* at most, until there is a connection */
    HTTP_TIMEOUT_US = 15000000,   /* at most, for all of it */
    HTTP_ANSWER_MAX = 256 * 1024, /* bytes of an answer that somebody wants to read */
    HTTP_ENDPOINT_MAX = 512,      /* "https://host:port" */
};

struct http_request {
    const char *url;
    const char *body;        /* a JSON document to be posted; NULL: a GET */
    int64_t timeout_us;      /* for all of it */
    const atomic_bool *stop; /* nobody waits for the answer any more; or NULL */
};

/* *status is what the server said, 200 as well as 404; what it sent is added to `answer`, unless that is NULL. ERR_TRANSIENT when nobody
 * answered (no such host, nobody listens, the connection broke), ERR_SLOW after the time limit, ERR_CANCELLED when *stop became true,
 * ERR_FULL for an answer above HTTP_ANSWER_MAX, ERR_IO for the rest, such as a certificate that is not right. */
int http_call(const struct http_request *request, int *status, struct buf *answer, struct err *err);

/* Is it a URL that http_call takes? */
bool http_is_url(const char *url);
/* What may be shown of it. Returns `out`. */
char *http_endpoint(const char *url, char *out, size_t size);

#endif
