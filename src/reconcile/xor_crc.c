/* xor_crc.c - see xor_crc.h. */
#include "reconcile/xor_crc.h"

uint32_t crc32_of(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

void xor_crc_add(struct xor_crc *sum, const void *row, size_t size) {
    sum->sum ^= crc32_of(row, size);
    sum->count++;
}

bool xor_crc_equal(const struct xor_crc *a, const struct xor_crc *b) {
    return a->sum == b->sum && a->count == b->count;
}
