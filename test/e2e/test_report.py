"""infill report: its figures are those of the ledger, and it says what it does not know."""
import re

import pytest

import users

DIFFER = 4


def sums(db, columns, where=""):
    """Sums of the ledger's ranges, as they were filled."""
    return db.query(f"SELECT {', '.join(f'sum({column})' for column in columns)} FROM {db.ledger('range')} WHERE attempt = 1{where}")[0]


def count(db, table, where="1 = 1"):
    return db.value(f"SELECT count(*) FROM {table} WHERE {where}")


@pytest.fixture
def filled(users_db, planned):
    users.fill(users_db, range(1, 2001))
    infill = planned(users_db, users.entry(), writes="none")  # nobody writes: nothing is to be settled
    infill.run(settings=["range.rows=500", "batch.rows=100"])
    return infill


def report(infill):
    return infill.call("report", "--json").json


def check_run(db, document):
    ranges = db.ledger("range")
    assert document["plan"] == "test" and document["state"] == "done" and document["profile"] == "dev"
    assert document["server_version"] and document["version"] and document["generated_at"].endswith("Z")
    assert [document["rows"][name] for name in ("seen", "written", "same", "kept", "rejected")] == \
        [int(each) for each in sums(db, ["seen", "written", "same", "kept", "rejected"])]
    assert len(document["events"]) == count(db, db.ledger("event"))
    assert [event["seq"] for event in document["events"]] == list(range(1, len(document["events"]) + 1))
    fill, = document["fills"]
    known = db.query(f"SELECT range_no, lo, hi, seen, written FROM {ranges} WHERE attempt = 1 ORDER BY range_no")
    assert [(one["range"], one["lo"], one["hi"], one["rows"], one["written"]) for one in fill["ranges"] if one["range"] > 0] == known
    assert (fill["fill"], fill["source"].split(".")[-1], fill["target"].split(".")[-1]) == ("users", users.SOURCE, users.TARGET)
    return fill


def test_never_verified(users_db, filled):
    document = report(filled)
    fill = check_run(users_db, document)
    assert document["verdict"] is None and fill["verdict"] is None and fill["rows"] is None and fill["digest"] is None
    assert all(one["verdict"] is None for one in fill["ranges"]) and fill["checks"] == [] and document["sample"] is None
    assert document["findings"] == [] and document["findings_total"] == 0 and document["not_compared"] == []
    assert "not verified" in filled.call("report").out


def test_verified_damaged_repaired(users_db, filled):
    filled.call("verify")
    document = report(filled)
    fill = check_run(users_db, document)
    assert document["verdict"] == fill["verdict"] == "match" and fill["rows"] == {"source": 2000, "target": 2000}
    assert fill["digest"]["source"] == fill["digest"]["target"] != "0" * 32
    assert all(one["verdict"] == "match" and one["verified_at"] for one in fill["ranges"])
    assert len(fill["ranges"]) == count(users_db, users_db.ledger("verdict"))

    users_db.script(f"DELETE FROM {users.TARGET} WHERE id IN (7, 1999)", f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 700",
                    f"INSERT INTO {users.TARGET} VALUES (5000, 'x', 'y', 1, 1)")
    filled.call("verify", code=DIFFER)
    document = report(filled)
    fill = check_run(users_db, document)
    assert document["verdict"] == fill["verdict"] == "differ"
    assert fill["rows"] == {"source": count(users_db, users.SOURCE), "target": count(users_db, users.TARGET)}
    assert (fill["missing"], fill["extra"], fill["different"]) == (2, 1, 1)
    assert {(one["key"], one["kind"]) for one in document["findings"]} == set(users_db.query(
        f"SELECT {'`key`' if users_db.engine == 'mariadb' else 'key'}, kind FROM {users_db.ledger('finding')} WHERE state = 'open'"))
    assert document["findings_total"] == len(document["findings"]) == 4
    for name in ("missing", "extra", "different"):
        assert sum(one[name] for one in fill["ranges"]) == fill[name]
    wrong = {one["range"] for one in document["findings"]}
    assert {one["range"] for one in fill["ranges"] if one["verdict"] == "differ"} == wrong

    filled.call("repair", "--delete-extra")
    document = report(filled)
    fill, = document["fills"]
    assert document["verdict"] == "match" and document["findings"] == []
    again = users_db.value(f"SELECT sum(written) FROM {users_db.ledger('range')} WHERE attempt > 1")
    assert sum(one["repaired"] for one in fill["ranges"]) == again > 0
    assert sums(users_db, ["seen"])[0] == document["rows"]["seen"], "a repair is no second filling"


def test_one_range_of_several(users_db, filled):
    """What was not compared is not called a match, and old verdicts stand."""
    filled.call("verify", "--range", "2")
    document = report(filled)
    fill = check_run(users_db, document)
    verdicts = {one["range"]: one["verdict"] for one in fill["ranges"]}
    assert verdicts.pop(2) == "match" and len(verdicts) > 1 and set(verdicts.values()) == {None}
    assert document["verdict"] == fill["verdict"] == "unverified" and fill["rows"]["source"] == 500


def test_half_a_run(users_db, planned):
    """Rows that no range holds are listed."""
    users.fill(users_db, range(1, 2001))
    infill = planned(users_db, users.entry())
    infill.run("--until", "1000", "--fill", "users")
    infill.call("verify", code=None)
    document = report(infill)
    assert document["verdict"] == "unverified" and document["fills"][0]["verdict"] == "match"
    assert [one["what"] for one in document["not_compared"]] == ["rows above the last range"]


def test_never_run(users_db, planned):
    infill = planned(users_db, users.entry())
    result = infill.call("report", code=None)
    assert result.code != 0 and "never run" in result.text


def test_it_is_the_ledger_alone(users_db, filled):
    """The tables may be gone."""
    filled.call("verify")
    before = report(filled)
    users_db.script(f"DROP TABLE {users.SOURCE}", f"DROP TABLE {users.TARGET}")
    after = report(filled)
    for document in (before, after):
        document.pop("generated_at")
    assert before == after


NAMES = ["a", "<script>alert(1)</script>", "b&b", 'q"q', "z"]


def test_page_escapes_keys(db, planned, tmp_path):
    """A key is data of users: nothing in it may run in the browser of who reads the page."""
    db.script("CREATE TABLE odd (code {name} NOT NULL PRIMARY KEY, n {int} NOT NULL)",
              "CREATE TABLE odd_v2 (code {name} NOT NULL PRIMARY KEY, n {int} NOT NULL)")
    db.insert("odd", [(name, 1) for name in NAMES])
    infill = planned(db, {"name": "odd", "from": "odd", "into": "odd_v2", "columns": {"code": "code", "n": "n"}})
    infill.run()
    db.run("UPDATE odd_v2 SET n = 2 WHERE code LIKE %s", ["<script>%"])
    infill.call("verify", code=DIFFER)
    assert any("<script>" in one["key"] for one in report(infill)["findings"])
    path = tmp_path / "report.html"
    infill.call("report", "--html", str(path))
    page = path.read_text()
    assert "Source and target differ" in page and "&lt;script&gt;alert(1)" in page
    assert not re.search("<script", page, re.IGNORECASE)


def test_first_guess_at_the_cause(db, planned):
    """Rows of several ranges that differ alike are one sentence; those of one range name it."""
    db.script("CREATE TABLE paid (id {big} NOT NULL PRIMARY KEY, paid_at {time} NOT NULL, n {int} NOT NULL)",
              "CREATE TABLE paid_v2 (id {big} NOT NULL PRIMARY KEY, paid_at {time} NOT NULL, n {int} NOT NULL)")
    db.insert("paid", [(key, f"2026-03-{1 + key % 20:02} 08:00:00", key) for key in range(1, 1001)])
    fill = {"name": "paid", "from": "paid", "into": "paid_v2", "columns": {"id": "id", "paid_at": "paid_at", "n": "n"}}
    infill = planned(db, fill, writes="none")
    infill.run(settings=["range.rows=250", "batch.rows=50"])
    stored_as_text = db.engine == "sqlite"  # times are texts there, and guesses are about what is stored
    later = {"sqlite": "datetime(paid_at, '+7 hours')", "postgres": "paid_at + interval '7 hours'",
             "mariadb": "paid_at + INTERVAL 7 HOUR"}[db.engine]
    db.run(f"UPDATE paid_v2 SET paid_at = {later} WHERE id % 10 = 0")
    db.run("UPDATE paid_v2 SET n = n + 5 WHERE id BETWEEN 501 AND 550")
    document = infill.call("verify", "--json", code=DIFFER).json
    fill, = document["fills"]
    assert [cause.split("`")[1] for cause in fill["causes"]] == (["n"] if stored_as_text else ["paid_at", "n"])
    assert stored_as_text or "7 h later in all 100 differing rows" in fill["causes"][0], fill["causes"]
    assert fill["causes"][-1].endswith("all 50 differing rows"), fill["causes"]
    assert report(infill)["fills"][0]["causes"] == fill["causes"]
    infill.call("repair")
    assert report(infill)["fills"][0]["causes"] == [], "what was guessed of rows that are right again is gone"
    db.run("UPDATE paid_v2 SET n = 0 - n WHERE id BETWEEN 501 AND 550")
    fill, = infill.call("verify", "--json", code=DIFFER).json["fills"]
    wrong, = {one["range"] for one in report(infill)["findings"]}
    assert len(fill["causes"]) == 1 and fill["causes"][0].endswith(f"rows of range {wrong}"), fill["causes"]
    details = [row[0] for row in db.query(f"SELECT detail FROM {db.ledger('verdict')} WHERE range_no = {wrong}")]
    assert "causes" in details[0] and "`n`" in details[0]
