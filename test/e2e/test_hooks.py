"""Hooks: programs that are told what happens; they see nothing but what they are told, and hold nothing up."""
import contextlib
import json
import time

import pytest

import faults
import users
from servers import wait_for


@pytest.fixture
def noted(tmp_path):
    """A hook that keeps what it is told: its input in one file for each event, its environment beside it."""
    script = tmp_path / "note.sh"
    script.write_text(f"#!/bin/sh\ncat > {tmp_path}/$INFILL_EVENT.new\nenv > {tmp_path}/$INFILL_EVENT.env\nmv {tmp_path}/$INFILL_EVENT.new {tmp_path}/$INFILL_EVENT.json\n"
                      f"echo $INFILL_EVENT >> {tmp_path}/all\n")
    script.chmod(0o755)

    class Noted:
        command = [str(script)]

        def events(self):
            return (tmp_path / "all").read_text().split() if (tmp_path / "all").exists() else []

        def at_rest(self):
            """How many events there are, once none of them is still on its way."""
            def quiet():
                before = len(self.events())
                time.sleep(0.5)
                return len(self.events()) == before
            wait_for(quiet, "the hooks to end")
            return len(self.events())

        def document(self, event):
            return json.loads((tmp_path / f"{event}.json").read_text())

        def environment(self, event):
            return dict(line.split("=", 1) for line in (tmp_path / f"{event}.env").read_text().splitlines() if "=" in line)
    return Noted()


EVERY = ["started", "halted", "stalled", "rejects", "done"]


def test_started_and_done(users_db, planned, noted):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), hooks=[{"on": EVERY, "command": noted.command}], environment={"SECRET": "canary"})
    infill.run()
    assert noted.events() == ["started", "done"]
    document = noted.document("done")
    assert (document["event"], document["plan"], document["run"]) == ("done", "test", 1), document
    seen = noted.environment("done")
    assert seen["INFILL_PLAN"] == "test" and "SECRET" not in seen and "HOME" not in seen, seen
    infill.run()  # there is nothing to do, and nothing to tell
    assert noted.events() == ["started", "done"]


def test_rejects_and_halted(db, planned, noted):
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {big} CHECK (v > 0))")
    db.insert("old", [(key, -424242 if key > 10 else 1) for key in range(1, 31)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, guards={"at_least": 3},
                     hooks=[{"on": ["rejects", "halted"], "command": noted.command}])
    infill.run(code=8, settings=["workers=1", "guards.window_rows=1000"])
    assert noted.events() == ["rejects", "halted"]
    assert noted.document("halted")["reason"] == infill.status()["reason"] == noted.environment("halted")["INFILL_REASON"]
    assert "424242" not in str(noted.document("halted"))


def test_a_hook_that_hangs_or_fails_stops_nothing(users_db, planned):
    users.fill(users_db, range(1, 101))
    hooks = [{"on": ["started"], "command": ["sleep", "1000"], "timeout": "200ms"}, {"on": ["started"], "command": ["/no/such/program"]},
             {"on": ["done"], "command": ["false"]}]
    result = planned(users_db, users.entry(), hooks=hooks).run()
    assert users.verdict(users_db).is_clean()
    assert "sleep took longer" in result.err and "/no/such/program could not be started" in result.err and "false ended" in result.err, result


@pytest.mark.engines("postgres", "mariadb")
def test_stalled(users_db, planned, noted):
    """A lock keeps the only batch away, and no signal says why."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), hooks=[{"on": ["stalled"], "command": noted.command}], guards={"stalled": "500ms"})
    faults.begin(infill, users_db, ["guards.stalled=1h"])
    blocker = users_db.connect()
    users_db.run("BEGIN", connection=blocker)
    users_db.run(f"INSERT INTO {users.TARGET} VALUES (99, 'x', 'x', 0, 0)", connection=blocker)
    process = infill.start("run", settings=["workers=1", "batch.rows=1000", "timeouts.lock=100s", "timeouts.statement=100s", "lease.ttl=300s"])
    wait_for(lambda: noted.events() or not process.is_running(), "the hook")
    assert process.is_running(), process.result()
    users_db.run("ROLLBACK", connection=blocker)
    blocker.close()
    assert process.finish().code == 0, process.result()
    assert users.verdict(users_db).is_clean()


@pytest.mark.engines("postgres", "mariadb")
@pytest.mark.parametrize("reason", ["pause file", "signal", "infill pause"])
def test_a_wait_with_a_reason_is_no_stall(users_db, planned, noted, tmp_path, reason):
    """Ten times the bound without a batch, for a reason: nobody is told. Then the reason is gone, an application's lock is not, and the
    batch that is tried again and again is told of: both in one process, so that neither can be for want of a hook."""
    db = users_db
    users.fill(db, range(1, 101))
    held = tmp_path / "held"
    signals = {"pause file": {"pause_file": str(held)}, "infill pause": {},
               "signal": {"signals": {"busy": {"kind": "command", "command": ["sh", "-c", f"test -e {held} && echo 9 || echo 0"], "stop": 5, "every": "100ms"}}}}
    infill = planned(db, users.entry(), hooks=[{"on": ["stalled"], "command": noted.command}], guards={"lock_timeouts": 1000}, pace=signals[reason])
    faults.begin(infill, db)
    held.touch()
    if reason == "infill pause":
        infill.call("pause")
    with contextlib.closing(db.connect()) as blocker:
        db.run("BEGIN", connection=blocker)
        db.run(f"INSERT INTO {users.TARGET} VALUES (99, 'x', 'x', 0, 0)", connection=blocker)
        process = infill.start("run", "--json", settings=["workers=1", "batch.rows=1000", "batch.rows_max=1000", "timeouts.lock=1s", "retry_max=1000",
                                                          "guards.stalled=300ms"])
        words = {"pause file": "pause file", "signal": "stop line", "infill pause": "paused"}[reason]
        wait_for(lambda: words in process.result().text or not process.is_running(), "the run to say what it waits for")
        before = noted.at_rest()  # while it came up nobody knew the reason yet
        time.sleep(3)  # not for luck: this is what must not be told of
        assert process.is_running() and noted.events()[before:] == [], (process.result(), noted.events())
        held.unlink()
        if reason == "infill pause":
            infill.call("resume")
        wait_for(lambda: len(noted.events()) > before or not process.is_running(), "the hook")
        assert process.is_running() and noted.events()[before:] == ["stalled"], process.result()
        db.run("ROLLBACK", connection=blocker)
    assert process.finish().code == 0, process.result()
    assert users.verdict(db).is_clean()


@pytest.mark.engines("postgres", "mariadb")
def test_the_rate_is_a_reason(users_db, planned, noted):
    """A batch every five seconds, as the plan wants it, is no stall after three."""
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry(), hooks=[{"on": ["stalled"], "command": noted.command}], guards={"stalled": "3s"})
    infill.run(settings=["workers=1", "batch.rows=5", "batch.rows_max=5", "pace.rows_per_second=1"])
    assert noted.events() == []
