"""A process stopped for longer than its lease wakes up in a world that went on: its batch is refused."""
import signal
import sqlite3

import pytest

import faults
import oracle
import users
from servers import wait_for

SETTINGS = ["batch.rows=10", "batch.rows_max=10", "range.rows=100000", "lease.ttl=3s", "timeouts.statement=1400ms", "timeouts.idle=1s", "workers=1"]
SLOWLY = "pace.rows_per_second=300"  # so that there is a middle to be stopped in


def the_range(db):
    return db.dicts(f"SELECT * FROM {db.ledger('range')}")[0] if db.has_ledger() and db.value(f"SELECT count(*) FROM {db.ledger('range')}") else None


def is_free(db):
    """SQLite: whether the stopped process was caught outside a transaction; inside one it blocks every writer, itself the only one."""
    if db.engine != "sqlite":
        return True
    try:
        connection = sqlite3.connect(db.path, timeout=0, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return True
    except sqlite3.OperationalError:
        return False


def stop_in_mid_range(db, infill):
    """Starts a run and stops it (SIGSTOP) while it holds its one range, half filled."""
    process = infill.start("run", settings=[*SETTINGS, SLOWLY])
    wait_for(lambda: (the_range(db) or {"batch_no": 0})["batch_no"] >= 3 or not process.is_running(), "some batches")
    while process.is_running():
        process.send(signal.SIGSTOP)
        if is_free(db):
            break
        process.send(signal.SIGCONT)
    assert process.is_running(), process.result()
    return process


def zombie_round(make_db, planned, number, wake_early, path=None, environment=None):
    """One zombie; returns what the oracle finds wrong, as sentences."""
    db = make_db()
    users.create(db)
    users.fill(db, range(1, 1501))
    infill = planned(db, users.entry(), file=f"zombie{number}.yaml", path=path, environment=environment)
    zombie = stop_in_mid_range(db, infill)
    stopped = the_range(db)
    heir = infill.start("run", settings=[*SETTINGS, SLOWLY] if wake_early else SETTINGS)
    if wake_early:  # both alive at once: the zombie comes back in the middle of the heir's work
        wait_for(lambda: the_range(db)["epoch"] > stopped["epoch"] and the_range(db)["batch_no"] > stopped["batch_no"] + 2 or not heir.is_running(),
                 "the takeover")
    else:
        assert heir.finish().code == 0, heir.result()
    moved = the_range(db)
    zombie.send(signal.SIGCONT)
    for process in (heir, zombie):
        result = process.finish()
        if result.code != 0:
            return [f"exit {result.code}\n{result}"]
    assert moved["epoch"] > stopped["epoch"], (stopped, moved)
    verdict = users.verdict(db)
    found = oracle.ledger_faults(db, users.SOURCE, users.TARGET)
    return found if verdict.is_clean() else [*found, str(verdict)]


@pytest.mark.parametrize("wake_early", [True, False])
def test_zombie_is_refused(make_db, planned, wake_early):
    for number in range(faults.amount(2, 100)):
        found = zombie_round(make_db, planned, number, wake_early)
        assert not found, found


def sleep_through_a_stop(make_db, planned, number, path=None, environment=None):
    """A process is stopped between two batches, the run is stopped by `infill stop`, the process wakes up: how many rows it still wrote."""
    db = make_db()
    users.create(db)
    users.fill(db, range(1, 1501))
    infill = planned(db, users.entry(), file=f"sleeper{number}.yaml", path=path, environment=environment)
    sleeper = stop_in_mid_range(db, infill)
    infill.call("stop", "--because", "test")
    before = db.value(f"SELECT count(*) FROM {users.TARGET}")
    sleeper.send(signal.SIGCONT)
    sleeper.finish()
    assert before < 1500
    return db.value(f"SELECT count(*) FROM {users.TARGET}") - before


def test_no_batch_commits_after_stop_has_returned(make_db, planned):
    for number in range(faults.amount(3, 100)):
        assert sleep_through_a_stop(make_db, planned, number) == 0


def test_dead_owner_on_the_same_host_is_replaced_at_once(users_db, planned):
    """kill -9 with a lease of an hour: the next process sees that the owner is dead and does not wait for the lease."""
    users.fill(users_db, range(1, 1501))
    infill = planned(users_db, users.entry())
    settings = [*SETTINGS, "lease.ttl=1h", SLOWLY]
    process = infill.start("run", settings=settings)
    wait_for(lambda: (the_range(users_db) or {"batch_no": 0})["batch_no"] >= 3 or not process.is_running(), "some batches")
    assert process.kill()
    assert the_range(users_db)["owner"]
    infill.run(settings=settings)
    assert users.verdict(users_db).is_clean()


def test_lease_of_another_host_is_respected(users_db, planned):
    """Whoever holds a lease elsewhere cannot be looked at: only the end of the lease counts, and --exclusive does not wait for it."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    faults.begin(infill, users_db, ["range.rows=100000"])
    far = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')", "postgres": "now() + interval '1 hour'", "mariadb": "now(6) + interval 1 hour"}
    users_db.run(f"UPDATE {users_db.ledger('range')} SET owner = 'elsewhere/boot/1/1/0', lease_until = {far[users_db.engine]} WHERE owner IS NOT NULL")
    infill.run("--exclusive", code=6)
