"""pause, resume and stop from other processes, through the ledger; when they return, no older batch can commit."""
import time

import pytest

import users
from servers import wait_for

TINY = ["batch.rows=5", "batch.rows_max=5", "range.rows=100", "workers=4"]


def snapshot(db):
    """What only a committing batch changes."""
    return db.query(f"SELECT range_no, batch_no, seen FROM {db.ledger('range')} ORDER BY range_no")


def seen(db):
    return db.value(f"SELECT coalesce(sum(seen), 0) FROM {db.ledger('range')}") if db.has_ledger() else 0


def all_wait(process):
    """Whether the last that the process said of itself is that every worker waits because of a pause."""
    said = [document for document in process.result().documents if document.get("type") == "progress"]
    return bool(said) and said[-1]["workers_waiting"] == said[-1]["workers"] and "paused" in said[-1]["reason"]


@pytest.fixture
def running(users_db, planned):
    """A run that has begun and cannot end soon: 20,000 rows in batches of 5, at most 2,000 a second."""
    users.fill(users_db, range(1, 20001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 2000}, connections_max=6)
    infill.process = infill.start("run", "--json", settings=TINY)
    wait_for(lambda: seen(users_db) > 0 or not infill.process.is_running(), "the first batch")
    assert infill.process.is_running(), infill.process.result()
    return infill


def unlimited(infill):
    return [*TINY, "pace.rows_per_second=unlimited"]


@pytest.mark.lanes
def test_pause_and_resume(users_db, running):
    document = running.call("pause", "--because", "lunch", "--json").json
    frozen = snapshot(users_db)  # pause has returned: from here on nothing may move
    assert document["state"] == "paused" and document["was"] == "running" and document["changed"]
    assert running.status()["state"] == "paused"
    wait_for(lambda: all_wait(running.process) or not running.process.is_running(), "the workers to notice")
    assert running.process.is_running(), running.process.result()
    assert snapshot(users_db) == frozen
    running.call("resume", "--because", "back")
    wait_for(lambda: seen(users_db) > sum(row[2] for row in frozen), "work to go on in the same process")
    running.process.kill()
    running.run(settings=unlimited(running))
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def test_paused_run_is_no_error_and_waits_for_resume(users_db, running):
    running.call("pause")
    running.process.kill()
    process = running.start("run", "--json", settings=unlimited(running))
    frozen = snapshot(users_db)
    wait_for(lambda: process.is_running() and "paused" in process.result().text or not process.is_running(), "the second run to say that it is paused")
    assert snapshot(users_db) == frozen
    if process.is_running():
        running.call("resume")
        assert process.finish().code == 0
    else:
        assert process.result().code == 7
        running.call("resume")
        running.run(settings=unlimited(running))
    assert users.verdict(users_db).is_clean()


@pytest.mark.lanes
def test_stop_ends_every_process_and_sticks(users_db, running):
    other = running.start("run", settings=TINY)
    running.call("stop", "--because", "wrong table")
    frozen = snapshot(users_db)
    assert running.process.finish().code == 7, running.process.result()
    assert other.finish().code in (7, 8), other.result()  # 8 when it came too late to begin at all
    assert snapshot(users_db) == frozen
    result = running.run(code=(7, 8), settings=unlimited(running))
    assert "wrong table" in result.text and "resume" in result.text, result
    running.call("resume", code=(2, 8))
    running.call("resume", "--because", "right after all")
    running.run(settings=unlimited(running))
    assert users.verdict(users_db).is_clean()


def test_pause_by_sql_from_any_client(users_db, running):
    """UPDATE infill.run SET state = 'paused' is public interface."""
    users_db.run(f"UPDATE {users_db.ledger('run')} SET state = 'paused'")
    wait_for(lambda: all_wait(running.process), "the workers to notice")
    frozen = snapshot(users_db)
    assert running.status()["state"] == "paused" and running.process.is_running()
    users_db.run(f"UPDATE {users_db.ledger('run')} SET state = 'running'")
    wait_for(lambda: seen(users_db) > sum(row[2] for row in frozen), "work to go on")


def test_pause_file(users_db, planned, tmp_path):
    users.fill(users_db, range(1, 2001))
    flag = tmp_path / "pause"
    flag.touch()
    infill = planned(users_db, users.entry(), pace={"pause_file": str(flag)}, connections_max=6)
    process = infill.start("run", "--json", settings=TINY)
    wait_for(lambda: not process.is_running() or "pause" in process.result().text, "the run to say what it waits for")
    assert process.is_running() and users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0, process.result()
    flag.unlink()
    assert process.finish().code == 0
    assert users.verdict(users_db).is_clean()


def test_control_of_nothing(users_db, planned):
    infill = planned(users_db, users.entry())
    for command in ("pause", "stop", "status"):
        result = infill.call(command, code=1)
        assert "run" in result.text, result
    assert not users_db.has_ledger()


def test_controls_are_in_the_event_log(users_db, running):
    running.call("pause", "--because", "a reason of mine")
    running.call("resume")
    events = users_db.dicts(f"SELECT * FROM {users_db.ledger('event')} ORDER BY seq")
    assert [event["seq"] for event in events] == list(range(events[0]["seq"], events[0]["seq"] + len(events)))
    assert "a reason of mine" in str(events)


def test_rate_holds_for_all_processes_together(users_db, planned):
    """A hard bucket for the plan: two processes of two workers do not move more than rate × time + one second of burst each."""
    users.fill(users_db, range(1, 1501))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 400})
    begin = time.monotonic()
    processes = [infill.start("run", settings=["batch.rows=20", "batch.rows_max=20", "range.rows=100", "workers=2"]) for _ in range(2)]
    for process in processes:
        assert process.finish().code == 0
    elapsed = time.monotonic() - begin  # a lower limit: being slow is no failure
    assert 1500 <= 400 * (elapsed + 2), f"1500 rows in {elapsed:.2f} s"
