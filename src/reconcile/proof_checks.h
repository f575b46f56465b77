/* proof_checks.h - the plan's checks within a verification: fed by the first look at a piece, kept per slice, merged into the fill's.
 *
 * A piece that has to be read again begins with an empty list, so nothing is counted twice; rows that are missing by agreement are left out
 * of what the checks see. On behalf of a run there are no checks: settling is about rows. */
#ifndef RECONCILE_PROOF_CHECKS_H
#define RECONCILE_PROOF_CHECKS_H

#include "reconcile/check.h"

struct verify;
struct verifier;
struct proof_fill;
struct slice_result;
struct slice_sum;

/* What the plan asks for, in columns of the shape. Borrowed by the lists made with it. */
struct fill_checks {
    struct check_options options;
    struct check_list list; /* of the slices that this process looked at; guarded by verify->lock */
    bool keys, columns;     /* rows that are missing, extra or twice, and rows that differ, are looked for: not so with --only */
    bool extra;             /* rows that only the target has are */
};

struct skipped_key {
    const char *key; /* canonical bytes */
    size_t size;
};

struct slice_checks {
    const struct proof_fill *fill; /* whose lists these are */
    struct check_list piece, slice;
    size_t pieces;               /* that the slice's list holds */
    struct skipped_key *skipped; /* source rows of the piece that checks do not see; of the verifier's arena */
    size_t skipped_count, skipped_room;
    size_t sorted;   /* so many of them are in order: those of earlier tries */
    size_t left_out; /* so many were there in this try */
};

/* ---- fills ---- */
/* ERR_USAGE: --only names a check that is none. The shape is there. */
int checks_open(struct verify *verify, struct proof_fill *fill, struct err *err);
void checks_close(struct proof_fill *fill);
/* All fills are open: ERR_USAGE for a name of --only that no fill has anything to do with. */
int checks_opened(const struct verify *verify, struct err *err);

/* ---- proof_checks_doc.c ---- */
/* The document's list, and the worst verdict. Of slices that another process looked at it has what their details say. */
int checks_document(struct verify *verify, const struct proof_fill *fill, enum verdict *verdict, json_t **checks, struct err *err);

/* ---- slices ---- */
/* Lists for the fill of the slice at hand. */
int checks_take(struct verifier *verifier, struct err *err);
void checks_release(struct verifier *verifier);
void checks_begin_slice(struct verifier *verifier);
void checks_begin_piece(struct verifier *verifier);
void checks_begin_try(struct verifier *verifier);
/* The row at hand: its bytes and ends are the verifier's. `named`: nothing but what names the row was read. */
int checks_row(struct verifier *verifier, enum side side, const struct datum *values, struct row_hash hash, bool named,
               struct err *err);
/* A row that is there on both sides and differs, after the last look. */
int checks_pair(struct verifier *verifier, const enum column_state *states, struct err *err);
/* A source row that is missing by agreement. */
int checks_skip(struct verifier *verifier, const char *key, size_t size, struct err *err);
/* What became of the keys of the piece: `result` minus `before`. *again: what the checks saw does not count, read the piece again. */
int checks_matched(struct verifier *verifier, const struct slice_result *before, const struct slice_result *result, bool *again,
                   struct err *err);
int checks_keep_piece(struct verifier *verifier, struct err *err);
/* What they say of the slice: result->checked, checks and reason. What --only does not ask for is taken out of the result. */
int checks_conclude(struct verifier *verifier, struct slice_result *result, struct err *err);
/* The slice has its verdict in the ledger: it counts for the fill. */
int checks_keep_slice(struct verifier *verifier, struct err *err);

#endif
