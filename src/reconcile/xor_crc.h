/* xor_crc.h - the usual checksum of a set of rows: the XOR of their CRC-32s, and their number.
 *
 * No verdict rests on it. It is here to be measured: CRC-32 is linear, so equal changes in an even number of rows cancel, and so do values
 * that rows exchange among themselves; the self-test counts what it would have missed of the damage that was planted. */
#ifndef RECONCILE_XOR_CRC_H
#define RECONCILE_XOR_CRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is that of no rows. */
struct xor_crc {
    uint32_t sum;
    uint64_t count;
};

/* CRC-32 as zlib, gzip and MySQL's CRC32() have it. */
uint32_t crc32_of(const void *bytes, size_t size);
void xor_crc_add(struct xor_crc *sum, const void *row, size_t size);
bool xor_crc_equal(const struct xor_crc *a, const struct xor_crc *b);

#endif
