/* install.c - the ledger's tables: making them, asking for them, removing them. */
#include "base/buf.h"
#include "base/text.h"
#include "ledger/call.h"

/* $text, $name and $time are the dialect's column types; the rest is a template. A run's state is also set by hand, so what is no state is
 * refused there. Range rows change with every batch: where that leaves dead versions behind, their pages keep room for the next. */
static const char *const tables[] = {
    "CREATE TABLE IF NOT EXISTS {run} ([run] BIGINT NOT NULL PRIMARY KEY, [plan] $name NOT NULL UNIQUE, [environment] $name NOT "
    "NULL, "
    "[profile] $name NOT NULL, [meaning] $name NOT NULL, [meaning_text] $text NOT NULL, [fingerprint] $name NOT NULL, "
    "[fingerprint_text] $text NOT NULL, [format] INT NOT NULL, [state] $name NOT NULL "
    "CHECK ([state] IN ('running', 'paused', 'stopped', 'halted', 'done')), [reason] $text, [generation] BIGINT NOT "
    "NULL, "
    "[settings] $text NOT NULL, [live] $text NULL, [version] $name NOT NULL, [created_by] $name NOT NULL, [created_at] $time NOT "
    "NULL, "
    "[updated_at] $time NOT NULL, [ended_at] $time NULL)",
    "CREATE TABLE IF NOT EXISTS {fill} ([run] BIGINT NOT NULL, [fill] $name NOT NULL, [fill_no] INT NOT NULL, [source] $text NOT "
    "NULL, "
    "[target] $text NOT NULL, [in_place] INT NOT NULL, [state] $name NOT NULL, [frontier] $text, [high_water] $text, [until_key] "
    "$text, [from_key] "
    "$text, [had_extra] INT, "
    "[ranges] BIGINT NOT NULL, [row_estimate] BIGINT NOT NULL, [started_at] $time NULL, [filled_at] $time NULL, "
    "PRIMARY KEY ([run], [fill]))",
    "CREATE TABLE IF NOT EXISTS {range} ([run] BIGINT NOT NULL, [fill] $name NOT NULL, [range_no] BIGINT NOT NULL, [attempt] INT "
    "NOT NULL, "
    "[lo] $text, [hi] $text NOT NULL, [cursor] $text, [last_lo] $text, [state] $name NOT NULL, [owner] $text, [epoch] BIGINT NOT "
    "NULL, "
    "[batch_no] BIGINT NOT NULL, [keep] INT NOT NULL, [had_extra] INT, [lease_until] $time NULL, [parked_until] $time NULL, [seen] "
    "BIGINT NOT NULL, "
    "[written] BIGINT NOT NULL, [same] BIGINT NOT NULL, [kept] BIGINT NOT NULL, [rejected] BIGINT NOT NULL, [tries] INT NOT NULL, "
    "[last_error] $text, [error_at] $time NULL, [settled_at] $time NULL, [started_at] $time NOT NULL, "
    "[updated_at] $time NOT NULL, [filled_at] $time NULL, PRIMARY KEY ([run], [fill], [range_no], [attempt]))",
    "CREATE TABLE IF NOT EXISTS {reject} ([run] BIGINT NOT NULL, [fill] $name NOT NULL, [key_hash] $name NOT NULL, [key] $text NOT "
    "NULL, "
    "[range_no] BIGINT NOT NULL, [class] $name NOT NULL, [sqlstate] $name, [constraint] $text, [state] $name NOT NULL, "
    "[tries] INT NOT NULL, [at] $time NOT NULL, PRIMARY KEY ([run], [fill], [key_hash]))",
    "CREATE TABLE IF NOT EXISTS {finding} ([run] BIGINT NOT NULL, [fill] $name NOT NULL, [key_hash] $name NOT NULL, [key] $text "
    "NOT NULL, "
    "[range_no] BIGINT NOT NULL, [kind] $name NOT NULL, [columns] $text, [state] $name NOT NULL, [at] $time NOT NULL, "
    "PRIMARY KEY ([run], [fill], [range_no], [key_hash]))",
    "CREATE TABLE IF NOT EXISTS {pass} ([run] BIGINT NOT NULL, [pass] BIGINT NOT NULL, [scope] $text NOT NULL, [seed] $name NOT "
    "NULL, "
    "[state] $name NOT NULL, [verdict] $name, [detail] $text, [actor] $name NOT NULL, [started_at] $time NOT NULL, [ended_at] "
    "$time "
    "NULL, "
    "PRIMARY KEY ([run], [pass]))",
    "CREATE TABLE IF NOT EXISTS {verdict} ([run] BIGINT NOT NULL, [fill] $name NOT NULL, [range_no] BIGINT NOT NULL, [pass] BIGINT "
    "NOT "
    "NULL, "
    "[verdict] $name NOT NULL, [reason] $text NOT NULL, [detail] $text NOT NULL, [at] $time NOT NULL, "
    "PRIMARY KEY ([run], [fill], [range_no]))",
    "CREATE TABLE IF NOT EXISTS {pace} ([run] BIGINT NOT NULL, [process] $name NOT NULL, [reason] $name NOT NULL, [owner] $text "
    "NOT "
    "NULL, [state] $name NOT NULL, [detail] $text NOT NULL, [percent] INT NOT NULL, [waited_ms] BIGINT NOT NULL, [slowed_ms] "
    "BIGINT "
    "NOT NULL, [since] $time NOT NULL, [at] $time NOT NULL, PRIMARY KEY ([run], [process], [reason]))",
    "CREATE TABLE IF NOT EXISTS {notice} ([run] BIGINT NOT NULL, [id] $name NOT NULL, [hook] INT NOT NULL, [event] $name NOT NULL, "
    "[document] $text NOT NULL, [state] $name NOT NULL, [tries] INT NOT NULL, [error] $text, [at] $time NOT NULL, [next_at] $time "
    "NOT NULL, [ended_at] $time NULL, PRIMARY KEY ([run], [id], [hook]))",
    "CREATE TABLE IF NOT EXISTS {event} ([run] BIGINT NOT NULL, [seq] BIGINT NOT NULL, [at] $name NOT NULL, [actor] $name NOT "
    "NULL, "
    "[what] $name NOT NULL, [detail] $text NOT NULL, [prev_hash] $name NOT NULL, [hash] $name NOT NULL, PRIMARY KEY ([run], "
    "[seq]))",
};
enum { TABLES = sizeof tables / sizeof tables[0], RANGE_TABLE = 2 };

static const char *const drops[] = {"DROP TABLE IF EXISTS {event}",   "DROP TABLE IF EXISTS {notice}",
                                    "DROP TABLE IF EXISTS {verdict}", "DROP TABLE IF EXISTS {pace}",
                                    "DROP TABLE IF EXISTS {pass}",    "DROP TABLE IF EXISTS {finding}",
                                    "DROP TABLE IF EXISTS {reject}",  "DROP TABLE IF EXISTS {range}",
                                    "DROP TABLE IF EXISTS {fill}",    "DROP TABLE IF EXISTS {run}"};
enum { DROPS = sizeof drops / sizeof drops[0] };

static void column_types(const struct sql_dialect *dialect, const char *template, struct buf *out) {
    const struct {
        const char *mark, *type;
    } types[] = {{"$text", dialect->ddl_text}, {"$name", dialect->ddl_name}, {"$time", dialect->ddl_time}};
    for (const char *c = template; *c;) {
        size_t i = 0;
        while (i < 3 && !text_starts(c, types[i].mark))
            i++;
        buf_add(out, i < 3 ? types[i].type : "");
        if (i == 3)
            buf_add_char(out, *c);
        c += i < 3 ? strlen(types[i].mark) : 1;
    }
}

static int render(const struct ledger *ledger, const char *template, const char *end, struct arena *arena, const char **out,
                  struct err *err) {
    struct buf typed;
    struct stmt stmt;
    buf_init(&typed);
    stmt_init(&stmt, ledger->dialect);
    column_types(ledger->dialect, template, &typed);
    buf_add(&typed, end);
    int rc = buf_ok(&typed) ? stmt_template(&stmt, ledger->dialect, typed.data, err) : err_nomem(err);
    *out = rc == 0 ? arena_strdup(arena, stmt.text.data) : NULL;
    stmt_release(&stmt);
    buf_release(&typed);
    return rc == 0 && *out == NULL ? err_nomem(err) : rc;
}

int ledger_ddl(const struct ledger *ledger, struct arena *arena, const char ***statements, size_t *count, struct err *err) {
    const char **list = arena_array(arena, TABLES + 1, sizeof *list);
    *count = 0;
    if (list == NULL)
        return err_nomem(err);
    if (ledger->dialect->ledger_schema)
        list[(*count)++] = arena_printf(arena, "CREATE SCHEMA IF NOT EXISTS %s", ledger->dialect->ledger_schema);
    int rc = 0;
    for (size_t i = 0; i < TABLES && rc == 0; i++)
        rc = render(ledger, tables[i], i == RANGE_TABLE ? ledger->dialect->ddl_busy_end : ledger->dialect->ddl_end, arena,
                    &list[(*count)++], err);
    *statements = list;
    return rc;
}

int ledger_drop_ddl(const struct ledger *ledger, struct arena *arena, const char ***statements, size_t *count, struct err *err) {
    const char **list = arena_array(arena, DROPS + 1, sizeof *list);
    *count = 0;
    if (list == NULL)
        return err_nomem(err);
    int rc = 0;
    for (size_t i = 0; i < DROPS && rc == 0; i++)
        rc = render(ledger, drops[i], "", arena, &list[(*count)++], err);
    if (ledger->dialect->ledger_schema)
        list[(*count)++] = arena_printf(arena, "DROP SCHEMA IF EXISTS %s", ledger->dialect->ledger_schema);
    *statements = list;
    return rc;
}

/* A table that may not be read is there: the error then is about the privilege. */
int ledger_is_installed(const struct ledger *ledger, struct db *db, bool *installed, struct err *err) {
    struct arena arena;
    struct sql_table *table;
    arena_init(&arena);
    char name[64];
    snprintf(name, sizeof name, "%sevent", ledger->dialect->ledger_prefix);
    int rc = db_describe(db, ledger->dialect->ledger_schema, name, &arena, &table, err);
    *installed = rc == 0;
    if (rc == ERR_NOT_FOUND) {
        err_clear(err);
        rc = 0;
    }
    arena_release(&arena);
    return rc;
}

/* Others may be creating the same tables at this moment; the engine then says that they exist, or that it lost a race in its catalog. */
static int create(struct db *db, const char *sql, struct err *err) {
    enum { RACES = 10 };
    int rc = 0;
    for (int i = 0; i < RACES; i++) {
        err_clear(err);
        rc = db_script(db, sql, err);
        if (rc != ERR_DUPLICATE && rc != ERR_TRANSIENT && rc != ERR_LOCKED && rc != ERR_SQL)
            return rc;
        if (rc == ERR_SQL && strncmp(err->sqlstate, "42P0", 4) != 0 && strcmp(err->sqlstate, "42710") != 0)
            return rc;
    }
    return rc;
}

int ledger_install(const struct ledger *ledger, struct db *db, struct err *err) {
    struct arena arena;
    const char **ddl = NULL;
    size_t count = 0;
    arena_init(&arena);
    int rc = ledger_ddl(ledger, &arena, &ddl, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = create(db, ddl[i], err);
    if (rc)
        err_where(err, "creating the ledger");
    arena_release(&arena);
    return rc;
}

static int check_not_in_use(const struct ledger *ledger, struct db *db, struct arena *arena, struct err *err) {
    struct call count = {.statement = LS_RUN_NOT_DONE, .rows = true};
    int rc = ledger_calls(ledger, db, DB_ONE_TX, &ledger->read_tx, &count, 1, arena, err);
    int64_t open = call_cell_int(&count, 0, 0, 0);
    if (rc || open == 0)
        return rc;
    err_set(err, ERR_REFUSED, "%lld run%s of this ledger %s not done", (long long)open, open == 1 ? "" : "s",
            open == 1 ? "is" : "are");
    err_next(err, "nothing was removed; finish it, or give up its checkpoints with infill uninstall PLAN --force");
    return ERR_REFUSED;
}

int ledger_uninstall(const struct ledger *ledger, struct db *db, bool force, struct err *err) {
    struct arena arena;
    const char **ddl = NULL;
    size_t count = 0;
    arena_init(&arena);
    int rc = force ? 0 : check_not_in_use(ledger, db, &arena, err);
    if (rc == 0)
        rc = ledger_drop_ddl(ledger, &arena, &ddl, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = db_script(db, ddl[i], err);
    arena_release(&arena);
    return rc;
}

/* What the worker may do; the log of events is append-only for him. The observer may read. */
static const struct {
    const char *table, *worker;
} rights[] = {{"run", "SELECT, INSERT, UPDATE"},
              {"fill", "SELECT, INSERT, UPDATE"},
              {"range", "SELECT, INSERT, UPDATE"},
              {"reject", "SELECT, INSERT, UPDATE, DELETE"},
              {"finding", "SELECT, INSERT, UPDATE, DELETE"},
              {"pass", "SELECT, INSERT, UPDATE"},
              {"verdict", "SELECT, INSERT, UPDATE, DELETE"},
              {"pace", "SELECT, INSERT, UPDATE"},
              {"notice", "SELECT, INSERT, UPDATE"},
              {"event", "SELECT, INSERT"}};
enum { RIGHTS = sizeof rights / sizeof rights[0] };

/* The words of "SELECT, INSERT" one by one. */
static int split_rights(const struct sql_table *table, const char *words, struct arena *arena, struct ledger_right *needs,
                        size_t room, size_t *count, struct err *err) {
    while (*words) {
        size_t len = strcspn(words, ", ");
        if (len > 0) {
            if (*count == room)
                return err_set(err, ERR_INTERNAL, "more rights on the ledger than there is room for");
            const char *right = arena_memdup(arena, words, len);
            if (right == NULL)
                return err_nomem(err);
            needs[(*count)++] = (struct ledger_right){table, right};
        }
        words += len + (words[len] != '\0');
    }
    return 0;
}

int ledger_rights(const struct ledger *ledger, struct db *db, struct arena *arena, struct ledger_right *needs, size_t room,
                  size_t *count, struct err *err) {
    *count = 0;
    for (size_t i = 0; i < RIGHTS; i++) {
        struct sql_table *table;
        const char *name = arena_printf(arena, "%s%s", ledger->dialect->ledger_prefix, rights[i].table);
        if (name == NULL)
            return err_nomem(err);
        int rc = db_describe(db, ledger->dialect->ledger_schema, name, arena, &table, err);
        if (rc == 0)
            rc = split_rights(table, rights[i].worker, arena, needs, room, count, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* What each role may do with the ledger; engines without roles have no grants. */
int ledger_grants(const struct ledger *ledger, const char *role, const char *database, struct arena *arena,
                  const char ***statements, size_t *count, struct err *err) {
    const struct sql_dialect *dialect = ledger->dialect;
    const char **list = arena_array(arena, RIGHTS + 2, sizeof *list);
    *count = 0;
    *statements = list;
    if (list == NULL)
        return err_nomem(err);
    if (!dialect->locks_rows)
        return 0;
    struct buf text;
    buf_init(&text);
    if (text_equal(role, "installer")) {
        if (dialect->ledger_schema) {
            buf_add(&text, "GRANT CREATE ON DATABASE ");
            sql_ident(dialect, &text, database);
        } else {
            buf_add(&text, "GRANT CREATE ON ");
            sql_ident(dialect, &text, database);
            buf_add(&text, ".*");
        }
        buf_add(&text, " TO infill_installer");
        list[(*count)++] = arena_strdup(arena, text.data);
    } else if (dialect->ledger_schema) {
        list[(*count)++] = arena_printf(arena, "GRANT USAGE ON SCHEMA %s TO infill_%s", dialect->ledger_schema, role);
    }
    for (size_t i = 0; i < RIGHTS && !text_equal(role, "installer"); i++) {
        char full[64];
        snprintf(full, sizeof full, "%s%s", dialect->ledger_prefix, rights[i].table);
        buf_clear(&text);
        buf_printf(&text, "GRANT %s ON ", text_equal(role, "observer") ? "SELECT" : rights[i].worker);
        sql_table_name(dialect, &text, dialect->ledger_schema ? dialect->ledger_schema : database, full);
        buf_printf(&text, " TO infill_%s", role);
        list[(*count)++] = arena_strdup(arena, text.data);
    }
    if (dialect->see_transactions && text_equal(role, "worker")) /* what has to have ended before a range is settled */
        list[(*count)++] = arena_printf(arena, "GRANT %s ON *.* TO infill_worker", dialect->see_transactions);
    bool whole = buf_ok(&text);
    buf_release(&text);
    return whole ? 0 : err_nomem(err);
}
