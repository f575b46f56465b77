/* secret.h - finds passwords in words of the command line, which every user of the machine can read with ps. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <stdbool.h>

/* Whether a URL (scheme://user:password@host), a parameter (?password=…) or a connection string (password=…) in `word` carries a
 * password. ${env:…} and ${file:…} in its place is none. */
bool secret_in(const char *word);

#endif
