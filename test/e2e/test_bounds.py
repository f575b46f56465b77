"""--from and --until: part of a fill, by key."""
import pytest

import users


def there(db):
    return [key for key, in db.query(f"SELECT id FROM {users.TARGET} ORDER BY id")]


@pytest.mark.lanes
def test_until_then_the_rest(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    infill.run("--fill", "users", "--until", "40", settings=["batch.rows=7"])
    assert there(users_db) == list(range(1, 41))
    infill.run("--fill", "users", "--until", "40")  # nothing more
    assert there(users_db) == list(range(1, 41))
    infill.run(settings=["batch.rows=7"])
    assert there(users_db) == list(range(1, 101))


@pytest.mark.lanes
def test_two_ends_at_once(users_db, planned):
    """Whoever sets his end first, both get to theirs, and nobody says that he is done before."""
    users.fill(users_db, range(1, 1001))
    infill = planned(users_db, users.entry())
    for low, high in ((100, 200), (350, 300), (600, 700)):
        processes = [infill.start("run", "--fill", "users", "--until", str(until), settings=["batch.rows=7", "range.rows=20", "workers=2", "timeouts.lock=30s"])
                     for until in (low, high)]
        results = [process.finish() for process in processes]
        assert [result.code for result in results] == [0, 0], results
        assert there(users_db) == list(range(1, max(low, high) + 1))
        assert infill.status()["state"] == "running"
    processes = [infill.start("run", *bounds, settings=["batch.rows=7", "range.rows=20", "timeouts.lock=30s"]) for bounds in ([], ["--fill", "users", "--until", "800"])]
    results = [process.finish() for process in processes]
    assert results[0].code == 0 and results[1].code in (0, 8), results  # 8: the whole was on its way already
    assert there(users_db) == list(range(1, 1001))
    assert infill.status()["state"] == "done"


def test_a_part_of_a_paused_run(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    infill.run("--fill", "users", "--until", "40")
    infill.call("pause", "--because", "lunch")
    result = infill.run("--fill", "users", "--until", "60", code=7)
    assert "paused: lunch" in result.text and "infill resume" in result.text, result
    assert there(users_db) == list(range(1, 41))
    infill.call("resume")
    infill.run("--fill", "users", "--until", "60")
    assert there(users_db) == list(range(1, 61))


def test_from_is_exclusive(users_db, planned):
    users.fill(users_db, range(1, 101))
    planned(users_db, users.entry()).run("--fill", "users", "--from", "60", settings=["batch.rows=7"])
    assert there(users_db) == list(range(61, 101))


def test_from_and_until_between_keys(users_db, planned):
    users.fill(users_db, range(10, 1010, 10))
    planned(users_db, users.entry()).run("--fill", "users", "--from", "55", "--until", "101")
    assert there(users_db) == [60, 70, 80, 90, 100]


def test_composite_bounds(db, planned):
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (a {{int}} NOT NULL, b {{name}} NOT NULL, PRIMARY KEY (a, b))")
    db.insert("old", [(a, b) for a in (1, 2, 3) for b in "xyz"])
    planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["a", "b"]}).run("--fill", "f", "--from", '["1", "y"]', "--until", "3,x")
    assert db.query("SELECT a, b FROM new ORDER BY a, b") == [(1, "z"), (2, "x"), (2, "y"), (2, "z"), (3, "x")]


@pytest.mark.parametrize("arguments", [["--until", "abc"], ["--from", '["1", "2"]'], ["--until", ""]])
def test_bad_keys_are_refused(users_db, planned, arguments):
    users.fill(users_db, range(1, 11))
    result = planned(users_db, users.entry()).run("--fill", "users", *arguments, code=(1, 2, 8))
    assert arguments[0].lstrip("-") in result.text or "key" in result.text, result
    assert there(users_db) == []


@pytest.mark.lanes
@pytest.mark.parametrize("bounds", [["--from", "9", "--until", "-10"], ["--from", "100", "--until", "99"]])
def test_from_above_until_is_refused(users_db, planned, bounds):
    """As numbers, not as text: 9 is below 100, and no row needs to lie between."""
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry())
    assert "--from is above --until" in infill.run("--fill", "users", *bounds, code=2).text
    assert there(users_db) == []
    infill.run("--fill", "users", "--from", "9", "--until", "100")
    assert there(users_db) == [10]


def test_from_above_until_in_the_order_of_the_key(db, planned):
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (a {{name}} NOT NULL, b {{int}} NOT NULL, PRIMARY KEY (a, b))")
    db.insert("old", [("x", 1), ("y", 2), ("z", 10)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["a", "b"]})
    assert "--from is above --until" in infill.run("--fill", "f", "--from", "y,10", "--until", "y,9", code=2).text
    assert "--from is above --until" in infill.run("--fill", "f", "--from", "z,1", "--until", "y,9", code=2).text
    infill.run("--fill", "f", "--from", "x,1", "--until", "y,9")
    assert db.query("SELECT a, b FROM new ORDER BY a, b") == [("y", 2)]
    assert "begins at" in infill.run("--fill", "f", "--until", "w,1", code=2).text


def test_bounds_need_a_fill(users_db, planned):
    assert "--fill" in planned(users_db, users.entry()).run("--until", "5", code=2).text


def test_one_fill_of_several(db, planned):
    for table in ("old", "a", "b"):
        db.run(f"CREATE TABLE {table} (id {{int}} NOT NULL PRIMARY KEY)")
    db.insert("old", [(key,) for key in range(20)])
    infill = planned(db, [{"name": name, "from": "old", "into": name, "carry": ["id"]} for name in ("a", "b")])
    infill.run("--fill", "b")
    assert (db.value("SELECT count(*) FROM a"), db.value("SELECT count(*) FROM b")) == (0, 20)
    assert infill.status()["state"] != "done"
    infill.run("--fill", "nosuch", code=(1, 2))
    infill.run()
    assert db.value("SELECT count(*) FROM a") == 20
