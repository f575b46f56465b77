/* digest.c - see digest.h. */
#include "base/digest.h"

#include <openssl/evp.h>

int digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE], struct err *err) {
    unsigned int size = 0;
    if (EVP_Digest(data, len, out, &size, EVP_sha256(), NULL) != 1 || size != DIGEST_SIZE)
        return err_set(err, ERR_FAILURE, "OpenSSL could not compute a SHA-256");
    return 0;
}

int digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE], struct err *err) {
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[DIGEST_SIZE];
    int code = digest_sha256(data, len, hash, err);
    if (code != 0)
        return code;
    for (unsigned int i = 0; i < DIGEST_SIZE; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[DIGEST_HEX_SIZE - 1] = '\0';
    return 0;
}
