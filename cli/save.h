/* save.h - a file that is either the old one or the whole new one, whatever happens in between. */
#ifndef CLI_SAVE_H
#define CLI_SAVE_H

#include <infill.h>

/* Writes `text` beside `path`, syncs it and renames it over. What is no plain file (a pipe, /dev/stdout) is written to directly; a link is
 * followed. Returns 0 or INFILL_ERR_IO. */
int save_text(const char *path, const char *text, struct infill_error *error);

#endif
