/* pause_file.h - the file that stops everything while it exists: it works when the database does not answer. */
#ifndef PACE_PAUSE_FILE_H
#define PACE_PAUSE_FILE_H

#include <stdbool.h>

/* NULL: there is no such file. */
bool pause_file_exists(const char *path);

#endif
