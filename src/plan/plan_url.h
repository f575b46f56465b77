/* plan_url.h - URLs of databases and of the web: which are allowed in a plan, how ${env:} and ${file:} are filled in, what may be shown of them.
 *
 * plan_url_redact() is declared in plan.h. */
#ifndef PLAN_PLAN_URL_H
#define PLAN_PLAN_URL_H

#include <stdbool.h>

#include "base/buf.h"

enum url_kind { URL_DATABASE, URL_WEB };
enum { URL_FILE_MAX = 64 * 1024, URL_MESSAGE_MAX = 256 };

/* What is wrong with a URL as written, before anything is filled in: a password in clear, an unknown scheme, a broken ${...}.
 * Returns NULL when it is fine, else a message (in `out`, or static) that shows nothing secret. Sets *nomem when out of memory. */
const char *url_mistake(const char *url, enum url_kind kind, char out[URL_MESSAGE_MAX], bool *nomem);

/* What is wrong with a URL after it was filled in: it may hold a password now. */
const char *url_mistake_filled(const char *url, enum url_kind kind);

/* Fills in ${env:NAME} and ${file:/path}. Same result as above; `filled` holds the URL. Sets buf->failed when out of memory. */
const char *url_fill(const char *url, const char *(*getenv_fn)(const char *), struct buf *filled, char out[URL_MESSAGE_MAX]);

#endif
