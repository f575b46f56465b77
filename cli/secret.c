/* secret.c - see secret.h. */
#include "cli/secret.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_reference(const char *value) {
    return strncmp(value, "${", 2) == 0;
}

/* scheme://user:password@host. People forget to encode a slash in a password, so the @ is looked for up to the query and not only up to
 * the path; what stands between the colon and a slash is then a port if it is digits. */
static bool in_authority(const char *word) {
    const char *begin = strstr(word, "://");
    if (begin == NULL || begin[3] == '/')
        return false;
    begin += 3;
    size_t len = strcspn(begin, "?");
    const char *at = memrchr(begin, '@', len);
    const char *colon = memchr(begin, ':', len);
    if (at == NULL || colon == NULL || colon > at || begin[0] == '[')
        return false;
    const char *value = colon + 1;
    bool is_port = value[strspn(value, "0123456789")] == '/';
    return at > value && !is_port && !is_reference(value);
}

/* password=, sslpassword=, passwd= … with something behind it. */
static bool in_parameter(const char *word) {
    static const char *const names[] = {"password=", "passwd=", "pwd="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (const char *at = strcasestr(word, names[i]); at != NULL; at = strcasestr(at + 1, names[i])) {
            const char *value = at + strlen(names[i]);
            if (*value != '\0' && *value != '&' && *value != ' ' && !is_reference(value))
                return true;
        }
    }
    return false;
}

bool secret_in(const char *word) {
    return in_authority(word) || in_parameter(word);
}
