"""Hooks over HTTP: who is told what, how often it is tried, and that the URL is nobody's business."""
import pytest

import receiver
import users


@pytest.fixture
def webhook():
    """Receivers that end with the test."""
    made = []

    def start(*answers, port=0):
        made.append(receiver.Receiver(*answers, port=port))
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
    return texts + [path.read_text(errors="replace") for path in tmp_path.iterdir() if path.is_file()]


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


@pytest.mark.parametrize("answer, why, asked", [(None, "did not answer within 300 ms", 1), (404, "answered with status 404", 1),
                                                (302, "answered with status 302", 1), (500, "answered with status 500", 3)])
@pytest.mark.engines("sqlite")
def test_a_hook_that_fails_stops_nothing(users_db, planned, webhook, tmp_path, answer, why, asked):
    users.fill(users_db, range(1, 101))
    told = webhook(answer)
    infill = planned(users_db, users.entry(), hooks=[hook("done", timeout="300ms" if answer is None else "10s")], environment={"HOOK": told.url})
    result = infill.run()
    assert users.verdict(users_db).is_clean()
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
def test_a_secret_in_the_plan_is_refused(users_db, planned):
    for url in (f"https://me:{receiver.SECRET}@h/x", f"https://h/x?token={receiver.SECRET}"):
        result = planned(users_db, users.entry(), hooks=[{"on": ["done"], "http": url}]).run(code=2)
        assert "a password must not stand here" in result.err and secretive(result.text), result
    result = planned(users_db, users.entry(), hooks=[hook("done")]).run(code=2)
    assert "HOOK is not set" in result.err, result
