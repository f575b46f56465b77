"""What a fill beside an application that does not upsert cannot promise, shown on purpose; settling closes it, in a later version.

The batch reads its rows, then waits behind a lock on one of its keys. Meanwhile the application updates one key of the same batch and deletes
another, on both sides: on the target there is no row yet, so it does nothing there. Then the lock goes, and the batch writes what it had
read. With SQLite, which has one writer at a time, this cannot happen."""
import pytest

import faults
import users
from servers import wait_for

SETTINGS = ["batch.rows=1000", "workers=1", "timeouts.lock=100s", "timeouts.statement=100s", "lease.ttl=300s"]


@pytest.mark.engines("postgres", "mariadb")
def test_update_and_delete_without_upsert_race_with_a_batch(users_db, planned):
    db = users_db
    users.fill(db, range(1, 101))
    infill = planned(db, users.entry())
    faults.begin(infill, db)
    blocker = db.connect()
    db.run("BEGIN", connection=blocker)
    db.run(f"INSERT INTO {users.TARGET} VALUES (50, 'x', 'x', 0, 0)", connection=blocker)
    process = infill.start("run", "--json", settings=SETTINGS)
    wait_for(lambda: faults.waits_for_lock(db) or not process.is_running(), "the batch to wait for the lock")
    assert process.is_running(), process.result()
    application = db.connect()
    for statement in (f"UPDATE {users.SOURCE} SET balance = 7, version = 1 WHERE id = 95", f"UPDATE {users.TARGET} SET cents = 701, version = 1 WHERE id = 95",
                      f"DELETE FROM {users.SOURCE} WHERE id = 96", f"DELETE FROM {users.TARGET} WHERE id = 96"):
        db.run(statement, connection=application)
    application.close()
    db.run("ROLLBACK", connection=blocker)
    blocker.close()
    result = process.finish()
    assert result.code == 0, result
    verdict = users.verdict(db)
    assert (verdict.stale, verdict.extra, verdict.missing) == ([95], [96], []), verdict
    assert "not yet settled" in result.json["verdict"]  # and infill does not claim otherwise


def test_upserting_writer_in_the_same_race_is_safe(users_db, planned):
    """The same, with a writer that upserts: the batch meets its row as a duplicate and keeps it."""
    users.fill(users_db, users.keys(2000))
    with faults.writing(users_db, "upsert", keys=2100, pause=0):
        planned(users_db, users.entry()).run(settings=["batch.rows=50", "batch.rows_max=50"])
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def test_plain_writer_is_counted(users_db, planned):
    """Rows that a plain writer made stale or extra are found by the oracle; everything else is there exactly once."""
    users.fill(users_db, users.keys(2000))
    with faults.writing(users_db, "plain", keys=2100, pause=0):
        planned(users_db, users.entry()).run(settings=["batch.rows=50", "batch.rows_max=50"])
    verdict = users.verdict(users_db)
    assert not verdict.missing and not verdict.doubled, verdict
    if users_db.engine == "sqlite":
        assert verdict.is_clean(), verdict
