/* digest.c - see digest.h. */
#include "base/digest.h"

#include <openssl/evp.h>

int digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE], struct err *err) {
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int hash_len = 0;
    if (EVP_Digest(data, len, hash, &hash_len, EVP_sha256(), NULL) != 1 || hash_len * 2 + 1 != DIGEST_HEX_SIZE)
        return err_set(err, ERR_FAILURE, "OpenSSL could not compute a SHA-256");
    for (unsigned int i = 0; i < hash_len; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[DIGEST_HEX_SIZE - 1] = '\0';
    return 0;
}
