"""Rows that a verification could take for right ones: what the server cannot evaluate, and what a cast would make of a value."""
import json

import pytest

MATCH, UNVERIFIED, DIFFER = 0, 1, 4
SMALLEST = -9223372036854775808  # has no absolute value in 64 bits, on any engine
OPEN = {"reject": "100%", "reject_max": 1000}


def keys(document):
    return sorted((finding["kind"], int(json.loads(finding["key"])[0].removeprefix("i:"))) for finding in document["first_findings"])


def verify(infill, code):
    return infill.call("verify", "--json", code=code).json


def fill(**more):
    return {"name": "f", "from": "old", "into": "new", "carry": ["id"], "columns": {"v": "abs(src.v)"}, **more}


@pytest.fixture
def numbers(db):
    """Twenty rows, without 9; the absolute value of that of 10 cannot be evaluated."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {big})", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {big})")
    db.insert("old", [(key, SMALLEST if key == 10 else -key) for key in range(1, 21) if key != 9])
    return db


@pytest.mark.lanes
def test_a_reject_that_cannot_be_evaluated_hides_no_neighbour(numbers, planned):
    infill = planned(numbers, fill(), guards=OPEN, writes="none")
    infill.run(code=3)
    document = verify(infill, UNVERIFIED)  # nobody has agreed to it yet
    assert document["first_findings"] == [] and len(document["not_compared"]) == 1, document
    infill.call("rejects", "--accept", "10", "--because", "it has no absolute value")
    document = verify(infill, MATCH)
    assert document["verdict"] == "match" and document["first_findings"] == []
    numbers.run("INSERT INTO new VALUES (9, 4711)")
    assert keys(verify(infill, DIFFER)) == [("extra", 9)]
    numbers.run("INSERT INTO new VALUES (10, 5)")  # a reject is not there by agreement; this says something that nobody knows
    assert keys(verify(infill, DIFFER)) == [("different", 10), ("extra", 9)]
    numbers.run("DELETE FROM new WHERE id IN (9, 10)")
    verify(infill, MATCH)


@pytest.mark.parametrize("ranges", [1, 7, 1000])
def test_rows_that_cannot_be_evaluated_are_one_finding_each(numbers, planned, ranges):
    numbers.run("UPDATE old SET v = -10 WHERE id = 10")
    infill = planned(numbers, fill(), writes="none")
    infill.run(settings=[f"range.rows={ranges}", f"batch.rows={ranges}"])
    numbers.run(f"UPDATE old SET v = {SMALLEST} WHERE id IN (1, 10, 11, 20)")
    numbers.insert("old", [(21, -21), (22, SMALLEST), (23, -23)])  # above what was filled
    numbers.run("DELETE FROM new WHERE id IN (11, 12)")
    numbers.run("UPDATE new SET v = 0 WHERE id = 2")
    numbers.insert("new", [(0, 1), (9, 9), (23, 23), (30, 30)])
    assert keys(verify(infill, DIFFER)) == [("different", 1), ("different", 2), ("different", 10), ("different", 20), ("extra", 0), ("extra", 9), ("extra", 30),
                                            ("missing", 11), ("missing", 12), ("missing", 21), ("missing", 22)]


def test_more_rows_than_the_range_was_filled_with(numbers, planned):
    numbers.run("DELETE FROM old WHERE id NOT IN (1, 20)")
    infill = planned(numbers, fill(), writes="none")
    infill.run()
    numbers.insert("old", [(key, SMALLEST if key in (5, 10) else -key) for key in range(2, 20)])
    numbers.insert("new", [(key, key) for key in range(2, 20) if key != 7])
    assert keys(verify(infill, DIFFER)) == [("different", 5), ("different", 10), ("missing", 7)]


def test_from_the_first_key_on(numbers, planned):
    infill = planned(numbers, fill(), guards=OPEN, writes="none")
    infill.run(code=3)
    numbers.insert("new", [(9, 9), (10, 10)])
    kept = infill.call("verify", "--json", "--fill", "f", "--keys", "10..12", code=DIFFER).json
    assert ("different", 10) in keys(kept) and ("extra", 9) not in keys(kept)
    assert keys(verify(infill, DIFFER)) == [("different", 10), ("extra", 9)]


def test_in_place(db, planned):
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {big}, w {big})")
    for key in range(1, 21):
        db.run("INSERT INTO old (id, v) VALUES (%s, %s)", (key, -key))
    infill = planned(db, {"name": "f", "table": "old", "set": {"w": "abs(src.v)"}}, writes="none")
    infill.run()
    db.run(f"UPDATE old SET v = {SMALLEST} WHERE id = 10")
    db.run("UPDATE old SET w = 0 WHERE id = 11")
    assert keys(verify(infill, DIFFER)) == [("different", 10), ("different", 11)]


def test_rows_found_by_an_expression(db, planned):
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, k {big} NOT NULL, v {big})", "CREATE TABLE new (k {big} NOT NULL PRIMARY KEY, v {big})")
    db.insert("old", [(key, key + 100, -key) for key in range(1, 21)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "match": ["k"], "columns": {"k": "abs(src.k)", "v": "abs(src.v)"}, "omit": ["id"]}, writes="none")
    infill.run()
    verify(infill, MATCH)
    db.run(f"UPDATE old SET v = {SMALLEST} WHERE id = 10")
    db.run("UPDATE new SET v = 0 WHERE k = 111")
    db.insert("old", [(21, 121, SMALLEST), (22, 122, -22)])
    assert keys(verify(infill, DIFFER)) == [("different", 10), ("different", 11), ("missing", 21), ("missing", 22)]
    db.run(f"UPDATE old SET k = {SMALLEST} WHERE id = 12")  # nobody can say which rows of the target have no source row
    document = verify(infill, DIFFER)
    assert ("missing", 12) in keys(document) and ("different", 11) in keys(document)


LOST = {  # type of the source column and of the target's, the expression; what is good, what cannot be stored, what a cast makes of it
    "postgres": [("text", "varchar(3)", "src.s", "abc", "abcdef", "abc"), ("text", "char(3)", "src.s", "abc", "abcdef", "abc"),
                 ("varchar(9)", "bit(4)", "src.s::varbit", "1010", "10101", "1010")],
    "mariadb": [("double", "decimal(5,2)", "src.s * 1", 5, 123456, "999.99"), ("varchar(20)", "int", "concat(src.s)", "5", "abc", 0),
                ("varchar(20)", "int", "concat(src.s)", "5", "12abc", 12), ("varchar(20)", "date", "concat(src.s)", "2024-02-29", "2024-02-30", None),
                ("varchar(20)", "datetime", "concat(src.s)", "2024-02-29", "nonsense", None),
                ("varchar(20)", "time", "concat(src.s)", "10:00:00", "900:00:00", "838:59:59"),
                ("varchar(20)", "varchar(20) CHARACTER SET latin1", "concat(src.s)", "x", "\u4e2d", "?"),
                ("varchar(20)", "enum('New','Old')", "concat(src.s)", "New", "none", None)],
}
KEPT = {  # the same, but this is what the column keeps of it: no difference
    "postgres": [("text", "varchar(3)", "src.s", "abc", "abc  ", "abc"), ("text", "char(3)", "src.s", "abc", "a    ", "a")],
    "mariadb": [("varchar(20)", "varchar(20) CHARACTER SET latin1", "concat(src.s)", "x", "\u00e4", "\u00e4"),
                ("varchar(20)", "int", "concat(src.s)", "5", "7 ", 7), ("varchar(20)", "int", "concat(src.s)", "5", " 7", 7),
                ("varchar(20)", "enum('New','Old')", "concat(src.s)", "New", "old", "Old"), ("int", "enum('New','Old')", "src.s + 0", 1, 2, "Old"),
                ("int", "year", "src.s + 0", 1999, 24, 2024), ("varchar(20)", "year", "concat(src.s)", "1999", "70", 1970),
                ("varchar(20)", "binary(4)", "concat(src.s)", "abcd", "ab", b"ab\0\0")],
}


def stored(db, planned, number, case):
    source, target, expression, good, value, kept = case
    old, new = f"old_{number}", f"new_{number}"
    db.script(f"CREATE TABLE {old} (id {{int}} NOT NULL PRIMARY KEY, s {source})", f"CREATE TABLE {new} (id {{int}} NOT NULL PRIMARY KEY, v {target})")
    db.insert(old, [(key, good) for key in range(1, 6)])
    infill = planned(db, {"name": "f", "from": old, "into": new, "carry": ["id"], "columns": {"v": expression}, "omit": ["s"]}, writes="none",
                     plan=f"p{number}", file=f"p{number}.yaml")
    infill.run()
    db.run(f"UPDATE {old} SET s = %s WHERE id = 3", (value,))
    db.run(f"UPDATE {new} SET v = %s WHERE id = 3", (kept,))
    return infill


@pytest.mark.engines("postgres", "mariadb")
def test_what_a_cast_would_lose_is_a_difference(db, planned):
    for number, case in enumerate(LOST[db.engine]):
        assert keys(verify(stored(db, planned, number, case), DIFFER)) == [("different", 3)], case


@pytest.mark.engines("postgres", "mariadb")
def test_what_storing_keeps_is_none(db, planned):
    for number, case in enumerate(KEPT[db.engine]):
        document = verify(stored(db, planned, number, case), None)
        assert document["verdict"] == "match", (case, document)
