/* save.c - see save.h. */
#include "cli/save.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/xalloc.h"

static int fail(struct infill_error *error, const char *what, const char *path) {
    error->code = INFILL_ERR_IO;
    error->native = errno;
    snprintf(error->message, sizeof error->message, "%s %s: %s", what, path, strerror(errno));
    snprintf(error->next, sizeof error->next, "the file is as it was; the database was only read");
    return INFILL_ERR_IO;
}

static int write_all(int fd, const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        text += written;
        left -= (size_t)written;
    }
    return 0;
}

static int write_directly(const char *path, const char *text, struct infill_error *error) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int failed = fd < 0 || write_all(fd, text) != 0;
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
    return failed ? fail(error, "cannot write", path) : 0;
}

/* The rename itself must survive a crash, so the folder is synced too; a file system that cannot is no reason to fail. */
static void sync_folder(const char *path) {
    char *copy = xcopy(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(copy);
}

static int replace(const char *path, const char *text, mode_t mode, struct infill_error *error) {
    char *temporary = xformat("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    bool made = fd >= 0;
    bool good = made && fchmod(fd, mode) == 0 && write_all(fd, text) == 0 && fsync(fd) == 0;
    int kept = errno;
    if (made && close(fd) != 0 && good) {
        good = false;
        kept = errno;
    }
    if (good && rename(temporary, path) != 0) {
        good = false;
        kept = errno;
    }
    if (!good && made)
        unlink(temporary);
    free(temporary);
    errno = kept;
    if (!good)
        return fail(error, "cannot write", path);
    sync_folder(path);
    return 0;
}

int save_text(const char *path, const char *text, struct infill_error *error) {
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        return write_directly(path, text, error);
    mode_t mask = umask(0);
    umask(mask);
    char *real = exists ? realpath(path, NULL) : NULL;
    int result = replace(real != NULL ? real : path, text, exists ? old.st_mode & 07777 : 0666 & ~mask, error);
    free(real);
    return result;
}
