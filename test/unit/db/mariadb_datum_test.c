/* Dates that no strict session can store, days counted one by one, and UUIDs that are none. */
#include "unit.h"

#include "db/mariadb_datum.h"

static void place_time(struct mdb_place *place, enum datum_kind kind, unsigned decimals, MYSQL_TIME time) {
    memset(place, 0, sizeof(*place));
    place->kind = kind;
    place->decimals = decimals;
    place->value.time = time;
}

/* Every day of the years 0 to 9999, by a calendar that only knows how to add one. */
static void every_day(void **state) {
    MYSQL_TIME day = {.year = 0, .month = 1, .day = 1};
    int64_t wanted = -719528;
    (void)state;
    for (; day.year < 10000; wanted++) {
        static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        bool leap = (day.year % 4 == 0 && day.year % 100 != 0) || day.year % 400 == 0;
        struct mdb_place place;
        struct datum datum;
        place_time(&place, DATUM_DATE, 0, day);
        assert_true(mdb_place_take(&place, &datum));
        assert_int_equal(datum.kind, DATUM_DATE);
        assert_int_equal(datum.number, wanted);
        if (++day.day > lengths[day.month - 1] + (day.month == 2 && leap)) {
            day.day = 1;
            day.month++;
        }
        if (day.month > 12) {
            day.month = 1;
            day.year++;
        }
    }
    assert_int_equal(wanted, 2932897);
}

static void odd_dates(void **state) {
    static const struct {
        enum datum_kind kind;
        unsigned decimals;
        MYSQL_TIME time;
        const char *text;
    } rows[] = {
        {DATUM_DATE, 0, {.year = 0}, "0000-00-00"},
        {DATUM_DATE, 0, {.year = 2024, .day = 10}, "2024-00-10"},
        {DATUM_DATE, 0, {.year = 2024, .month = 2}, "2024-02-00"},
        {DATUM_DATE, 0, {.year = 2023, .month = 2, .day = 29}, "2023-02-29"},
        {DATUM_DATE, 0, {.year = 1900, .month = 2, .day = 29}, "1900-02-29"},
        {DATUM_DATE, 0, {.year = 2024, .month = 4, .day = 31}, "2024-04-31"},
        {DATUM_TIMESTAMP, 0, {.year = 2024, .month = 4, .day = 31, .hour = 1}, "2024-04-31 01:00:00"},
        {DATUM_INSTANT, 3, {.second_part = 7000}, "0000-00-00 00:00:00.007"},
        {DATUM_TIMESTAMP, 6, {.minute = 59, .second = 1, .second_part = 1}, "0000-00-00 00:59:01.000001"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mdb_place place;
        struct datum datum;
        place_time(&place, rows[i].kind, rows[i].decimals, rows[i].time);
        assert_true(mdb_place_take(&place, &datum));
        assert_int_equal(datum.kind, DATUM_ODD_DATE);
        assert_int_equal(datum.size, strlen(rows[i].text));
        assert_memory_equal(datum.bytes, rows[i].text, datum.size);
    }
}

static bool take_uuid(char *text, struct mdb_place *place, struct datum *datum) {
    memset(place, 0, sizeof(*place));
    place->kind = DATUM_UUID;
    place->is_uuid = true;
    place->text = text;
    place->len = strlen(text);
    return mdb_place_take(place, datum);
}

static void uuids(void **state) {
    static const unsigned char bytes[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                          0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    char good[][40] = {"00112233-4455-6677-8899-aabbccddeeff", "00112233445566778899AABBCCDDEEFF"};
    char bad[][40] = {"", "-", "00112233-4455-6677-8899-aabbccddee", "00112233-4455-6677-8899-aabbccddeeff0",
                      "00112233-4455-6677-8899-aabbccddeefg"};
    struct mdb_place place;
    struct datum datum;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(take_uuid(good[i], &place, &datum));
        assert_int_equal(datum.kind, DATUM_UUID);
        assert_memory_equal(datum.bytes, bytes, sizeof(bytes));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(take_uuid(bad[i], &place, &datum));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day),
        cmocka_unit_test(odd_dates),
        cmocka_unit_test(uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
