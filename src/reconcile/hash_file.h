/* hash_file.h - 128-bit hashes that do not fit in memory, in a file without a name that is gone with the process: how many different ones
 * there are.
 *
 * One owner at a time. */
#ifndef RECONCILE_HASH_FILE_H
#define RECONCILE_HASH_FILE_H

#include "base/err.h"
#include "reconcile/row_hash.h"

struct hash_file;

/* ERR_FAILURE where no file can be made, or written: the disk is full. ERR_NOMEM. */
int hash_file_open(struct hash_file **file, struct err *err);
void hash_file_close(struct hash_file *file); /* NULL allowed */
int hash_file_add(struct hash_file *file, struct row_hash hash, struct err *err);
uint64_t hash_file_count(const struct hash_file *file);

/* Calls `each` with every hash, in the order in which they came, until it returns an error. */
typedef int hash_file_fn(void *context, struct row_hash hash, struct err *err);
int hash_file_walk(struct hash_file *file, hash_file_fn *each, void *context, struct err *err);

/* In about `bytes` of memory: the file is read once for as many hashes as fit in there. */
int hash_file_distinct(struct hash_file *file, size_t bytes, uint64_t *distinct, struct err *err);

#endif
