"""Rows that are there already: keep, overwrite and fail, about `match` and nothing else, and what the counters say of them."""
import pytest

import users

pytestmark = pytest.mark.lanes


@pytest.fixture
def half(users_db):
    """100 source rows; 10 in the target already and equal, 5 different."""
    users.fill(users_db, range(1, 101))
    rows = [users.transform(row) for row in users_db.query(f"SELECT * FROM {users.SOURCE} ORDER BY id")]
    users_db.insert(users.TARGET, [row for row in rows if 20 <= row[0] < 30])
    users_db.insert(users.TARGET, [(row[0], "other", *row[2:]) for row in rows if 50 <= row[0] < 55])
    return users_db


def counters(summary):
    return [summary["rows"][name] for name in ("seen", "written", "same", "kept")]


def test_keep(half, planned):
    summary = planned(half, users.entry()).run("--json", settings=["batch.rows=8"]).json
    verdict = users.verdict(half)
    assert sorted(verdict.stale) == list(range(50, 55)) and not verdict.missing, verdict
    assert counters(summary) == [100, 85, 10, 5]


def test_overwrite(half, planned):
    infill = planned(half, users.entry(on_conflict="overwrite"), writes="none")
    summary = infill.run("--json", settings=["batch.rows=8"]).json
    verdict = users.verdict(half)
    assert verdict.is_clean(), verdict
    assert counters(summary) == [100, 90, 10, 0]


def test_fail(half, planned):
    infill = planned(half, users.entry(on_conflict="fail"))
    result = infill.run(code=1, settings=["batch.rows=8", "workers=1"])
    assert "20" in result.text and "on_conflict" in result.text, result
    assert half.value(f"SELECT count(*) FROM {users.TARGET} WHERE id < 20") in range(16, 20)
    half.run(f"DELETE FROM {users.TARGET} WHERE id >= 20")
    infill.run(settings=["batch.rows=8"])
    verdict = users.verdict(half)
    assert verdict.is_clean(), verdict


@pytest.mark.parametrize("conflict", ["keep", "overwrite"])
def test_another_unique_index_is_a_row_error(users_db, planned, conflict):
    """Two source rows that collide on a second unique index: one of them is a reject, and no row is silently dropped."""
    db = users_db
    users.fill(db, range(1, 41))
    db.run(f"CREATE UNIQUE INDEX only_one ON {users.TARGET} (email_norm)")
    db.run(f"UPDATE {users.SOURCE} SET email = 'same@example.com' WHERE id IN (7, 31)")
    infill = planned(db, users.entry(on_conflict=conflict), guards={"reject": "100%"}, writes="none")
    infill.run(code=3, settings=["batch.rows=10", "workers=1"])
    assert sorted(users.verdict(db).missing) == [31]
    reject, = infill.call("rejects", "--json").json["rejects"]
    assert "31" in reject["key"] and reject["class"] in ("ROW", "DUPLICATE")


def test_equal_is_byte_for_byte(db, planned):
    """'a' and 'A ' are equal to a case-blind, space-blind collation; a fill does not call them the same."""
    collate = {"mariadb": "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "sqlite": "COLLATE NOCASE", "postgres": ""}[db.engine]
    db.script(f"CREATE TABLE t (id {{int}} NOT NULL PRIMARY KEY, v {{name}}, w {{name}} {collate})")
    db.insert("t", [(1, "a", "a"), (2, "a", "A"), (3, "a", "a "), (4, None, ""), (5, "", None)])
    summary = planned(db, {"name": "f", "table": "t", "set": {"w": "src.v"}}).run("--json").json
    assert db.query("SELECT v, w FROM t ORDER BY id") == [("a", "a"), ("a", "a"), ("a", "a"), (None, None), ("", "")]
    assert [summary["rows"][name] for name in ("written", "same")] == [4, 1]


def test_source_rows_that_meet_in_one_batch(db, planned):
    """Two source rows with one match value: the first is written, the second finds a row that is there; nothing halts, nothing is lost."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, code {name} NOT NULL)",
              "CREATE TABLE new (code {name} NOT NULL PRIMARY KEY, first_id {int} NOT NULL)")
    db.insert("old", [(key, f"c{key % 90}") for key in range(1, 101)])
    fill = {"name": "f", "from": "old", "into": "new", "match": ["code"], "columns": {"code": "code", "first_id": "id"}}
    summary = planned(db, fill).run("--json", settings=["workers=1", "batch.rows=100"]).json
    assert db.value("SELECT count(*) FROM new") == 90
    assert counters(summary) == [100, 90, 0, 10]
