"""What a batch can do to an application that does not upsert, and that settling mends it.

The batch reads its rows, then waits behind a lock on one of its keys. Meanwhile the application updates one key of the same batch and deletes
another, on both sides: on the target there is no row yet, so it does nothing there. Then the lock goes, and the batch writes what it had
read. With SQLite, which has one writer at a time, this cannot happen. The mutant without settling shows the race as it is."""
import concurrent.futures
import os

import pytest

import faults
import infill as infill_of_tests
import users
from servers import wait_for

SETTINGS = ["batch.rows=1000", "workers=1", "timeouts.lock=100s", "timeouts.statement=100s", "lease.ttl=300s"]
SEEDS = int(os.environ.get("INFILL_TEST_SEEDS", "50"))
SECONDS = 20
AT_ONCE = 10


def race(db, infill, application):
    """A batch that has read what `application` then changes; gives the result of the run."""
    faults.begin(infill, db)
    blocker = db.connect()
    db.run("BEGIN", connection=blocker)
    db.run(f"INSERT INTO {users.TARGET} VALUES (50, 'x', 'x', 0, 0)", connection=blocker)
    process = infill.start("run", "--json", settings=SETTINGS)
    faults.await_lock_wait(db, process)
    application()
    db.run("ROLLBACK", connection=blocker)
    blocker.close()
    return process


def read_committed(db):
    """A connection that leaves no locks on gaps: these would keep the batch's rows out, and there would be no race."""
    connection = db.connect()
    if db.engine == "mariadb":
        db.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", connection=connection)
    return connection


def change_both_sides(db, connection):
    for statement in (f"UPDATE {users.SOURCE} SET balance = 7, version = 1 WHERE id = 95", f"UPDATE {users.TARGET} SET cents = 701, version = 1 WHERE id = 95",
                      f"DELETE FROM {users.SOURCE} WHERE id = 96", f"DELETE FROM {users.TARGET} WHERE id = 96"):
        db.run(statement, connection=connection)


@pytest.fixture
def hundred(users_db):
    users.fill(users_db, range(1, 101))
    return users_db


@pytest.mark.engines("postgres", "mariadb")
def test_update_and_delete_without_upsert_race_with_a_batch(hundred, planned):
    db = hundred

    def application():
        connection = db.connect()
        change_both_sides(db, connection)
        connection.close()
    result = race(db, planned(db, users.entry()), application).finish()
    assert result.code == 0, result
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict
    assert "filled and settled" in result.json["verdict"]
    assert result.json["settled"] == {"ranges": 1, "repaired": 1, "deleted": 1, "extra_left": 0}
    assert result.json["fills"][0]["ranges_settled"] == 1


@pytest.mark.engines("postgres", "mariadb")
def test_without_settling_the_race_leaves_its_rows(hundred, planned, mutant):
    db = hundred

    def application():
        connection = db.connect()
        change_both_sides(db, connection)
        connection.close()
    infill = planned(db, users.entry(), path=mutant, environment={"INFILL_MUTANT": "no_settling"})
    result = race(db, infill, application).finish()
    assert result.code == 0, result
    verdict = users.verdict(db)
    assert (verdict.stale, verdict.extra, verdict.missing) == ([95], [96], []), verdict


@pytest.mark.engines("postgres", "mariadb")
def test_a_range_is_not_settled_before_the_writer_has_ended(hundred, planned):
    """The application's transaction outlives the batch: it is waited for, by name, and only then is the range looked at."""
    db = hundred
    application = read_committed(db)

    def begin():
        db.run("BEGIN", connection=application)
        change_both_sides(db, application)
    process = race(db, planned(db, users.entry()), begin)
    ledger = db.ledger("range")
    wait_for(lambda: db.value(f"SELECT count(*) FROM {ledger} WHERE state = 'filled'") == 1 or not process.is_running(), "the range to be filled")
    assert process.is_running(), process.result()
    assert db.value(f"SELECT count(*) FROM {ledger} WHERE settled_at IS NOT NULL") == 0
    db.run("COMMIT", connection=application)
    application.close()
    result = process.finish()
    assert result.code == 0, result
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict


@pytest.mark.engines("postgres", "mariadb")
def test_a_writer_that_does_not_end_is_named(hundred, planned):
    db = hundred
    application = read_committed(db)

    def begin():
        db.run("BEGIN", connection=application)
        change_both_sides(db, application)
    infill = planned(db, users.entry())
    SETTINGS.append("timeouts.snapshot=2s")
    try:
        process = race(db, infill, begin)
        result = process.finish()
    finally:
        SETTINGS.pop()
    assert result.code == 5, result
    assert "not settled" in result.text and ("pid" in result.text or "session" in result.text), result
    db.run("COMMIT", connection=application)
    application.close()
    infill.run()
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict


def test_upserting_writer_in_the_same_race_is_safe(users_db, planned):
    """A writer that upserts: the batch meets its row as a duplicate and keeps it."""
    users.fill(users_db, users.keys(2000))
    with faults.writing(users_db, "upsert", keys=2100, pause=0):
        planned(users_db, users.entry()).run(settings=["batch.rows=50", "batch.rows_max=50"])
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def test_plain_writer(users_db, planned):
    users.fill(users_db, users.keys(2000))
    with faults.writing(users_db, "plain", keys=2100, pause=0):
        planned(users_db, users.entry()).run(settings=["batch.rows=50", "batch.rows_max=50", "range.rows=300"])
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def fill_beside_a_plain_writer(db, tmp, seed, seconds, binary=None, environment=None):
    """A fill that lasts about so long, beside a writer that never upserts; the independent comparison afterwards, both at rest."""
    keys = users.keys(200 * seconds, seed=seed)
    users.create(db)
    users.fill(db, keys)
    plan = infill_of_tests.write_plan(os.path.join(tmp, f"{db.name}.yaml"), db.url, [users.entry()])
    one = infill_of_tests.Infill(plan, binary, **(environment or {}))
    with faults.writing(db, "plain", keys=keys[-1], pause=0.001, seed=seed):
        one.run(settings=["batch.rows=40", "batch.rows_max=40", "range.rows=500", "pace.rows_per_second=200", "workers=2"])
    verdict = users.verdict(db)
    one.end()
    return verdict


@pytest.mark.engines("postgres", "mariadb")
def test_many_seeds(make_db, tmp_path):
    """0 stale, 0 resurrected, 0 lost, whatever meets: many runs, ten of them side by side."""
    databases = [make_db() for _ in range(SEEDS)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(lambda pair: fill_beside_a_plain_writer(pair[1], tmp_path, pair[0], SECONDS), enumerate(databases)))
    assert not [f"seed {seed}: {verdict}" for seed, verdict in enumerate(verdicts) if not verdict.is_clean()]
