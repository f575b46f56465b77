/* reconcile_bench.c - nanoseconds per row of what a verification does to a row in C: canonical bytes, hash, matching by key, checks.
 *
 * Rows like those of the fill benchmark: eight columns, about 100 bytes. usage: reconcile_bench [ROWS [ROUNDS]]; it is built beside the
 * tests, as BUILD/test/unit/reconcile/reconcile_bench. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "reconcile/pass.h"

enum { COLUMNS = 8, TEXT_MAX = 64, TEMPLATES = 256 };

struct row {
    struct datum values[COLUMNS];
    char texts[3][TEXT_MAX];
};

static void set_text(struct row *row, size_t text, size_t column, enum datum_kind kind, const char *before, uint64_t number,
                     const char *behind) {
    int size = snprintf(row->texts[text], TEXT_MAX, "%s%" PRIu64 "%s", before, number, behind);
    row->values[column] = (struct datum){.kind = kind, .bytes = row->texts[text], .size = (size_t)size};
}

static void make_row(struct row *row, uint64_t id) {
    row->values[0] = (struct datum){.kind = DATUM_INT, .number = (int64_t)id};
    row->values[1] = (struct datum){.kind = DATUM_INT, .number = (int64_t)(id % 97)};
    set_text(row, 0, 2, DATUM_TEXT, "user", id, "@example.org");
    set_text(row, 1, 3, DATUM_TEXT, "a name of some length ", id % 1000, "");
    set_text(row, 2, 4, DATUM_DECIMAL, "", id * 31 % 1000000, ".50");
    row->values[5] = (struct datum){.kind = DATUM_TIMESTAMP, .number = 1700000000000000 + (int64_t)id};
    row->values[6] = id % 3 == 0 ? (struct datum){.kind = DATUM_NULL}
                                 : (struct datum){.kind = DATUM_TEXT, .bytes = "a note that is there", .size = 20};
    row->values[7] = (struct datum){.kind = DATUM_BOOL, .number = (int64_t)(id % 2)};
}

static uint64_t sink; /* keeps results alive */

static const struct canonical_rule rules[COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
static const struct row_hash_key hash_key = {{1, 2}};

/* As rows come from a driver: hot in the cache, each with its own key and email. */
static const struct datum *next_row(struct row *rows, size_t i) {
    struct row *row = &rows[i % TEMPLATES];
    row->values[0].number = (int64_t)(i * 7919);
    for (unsigned digit = 0; digit < 6; digit++)
        row->texts[0][digit] = (char)('a' + (i >> 4 * digit & 15));
    return row->values;
}

static const char *const names[COLUMNS] = {"id", "shard", "email", "name", "balance", "created_at", "note", "active"};
static const struct shape shape = {.names = names, .rules = rules, .column_count = COLUMNS, .key_count = 1};
static const size_t shard = 1;
static const size_t email = 2;
static const size_t balance = 4;
static const size_t created_at = 5;
static const struct check_columns emails = {&email, 1};
static struct check_options options = {.shape = &shape,
                                       .hash_key = &hash_key,
                                       .distribution = {&shard, 1},
                                       .sum = {&balance, 1},
                                       .extrema = {&created_at, 1},
                                       .unique = &emails,
                                       .unique_count = 1,
                                       .unique_bytes_max = 1U << 30};

struct work {
    struct row *rows;
    size_t count;
    struct range_set set;
    struct pass pass;
    struct check_list checks;
    struct buf bytes;
    struct err err;
};

static void canonical(struct work *work) {
    size_t ends[COLUMNS];
    for (size_t i = 0; i < work->count; i++) {
        canonical_row(&work->bytes, next_row(work->rows, i), rules, COLUMNS, ends, &work->err);
        sink += work->bytes.len;
    }
}

static void canonical_and_hash(struct work *work) {
    size_t ends[COLUMNS];
    for (size_t i = 0; i < work->count; i++) {
        canonical_row(&work->bytes, next_row(work->rows, i), rules, COLUMNS, ends, &work->err);
        sink += row_hash(&hash_key, work->bytes.data, work->bytes.len).low;
    }
}

/* Both sides: twice the rows. */
static void match(struct work *work) {
    size_t ends[COLUMNS];
    struct range_totals totals;
    range_set_clear(&work->set);
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < work->count; i++) {
            canonical_row(&work->bytes, next_row(work->rows, i), rules, COLUMNS, ends, &work->err);
            struct row_hash hash = row_hash(&hash_key, work->bytes.data, work->bytes.len);
            range_set_add(&work->set, (enum side)side, work->bytes.data, ends[0], hash, 0, &work->err);
        }
    range_set_totals(&work->set, &totals);
    sink += totals.keys[RANGE_SAME];
}

static void check(struct work *work) {
    struct range_totals totals;
    pass_begin(&work->pass, &work->checks);
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < work->count; i++)
            pass_row(&work->pass, (enum side)side, next_row(work->rows, i), &work->err);
    pass_matched(&work->pass, &totals, &work->err);
    sink += totals.keys[RANGE_SAME];
}

/* The best of the rounds: whatever else runs on the machine only adds. */
static void measure(const char *what, void (*body)(struct work *), struct work *work, size_t sides, size_t rounds) {
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < rounds; i++) {
        int64_t start = clock_monotonic_us();
        body(work);
        int64_t took = clock_monotonic_us() - start;
        best = took < best ? took : best;
    }
    printf("%-28s %6.0f ns per row\n", what, (double)best * 1000 / (double)(work->count * sides));
}

int main(int argc, char **argv) {
    static struct row rows[TEMPLATES];
    size_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 20;
    struct work work = {.rows = rows, .count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000};
    for (size_t i = 0; i < TEMPLATES; i++)
        make_row(&rows[i], i);
    options.unique_expected = work.count;
    buf_init(&work.bytes);
    if (range_set_init(&work.set, &hash_key, work.count, 1U << 30, &work.err) != 0 ||
        pass_open(&work.pass, &options, work.count, 1U << 30, &work.err) != 0 ||
        check_list_open(&work.checks, &options, &work.err) != 0)
        return 1;
    measure("canonical", canonical, &work, 1, rounds);
    measure("canonical + hash", canonical_and_hash, &work, 1, rounds);
    measure("canonical + hash + match", match, &work, SIDES, rounds);
    measure("all of it, all checks", check, &work, SIDES, rounds);
    printf("# %" PRIu64 "\n", sink);
    check_list_close(&work.checks);
    pass_close(&work.pass);
    range_set_release(&work.set);
    buf_release(&work.bytes);
    return 0;
}
