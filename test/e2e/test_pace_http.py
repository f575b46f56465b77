"""Signals that are asked for over HTTP hold the run back, let it go on, and say so when nobody answers."""
import json

import pytest

import receiver
import users
from servers import wait_for

TINY = ["batch.rows=5", "batch.rows_max=5", "range.rows=500", "workers=2"]


@pytest.fixture
def web():
    """A server whose URL is a secret."""
    server = receiver.Receiver(200)
    yield server
    server.close()


@pytest.fixture
def watched(users_db, planned, web):
    """A plan with one signal that asks the server."""
    users.fill(users_db, range(1, 1001))

    def plan(name, **signal):
        return planned(users_db, users.entry(), pace={"rows_per_second": 200, "signals": {name: {"every": "100ms", **signal}}}, environment={"WEB": web.url})
    return plan


def moved(db):
    return db.value(f"SELECT count(*) FROM {users.TARGET}")


def wait_said(process, text):
    wait_for(lambda: any(text in document.get("reason", "") for document in process.result().documents if document.get("type") == "progress")
             or not process.is_running(), f"the run to say '{text}'")
    assert process.is_running(), process.result()


def finish(process, db, infill):
    assert process.finish().code == 0, process.result()
    assert users.verdict(db).is_clean()
    texts = [process.result().text, infill.call("status", "--json").text, infill.call("plan", "--origins", "--json").text,
             *(str(db.query(f"SELECT * FROM {db.ledger(table)}")) for table in db.ledger_tables())]
    assert not [text for text in texts if receiver.SECRET in text]


def vector(*values):
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1435781451.7, value]} for value in values]}})


def test_any_url(users_db, watched, web):
    web.text = json.dumps({"jobs": [{"waiting": 50}]})
    infill = watched("queue", kind="http", http={"url": "${env:WEB}", "pointer": "/jobs/0/waiting"}, stop=10)
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "queue 50, stop line 10")
    assert moved(users_db) == 0
    web.text = json.dumps({"jobs": [{"waiting": 1}]})
    finish(process, users_db, infill)


def test_a_prometheus(users_db, watched, web):
    web.text = vector("0.99")
    infill = watched("cpu", prometheus={"url": "${env:WEB}", "query": 'avg(x{a="b"})'}, slow="50%", stop="90%")
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "cpu 99%, stop line 90%")
    assert moved(users_db) == 0
    web.text = vector("0.1")
    finish(process, users_db, infill)
    assert web.requests[0][0] == f"/services/{receiver.SECRET}/api/v1/query?token={receiver.SECRET}&query=avg%28x%7Ba%3D%22b%22%7D%29"


@pytest.mark.parametrize("text, why", [(vector(), "matches nothing"), (vector("NaN"), "no number"), (vector("0.1", "0.2"), "more than one series"), ("", "not one of a Prometheus")])
@pytest.mark.engines("sqlite")
def test_a_prometheus_that_does_not_know(users_db, watched, web, text, why):
    """Nothing is known from the start on: nothing moves, and the run says why, until it is known."""
    web.text = text
    infill = watched("cpu", prometheus={"url": "${env:WEB}", "query": "x"})
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "cpu cannot be read")
    wait_said(process, why)
    assert moved(users_db) == 0
    web.text = vector("0.1")
    finish(process, users_db, infill)


@pytest.mark.parametrize("answer, why", [(None, "did not answer within 200 ms"), (503, "answered with status 503")])
@pytest.mark.engines("sqlite")
def test_one_that_fails_in_mid_run(users_db, planned, watched, web, answer, why):
    """After 15 s without an answer nothing moves any more; with the next one it goes on."""
    web.text = vector("0.1")
    infill = watched("cpu", prometheus={"url": "${env:WEB}", "query": "x"}, timeout="200ms")
    process = infill.start("run", "--json", settings=[*TINY, "pace.rows_per_second=20"])
    wait_for(lambda: moved(users_db) > 0 or not process.is_running(), "the first batch")
    web.say(answer)
    wait_said(process, f"cpu cannot be read: http://127.0.0.1:{web.port} {why}")
    held = moved(users_db)
    assert held < 1000
    assert any(event["what"] == "pace" and "cannot be read" in str(event["detail"]) for event in infill.status()["events"]) or infill.status()["pace"]["held"]
    web.say(200)
    wait_for(lambda: moved(users_db) > held or not process.is_running(), "the run to go on")
    assert process.is_running(), process.result()
    infill.call("set", "pace.rows_per_second=unlimited")
    finish(process, users_db, infill)


def test_how_long_an_answer_takes(users_db, watched, web):
    """The application answers too slowly: a request that ran into its time limit took at least that long."""
    web.say(None)
    infill = watched("shop", kind="latency", http="${env:WEB}", stop="1s", timeout="1500ms", over="1s")
    process = infill.start("run", "--json", settings=TINY)
    wait_said(process, "stop line 1 s")
    assert moved(users_db) == 0
    web.say(200)
    finish(process, users_db, infill)


@pytest.mark.engines("sqlite")
def test_the_checklist_asks_it(users_db, watched, web):
    def line(infill):
        lines = [line for part in infill.call("check", "--json", "--watch", "1", code=None).json["parts"] for line in part["lines"] if line["check"] == "signals"]
        return lines[0]["verdict"], lines[0]["message"]
    web.text = "7"
    infill = watched("queue", kind="http", http="${env:WEB}", stop=10)
    assert line(infill) == ("pass", "queue is 7 now; it slows the run above 10")
    web.say(500)
    assert line(infill) == ("warn", f"queue cannot be read: http://127.0.0.1:{web.port} answered with status 500")
