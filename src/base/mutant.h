/* mutant.h - planted defects, for the tests that must be able to fail.
 *
 * Only a build with -Dmutants=true has them, chosen by INFILL_MUTANT; in every other build the question is a constant and the code behind
 * it is gone. */
#ifndef BASE_MUTANT_H
#define BASE_MUTANT_H

#include <stdbool.h>

/* X(name, its word in INFILL_MUTANT) */
#define MUTANT_LIST(X)                                                                                                             \
    X(TWO_TRANSACTIONS, "two_transactions") /* rows commit first, the checkpoint in a transaction of its own */                    \
    X(NO_FENCE, "no_fence")                 /* nobody asks whether the lease still holds */                                        \
    X(NO_SETTLING, "no_settling")           /* ranges are called settled as soon as they are filled */                             \
    X(BLIND_HASH, "blind_hash")             /* the hash of a row leaves its last column out */                                     \
    X(FORGIVING, "forgiving")               /* whoever looks again finds that all is well */                                       \
    X(XOR_CRC, "xor_crc")                   /* digests are XORs of CRC32s, and rows are not matched by key: the usual way */

enum mutant {
#define MUTANT_ENUM(name, word) MUTANT_##name,
    MUTANT_LIST(MUTANT_ENUM)
#undef MUTANT_ENUM
};

#ifdef INFILL_MUTANTS
bool mutant_is(enum mutant mutant);
#else
static inline bool mutant_is(enum mutant mutant) {
    (void)mutant;
    return false;
}
#endif

#endif
