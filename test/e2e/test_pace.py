"""Signals hold the run back and let it go on: loads measured by queries and programs of the user's, files and hours of the day."""
import datetime
import stat
import threading

import pytest

import databases
import faults
import users
from servers import wait_for

TINY = ["batch.rows=50", "batch.rows_max=50", "range.rows=500", "workers=2"]


@pytest.fixture
def load(users_db):
    """A table with the load that tests make up."""
    users.fill(users_db, range(1, 2001))
    users_db.run("CREATE TABLE made_up (load_now {int} NOT NULL)")
    users_db.run("INSERT INTO made_up VALUES (0)")

    def set_to(value):
        users_db.run("UPDATE made_up SET load_now = %s", [value])
    return set_to


def moved(db):
    return db.value(f"SELECT count(*) FROM {users.TARGET}")


def said(process, text):
    return any(text in document.get("reason", "") for document in process.result().documents if document.get("type") == "progress")


def wait_said(process, text):
    wait_for(lambda: said(process, text) or not process.is_running(), f"the run to say '{text}'")
    assert process.is_running(), process.result()


def finish(process, db):
    assert process.finish().code == 0, process.result()
    assert users.verdict(db).is_clean()


def probe(**lines):
    return {"kind": "sql", "query": "SELECT load_now FROM made_up", "every": "200ms", **lines}


def test_stop_line_holds_and_lets_go(users_db, planned, load):
    load(10)
    infill = planned(users_db, users.entry(), pace={"signals": {"queue": probe(stop=10)}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "queue 10, stop line 10")
    assert moved(users_db) == 0
    wait_for(lambda: infill.status()["pace"]["held"], "the ledger to say so")
    status = infill.status()
    held, = status["pace"]["held"]
    assert held["signal"] == "queue" and held["state"] == "wait" and held["reason"].startswith("queue 10, stop line 10") and held["pid"] == process.pid
    assert status["idle_since"] is None and "held back" in infill.call("status").out
    load(9)  # not yet well below the line
    wait_said(process, "queue 9, stop line 10")
    assert moved(users_db) == 0
    load(3)
    finish(process, users_db)
    status = infill.status()
    cost, = status["pace"]["cost"]
    assert status["pace"]["held"] == [] and cost["signal"] == "queue" and cost["waited_seconds"] > 0
    events = [event["detail"] for event in status["events"] if event["what"] == "pace"]
    assert events[0]["state"] == "wait" and events[0]["signal"] == "queue" and "stop line" in events[0]["reason"]


@pytest.mark.parametrize("command, code", [("stop", 7), ("pause", None)])
def test_a_run_that_is_held_hears_what_people_say(users_db, planned, load, command, code):
    load(10)
    infill = planned(users_db, users.entry(), pace={"signals": {"queue": probe(stop=10)}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "queue 10, stop line 10")
    infill.call(command, "--because", "the wrong night")
    if code is None:
        wait_said(process, "the wrong night")
        infill.call("resume", "--because", "the right one")
        load(0)
        finish(process, users_db)
    else:
        result = process.finish()
        assert result.code == code and "the wrong night" in result.text and moved(users_db) == 0, result


def test_in_mid_run(users_db, planned, load):
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 100, "signals": {"queue": probe(stop=10)}})
    process = infill.start("run", "--json", settings=[*TINY, "batch.rows=5", "batch.rows_max=5"])
    wait_for(lambda: moved(users_db) > 0 or not process.is_running(), "the first batch")
    load(50)
    wait_said(process, "queue 50, stop line 10")
    held = moved(users_db)
    assert 0 < held < 2000
    wait_for(lambda: process.result().documents[-1].get("workers_waiting") == 2, "both workers to wait")
    for what in ("batches at hand to end", "some time to pass"):
        held = moved(users_db)
        before = len(process.result().documents)
        wait_for(lambda: len(process.result().documents) > before + 2, what)
    assert moved(users_db) == held
    load(0)
    infill.call("set", "pace.rows_per_second=unlimited")
    finish(process, users_db)


def test_slow_line_slows(users_db, planned, load):
    load(20)
    process = planned(users_db, users.entry(), pace={"rows_per_second": 200, "signals": {"queue": probe(slow=10)}}).start(
        "run", "--json", settings=[*TINY, "batch.rows=5", "batch.rows_max=5"])
    wait_said(process, "queue 20, slow line 10")
    wait_for(lambda: moved(users_db) > 0, "a slow run to move")
    load(0)
    wait_for(lambda: moved(users_db) > 400 or not process.is_running(), "it to go on")


def test_query_that_fails(users_db, planned, load):
    """What cannot be read for 15 s is a reason to wait, with the reason why; when it can be read again the run goes on."""
    load(0)
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 20, "signals": {"queue": probe(stop=10)}})
    process = infill.start("run", "--json", settings=[*TINY, "batch.rows=5", "batch.rows_max=5"])
    wait_for(lambda: moved(users_db) > 0 or not process.is_running(), "the first batch")
    users_db.run("ALTER TABLE made_up RENAME TO gone")
    wait_said(process, "queue cannot be read: ")
    held = moved(users_db)
    assert held < 1000
    users_db.run("ALTER TABLE gone RENAME TO made_up")
    wait_for(lambda: moved(users_db) > held or not process.is_running(), "the run to go on")
    assert process.is_running(), process.result()


@pytest.mark.parametrize("query, why", [("SELECT load_now FROM made_up WHERE load_now < 0", "gives no row"),
                                        ("SELECT 'hunter2' FROM made_up", "gives no number"), ("SELECT NULL FROM made_up", "gives no number"),
                                        ("DELETE FROM made_up", "cannot be read")])
def test_query_that_gives_no_number(users_db, planned, load, query, why):
    process = planned(users_db, users.entry(), pace={"signals": {"queue": {**probe(stop=10), "query": query}}}).start("run", "--json", settings=TINY)
    wait_said(process, why)
    assert moved(users_db) == 0 and users_db.value("SELECT count(*) FROM made_up") == 1
    assert "hunter2" not in process.result().text


@pytest.mark.engines("sqlite", "postgres")
def test_command(users_db, planned, load, tmp_path):
    value, script = tmp_path / "value", tmp_path / "probe"
    value.write_text("95%\n")
    script.write_text(f"#!/bin/sh\n[ \"$1\" = 'a b; $HOME' ] && [ -z \"$INFILL_TIMEOUTS_SNAPSHOT\" ] && cat {value}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    infill = planned(users_db, users.entry(), pace={"signals": {"disk": {"kind": "command", "command": [str(script), "a b; $HOME"], "stop": 0.9, "every": "200ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "disk 0.95, stop line 0.9")
    assert moved(users_db) == 0
    value.write_text("0.5")
    finish(process, users_db)


@pytest.mark.engines("sqlite")
def test_command_that_hangs(users_db, planned, load, tmp_path):
    infill = planned(users_db, users.entry(), pace={"signals": {"disk": {"kind": "command", "command": ["sleep", "1000"], "stop": 1, "timeout": "100ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "disk cannot be read: sleep took longer than 100 ms")
    assert moved(users_db) == 0


@pytest.mark.engines("postgres")
def test_window(users_db, planned, load):
    now = datetime.datetime.now(datetime.timezone.utc)
    later = [(now + datetime.timedelta(hours=hours)).strftime("%H:%M") for hours in (3, 5)]
    shut, is_open = f"{later[0]}-{later[1]} UTC", f"{later[1]}-{later[0]} Etc/UTC"
    infill = planned(users_db, users.entry(), pace={"only": shut})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, f"only {shut}, and it is ")
    assert moved(users_db) == 0
    process.kill()
    infill.run(settings=[*TINY, f"pace.only={is_open}"])
    assert users.verdict(users_db).is_clean()


def test_rate_is_a_reason_too(users_db, planned, load):
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 20})
    process = infill.start("run", "--json", settings=[*TINY, "batch.rows=5", "batch.rows_max=5"])
    wait_for(lambda: (moved(users_db) > 0 and infill.status()["pace"]["held"]) or not process.is_running(), "the ledger to say so")
    status = infill.status()
    held, = status["pace"]["held"]
    cost, = status["pace"]["cost"]
    assert held["signal"] == cost["signal"] == "rate limit" and held["reason"] == "rate limit: 20 rows/s for the plan" and held["pid"] == process.pid
    assert cost["slowed_seconds"] > 0.5 and cost["waited_seconds"] == 0


@pytest.mark.engines("sqlite")
def test_wrong_signals_are_named_by_line(users_db, planned, load):
    result = planned(users_db, users.entry(), pace={"signals": {"queue": {"kind": "sql", "slow": 1}}}).call("plan", code=2)
    assert "the signal 'queue' of kind sql needs 'query'" in result.text and "plan.yaml:" in result.text, result


@pytest.mark.engines("postgres")
def test_origins_show_signals(users_db, planned, load):
    result = planned(users_db, users.entry(), pace={"signals": {"queue": probe(slow=10)}}).call("plan", "--origins", "--json")
    rows = [row for row in result.json["settings"] if row["setting"] == "pace.signals.queue"] if "settings" in result.json else result.text
    assert "pace.signals.queue" in str(rows)


@pytest.fixture
def sleepers(users_db):
    """Statements of other sessions that take as long as the test does."""
    started = []

    def start(sql):
        connection = users_db.connect()
        thread = threading.Thread(target=lambda: run_quietly(users_db, sql, connection), daemon=True)
        thread.start()
        started.append((connection, thread))
    yield start
    for pid in users_db.others() if started else []:
        users_db.kill(pid)
    for _, thread in started:
        thread.join()


def run_quietly(db, sql, connection):
    try:
        db.run(sql, connection=connection)
    except databases.ERRORS:
        pass  # it was killed


@pytest.mark.engines("postgres", "mariadb")
def test_lock_waits(users_db, planned, load, sleepers):
    """An application that waits for itself: the run waits until that is over."""
    blocker = users_db.connect()
    users_db.run("BEGIN", connection=blocker)
    users_db.run("UPDATE made_up SET load_now = 1", connection=blocker)
    sleepers("UPDATE made_up SET load_now = 2")
    wait_for(lambda: faults.lasting_lock_waits(users_db), "the application to wait")
    infill = planned(users_db, users.entry(), pace={"signals": {"locks": {"stop": 1, "every": "200ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "locks 1, stop line 1")
    assert moved(users_db) == 0
    users_db.run("ROLLBACK", connection=blocker)
    finish(process, users_db)
    blocker.close()


@pytest.mark.engines("postgres", "mariadb")
def test_running_sessions(users_db, planned, load, sleepers):
    for _ in range(6):
        sleepers("SELECT pg_sleep(600)" if users_db.engine == "postgres" else "SELECT sleep(600)")
    asleep = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'" if users_db.engine == "postgres"
              else "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep'")
    wait_for(lambda: users_db.value(asleep) == 6, "the sleepers to sleep")
    infill = planned(users_db, users.entry(), pace={"signals": {"sessions": {"stop": "4%", "every": "200ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "of 150)")
    assert said(process, "stop line 4%") and moved(users_db) == 0
    for pid in users_db.others():
        users_db.kill(pid)
    finish(process, users_db)


@pytest.mark.engines("postgres")
def test_sessions_that_may_not_be_seen(users_db, planned, load):
    users_db.script("CREATE ROLE plain2 LOGIN", f"GRANT ALL ON DATABASE {users_db.name} TO plain2", "GRANT ALL ON ALL TABLES IN SCHEMA public TO plain2")
    infill = planned(users_db, users.entry(), url=users_db.url.replace("postgres@", "plain2@"), pace={"signals": {"sessions": {"stop": "4%"}}})
    process = infill.start("run", "--json", settings=TINY)
    try:
        wait_said(process, "GRANT pg_monitor")
        assert moved(users_db) == 0
    finally:
        process.kill()
        users_db.script("DROP OWNED BY plain2 CASCADE", "DROP ROLE plain2")


@pytest.mark.engines("postgres", "mariadb")
def test_latency(users_db, planned, load):
    load(1500)
    sleep = "SELECT pg_sleep(load_now / 1000.0) FROM made_up" if users_db.engine == "postgres" else "SELECT sleep(load_now / 1000) FROM made_up"
    infill = planned(users_db, users.entry(), pace={"signals": {"latency": {"query": sleep, "slow": "1s", "stop": "1200ms", "over": "1s", "every": "100ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "stop line 1.2 s")
    assert moved(users_db) == 0
    load(0)
    finish(process, users_db)


@pytest.mark.engines("postgres")
def test_latency_beyond_its_timeout(users_db, planned, load):
    infill = planned(users_db, users.entry(), pace={"signals": {"latency": {"query": "SELECT pg_sleep(600)", "stop": "400ms", "timeout": "400ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "stop line 400 ms")
    assert moved(users_db) == 0


def test_cpu_of_this_machine(users_db, planned, load):
    """Any use at all is above the line: what counts is that it is known."""
    infill = planned(users_db, users.entry(), pace={"signals": {"cpu": {"slow": "0%", "every": "200ms"}}})
    process = infill.start("run", "--json", settings=[*TINY, "pace.rows_per_second=200"])
    wait_said(process, "%, slow line 0%")
    assert not said(process, "cannot be read")


@pytest.mark.engines("postgres")
def test_cpu_of_another_machine(users_db, planned, load, tmp_path):
    """There a program says it."""
    value, script = tmp_path / "value", tmp_path / "probe"
    value.write_text("250%")
    script.write_text(f"#!/bin/sh\ncat {value}\n")
    script.chmod(0o755)
    infill = planned(users_db, users.entry(), pace={"signals": {"cpu": {"command": [str(script)], "stop": "90%", "every": "200ms"}}})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "cpu cannot be read: it gives neither a fraction")
    value.write_text("95%")
    wait_said(process, "cpu 95%, stop line 90%")
    assert moved(users_db) == 0
    value.write_text("0.1")
    finish(process, users_db)
