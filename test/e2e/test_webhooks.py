"""Hooks over HTTP: who is told what, how often it is tried, and that the URL is nobody's business."""
import signal
import subprocess

import pytest

import faults
import receiver
import users
from servers import wait_for


@pytest.fixture
def webhook():
    """Receivers that end with the test."""
    made = []

    def start(*answers, **options):
        made.append(receiver.Receiver(*answers, **options))
        return made[-1]
    yield start
    for one in made:
        one.close()


def hook(*events, **more):
    return {"on": list(events), "http": {"url": "${env:HOOK}"}, **more}


def secretive(*texts):
    return not [text for text in texts if receiver.SECRET in str(text)]


def everything(db, infill, tmp_path, *results):
    """All that somebody else could read."""
    texts = [result.text for result in results] + [infill.call(*command, code=None).text for command in (
        ["status"], ["status", "--json"], ["plan"], ["plan", "--origins", "--json"])]
    texts += [str(db.query(f"SELECT * FROM {db.ledger(table)}")) for table in db.ledger_tables()]
    # by another process: to close a file of SQLite's here would take away the locks of this process's own connections
    return texts + [subprocess.run(["cat", path], capture_output=True, check=True).stdout.decode(errors="replace") for path in tmp_path.iterdir() if path.is_file()]


def test_fails_twice_then_answers(users_db, planned, webhook, tmp_path):
    users.fill(users_db, range(1, 101))
    told = webhook(503, 429, 200)
    infill = planned(users_db, users.entry(), hooks=[hook("started", "done")], environment={"HOOK": told.url})
    result = infill.run()
    assert users.verdict(users_db).is_clean()
    assert told.events() == ["started", "started", "started", "done"]
    assert len({document["id"] for document in told.documents}) == 2
    assert told.requests[0][0] == f"/services/{receiver.SECRET}?token={receiver.SECRET}"
    assert told.documents[-1]["text"] == "infill: run 1 of test in default is done"
    assert "hook" not in result.text, result
    assert secretive(*everything(users_db, infill, tmp_path, result))


@pytest.mark.parametrize("answer, why, asked", [(None, "did not answer within 2000 ms", 1), (404, "answered with status 404", 1),
                                                (302, "answered with status 302", 1), (500, "answered with status 500", 3)])
@pytest.mark.engines("sqlite")
def test_a_hook_that_fails_stops_nothing(users_db, planned, webhook, tmp_path, answer, why, asked):
    users.fill(users_db, range(1, 101))
    told = webhook(answer)
    infill = planned(users_db, users.entry(), hooks=[hook("done", timeout="2s" if answer is None else "10s")], environment={"HOOK": told.url})
    result = infill.run()
    assert users.verdict(users_db).is_clean()
    wait_for(lambda: len(told.documents) >= asked, "the receiver to get to it")
    assert len(told.documents) == asked and f"hook for done: http://127.0.0.1:{told.port} {why}" in result.err, result
    assert secretive(*everything(users_db, infill, tmp_path, result))


@pytest.mark.engines("sqlite")
def test_nobody_listens(users_db, planned, webhook):
    users.fill(users_db, range(1, 101))
    told = webhook()
    told.close()
    result = planned(users_db, users.entry(), hooks=[hook("done")], environment={"HOOK": told.url}).run()
    assert users.verdict(users_db).is_clean()
    assert f"hook for done: http://127.0.0.1:{told.port}" in result.err and secretive(result.text), result


@pytest.mark.engines("sqlite")
def test_a_certificate_of_nobody(users_db, planned, webhook, tmp_path):
    """Whoever has no certificate that the system trusts is not told."""
    users.fill(users_db, range(1, 101))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    (tmp_path / "both.pem").write_text((tmp_path / "key.pem").read_text() + (tmp_path / "cert.pem").read_text())
    told = webhook(200, certificate=tmp_path / "both.pem")
    infill = planned(users_db, users.entry(), hooks=[hook("done")], environment={"HOOK": told.url, "SSL_CERT_FILE": str(tmp_path / "cert.pem")})
    result = infill.run()
    assert "certificate" in result.err and f"https://127.0.0.1:{told.port}" in result.err and not told.documents, result


@pytest.mark.engines("sqlite")
def test_a_secret_in_the_plan_is_refused(users_db, planned):
    for url in (f"https://me:{receiver.SECRET}@h/x", f"https://h/x?token={receiver.SECRET}"):
        result = planned(users_db, users.entry(), hooks=[{"on": ["done"], "http": url}]).run(code=2)
        assert "a password must not stand here" in result.err and secretive(result.text), result
    result = planned(users_db, users.entry(), hooks=[hook("done")]).run(code=2)
    assert "HOOK is not set" in result.err, result


# ---- required ones ----

def rows(db):
    return db.value(f"SELECT count(*) FROM {users.TARGET}")


def notices(db, state=None):
    return [(event, tries) for event, kept, tries in db.query(f"SELECT event, state, tries FROM {db.ledger('notice')} ORDER BY at") if state in (None, kept)]


def ids(told):
    return {document["id"] for document in told.documents}


def test_no_batch_before_started_was_told(users_db, planned, webhook, tmp_path):
    users.fill(users_db, range(1, 101))
    told = webhook(500)
    infill = planned(users_db, users.entry(), hooks=[hook("started", "done", required=True)], environment={"HOOK": told.url})
    result = infill.run(code=8)
    assert "a required hook was not told that the run starts" in result.err and f"http://127.0.0.1:{told.port} answered with status 500" in result.err, result
    assert rows(users_db) == 0 and not notices(users_db)
    assert secretive(*everything(users_db, infill, tmp_path, result))
    told.say(200)
    infill.run()
    assert users.verdict(users_db).is_clean()
    assert told.events()[-2:] == ["started", "done"] and notices(users_db) == [("done", 1)], told.documents


def test_nobody_there_at_the_end(users_db, planned, webhook, tmp_path):
    """What it was not told is kept; the next run tells it and does nothing else."""
    users.fill(users_db, range(1, 101))
    told = webhook(503)
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    result = infill.run(code=5, settings=["timeouts.hooks=0s"])
    assert users.verdict(users_db).is_clean() and "infill run" in result.text and "1 still to be told" in result.text, result
    document = infill.status()
    assert [(one["event"], one["hook"]) for one in document["hooks_untold"]] == [("done", 1)] and "status 503" in document["hooks_untold"][0]["error"], document
    assert document["state"] == "done" and document["next"].startswith("infill run"), document
    assert "UNTOLD HOOK" in infill.call("status").out
    refused = infill.run(code=8)
    assert "required hooks do not answer" in refused.err, refused
    told.say(200)
    infill.run()
    assert told.events()[-1] == "done" and len(ids(told)) == 1 and infill.status()["hooks_untold"] == []
    before = len(told.documents)
    infill.run()  # and nothing is told again
    assert len(told.documents) == before and notices(users_db, "told"), notices(users_db)
    assert secretive(*everything(users_db, infill, tmp_path, result, refused))


def test_the_end_waits_for_it(users_db, planned, webhook):
    users.fill(users_db, range(1, 101))
    told = webhook(503, 503, 503, 503, 200)  # two rounds of three attempts
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    infill.run(settings=["timeouts.hooks=10m"])
    assert told.events() == ["done"] * 5 and len(ids(told)) == 1 and notices(users_db) == [("done", 2)], told.documents


def test_killed_between_the_change_and_the_call(users_db, planned, webhook):
    """The run is done, nobody has answered yet, kill -9: the next run tells it, under the same id."""
    users.fill(users_db, range(1, 101))
    told = webhook(None)
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    process = infill.start("run")
    wait_for(lambda: told.documents or not process.is_running(), "the call")
    assert process.kill(), process.result()
    assert infill.status()["state"] == "done" and [event for event, _ in notices(users_db, "open")] == ["done"]
    told.say(200)
    infill.run()
    assert told.events() == ["done", "done"] and len(ids(told)) == 1, told.documents
    assert infill.status()["hooks_untold"] == []


def test_a_halt_is_told_later(db, planned, webhook):
    """Halted at night while nobody answers: the next attempt to go on tells it first, and is refused because of the halt as ever."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {big} CHECK (v > 0))")
    db.insert("old", [(key, -1 if key > 10 else 1) for key in range(1, 31)])
    told = webhook(500)
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, guards={"at_least": 3},
                     hooks=[hook("rejects", "halted", required=True)], environment={"HOOK": told.url})
    infill.run(code=8, settings=["workers=1", "guards.window_rows=1000", "timeouts.hooks=0s"])
    assert sorted(event for event, _ in notices(db, "open")) == ["halted", "rejects"]
    told.say(200)
    before = len(told.documents)
    result = infill.run(code=8)
    assert "halted" in result.err and sorted(told.events()[before:]) == ["halted", "rejects"], (result, told.documents)
    assert [document["reason"] for document in told.documents if document["event"] == "halted"][-1] == infill.status()["reason"]


def test_processes_tell_it_once(users_db, planned, webhook):
    users.fill(users_db, range(1, 5001))
    told = webhook(200)
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    slowly = ["batch.rows=50", "batch.rows_max=50", "range.rows=200", "pace.rows_per_second=50"]  # none has ended before all are there
    together = [infill.start("run", settings=slowly) for _ in range(3)]
    at_work = lambda: {worker["pid"] for worker in infill.status()["workers"]} if faults.progress(users_db) else ()
    wait_for(lambda: len(at_work()) == 3 or not all(process.is_running() for process in together), "all three to be at work")
    infill.call("set", "pace.rows_per_second=unlimited")
    assert [process.finish().code for process in together] == [0, 0, 0], [process.result() for process in together]
    assert told.events() == ["done"] and notices(users_db) == [("done", 1)], told.documents


@pytest.mark.engines("sqlite")
def test_a_hook_that_the_plan_has_no_longer(users_db, planned, webhook):
    users.fill(users_db, range(1, 101))
    told = webhook(500)
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    infill.run(code=5, settings=["timeouts.hooks=0s"])
    result = planned(users_db, users.entry(), hooks=[hook("done")], environment={"HOOK": told.url}).run()
    assert "is dropped" in result.err and [event for event, _ in notices(users_db, "dropped")] == ["done"], result


@pytest.mark.engines("sqlite")
def test_a_required_command(users_db, planned, tmp_path):
    users.fill(users_db, range(1, 101))
    script = tmp_path / "page.sh"
    script.write_text(f"#!/bin/sh\ntest -e {tmp_path}/up && cat >> {tmp_path}/told\n")
    script.chmod(0o755)
    infill = planned(users_db, users.entry(), hooks=[{"on": ["done"], "command": [str(script)], "required": True}])
    infill.run(code=5, settings=["timeouts.hooks=0s"])
    (tmp_path / "up").touch()
    infill.run()
    assert '"event":"done"' in (tmp_path / "told").read_text()


def test_rejects_that_nobody_was_told_of(db, planned, webhook):
    """A process died between the first reject and the note that somebody has to be told of it: the next one makes up for it."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {big} CHECK (v > 0))")
    db.insert("old", [(key, -1 if key == 5 else 1) for key in range(1, 31)])
    entry = {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}
    planned(db, entry).run("--fill", "f", "--until", "10", code=3)
    told = webhook(200)
    planned(db, entry, hooks=[hook("rejects", required=True)], environment={"HOOK": told.url}).run(code=3)
    assert told.events() == ["rejects"], told.documents


# ---- the checklist ----

@pytest.mark.engines("sqlite")
def test_a_dry_call(users_db, planned, webhook, tmp_path):
    users.fill(users_db, range(1, 101))
    told = webhook(200)
    script = tmp_path / "note.sh"
    script.write_text(f"#!/bin/sh\necho $INFILL_EVENT >> {tmp_path}/called\n")
    script.chmod(0o755)
    infill = planned(users_db, users.entry(), environment={"HOOK": told.url},
                     hooks=[hook("done", required=True), hook("halted"), {"on": ["done"], "command": [str(script)]}])

    def lines(*arguments, code):
        result = infill.call("check", "--json", "--watch", "1", *arguments, code=code)
        assert secretive(result.text)
        return [(line["verdict"], line["message"]) for part in result.json["parts"] for line in part["lines"] if line["check"] == "hooks"]
    assert [verdict for verdict, _ in lines(code=0)] == ["pass"] * 3
    assert told.events() == ["check"] * 2 and (tmp_path / "called").read_text() == "check\n"
    assert "dry call" in told.documents[0]["text"] and told.documents[0]["run"] == 0, told.documents
    told.say(404)
    assert [verdict for verdict, _ in lines(code=8)] == ["fail", "warn", "pass"]
    assert lines("--no-hooks", code=0) == [("none", "the hooks were not called (--no-hooks)")]


@pytest.mark.engines("postgres")
def test_the_run_in_prod_asks_the_required_ones(users_db, planned, webhook):
    users.fill(users_db, range(1, 101))
    told = webhook(404)
    infill = planned(users_db, users.entry(), profile="prod", writes="none", environment={"HOOK": told.url}, hooks=[hook("done", required=True), hook("done")])
    accepted = ["--yes", "--accept", "superuser", "--accept", "timeouts"]
    result = infill.run(*accepted, code=8)
    assert told.events() == ["check"] and "hook 1 does not answer a dry call, and is required" in result.err, result
    assert not users_db.has_ledger()
    told.say(200)
    infill.run(*accepted)
    assert users.verdict(users_db).is_clean() and told.events() == ["check", "check", "done", "done"]


@pytest.mark.engines("sqlite")
def test_the_second_signal_ends_the_wait(users_db, planned, webhook):
    users.fill(users_db, range(1, 101))
    told = webhook(500)
    infill = planned(users_db, users.entry(), hooks=[hook("done", required=True)], environment={"HOOK": told.url})
    process = infill.start("run", settings=["timeouts.hooks=1h"])
    wait_for(lambda: "it will be told later" in process.result().err or not process.is_running(), "the first attempt to fail")
    process.send(signal.SIGINT)
    wait_for(lambda: "draining" in process.result().err or not process.is_running(), "the first signal to be acknowledged")
    assert process.is_running(), process.result()
    process.send(signal.SIGINT)
    result = process.finish()
    assert result.code == 5 and users.verdict(users_db).is_clean(), result
    told.say(200)
    infill.run()


@pytest.mark.engines("sqlite")
def test_a_process_that_lives_tells_what_another_left(users_db, planned, webhook, tmp_path):
    """As if a process had died behind the change and in front of the call, while this one waits for a pause file to go."""
    users.fill(users_db, range(1, 101))
    (tmp_path / "pause").touch()
    told = webhook(200)
    infill = planned(users_db, users.entry(), hooks=[hook("started", "stalled", required=True)], environment={"HOOK": told.url}, pace={"pause_file": str(tmp_path / "pause")})
    process = infill.start("run")
    wait_for(lambda: told.events() or not process.is_running(), "the run to start")
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    users_db.run(f"INSERT INTO {users_db.ledger('notice')} (run, id, hook, event, document, state, tries, at, next_at) VALUES "
                 f"(1, 'left', 0, 'stalled', '{{\"id\": \"left\", \"event\": \"stalled\"}}', 'open', 0, {now}, {now})")
    wait_for(lambda: "stalled" in told.events() or not process.is_running(), "the other one's to be told")
    assert process.is_running() and told.documents[-1]["id"] == "left", process.result()
    (tmp_path / "pause").unlink()
    assert process.finish().code == 0, process.result()
    assert told.events() == ["started", "stalled"] and users.verdict(users_db).is_clean()
