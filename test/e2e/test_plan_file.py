"""The plan file: every mistake at once, with place, source line and the nearest valid word; settings and where they come from."""
import re

import pytest

import infill as binary
import users

TWENTY = """\
version: 2
plan: 7users
sorce: {url: "sqlite:x.db"}
source: {url: "postgresql://bob:hunter2@db/shop"}
profile: produktion
writes: {by: nobody}
fills:
  - name: users
    from: users_legacy
    intoo: users_v2
    key: id
    on_conflict: keeep
    columns: {id: "id; drop table x", email: ""}
    carry: [created_at, created_at]
    touch: maybe
  - name: users
    table: orders
    set: {}
  - from: a
    into: b
batch: {rows: 0, rowz: 5, target_time: 5 parsecs}
range: {rows: 10, every: 1 day}
workers: many
connections_max: -1
lease: {ttl: 30}
pace: {rows_per_second: fast}
guards: {reject: 200%, window: 3}
hoks: []
"""


def write(tmp_path, text, name="plan.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_twenty_mistakes_all_at_once(tmp_path):
    result = binary.call("run", write(tmp_path, TWENTY), code=2)
    places = re.findall(r"plan\.yaml:(\d+):(\d+): error: ", result.err)
    assert len(places) >= 20, f"{len(places)} places\n{result}"
    lines = [int(line) for line, _ in places]
    assert lines == sorted(lines)
    assert "did you mean 'source'" in result.err and "did you mean 'into'" in result.err and "did you mean 'keep'" in result.err
    assert result.err.count("^") >= 20
    assert "hunter2" not in result.text  # a password in a plan is refused, and not repeated


@pytest.mark.parametrize("text, words", [
    ("", []), ("- a\n- b\n", []), ("version: 1\n\tplan: x\n", ["2:"]), ("plan: [unclosed\n", []), ("version: 1\nversion: 1\n", ["version"]),
    ("a: &x [*x]\n", []), ("\x00\x01\x02", []), ("version: 1\nplan: x\nsource: {url: 'oracle://x'}\nfills: []\n", ["sqlite:"]),
])
def test_no_plan_at_all(tmp_path, text, words):
    result = binary.call("run", write(tmp_path, text), code=2)
    assert "plan.yaml" in result.err and all(word in result.err for word in words), result


def test_missing_file(tmp_path):
    result = binary.call("run", str(tmp_path / "nosuch.yaml"), code=2)
    assert "nosuch.yaml" in result.err and "infill init" in result.err, result


def plan_text(url, **more):
    return binary.yaml.safe_dump({"version": 1, "plan": "test", "profile": "dev", "source": {"url": url}, "fills": [users.entry()], **more})


@pytest.mark.parametrize("more, word", [
    ({"writes": {"by": "capture"}}, "capture"), ({"phases": {"active": {"min": "1h"}}}, "min"), ({"phases": {"post-backfill": {"max": "1h"}}}, "post-backfill"),
    ({"target": {"url": "sqlite:/tmp/other.db"}}, "target"),
])
def test_what_comes_later_is_refused_not_ignored(tmp_path, more, word):
    result = binary.call("run", write(tmp_path, plan_text("sqlite:/tmp/x.db", **more)), code=2)
    assert "not supported yet" in result.err and word in result.err, result


@pytest.mark.engines("sqlite")
def test_origins(users_db, planned):
    infill = planned(users_db, users.entry(), batch={"rows": 321}, environment={"INFILL_WORKERS": "3"})
    settings = {one["setting"]: one for one in infill.call("plan", "--origins", "--json", settings=["range.rows=77"]).json}
    assert str(settings["batch.rows"]["value"]) == "321" and "plan.yaml:" in settings["batch.rows"]["where"]
    assert str(settings["workers"]["value"]) == "3" and "INFILL_WORKERS" in str(settings["workers"])
    assert str(settings["range.rows"]["value"]) == "77" and "set" in str(settings["range.rows"])
    assert "dev" in str(settings["batch.rows_max"])
    assert "default" in settings["guards.reject"]["origin"]
    assert "321" in infill.call("plan", "--origins").out


@pytest.mark.parametrize("setting, word", [("batch.rows=abc", "batch.rows"), ("batch.row=5", "batch.rows"), ("batch.rows", "batch.rows="),
                                           ("pace.rows_per_second=-1", "rows_per_second")])
def test_bad_flags(tmp_path, setting, word):
    result = binary.call("run", write(tmp_path, plan_text("sqlite:/tmp/x.db")), "--set", setting, code=2)
    assert word in result.err, result


def test_no_profile_is_prod(tmp_path):
    text = plan_text("sqlite:/tmp/x.db").replace("profile: dev\n", "")
    settings = {one["setting"]: one["value"] for one in binary.call("plan", write(tmp_path, text), "--origins", "--json").json}
    assert str(settings["pace.rows_per_second"]) == "500" and int(settings["batch.rows_max"]) <= 1000


def test_plan_from_standard_input(tmp_path):
    result = binary.call("plan", "-", "--origins", "--json", stdin=plan_text("sqlite:/tmp/x.db"))
    assert result.json


@pytest.mark.engines("sqlite")
def test_url_from_environment_and_file(users_db, planned, tmp_path):
    users.fill(users_db, range(1, 11))
    planned(users_db, users.entry(), url="${env:MY_URL}", environment={"MY_URL": users_db.url}).run()
    assert users.verdict(users_db).is_clean()
    secret = tmp_path / "url"
    secret.write_text(users_db.url + "\n")
    planned(users_db, users.entry(), url="${file:%s}" % secret).run()
    missing = planned(users_db, users.entry(), url="${env:NO_SUCH_VARIABLE}").run(code=2)
    assert "NO_SUCH_VARIABLE" in missing.text
