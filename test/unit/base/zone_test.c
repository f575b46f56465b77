/* Local time by the system's tzdata, compared with the C library's own reading of it for many zones and years, on both sides of every
 * change of the clock; and files that make no sense. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/zone.h"

static const char *const zones[] = {"Europe/Berlin",     "America/New_York",  "Australia/Sydney",   "Asia/Kathmandu",
                                    "America/Santiago",  "Europe/Dublin",     "Pacific/Apia",       "Asia/Tehran",
                                    "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Kiritimati", "UTC"};

/* What the C library says; the test is the only one in its process. */
static long library_offset(time_t second) {
    struct tm local = {0};
    assert_non_null(localtime_r(&second, &local));
    return local.tm_gmtoff;
}

static void is_what_the_c_library_says(void **state) {
    (void)state;
    for (size_t z = 0; z < UNIT_COUNT(zones); z++) {
        struct zone zone;
        assert_true(zone_open(zones[z], &zone));
        setenv("TZ", zones[z], 1);
        tzset();
        for (int64_t second = -2000000000; second < 6000000000; second += 86400 * 5 + 3607)
            assert_int_equal(zone_offset(&zone, second), library_offset((time_t)second));
        for (size_t i = 0; i < zone.count; i++)
            for (int64_t by = -1; by <= 1; by++)
                if (zone.at[i] > -2000000000)
                    assert_int_equal(zone_offset(&zone, zone.at[i] + by), library_offset((time_t)(zone.at[i] + by)));
    }
}

/* Each day of some later year, hour by hour: there the rule at the end of the file holds, not the list of changes. */
static void later_years_follow_the_rule(void **state) {
    (void)state;
    for (size_t z = 0; z < UNIT_COUNT(zones); z++) {
        struct zone zone;
        assert_true(zone_open(zones[z], &zone));
        setenv("TZ", zones[z], 1);
        tzset();
        for (int64_t year = 2038; year < 2100; year += 7)
            for (int64_t second = (year - 1970) * 31556952; second < (year - 1969) * 31556952; second += 1800)
                assert_int_equal(zone_offset(&zone, second), library_offset((time_t)second));
    }
}

static void no_such_zone(void **state) {
    static const char *const names[] = {"",       "Europe/Berlim", "../../etc/passwd", "/etc/localtime",
                                        "Europe", "Europe/../UTC", "tzdata.zi"};
    struct zone zone;
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(names); i++)
        assert_false(zone_open(names[i], &zone));
}

/* Cut anywhere, or with any byte changed: no reading beyond the end, whatever the answer is. */
static void broken_files(void **state) {
    unsigned char bytes[8192];
    struct zone zone;
    (void)state;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(zone_read(bytes, len, &zone));
    for (size_t n = 0; n < len - 1; n++) {
        unsigned char *cut = malloc(n + 1);
        memcpy(cut, bytes, n);
        assert_false(zone_read(cut, n, &zone));
        free(cut);
    }
    for (size_t n = 0; n < len; n++) {
        unsigned char before = bytes[n];
        bytes[n] ^= 0xff;
        if (zone_read(bytes, len, &zone))
            zone_offset(&zone, 1700000000);
        bytes[n] = before;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_the_c_library_says),
        cmocka_unit_test(later_years_follow_the_rule),
        cmocka_unit_test(no_such_zone),
        cmocka_unit_test(broken_files),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
