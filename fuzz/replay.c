/* replay.c - runs a fuzz target over files and folders of files, so that every corpus is an ordinary test, under any compiler.
 *
 * A build with libFuzzer brings its own main; this one is linked otherwise. usage: TARGET FILE-OR-FOLDER... */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, unsigned *count) {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    struct buf input;
    buf_init(&input);
    char chunk[8192];
    size_t got;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add_mem(&input, chunk, got);
    }
    int failed = ferror(file) != 0 || !buf_ok(&input);
    fclose(file);
    if (!failed) {
        LLVMFuzzerTestOneInput((const uint8_t *)input.data, input.len);
        ++*count;
    }
    buf_release(&input);
    return failed;
}

static int replay_folder(const char *folder, unsigned *count) {
    char path[4096];
    int failed = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return 1;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            failed |= replay_file(path, count);
        }
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        bool is_folder = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);
        failed |= is_folder ? replay_folder(argv[i], &count) : replay_file(argv[i], &count);
    }
    fprintf(stderr, "%u inputs\n", count);
    return failed != 0 || count == 0; /* an empty corpus proves nothing */
}
