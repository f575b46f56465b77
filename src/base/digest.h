/* digest.h - SHA-256, as bytes or lower-case hex, for plan hashes, fingerprints and the event chain (OpenSSL EVP). */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#include "base/err.h"

enum {
    DIGEST_SIZE = 32,
    DIGEST_HEX_SIZE = 65, /* 64 digits and the NUL */
};

int digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE], struct err *err);
int digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE], struct err *err);

#endif
