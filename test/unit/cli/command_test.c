/* The program as a whole, linked with the fake: exit codes, which stream says what, signals, terminals. */
#include "command_fixture.h"

#include "cli_test.h"

#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/term.h"

static const struct {
    const char *fake, *arguments;
    int code;
    const char *out, *err; /* what they hold; NULL: nothing at all */
} ends[] = {
    {"", "", 2, NULL, "Usage: infill COMMAND"},
    {"", "--help", 0, "Usage: infill COMMAND", NULL},
    {"", "help", 0, "Usage: infill COMMAND", NULL},
    {"", "help run", 0, "Usage: infill run", NULL},
    {"", "help nosuch", 2, NULL, "unknown command"},
    {"", "run --help", 0, "Usage: infill run PLAN", NULL},
    {"", "--help run", 0, "Usage: infill run PLAN", NULL},
    {"", "--version", 0, "infill 0.0-fake\nengines: fake\n", NULL},
    {"", "rnu x", 2, NULL, "unknown command \"rnu\"; did you mean run?"},
    {"", "cutover x", 2, NULL, "\"cutover\" is not supported yet"},
    {"", "run", 2, NULL, "no plan: infill run PLAN"},
    {"", "run x", 0, "users_v2: filled", "2 workers"},
    {"", "run x --workers 3", 0, "filled", "3 workers"},
    {"", "run x -q", 0, "filled", "a warning"},
    {"", "run x --until 5", 2, NULL, "--fill"},
    {"", "run x --fill users --until 5", 0, "filled", ""},
    {"", "run x --range 17..19 --again", 0, "filled", "warning: 17..19"},
    {"open", "run x --range 17 --again", 0, "not finished", ""},
    {"", "run x --range 17", 2, NULL, "--range runs ranges once more and needs --again"},
    {"", "run x --again", 2, NULL, "--again needs --range"},
    {"", "run x --fill users --from 5 --range 17 --again", 2, NULL, "do not go with it"},
    {"", "plan x --rehearse", 0, "1h 06m (90%: 1h 00m to 2h 00m)", "dust"},
    {"", "plan x --rehearse", 0, "--set batch.rows=800 --set workers=1 --set pace.rows_per_second=20000", ""},
    {"", "plan x --rehearse", 0, "  log         at most 200 bytes a row, 400,000,000 bytes for the whole fill\n", ""},
    {"", "plan x --rehearse", 0, "  done within 2h\n", ""},
    {"paced", "plan x --rehearse", 0, "--set batch.rows=800 --set workers=1 at the plan's pace of 500 rows/s\n", ""},
    {"paced", "plan x --rehearse", 0, "  server took more in the rehearsal: pace.rows_per_second=20000 would keep", ""},
    {"", "plan x --rehearse", 0, "every rehearsed batch was rolled back", ""},
    {"", "check x", 0, "✓ key", NULL},
    {"", "check x", 0, "way back", NULL},
    {"", "check x --accept disk", 0, "(accepted)", NULL},
    {"", "check x --accept disc", 2, NULL, "nothing on the checklist"},
    {"fail", "check x.yaml", 8, "room\\x1b[31m", NULL},
    {"fail", "check x.yaml", 8, "fix: df", NULL},
    {"", "parity x staging prod --no-probe", 0, "verdict: comparable; 1 equal", NULL},
    {"", "parity x staging prod", 0, "comparable", "the probe commits"},
    {"", "parity x staging prod --no-probe --all", 0, "engine", NULL},
    {"differ", "parity x staging prod", 4, "not in how fast", "the probe"},
    {"fail", "parity x.yaml staging prod", 4,
     "fsync\\x1b[31m  off      -\n          no commit waits\n          fix: infill check x.yaml\n", "the probe"},
    {"unverified", "parity x staging prod", 1, "not everything could be told", "the probe"},
    {"lost", "parity x staging prod", 5, NULL, "where: environment prod"},
    {"", "parity x", 2, NULL, "two of its environments"},
    {"", "parity x staging", 2, NULL, "two of its environments"},
    {"", "parity x staging prod demo", 2, NULL, "one word too many"},
    {"", "parity x prod prod", 2, NULL, "like itself"},
    {"", "parity x staging prod --env lab", 2, NULL, "parity compares two"},
    {"careful", "run x.yaml", 8, NULL, "next: nothing was done; infill run x.yaml --yes"},
    {"careful", "run x --yes", 0, "filled", "verdict: pass"},
    {"careful", "run x --yes -q", 0, "filled", ""},
    {"fails", "run x.yaml --yes", 8, NULL, "infill check x.yaml"},
    {"fails", "run x.yaml --yes -q", 8, NULL, "✗ disk"},
    {"fails", "run x --yes --accept disk", 0, "filled", "(accepted)"},
    {"invalid", "run x", 2, NULL, "did you mean 'fills'?"},
    {"refused", "run x", 8, NULL, "where: fill users"},
    {"halted", "run x.yaml", 8, NULL, "next: infill resume x.yaml --because"},
    {"rejects", "run x", 3, "2 open", ""},
    {"lost", "run x", 5, "not finished", "(SQLSTATE 57P01)"},
    {"busy", "run x --exclusive", 6, "not finished", "every open range"},
    {"stopped", "run x", 7, "not finished", ""},
    {"open", "run x", 5, "not finished", ""},
    {"open", "run x --fill users", 0, "not finished", ""},
    {"", "plan x", 0, "verdict: warn", NULL},
    {"", "plan x -v", 0, "CREATE TABLE r", "asked the catalog"},
    {"fail", "plan x", 8, "✗ key: no index", NULL},
    {"", "plan x --table nosuch", 1, NULL, "nosuch"},
    {"", "plan --schema", 0, "json-schema.org", NULL},
    {"", "plan x --origins", 0, "SETTING", NULL},
    {"", "plan x --output /no/such/folder/out.json", 1, "verdict", "/no/such/folder"},
    {"", "status x.yaml", 0, "next: infill run x.yaml", NULL},
    {"nothing", "status x", 1, NULL, "no run of users_v2"},
    {"", "pause x", 0, "users_v2: paused (was running)", NULL},
    {"", "set x batch.rows=800 pace.rows_per_second=2000", 0, "pace.rows_per_second: 2000 (was unlimited)", NULL},
    {"unknown", "set x a=1 b=2", 2, NULL, "nothing was changed"},
    {"", "set x", 2, NULL, "name the settings"},
    {"", "stop x", 0, "stopped (was running)", NULL},
    {"", "resume x", 0, "running already", NULL},
    {"stopped", "resume x", 2, NULL, "--because"},
    {"", "rejects x", 0, "0 open", NULL},
    {"rejects", "rejects x", 0, "[\"7\"]", NULL},
    {"", "rejects x --retry", 0, "2 written", NULL},
    {"rejects", "rejects x --retry", 3, "1 still open", NULL},
    {"rejects", "rejects x --accept 7 8 --because junk", 0, "accepted 2", NULL},
    {"rejects", "rejects x --accept 7 --accept 8 9 --because junk --fill users", 0, "accepted 3", NULL},
    {"rejects", "rejects x --accept 7 999 --because junk", 1, NULL, "no reject 999"},
    {"", "rejects x --accept 7 --because junk", 2, NULL, "which fill"},
    {"rejects", "rejects x --accept 7", 2, NULL, "needs a reason"},
    {"", "rejects --help", 0, "required with --accept", NULL},
    {"", "rejects --help", 0, "--because \"test accounts\"", NULL},
    {"rejects", "rejects x --accept 7 --retry --because junk", 2, NULL, "do not go together"},
    {"", "rejects x 7", 2, NULL, "one word too many"},
    {"", "verify x", 0, "users_v2: match: ", "2 workers"},
    {"", "verify x -q", 0, "match", "fill -, ranges -, keys -, only -"},
    {"", "verify x -q --fill users --range 17..19 --only counts,digest --restart", 0, "match",
     "fill users, ranges 17..19, keys -, only counts,digest, restart"},
    {"", "verify x --keys 1000..2000 --sample", 0, "match", "keys 1000..2000, only -, sample"},
    {"", "verify x --keys 1..2 --range 3", 2, NULL, "do not go together"},
    {"", "verify x --read-from source", 0, "match", ""},
    {"", "verify x --read-from replica", 0, "match", ""},
    {"", "verify x --read-from elsewhere", 2, NULL, "source or replica"},
    {"", "verify", 2, NULL, "no plan: infill verify PLAN"},
    {"differ", "verify x.yaml", 4, "next: infill repair x.yaml --dry-run", ""},
    {"differ", "verify x", 4, "different  paid_at\n", ""},
    {"changed", "verify x", 5, "changed during the check", ""},
    {"unverified", "verify x", 1, "not everything could be compared", ""},
    {"partial", "verify x", 1, "its type has no canonical form", ""},
    {"lost", "verify x", 5, "not everything was compared yet", "server closed the connection"},
    {"refused", "verify x", 8, NULL, "where: fill users"},
    {"nothing", "verify x", 1, NULL, "no run of users_v2"},
    {"", "verify x --self-test", 0, "1 of 1 kinds", NULL},
    {"", "verify x --self-test", 0, "NULL against ''  seen  1 of 1", ""},
    {"", "verify x --self-test -v", 0, "misses 0 of them", "scratch copies"},
    {"blind", "verify x --self-test", 1, "one ulp          UNSEEN  3 of 40", "1 of 2 kinds of damage go unseen"},
    {"blind", "verify x --self-test --json", 1, "\"seen_by_xor_crc\":false", "prove nothing"},
    {"", "verify x --self-test --fill users", 2, NULL, "nothing is selected"},
    {"", "repair x", 0, "users_v2: 3 findings, none left\n  rows        3 repaired, 0 already right, 0 deleted\n", NULL},
    {"", "repair x -v", 0, "untouched\n", "range 2: 3 keys"},
    {"", "repair x --dry-run", 4,
     "users_v2: 3 findings; nothing was written\n"
     "  write       1 missing, 1 different\n  leave       1 extra; --delete-extra deletes the extra ones\n",
     NULL},
    {"", "repair x --dry-run --delete-extra", 4, "  write       1 missing, 1 different\n  delete      1 extra\n", NULL},
    {"left", "repair x.yaml", 4, "3 findings, 1 left", NULL},
    {"left", "repair x.yaml", 4, "next: infill repair x.yaml --delete-extra", NULL},
    {"left", "repair x --delete-extra", 0, "none left", NULL},
    {"touched", "repair x", 1, "NOT PROVEN untouched", NULL},
    {"nothing", "repair x --fill users", 1, NULL, "no run of users_v2"},
    {"", "report x", 0, "users_v2: match: ", NULL},
    {"", "report x --html /no/such/folder/report.html", 1, "match", "/no/such/folder"},
    {"", "report x -q --html /dev/null", 0, "match", NULL},
    {"nothing", "report x", 1, NULL, "no run of users_v2"},
    {"", "install x", 0, "the ledger is installed", NULL},
    {"", "install x --print-sql", 0, "CREATE TABLE infill_run (run int);\n", NULL},
    {"", "uninstall x", 0, "the ledger is removed", NULL},
    {"slow", "uninstall x", 8, NULL, "--force"},
    {"slow", "uninstall x --force", 0, "removed", NULL},
    {"", "explain", 0, "LOCKED", NULL},
    {"", "explain LOCKED", 0, "(exit code 5)", NULL},
    {"", "explain LOCKD", 2, NULL, "did you mean LOCKED?"},
    {"", "init sqlite:a.db", 2, NULL, "--from"},
    {"", "init", 2, NULL, "URL"},
    {"", "init sqlite:a.db --from a --into b", 0, "    into: b\n", NULL},
    {"", "init postgresql://u:hunter2@h/d --from a", 2, NULL, "password"},
    {"", "run x --set source.url=postgresql://u:hunter2@h/d", 2, NULL, "password"},
    {"", "completion", 2, NULL, "bash, zsh and fish"},
    {"", "completion bash", 0, "complete -o filenames -F _infill infill", NULL},
    {"", "man", 0, "# EXIT CODES", NULL},
};

static void every_end_has_its_exit_code(void **state) {
    struct called called;
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(ends); i++) {
        command_call(&called, ends[i].fake, ends[i].arguments);
        if (called.code != ends[i].code)
            fail_msg("infill %s (%s): exit code %d, not %d\n%s%s", ends[i].arguments, ends[i].fake, called.code, ends[i].code,
                     called.out, called.err);
        if (ends[i].out != NULL)
            assert_contains(called.out, ends[i].out);
        else
            assert_string_equal(called.out, "");
        if (ends[i].err != NULL)
            assert_contains(called.err, ends[i].err);
        else
            assert_string_equal(called.err, "");
        assert_lacks(called.out, "hunter2");
        assert_lacks(called.err, "hunter2");
        assert_lacks(called.out, "\033");
        assert_lacks(called.err, "\033");
    }
}

static void json_is_json_whatever_happens(void **state) {
    static const struct {
        const char *fake, *arguments, *last_type; /* NULL: a document without a type */
    } cases[] = {
        {"", "run x --json", "summary"},
        {"lost", "run x --json", "error"},
        {"refused", "run x --json", "error"},
        {"stopped", "run x --json", "summary"},
        {"", "plan x --json", NULL},
        {"fail", "plan x --json", NULL},
        {"", "status x --json", NULL},
        {"nothing", "status x --json", "error"},
        {"", "pause x --json", NULL},
        {"", "rejects x --json", NULL},
        {"", "rejects x --retry --json", NULL},
        {"", "verify x --json", "summary"},
        {"differ", "verify x --json", "summary"},
        {"lost", "verify x --json", "error"},
        {"refused", "verify x --json", "error"},
        {"", "verify x --only counts --keys 1 --range 2 --json", "error"},
        {"blind", "verify x --self-test --json", NULL},
        {"left", "repair x --json", NULL},
        {"nothing", "repair x --json", "error"},
        {"", "report x --json", NULL},
        {"nothing", "report x --json", "error"},
        {"", "install x --json", NULL},
        {"", "install x --print-sql --json", NULL},
        {"", "uninstall x --json", NULL},
        {"", "explain --json", NULL},
        {"", "explain FULL --json", NULL},
        {"", "plan x --origins --json", NULL},
        {"", "init u --from a --json", NULL},
        {"invalid", "run x --json", "error"},
    };
    struct called called;
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        char *rest = NULL;
        const char *type = NULL;
        json_t *document = NULL;
        command_call(&called, cases[i].fake, cases[i].arguments);
        for (char *line = strtok_r(called.out, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
            json_decref(document);
            document = json_loads(line, 0, NULL);
            if (document == NULL)
                fail_msg("infill %s: not JSON: %s", cases[i].arguments, line);
            type = json_string_value(json_object_get(document, "type"));
        }
        assert_non_null(document);
        assert_string_equal(type != NULL ? type : "none", cases[i].last_type != NULL ? cases[i].last_type : "none");
        json_decref(document);
    }
}

static void a_signal_drains(void **state) {
    static const struct {
        const char *fake;
        int number, code;
    } cases[] = {{"slow", SIGINT, 130}, {"slow", SIGTERM, 143}, {"slow", SIGHUP, 129}, {"paused", SIGINT, 130}};
    struct called called;
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        command_start(&called, cases[i].fake, "run x");
        command_wait_for(&called, "2 workers");
        kill(called.pid, cases[i].number);
        command_finish(&called);
        assert_int_equal(called.code, cases[i].code);
        assert_contains(called.err, "draining");
        assert_contains(called.out, "not finished");
    }
}

static void the_second_signal_cancels(void **state) {
    struct called called;
    (void)state;
    command_start(&called, "stuck", "run x");
    command_wait_for(&called, "2 workers");
    kill(called.pid, SIGTERM);
    command_wait_for(&called, "draining");
    kill(called.pid, SIGHUP); /* comes by itself, and cancels nothing */
    kill(called.pid, SIGINT);
    command_finish(&called);
    assert_int_equal(called.code, 143);
    assert_contains(called.err, "cancelling");
}

/* The rows are there, but somebody who must be told does not answer: the wait for him ends when it is asked to, and the code says so. */
static void the_second_signal_ends_the_wait_for_hooks(void **state) {
    struct called called;
    (void)state;
    command_start(&called, "untold", "run x");
    command_wait_for(&called, "2 workers");
    kill(called.pid, SIGINT);
    command_wait_for(&called, "draining");
    kill(called.pid, SIGINT);
    command_finish(&called);
    assert_true(called.code == 5 || called.code == 130); /* 130: the first one came before the last batch */
    assert_contains(called.out, "1 still to be told");
}

static void a_verification_answers_signals_likewise(void **state) {
    static const struct {
        const char *fake;
        int number, code;
    } cases[] = {{"slow", SIGINT, 130}, {"slow", SIGTERM, 143}, {"slow", SIGHUP, 129}, {"paused", SIGINT, 130}};
    struct called called;
    (void)state;
    for (size_t i = 0; i < CLI_COUNT(cases); i++) {
        command_start(&called, cases[i].fake, "verify x");
        command_wait_for(&called, "2 workers");
        kill(called.pid, cases[i].number);
        command_finish(&called);
        assert_int_equal(called.code, cases[i].code);
        assert_contains(called.err, "draining; the slices at hand are compared to their end");
        assert_contains(called.out, "not everything was compared yet");
    }
    command_start(&called, "stuck", "verify x");
    command_wait_for(&called, "2 workers");
    kill(called.pid, SIGINT);
    command_wait_for(&called, "draining");
    kill(called.pid, SIGINT);
    command_finish(&called);
    assert_int_equal(called.code, 130);
    assert_contains(called.err, "cancelling the slices");
    assert_lacks(called.err, "infill explain CANCELLED");
}

static void an_ignored_signal_stays_ignored(void **state) {
    struct called called;
    (void)state;
    signal(SIGHUP, SIG_IGN);
    command_start(&called, "slow", "run x");
    signal(SIGHUP, SIG_DFL);
    command_wait_for(&called, "2 workers");
    kill(called.pid, SIGHUP);
    kill(called.pid, SIGTERM);
    command_finish(&called);
    assert_int_equal(called.code, 143);
    assert_lacks(called.err, "hung up");
}

static void standing_still_is_said_in_a_log(void **state) {
    struct called called;
    (void)state;
    command_start(&called, "paused", "run x");
    command_wait_for(&called, "waiting: paused");
    kill(called.pid, SIGINT);
    command_finish(&called);
    assert_int_equal(called.code, 130);
}

static void a_full_disk_is_no_success(void **state) {
    int status = 0;
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char program[512];
        char word[] = "explain";
        char *argv[] = {program, word, NULL};
        int full = open("/dev/full", O_WRONLY);
        snprintf(program, sizeof program, "%s", command_program);
        dup2(full, STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        execv(program, argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void the_page_is_written_whole(void **state) {
    char path[] = "/tmp/infill-report-XXXXXX";
    char arguments[128];
    static char page[SAID_MAX];
    struct called called;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(arguments, sizeof arguments, "report users.yaml --html %s", path);
    command_call(&called, "", arguments);
    assert_int_equal(called.code, 0);
    assert_contains(called.err, "written to ");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(page, 1, sizeof page - 1, file);
    page[len] = '\0';
    fclose(file);
    unlink(path);
    assert_int_equal(strncmp(page, "<!doctype html>", 15), 0);
    assert_contains(page, "--on-square"); /* the style is in it */
    assert_contains(page, "Source and target match");
    assert_contains(page, "</html>\n");
}

/* Reads the terminal until `part` was drawn `times`, or to its end; a terminal that is gone reads as an error. */
static void read_terminal(int master, char *text, const char *part, unsigned times) {
    for (;;) {
        unsigned count = 0;
        size_t len = strlen(text);
        for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
            count++;
        ssize_t got = count < times ? read(master, text + len, SAID_MAX - 1 - len) : 0;
        if (got <= 0)
            return;
        text[len + (size_t)got] = '\0';
    }
}

static void the_progress_line_fits(const char *arguments) {
    static char text[SAID_MAX];
    struct called called;
    int status = 0;
    char *rest = NULL;
    memset(text, 0, sizeof text);
    int master = command_on_terminal(&called, "slow", arguments, 50);
    read_terminal(master, text, "rows", 4);
    assert_contains(text, "\033[K");
    kill(called.pid, SIGINT);
    read_terminal(master, text, "no such words", 1);
    assert_int_equal(waitpid(called.pid, &status, 0), called.pid);
    close(master);
    assert_int_equal(WEXITSTATUS(status), 130);
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        char *end = strstr(line, "\033[K");
        if (end == NULL || strstr(line, " rows") == NULL)
            continue;
        *end = '\0';
        assert_true(term_width(line) < 50);
    }
}

/* What is typed at the question, and what comes of it. */
static int answer(const char *typed, const char *expected) {
    static char text[SAID_MAX];
    struct called called;
    int status = 0;
    memset(text, 0, sizeof text);
    int master = command_on_terminal(&called, "careful", "run x", 100);
    read_terminal(master, text, "to start:", 1);
    assert_contains(text, "verdict: pass");
    assert_true(write(master, typed, strlen(typed)) == (ssize_t)strlen(typed));
    read_terminal(master, text, "no such words", 1);
    assert_int_equal(waitpid(called.pid, &status, 0), called.pid);
    close(master);
    assert_contains(text, expected);
    return WEXITSTATUS(status);
}

static void the_plans_name_is_typed(void **state) {
    (void)state;
    assert_int_equal(answer("users_v2\n", "filled"), 0);
    assert_int_equal(answer("users\n", "that is not the plan's name"), 8);
    assert_int_equal(answer("\n", "nothing was done"), 8);
    assert_int_equal(answer("\004", "nothing was done"), 8); /* Ctrl-D */
}

static void the_progress_line_fits_its_terminal(void **state) {
    (void)state;
    the_progress_line_fits("run x");
    the_progress_line_fits("verify x");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_has_its_exit_code),
        cmocka_unit_test(json_is_json_whatever_happens),
        cmocka_unit_test(a_signal_drains),
        cmocka_unit_test(the_second_signal_cancels),
        cmocka_unit_test(the_second_signal_ends_the_wait_for_hooks),
        cmocka_unit_test(a_verification_answers_signals_likewise),
        cmocka_unit_test(an_ignored_signal_stays_ignored),
        cmocka_unit_test(standing_still_is_said_in_a_log),
        cmocka_unit_test(a_full_disk_is_no_success),
        cmocka_unit_test(the_page_is_written_whole),
        cmocka_unit_test(the_plans_name_is_typed),
        cmocka_unit_test(the_progress_line_fits_its_terminal),
    };
    if (argc != 2)
        return 2;
    static const int sent[] = {SIGHUP, SIGINT, SIGTERM};
    for (size_t i = 0; i < CLI_COUNT(sent); i++)
        signal(sent[i], SIG_DFL); /* a caller like nohup ignores some, and the programs started here would go on doing so */
    command_program = argv[1];
    unsetenv("INFILL_PLAN");
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("cli/command", tests, NULL, NULL);
}
