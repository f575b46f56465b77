/* people.h - a small table that the tests of reconcile compare with copies of itself. */
#ifndef TEST_RECONCILE_PEOPLE_H
#define TEST_RECONCILE_PEOPLE_H

#include "unit.h"

#include "reconcile/pass.h"

enum {
    PERSON_ID,
    PERSON_NAME,
    PERSON_STATUS,
    PERSON_AMOUNT,
    PERSON_SCORE,
    PERSON_PAID_AT,
    PERSON_NOTE,
    PERSON_COLUMNS,
    PEOPLE_MAX = 200,
    TEXT_SIZE = 32,
};

struct person {
    int64_t id;
    char name[TEXT_SIZE];
    char status[TEXT_SIZE];
    char amount[TEXT_SIZE]; /* a decimal */
    double score;
    int64_t paid_at; /* a timestamp */
    char note[TEXT_SIZE];
    bool has_note, has_amount;
};

struct people {
    struct person rows[PEOPLE_MAX];
    size_t count;
};

static const char *const person_names[PERSON_COLUMNS] = {"id", "name", "status", "amount", "score", "paid_at", "note"};
static const struct canonical_rule person_rules[PERSON_COLUMNS] = {{CANONICAL_EXACT, CANONICAL_AS_STORED}};
static const struct row_hash_key person_key = {{0x0123456789abcdef, 0xfedcba9876543210}};
static const struct shape person_shape = {
    .names = person_names, .rules = person_rules, .column_count = PERSON_COLUMNS, .key_count = 1};

static inline struct datum text_datum(const char *text) {
    return (struct datum){.kind = DATUM_TEXT, .bytes = text, .size = strlen(text)};
}

static inline void person_datums(const struct person *person, struct datum values[PERSON_COLUMNS]) {
    values[PERSON_ID] = (struct datum){.kind = DATUM_INT, .number = person->id};
    values[PERSON_NAME] = text_datum(person->name);
    values[PERSON_STATUS] = text_datum(person->status);
    values[PERSON_AMOUNT] = text_datum(person->amount);
    values[PERSON_AMOUNT].kind = person->has_amount ? DATUM_DECIMAL : DATUM_NULL;
    values[PERSON_SCORE] = (struct datum){.kind = DATUM_DOUBLE, .real = person->score};
    values[PERSON_PAID_AT] = (struct datum){.kind = DATUM_TIMESTAMP, .number = person->paid_at};
    values[PERSON_NOTE] = text_datum(person->note);
    if (!person->has_note)
        values[PERSON_NOTE].kind = DATUM_NULL;
}

/* Sequential ids, three statuses, every fourth note NULL, some empty. */
static inline void people_make(struct people *people, size_t count) {
    static const char *const statuses[] = {"open", "paid", "void"};
    memset(people, 0, sizeof(*people));
    people->count = count;
    for (size_t i = 0; i < count; i++) {
        struct person *person = &people->rows[i];
        person->id = (int64_t)i + 1;
        snprintf(person->name, TEXT_SIZE, "Name%03zu", i);
        snprintf(person->status, TEXT_SIZE, "%s", statuses[i % 3]);
        snprintf(person->amount, TEXT_SIZE, "%zu.50", 100 + i);
        person->has_amount = true;
        person->score = (double)i * 0.25;
        person->paid_at = 1700000000000000 + (int64_t)i * 1000000;
        person->has_note = i % 4 != 0;
        snprintf(person->note, TEXT_SIZE, "%s", i % 4 == 1 ? "" : "remark");
    }
}

static inline void people_stream(struct pass *pass, enum side side, const struct people *people, size_t from, size_t to) {
    struct err err;
    struct datum values[PERSON_COLUMNS];
    err_clear(&err);
    for (size_t i = from; i < to && i < people->count; i++) {
        person_datums(&people->rows[i], values);
        assert_int_equal(pass_row(pass, side, values, &err), 0);
    }
}

#endif
