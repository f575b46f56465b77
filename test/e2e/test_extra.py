"""Rows that only the target has: never deleted by a run that cannot know them for its own, found by a verification, deleted by a repair
that was told to. And names of rows that read alike."""
import pytest

pytestmark = pytest.mark.lanes

COPY = {"name": "f", "from": "old_t", "into": "new_t", "carry": ["id", "v"]}
CODES = {"name": "f", "from": "old_t", "into": "new_t", "match": ["code"], "carry": ["code", "v"], "omit": ["id"]}


def table(db, name, columns="id INT NOT NULL PRIMARY KEY, v INT"):
    db.run(f"CREATE TABLE {name} ({columns})")


def rows(db, name, keys, v=lambda key: key):
    db.insert(name, [(key, v(key)) for key in keys])


def keys(db, name, column="id"):
    return [row[0] for row in db.query(f"SELECT {column} FROM {name} ORDER BY 1")]


def findings(db, *columns):
    return sorted(db.query(f"SELECT {', '.join(columns)} FROM {db.ledger('finding')} WHERE state = 'open'"))


@pytest.fixture
def two(db):
    """old_t 1..100 without 40 and 41, and an empty new_t."""
    table(db, "old_t")
    table(db, "new_t")
    rows(db, "old_t", [key for key in range(1, 101) if key not in (40, 41)])
    return db


def test_rows_from_before_are_left(two, planned):
    """A table that had rows of its own: beside writers they cannot be told from rows that the race brought back."""
    rows(two, "new_t", [40, 41, 500])
    infill = planned(two, COPY)
    summary = infill.run("--json", settings=["range.rows=30"]).json
    assert keys(two, "new_t") == [*range(1, 101), 500]
    assert summary["settled"]["deleted"] == 0 and summary["settled"]["extra_left"] == 2, summary
    assert summary["findings_open"] == 2 and "report" in summary["next"], summary
    document = infill.call("verify", "--json", code=4).json
    assert document["findings"] == 3, document  # 500 lies above the high-water mark
    assert infill.call("repair", code=4) and keys(two, "new_t") == [*range(1, 101), 500]
    infill.call("repair", "--delete-extra")
    assert keys(two, "new_t") == keys(two, "old_t")
    infill.call("verify")


def test_rows_from_before_are_left_where_they_are_matched(db, planned):
    table(db, "old_t", "id INT NOT NULL PRIMARY KEY, code INT NOT NULL, v INT")
    table(db, "new_t", "code INT NOT NULL PRIMARY KEY, v INT")
    db.insert("old_t", [(key, key + 1000, key) for key in range(1, 51)])
    rows(db, "new_t", [7, 1003, 5000], v=lambda key: key - 1000)
    summary = planned(db, CODES).run("--json").json
    assert {7, 5000} < set(keys(db, "new_t", "code")) and summary["settled"]["extra_left"] == 2, summary


def test_two_fills_into_one_table(db, planned):
    """Each sees the other's rows as extra."""
    for name in ("old_t", "old_u", "new_t"):
        table(db, name)
    rows(db, "old_t", range(1, 100, 2))
    rows(db, "old_u", range(2, 101, 2))
    planned(db, [COPY, {**COPY, "name": "g", "from": "old_u"}]).run(settings=["range.rows=10"])
    assert keys(db, "new_t") == list(range(1, 101))


def test_rows_that_are_others_by_the_plan(db, planned):
    """checks.extra: false. The race may bring rows back that nobody deletes: the plan has taken that on."""
    for name in ("old_t", "old_u", "new_t"):
        table(db, name)
    rows(db, "old_t", range(1, 100, 2))
    rows(db, "old_u", range(2, 101, 2))
    rows(db, "new_t", [1000])
    infill = planned(db, [{**COPY, "checks": {"extra": False}}, {**COPY, "name": "g", "from": "old_u", "checks": {"extra": False}}])
    summary = infill.run("--json", settings=["range.rows=10"]).json
    assert keys(db, "new_t") == [*range(1, 101), 1000] and summary["findings_open"] == 0, summary
    document = infill.call("verify", "--json").json
    assert document["verdict"] == "match" and "extra" in str(document["not_compared"]), document
    db.run("DELETE FROM new_t WHERE id = 7")
    assert infill.call("verify", "--json", code=4).json["findings"] == 1


def test_two_plans_into_one_table(db, planned):
    for name in ("old_t", "old_u", "new_t"):
        table(db, name)
    rows(db, "old_t", range(1, 100, 2))
    rows(db, "old_u", range(2, 101, 2))
    first = planned(db, COPY, plan="first", file="first.yaml")
    second = planned(db, {**COPY, "from": "old_u"}, plan="second", file="second.yaml")
    first.run("--fill", "f", "--until", "49", settings=["range.rows=10"])
    second.run("--fill", "f", "--until", "50", settings=["range.rows=10"])
    first.run(settings=["range.rows=10"])
    second.run(settings=["range.rows=10"])
    assert keys(db, "new_t") == list(range(1, 101))


def test_keys_above_the_high_water_mark(two, planned):
    infill = planned(two, COPY, writes="none")
    infill.run()
    rows(two, "old_t", [500])
    for chosen in ("50..600", "400..600", "500..500"):
        document = infill.call("verify", "--json", "--keys", chosen, code=4).json
        assert document["findings"] == 1, (chosen, document)
    assert infill.call("verify", "--json", "--keys", "50..499").json["verdict"] == "match"
    assert infill.call("verify", "--json", "--keys", "501..600").json["verdict"] == "match"


def test_keys_that_read_alike(db, planned):
    """A stray is named by what it matches: that may be some other row's key."""
    table(db, "old_t", "id INT NOT NULL PRIMARY KEY, code INT NOT NULL, v INT")
    table(db, "new_t", "code INT NOT NULL PRIMARY KEY, v INT")
    db.insert("old_t", [(key, key + 1000, key) for key in range(1, 21)])
    infill = planned(db, CODES, writes="none")
    infill.run()
    db.run("UPDATE new_t SET v = 99 WHERE code = 1005")
    db.run("INSERT INTO new_t VALUES (5, 1)")
    assert infill.call("verify", "--json", code=4).json["findings"] == 2
    assert [row[0] for row in findings(db, "kind")] == ["different", "extra"]
    infill.call("repair", "--delete-extra")
    assert keys(db, "new_t", "code") == list(range(1001, 1021)) and findings(db, "kind") == []
    infill.call("verify")


def test_a_stray_whose_row_comes_back(db, planned):
    table(db, "old_t", "id INT NOT NULL PRIMARY KEY, code INT NOT NULL, v INT")
    table(db, "new_t", "code INT NOT NULL PRIMARY KEY, v INT")
    db.insert("old_t", [(key, key + 1000, key) for key in range(1, 21)])
    infill = planned(db, CODES)
    infill.run()
    rows(db, "new_t", [5000, 5001])
    infill.call("verify", code=4)
    db.run("INSERT INTO old_t VALUES (21, 5001, 5001)")
    document = infill.call("repair", "--json", "--delete-extra").json
    assert (document["deleted"], document["already_right"]) == (1, 1), document
    assert keys(db, "new_t", "code") == [*range(1001, 1021), 5001]


def test_a_killed_repair_does_not_hold_up_a_run(two, planned):
    """Its attempt at the range stays behind: that is no range left to fill."""
    infill = planned(two, COPY, writes="none")
    infill.run("--fill", "f", "--until", "50")
    two.run("UPDATE new_t SET v = 99 WHERE id = 5")
    infill.call("verify", code=(1, 4))
    table_name = two.ledger("range")
    two.run(f"INSERT INTO {table_name} (run, fill, range_no, attempt, lo, hi, state, owner, epoch, batch_no, keep, lease_until, seen, "
            "written, same, kept, rejected, tries, started_at, updated_at) SELECT run, fill, range_no, attempt + 1, lo, hi, 'repair', "
            "'host:999999:1:dead', 1, 0, 1, started_at, 0, 0, 0, 0, 0, 0, started_at, updated_at "
            f"FROM {table_name} WHERE range_no = 1 AND attempt = 1")
    infill.run()
    assert keys(two, "new_t") == keys(two, "old_t")
    infill.call("repair")
    infill.call("verify")


def test_many_that_are_matched_by_another_column(db, planned):
    """To compare each row of one side with each of the other would take longer than any statement may."""
    table(db, "old_t", "id INT NOT NULL PRIMARY KEY, code VARCHAR(40) NOT NULL, v INT")
    table(db, "new_t", "code VARCHAR(40) NOT NULL PRIMARY KEY, v INT")
    db.insert("old_t", [(key, f"User{key}@Example.com", key) for key in range(1, 20001)])
    infill = planned(db, {**CODES, "carry": ["v"], "columns": {"code": "lower(src.code)"}})
    infill.run()
    db.run("INSERT INTO new_t VALUES ('nobody', 1)")
    assert infill.call("verify", "--json", code=4).json["findings"] == 1
    infill.call("repair", "--delete-extra")
    assert db.value("SELECT count(*) FROM new_t") == 20000
