"""The main job on every engine: a table into another, new columns in place, several fills in order."""
import pytest

import users

pytestmark = pytest.mark.lanes


def rows_of(summary):
    return {name: summary["rows"][name] for name in ("seen", "written", "same", "kept", "rejected")}


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_into(users_db, planned, count):
    users.fill(users_db, users.keys(count)) if count else None
    summary = planned(users_db, users.entry()).run("--json", settings=["batch.rows=150", "range.rows=400"]).json
    verdict = users.verdict(users_db)
    assert verdict.is_clean() and verdict.rows == count, verdict
    assert summary["state"] == "done"
    assert rows_of(summary) == {"seen": count, "written": count, "same": 0, "kept": 0, "rejected": 0}
    assert summary["rejects_open"] == 0
    assert "filled and settled" in summary["verdict"]


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_set(users_db, planned, count):
    db = users_db
    users.fill(db, users.keys(count)) if count else None
    db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    place = {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}
    infill = planned(db, place)
    summary = infill.run("--json", settings=["batch.rows=150", "range.rows=400"]).json
    rows = db.query(f"SELECT balance, cents FROM {users.SOURCE}")
    assert len(rows) == count and all(cents == balance * 100 for balance, cents in rows)
    assert rows_of(summary) == {"seen": count, "written": count, "same": 0, "kept": 0, "rejected": 0}
    assert infill.status()["state"] == "done"


def test_set_writes_only_rows_that_differ(users_db, planned):
    users_db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    users_db.script(*[f"INSERT INTO {users.SOURCE} (id, email, balance, version, cents) VALUES ({key}, 'a@b', {key}, 0, {cents})"
                      for key, cents in ((1, 100), (2, "NULL"), (3, 7), (4, 400))])
    summary = planned(users_db, {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}).run("--json").json
    assert rows_of(summary) == {"seen": 4, "written": 2, "same": 2, "kept": 0, "rejected": 0}
    assert users_db.query(f"SELECT id, cents FROM {users.SOURCE} ORDER BY id") == [(1, 100), (2, 200), (3, 300), (4, 400)]


def test_again_is_nothing_to_do(users_db, planned):
    users.fill(users_db, users.keys(50))
    infill = planned(users_db, users.entry())
    infill.run()
    before = users_db.query(f"SELECT * FROM {users_db.ledger('range')}")
    users.fill(users_db, [10000])
    infill.run()
    assert users_db.query(f"SELECT * FROM {users_db.ledger('range')}") == before
    assert users.verdict(users_db).missing == [10000]  # born after the high-water mark: it belongs to whoever writes


def test_where_leaves_the_other_rows_alone(users_db, planned):
    users.fill(users_db, range(1, 101))
    planned(users_db, users.entry(where="src.balance >= 0")).run(settings=["batch.rows=7"])
    wanted = {key for key, balance in users_db.query(f"SELECT id, balance FROM {users.SOURCE}") if balance >= 0}
    assert 0 < len(wanted) <= 100
    assert {key for key, in users_db.query(f"SELECT id FROM {users.TARGET}")} == wanted


def test_parents_come_first(db, planned):
    """Fills in the wrong order in the plan; the foreign key of the targets puts them right."""
    db.script("CREATE TABLE old_a (id {int} PRIMARY KEY)", "CREATE TABLE old_b (id {int} PRIMARY KEY, a {int})",
              "CREATE TABLE new_a (id {int} PRIMARY KEY)",
              "CREATE TABLE new_b (id {int} PRIMARY KEY, a {int}, CONSTRAINT b_to_a FOREIGN KEY (a) REFERENCES new_a (id))")
    db.insert("old_a", [(key,) for key in range(1, 301)])
    db.insert("old_b", [(key, 301 - key) for key in range(1, 301)])
    fills = [{"name": "b", "from": "old_b", "into": "new_b", "carry": ["id", "a"]}, {"name": "a", "from": "old_a", "into": "new_a", "carry": ["id"]}]
    summary = planned(db, fills).run("--json", settings=["batch.rows=50"]).json
    assert db.value("SELECT count(*) FROM new_b") == 300
    assert summary["rejects_open"] == 0


def test_needs_orders_fills_without_a_foreign_key(db, planned):
    db.script("CREATE TABLE old (id {int} PRIMARY KEY, v {int})", "CREATE TABLE mid (id {int} PRIMARY KEY, v {int})",
              "CREATE TABLE last (id {int} PRIMARY KEY, v {int})")
    db.insert("old", [(key, key) for key in range(1, 101)])
    db.insert("mid", [(key, None) for key in range(1, 101)])
    fills = [{"name": "last", "from": "mid", "into": "last", "carry": ["id", "v"], "needs": ["mid"]},
             {"name": "mid", "table": "mid", "set": {"v": "(SELECT o.v FROM old o WHERE o.id = src.id)"}, "needs": []}]
    planned(db, fills).run(settings=["batch.rows=10"])
    assert db.query("SELECT id, v FROM last ORDER BY id") == [(key, key) for key in range(1, 101)]


@pytest.mark.parametrize("settings", [["workers=1"], ["workers=4"]])
def test_workers(users_db, planned, settings):
    users.fill(users_db, users.keys(3000))
    planned(users_db, users.entry()).run(settings=[*settings, "batch.rows=50", "range.rows=200", "timeouts.lock=30s"])
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def test_several_processes_share_the_work(users_db, planned):
    users.fill(users_db, users.keys(3000))
    infill = planned(users_db, users.entry())
    processes = [infill.start("run", settings=["batch.rows=20", "batch.rows_max=20", "range.rows=100", "timeouts.lock=30s"]) for _ in range(3)]
    for process in processes:
        result = process.finish()
        assert result.code == 0, result
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict
    assert users_db.value(f"SELECT sum(written) FROM {users_db.ledger('range')}") == 3000


def test_nulls_arrive_as_nulls(db, planned):
    db.script("CREATE TABLE old (id {int} PRIMARY KEY, a {name}, b {int})", "CREATE TABLE new (id {int} PRIMARY KEY, a {name}, b {int})")
    db.insert("old", [(1, None, None), (2, "", 0), (3, "x", None)])
    planned(db, {"name": "f", "from": "old", "into": "new", "columns": {"b": "src.b + 1"}, "carry": ["id", "a"]}).run()
    assert db.query("SELECT * FROM new ORDER BY id") == [(1, None, None), (2, "", 1), (3, "x", None)]


@pytest.mark.engines("sqlite")
def test_a_range_that_is_too_long_to_be_cut_in_time(db, planned):
    """The end of the next range is looked for over a million rows: that does not come in ten milliseconds, shorter ranges do."""
    db.script("CREATE TABLE old (id INTEGER PRIMARY KEY)", "CREATE TABLE new (id INTEGER PRIMARY KEY)",
              "INSERT INTO old WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i FROM n")
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"]})
    infill.run(settings=["range.rows=1000000", "timeouts.statement=10ms", "retry_max=1000", "batch.rows=1000", "batch.rows_max=1000"])
    assert db.value("SELECT count(*) FROM new") == 1000000
    assert 2 < db.value("SELECT count(*) FROM infill_range") < 5000
