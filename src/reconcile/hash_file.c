/* hash_file.c - see hash_file.h. */
#include "reconcile/hash_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "reconcile/hash_set.h"

struct hash_file {
    FILE *file;
    uint64_t count;
    bool reading; /* the position is not the end */
};

static int failed(const char *what, struct err *err) {
    err_set(err, ERR_FAILURE, "the temporary file for the values of checks.unique cannot be %s (error %d)", what, errno);
    err_next(err, "no verdict is lost; is there room for temporary files? Without checks.unique none is needed");
    return ERR_FAILURE;
}

int hash_file_open(struct hash_file **out, struct err *err) {
    struct hash_file *file = mem_zalloc(1, sizeof(*file));
    if (file == NULL)
        return err_nomem(err);
    file->file = tmpfile();
    if (file->file == NULL) {
        mem_free(file);
        return failed("made", err);
    }
    *out = file;
    return 0;
}

void hash_file_close(struct hash_file *file) {
    if (file == NULL)
        return;
    fclose(file->file);
    mem_free(file);
}

int hash_file_add(struct hash_file *file, struct row_hash hash, struct err *err) {
    if (file->reading && fseeko(file->file, 0, SEEK_END) != 0)
        return failed("read", err);
    file->reading = false;
    if (fwrite_unlocked(&hash, sizeof(hash), 1, file->file) != 1)
        return failed("written", err);
    file->count++;
    return 0;
}

uint64_t hash_file_count(const struct hash_file *file) {
    return file->count;
}

int hash_file_walk(struct hash_file *file, hash_file_fn *each, void *context, struct err *err) {
    struct row_hash hash;
    int code = 0;
    if (fflush(file->file) != 0)
        return failed("written", err);
    rewind(file->file);
    file->reading = true;
    for (uint64_t i = 0; i < file->count && code == 0; i++)
        code = fread_unlocked(&hash, sizeof(hash), 1, file->file) == 1 ? each(context, hash, err) : failed("read", err);
    return code;
}

struct counting {
    struct hash_set set;
    uint64_t distinct;
};

static int count_new(void *context, struct row_hash hash, struct err *err) {
    struct counting *counting = context;
    enum hash_set_answer answer;
    int code = hash_set_add(&counting->set, hash, &answer, err);
    counting->distinct += code == 0 && answer == HASH_SET_NEW;
    return code;
}

/* So many bits of prefix that a half of the hashes with one prefix would still fit: then chance does not make them too many. */
static unsigned bits_for(uint64_t count, size_t bytes) {
    unsigned bits = 0;
    while (bits < 32 && (count >> bits) > bytes / sizeof(struct row_hash) / 2)
        bits++;
    return bits;
}

int hash_file_distinct(struct hash_file *file, size_t bytes, uint64_t *distinct, struct err *err) {
    struct counting counting = {.distinct = 0};
    unsigned bits = bits_for(file->count, bytes);
    int code = 0;
    hash_set_init(&counting.set, 0, bytes, bits, 0);
    for (uint64_t prefix = 0; prefix >> bits == 0 && code == 0; prefix++) {
        hash_set_clear(&counting.set, bits, prefix);
        code = hash_file_walk(file, count_new, &counting, err);
        if (code == 0 && counting.set.bits != bits)
            code = err_set(err, ERR_INTERNAL, "the hashes of a file are not spread");
    }
    hash_set_release(&counting.set);
    *distinct = counting.distinct;
    return code;
}
