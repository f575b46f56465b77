/* sample_pass.h - the sampled proof within a verification: which rows of a piece are chosen, how they are looked at again, and what all
 * pieces of a fill came to.
 *
 * Chosen are, of each piece: the rows whose keyed hash lies below the threshold of the fill, and so that no part goes unseen, the row with
 * the smallest hash of the piece and of each value of the distribution columns. Only the former say how many defects there can be at most. */
#ifndef RECONCILE_SAMPLE_PASS_H
#define RECONCILE_SAMPLE_PASS_H

#include <jansson.h>

#include "reconcile/sample.h"

struct verify;
struct verifier;
struct proof_fill;
struct interval;
struct slice_result;

/* What was read: of a slice, and of a fill. All zero: nothing. */
struct sample_part {
    struct sample_proof proof;
    uint64_t population; /* source rows */
    uint64_t by_chance;  /* of the chosen source rows those that the threshold chose */
};

struct sample_fill {
    struct sample_choice choice;
    struct sample_part sum; /* guarded by verify->lock */
};

/* Before the data is read; the pass is open. ERR_USAGE: a sample that does not fit into memory. */
int sample_open(struct verify *verify, struct err *err);
void sample_close(struct verify *verify);
/* As piece_read; what was read is added to that of the slice. */
int sample_piece(struct verifier *verifier, const struct interval *interval, struct slice_result *result, struct err *err);
/* The slice was read to its end: it counts for the fill. */
int sample_keep_slice(struct verifier *verifier, struct err *err);
/* What the fill's sample came to, and of all fills together. What is too little to say what was asked for is put into "not_compared". */
int sample_document(struct verify *verify, json_t *fills, json_t **all, struct err *err);

#endif
