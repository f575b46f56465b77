/* mariadb_url.c - see mariadb_url.h. The client library reads URLs of its own since 3.4 only, so infill does. */
#include "db/mariadb_url.h"

#include <string.h>

#include "base/text.h"

enum { PORT_MAX = 65535 };

static int hex_digit(char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* The decoded text of [from, to), NULL when it is empty. A broken escape, or one for NUL, sets *broken. */
static const char *decode(const char *from, const char *to, struct arena *arena, bool *broken, bool *nomem) {
    if (from >= to)
        return NULL;
    char *text = arena_memdup(arena, from, (size_t)(to - from));
    if (text == NULL) {
        *nomem = true;
        return NULL;
    }
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_digit(in[1]), low = high >= 0 ? hex_digit(in[2]) : -1;
        if (low < 0 || high * 16 + low == 0) {
            *broken = true;
            return NULL;
        }
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return text;
}

struct parser {
    struct arena *arena;
    struct mdb_url *url;
    bool broken;
    bool nomem;
};

static const char *part(struct parser *parser, const char *from, const char *to) {
    return decode(from, to, parser->arena, &parser->broken, &parser->nomem);
}

static const char *last_at(const char *from, const char *to) {
    for (const char *at = to; at > from; at--)
        if (at[-1] == '@')
            return at - 1;
    return NULL;
}

static void parse_user(struct parser *parser, const char *from, const char *to) {
    const char *colon = memchr(from, ':', (size_t)(to - from));
    parser->url->user = part(parser, from, colon != NULL ? colon : to);
    if (colon != NULL)
        parser->url->password = part(parser, colon + 1, to);
}

static void parse_port(struct parser *parser, const char *from, const char *to) {
    const char *text = part(parser, from, to);
    int64_t port = 0;
    if (text == NULL)
        return;
    if (!text_to_int64(text, &port) || port < 1 || port > PORT_MAX)
        parser->broken = true;
    else
        parser->url->port = (unsigned)port;
}

/* host, host:port or [address]:port. The library would take a host with a scheme in it for the name of a plugin. */
static void parse_host(struct parser *parser, const char *from, const char *to) {
    const char *end = to;
    if (from < to && *from == '[') {
        end = memchr(from, ']', (size_t)(to - from));
        if (end == NULL || (end + 1 < to && end[1] != ':')) {
            parser->broken = true;
            return;
        }
        parser->url->host = part(parser, from + 1, end);
        end++;
    } else {
        const char *colon = memchr(from, ':', (size_t)(to - from));
        end = colon != NULL ? colon : to;
        parser->url->host = part(parser, from, end);
    }
    if (end < to)
        parse_port(parser, end + 1, to);
    if (parser->url->host != NULL && strpbrk(parser->url->host, "/:") != NULL && strstr(parser->url->host, "://") != NULL)
        parser->broken = true;
}

static int parse_tls(const char *text, struct mdb_url *url, struct err *err) {
    static const struct {
        const char *name;
        enum mdb_tls tls;
    } modes[] = {{"disabled", MDB_TLS_DISABLED},
                 {"required", MDB_TLS_REQUIRED},
                 {"verify", MDB_TLS_VERIFY},
                 {"verify_identity", MDB_TLS_VERIFY}};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (text_equal_nocase(text, modes[i].name)) {
            url->tls = modes[i].tls;
            return 0;
        }
    return err_set(err, ERR_USAGE, "ssl-mode in the URL is disabled, required or verify");
}

static const char *const settings[] = {"socket", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"};
enum { SETTING_COUNT = sizeof(settings) / sizeof(settings[0]) };

static int unknown_setting(const char *name, struct err *err) {
    const char *nearest = text_nearest(name, settings, SETTING_COUNT);
    return err_set(err, ERR_USAGE, "the URL has a setting '%.40s' that infill does not know; did you mean %s?", name,
                   nearest != NULL ? nearest : "socket, ssl-mode, ssl-ca, ssl-cert or ssl-key");
}

static int set(struct mdb_url *url, const char *name, const char *value, struct err *err) {
    const char **const places[] = {&url->socket, NULL, &url->ssl_ca, &url->ssl_cert, &url->ssl_key};
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i], name) != 0)
            continue;
        if (places[i] == NULL)
            return parse_tls(value, url, err);
        *places[i] = value;
        return 0;
    }
    return unknown_setting(name, err);
}

static int parse_settings(struct parser *parser, const char *query, struct err *err) {
    while (*query != '\0') {
        size_t len = strcspn(query, "&");
        const char *equals = memchr(query, '=', len);
        const char *name = part(parser, query, equals != NULL ? equals : query + len);
        const char *value = equals != NULL ? part(parser, equals + 1, query + len) : NULL;
        if (parser->nomem)
            return err_nomem(err);
        int code = name != NULL ? set(parser->url, name, value != NULL ? value : "", err) : 0;
        if (code != 0)
            return code;
        query += len + (query[len] == '&');
    }
    return 0;
}

int mdb_url_parse(const char *text, struct arena *arena, struct mdb_url *url, struct err *err) {
    struct parser parser = {.arena = arena, .url = url};
    const char *rest = strstr(text, "://");
    memset(url, 0, sizeof(*url));
    if (rest == NULL)
        return err_set(err, ERR_USAGE, "a MariaDB URL is mariadb://user@host:port/database");
    rest += 3;
    const char *query = rest + strcspn(rest, "?");
    const char *at = last_at(rest, query);
    if (at != NULL)
        parse_user(&parser, rest, at);
    const char *host = at != NULL ? at + 1 : rest;
    const char *slash = memchr(host, '/', (size_t)(query - host));
    parse_host(&parser, host, slash != NULL ? slash : query);
    if (slash != NULL)
        url->database = part(&parser, slash + 1, query);
    int code = *query == '?' ? parse_settings(&parser, query + 1, err) : 0;
    if (code == 0 && parser.nomem)
        code = err_nomem(err);
    if (code == 0 && parser.broken)
        code = err_set(err, ERR_USAGE, "the URL has a broken %%-escape, host or port");
    return code;
}

bool mdb_url_is_local(const struct mdb_url *url) {
    const char *host = url->host;
    if (host == NULL)
        return true;
    return text_equal_nocase(host, "localhost") || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}
