/* check_unique.c - no two rows of a side share the values of a list of columns. NULL in any of them means no duplicate, as in SQL.
 *
 * Values are told apart by the 128-bit hash of their canonical bytes. When there are too many for the memory, their hashes go into a file and
 * are counted at the end. Where that is not wanted, only those are remembered whose hash begins with certain bits: what was found stands, and
 * the check says that it has not seen all. */
#include <string.h>

#include "base/mem.h"
#include "reconcile/check.h"
#include "reconcile/hash_file.h"
#include "reconcile/hash_set.h"

enum { COUNTED_AT_ONCE = 2 }; /* times the memory of one list, for counting what is in its file: one of them at a time */

struct unique_side {
    struct hash_set seen;
    struct hash_file *file; /* once there are too many: all that come, and what was seen until then; NULL: none */
    uint64_t rows;          /* without NULL */
    uint64_t duplicates;    /* rows beyond the first with their values; of those in the file, unknown yet */
};

struct unique {
    struct check base;
    struct buf scratch;
    size_t count;
    struct unique_side lists[][SIDES];
};

static bool wants_unique(const struct check_options *options) {
    return options->unique_count > 0;
}

static int open_unique(const struct check_options *options, struct check **check, struct err *err) {
    struct unique *unique = mem_zalloc(1, sizeof(*unique) + options->unique_count * sizeof(unique->lists[0]));
    if (unique == NULL)
        return err_nomem(err);
    buf_init(&unique->scratch);
    unique->count = options->unique_count;
    for (size_t i = 0; i < unique->count; i++)
        for (int side = 0; side < SIDES; side++)
            hash_set_init(&unique->lists[i][side].seen, options->unique_expected, options->unique_bytes_max, options->unique_bits,
                          options->unique_prefix);
    *check = &unique->base;
    return 0;
}

static void reset_unique(struct check *check) {
    struct unique *unique = (struct unique *)check;
    for (size_t i = 0; i < unique->count; i++)
        for (int side = 0; side < SIDES; side++) {
            hash_set_clear(&unique->lists[i][side].seen, check->options->unique_bits, check->options->unique_prefix);
            hash_file_close(unique->lists[i][side].file);
            unique->lists[i][side].file = NULL;
            unique->lists[i][side].rows = 0;
            unique->lists[i][side].duplicates = 0;
        }
}

static bool has_null(const struct check_columns *columns, const struct datum *values) {
    for (size_t i = 0; i < columns->count; i++)
        if (values[columns->at[i]].kind == DATUM_NULL)
            return true;
    return false;
}

static const char *column_bytes(const struct check_row *row, size_t column, size_t *size) {
    size_t from = column > 0 ? row->ends[column - 1] : 0;
    *size = row->ends[column] - from;
    return row->bytes + from;
}

static int hash_columns(struct unique *unique, const struct check_columns *columns, const struct check_row *row,
                        struct row_hash *hash, struct err *err) {
    size_t size;
    const char *bytes = column_bytes(row, columns->at[0], &size);
    if (columns->count > 1) {
        buf_clear(&unique->scratch);
        for (size_t i = 0; i < columns->count; i++) {
            bytes = column_bytes(row, columns->at[i], &size);
            buf_add_mem(&unique->scratch, bytes, size);
        }
        if (!buf_ok(&unique->scratch))
            return err_nomem(err);
        bytes = unique->scratch.data;
        size = unique->scratch.len;
    }
    *hash = row_hash(unique->base.options->hash_key, bytes, size);
    return 0;
}

/* What was seen so far begins the file. */
static int open_file(struct unique_side *side, struct err *err) {
    struct row_hash hash;
    int code = hash_file_open(&side->file, err);
    for (size_t cursor = 0; code == 0 && hash_set_next(&side->seen, &cursor, &hash);)
        code = hash_file_add(side->file, hash, err);
    const struct hash_set full = side->seen;
    hash_set_release(&side->seen);
    hash_set_init(&side->seen, 0, full.bytes_max, full.bits, full.prefix);
    return code;
}

static int add_value(const struct check_options *options, struct unique_side *side, struct row_hash hash, struct err *err) {
    enum hash_set_answer answer;
    if (side->file == NULL && options->unique_file && hash_set_is_full(&side->seen)) {
        int opened = open_file(side, err);
        if (opened != 0)
            return opened;
    }
    if (side->file != NULL)
        return hash_file_add(side->file, hash, err);
    int code = hash_set_add(&side->seen, hash, &answer, err);
    side->duplicates += code == 0 && answer == HASH_SET_THERE;
    return code;
}

static int add_row(struct check *check, enum side side, const struct check_row *row, struct err *err) {
    struct unique *unique = (struct unique *)check;
    int code = 0;
    for (size_t i = 0; i < unique->count && code == 0; i++) {
        struct row_hash hash = {0};
        const struct check_columns *columns = &check->options->unique[i];
        if (has_null(columns, row->values))
            continue;
        code = hash_columns(unique, columns, row, &hash, err);
        if (code == 0)
            code = add_value(check->options, &unique->lists[i][side], hash, err);
        unique->lists[i][side].rows++;
    }
    return code;
}

struct merging {
    const struct check_options *options;
    struct unique_side *side;
};

static int merge_one(void *context, struct row_hash hash, struct err *err) {
    const struct merging *merging = context;
    return add_value(merging->options, merging->side, hash, err);
}

/* What the other one dropped is unknown here as well. */
static int merge_side(const struct check_options *options, struct unique_side *side, const struct unique_side *other,
                      struct err *err) {
    struct merging merging = {options, side};
    struct row_hash hash;
    int code = 0;
    side->rows += other->rows;
    side->duplicates += other->duplicates;
    hash_set_narrow(&side->seen, other->seen.bits);
    for (size_t cursor = 0; code == 0 && hash_set_next(&other->seen, &cursor, &hash);)
        code = add_value(options, side, hash, err);
    return code == 0 && other->file != NULL ? hash_file_walk(other->file, merge_one, &merging, err) : code;
}

static int merge_unique(struct check *check, const struct check *other, struct err *err) {
    struct unique *unique = (struct unique *)check;
    int code = 0;
    for (size_t i = 0; i < unique->count; i++)
        for (int side = 0; side < SIDES && code == 0; side++)
            code = merge_side(check->options, &unique->lists[i][side], &((const struct unique *)other)->lists[i][side], err);
    return code;
}

static int add_names(const struct unique *unique, size_t list, struct buf *names, struct err *err) {
    const struct check_columns *columns = &unique->base.options->unique[list];
    buf_clear(names);
    for (size_t i = 0; i < columns->count; i++)
        buf_printf(names, "%s%s", i > 0 ? ", " : "", unique->base.options->shape->names[columns->at[i]]);
    return buf_ok(names) ? 0 : err_nomem(err);
}

static int count_duplicates(const struct check_options *options, const struct unique_side *side, uint64_t *duplicates,
                            struct err *err) {
    uint64_t distinct = 0;
    *duplicates = side->duplicates;
    if (side->file == NULL)
        return 0;
    int code = hash_file_distinct(side->file, options->unique_bytes_max * COUNTED_AT_ONCE, &distinct, err);
    *duplicates += hash_file_count(side->file) - distinct;
    return code;
}

static void add_facts(const struct unique_side sides[SIDES], const uint64_t duplicates[SIDES], const char *columns,
                      unsigned bits_asked, struct check_result *result) {
    static const char *const names[] = {[SIDE_SOURCE] = "source", [SIDE_TARGET] = "target"};
    unsigned bits = 0;
    json_t *fact = check_fact(result, "duplicates", duplicates[SIDE_SOURCE] + duplicates[SIDE_TARGET] == 0);
    check_fact_text(result, fact, "columns", columns);
    for (int side = 0; side < SIDES; side++) {
        check_fact_number(result, fact, names[side], duplicates[side]);
        bits = sides[side].seen.bits > bits ? sides[side].seen.bits : bits;
    }
    if (bits > 0)
        check_fact_number(result, fact, "seen_one_in", 1ULL << bits);
    if (bits > bits_asked)
        check_unverified(result, "memory for one in %llu values of (%s)", 1ULL << bits, columns);
}

static int finish_unique(const struct check *check, struct check_result *result, struct err *err) {
    const struct unique *unique = (const struct unique *)check;
    struct buf names;
    int code = 0;
    buf_init(&names);
    for (size_t i = 0; i < unique->count && code == 0; i++) {
        uint64_t duplicates[SIDES];
        code = add_names(unique, i, &names, err);
        for (int side = 0; side < SIDES && code == 0; side++)
            code = count_duplicates(check->options, &unique->lists[i][side], &duplicates[side], err);
        if (code == 0)
            add_facts(unique->lists[i], duplicates, names.data, check->options->unique_bits, result);
    }
    buf_release(&names);
    return code;
}

static void close_unique(struct check *check) {
    struct unique *unique = (struct unique *)check;
    if (unique == NULL)
        return;
    for (size_t i = 0; i < unique->count; i++)
        for (int side = 0; side < SIDES; side++) {
            hash_file_close(unique->lists[i][side].file);
            hash_set_release(&unique->lists[i][side].seen);
        }
    buf_release(&unique->scratch);
    mem_free(unique);
}

const struct check_type unique_check = {
    .name = "unique",
    .wanted = wants_unique,
    .open = open_unique,
    .reset = reset_unique,
    .row = add_row,
    .merge = merge_unique,
    .finish = finish_unique,
    .close = close_unique,
};
