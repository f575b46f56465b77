"""infill verify on the users table: what it finds is what an independent comparison finds, and the verdict is never better than that."""
import json

import pytest

import faults
import oracle
import prove
import users

SMALL = ["range.rows=20", "batch.rows=7", "batch.rows_max=7"]


@pytest.fixture
def filled(users_db, planned):
    """(database, infill): 190 rows in ten ranges, filled and at rest."""
    users.fill(users_db, users.keys(190))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run(settings=SMALL)
    assert users_db.value(f"SELECT count(*) FROM {users_db.ledger('range')}") >= 9
    return users_db, infill


def check(db, infill, *arguments):
    """Verifies, and compares findings, counts, slices and the verdict with what is the case. -> the summary"""
    summary = prove.verify(infill, *arguments)
    wrong = prove.disagreements(db, *users.sides(db))
    assert not wrong, wrong
    wanted = prove.compare(*users.sides(db))
    assert summary["verdict"] == ("differ" if wanted else "match") and summary["complete"] and summary["findings"] == len(wanted)
    fill, = summary["fills"]
    kinds = [kind for kind, _ in wanted.values()]
    assert [fill[kind] for kind in ("missing", "extra", "different")] == [kinds.count(kind) for kind in ("missing", "extra", "different")]
    assert fill["rows"] == {"source": len(users.sides(db)[0]), "target": len(users.sides(db)[1])} == summary["rows"]
    assert (fill["digest"]["source"] == fill["digest"]["target"]) == (not wanted)
    bad = {slice["range"] for slice in summary["slices"]}
    assert bad == {row["range_no"] for row in db.dicts(f"SELECT range_no FROM {db.ledger('finding')} WHERE state = 'open'")}
    assert {number for number, verdict in prove.verdicts(db).items() if verdict != "match"} == bad
    assert not prove.untiled(db, "users")
    return summary


@pytest.mark.lanes
@pytest.mark.parametrize("writes", ["none", "application"])
def test_clean(users_db, planned, writes):
    users.fill(users_db, users.keys(100))
    infill = planned(users_db, users.entry(), writes=writes)
    infill.run(settings=SMALL)
    summary = check(users_db, infill)
    assert summary["slices"] == [] and summary["not_compared"] == [] and summary["next"] == ""
    assert summary["fills"][0]["columns"] == users.NAMES


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one(users_db, planned, count):
    users.fill(users_db, range(1, 1 + count))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run()
    check(users_db, infill)
    users_db.insert(users.TARGET, [(7, "x", "y", 1, 1)])
    check(users_db, infill)
    users_db.run(f"DELETE FROM {users.TARGET}")
    check(users_db, infill)


DAMAGE = {
    "first row": "DELETE FROM {target} WHERE id = (SELECT k FROM (SELECT min(id) AS k FROM {target}) AS x)",
    "last row": "DELETE FROM {target} WHERE id = (SELECT k FROM (SELECT max(id) AS k FROM {target}) AS x)",
    "rows": "DELETE FROM {target} WHERE id BETWEEN 50 AND 60",
    "below the first": "INSERT INTO {target} VALUES (-5, 'a', 'b', 1, 1)",
    "in between": "INSERT INTO {target} VALUES ({gap}, 'a', 'b', 1, 1)",
    "above the last": "INSERT INTO {target} VALUES (100000, 'a', 'b', 1, 1)",
    "gone from the source": "DELETE FROM {source} WHERE id BETWEEN 70 AND 75",
    "new in the source": "INSERT INTO {source} VALUES (5000, 'a', 'b', 1, 1)",
    "one column": "UPDATE {target} SET cents = cents + 1 WHERE id BETWEEN 80 AND 83",
    "another column": "UPDATE {target} SET display = 'x' WHERE id IN (10, 100)",
    "two columns": "UPDATE {target} SET display = 'x', version = 9 WHERE id IN (11, 101)",
    "source changed": "UPDATE {source} SET version = version + 1 WHERE id IN (12, 102)",
    "trailing blank": "UPDATE {target} SET email_norm = concat(email_norm, ' ') WHERE id IN (13, 103)",
    "case": "UPDATE {target} SET email_norm = upper(email_norm) WHERE id IN (14, 104)",
    "nothing": "UPDATE {target} SET display = '' WHERE id IN (17, 18)",
    "swapped": "UPDATE {target} SET cents = 100 - cents WHERE id IN (21, 22)",
}


@pytest.mark.lanes
def test_every_kind_of_damage(filled):
    """One after the other, so that each is found beside all the others; then all of it at rest again."""
    db, infill = filled
    before = users.sides(db)
    gap = next(key for key in range(1, 190) if (key,) not in before[0])
    for what, statement in DAMAGE.items():
        if db.engine == "sqlite":
            statement = statement.replace("concat(email_norm, ' ')", "email_norm || ' '")
        db.run(statement.format(source=users.SOURCE, target=users.TARGET, gap=gap))
        assert users.sides(db) != before, what
        before = users.sides(db)
        check(db, infill)
    text = infill.call("verify", code=4).text
    assert "differ" in text and "infill repair" in text
    db.run(f"DELETE FROM {users.SOURCE}")
    db.run(f"DELETE FROM {users.TARGET}")
    check(db, infill)


def test_no_value_is_shown(filled):
    db, infill = filled
    canary = "canary-4711-value"
    db.run(f"UPDATE {users.TARGET} SET display = '{canary}' WHERE id = 50")
    db.run(f"INSERT INTO {users.TARGET} VALUES (-1, '{canary}', '{canary}', 1, 1)")
    texts = [infill.call("verify", code=4).text, infill.call("verify", "--json", code=4).text, infill.call("report", "--json", code=None).text]
    texts += [str(db.query(f"SELECT * FROM {db.ledger(table)}")) for table in db.ledger_tables()]
    assert not [text for text in texts if canary in text]


def test_the_first_findings_are_shown(filled):
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id < 60")
    summary = check(db, infill)
    assert len(summary["first_findings"]) == 20
    wanted = {prove.key_of(db, key): what for key, what in prove.compare(*users.sides(db)).items()}
    for finding in summary["first_findings"]:
        assert wanted[tuple(json.loads(finding["key"]))] == (finding["kind"], frozenset(finding["columns"]))
        assert finding["fill"] == "users" and finding["at"]


def test_columns_of_others(filled):
    """A column that the plan does not name is nobody's business."""
    db, infill = filled
    db.run(f"ALTER TABLE {users.TARGET} ADD COLUMN note {{name}}")
    db.run(f"UPDATE {users.TARGET} SET note = 'x'")
    result = infill.call("verify", code=None)
    assert result.code == 0, result


# ---- parts ----

def numbers(db, *keys):
    """The ranges in which these keys lie."""
    return sorted({row["range_no"] for row in oracle.ranges(db) for key in keys
                   if (-2**63 if row["lo"] is None else row["lo"]) < key <= row["hi"]})


def test_ranges_by_number(filled):
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (10, 30, 50, 170)")
    bad = numbers(db, 10, 30, 50, 170)
    summary = prove.verify(infill, "--range", str(bad[1]))
    assert summary["verdict"] == "differ" and [slice["range"] for slice in summary["slices"]] == [bad[1]]
    assert len(prove.findings(db)) == 1 and prove.verdicts(db) == {bad[1]: "differ"}
    summary = prove.verify(infill, "--range", f"{bad[1]}..{bad[2]}")
    assert [slice["range"] for slice in summary["slices"]] == bad[1:3]
    good = next(number for number in range(1, 20) if number not in bad)
    summary = prove.verify(infill, "--range", str(good))
    assert summary["verdict"] == "match" and summary["complete"]
    assert len(prove.findings(db)) == 2
    check(db, infill)


@pytest.mark.parametrize("arguments", [["--range", "99"], ["--range", "0"], ["--range", "3..2"], ["--range", "x"], ["--range", ""], ["--range", "2026-03"],
                                       ["--keys", "5"], ["--keys", "9..5"], ["--keys", ".."], ["--keys", "a..b"], ["--keys", "5..6x"], ["--fill", "none"],
                                       ["--range", "1", "--keys", "1..2"]])
def test_selections_that_select_nothing(filled, arguments):
    db, infill = filled
    infill.call("verify", *arguments, code=2)
    assert prove.verdicts(db) == {} and prove.findings(db) == {}


@pytest.mark.parametrize("low, high", [(40, 60), (50, 50), (-10, 5), (1, 1000), (195, 5000), (3000, 5000), (5000, 6000), (61, 190)])
def test_keys(filled, low, high):
    """Both ends included, wherever the ranges lie, above the last one too; nothing outside is found, and nothing inside is passed over."""
    db, infill = filled
    db.run(f"INSERT INTO {users.SOURCE} VALUES (5000, 'a', 'b', 1, 1)")
    db.run(f"INSERT INTO {users.TARGET} VALUES (-3, 'a', 'b', 1, 1), (900, 'a', 'b', 1, 1), (5001, 'a', 'b', 1, 1)")
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (39, 40, 41, 50, 59, 60, 61)")
    expected, found = ({key: row for key, row in side.items() if low <= key[0] <= high} for side in users.sides(db))
    summary = prove.verify(infill, "--keys", f"{low}..{high}")
    wrong = prove.disagreements(db, expected, found)
    assert not wrong, wrong
    assert summary["verdict"] == ("differ" if prove.compare(expected, found) else "match")
    assert summary["rows"] == {"source": len(expected), "target": len(found)}


def test_fill_by_name(users_db, planned):
    db = users_db
    db.run("CREATE TABLE other (id {big} NOT NULL PRIMARY KEY, v {int} NOT NULL)")
    users.fill(db, range(1, 101))
    fills = [users.entry(), {"name": "second", "from": users.SOURCE, "into": "other", "columns": {"id": "id", "v": "version"}}]
    infill = planned(db, fills, writes="none")
    infill.run(settings=SMALL)
    db.run("UPDATE other SET v = 5 WHERE id = 50")
    assert prove.verify(infill, "--fill", "users")["verdict"] == "match"
    assert set(prove.verdicts(db, "second")) == set()
    assert prove.verify(infill, "--fill", "second")["verdict"] == "differ"
    assert prove.findings(db, "users") == {} and len(prove.findings(db, "second")) == 1
    assert infill.call("verify", "--range", "1", code=2).text
    assert prove.verify(infill, "--fill", "users", "--range", "1")["verdict"] == "match"
    assert prove.verify(infill)["verdict"] == "differ"


# ---- what is known stays known ----

def test_failures_are_sticky(filled):
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    check(db, infill)
    number, = numbers(db, 50)
    was = prove.findings(db)
    assert prove.verify(infill, "--keys", "45..49")["verdict"] == "match"  # a part of it: says nothing of the rest
    assert prove.findings(db) == was and prove.verdicts(db)[number] == "differ"
    assert prove.verify(infill, "--range", str(number + 1))["verdict"] == "match"
    assert prove.findings(db) == was and prove.verdicts(db)[number] == "differ"
    db.run(f"UPDATE {users.TARGET} SET version = 0 WHERE id = 50")
    assert prove.verify(infill, "--keys", "50..50")["verdict"] == "match"
    assert prove.verdicts(db)[number] == "differ"
    assert prove.verify(infill, "--range", str(number))["verdict"] == "match"
    assert prove.findings(db) == {} and prove.verdicts(db)[number] == "match"
    check(db, infill)


def test_findings_that_are_gone_stay_on_record(filled):
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    check(db, infill)
    db.run(f"UPDATE {users.TARGET} SET version = 0 WHERE id = 50")
    check(db, infill)
    row, = db.dicts(f"SELECT * FROM {db.ledger('finding')}")
    assert row["state"] == "gone"
    db.run(f"DELETE FROM {users.TARGET} WHERE id = 50")  # wrong again, in another way
    check(db, infill)
    row, = db.dicts(f"SELECT * FROM {db.ledger('finding')}")
    assert row["state"] == "open" and row["kind"] == "missing"


# ---- not everything was compared ----

def test_never_run(users_db, planned):
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry())
    result = infill.call("verify", code=1)
    assert "was never run" in result.text and "infill run" in result.text, result
    assert infill.call("repair", code=1).text == result.text
    infill.call("install")
    assert infill.call("verify", code=1).text == result.text


@pytest.mark.lanes
def test_ranges_that_are_not_filled_yet(users_db, planned):
    """A run in the middle: what is filled is compared, what is not is no match."""
    db = users_db
    users.fill(db, range(1, 401))
    infill = planned(db, users.entry(), writes="none")
    infill.run("--fill", "users", "--until", "150", settings=SMALL)
    summary = prove.verify(infill)
    assert summary["verdict"] == "unverified" and "not filled yet" in json.dumps(summary["not_compared"])
    assert summary["fills"][0]["missing"] == 0 and prove.findings(db) == {}
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    assert prove.verify(infill)["verdict"] == "differ"
    assert len(prove.findings(db)) == 1
    db.run(f"UPDATE {users.TARGET} SET version = 0 WHERE id = 50")
    assert prove.verify(infill)["verdict"] == "unverified"
    infill.run(settings=SMALL)
    check(db, infill)


def test_a_range_in_the_middle_of_being_filled(users_db, planned):
    db = users_db
    users.fill(db, range(1, 201))
    infill = planned(db, users.entry(), writes="none")
    faults.begin(infill, db)
    summary = prove.verify(infill)
    assert summary["verdict"] == "unverified" and prove.findings(db) == {}
    assert [slice["reason"] for slice in summary["slices"]] == ["the range is not filled yet"]
    infill.run()
    check(db, infill)


def test_rows_up_to_from_are_left_out(users_db, planned):
    db = users_db
    users.fill(db, range(1, 101))
    infill = planned(db, users.entry(), writes="none")
    infill.run("--fill", "users", "--from", "60", settings=SMALL)
    summary = prove.verify(infill)
    assert summary["verdict"] == "unverified" and "--from" in json.dumps(summary["not_compared"])
    assert prove.findings(db) == {} and summary["rows"]["source"] == 40
    db.run(f"DELETE FROM {users.TARGET} WHERE id = 61")
    assert prove.verify(infill)["verdict"] == "differ"
    assert list(prove.findings(db).values()) == [("missing", frozenset())]


def test_rows_above_the_high_water_mark(filled):
    db, infill = filled
    rows = [users.row(key) for key in range(1000, 1250)]
    db.insert(users.SOURCE, rows)
    db.insert(users.TARGET, [users.transform(row) for row in rows])
    assert check(db, infill)["verdict"] == "match"  # the application wrote both sides
    db.run(f"DELETE FROM {users.TARGET} WHERE id IN (1000, 1100, 1249)")
    db.run(f"DELETE FROM {users.SOURCE} WHERE id IN (1001, 1101, 1248)")
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (1002, 1102)")
    assert check(db, infill)["verdict"] == "differ"


# ---- a ledger that was changed by hand ----

@pytest.mark.parametrize("statement", ["DELETE FROM {range} WHERE range_no = 4", "DELETE FROM {range} WHERE range_no = 1",
                                       "DELETE FROM {range} WHERE range_no = (SELECT n FROM (SELECT max(range_no) AS n FROM {range}) AS x)",
                                       "DELETE FROM {range}", "UPDATE {range} SET lo = hi WHERE range_no = 5",
                                       "UPDATE {range} SET hi = lo WHERE range_no = 5"])
def test_ranges_that_do_not_tile(filled, statement):
    db, infill = filled
    db.run(statement.format(range=db.ledger("range")))
    result = infill.call("verify", "--json", code=8)
    assert result.json["type"] == "error" and result.json["code"] == "MISMATCH", result
    assert prove.verdicts(db) == {}
    assert infill.call("repair", "--json", code=8).json["code"] == "MISMATCH"


def test_a_plan_that_means_something_else(filled, planned):
    db, _ = filled
    other = planned(db, users.entry(columns={**users.COLUMNS, "version": "version + 1"}), file="other.yaml", writes="none")
    assert other.call("verify", "--json", code=8).json["code"] == "REFUSED"
    assert other.call("repair", "--json", code=8).json["code"] == "REFUSED"
    assert prove.verdicts(db) == {}
