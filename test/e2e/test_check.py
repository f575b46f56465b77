"""infill check: each entry of the checklist fails once for a planted fault, and passes once without it."""
import contextlib
import os
import threading
import time

import pytest

import servers
import users

PARTS = ["pre-flight", "execution controls", "way back"]
CHECKS = ["server", "superuser", "rights", "columns", "key", "plan", "foreign-keys", "triggers", "unique", "sequences", "dual-writes", "disk", "pace",
          "signals", "timeouts", "connections", "transactions", "replication", "clock", "runs", "guards", "hooks", "stop", "undo"]


def everything(db):
    return db.catalog(), [db.query(f"SELECT * FROM {table} ORDER BY 1") for table in (users.SOURCE, users.TARGET)]


class Checklist:
    def __init__(self, infill, *arguments, settings=()):
        self.result = infill.call("check", "--json", "--watch", "1", *arguments, settings=settings, code=(0, 8))
        self.document = self.result.json
        self.lines = [line for part in self.document["parts"] for line in part["lines"]]
        assert self.result.code == (8 if self.document["verdict"] == "fail" else 0), self.result

    def of(self, check):
        lines = [line for line in self.lines if line["check"] == check]
        assert lines, (check, self.lines)
        return lines

    def verdict(self, check):
        """The worst of its lines."""
        order = ["none", "pass", "accepted", "warn", "fail"]
        return max((line["verdict"] for line in self.of(check)), key=order.index)

    def text(self, check):
        return " | ".join(f"{line['verdict']}: {line['message']} -> {line['next']}" for line in self.of(check))


def expect(checklist, check, verdict, *words):
    assert checklist.verdict(check) == verdict, (check, checklist.text(check))
    assert all(word in checklist.text(check) for word in words), (check, words, checklist.text(check))


@pytest.fixture
def filled_db(users_db):
    users.fill(users_db, users.keys(1000))
    return users_db


@pytest.mark.lanes
def test_all_of_it_and_nothing_written(filled_db, planned):
    infill = planned(filled_db, users.entry())
    before = everything(filled_db)
    checklist = Checklist(infill)
    assert everything(filled_db) == before and not filled_db.has_ledger()
    assert [part["part"] for part in checklist.document["parts"]] == PARTS
    assert {line["check"] for line in checklist.lines} >= set(CHECKS)
    assert checklist.document["verdict"] in ("pass", "warn"), checklist.result
    assert all(line["next"] for line in checklist.lines if line["verdict"] in ("warn", "fail")), checklist.result
    for check in ("server", "columns", "key", "plan", "foreign-keys", "triggers", "unique", "sequences", "clock", "runs", "guards", "stop", "undo"):
        expect(checklist, check, "pass")
    if filled_db.engine == "sqlite":  # said, not passed
        for check in ("superuser", "rights", "connections", "transactions", "replication"):
            expect(checklist, check, "none")
        expect(checklist, "timeouts", "warn", "cannot be seen", "busy_timeout")
        expect(checklist, "disk", "pass", "is free")
    else:
        for check in ("rights", "connections", "transactions", "replication", "timeouts"):
            expect(checklist, check, "pass")
        expect(checklist, "disk", "warn", "df")
    text = infill.call("check", "--watch", "1").out
    assert all(part in text for part in PARTS) and "nothing was written" in text


def test_after_a_run(filled_db, planned):
    infill = planned(filled_db, users.entry())
    infill.run()
    expect(Checklist(infill), "runs", "warn", "done")


def test_accept(filled_db, planned):
    infill = planned(filled_db, users.entry(), writes="none")
    accepted = [check for check in CHECKS if Checklist(infill).verdict(check) in ("warn", "fail")]
    assert accepted
    checklist = Checklist(infill, *[word for check in accepted for word in ("--accept", check)])
    assert checklist.document["verdict"] == "pass" and checklist.document["counts"]["accepted"] >= len(accepted), checklist.result
    result = infill.call("check", "--accept", "disc", code=2)
    assert "disk" in result.text, result


def planted(engine, **by_engine):
    return by_engine.get(engine, by_engine.get("any"))


def test_columns(db, planned):
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v smallint, w {int} NOT NULL)")
    entry = {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}
    checklist = Checklist(planned(db, entry))
    expect(checklist, "columns", "fail", "w of new is NOT NULL without a default")
    if db.engine != "sqlite":
        assert "v bigint" in checklist.text("columns")
    entry["columns"] = {"w": "1"}
    checklist = Checklist(planned(db, entry))
    assert checklist.verdict("columns") == ("pass" if db.engine == "sqlite" else "warn"), checklist.text("columns")


def test_key(db, planned):
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, at {time} NOT NULL)", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, at {time})")
    expect(Checklist(planned(db, {"name": "f", "from": "old", "into": "new", "key": ["at", "id"], "match": ["id"], "carry": ["id", "at"]})), "key", "fail", "index")
    db.run("CREATE INDEX by_at ON old (at, id)")
    expect(Checklist(planned(db, {"name": "f", "from": "old", "into": "new", "key": ["at", "id"], "match": ["id"], "carry": ["id", "at"]})), "key", "pass", "by_at")


@pytest.mark.engines("sqlite", "postgres")
def test_plan_with_a_full_scan(db, planned):
    """A subselect that reads the source once more, without an index, in every batch."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {int} NOT NULL)", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, n {big})")
    db.insert("old", [(key, key % 7) for key in range(1, 2001)])
    db.run("ANALYZE old" if db.engine == "postgres" else "ANALYZE")
    entry = {"name": "f", "from": "old", "into": "new", "carry": ["id"], "omit": ["v"],
             "columns": {"n": "(SELECT count(*) FROM old AS o WHERE o.v + 0 = src.v)"}}
    checklist = Checklist(planned(db, entry, batch={"rows": 100, "rows_max": 100}))
    if db.engine == "postgres":  # SQLite names the inner table by its alias
        expect(checklist, "plan", "fail", "read all of")
    entry = {"name": "f", "from": "old", "into": "new", "carry": ["id"], "omit": ["v"], "columns": {"n": "v"}}
    expect(Checklist(planned(db, entry, batch={"rows": 100, "rows_max": 100})), "plan", "pass", "index range")


@pytest.mark.engines("sqlite", "postgres")  # InnoDB makes the index by itself
def test_foreign_key_without_an_index(db, planned):
    db.script("CREATE TABLE parent (id {big} NOT NULL PRIMARY KEY)", "CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, p {big})",
              "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, p {big} REFERENCES parent (id))")
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "p"]})
    expect(Checklist(infill), "foreign-keys", "warn", "no index")
    db.run("CREATE INDEX by_p ON new (p)")
    expect(Checklist(infill), "foreign-keys", "pass", "1 foreign key of")


def test_trigger(filled_db, planned):
    infill = planned(filled_db, users.entry())
    filled_db.script(*{"sqlite": [f"CREATE TRIGGER tr AFTER INSERT ON {users.TARGET} BEGIN SELECT 1; END"],
                       "postgres": ["CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
                                    f"CREATE TRIGGER tr BEFORE INSERT ON {users.TARGET} FOR EACH ROW EXECUTE FUNCTION f()"],
                       "mariadb": [f"CREATE TRIGGER tr BEFORE INSERT ON {users.TARGET} FOR EACH ROW SET @x = 1"]}[filled_db.engine])
    expect(Checklist(infill), "triggers", "warn", "tr")


@pytest.mark.engines("postgres")
def test_rules_row_security_and_publications(filled_db, planned):
    infill = planned(filled_db, users.entry())
    filled_db.run(f"CREATE PUBLICATION shop FOR TABLE {users.TARGET}")
    expect(Checklist(infill), "triggers", "warn", "shop", "subscribers")
    filled_db.run("DROP PUBLICATION shop")
    expect(Checklist(infill), "triggers", "pass")
    filled_db.run(f"CREATE RULE away AS ON INSERT TO {users.TARGET} DO INSTEAD NOTHING")
    expect(Checklist(infill), "triggers", "fail", "rule")


def test_unique_collisions(filled_db, planned):
    filled_db.run(f"CREATE UNIQUE INDEX by_mail ON {users.TARGET} (email_norm)")
    infill = planned(filled_db, users.entry())
    expect(Checklist(infill), "unique", "pass", "no two rows collide")
    filled_db.run(f"UPDATE {users.SOURCE} SET email = ' SAME@x ' WHERE id IN (5, 6)")
    expect(Checklist(infill), "unique", "warn", "by_mail")


@pytest.mark.engines("postgres", "mariadb")
def test_sequences(db, planned):
    kind = "int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if db.engine == "postgres" else "int AUTO_INCREMENT PRIMARY KEY"
    db.script("CREATE TABLE old (id int NOT NULL PRIMARY KEY)", f"CREATE TABLE new (id {kind})")
    db.insert("old", [(key,) for key in range(1, 51)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"]})
    if db.engine == "mariadb":
        expect(Checklist(infill), "sequences", "pass", "move along")
        return
    expect(Checklist(infill), "sequences", "warn", "stands at 1")
    db.run("SELECT setval('new_id_seq', 1000)")
    expect(Checklist(infill), "sequences", "pass", "beyond")


# ---- rights and roles ----

@pytest.mark.engines("postgres", "mariadb")
def test_superuser(filled_db, planned):
    expect(Checklist(planned(filled_db, users.entry())), "superuser", "warn")
    infill = planned(filled_db, users.entry(), profile="prod", writes="none", file="prod.yaml")
    expect(Checklist(infill), "superuser", "fail", "--print-sql")
    expect(Checklist(infill, "--accept", "superuser"), "superuser", "accepted")


@contextlib.contextmanager
def role(db, name="checker"):
    """A role without any right; gives the URL and the way to grant."""
    if db.engine == "postgres":
        db.script(f"DROP ROLE IF EXISTS {name}", f"CREATE ROLE {name} LOGIN")
        try:
            yield db.url.replace("postgres@", f"{name}@"), name
        finally:
            db.script(f"DROP OWNED BY {name}", f"DROP ROLE {name}")
    else:
        account = f"{name}@'127.0.0.1'"
        db.script(f"DROP USER IF EXISTS {account}", f"CREATE USER {account}")
        try:
            yield db.url.replace("tester@", f"{name}@"), account
        finally:
            db.run(f"DROP USER {account}")


@pytest.mark.engines("postgres", "mariadb")
def test_rights_one_by_one(filled_db, planned):
    """Each grant that is printed takes one line away, until nothing is missing and the run goes through."""
    with role(filled_db) as (url, account):
        filled_db.run(f"GRANT SELECT ON {users.SOURCE} TO {account}")
        filled_db.run(f"GRANT SELECT ON {users.TARGET} TO {account}")
        infill = planned(filled_db, users.entry(), url=url)
        planned(filled_db, users.entry(), file="super.yaml").call("install")
        checklist = Checklist(infill)
        expect(checklist, "rights", "fail", f"missing: INSERT on {users.TARGET}", "settling")
        for _ in range(10):  # a table of the ledger may only come into sight with the first right on it
            grants = {grant for line in checklist.of("rights") for grant in line["next"].split("; ") if grant.startswith("GRANT")}
            if not grants:
                break
            filled_db.script(*sorted(grants))
            checklist = Checklist(infill)
        expect(Checklist(infill), "rights", "pass")
        expect(Checklist(infill), "superuser", "pass")
        infill.run("--no-install")
        assert users.verdict(filled_db).is_clean()


@pytest.mark.engines("postgres")
def test_ledger_that_may_not_be_made(filled_db, planned):
    with role(filled_db) as (url, account):
        filled_db.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {users.SOURCE}, {users.TARGET} TO {account}")
        infill = planned(filled_db, users.entry(), url=url)
        expect(Checklist(infill), "rights", "fail", "GRANT CREATE ON DATABASE", "pg_monitor")
        expect(Checklist(infill), "transactions", "warn", "hidden", "pg_monitor")


# ---- the server's state ----

@pytest.mark.engines("postgres", "mariadb")
def test_lock_timeout_of_the_application(filled_db, planned):
    infill = planned(filled_db, users.entry())
    if filled_db.engine == "postgres":
        filled_db.script("DROP ROLE IF EXISTS hasty", "CREATE ROLE hasty", f"ALTER ROLE hasty IN DATABASE {filled_db.name} SET lock_timeout = '900ms'")
        try:
            expect(Checklist(infill), "timeouts", "fail", "role hasty", "900 ms")
            filled_db.run(f"ALTER ROLE hasty IN DATABASE {filled_db.name} SET lock_timeout = '5s'")
            expect(Checklist(infill), "timeouts", "warn", "5000 ms")
            filled_db.run(f"ALTER ROLE hasty IN DATABASE {filled_db.name} SET lock_timeout = '1min'")
            expect(Checklist(infill), "timeouts", "pass", "1m")
        finally:
            filled_db.script(f"ALTER ROLE hasty IN DATABASE {filled_db.name} RESET ALL", "DROP ROLE hasty")
        return
    before = filled_db.value("SELECT @@GLOBAL.innodb_lock_wait_timeout")
    try:
        filled_db.run("SET GLOBAL innodb_lock_wait_timeout = 5")
        expect(Checklist(infill), "timeouts", "warn", "5000 ms")
    finally:
        filled_db.run(f"SET GLOBAL innodb_lock_wait_timeout = {before}")
    expect(Checklist(infill), "timeouts", "pass")


def test_our_own_timeouts(filled_db, planned):
    checklist = Checklist(planned(filled_db, users.entry()), settings=["timeouts.lock=60s", "lease.ttl=10m"])
    assert any(line["verdict"] == "warn" and "60000 ms" in line["message"] for line in checklist.of("timeouts")), checklist.text("timeouts")


@pytest.mark.engines("postgres")
def test_connections(filled_db, planned):
    infill = planned(filled_db, users.entry())
    filled_db.run(f"ALTER DATABASE {filled_db.name} CONNECTION LIMIT 4")
    expect(Checklist(infill), "connections", "fail", "of 4 connections are free")
    filled_db.run(f"ALTER DATABASE {filled_db.name} CONNECTION LIMIT 100")
    expect(Checklist(infill), "connections", "pass")


@pytest.mark.engines("postgres", "mariadb")
def test_connections_wanted(filled_db, planned):
    expect(Checklist(planned(filled_db, users.entry()), settings=["connections_max=900"]), "connections", "fail", "900")


@pytest.mark.engines("postgres", "mariadb")
def test_long_transaction(filled_db, planned):
    """Long is as long as the run would wait for it: one second here, until the server says that it is older than that."""
    infill = planned(filled_db, users.entry())
    expect(Checklist(infill), "transactions", "pass")
    with contextlib.closing(filled_db.connect()) as other:
        if filled_db.engine == "mariadb":
            other.begin()
        else:
            other.autocommit = False
        filled_db.run(f"UPDATE {users.SOURCE} SET version = version WHERE id = 1", connection=other)
        expect(Checklist(infill), "transactions", "pass")
        servers.wait_for(lambda: Checklist(infill, settings=["timeouts.snapshot=1s"]).verdict("transactions") == "warn",
                         "the transaction to be called old")
        assert "has been in one transaction for" in Checklist(infill, settings=["timeouts.snapshot=1s"]).text("transactions")
        other.rollback()


@pytest.mark.engines("postgres")
def test_failing_archive(tmp_path, planned):
    """A server of its own: archiving is a matter of the whole server."""
    import databases
    with servers.Postgres(settings=["archive_mode=on", "archive_command=false"]) as server:
        db = databases.Postgres(server)
        try:
            users.create(db)
            users.fill(db, range(1, 101))
            infill = planned(db, users.entry())
            expect(Checklist(infill), "replication", "pass", "archive keeps up")
            db.run("SELECT pg_switch_wal()")
            servers.wait_for(lambda: db.value("SELECT failed_count > 0 FROM pg_stat_archiver"), "the archiver to fail")
            expect(Checklist(infill), "replication", "fail", "archive")
        finally:
            db.close()


@pytest.mark.engines("mariadb")
def test_binlog_format(filled_db, planned):
    infill = planned(filled_db, users.entry())
    expect(Checklist(infill), "replication", "pass", "ROW")
    try:
        filled_db.run("SET GLOBAL binlog_format = 'STATEMENT'")
        checklist = Checklist(infill)
        expect(checklist, "replication", "fail", "STATEMENT")
        expect(checklist, "server", "fail", "STATEMENT")
    finally:
        filled_db.run("SET GLOBAL binlog_format = 'ROW'")


@pytest.mark.engines("postgres")
def test_standby_is_refused(filled_db, planned):
    infill = planned(filled_db, users.entry())
    filled_db.run(f"ALTER DATABASE {filled_db.name} SET default_transaction_read_only = on")
    expect(Checklist(infill), "server", "fail", "read-only")


# ---- the plan's own controls ----

def test_pace(filled_db, planned):
    infill = planned(filled_db, users.entry(), pace={"rows_per_second": 500})
    checklist = Checklist(infill)
    expect(checklist, "pace", "pass", "500 rows/s")
    assert checklist.document["forecast"]["rows_per_second"] == 500 and checklist.document["forecast"]["seconds"] >= 1
    careful = planned(filled_db, users.entry(), profile="prod", writes="none", pace={"rows_per_second": "unlimited"}, file="prod.yaml")
    expect(Checklist(careful), "pace", "warn", "no limit")


@pytest.mark.engines("postgres")
def test_fill_that_takes_more_than_three_days(filled_db, planned):
    """400 million rows by the statistics; nobody has to write them."""
    filled_db.run(f"ALTER TABLE {users.SOURCE} SET (autovacuum_enabled = off)")  # it would count again
    filled_db.run(f"UPDATE pg_class SET reltuples = 4e8, relpages = 4000000 WHERE relname = '{users.SOURCE}'")
    checklist = Checklist(planned(filled_db, users.entry(), pace={"rows_per_second": 500}))
    expect(checklist, "pace", "warn", "9d 6h", "--set pace.rows_per_second=1544")
    expect(checklist, "disk", "warn", "65.5 GB")
    longer = planned(filled_db, users.entry(), pace={"rows_per_second": 500}, phases={"active": {"max": "240h"}}, file="longer.yaml")
    expect(Checklist(longer), "pace", "pass", "9d 6h", "may take 10d 0h")


def test_signals(filled_db, planned, tmp_path):
    """Each is measured once: below its line, above it, and not at all."""
    expect(Checklist(planned(filled_db, users.entry())), "signals", "none")
    filled_db.script("CREATE TABLE jobs (id {int})")

    def plan(file, query="SELECT count(*) FROM jobs", **more):
        signals = {"queue": {"kind": "sql", "query": query, "slow": 3}, "deploy": {"kind": "file", "path": str(tmp_path / "deploying")}}
        return planned(filled_db, users.entry(), file=file, pace={"signals": signals}, **more)
    infill = plan("a.yaml")
    expect(Checklist(infill), "signals", "pass", "queue is 0 now; it slows the run above 3", "deploy is open now")
    filled_db.insert("jobs", [(key,) for key in range(5)])
    expect(Checklist(infill), "signals", "warn", "queue is 5 now, over 3")
    filled_db.run("DELETE FROM jobs")
    (tmp_path / "deploying").write_text("")
    expect(Checklist(infill), "signals", "warn", "deploy is shut now")
    expect(Checklist(plan("b.yaml", query="SELECT count(*) FROM nosuch")), "signals", "warn", "queue cannot be read")
    expect(Checklist(plan("c.yaml", query="SELECT count(*) FROM nosuch", profile="prod", writes="none")), "signals", "fail", "queue cannot be read")


@pytest.mark.engines("postgres")
def test_replicas(filled_db, planned):
    """The lag of a real standby; one that cannot be reached holds the run up, and is said."""
    with servers.Standby(filled_db.server) as standby:
        infill = planned(filled_db, users.entry(), profile="staging", replicas=[standby.url(filled_db.name)])
        expect(Checklist(infill), "signals", "pass", "replica_lag is")
        standby.stop()
        expect(Checklist(infill), "signals", "warn", "replica_lag cannot be read", f"127.0.0.1:{standby.port}")


def test_guards(filled_db, planned):
    infill = planned(filled_db, users.entry())
    expect(Checklist(infill, settings=["guards.reject=50%"]), "guards", "warn", "50%")


def test_pause_file(filled_db, planned, tmp_path):
    infill = planned(filled_db, users.entry(), pace={"pause_file": str(tmp_path / "hold")})
    expect(Checklist(infill), "stop", "pass", "hold")
    (tmp_path / "hold").write_text("")
    expect(Checklist(infill), "stop", "warn", "hold")


def test_stopped_run_and_another_plan(filled_db, planned):
    import faults
    infill = planned(filled_db, users.entry())
    faults.begin(infill, filled_db)
    expect(Checklist(infill), "runs", "pass", "resumed")
    other = planned(filled_db, users.entry(name="again"), name="another", file="another.yaml")
    expect(Checklist(other), "runs", "warn", "plan test")
    infill.call("stop", "--because", "lunch")
    expect(Checklist(infill), "runs", "fail", "lunch", "infill resume")
    expect(Checklist(planned(filled_db, users.entry(), profile="staging", file="staging.yaml")), "runs", "fail", "dev")


def test_undo_in_place(db, planned):
    db.script("CREATE TABLE t (id {big} NOT NULL PRIMARY KEY, v {int}, w {int})")
    db.insert("t", [(key, key, None) for key in range(1, 101)])
    infill = planned(db, {"name": "f", "table": "t", "set": {"w": "src.v + 1"}})
    expect(Checklist(infill), "undo", "pass", "NULL")
    db.run("UPDATE t SET w = 7 WHERE id = 50")
    expect(Checklist(infill), "undo", "warn", "kept nowhere")


def test_undo_overwrite(filled_db, planned):
    expect(Checklist(planned(filled_db, users.entry(on_conflict="overwrite"))), "undo", "warn", "kept nowhere")


@pytest.mark.engines("sqlite")
def test_disk_that_is_too_small(filled_db, planned, tmp_path):
    """A database on a file system with hardly any room left."""
    if os.getuid() != 0:
        pytest.fail("the test mounts a file system and has to run as root")
    import subprocess
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)], check=True)
    try:
        filled_db.run(f"VACUUM INTO '{place}/shop.db'")
        left = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        (place / "ballast").write_bytes(b"x" * (left - 40960))
        expect(Checklist(planned(filled_db, users.entry(), url=f"sqlite:{place}/shop.db")), "disk", "fail", "make room")
    finally:
        subprocess.run(["umount", str(place)], check=True)


# ---- dual writes: an application that writes while the check looks ----

CHANGED = "CREATE TABLE {t} (id {{big}} NOT NULL PRIMARY KEY, v {{int}} NOT NULL, updated_at {{big}} NOT NULL)"


class Application(threading.Thread):
    """Inserts and updates on the source, and on the target as `writes` says: "both", "source", or "insert" (updates forgotten)."""

    def __init__(self, db, writes, late=0.0, time_column="updated_at"):
        super().__init__(daemon=True)
        self.db, self.writes, self.late, self.time_column = db, writes, late, time_column
        self.stopping = threading.Event()
        self.count, self.clock = 0, 10000
        self.failure = None

    def step(self, connection):
        self.count += 1
        self.clock += 1
        key = 1000 + self.count
        old = self.count % 500 + 1
        tables = ["old", "new"]
        statements = [(table, kind) for kind in ("insert", "update") for table in tables
                      if table == "old" or self.writes == "both" or self.writes == kind]
        for table, kind in sorted(statements, key=lambda one: one[0] == "new"):
            if table == "new" and self.late:
                time.sleep(self.late)
            if kind == "insert":
                self.db.run(f"INSERT INTO {table} VALUES ({key}, 1, {self.clock})", connection=connection)
            else:
                self.db.run(f"UPDATE {table} SET v = v + 1, {self.time_column} = {self.clock} WHERE id = {old}", connection=connection)

    def run(self):
        try:
            with contextlib.closing(self.db.connect()) as connection:
                while not self.stopping.is_set():
                    self.step(connection)
                    time.sleep(0.005)
        except Exception as error:  # said by __exit__, in the test's own thread
            self.failure = error

    def __enter__(self):
        self.start()
        servers.wait_for(lambda: self.count > 3 or self.failure, "the application to write")
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join(60)
        assert self.failure is None, self.failure


@pytest.fixture
def shop(db):
    """Two tables with the same 500 rows, and a column that says when a row was changed."""
    db.script(CHANGED.format(t="old"), CHANGED.format(t="new"))
    for table in ("old", "new"):
        db.insert(table, [(key, 1, key) for key in range(1, 501)])
    db.run("CREATE INDEX by_change ON old (updated_at)")
    return db


SHOP = {"name": "f", "from": "old", "into": "new", "carry": ["id", "v", "updated_at"]}


def watch(db, planned, writes, entry=None, seconds=3, **how):
    infill = planned(db, entry or SHOP)
    with Application(db, writes, **how):
        return Checklist(infill, "--watch", str(seconds))


@pytest.mark.lanes
def test_dual_writes_are_on(shop, planned):
    checklist = watch(shop, planned, "both")
    expect(checklist, "dual-writes", "pass", "inserted", "updated", "are right on both sides")


def test_dual_writes_are_off(shop, planned):
    expect(watch(shop, planned, "source"), "dual-writes", "fail", "missing or different in")


def test_dual_writes_forget_updates(shop, planned):
    expect(watch(shop, planned, "insert"), "dual-writes", "fail", "updated_at")


@pytest.mark.engines("postgres", "mariadb")
def test_dual_writes_a_little_late(shop, planned):
    """The target is written in a transaction of its own, a moment behind."""
    expect(watch(shop, planned, "both", late=0.1), "dual-writes", "pass")


def test_dual_writes_without_a_time(shop, planned):
    """Inserts are seen by the key; of updates nothing is known, and that is said."""
    shop.script("ALTER TABLE old RENAME COLUMN updated_at TO stamp", "ALTER TABLE new RENAME COLUMN updated_at TO stamp")
    entry = {**SHOP, "carry": ["id", "v", "stamp"]}
    expect(watch(shop, planned, "both", entry=entry, time_column="stamp"), "dual-writes", "warn", "inserted rows are right", "no column says")


def test_dual_writes_in_place(db, planned):
    """In place the application has to fill the new column of the rows it inserts."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {int} NOT NULL, updated_at {big})")
    db.insert("old", [(key, 1, None) for key in range(1, 501)])
    entry = {"name": "f", "table": "old", "set": {"updated_at": "10001 - 10001 + src.id"}}

    class Inserter(Application):
        def step(self, connection):
            self.count += 1
            value = 1000 + self.count if self.writes == "both" else "NULL"
            self.db.run(f"INSERT INTO old VALUES ({1000 + self.count}, 1, {value})", connection=connection)
    for writes, verdict in (("both", "warn"), ("source", "fail")):
        with Inserter(db, writes):
            expect(Checklist(planned(db, entry), "--watch", "1"), "dual-writes", verdict)
        db.run("DELETE FROM old WHERE id > 500")


def test_nobody_writes(shop, planned):
    """Nothing to see: said, and in prod not let through without somebody's word."""
    expect(Checklist(planned(shop, SHOP)), "dual-writes", "warn", "could not be told")
    careful = planned(shop, SHOP, profile="prod", file="prod.yaml")
    checklist = Checklist(careful)
    expect(checklist, "dual-writes", "fail", "--accept dual-writes")
    expect(Checklist(careful, "--accept", "dual-writes"), "dual-writes", "accepted")
    expect(Checklist(planned(shop, SHOP, profile="prod", writes="none", file="none.yaml")), "dual-writes", "none")
    assert shop.value("SELECT count(*) FROM new") == 500


# ---- infill run in the profile prod ----

@pytest.fixture
def careful(filled_db, planned):
    """A plan for production, with nobody writing, and what has to be accepted on a server of the tests."""
    infill = planned(filled_db, users.entry(), profile="prod", writes="none", pace={"rows_per_second": 100000})
    infill.accept = [] if filled_db.engine == "sqlite" else ["--accept", "superuser"]
    return infill


def test_run_in_prod_is_confirmed(filled_db, careful):
    result = careful.run(*careful.accept, code=8)
    assert "--yes" in result.err and not filled_db.has_ledger(), result
    result = careful.run("--yes", *careful.accept)
    assert "verdict: " in result.err and users.verdict(filled_db).is_clean(), result


@pytest.mark.engines("postgres", "mariadb")
def test_run_in_prod_with_a_failing_checklist(filled_db, careful):
    result = careful.run("--yes", code=8)
    assert "superuser" in result.err and "infill check" in result.err and not filled_db.has_ledger(), result


def test_run_in_prod_needs_dual_writes_to_be_seen(shop, planned):
    infill = planned(shop, SHOP, profile="prod")
    accept = [] if shop.engine == "sqlite" else ["--accept", "superuser"]
    result = infill.run("--yes", *accept, code=8)
    assert "dual-writes" in result.err and not shop.has_ledger(), result
    infill.run("--yes", *accept, "--accept", "dual-writes")


@pytest.mark.engines("sqlite")
def test_profiles_made_from_prod_are_careful_too(filled_db, planned):
    infill = planned(filled_db, users.entry(), profile="night", profiles={"night": {"extends": "prod", "workers": 1}}, writes="none", file="a.yaml")
    assert "profile night" in infill.run(code=8).err
    planned(filled_db, users.entry(), profile="day", profiles={"day": {"extends": "staging"}}, writes="none", file="b.yaml").run()


@pytest.mark.engines("sqlite")
def test_the_name_on_a_terminal(filled_db, careful):
    import pexpect

    import infill as binary
    for typed, code in (("yes", 8), ("test", 0)):
        child = pexpect.spawn(binary.binary(), ["run", str(careful.plan)], env=careful.environment, timeout=binary.HANG_SECONDS)
        child.expect("to start: ")
        child.sendline(typed)
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == code, child.before
        assert filled_db.has_ledger() == (code == 0)
    assert users.verdict(filled_db).is_clean()
