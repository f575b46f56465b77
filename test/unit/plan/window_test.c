/* Hours of the day by the clock on the wall of a time zone, across midnight and across the changes to and from summer time. */
#include "unit.h"

#include "plan/window.h"

static void reads_hours_and_a_zone(void **state) {
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"22:00-06:00 Europe/Berlin", true},
        {"00:00-24:00 UTC", true},
        {"09:30-17:45 America/New_York", true},
        {"22:00-06:00", false},
        {"22:00-06:00 ", false},
        {"22:00-06:00 Europe/Berlim", false},
        {"22:00-22:00 UTC", false},
        {"24:00-06:00 UTC", false},
        {"22:60-06:00 UTC", false},
        {"25:00-06:00 UTC", false},
        {"22:00-00:00 UTC", false},
        {"22:00 - 06:00 UTC", false},
        {"8:00-12:00 UTC", false},
        {"22:00-06:00  UTC", false},
        {"22:00-06:00 ../UTC", false},
        {"", false},
        {"Europe/Berlin 22:00-06:00", false},
    };
    struct window window;
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++)
        assert_int_equal(window_parse(cases[i].text, &window), cases[i].good);
}

/* `second` is UTC; the clock is what hangs on the wall. */
static void opens_by_the_clock_on_the_wall(void **state) {
    static const struct {
        const char *window;
        int64_t second;
        const char *clock;
        bool open;
    } cases[] = {
        {"22:00-06:00 Europe/Berlin", 1767214740, "21:59", false}, /* 2025-12-31 20:59 UTC */
        {"22:00-06:00 Europe/Berlin", 1767214800, "22:00", true},
        {"22:00-06:00 Europe/Berlin", 1767243599, "05:59", true},
        {"22:00-06:00 Europe/Berlin", 1767243600, "06:00", false},
        {"22:00-06:00 Europe/Berlin", 1782849600, "22:00", true}, /* 2026-06-30 20:00 UTC: summer */
        {"09:00-17:00 America/New_York", 1782831599, "10:59", true},
        {"09:00-17:00 America/New_York", 1782824399, "08:59", false},
        /* 2026-03-29, Berlin: 01:59 is followed by 03:00, so half past two does not come */
        {"02:30-02:45 Europe/Berlin", 1774745999, "01:59", false},
        {"02:30-02:45 Europe/Berlin", 1774746000, "03:00", false},
        {"02:30-02:45 Europe/Berlin", 1774746000 + 1800, "03:30", false},
        {"02:00-03:30 Europe/Berlin", 1774746000, "03:00", true},
        /* 2026-10-25, Berlin: 02:59 is followed by 02:00, so half past two comes twice */
        {"02:30-02:45 Europe/Berlin", 1792888200, "02:30", true},
        {"02:30-02:45 Europe/Berlin", 1792888200 + 1800, "02:00", false},
        {"02:30-02:45 Europe/Berlin", 1792888200 + 3600, "02:30", true},
        {"02:30-02:45 Europe/Berlin", 1792888200 + 3600 + 900, "02:45", false},
        {"00:00-24:00 UTC", 0, "00:00", true},
        {"23:00-24:00 UTC", -1, "23:59", true}, /* before 1970 */
    };
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct window window;
        char clock[6];
        assert_true(window_parse(cases[i].window, &window));
        assert_string_equal(window_clock(&window, cases[i].second, clock), cases[i].clock);
        assert_int_equal(window_is_open(&window, cases[i].second), cases[i].open);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hours_and_a_zone),
        cmocka_unit_test(opens_by_the_clock_on_the_wall),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
