/* What holds a process back: one row for each reason, sums as they are, and what status says of it. */
#include "../json_at.h"
#include "ledger/owner.h"
#include "ledger_fixture.h"

static void put(struct ledger_fixture *f, const char *owner, struct ledger_pace pace) {
    sqlite_file_ok(&f->file, ledger_pace_put(f->ledger, f->file.db, f->run.run, owner, &pace, &f->file.err));
}

static void one_row_for_each_reason(void **state) {
    struct ledger_fixture f;
    (void)state;
    fixture_make(&f);
    put(&f, "a/", (struct ledger_pace){"lag", "wait", "lag 3 s", 0, 1000, 0});
    put(&f, "a/", (struct ledger_pace){"lag", "wait", "lag 4 s", 0, 2000, 0});
    put(&f, "a/", (struct ledger_pace){"cpu", "slow", "cpu 90%", 50, 0, 700});
    put(&f, "b/", (struct ledger_pace){"lag", "go", "", 100, 500, 0});
    assert_rows(&f.file,
                "SELECT owner || ' ' || reason || ' ' || state || ' ' || waited_ms || ' ' || slowed_ms FROM infill_pace ORDER BY 1",
                "a/ cpu slow 0 700 a/ lag wait 2000 0 b/ lag go 500 0");
    fixture_remove(&f);
}

/* A state that stays has begun when it began. */
static void since_is_when_the_state_began(void **state) {
    struct ledger_fixture f;
    (void)state;
    fixture_make(&f);
    put(&f, "a/", (struct ledger_pace){"lag", "wait", "lag 3 s", 0, 0, 0});
    sqlite_file_exec(&f.file, "UPDATE infill_pace SET since = '2001-01-01 00:00:00.000'");
    put(&f, "a/", (struct ledger_pace){"lag", "wait", "lag 4 s", 0, 0, 0});
    assert_rows(&f.file, "SELECT count(*) FROM infill_pace WHERE since LIKE '2001%'", "1");
    put(&f, "a/", (struct ledger_pace){"lag", "slow", "lag", 50, 0, 0});
    assert_rows(&f.file, "SELECT count(*) FROM infill_pace WHERE since LIKE '2001%'", "0");
    fixture_remove(&f);
}

/* Held back are processes that live and have said so lately; costs are sums over all of them, the dead ones too. */
static void status_says_what_holds_and_what_it_cost(void **state) {
    struct ledger_fixture f;
    struct json_t *status = NULL;
    char mine[OWNER_MAX];
    (void)state;
    fixture_make(&f);
    owner_prefix(mine);
    put(&f, mine, (struct ledger_pace){"lag", "wait", "lag 3 s", 0, 2000, 0});
    put(&f, "elsewhere/boot.ns/1/1/", (struct ledger_pace){"lag", "slow", "lag 1 s", 40, 500, 250});
    put(&f, "elsewhere/boot.ns/2/1/", (struct ledger_pace){"cpu", "wait", "cpu", 0, 125, 0});
    sqlite_file_exec(&f.file, "UPDATE infill_pace SET at = '2001-01-01 00:00:00.000' WHERE reason = 'cpu'");
    sqlite_file_ok(&f.file, ledger_status(f.ledger, f.file.db, "shop", &status, &f.file.err));
    json_t *pace = json_object_get(status, "pace"), *held = json_object_get(pace, "held"), *cost = json_object_get(pace, "cost");
    assert_int_equal(json_array_size(held), 2);
    assert_int_equal(json_array_size(cost), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(cost, 1), "signal")), "lag");
    assert_true(json_real_value(json_object_get(json_array_get(cost, 1), "waited_seconds")) > 2.49);
    assert_true(json_real_value(json_object_get(json_array_get(cost, 1), "slowed_seconds")) < 0.26);
    json_decref(status);
    fixture_remove(&f);
}

/* A run that somebody has paused is held back by him, whatever its processes have said last; what it has cost stays. */
static void nothing_holds_back_what_does_not_run(void **state) {
    struct ledger_fixture f;
    (void)state;
    fixture_make(&f);
    put(&f, "elsewhere/boot.ns/1/1/", (struct ledger_pace){"rate limit", "slow", "rate limit: 500 rows/s", 40, 0, 250});
    for (int paused = 0; paused < 2; paused++) {
        struct json_t *status = NULL;
        sqlite_file_ok(&f.file, ledger_status(f.ledger, f.file.db, "shop", &status, &f.file.err));
        json_t *pace = json_object_get(status, "pace");
        assert_int_equal(json_array_size(json_object_get(pace, "held")), !paused);
        assert_int_equal(json_array_size(json_object_get(pace, "cost")), 1);
        json_decref(status);
        sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'paused'");
    }
    fixture_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_for_each_reason),
        cmocka_unit_test(since_is_when_the_state_began),
        cmocka_unit_test(status_says_what_holds_and_what_it_cost),
        cmocka_unit_test(nothing_holds_back_what_does_not_run),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
