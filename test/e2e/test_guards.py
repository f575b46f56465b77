"""Guards: too much of one kind goes wrong, and the run halts within that batch, for good, with evidence that holds keys and no values."""
import concurrent.futures
import json
import re

import pytest

import faults
import users
from servers import wait_for

OPEN = {"reject": "100%", "reject_max": 1000000}
ONE = ["workers=1", "batch.rows=20", "batch.rows_max=20", "batch.target_time=1m"]  # no slow batch makes the next one smaller


def evidence(infill):
    """What the event of the halt says; the run is halted, and stays so."""
    status = infill.status()
    assert status["state"] == "halted" and "infill resume" in status["next"], status
    halts = [event for event in status["events"] if event["what"] == "halted"]
    assert len(halts) == 1, status["events"]
    detail = halts[0]["detail"]
    detail = json.loads(detail) if isinstance(detail, str) else detail
    assert detail["reason"] == status["reason"], (detail, status)
    infill.run(code=8)
    return detail


@pytest.fixture
def orphans(db):
    """Thirty rows, of which 11 to 30 have no parent in the target's schema."""
    db.script("CREATE TABLE parent (id {big} NOT NULL PRIMARY KEY)", "CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, parent {big} NOT NULL)",
              "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, parent {big} NOT NULL, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parent (id))")
    db.insert("parent", [(1,)])
    db.insert("old", [(key, 1 if key <= 10 else 424242) for key in range(1, 31)])
    return db


def test_foreign_keys(orphans, planned):
    infill = planned(orphans, {"name": "f", "from": "old", "into": "new", "carry": ["id", "parent"]}, guards={**OPEN, "foreign_key": "0.01%"})
    result = infill.run(code=8, settings=ONE)
    assert "guard foreign_key: 11 of the last 100000 rows, the limit is 10" in result.text and "infill resume" in result.text, result
    detail = evidence(infill)
    assert detail["class"] == "ROW" and (detail["count"], detail["limit"]) == (11, 10), detail
    assert "21" in detail["up_to"] and detail["fill"] == "f" and detail["range"] == 1, detail
    assert "424242" not in str(detail) + result.text
    if orphans.engine != "sqlite":
        assert detail["sqlstate"] in ("23503", "23000") and "SQLSTATE" in result.text, detail
    assert len(infill.call("rejects", "--json").json["rejects"]) == 11


def test_foreign_keys_in_all(orphans, planned):
    infill = planned(orphans, {"name": "f", "from": "old", "into": "new", "carry": ["id", "parent"]},
                     guards={**OPEN, "foreign_key": "100%", "foreign_key_max": 3})
    assert "guard foreign_key_max: 4 rows in all, the limit is 3" in infill.run(code=8, settings=ONE).text
    infill.call("resume", "--because", "they are known")
    infill.run(code=3, settings=[*ONE, "guards.foreign_key_max=100"])


def test_other_rejects_are_no_foreign_keys(db, planned):
    """A CHECK that twenty rows violate: the guard of foreign keys is not asked, that of rejects is."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {big} CHECK (v > 0))")
    db.insert("old", [(key, -1 if key > 10 else 1) for key in range(1, 31)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, guards={**OPEN, "foreign_key": "0%"})
    infill.run(code=3, settings=ONE)
    assert len(infill.call("rejects", "--json").json["rejects"]) == 20


def test_rejects_in_a_small_window(db, planned):
    """0.01% of a small window is no row at all: at_least says how many it takes."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {big} CHECK (v > 0))")
    db.insert("old", [(key, -1 if key > 10 else 1) for key in range(1, 21)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, guards={"window_rows": 1000, "reject_max": 1000})
    infill.run(code=3, settings=ONE)
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, name="other",
                     guards={"window_rows": 1000, "reject_max": 1000, "at_least": 5})
    assert "guard reject: 6 of the last 1000 rows, the limit is 5" in infill.run(code=8, settings=ONE).text


def test_kept_rows(users_db, planned):
    """Rows that are there already and differ: kept, up to a number."""
    users.fill(users_db, range(1, 101))
    users_db.insert(users.TARGET, [(key, "x", "x", 0, 0) for key in range(1, 61)])
    infill = planned(users_db, users.entry(), guards={"kept_max": 30}, writes="none")
    result = infill.run(code=8, settings=ONE)
    assert "guard kept_max: 40 rows differ and were kept, the limit is 30" in result.text, result
    assert evidence(infill)["count"] == 40
    infill.call("resume", "--because", "they are right as they are")
    infill.run(settings=[*ONE, "guards.kept_max=100"])


@pytest.mark.engines("postgres", "mariadb")
def test_deadlocks(users_db, planned):
    """The application holds row 90 and much else; the batch holds row 40 and is kept at row 60, until the application wants row 40; then the batch wants
    row 90. The batch loses."""
    db = users_db
    db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    db.insert(f"{users.SOURCE} (id, email, full_name, balance, version)", [users.row(key) for key in range(1, 3001)])
    place = {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}
    infill = planned(db, place, guards={"deadlock": "0%"}, writes="none")
    faults.begin(infill, db)
    done = faults.progress(db)
    application, gate = db.connect(), db.connect()
    if db.engine == "postgres":  # each side looks once in its wait: the batch is the one that does so soon
        db.run("SET deadlock_timeout = '90s'", connection=application)
    db.run("BEGIN", connection=application)
    db.run(f"UPDATE {users.SOURCE} SET version = 1 WHERE id = {done + 90} OR id > 1000", connection=application)
    db.run("BEGIN", connection=gate)
    db.run(f"UPDATE {users.SOURCE} SET version = 1 WHERE id = {done + 60}", connection=gate)
    process = infill.start("run", settings=["batch.rows=100", "batch.rows_max=100", "workers=1", "timeouts.lock=100s", "timeouts.statement=100s", "lease.ttl=300s"])
    faults.await_lock_wait(db, process)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        wish = pool.submit(db.run, f"UPDATE {users.SOURCE} SET version = 1 WHERE id = {done + 40}", connection=application)
        try:
            wait_for(lambda: not process.is_running() or len(faults.lasting_lock_waits(db)) == 2, "the application to wait for the batch")
        finally:
            db.run("ROLLBACK", connection=gate)
        wish.result()
    db.run("COMMIT", connection=application)
    application.close()
    gate.close()
    result = process.finish()
    assert result.code == 8 and "guard deadlock: 1 of the last 100000 batch attempts, the limit is 0" in result.text, result
    detail = evidence(infill)
    assert detail["sqlstate"] in ("40P01", "40001") and detail["statement"] == "UPDATE" and detail["class"] == "TRANSIENT", detail
    infill.call("resume", "--because", "the nightly job is over")
    infill.run()
    assert all(cents == balance * 100 for balance, cents in db.query(f"SELECT balance, cents FROM {users.SOURCE}"))


@pytest.mark.engines("postgres", "mariadb")
def test_lock_timeouts_in_a_row(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), guards={"lock_timeouts": 2})
    faults.begin(infill, users_db)
    blocker = users_db.connect()
    users_db.run("BEGIN", connection=blocker)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (99, 'x', 'x', 0, 0)", connection=blocker)
    pid = users_db.query("SELECT pg_backend_pid()" if users_db.engine == "postgres" else "SELECT connection_id()", connection=blocker)[0][0]
    if users_db.engine == "postgres":
        users_db.run("SET application_name = 'nightly job'", connection=blocker)
    result = infill.run(code=8, settings=["batch.rows=1000", "workers=1", "timeouts.lock=1s", "retry_max=50"])
    assert "guard lock_timeouts: 2 lock timeouts in a row" in result.text and "locks are held by" in result.text, result
    detail = evidence(infill)
    holder, = [holder for holder in detail["holders"] if str(pid) in holder]
    assert detail["class"] == "LOCKED" and "open for " in holder and "INSERT" not in str(detail["holders"]), detail
    for word in ("nightly job", "idle in transaction") if users_db.engine == "postgres" else ("Sleep", "root"):
        assert word in holder, holder
    blocker.close()
    infill.call("resume", "--because", "the lock is gone")
    infill.run()
    assert users.verdict(users_db).is_clean()


@pytest.mark.engines("postgres", "mariadb")
def test_mismatches_that_settling_repairs(users_db, planned):
    """Somebody else's transaction keeps settling waiting; meanwhile rows of the target are spoilt."""
    db = users_db
    users.fill(db, range(1, 101))
    infill = planned(db, users.entry(), guards={"mismatch": "0.01%"})
    faults.begin(infill, db)
    other = db.connect()
    db.run("BEGIN", connection=other)
    db.run(f"UPDATE {users.SOURCE} SET version = version WHERE id = 90", connection=other)
    process = infill.start("run", settings=["batch.rows=1000", "workers=1"])
    wait_for(lambda: db.value(f"SELECT count(*) FROM {users.TARGET}") == 100 or not process.is_running(), "the rows")
    wait_for(lambda: "settling" in str(infill.status()) or not process.is_running() or
             db.value(f"SELECT count(*) FROM {db.ledger('range')} WHERE state = 'filled'") == 1, "the range to be filled")
    db.run(f"UPDATE {users.TARGET} SET cents = -1 WHERE id BETWEEN 11 AND 30")
    db.run("COMMIT", connection=other)
    other.close()
    result = process.finish()
    assert result.code == 8 and "guard mismatch: 20 of the last 100000 settled rows, the limit is 10" in result.text, result
    assert evidence(infill)["statement"] == "settling"
    assert users.verdict(db).is_clean()
    infill.call("resume", "--because", "that was us")
    infill.run()


@pytest.fixture
def indexed(db):
    """The key of the fill is a unique index that a test can drop; the rows are many batches."""
    db.script("CREATE TABLE old (k {big} NOT NULL, v {big}, filler {name})", "CREATE UNIQUE INDEX by_k ON old (k)",
              "CREATE TABLE new (k {big} NOT NULL PRIMARY KEY, v {big})")
    db.insert("old", [(key, key, "x" * 50) for key in range(1, 3001)])
    db.run("ANALYZE TABLE old" if db.engine == "mariadb" else "ANALYZE old")
    db.entry = {"name": "f", "from": "old", "into": "new", "key": ["k"], "match": ["k"], "columns": {"k": "k", "v": "v"}, "omit": ["filler"], "where": "v <> 4242424242"}
    return db


def without_index(db, planned, rate, **guards):
    """A run whose index is lost behind its first batches. MariaDB is told the index by name: there another one takes its place."""
    infill = planned(db, db.entry, guards={"plan_every": "100ms", **guards}, writes="none")
    process = infill.start("run", settings=["workers=1", "batch.rows=10", "batch.rows_max=10", f"pace.rows_per_second={rate}"])
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 100, "ten batches")
    db.run("ALTER TABLE old DROP INDEX by_k, ADD INDEX by_k (filler)" if db.engine == "mariadb" else "DROP INDEX by_k")
    return infill, process.finish()


def test_plan_flip(indexed, planned):
    infill, result = without_index(indexed, planned, 100)
    assert result.code == 8 and "guard plan_flip" in result.text, result
    assert "full scan of" in result.text or "the server read" in result.text, result  # this one when a batch came between the look and the change
    assert faults.progress(indexed) < 3000
    detail = evidence(infill)
    assert detail["statement"] == "INSERT", detail
    assert "old" in detail["plan"] or "src" in detail["plan"] or "the server read" in result.text, detail
    assert "4242424242" not in str(detail), detail  # steps, and nothing of what conditions say


def test_plan_flip_off(indexed, planned):
    _, result = without_index(indexed, planned, 500, plan_flip="off")
    assert result.code == 0 and indexed.value("SELECT count(*) FROM new") == 3000, result


@pytest.mark.engines("postgres", "mariadb")
def test_rows_read_rise(indexed, planned):
    """The source is walked as ever, but an expression's own look-ups lose their index: only the server's counters tell."""
    db = indexed
    db.script("CREATE TABLE codes (code {big} NOT NULL, v {big})", "CREATE INDEX by_code ON codes (code)")
    db.insert("codes", [(key, key * 10) for key in range(1, 501)])
    entry = {**db.entry, "columns": {"k": "k", "v": "(SELECT max(c.v) FROM codes c WHERE c.code = src.v % 500)"}}
    infill = planned(db, entry, guards={"plan_every": "100ms"}, writes="none")
    process = infill.start("run", settings=["workers=1", "batch.rows=10", "batch.rows_max=10", "pace.rows_per_second=300"])
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 100, "ten batches")
    db.run("DROP INDEX by_code ON codes" if db.engine == "mariadb" else "DROP INDEX by_code")
    result = process.finish()
    assert result.code == 8 and "guard plan_flip: the server read" in result.text and "4 times that" in result.text, result
    detail = evidence(infill)
    assert detail["count"] > detail["limit"] >= 40 and "codes" in detail["plan"] or "c:" in detail["plan"], detail
    assert 100 <= faults.progress(db) < 3000


@pytest.mark.engines("postgres", "mariadb")
def test_rows_read_that_stay_are_no_flip(indexed, planned):
    """Batches of other sizes, ways and filters read other numbers of rows; for each row it stays the same."""
    db = indexed
    db.run("INSERT INTO new SELECT k, 0 FROM old WHERE k BETWEEN 1000 AND 1200")
    entry = {**db.entry, "where": "k > 2000 OR k % 50 = 1"}
    infill = planned(db, entry, guards={"plan_every": "100ms", "kept_max": 1000}, writes="none")
    result = infill.run(settings=["workers=2", "range.rows=500", "batch.rows=10", "batch.rows_max=200", "pace.rows_per_second=2000"])
    assert result.code == 0 and "plan_flip" not in result.text, result


def hinted(infill):
    """The event that tells that batches go on with the plan's hint."""
    found = [event["detail"] for event in infill.status()["events"] if event["what"] == "hint"]
    assert len(found) == 1, infill.status()["events"]
    return json.loads(found[0]) if isinstance(found[0], str) else found[0]


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("how", ["dropped", "taken"])
def test_hint_is_another_index(indexed, planned, how):
    """The key's index is dropped, or its name is now that of another one; the plan names the one to go on with."""
    db = indexed
    db.run("CREATE INDEX both_columns ON old (k, v)")
    infill = planned(db, {**db.entry, "hint": ["both_columns"]}, guards={"plan_every": "100ms"}, writes="none")
    process = infill.start("run", settings=["workers=4", "range.rows=300", "batch.rows=10", "batch.rows_max=10", "pace.rows_per_second=500"])
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 100, "ten batches")
    db.run("ALTER TABLE old DROP INDEX by_k" + ("" if how == "dropped" else ", ADD INDEX by_k (filler)"))
    result = process.finish()
    assert result.code == 0 and "going on with the hint" in result.err, result
    assert db.query("SELECT count(*), sum(k) FROM new") == db.query("SELECT count(*), sum(k) FROM old")
    detail = hinted(infill)
    assert detail["hint"] == ["both_columns"] and detail["reason"].startswith("guard plan_flip"), detail


@pytest.mark.engines("postgres", "mariadb")
def test_hint_that_does_not_help(indexed, planned):
    """With the hint the source would be read in full, too."""
    db = indexed
    if db.engine == "mariadb":
        db.run("CREATE INDEX spare ON old (k, v)")
    infill = planned(db, {**db.entry, "hint": ["spare" if db.engine == "mariadb" else "enable_mergejoin"]}, guards={"plan_every": "100ms"}, writes="none")
    process = infill.start("run", settings=["workers=1", "batch.rows=10", "batch.rows_max=10", "pace.rows_per_second=100"])
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 100, "ten batches")
    db.run("DROP INDEX by_k" if db.engine == "postgres" else
           "ALTER TABLE old DROP INDEX by_k, DROP INDEX spare, ADD INDEX by_k (filler), ADD INDEX spare (v)")
    result = process.finish()
    assert result.code == 8 and "with the hint of the plan, too" in result.text, result
    assert hinted(infill)["fill"] == "f" and "plan" in evidence(infill)
    assert faults.progress(db) < 3000


@pytest.mark.engines("postgres")
def test_hint_is_methods_to_do_without(indexed, planned):
    """The anti-join begins to read all of the target: with the methods of the plan's hint it looks up one row after the other again."""
    db = indexed
    db.run("INSERT INTO new SELECT k, v FROM old WHERE k <= 2500")
    db.run("ANALYZE new")
    entry = {**db.entry, "hint": ["enable_hashjoin", "enable_mergejoin"]}
    infill = planned(db, entry, guards={"plan_every": "100ms"}, writes="none")
    process = infill.start("run", settings=["workers=1", "batch.rows=10", "batch.rows_max=10", "pace.rows_per_second=300"])
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 100, "ten batches")
    db.run("ALTER ROLE CURRENT_USER SET enable_nestloop = off")
    try:
        db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'infill %' AND datname = current_database()")
        result = process.finish()
    finally:
        db.run("ALTER ROLE CURRENT_USER RESET enable_nestloop")
    assert result.code == 0 and "going on with the hint" in result.err, result
    detail = hinted(infill)
    assert "the server read" in detail["reason"], detail
    assert "Join" in detail.get("plan", "Join"), detail  # of another way of writing, it would not be shown
    assert db.query("SELECT count(*) FROM new") == [(3000,)]


def test_hints_that_cannot_be(indexed, planned):
    words = {"postgres": "enable_nonsense", "mariadb": "no_such_index", "sqlite": "by_k"}
    result = planned(indexed, {**indexed.entry, "hint": [words[indexed.engine]]}).call("run", code=8)
    assert "hint (" in result.text and not indexed.has_ledger(), result
    if indexed.engine == "postgres":
        assert "off in every batch" in planned(indexed, {**indexed.entry, "hint": ["enable_seqscan"]}, name="two").call("run", code=8).text


def test_a_stop_line_for_too_long(users_db, planned, tmp_path):
    """Load that stays above its line: the run waits for a while, and then wants a human. A pause file is a human."""
    users.fill(users_db, range(1, 101))
    load = tmp_path / "load"
    load.write_text("7")
    busy = {"kind": "command", "command": ["cat", str(load)], "stop": 5, "every": "100ms"}
    infill = planned(users_db, users.entry(), pace={"signals": {"busy": busy}}, guards={"stop_line": "1s"})
    result = infill.run(code=8)
    assert re.search(r"guard stop_line: busy has been above its stop line 5 for [1-9]\d* s, the limit is 1 s; now 7", result.text), result
    detail = evidence(infill)
    assert (detail["signal"], detail["reading"], detail["limit"]) == ("busy", "7", 1) and detail["count"] >= 1, detail
    infill.call("resume", "--because", "the load is gone")
    load.write_text("1")
    infill.run()
    assert users.verdict(users_db).is_clean()


def test_a_pause_is_no_stop_line(users_db, planned, tmp_path):
    users.fill(users_db, range(1, 101))
    (tmp_path / "pause").touch()
    busy = {"kind": "command", "command": ["echo", "7"], "stop": 5, "every": "100ms"}
    infill = planned(users_db, users.entry(), guards={"stop_line": "300ms"},
                     pace={"pause_file": str(tmp_path / "pause"), "signals": {"busy": busy}})
    process = infill.start("run")
    paused = lambda: [row for row in users_db.query(f"SELECT waited_ms FROM {users_db.ledger('pace')}") if row[0] > 3000]
    wait_for(lambda: not process.is_running() or (users_db.has_ledger() and paused()), "three seconds of waiting")
    assert process.is_running(), process.result()
    (tmp_path / "pause").unlink()
    assert "guard stop_line" in process.finish().text, process.result()


def test_a_run_that_is_paused_waits_for_nothing(users_db, planned, tmp_path):
    """The load has nothing to do with who does nothing: not while the run is paused, and not at once when it goes on."""
    users.fill(users_db, range(1, 101))
    load = tmp_path / "load"
    load.write_text("1")
    busy = {"kind": "command", "command": ["cat", str(load)], "stop": 5, "every": "100ms"}
    infill = planned(users_db, users.entry(), pace={"signals": {"busy": busy}}, guards={"stop_line": "1s"})
    faults.begin(infill, users_db)
    infill.call("pause", "--because", "lunch")
    process = infill.start("run")
    load.write_text("7")
    waited = lambda: [row for row in users_db.query(f"SELECT waited_ms FROM {users_db.ledger('pace')} WHERE reason = 'busy'") if row[0] > 3000]
    wait_for(lambda: not process.is_running() or waited(), "three seconds of waiting")
    assert process.is_running() and infill.status()["state"] == "paused", process.result()
    load.write_text("1")
    wait_for(lambda: not infill.status()["pace"]["held"], "the load to be seen to be gone")
    infill.call("resume", "--because", "back again")
    assert process.finish().code == 0, process.result()
    assert users.verdict(users_db).is_clean()


@pytest.mark.parametrize("writes", ["application", "none"])
def test_mismatches_that_a_verification_finds(users_db, planned, writes):
    """A verification beside the run looks at ranges that are settled, in one of which rows were spoilt."""
    db = users_db
    users.fill(db, range(1, 3001))
    infill = planned(db, users.entry(), guards={"mismatch": "0.01%", "mismatch_max": 1000}, writes=writes)
    process = infill.start("run", settings=["workers=1", "batch.rows=20", "batch.rows_max=20", "range.rows=100", "pace.rows_per_second=100"])
    ready = f"SELECT count(*) FROM {db.ledger('range')} WHERE {'settled_at IS NOT NULL' if writes == 'application' else 'state = %s' % repr('filled')}"
    wait_for(lambda: not process.is_running() or (db.has_ledger() and db.value(ready) >= 2), "two ranges that are settled")
    db.run(f"UPDATE {users.TARGET} SET cents = -1 WHERE id BETWEEN 11 AND 20")
    assert infill.call("verify", "--range", "1", "--fill", "users", code=4).code == 4
    wait_for(lambda: not process.is_running() or faults.progress(db) >= 1000, "the run to have looked")
    assert process.is_running(), process.result()  # ten are allowed
    db.run(f"UPDATE {users.TARGET} SET cents = -1 WHERE id = 21")
    infill.call("verify", "--range", "1", "--fill", "users", code=4)
    result = process.finish()
    assert result.code == 8 and "guard mismatch: 11 of the last 100000 settled rows, the limit is 10" in result.text, result
    assert evidence(infill)["statement"] == "verification"
    infill.call("resume", "--because", "it is known, and repaired later")
    infill.run(settings=["workers=1", "pace.rows_per_second=unlimited"])


@pytest.mark.engines("postgres", "mariadb")
def test_an_unknown_error_halts(users_db, planned):
    """An SQLSTATE that nobody has ever heard of, from a trigger of the application: what is not understood is not tried again."""
    db = users_db
    users.fill(db, range(1, 101))
    db.script("CREATE TABLE odd_one (id {big})", "INSERT INTO odd_one VALUES (50)")
    if db.engine == "postgres":
        db.script("CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM odd_one o WHERE o.id = NEW.id) THEN "
                  "RAISE EXCEPTION 'canary 424242' USING ERRCODE = 'ZZ123'; END IF; RETURN NEW; END $$",
                  f"CREATE TRIGGER odd BEFORE INSERT ON {users.TARGET} FOR EACH ROW EXECUTE FUNCTION odd()")
    else:
        db.run(f"CREATE TRIGGER odd BEFORE INSERT ON {users.TARGET} FOR EACH ROW IF EXISTS (SELECT 1 FROM odd_one o WHERE o.id = NEW.id) THEN SIGNAL SQLSTATE 'ZZ123' "
               "SET MESSAGE_TEXT = 'canary 424242', MYSQL_ERRNO = 31999; END IF")
    infill = planned(db, users.entry(), writes="none")
    result = infill.run(code=None, settings=ONE)
    assert result.code != 0 and "UNKNOWN" in result.text and "the run is halted" in result.text, result
    detail = evidence(infill)
    assert detail["class"] == "UNKNOWN" and detail["sqlstate"] == "ZZ123" and detail["fill"] == "users", detail
    assert "40" in detail["after"] and "60" in detail["up_to"], detail
    assert "424242" not in str(detail) + result.text
    assert db.query(f"SELECT count(*), max(id) FROM {users.TARGET}") == [(40, 40)]
    db.run("DELETE FROM odd_one")
    infill.call("resume", "--because", "nothing is odd any more")
    infill.run()
    assert users.verdict(db).is_clean()


@pytest.mark.engines("sqlite")
def test_an_unknown_error_of_sqlite(users_db, planned):
    """SQLite has no codes of the user's own; RAISE is a constraint, so the row is what is wrong."""
    users.fill(users_db, range(1, 101))
    users_db.run(f"CREATE TRIGGER odd BEFORE INSERT ON {users.TARGET} WHEN NEW.id = 50 BEGIN SELECT RAISE(ABORT, 'canary 424242'); END")
    result = planned(users_db, users.entry(), writes="none").run(code=3, settings=ONE)
    assert "424242" not in result.text
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 99
