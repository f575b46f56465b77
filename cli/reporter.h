/* reporter.h - what a running `infill run` or `infill verify` says, from all threads at once, without tearing lines.
 *
 * On a terminal: one progress line on standard error, redrawn at most five times a second and cleared before anything else is said. Else a
 * line every 30 s, and at once when every worker stands still. With --json: NDJSON on standard output, {"type": "progress" | "log" | "error" | "summary", …}. */
#ifndef CLI_REPORTER_H
#define CLI_REPORTER_H

#include <infill.h>
#include <jansson.h>

#include "cli/out.h"
#include "cli/work.h"

struct reporter;

struct reporter *reporter_new(const struct out *out);
void reporter_free(struct reporter *reporter); /* clears the progress line */

/* For infill_run_options and their like: may be called from any thread. */
struct infill_log reporter_log(struct reporter *reporter);
/* A line of the command's own, at level 1 (shown always, but not with --quiet) or 2. */
void reporter_say(struct reporter *reporter, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Milliseconds until the next progress is due; -1: never. */
int reporter_due_ms(struct reporter *reporter);
/* Shows progress if it is due. */
void reporter_progress(struct reporter *reporter, const struct work *work);
/* The end: with --json the last progress, and then {"type": "summary"}; else nothing. */
void reporter_last(struct reporter *reporter, const struct work *work);
void reporter_summary(struct reporter *reporter, json_t *summary);

#endif
