/* progress.h - one line about a run or a verification, as wide as the terminal or a log allows. Pure: no clock, no terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <infill.h>

/* The line without a newline, at most `columns` wide (0: as long as it gets). What says least is left out first: rows and a reason for
 * waiting stay to the end. The caller frees. */
char *progress_line(const struct infill_progress *progress, unsigned columns);

/* The same as one line of JSON with "type": "progress". The caller frees. */
char *progress_json(const struct infill_progress *progress);

/* The same of a verification. */
char *progress_verify_line(const struct infill_verify_progress *progress, unsigned columns);
char *progress_verify_json(const struct infill_verify_progress *progress);

/* Share of the rows done, 0 … 100; negative when nobody knows. Never 100 while the estimate alone says so. */
double progress_percent(const struct infill_progress *progress);

#endif
