"""SIGINT, SIGTERM and SIGHUP drain: the batch at hand ends, the leases are given back, the exit code says which signal it was."""
import signal
import subprocess

import pytest

import faults
import infill as binary
import oracle
import users
from servers import wait_for

TINY = ["batch.rows=5", "batch.rows_max=5", "range.rows=100", "workers=2"]


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, (7, 129, 130, 143))])
def test_drain(users_db, planned, number, code):
    users.fill(users_db, range(1, 20001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 2000})
    process = infill.start("run", settings=[*TINY, "timeouts.lock=30s"])
    wait_for(lambda: users_db.has_ledger() and users_db.value(f"SELECT count(*) FROM {users.TARGET}") or not process.is_running(), "the first batch")
    process.send(number)
    result = process.finish()
    assert result.code in (code if isinstance(code, tuple) else (code,)), result
    assert users_db.value(f"SELECT count(*) FROM {users_db.ledger('range')} WHERE owner IS NOT NULL") == 0
    assert not oracle.ledger_faults(users_db, users.SOURCE, users.TARGET)
    assert infill.status()["state"] == "running"  # a drained process is not a stopped run: the same command resumes
    infill.run(settings=["pace.rows_per_second=unlimited"])
    assert users.verdict(users_db).is_clean()


@pytest.mark.engines("postgres", "mariadb")
def test_second_signal_cancels_the_batch(users_db, planned):
    """The batch hangs on a lock; the first signal waits for it, the second one cancels it in the server."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), timeouts={"lock": "100s", "statement": "100s"}, lease={"ttl": "300s"})
    faults.begin(infill, users_db)
    blocker = users_db.connect()
    users_db.run("BEGIN", connection=blocker)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (100, '', '', 0, 0)", connection=blocker)
    process = infill.start("run")
    faults.await_lock_wait(users_db, process)
    process.send(signal.SIGINT)
    wait_for(lambda: "signal" in process.result().text.lower() or "drain" in process.result().text.lower() or "batch" in process.result().text.lower()
             or not process.is_running(), "the first signal to be acknowledged")
    assert process.is_running(), process.result()
    process.send(signal.SIGINT)
    result = process.finish()
    assert result.code == 130, result
    blocker.close()
    infill.run(settings=["timeouts.lock=1s", "timeouts.statement=10s"])
    assert users.verdict(users_db).is_clean()


def test_both_lines_of_output_survive_a_closed_pipe(users_db, planned):
    """`infill run | head` must not kill a run half-way through a batch, nor leave a lease behind."""
    users.fill(users_db, range(1, 501))
    infill = planned(users_db, users.entry())
    process = subprocess.Popen([binary.binary(), "run", str(infill.plan), "--json", "--set", "batch.rows=5"], env=infill.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.close()
    process.wait(binary.HANG_SECONDS)
    infill.run()
    assert users.verdict(users_db).is_clean()
