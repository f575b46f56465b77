/* plan_url.c - see plan_url.h. */
#include "plan/plan_url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/http.h"
#include "base/text.h"
#include "plan/plan.h"
#include "plan/rune.h"

static const char *const SCHEMES[] = {"postgresql", "postgres", "mariadb", "mysql", "sqlite"};
static const char *const WEB_SCHEMES[] = {"http", "https"};
enum { SCHEME_MAX = 16 };

static const struct {
    const char *const *schemes;
    size_t count;
    const char *begins;
    const char *no_password;
} KINDS[] = {
    [URL_DATABASE] = {SCHEMES, sizeof(SCHEMES) / sizeof(*SCHEMES), "postgresql://, mariadb://, mysql:// or sqlite:",
                      "a password must not stand here: use ~/.pgpass, PGPASSFILE, ~/.my.cnf, ${env:NAME} or ${file:/path}"},
    [URL_WEB] = {WEB_SCHEMES, sizeof(WEB_SCHEMES) / sizeof(*WEB_SCHEMES), "http:// or https://",
                 "a password must not stand here: use ${env:NAME} or ${file:/path}"},
};

enum { FILLED = '\1' }; /* stands for one ${...} while the rest of a URL is looked at; never allowed in a plan itself */

/* The parts of a URL behind "scheme://": where the user name and password end, and where the query begins. */
struct url_parts {
    const char *rest;     /* behind "://" */
    const char *password; /* behind the first ':' of the user part; NULL: none */
    const char *at;       /* the '@' behind the user part; NULL: no user part */
    const char *query;    /* behind '?'; NULL: none */
};

static bool is_sqlite(const char *url) {
    return strncasecmp(url, "sqlite:", 7) == 0;
}

static const char *last_at(const char *text, const char *end) {
    for (const char *p = end; p > text; p--) {
        if (p[-1] == '@') {
            return p - 1;
        }
    }
    return NULL;
}

static bool is_port(const char *text) {
    const char *end = text + strspn(text, "0123456789");
    return end > text && strchr("/?#,", *end) != NULL; /* or the end of the text */
}

/* Generous with what counts as password: one that holds '/', '?' or '@' unescaped is not a valid URL, but a secret all the same. */
static void split_url(const char *url, struct url_parts *parts) {
    *parts = (struct url_parts){0};
    const char *scheme_end = strstr(url, "://");
    if (is_sqlite(url) || scheme_end == NULL) {
        parts->query = strchr(url, '?');
        parts->query = parts->query != NULL ? parts->query + 1 : NULL;
        return;
    }
    parts->rest = scheme_end + 3;
    const char *end = parts->rest + strcspn(parts->rest, "?");
    parts->at = last_at(parts->rest, end);
    const char *colon = parts->rest + strcspn(parts->rest, ":/?#");
    if (parts->at == NULL && *colon == ':' && !is_port(colon + 1)) {
        parts->at = last_at(colon, url + strlen(url));
    }
    colon = parts->rest + strcspn(parts->rest, ":");
    parts->password = parts->at != NULL && colon < parts->at ? colon + 1 : NULL;
    const char *from = parts->at != NULL ? parts->at : parts->rest;
    const char *mark = strchr(from, '?');
    parts->query = mark != NULL ? mark + 1 : NULL;
}

static bool holds(const char *text, size_t len, const char *word) {
    size_t word_len = strlen(word);
    for (size_t i = 0; i + word_len <= len; i++) {
        if (strncasecmp(text + i, word, word_len) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this query key the name of a secret? passfile is the name of a file; whatever is percent-encoded has something to hide. */
static bool is_secret_key(const char *key, size_t len, enum url_kind kind) {
    if (len == 8 && strncasecmp(key, "passfile", 8) == 0) {
        return false;
    }
    if (kind == URL_WEB && (holds(key, len, "key") || holds(key, len, "auth") || holds(key, len, "sig"))) {
        return true;
    }
    return holds(key, len, "pass") || holds(key, len, "pwd") || holds(key, len, "secret") || holds(key, len, "token") ||
           memchr(key, '%', len) != NULL;
}

/* Walks "k=v&k=v": the value of the next secret key at or after *at, or NULL. */
static const char *next_secret(const char **at, enum url_kind kind, size_t *len) {
    while (*at != NULL && **at != '\0') {
        const char *pair = *at;
        size_t pair_len = strcspn(pair, "&;");
        size_t key_len = strcspn(pair, "=&;");
        *at = pair[pair_len] != '\0' ? pair + pair_len + 1 : pair + pair_len;
        if (key_len < pair_len && is_secret_key(pair, key_len, kind)) {
            *len = pair_len - key_len - 1;
            return pair + key_len + 1;
        }
    }
    return NULL;
}

static bool is_clear_text(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] != FILLED) {
            return true;
        }
    }
    return false;
}

static bool has_password(const char *url, enum url_kind kind) {
    struct url_parts parts;
    split_url(url, &parts);
    if (parts.password != NULL && is_clear_text(parts.password, (size_t)(parts.at - parts.password))) {
        return true;
    }
    size_t len = 0;
    for (const char *value = next_secret(&parts.query, kind, &len); value != NULL; value = next_secret(&parts.query, kind, &len)) {
        if (is_clear_text(value, len)) {
            return true;
        }
    }
    return false;
}

/* An unknown scheme is shown only where it cannot be a user name or a password. */
static const char *scheme_mistake(const char *url, enum url_kind kind, bool may_show, char out[URL_MESSAGE_MAX]) {
    size_t len = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    char scheme[SCHEME_MAX] = "";
    if (len > 0 && len < sizeof(scheme) && url[len] == ':') {
        memcpy(scheme, url, len);
        scheme[len] = '\0';
    }
    bool slashes = strncmp(url + len, "://", 3) == 0;
    for (size_t i = 0; i < KINDS[kind].count; i++) {
        if (strcmp(scheme, KINDS[kind].schemes[i]) == 0 && (slashes || is_sqlite(url))) {
            return url[len + (slashes ? 3 : 1)] != '\0' ? NULL : "a URL needs something behind its scheme";
        }
    }
    const char *nearest = slashes && may_show ? text_nearest(scheme, KINDS[kind].schemes, KINDS[kind].count) : NULL;
    snprintf(out, URL_MESSAGE_MAX, "a URL begins with %s%s%s%s", KINDS[kind].begins, nearest != NULL ? "; did you mean '" : "",
             nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return out;
}

/* Length of a well-formed "${env:NAME}" or "${file:/path}", the part behind "${" in kind and name; 0: broken. */
static size_t reference_length(const char *text, bool *is_env, const char **name, size_t *name_len) {
    const char *close = strchr(text, '}');
    *is_env = text_starts(text, "${env:");
    *name = text + (*is_env ? strlen("${env:") : strlen("${file:"));
    if (close == NULL || (!*is_env && !text_starts(text, "${file:/")) || *name >= close) {
        return 0;
    }
    *name_len = (size_t)(close - *name);
    size_t word = strspn(*name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return *is_env && word != *name_len ? 0 : (size_t)(close - text) + 1;
}

static const char BROKEN[] = "write ${env:NAME} or ${file:/absolute/path}";

/* Reads a whole file, without the newline at its end. */
static const char *fill_file(const char *path, struct buf *filled, char out[URL_MESSAGE_MAX]) {
    char chunk[4096];
    size_t total = 0;
    FILE *file = fopen(path, "re");
    size_t got = 0;
    while (file != NULL && total <= URL_FILE_MAX && (got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add_mem(filled, chunk, got);
        total += got;
    }
    bool failed = file == NULL || ferror(file) != 0;
    if (failed || total > URL_FILE_MAX) {
        snprintf(out, URL_MESSAGE_MAX, "%s: %s", path, failed ? strerror(errno) : "too long for a URL");
    }
    if (file != NULL) {
        fclose(file);
    }
    explicit_bzero(chunk, sizeof(chunk));
    while (total > 0 && filled->len > 0 && strchr("\r\n", filled->data[filled->len - 1]) != NULL) {
        filled->data[--filled->len] = '\0';
        total--;
    }
    return out[0] != '\0' ? out : NULL;
}

static const char *fill_reference(bool is_env, const char *name, const char *(*getenv_fn)(const char *), struct buf *filled,
                                  char out[URL_MESSAGE_MAX]) {
    if (!is_env) {
        return fill_file(name, filled, out);
    }
    const char *value = getenv_fn(name);
    if (value == NULL || *value == '\0') {
        snprintf(out, URL_MESSAGE_MAX, "the environment variable %s is not set", name);
        return out;
    }
    buf_add(filled, value);
    return NULL;
}

const char *url_fill(const char *url, const char *(*getenv_fn)(const char *), struct buf *filled, char out[URL_MESSAGE_MAX]) {
    char name[URL_MESSAGE_MAX / 2];
    out[0] = '\0';
    while (*url != '\0') {
        size_t plain = 0;
        while (url[plain] != '\0' && !text_starts(url + plain, "${")) {
            plain++;
        }
        buf_add_mem(filled, url, plain);
        url += plain;
        if (*url == '\0') {
            break;
        }
        bool is_env;
        const char *start;
        size_t name_len = 0;
        size_t len = reference_length(url, &is_env, &start, &name_len);
        if (len == 0 || name_len >= sizeof(name)) {
            return BROKEN;
        }
        snprintf(name, sizeof(name), "%.*s", (int)name_len, start);
        if (getenv_fn != NULL && fill_reference(is_env, name, getenv_fn, filled, out) != NULL) {
            return out;
        }
        if (getenv_fn == NULL) {
            buf_add_char(filled, FILLED);
        }
        url += len;
    }
    return NULL;
}

static bool is_printable_text(const char *text) {
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        uint32_t rune = 0;
        size_t bytes = rune_next(text + at, len - at, &rune);
        if (bytes == 0 || !rune_printable(rune)) {
            return false;
        }
        at += bytes;
    }
    return true;
}

const char *url_mistake(const char *url, enum url_kind kind, char out[URL_MESSAGE_MAX], bool *nomem) {
    struct buf look;
    buf_init(&look);
    const char *mistake = NULL;
    if (!is_printable_text(url)) {
        mistake = "a URL must not hold control characters";
    } else {
        mistake = url_fill(url, NULL, &look, out);
    }
    if (mistake == NULL && buf_ok(&look)) {
        mistake = has_password(look.data, kind) ? KINDS[kind].no_password
                  : look.data[0] == FILLED      ? NULL
                                                : scheme_mistake(look.data, kind, true, out);
    }
    *nomem |= !buf_ok(&look);
    buf_release(&look);
    return mistake;
}

const char *url_mistake_filled(const char *url, enum url_kind kind) {
    static const char *const wrong[] = {
        [URL_DATABASE] = "filled in, this is not a URL beginning with postgresql://, mariadb://, mysql:// or sqlite:",
        [URL_WEB] = "filled in, this is not a URL beginning with http:// or https://"};
    char unused[URL_MESSAGE_MAX];
    if (!is_printable_text(url)) {
        return "filled in, this holds control characters or is not UTF-8";
    }
    bool good = scheme_mistake(url, kind, false, unused) == NULL && (kind != URL_WEB || http_is_url(url));
    return good ? NULL : wrong[kind];
}

void plan_url_redact(const char *url, struct buf *out) {
    struct url_parts parts;
    split_url(url, &parts);
    if (parts.rest == NULL && !is_sqlite(url)) {
        buf_add(out, "***");
        return;
    }
    const char *shown = url;
    if (parts.password != NULL) {
        buf_add_mem(out, url, (size_t)(parts.password - url));
        buf_add(out, "***");
        shown = parts.at;
    }
    size_t len = 0;
    const char *query = parts.query;
    for (const char *value = next_secret(&query, URL_DATABASE, &len); value != NULL;
         value = next_secret(&query, URL_DATABASE, &len)) {
        buf_add_mem(out, shown, (size_t)(value - shown));
        buf_add(out, "***");
        shown = value + len;
    }
    buf_add(out, shown);
}
