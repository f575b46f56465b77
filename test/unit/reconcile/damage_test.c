/* More than 20 kinds of damage to a copy of a table: digest and count, and matching by key, see every one of them. The usual XOR of CRC32s
 * with a count stands beside them, to show what it cannot see. */
#include "people.h"

#include <inttypes.h>
#include <math.h>

/* The rows of the block are of one width behind their id and an even number of them is damaged alike: then everything cancels in an XOR.
 * Their timestamps do not carry when hours are added. */
enum { PEOPLE = 64, BLOCK_FROM = 4, BLOCK_TO = 44 };

/* ---- what is compared ---- */

static struct row_digest digest_of(const struct people *people) {
    struct row_digest digest = {.count = 0};
    struct datum values[PERSON_COLUMNS];
    size_t ends[PERSON_COLUMNS];
    struct buf bytes;
    struct err err;
    buf_init(&bytes);
    for (size_t i = 0; i < people->count; i++) {
        person_datums(&people->rows[i], values);
        assert_int_equal(canonical_row(&bytes, values, person_rules, PERSON_COLUMNS, ends, &err), 0);
        row_digest_add(&digest, row_hash(&person_key, bytes.data, bytes.len));
    }
    buf_release(&bytes);
    return digest;
}

static bool matching_sees(const struct people *source, const struct people *target) {
    static const struct check_options options = {.shape = &person_shape, .hash_key = &person_key};
    struct check_list checks;
    struct pass pass;
    struct range_totals totals;
    struct err err;
    err_clear(&err);
    assert_int_equal(check_list_open(&checks, &options, &err), 0);
    assert_int_equal(pass_open(&pass, &options, 0, 1 << 24, &err), 0);
    pass_begin(&pass, &checks);
    people_stream(&pass, SIDE_SOURCE, source, 0, PEOPLE_MAX);
    people_stream(&pass, SIDE_TARGET, target, 0, PEOPLE_MAX);
    assert_int_equal(pass_matched(&pass, &totals, &err), 0);
    check_list_close(&checks);
    pass_close(&pass);
    return totals.keys[RANGE_SAME] != source->count || totals.rows[SIDE_TARGET] != source->count;
}

/* ---- the usual way ---- */

static uint32_t crc32_of(const char *text, size_t size) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* CRC32(CONCAT_WS('#', columns, CONCAT(ISNULL(...)))): NULL is left out but flagged, FLOAT shows six digits, a timestamp its seconds. */
static uint32_t usual_row(const struct person *person) {
    char text[256];
    char note[TEXT_SIZE + 1] = "";
    char amount[TEXT_SIZE + 1] = "";
    if (person->has_note)
        snprintf(note, sizeof(note), "%s#", person->note);
    if (person->has_amount)
        snprintf(amount, sizeof(amount), "%s#", person->amount);
    int size = snprintf(text, sizeof(text), "%" PRId64 "#%s#%s#%s%.6g#%.6f#%s%d%d", person->id, person->name, person->status,
                        amount, person->score, (double)person->paid_at / 1e6, note, !person->has_amount, !person->has_note);
    return crc32_of(text, (size_t)size);
}

struct usual {
    uint32_t crc;
    size_t count;
};

static struct usual usual_of(const struct people *people) {
    struct usual usual = {.count = people->count};
    for (size_t i = 0; i < people->count; i++)
        usual.crc ^= usual_row(&people->rows[i]);
    return usual;
}

/* ---- the damage ---- */

static void drop(struct people *people, size_t at) {
    people->count--;
    memmove(&people->rows[at], &people->rows[at + 1], (people->count - at) * sizeof(people->rows[0]));
}

static void seven_hours_later(struct people *people) {
    for (size_t i = BLOCK_FROM; i < BLOCK_TO; i++)
        people->rows[i].paid_at += 7LL * 3600 * 1000000;
}

static void every_open_becomes_void(struct people *people) {
    for (size_t i = BLOCK_FROM; i < BLOCK_TO; i++)
        if (strcmp(people->rows[i].status, "open") == 0)
            snprintf(people->rows[i].status, TEXT_SIZE, "void");
}

static void one_cent_more_everywhere(struct people *people) {
    for (size_t i = BLOCK_FROM; i < BLOCK_TO; i++)
        people->rows[i].amount[strlen(people->rows[i].amount) - 1]++;
}

static void case_of_every_name(struct people *people) {
    for (size_t i = BLOCK_FROM; i < BLOCK_TO; i++)
        people->rows[i].name[0] = 'n';
}

static void two_values_swapped(struct people *people) {
    char kept[TEXT_SIZE];
    memcpy(kept, people->rows[3].name, TEXT_SIZE);
    memcpy(people->rows[3].name, people->rows[4].name, TEXT_SIZE);
    memcpy(people->rows[4].name, kept, TEXT_SIZE);
}

static void one_ulp(struct people *people) {
    people->rows[9].score = nextafter(people->rows[9].score, 100);
}

static void zero_becomes_minus_zero(struct people *people) {
    people->rows[0].score = -0.0;
}

static void null_becomes_empty(struct people *people) {
    people->rows[0].has_note = true;
    people->rows[0].note[0] = '\0';
}

static void empty_becomes_null(struct people *people) {
    people->rows[1].has_note = false;
}

static void zero_becomes_null(struct people *people) {
    people->rows[2].has_amount = false;
}

static void a_trailing_blank(struct people *people) {
    snprintf(people->rows[5].name, TEXT_SIZE, "Name005 ");
}

static void a_trailing_blank_everywhere(struct people *people) {
    for (size_t i = BLOCK_FROM; i < BLOCK_TO; i++)
        people->rows[i].name[strlen(people->rows[i].name)] = ' ';
}

static void a_duplicate_pair(struct people *people) {
    people->rows[people->count] = people->rows[7];
    people->rows[people->count + 1] = people->rows[7];
    people->count += 2;
}

static void a_duplicate_in_place_of_a_row(struct people *people) {
    people->rows[8] = people->rows[7];
}

static void the_first_row_missing(struct people *people) {
    drop(people, 0);
}

static void the_last_row_missing(struct people *people) {
    people->count--;
}

static void two_rows_missing(struct people *people) {
    drop(people, 20);
    drop(people, 20);
}

static void one_row_more(struct people *people) {
    people->rows[people->count] = people->rows[0];
    people->rows[people->count++].id = 5000;
}

static void another_key(struct people *people) {
    people->rows[30].id = 5000;
}

static void text_cut(struct people *people) {
    people->rows[31].name[3] = '\0';
}

static void scale_changed(struct people *people) {
    people->rows[32].amount[strlen(people->rows[32].amount) - 1] = '\0'; /* 132.50 becomes 132.5 */
}

static void sign_flipped(struct people *people) {
    snprintf(people->rows[33].amount, TEXT_SIZE, "-133.50");
}

static void a_microsecond_lost(struct people *people) {
    people->rows[34].paid_at -= 1;
}

static void columns_swapped(struct people *people) {
    memcpy(people->rows[35].name, people->rows[36].status, TEXT_SIZE);
    memcpy(people->rows[35].status, people->rows[36].name, TEXT_SIZE);
}

static void a_boundary_moved(struct people *people) {
    snprintf(people->rows[37].name, TEXT_SIZE, "Name037#op"); /* between two columns, with what others separate them by */
    snprintf(people->rows[37].status, TEXT_SIZE, "en");
}

static void rotated_among_four(struct people *people) {
    double first = people->rows[40].score;
    for (size_t i = 40; i < 43; i++)
        people->rows[i].score = people->rows[i + 1].score;
    people->rows[43].score = first;
}

static void another_normal_form(struct people *people) {
    snprintf(people->rows[50].name, TEXT_SIZE, "e\xcc\x81"); /* and é in one character on the other side */
}

static const struct {
    const char *name;
    void (*damage)(struct people *people);
} kinds[] = {
#define KIND(name)                                                                                                                 \
    { #name, name }
    KIND(seven_hours_later),
    KIND(every_open_becomes_void),
    KIND(one_cent_more_everywhere),
    KIND(case_of_every_name),
    KIND(two_values_swapped),
    KIND(one_ulp),
    KIND(zero_becomes_minus_zero),
    KIND(null_becomes_empty),
    KIND(empty_becomes_null),
    KIND(zero_becomes_null),
    KIND(a_trailing_blank),
    KIND(a_trailing_blank_everywhere),
    KIND(a_duplicate_pair),
    KIND(a_duplicate_in_place_of_a_row),
    KIND(the_first_row_missing),
    KIND(the_last_row_missing),
    KIND(two_rows_missing),
    KIND(one_row_more),
    KIND(another_key),
    KIND(text_cut),
    KIND(scale_changed),
    KIND(sign_flipped),
    KIND(a_microsecond_lost),
    KIND(columns_swapped),
    KIND(a_boundary_moved),
    KIND(rotated_among_four),
    KIND(another_normal_form),
#undef KIND
};

/* ---- the tests ---- */

static void make_source(struct people *people) {
    static const char *const statuses[] = {"open", "paid", "void", "sent"};
    people_make(people, PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++) {
        people->rows[i].has_note = i != 0;
        people->rows[i].score = i == 0 ? 0 : 10.25 + (double)i * 0.5;
        snprintf(people->rows[i].note, TEXT_SIZE, "%s", i == 1 ? "" : "remark");
        snprintf(people->rows[i].status, TEXT_SIZE, "%s", statuses[i % UNIT_COUNT(statuses)]);
    }
    snprintf(people->rows[2].amount, TEXT_SIZE, "0.00");
    snprintf(people->rows[50].name, TEXT_SIZE, "\xc3\xa9");
}

static void every_kind_of_damage_is_seen(void **state) {
    (void)state;
    struct people source;
    struct people target;
    make_source(&source);
    struct row_digest sound = digest_of(&source);
    assert_false(matching_sees(&source, &source));
    assert_true(UNIT_COUNT(kinds) >= 20);
    for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
        target = source;
        kinds[i].damage(&target);
        struct row_digest damaged = digest_of(&target);
        if (row_digest_equal(&sound, &damaged))
            fail_msg("the digest does not see: %s", kinds[i].name);
        if (!matching_sees(&source, &target))
            fail_msg("matching does not see: %s", kinds[i].name);
    }
}

static void an_xor_of_crcs_misses_at_least_five(void **state) {
    (void)state;
    struct people source;
    struct people target;
    make_source(&source);
    struct usual sound = usual_of(&source);
    size_t missed = 0;
    for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
        target = source;
        kinds[i].damage(&target);
        struct usual damaged = usual_of(&target);
        if (damaged.crc == sound.crc && damaged.count == sound.count) {
            print_message("# missed by BIT_XOR(CRC32): %s\n", kinds[i].name);
            missed++;
        }
    }
    assert_true(missed >= 5);
}

static uint64_t drawn = 88172645463325252U;

static size_t below(size_t limit) { /* xorshift, Marsaglia 2003 */
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (size_t)(drawn >> 33) % limit;
}

/* Several kinds one after the other, in tables of any size. Two may undo each other, so the rows themselves say what is right. */
static void any_mixture_is_seen(void **state) {
    (void)state;
    static struct people source;
    static struct people target;
    unsigned damaged = 0;
    for (unsigned round = 0; round < 3000; round++) {
        make_source(&source);
        target = source;
        for (size_t i = 1 + below(4); i > 0; i--)
            kinds[below(UNIT_COUNT(kinds))].damage(&target);
        struct row_digest left = digest_of(&source);
        struct row_digest right = digest_of(&target);
        bool equal = source.count == target.count && memcmp(source.rows, target.rows, source.count * sizeof(source.rows[0])) == 0;
        if (equal != row_digest_equal(&left, &right) || equal == matching_sees(&source, &target))
            fail_msg("round %u", round);
        damaged += !equal;
    }
    assert_true(damaged > 2900);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_damage_is_seen),
        cmocka_unit_test(an_xor_of_crcs_misses_at_least_five),
        cmocka_unit_test(any_mixture_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
