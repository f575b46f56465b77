"""infill parity: two databases as two environments of one plan; each difference is planted, and nothing is left behind."""
import contextlib
import signal
import time

import pytest
import yaml

import databases
import infill as program
import servers
import users
from proxy import FaultProxy

READ_ONLY = ("--no-probe", "--no-rehearse")


class Comparison:
    """What infill parity said of the environments staging and prod."""

    def __init__(self, infill, *arguments, code=None, settings=()):
        self.result = infill.call("parity", "staging", "prod", "--json", *arguments, code=code, settings=settings)
        self.document = self.result.json
        self.lines = self.document["lines"]

    def differences(self):
        return {(line["compare"], line["subject"]): line for line in self.lines if line["verdict"] != "pass"}

    def line(self, compare, subject):
        found = [line for line in self.lines if line["compare"] == compare and line["subject"] == subject]
        assert len(found) == 1, f"{len(found)} lines {compare} {subject}\n{self.result}"
        return found[0]

    def expect(self, compare, subject, verdict, *words, values=None):
        line = self.line(compare, subject)
        assert line["verdict"] == verdict, f"{line}\n{self.result}"
        text = f"{line['message']} {line['next']} {line['values']}"
        for word in words:
            assert word in text, f"{word} is not in: {line}"
        if values is not None:
            assert line["values"] == values, line
        return line


@pytest.fixture
def compared(tmp_path):
    """compared(a, b, …) -> Infill on a plan whose environments staging and prod are these databases (or URLs)."""
    made = []

    def plan(a, b, fills=None, staging=None, prod=None, **settings):
        url = lambda db: db if isinstance(db, str) else db.url
        path = tmp_path / f"parity{len(made)}.yaml"
        document = {"version": 1, "plan": "test", "fills": fills or [users.entry()],
                    "environments": {"staging": {"profile": "dev", "source": url(a), **(staging or {})},
                                     "prod": {"profile": "dev", "source": url(b), **(prod or {})}}, **settings}
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        made.append(program.Infill(path))
        return made[-1]
    yield plan
    for one in made:
        one.end()


@pytest.fixture
def pair(make_db):
    """Two databases with the same 3,000 users."""
    both = [make_db(), make_db()]
    for db in both:
        users.create(db)
        users.fill(db, range(1, 3001))
    return both


def analyze(db):
    for table in (users.SOURCE, users.TARGET):
        if db.engine == "mariadb":
            db.query(f"ANALYZE TABLE {table}")
        elif db.engine == "postgres":
            db.run(f"ANALYZE {table}")


def snapshot(db):
    """All that could have been changed: the catalog, and the rows."""
    analyze(db)
    schemas = db.query("SELECT nspname FROM pg_namespace ORDER BY 1") if db.engine == "postgres" else None
    return db.catalog(), schemas, db.query(f"SELECT * FROM {users.TARGET}"), db.ledger_tables()


@pytest.mark.lanes
def test_equal_environments(pair, compared):
    infill = compared(*pair)
    comparison = Comparison(infill, *READ_ONLY, code=0)
    assert comparison.document["verdict"] == "pass"
    assert not {key: line for key, line in comparison.differences().items() if line["verdict"] != "none"}
    counts = comparison.document["counts"]
    assert counts["pass"] > 20 and counts["warn"] == counts["fail"] == counts["unknown"] == 0
    names = {line["compare"] for line in comparison.lines}
    assert names >= {"server", "plan", "settings", "tables", "columns", "indexes", "rows", "plans"}
    text = infill.call("parity", "staging", "prod", *READ_ONLY).out
    assert f"verdict: comparable; {counts['pass']} equal" in text and "NOT NULL" not in text
    assert "NOT NULL" in infill.call("parity", "staging", "prod", "--all", *READ_ONLY).out


@pytest.mark.lanes
def test_measured_and_nothing_left_behind(pair, compared):
    """How fast the two are is up to the machine: whatever it says of that, the rest is equal, and everything is as it was."""
    before = [snapshot(db) for db in pair]
    comparison = Comparison(compared(*pair), settings=["batch.rows=100"], code=(0, 4))
    assert "the probe commits 100 transactions of one row" in comparison.result.err
    assert {compare for compare, _ in comparison.differences()} <= {"round-trip", "commits", "batches", "forecast"}
    assert all(value.endswith(" ms") for value in comparison.line("commits", "one-row transaction")["values"])
    assert all(value.endswith(" µs") for value in comparison.line("batches", "users: a row of a batch")["values"])
    assert all(value.endswith(" ms") for value in comparison.line("forecast", "users: batch of 100 rows and its commit")["values"])
    for side in comparison.document["environments"]:
        assert side["probe"].endswith("parity_probe")
        measured = side["measured"]
        for spread in (measured["round_trip_ms"], measured["commit_ms"], measured["batch_commit_ms"], measured["us_per_row"]["users"]):
            assert spread["count"] >= 10 and 0 <= spread["low"] <= spread["middle"] <= spread["high"], measured
    assert [snapshot(db) for db in pair] == before


def test_a_ledger_that_is_there_stays_as_it_is(pair, compared):
    infill = compared(*pair)
    infill.call("install", "--env", "prod")
    before = [snapshot(db) for db in pair]
    assert before[1][3] and not before[0][3]
    Comparison(infill, "--no-rehearse", code=(0, 4))
    assert [snapshot(db) for db in pair] == before


def test_a_table_of_another_probe_is_left_alone(pair, compared):
    """It may belong to somebody at work: it is not dropped, and commits are not measured."""
    db = pair[1]
    if db.engine == "postgres":
        db.run("CREATE SCHEMA infill")
    db.run(f"CREATE TABLE {db.ledger('parity_probe')} (n {{big}})")
    comparison = Comparison(compared(*pair), "--no-rehearse", code=1)
    comparison.expect("commits", "one-row transaction", "unknown", "prod: ", "another probe is at work, or one was killed")
    assert db.ledger_tables() == ["parity_probe"] and pair[0].ledger_tables() == []


def test_missing_index(pair, compared):
    pair[0].run(f"CREATE INDEX by_version ON {users.SOURCE} (version)")
    pair[1].run(f"CREATE UNIQUE INDEX by_email ON {users.TARGET} (id, cents)")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("indexes", f"{users.SOURCE}: index (version)", "warn", "not in prod", values=["by_version", None])
    comparison.expect("indexes", f"{users.TARGET}: unique (id, cents)", "fail", "not in staging", values=[None, "by_email"])


def test_an_index_under_another_name_is_the_same(pair, compared):
    for number, db in enumerate(pair):
        db.run(f"CREATE INDEX named_{number} ON {users.SOURCE} (version)")
    Comparison(compared(*pair), *READ_ONLY, code=0).expect("indexes", f"{users.SOURCE}: index (version)", "pass")


def make_target(db, column):
    db.script(f"DROP TABLE {users.TARGET}",
              f"CREATE TABLE {users.TARGET} (id {{big}} NOT NULL PRIMARY KEY, email_norm {{name}} NOT NULL, display {{name}} NOT NULL, "
              f"cents {{big}} NOT NULL, version {{int}} NOT NULL, {column})")


def test_columns(pair, compared):
    """A column that is filled must be the same; one that is not may be wider, or missing."""
    db = pair[1]
    make_target(db, "note {text}")
    other = "VARCHAR(9) NOT NULL" if db.engine == "sqlite" else "varchar(9) NOT NULL"
    if db.engine == "sqlite":
        db.script(f"ALTER TABLE {users.TARGET} DROP COLUMN display", f"ALTER TABLE {users.TARGET} ADD COLUMN display {other} DEFAULT ''")
    elif db.engine == "postgres":
        db.run(f"ALTER TABLE {users.TARGET} ALTER COLUMN display TYPE varchar(9)")
    else:
        db.run(f"ALTER TABLE {users.TARGET} MODIFY display {other}")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("columns", f"{users.TARGET}.display", "fail", "(9)")
    comparison.expect("columns", f"{users.TARGET}.note", "warn", "no fill")


def test_a_default_of_a_column_that_is_not_filled(pair, compared):
    for db, value in zip(pair, (1, 2)):
        make_target(db, f"kind {{int}} DEFAULT {value}")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("columns", f"{users.TARGET}.kind: default", "fail", "another value", values=["1", "2"])


def test_nullability(pair, compared):
    make_target(pair[0], "extra {int}")
    make_target(pair[1], "extra {int} DEFAULT 0 NOT NULL")
    Comparison(compared(*pair), *READ_ONLY, code=4).expect("columns", f"{users.TARGET}.extra", "warn", "NOT NULL")


COLLATIONS = {"sqlite": "TEXT COLLATE NOCASE NOT NULL", "postgres": 'varchar(100) COLLATE "C" NOT NULL',
              "mariadb": "varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"}


def test_collation(pair, compared):
    db = pair[1]
    db.script(f"DROP TABLE {users.TARGET}",
              f"CREATE TABLE {users.TARGET} (id {{big}} NOT NULL PRIMARY KEY, email_norm {COLLATIONS[db.engine]}, display {{name}} NOT NULL, "
              "cents {big} NOT NULL, version {int} NOT NULL)")
    line = Comparison(compared(*pair), *READ_ONLY, code=4).expect("columns", f"{users.TARGET}.email_norm", "fail", "compared otherwise")
    assert line["values"][0] != line["values"][1]


def test_foreign_key(pair, compared):
    for db in pair:
        db.run("CREATE TABLE owner (id {big} NOT NULL PRIMARY KEY)")
    make_target(pair[0], "owner_id {big}")
    make_target(pair[1], "owner_id {big}, FOREIGN KEY (owner_id) REFERENCES owner (id)")
    Comparison(compared(*pair), *READ_ONLY, code=4).expect("foreign-keys", f"{users.TARGET}: (owner_id) references owner (id)", "fail", "not in staging")


TRIGGERS = {
    "sqlite": ["CREATE TRIGGER watch AFTER INSERT ON {table} BEGIN SELECT {body}; END"],
    "postgres": ["CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM {body}; RETURN NULL; END'",
                 "CREATE TRIGGER watch AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION watch()"],
    "mariadb": ["CREATE TRIGGER watch AFTER INSERT ON {table} FOR EACH ROW SET @watched = {body}"],
}


def add_trigger(db, body):
    for sql in TRIGGERS[db.engine]:
        db.run(sql.format(table=users.TARGET, body=body))


def test_trigger_in_one_of_them(pair, compared):
    add_trigger(pair[1], "1")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("triggers", f"{users.TARGET}: trigger watch", "fail", values=[None, "AFTER insert"])


def test_trigger_that_does_something_else(pair, compared):
    for number, db in enumerate(pair):
        add_trigger(db, str(number))
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    line = comparison.expect("triggers", f"{users.TARGET}: trigger watch", "fail", "not do the same")
    assert line["values"][0] == line["values"][1]


def test_rows_of_another_magnitude(pair, compared):
    users.fill(pair[1], range(3001, 40001))
    for db in pair:
        analyze(db)
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("rows", users.SOURCE, "warn", "prod has", "times the rows")
    comparison.expect("rows", users.TARGET, "pass")


def test_missing_table(pair, compared):
    pair[1].run(f"DROP TABLE {users.TARGET}")
    comparison = Comparison(compared(*pair), "--no-probe", code=4)
    comparison.expect("tables", users.TARGET, "fail", "not in prod")
    comparison.expect("plans", "users", "unknown")
    comparison.expect("batches", "rehearsed batches", "unknown", "prod: the plan cannot run there")


def test_an_expression_that_only_one_takes(pair, compared):
    pair[1].run(f"ALTER TABLE {users.SOURCE} DROP COLUMN full_name")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("columns", f"{users.SOURCE}.full_name", "fail")
    assert [line for line in comparison.lines if line["compare"] == "problems" and line["verdict"] == "fail" and "in prod only" in line["message"]]


@pytest.mark.engines("postgres", "mariadb")
def test_plans(pair, compared):
    """The same tables, and a planner that does not read the key's range in one of them. On MariaDB the index of the key is all there is to read
    by, and forced."""
    for db in pair:
        users.fill(db, range(3001, 9001))
        analyze(db)
    infill = compared(*pair)
    same = Comparison(infill, *READ_ONLY, settings=["batch.rows=100"], code=0)
    names = [line["subject"] for line in same.lines if line["compare"] == "plans"]
    assert "users: bound" in names and "users: insert" in names and "users: compare" in names
    if pair[0].engine == "postgres":
        for kind in ("indexscan", "indexonlyscan", "bitmapscan"):
            pair[1].run(f"ALTER DATABASE {pair[1].name} SET enable_{kind} = off")
        comparison = Comparison(infill, *READ_ONLY, settings=["batch.rows=100"], code=4)
        comparison.expect("plans", "users: insert", "fail", "prod would read the whole table", values=["index range", "full scan"])
        comparison.expect("settings", "enable_indexscan", "warn")
        small = Comparison(infill, *READ_ONLY, settings=["batch.rows=5000"], code=4)
        assert small.line("plans", "users: insert")["verdict"] in ("pass", "info")


# ---- settings ----

@pytest.mark.engines("sqlite")
def test_settings_of_a_file(pair, compared):
    pair[1].run("PRAGMA journal_mode = DELETE")
    pair[0].run("PRAGMA user_version = 7")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("settings", "journal_mode", "warn", "commit", values=["wal", "delete"])
    comparison.expect("settings", "user_version", "info", values=["7", "0"])


@pytest.mark.engines("postgres", "postgres-new")
def test_settings_of_a_database(pair, compared):
    db = pair[1]
    for setting in ("synchronous_commit = off", "random_page_cost = 1.1", "work_mem = '64MB'", "timezone = 'Asia/Tokyo'",
                    "default_transaction_isolation = 'serializable'", "session_replication_role = 'replica'"):
        db.run(f"ALTER DATABASE {db.name} SET {setting}")
    comparison = Comparison(compared(*pair), *READ_ONLY, code=4)
    comparison.expect("settings", "synchronous_commit", "warn", "commits wait", values=["on", "off"])
    comparison.expect("settings", "work_mem", "warn", values=["4096 kB", "64 MB"])
    comparison.expect("settings", "random_page_cost", "warn", values=["4", "1.1"])
    comparison.expect("settings", "TimeZone", "info")
    comparison.expect("settings", "default_transaction_isolation", "info", "infill sets its own")
    comparison.expect("settings", "session_replication_role", "fail")
    comparison.expect("settings", "shared_buffers", "pass", values=["256 MB", "256 MB"])
    comparison.expect("settings", "encoding", "pass", values=["UTF8", "UTF8"])


@pytest.mark.engines("postgres")
def test_encoding_and_search_path(pair, compared):
    server, name = pair[1].server, pair[1].name
    with contextlib.closing(server.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name}_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        try:
            with contextlib.closing(server.connect(f"{name}_latin")) as latin:
                latin.set_client_encoding("UTF8")
                users_db = latin.cursor()
                for sql in (f"CREATE TABLE {users.SOURCE} (id bigint PRIMARY KEY)", f"CREATE TABLE {users.TARGET} (id bigint PRIMARY KEY)"):
                    users_db.execute(sql)
            cursor.execute(f"ALTER DATABASE {name}_latin SET search_path = public, pg_catalog")
            fill = {"name": "f", "from": users.SOURCE, "into": users.TARGET, "carry": ["id"]}
            comparison = Comparison(compared(pair[0], server.url(f"{name}_latin"), fills=[fill]), *READ_ONLY, code=4)
            comparison.expect("settings", "encoding", "fail", values=["UTF8", "LATIN1"])
            comparison.expect("server", "search_path", "warn", "public, pg_catalog")
        finally:
            cursor.execute(f"DROP DATABASE {name}_latin")


@pytest.mark.engines("postgres")
def test_another_release_and_another_server(pair, compared, postgres_new_server):
    other = databases.Postgres(postgres_new_server, "postgres-new")
    try:
        users.create(other)
        users.fill(other, range(1, 3001))
        comparison = Comparison(compared(pair[0], other), *READ_ONLY, code=4)
        comparison.expect("server", "version", "warn", "another release", "15.")
        assert not [line for line in comparison.lines if line["compare"] in ("tables", "columns", "indexes") and line["verdict"] != "pass"]
    finally:
        other.close()


@pytest.mark.engines("mariadb")
def test_settings_of_a_server(pair, compared):
    """On a server of its own: the one of all tests keeps its settings."""
    with servers.MariaDB() as server:
        other = databases.MariaDB(server)
        users.create(other)
        users.fill(other, range(1, 3001))
        other.script("SET GLOBAL sync_binlog = 777", "SET GLOBAL innodb_lock_wait_timeout = 77", "SET GLOBAL binlog_row_image = 'MINIMAL'",
                     f"ALTER DATABASE {other.name} CHARACTER SET latin1 COLLATE latin1_swedish_ci")
        comparison = Comparison(compared(pair[0], other), *READ_ONLY, code=4)
        comparison.expect("settings", "sync_binlog", "warn", "777")
        comparison.expect("settings", "binlog_row_image", "warn", "MINIMAL")
        comparison.expect("settings", "innodb_lock_wait_timeout", "info", "77")
        comparison.expect("settings", "character_set_database", "fail", "latin1")
        comparison.expect("settings", "innodb_buffer_pool_size", "pass")
        other.close()


# ---- the plan ----

def test_facts_and_profiles(pair, compared):
    infill = compared(*pair, staging={"facts": {"compute": "c6g.large", "iops": 3000, "zone": "b", "disk": "gp3"}},
                      prod={"profile": "staging", "facts": {"compute": "c6g.4xlarge", "iops": 12000, "disk": "gp3", "raid": True}})
    comparison = Comparison(infill, *READ_ONLY, code=4)
    comparison.expect("facts", "compute", "warn", values=["c6g.large", "c6g.4xlarge"])
    comparison.expect("facts", "iops", "warn", "prod has 4.0 times as much")
    comparison.expect("facts", "disk", "pass")
    comparison.expect("facts", "zone", "info", "staging only", values=["b", None])
    comparison.expect("facts", "raid", "info", "prod only", values=[None, "true"])
    comparison.expect("plan", "profile", "info", values=["dev", "staging"])
    comparison.expect("plan", "pace", "info", "1000 rows/s")
    only = Comparison(infill, *READ_ONLY, "--profile", "staging")
    only.expect("plan", "profile", "pass")
    only.expect("plan", "pace", "pass")


@pytest.mark.engines("sqlite")
def test_profiles_alone_do_not_matter(pair, compared):
    Comparison(compared(*pair, prod={"profile": "prod"}), *READ_ONLY, code=0).expect("plan", "profile", "info")


@pytest.mark.engines("sqlite")
def test_one_database_twice(pair, compared):
    comparison = Comparison(compared(pair[0], pair[0]), *READ_ONLY, code=4)
    comparison.expect("server", "database", "fail", "one database")


@pytest.mark.engines("sqlite")
def test_two_engines(pair, compared, postgres_server):
    other = databases.Postgres(postgres_server)
    try:
        users.create(other)
        users.fill(other, range(1, 3001))
        comparison = Comparison(compared(pair[0], other), settings=["batch.rows=100"], code=4)
        fails = [line["subject"] for line in comparison.lines if line["verdict"] == "fail"]
        assert fails == ["engine"], comparison.result
        comparison.expect("settings", "settings", "none")
        assert comparison.line("commits", "one-row transaction")["values"][1].endswith("ms")
        assert not other.ledger_tables()
    finally:
        other.close()


# ---- servers that are slow: a proxy in front of prod delays what passes it, far beyond what a busy machine does ----

SLOW_SECONDS = 0.05
LATE_SECONDS = 0.004  # of each message: there are thousands


@pytest.fixture
def slow(pair):
    """The second database behind a proxy, and the proxy."""
    db = pair[1]
    protocol = "postgres" if db.engine == "postgres" else "mariadb"
    with FaultProxy(protocol, db.server.port) as proxy:
        proxy.url = db.url_at(proxy.port)
        yield proxy


@pytest.fixture
def near(pair):
    """The first database behind a proxy that delays nothing: the way to both is the same."""
    db = pair[0]
    with FaultProxy("postgres" if db.engine == "postgres" else "mariadb", db.server.port) as proxy:
        proxy.url = db.url_at(proxy.port)
        yield proxy


def delay(seconds):
    return lambda _: time.sleep(seconds)


@pytest.mark.engines("postgres", "mariadb")
def test_slow_commits(near, slow, compared):
    slow.on_commit = delay(SLOW_SECONDS)
    comparison = Comparison(compared(near.url, slow.url), "--no-rehearse", code=4)
    comparison.expect("commits", "one-row transaction", "warn", "times slower in prod than in staging")
    assert comparison.line("round-trip", "a statement and back")["verdict"] == "pass"
    turned = Comparison(compared(slow.url, near.url), "--no-rehearse", code=4)
    turned.expect("commits", "one-row transaction", "warn", "times slower in staging than in prod")


@pytest.mark.engines("postgres", "mariadb")
def test_a_long_way(pair, slow, compared):
    """Every statement is late, and so are batches: at a pace that both keep up with, a forecast holds all the same."""
    slow.on_message = delay(LATE_SECONDS)
    infill = compared(pair[0], slow.url)
    comparison = Comparison(infill, settings=["batch.rows=50"], code=4)
    comparison.expect("round-trip", "a statement and back", "warn", "times slower in prod than in staging")
    comparison.expect("batches", "users: a row of a batch", "warn", "times slower in prod")
    comparison.expect("forecast", "users: batch of 50 rows and its commit", "warn", "a forecast from staging is optimistic by")
    paced = Comparison(infill, settings=["batch.rows=50", "pace.rows_per_second=60"], code=4)
    paced.expect("forecast", "users: batch of 50 rows and its commit", "info", "at 60 rows/s it holds")


# ---- what cannot be read ----

@pytest.mark.engines("sqlite")
def test_an_environment_that_is_not_there(pair, compared, postgres_server):
    infill = compared(pair[0], f"postgresql://postgres:@127.0.0.1:{servers.free_port()}/nowhere")
    result = infill.call("parity", "staging", "prod", "--json", code=5)
    assert result.json["type"] == "error" and result.json["where"] == "environment prod", result
    assert not pair[0].ledger_tables()
    infill = compared("sqlite:/no/such/file.db", pair[0])
    assert infill.call("parity", "staging", "prod", "--json", code=5).json["where"] == "environment staging"


@pytest.mark.engines("sqlite")
def test_wrong_names(pair, compared):
    infill = compared(*pair)
    assert "did you mean 'prod'" in infill.call("parity", "staging", "pord", code=2).err
    assert "parity compares two" in infill.call("parity", "staging", "prod", "--env", "prod", code=2).err


@pytest.fixture
def reader(pair):
    """A role that may read everything of the second database and write to its target, and make nothing."""
    db = pair[1]
    role = f"r{db.name}"
    if db.engine == "postgres":
        db.run(f"CREATE ROLE {role} LOGIN")
        db.run(f"GRANT SELECT, INSERT ON {users.SOURCE}, {users.TARGET} TO {role}")
        url = db.url.replace("postgres@", f"{role}@")
    else:
        db.run(f"CREATE USER {role}@'%'")
        db.run(f"GRANT SELECT, INSERT ON {db.name}.* TO {role}@'%'")
        url = db.url.replace("tester@", f"{role}@")
    yield url
    if db.engine == "postgres":
        db.run(f"DROP OWNED BY {role}")
        db.run(f"DROP ROLE {role}")
    else:
        db.run(f"DROP USER {role}@'%'")


@pytest.mark.engines("postgres", "mariadb")
def test_no_right_to_make_the_table(pair, reader, compared):
    comparison = Comparison(compared(pair[0], reader), settings=["batch.rows=100"])
    comparison.expect("commits", "one-row transaction", "unknown", "prod: ", "--no-probe")
    comparison.expect("server", "role", "warn", values=["superuser", "ordinary role"])
    assert comparison.line("batches", "users: a row of a batch")["verdict"] in ("pass", "warn")
    assert not pair[0].ledger_tables() and not pair[1].ledger_tables()
    if pair[0].engine == "postgres":
        assert not pair[0].query("SELECT 1 FROM pg_namespace WHERE nspname = 'infill'")


@pytest.mark.engines("postgres")
def test_what_could_not_be_told_is_no_agreement(pair, compared):
    """Both may read and write, and neither may make the table: nothing differs, and that is not the same as equal."""
    db, role = pair[1], f"r{pair[1].name}"
    db.run(f"CREATE ROLE {role} LOGIN")
    urls = []
    try:
        for one in pair:
            one.run(f"GRANT SELECT, INSERT ON {users.SOURCE}, {users.TARGET} TO {role}")
            urls.append(one.url.replace("postgres@", f"{role}@"))
        infill = compared(*urls)
        assert Comparison(infill, "--no-rehearse", code=1).document["verdict"] == "unknown"
        Comparison(infill, *READ_ONLY, code=0)
    finally:
        for one in pair:
            one.run(f"DROP OWNED BY {role}")
        db.run(f"DROP ROLE {role}")


@pytest.mark.engines("postgres")
def test_secrets_are_not_shown(pair, compared, tmp_path):
    password = "c4n4ry-s3cr3t"
    db, role = pair[1], f"g{pair[1].name}"
    db.run(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    db.run(f"GRANT SELECT, INSERT ON {users.SOURCE}, {users.TARGET} TO {role}")
    try:
        infill = compared(pair[0], "${env:PROD}")
        infill.environment["PROD"] = db.url.replace("postgres@", f"{role}:{password}@")
        for arguments in (READ_ONLY, ("--json",), ("--all", "-v")):
            assert password not in infill.call("parity", "staging", "prod", *arguments, code=None).text
    finally:
        db.run(f"DROP OWNED BY {role}")
        db.run(f"DROP ROLE {role}")


@pytest.mark.engines("postgres", "mariadb")
def test_a_signal_drops_the_table(pair, compared):
    """Stopped while it commits: the test holds the table's rows, so that the probe is certainly at work. Where the test came too late for that,
    it tries again."""
    infill = compared(*pair)
    db = pair[1]
    table = db.ledger("parity_probe")
    hold = f"LOCK TABLE {table} IN EXCLUSIVE MODE" if db.engine == "postgres" else f"SELECT * FROM {table} FOR UPDATE"
    codes = []
    while not codes or (codes[-1] != 143 and len(codes) < 20):
        process = infill.start("parity", "staging", "prod", "--no-rehearse")
        with contextlib.closing(db.connect()) as lock:
            def is_held():
                try:
                    db.run("BEGIN", connection=lock)
                    db.run(hold, connection=lock)
                    return True
                except databases.ERRORS:
                    db.run("ROLLBACK", connection=lock)
                    return not process.is_running()
            servers.wait_for(is_held, "the probe to make its table")
            process.send(signal.SIGTERM)
        codes.append(process.finish().code)
        assert not db.ledger_tables() and not pair[0].ledger_tables(), codes
    assert codes[-1] == 143, codes
