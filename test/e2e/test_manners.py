"""The application comes first: what a stopped process holds is freed by the server, and a deadlock with the application is ours to lose."""
import contextlib
import signal

import pytest

import faults
import users
from servers import wait_for

pytestmark = pytest.mark.engines("postgres", "mariadb")
PATIENT = {"timeouts": {"lock": "100s", "statement": "100s", "idle": "1s"}, "lease": {"ttl": "300s"},
           "batch": {"target_time": "1m"}}  # a slow moment makes no smaller batches, of which those in front would be committed


@pytest.fixture
def held(users_db, planned):
    """A batch of a run of one worker has written rows up to 99 and waits for row 100, which somebody holds."""
    users.fill(users_db, range(1, 101))

    def hold(**settings):
        infill = planned(users_db, users.entry(), **PATIENT, **settings)
        faults.begin(infill, users_db)
        users_db.run("BEGIN", connection=users_db.blocker)
        users_db.run(f"INSERT INTO {users.TARGET} VALUES (%s, %s, %s, %s, %s)", users.transform(users.row(100)), connection=users_db.blocker)
        process = infill.start("run", "--json", settings=["workers=1"])
        faults.await_lock_wait(users_db, process)
        return process

    with contextlib.closing(users_db.connect()) as users_db.blocker:
        users_db.hold = hold
        yield users_db


def patiently(db, connection):
    db.run("SET lock_timeout = '90s'" if db.engine == "postgres" else "SET innodb_lock_wait_timeout = 90", connection=connection)


def test_the_server_ends_what_a_stopped_process_holds(held):
    """SIGSTOP inside a batch: the statement ends, nobody sends the COMMIT, and the transaction outlives timeouts.idle by nothing."""
    process = held.hold()
    process.send(signal.SIGSTOP)
    held.run("ROLLBACK", connection=held.blocker)
    with contextlib.closing(held.connect()) as application:
        patiently(held, application)
        held.run(f"INSERT INTO {users.TARGET} VALUES (%s, %s, %s, %s, %s)", users.transform(users.row(50)), connection=application)
    assert process.is_running()
    process.send(signal.SIGCONT)
    result = process.finish()
    assert result.code == 0, result
    assert users.verdict(held).is_clean()


@pytest.mark.engines("postgres")
def test_a_deadlock_is_ours_to_lose(held):
    """The server looks for a deadlock once in each wait, a second after its begin. Ours has looked already when the application closes the
    circle, so the application would find it, and lose, had the batch not given way before."""
    process = held.hold(pace={"signals": {"locks": {"every": "100ms"}}})
    looked = ("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.application_name LIKE 'infill %%' "
              "AND clock_timestamp() - l.waitstart > interval '1.5 s'")
    wait_for(lambda: held.query(looked, [])[0][0] or not process.is_running(), "the server to have looked for a deadlock")
    patiently(held, held.blocker)
    held.run("SET deadlock_timeout = '60s'", connection=held.blocker)  # only that the batch gives way can end this
    held.run(f"INSERT INTO {users.TARGET} VALUES (%s, %s, %s, %s, %s)", users.transform(users.row(50)), connection=held.blocker)
    held.run("COMMIT", connection=held.blocker)
    result = process.finish()
    assert result.code == 0, result
    assert "gave way" in result.json["waited_seconds"], result  # it may have waited for 0 ms, which the text leaves out
    assert users.verdict(held).is_clean()
