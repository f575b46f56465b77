/* show_proof.h - what a verification and a report say in the same words. Each prints nothing when there is nothing to say. */
#ifndef CLI_SHOW_PROOF_H
#define CLI_SHOW_PROOF_H

#include <jansson.h>
#include <stdio.h>

#include "cli/out.h"

/* The fills with their rows on both sides and what is wrong with them, and below what the checks say. */
void show_proof_fills(FILE *file, const struct out *out, const json_t *fills);
/* What findings of a fill have in common. */
void show_proof_causes(FILE *file, const struct out *out, const json_t *fills);
/* The first findings of `total`. Keys and names of columns, never values. */
void show_proof_findings(FILE *file, const struct out *out, const json_t *findings, int64_t total);
void show_proof_left_out(FILE *file, const struct out *out, const json_t *not_compared);
void show_proof_sample(FILE *file, const json_t *sample);

/* What a sample proves, in one sentence; NULL without a sample. The caller frees. */
char *show_proof_sample_text(const json_t *sample);

#endif
