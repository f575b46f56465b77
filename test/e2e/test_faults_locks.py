"""Locks, deadlocks and slow statements: infill gives way, comes back, and says what it waits for."""
import re

import pytest

import databases
import faults
import oracle
import users
from servers import wait_for

pytestmark = pytest.mark.engines("postgres", "mariadb")
QUICK = ["batch.rows=20", "batch.rows_max=20", "range.rows=100", "timeouts.lock=100ms", "workers=1", "retry_max=30"]


@pytest.fixture
def blocked(users_db, planned):
    """Somebody holds a lock on target key 150, in the second range of five, of a run that has begun."""
    users.fill(users_db, range(1, 501))
    users_db.infill = planned(users_db, users.entry())
    faults.begin(users_db.infill, users_db, ["range.rows=100"])
    users_db.blocker = users_db.connect()
    users_db.run("BEGIN", connection=users_db.blocker)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (150, 'x', 'x', 0, 0)", connection=users_db.blocker)
    yield users_db
    users_db.blocker.close()


def test_locked_range_is_parked_and_the_others_go_on(blocked):
    infill = blocked.infill
    process = infill.start("run", settings=QUICK)
    others = f"SELECT count(*) FROM {users.TARGET} WHERE id > 200"
    wait_for(lambda: blocked.value(others) == 300 or not process.is_running(), "the ranges behind the locked one")
    assert process.is_running(), process.result()
    waiting = wait_for(lambda: infill.status()["waiting"], "the parked range to be shown")
    assert "lock" in str(waiting).lower() and waiting[0]["range"] == 2, waiting
    blocked.run("ROLLBACK", connection=blocked.blocker)
    result = process.finish()
    assert result.code == 0, result
    assert users.verdict(blocked).is_clean()
    assert not oracle.ledger_faults(blocked, users.SOURCE, users.TARGET)


def test_a_batch_gives_way_to_who_waits_for_its_locks(users_db, planned):
    """The batch has written row 50 and waits for row 100, for as long as it takes; the application wants row 50 and gets it."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), timeouts={"lock": "100s", "statement": "100s"}, lease={"ttl": "300s"},
                     pace={"signals": {"locks": {"every": "100ms"}}})
    faults.begin(infill, users_db)
    blocker, application = users_db.connect(), users_db.connect()
    users_db.run("BEGIN", connection=blocker)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (100, 'x', 'x', 0, 0)", connection=blocker)
    process = infill.start("run", "--json", settings=["workers=1"])
    faults.await_lock_wait(users_db, process)
    users_db.run("SET lock_timeout = '60s'" if users_db.engine == "postgres" else "SET innodb_lock_wait_timeout = 60", connection=application)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (%s, %s, %s, %s, %s)", users.transform(users.row(50)), connection=application)
    assert process.is_running(), process.result()
    users_db.run("ROLLBACK", connection=blocker)
    result = process.finish()
    assert result.code == 0, result
    assert "gave way" in result.json["waited_seconds"], result  # it may have waited for 0 ms, which the text leaves out
    assert users.verdict(users_db).is_clean()
    application.close()
    blocker.close()


def test_deadlocks_with_the_application(users_db, planned):
    """The application updates the rows of a batch backwards, in one transaction, again and again."""
    db = users_db
    db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    db.insert(f"{users.SOURCE} (id, email, full_name, balance, version)", [users.row(key) for key in range(1, 1001)])
    place = {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}
    process = planned(db, place).start("run", settings=["batch.rows=100", "batch.rows_max=100", "workers=2", "timeouts.lock=3s", "retry_max=60"])
    application, collisions = db.connect(), 0
    while process.is_running():
        try:
            db.run("BEGIN", connection=application)
            low = 1 + 100 * (collisions % 10)
            for key in range(low + 99, low - 1, -7):
                db.run(f"UPDATE {users.SOURCE} SET version = version + 1 WHERE id = %s", [key], connection=application)
            db.run("COMMIT", connection=application)
        except databases.ERRORS:
            db.run("ROLLBACK", connection=application)
        collisions += 1
    application.close()
    result = process.finish()
    assert result.code == 0, result
    assert all(cents == balance * 100 for balance, cents in db.query(f"SELECT balance, cents FROM {users.SOURCE}"))


@pytest.mark.engines("postgres", "mariadb")
def test_slow_batches_are_halved(users_db, planned):
    """Each row takes 30 ms, the limit is 600 ms: batches of 40 and of 20 never fit, smaller ones do."""
    users.fill(users_db, range(1, 41))
    slow = {"postgres": "CASE WHEN pg_sleep(0.03)::text = '' THEN src.version END", "mariadb": "src.version + sleep(0.03)"}[users_db.engine]
    entry = users.entry(volatile="allow", columns={**users.COLUMNS, "version": slow})
    infill = planned(users_db, entry)
    infill.call("install")  # which may take longer
    infill.run(settings=["batch.rows=40", "timeouts.statement=600ms", "lease.ttl=10s", "workers=1", "retry_max=20"])
    assert users.verdict(users_db).is_clean()
    assert users_db.value(f"SELECT sum(batch_no) FROM {users_db.ledger('range')}") > 2


def test_one_row_too_slow_is_an_error_not_a_loop(users_db, planned):
    users.fill(users_db, range(1, 11))
    slow = {"postgres": "CASE WHEN src.id <> 5 OR pg_sleep(60)::text = '' THEN src.version END",
            "mariadb": "src.version + if(src.id = 5, sleep(60), 0)"}[users_db.engine]
    infill = planned(users_db, users.entry(volatile="allow", columns={**users.COLUMNS, "version": slow}))
    infill.call("install")
    result = infill.run(code=(1, 5, 8), settings=["batch.rows=4", "timeouts.statement=200ms", "lease.ttl=10s", "workers=1", "retry_max=2"])
    assert re.search("time|slow", result.text, re.IGNORECASE), result
    assert not oracle.ledger_faults(users_db, users.SOURCE, users.TARGET)


def test_high_water_mark_waits_for_older_transactions(users_db, planned):
    """A transaction that began before the run inserts a key below the mark and commits later: its row must not be passed over."""
    users.fill(users_db, [*range(1, 50), *range(51, 101)])
    writer = users_db.connect()
    users_db.run("BEGIN", connection=writer)
    users_db.run(f"INSERT INTO {users.SOURCE} VALUES (%s, %s, %s, %s, %s)", users.row(50), connection=writer)
    process = planned(users_db, users.entry()).start("run", settings=QUICK)
    wait_for(lambda: users_db.has_ledger() and users_db.value(f"SELECT count(*) FROM {users_db.ledger('run')}") or not process.is_running(), "the run to begin")
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0 and process.is_running(), process.result()
    users_db.run("COMMIT", connection=writer)
    assert process.finish().code == 0, process.result()
    verdict = users.verdict(users_db)
    assert verdict.is_clean() and verdict.rows == 100, verdict


def test_high_water_mark_gives_up_naming_who(users_db, planned):
    users.fill(users_db, range(1, 11))
    writer = users_db.connect()
    users_db.run("BEGIN", connection=writer)
    users_db.run(f"INSERT INTO {users.SOURCE} VALUES (%s, %s, %s, %s, %s)", users.row(50), connection=writer)
    pid = users_db.query("SELECT pg_backend_pid()" if users_db.engine == "postgres" else "SELECT connection_id()", connection=writer)[0][0]
    result = planned(users_db, users.entry()).run(code=5, settings=["timeouts.snapshot=500ms", "retry_max=1"])
    assert str(pid) in result.text, result
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0
    writer.close()
