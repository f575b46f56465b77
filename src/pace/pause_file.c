/* pause_file.c - see pause_file.h. */
#include "pace/pause_file.h"

#include <stddef.h>
#include <sys/stat.h>

bool pause_file_exists(const char *path) {
    struct stat info;
    return path != NULL && stat(path, &info) == 0;
}
