/* The ledger's tables: made by many at once, used by hand, removed only when nothing needs them. */
#include "db/dialects.h"
#include "ledger_fixture.h"

#include <sys/wait.h>

static const char tables_now[] = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
static const char all_tables[] = "infill_event infill_fill infill_finding infill_notice infill_pace infill_pass infill_range "
                                 "infill_reject infill_run infill_verdict";

static bool is_installed(struct ledger_fixture *f) {
    bool installed = false;
    sqlite_file_ok(&f->file, ledger_is_installed(f->ledger, f->file.db, &installed, &f->file.err));
    return installed;
}

static void installing_again_changes_nothing(void **state) {
    (void)state;
    struct ledger_fixture f;
    fixture_ledger(&f);
    assert_false(is_installed(&f));
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    assert_true(is_installed(&f));
    assert_rows(&f.file, tables_now, all_tables);
    sqlite_file_ok(&f.file, ledger_run_open(f.ledger, f.file.db, &fixture_spec, &f.file.arena, &f.run, &f.file.err));
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    assert_rows(&f.file, "SELECT plan, state FROM infill_run", "shop|running");
    fixture_remove(&f);
}

/* The last table says whether it is whole; what an interrupted installation left is completed. */
static void half_a_ledger_is_completed(void **state) {
    (void)state;
    const char **ddl = NULL;
    size_t count = 0;
    struct ledger_fixture f;
    fixture_ledger(&f);
    sqlite_file_ok(&f.file, ledger_ddl(f.ledger, &f.file.arena, &ddl, &count, &f.file.err));
    assert_int_equal(count, 10);
    for (size_t i = 0; i + 1 < count; i++) {
        sqlite_file_exec(&f.file, ddl[i]);
        assert_false(is_installed(&f));
    }
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    assert_true(is_installed(&f));
    fixture_remove(&f);
}

/* Installs and opens the run, as a process of its own. */
static int install_and_open(const struct sqlite_file *file) {
    struct err err;
    struct arena arena;
    struct ledger *ledger = NULL;
    struct ledger_run run;
    struct db *db = sqlite_file_connect(file);
    err_clear(&err);
    arena_init(&arena);
    int rc = db ? ledger_new(db_dialect(db), &sqlite_file_tx, &ledger, &err) : ERR_CONNECT;
    if (rc == 0)
        rc = ledger_install(ledger, db, &err);
    if (rc == 0)
        rc = ledger_run_open(ledger, db, &fixture_spec, &arena, &run, &err);
    if (rc)
        fprintf(stderr, "%s %s\n", err.message, err.where);
    ledger_free(ledger);
    arena_release(&arena);
    db_close(db);
    return rc;
}

static void many_processes_install_at_once(void **state) {
    (void)state;
    enum { PROCESSES = 6, ROUNDS = 5 };
    for (int round = 0; round < ROUNDS; round++) {
        struct sqlite_file file;
        pid_t children[PROCESSES];
        sqlite_file_make(&file);
        for (size_t i = 0; i < PROCESSES; i++)
            if ((children[i] = fork()) == 0)
                _exit(install_and_open(&file) ? 1 : 0);
        for (size_t i = 0; i < PROCESSES; i++) {
            int status = -1;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        assert_rows(&file, tables_now, all_tables);
        assert_rows(&file, "SELECT run, plan, generation FROM infill_run", "1|shop|1");
        assert_rows(&file, "SELECT count(*), sum(what = 'started'), max(seq) FROM infill_event", "6|1|6");
        sqlite_file_remove(&file);
    }
}

static void a_ledger_in_use_is_not_removed(void **state) {
    (void)state;
    static const char *const states[] = {"running", "paused", "stopped", "halted"};
    struct ledger_fixture f;
    fixture_make(&f);
    for (size_t i = 0; i < UNIT_COUNT(states); i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", states[i]);
        sqlite_file_exec(&f.file, sql);
        assert_int_equal(ledger_uninstall(f.ledger, f.file.db, false, &f.file.err), ERR_REFUSED);
        assert_string_equal(f.file.err.message, "1 run of this ledger is not done");
        assert_rows(&f.file, tables_now, all_tables);
    }
    sqlite_file_exec(&f.file, "UPDATE infill_run SET state = 'done'");
    sqlite_file_ok(&f.file, ledger_uninstall(f.ledger, f.file.db, false, &f.file.err));
    assert_rows(&f.file, tables_now, "");
    assert_false(is_installed(&f));
    sqlite_file_ok(&f.file, ledger_install(f.ledger, f.file.db, &f.file.err));
    sqlite_file_ok(&f.file, ledger_run_open(f.ledger, f.file.db, &fixture_spec, &f.file.arena, &f.run, &f.file.err));
    sqlite_file_ok(&f.file, ledger_uninstall(f.ledger, f.file.db, true, &f.file.err));
    sqlite_file_ok(&f.file, ledger_uninstall(f.ledger, f.file.db, true, &f.file.err));
    assert_rows(&f.file, tables_now, "");
    fixture_remove(&f);
}

/* Setting the state with SQL is public interface: a slip of the pen must not become a state that nobody knows. */
static void a_state_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"pause", "Paused", "", "stop"};
    struct ledger_fixture f;
    fixture_make(&f);
    for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "UPDATE infill_run SET state = '%s'", wrong[i]);
        assert_int_equal(db_script(f.file.db, sql, &f.file.err), ERR_ROW);
        assert_rows(&f.file, "SELECT state FROM infill_run", "running");
    }
    fixture_remove(&f);
}

/* ---- text for servers ---- */

static const char *joined(struct arena *arena, const char **list, size_t count) {
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s\n", text, list[i]);
    return text;
}

/* A batch changes its range row: on PostgreSQL the page keeps room for the next version, so that no index grows with it. */
static void a_busy_table_keeps_room_in_its_pages(void **state) {
    (void)state;
    struct ledger *ledger = NULL;
    struct arena arena;
    struct err err;
    const char **list = NULL;
    size_t count = 0;
    arena_init(&arena);
    assert_int_equal(ledger_new(&postgres_dialect, &sqlite_file_tx, &ledger, &err), 0);
    assert_int_equal(ledger_ddl(ledger, &arena, &list, &count, &err), 0);
    assert_int_equal(count, 11);
    assert_string_equal(list[0], "CREATE SCHEMA IF NOT EXISTS infill");
    for (size_t i = 1; i < count; i++) {
        bool is_range = strstr(list[i], "CREATE TABLE IF NOT EXISTS \"infill\".\"range\" (") != NULL;
        assert_int_equal(strstr(list[i], ") WITH (fillfactor = 50)") != NULL, is_range);
        assert_int_equal(i == 3, is_range);
    }
    assert_int_equal(ledger_drop_ddl(ledger, &arena, &list, &count, &err), 0);
    assert_int_equal(count, 11);
    assert_string_equal(list[10], "DROP SCHEMA IF EXISTS infill");
    ledger_free(ledger);
    assert_int_equal(ledger_new(&mariadb_dialect, &sqlite_file_tx, &ledger, &err), 0);
    assert_int_equal(ledger_ddl(ledger, &arena, &list, &count, &err), 0);
    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(list[i], ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"));
    ledger_free(ledger);
    arena_release(&arena);
}

static void a_role_may_do_what_it_needs(void **state) {
    (void)state;
    static const char worker[] = "GRANT USAGE ON SCHEMA infill TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"run\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"fill\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"range\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE, DELETE ON \"infill\".\"reject\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE, DELETE ON \"infill\".\"finding\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"pass\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE, DELETE ON \"infill\".\"verdict\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"pace\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT, UPDATE ON \"infill\".\"notice\" TO infill_worker\n"
                                 "GRANT SELECT, INSERT ON \"infill\".\"event\" TO infill_worker\n"; /* append-only */
    static const char observer[] = "GRANT SELECT ON `shop`.`infill_run` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_fill` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_range` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_reject` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_finding` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_pass` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_verdict` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_pace` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_notice` TO infill_observer\n"
                                   "GRANT SELECT ON `shop`.`infill_event` TO infill_observer\n";
    static const struct {
        const struct sql_dialect *dialect;
        const char *role, *expected;
    } cases[] = {{&postgres_dialect, "worker", worker},
                 {&postgres_dialect, "installer", "GRANT CREATE ON DATABASE \"shop\" TO infill_installer\n"},
                 {&mariadb_dialect, "observer", observer},
                 {&mariadb_dialect, "installer", "GRANT CREATE ON `shop`.* TO infill_installer\n"},
                 {&sqlite_dialect, "worker", ""}};
    struct arena arena;
    struct err err;
    arena_init(&arena);
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct ledger *ledger = NULL;
        const char **list = NULL;
        size_t count = 0;
        assert_int_equal(ledger_new(cases[i].dialect, &sqlite_file_tx, &ledger, &err), 0);
        assert_int_equal(ledger_grants(ledger, cases[i].role, "shop", &arena, &list, &count, &err), 0);
        assert_string_equal(joined(&arena, list, count), cases[i].expected);
        ledger_free(ledger);
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(installing_again_changes_nothing), cmocka_unit_test(half_a_ledger_is_completed),
        cmocka_unit_test(many_processes_install_at_once),   cmocka_unit_test(a_ledger_in_use_is_not_removed),
        cmocka_unit_test(a_state_that_is_none_is_refused),  cmocka_unit_test(a_busy_table_keeps_room_in_its_pages),
        cmocka_unit_test(a_role_may_do_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
