"""checks: what infill verify looks at beside the rows themselves, each with damage that only it can name."""
import pytest

import users

MATCH, DIFFER, USAGE = 0, 4, 2


def filled(users_db, planned, rows=1000, fill=None, **settings):
    users.fill(users_db, range(1, rows + 1))
    infill = planned(users_db, users.entry(**(fill or {})), writes="none", **settings)
    infill.run(settings=["range.rows=250", "batch.rows=100"])
    return infill


def verify(infill, *arguments, code=MATCH):
    return infill.call("verify", "--json", *arguments, code=code).json


def checks_of(document):
    return {check["check"]: check for check in document["fills"][0]["checks"]}


def facts(check):
    return {fact["name"]: (fact["source"], fact["target"], fact["verdict"]) for fact in check["facts"]}


ALL = {"distribution": ["version"], "aggregates": {"sum": ["cents"], "extrema": ["id"]}, "unique": [["email_norm"], ["display", "id"]]}


def test_all_of_them_match(users_db, planned):
    document = verify(filled(users_db, planned, checks=ALL))
    checks = checks_of(document)
    assert set(checks) == {"counts", "digest", "keys", "columns", "unique", "distribution", "aggregates"}
    assert all(check["verdict"] == "match" and check["facts"] for check in checks.values()), checks
    assert facts(checks["counts"])["rows"] == ("1000", "1000", "match")
    total = users_db.value(f"SELECT sum(cents) FROM {users.TARGET}")
    assert facts(checks["aggregates"])["sum of cents"] == (str(total), str(total), "match")
    assert facts(checks["aggregates"])["nulls of display"] == ("0", "0", "match")
    assert facts(checks["distribution"])["distribution of version"] == ("", "1", "match")


def test_without_any(users_db, planned):
    document = verify(filled(users_db, planned, checks={"counts": False, "digest": False}))
    assert set(checks_of(document)) == {"keys", "columns", "aggregates"}


def test_a_fill_has_its_own(users_db, planned):
    infill = filled(users_db, planned, fill={"checks": {"unique": [], "counts": False}}, checks=ALL)
    assert set(checks_of(verify(infill))) == {"digest", "keys", "columns", "distribution", "aggregates"}


def test_sums_and_counts_name_the_damage(users_db, planned):
    infill = filled(users_db, planned, checks=ALL)
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 7 WHERE id = 300")
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 1000")
    document = verify(infill, code=DIFFER)
    checks = checks_of(document)
    assert {name for name, check in checks.items() if check["verdict"] == "differ"} == \
        {"counts", "digest", "keys", "columns", "distribution", "aggregates"}
    assert facts(checks["counts"])["rows"] == ("1000", "999", "differ")
    assert facts(checks["aggregates"])["sum of cents"][2] == "differ"
    assert sorted(one["range"] for one in document["slices"]) == [2, 4]
    words = [line.split() for line in infill.call("verify", code=DIFFER).out.splitlines()]
    assert ["counts", "rows", "1000", "999"] in words
    assert ["aggregates", "sum", "of", "cents", *facts(checks["aggregates"])["sum of cents"][:2]] in words


def test_extrema_and_distribution_name_the_damage(users_db, planned):
    """Against what plain SQL says of both tables."""
    users_db.insert(users.SOURCE, [users.row(key, version=key % 3) for key in range(1, 1001)])
    infill = planned(users_db, users.entry(), writes="none", checks=ALL)
    infill.run(settings=["range.rows=250", "batch.rows=100"])
    users_db.run(f"UPDATE {users.TARGET} SET version = 2 WHERE id IN (30, 33, 36)")
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 1000")
    checks = checks_of(verify(infill, code=DIFFER))
    ends = facts(checks["aggregates"])
    assert ends["min of id"][2] == "match" and ends["max of id"][2] == "differ"
    assert ends["min of id"][0] == ends["min of id"][1] and ends["max of id"][0] != ends["max of id"][1]
    shown = facts(checks["distribution"])
    got = sorted((one[0], one[1]) for name, one in shown.items() if name.startswith("rows with version"))
    counts = [dict(users_db.query(f"SELECT version, count(*) FROM {table} GROUP BY version")) for table in (users.SOURCE, users.TARGET)]
    assert got == sorted((str(counts[0][value]), str(counts[1][value])) for value in counts[0])
    assert shown["distribution of version"][2] == "differ"
    total = users_db.value(f"SELECT sum(cents) FROM {users.TARGET}")
    assert facts(checks["aggregates"])["sum of cents"][1] == str(total)


@pytest.mark.parametrize("far", [False, True])
def test_unique_alone_sees_two_of_the_same(users_db, planned, far):
    """Both sides agree, and both are wrong: no row differs, near or far apart."""
    infill = filled(users_db, planned, checks={"unique": [["email_norm"]]})
    other = 900 if far else 11
    for table, column in ((users.SOURCE, "email"), (users.TARGET, "email_norm")):
        users_db.run(f"UPDATE {table} SET {column} = 'twice@example.com' WHERE id IN (10, {other})")
    document = verify(infill, code=DIFFER)
    checks = checks_of(document)
    assert {name for name, check in checks.items() if check["verdict"] != "match"} == {"unique"}
    assert facts(checks["unique"])["duplicates of email_norm"] == ("1", "1", "differ")
    assert document["fills"][0]["verdict"] == "differ" and document["findings"] == 0
    assert [one["range"] for one in document["slices"]] == ([] if far else [1])


def test_expect_sees_a_wrong_transform(users_db, planned):
    """The fill did what it was told; the second spelling says that it was told the wrong thing."""
    right = {"expect": {"cents": "(src.balance * 100) + src.version + 0"}}
    assert verify(filled(users_db, planned, checks=right))["verdict"] == "match"
    wrong = planned(users_db, users.entry(), writes="none", checks={"expect": {"cents": "CASE WHEN src.id = 500 THEN 1 ELSE src.balance * 100 END"}})
    document = verify(wrong, code=DIFFER)
    assert document["findings"] == 1 and document["first_findings"][0]["columns"] == ["cents"]


@pytest.mark.parametrize("checks, words", [
    ({"expect": {"cents": "nosuch + 1"}}, ["checks.expect of cents", "nosuch"]),
    ({"expect": {"cents": "1; drop table x"}}, ["checks.expect of cents"]),
    ({"expect": {"display": "CURRENT_TIMESTAMP"}}, ["checks.expect of display", "again"]),
    ({"expect": {"id": "src.id"}}, ["checks.expect of id", "names the row"]),
    ({"semantic": ["id"]}, ["checks.semantic", "names the row"]),
])
def test_what_only_the_database_knows(users_db, planned, checks, words):
    result = planned(users_db, users.entry(), checks=checks).call("run", code=None)
    assert result.code != 0 and all(word in result.text for word in words), result


def test_only(users_db, planned):
    """What nobody asked for is left out, said to be so, and neither judged nor kept; a verdict on a part makes no range right."""
    infill = filled(users_db, planned, checks=ALL)
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 7 WHERE id = 300")
    verify(infill, code=DIFFER)
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents - 7 WHERE id = 300")
    document = verify(infill, "--only", "counts,unique")
    assert set(checks_of(document)) == {"counts", "unique"} and document["verdict"] == "match"
    left_out = {(one["what"], one["reason"], one["agreed"]) for one in document["not_compared"]}
    assert left_out == {(f"check {name}", "left out by --only", True) for name in ("digest", "keys", "columns", "distribution", "aggregates")}
    assert infill.call("report", "--json").json["verdict"] == "differ"
    verify(infill)
    assert infill.call("report", "--json").json["verdict"] == "match"


def test_only_judges_what_it_names(users_db, planned):
    infill = filled(users_db, planned)
    users_db.run(f"UPDATE {users.TARGET} SET display = 'nobody' WHERE id = 300")
    assert verify(infill, "--only", "counts,keys")["findings"] == 0
    assert verify(infill, "--only", "digest", code=DIFFER)["findings"] == 0
    document = verify(infill, "--only", "columns", code=DIFFER)
    assert document["findings"] == 1 and facts(checks_of(document)["columns"])["column of display"] == ("", "1", "differ")
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 301")
    document = verify(infill, "--only", "columns", code=DIFFER)
    assert document["fills"][0]["missing"] == 0
    assert verify(infill, "--only", "keys", code=DIFFER)["fills"][0]["missing"] == 1


@pytest.mark.parametrize("names, words", [
    ("digets", ["no check digets", "distribution"]), ("counts,,digest", ["no check"]), ("unique", ["--only unique", "nothing to do"]),
])
def test_only_of_what_is_none(users_db, planned, names, words):
    result = filled(users_db, planned, rows=10).call("verify", "--only", names, code=USAGE)
    assert all(word in result.text for word in words), result


@pytest.mark.parametrize("extra", [True, False])
def test_rows_that_only_the_target_has(users_db, planned, extra):
    """They are wrong, unless the plan says that they are others'; nothing else about the table is then."""
    infill = filled(users_db, planned, checks={"extra": extra, "aggregates": {"sum": ["cents"]}})
    for key in (-5, 100000, 5000):
        users_db.run(f"INSERT INTO {users.TARGET} (id, email_norm, display, cents, version) VALUES ({key}, 'x', 'y', 1, 1)")
    users_db.run(f"DELETE FROM {users.SOURCE} WHERE id = 500")
    document = verify(infill, code=MATCH if not extra else DIFFER)
    fill = document["fills"][0]
    assert fill["extra"] == (4 if extra else 0)
    assert fill["rows"] == {"source": 999, "target": 1003 if extra else 999}
    assert [(one["what"], one["agreed"]) for one in document["not_compared"]] == ([] if extra else [("rows that only the target has", True)])
    if extra:
        return
    text = infill.call("verify").out
    assert "rows that only the target has" in text and "checks.extra" in text
    report = infill.call("report", "--json").json
    assert report["verdict"] == "match" and report["not_compared"][0]["what"] == "rows that only the target has"
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 1")
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 2")
    fill = verify(infill, code=DIFFER)["fills"][0]
    assert (fill["different"], fill["missing"], fill["extra"]) == (1, 1, 0)


def test_a_failed_check_stays_until_it_passes(users_db, planned):
    """Rows of two ranges share a value: every range matches by itself, and the whole does not until all of it was looked at again."""
    infill = filled(users_db, planned, checks={"unique": [["email_norm"]]})

    def mail(text, *keys):
        for table, column in ((users.SOURCE, "email"), (users.TARGET, "email_norm")):
            users_db.run(f"UPDATE {table} SET {column} = '{text}' WHERE id IN ({', '.join(map(str, keys))})")

    mail("twice@example.com", 10, 11, 900)
    document = verify(infill, code=DIFFER)
    assert [one["range"] for one in document["slices"]] == [1]
    mail("once@example.com", 11)
    verify(infill, "--fill", "users", "--range", "1")
    report = infill.call("report", "--json").json
    assert report["verdict"] == "differ" and all(one["verdict"] == "match" for one in report["fills"][0]["ranges"])
    mail("again@example.com", 900)
    verify(infill)
    assert infill.call("report", "--json").json["verdict"] == "match"


def test_rows_rejected_by_agreement_are_no_difference(users_db, planned):
    users.fill(users_db, range(1, 501))
    users_db.run(f"UPDATE {users.SOURCE} SET balance = -5 WHERE id = 77")
    users_db.run(f"DROP TABLE {users.TARGET}")
    users_db.script(f"CREATE TABLE {users.TARGET} (id {{big}} NOT NULL PRIMARY KEY, email_norm {{name}} NOT NULL, display {{name}} NOT NULL, "
                    "cents {big} NOT NULL CHECK (cents <> -500), version {int} NOT NULL)")
    infill = planned(users_db, users.entry(), writes="none", checks=ALL, guards={"reject": "100%"})
    infill.run(settings=["range.rows=250", "batch.rows=100"], code=None)
    document = verify(infill, code=None)
    fill = document["fills"][0]
    assert fill["rejected"] == 1 and all(check["verdict"] == "match" for check in fill["checks"]), document
    assert facts(checks_of(document)["counts"])["rows"] == ("499", "499", "match")


# A type whose values can be spelled in two ways, as the engine keeps them; and the other spelling.
SPELLED = {"postgres": ("JSON", """'{"a": 1, "b": [2]}'""", """'{"b":[2],"a":1.0}'""", """'{"b":[2],"a":2}'"""),
           "mariadb": ("JSON", """'{"a": 1, "b": [2]}'""", """'{"b":[2],"a":1.0}'""", """'{"b":[2],"a":2}'"""),
           "sqlite": ("ANYTHING_BLOB", "3", "3.0", "4")}


@pytest.mark.parametrize("semantic", [False, True])
def test_equal_by_value_only(db, planned, semantic):
    """Spelled otherwise is a difference, unless the plan says that values count; then it is counted. Another value always is one. JSON of
    MariaDB is text, whatever the plan says."""
    kind, one, other, wrong = SPELLED[db.engine]
    for table in "ab":
        db.script(f"CREATE TABLE {table} (id {{big}} NOT NULL PRIMARY KEY, price {kind} NOT NULL)")
    for key in range(1, 101):
        db.run(f"INSERT INTO a VALUES ({key}, {one})")
    fill = {"name": "prices", "from": "a", "into": "b", "columns": {"id": "id", "price": "price"}}
    infill = planned(db, fill, writes="none", checks={"semantic": ["price"] if semantic else []})
    infill.run()
    assert verify(infill)["fills"][0]["weaker"] == 0
    db.run(f"UPDATE b SET price = {other} WHERE id > 40")
    weaker = semantic and db.engine != "mariadb"
    document = verify(infill, code=MATCH if weaker else DIFFER)
    assert (document["fills"][0]["weaker"], document["fills"][0]["different"]) == ((60, 0) if weaker else (0, 60))
    if not weaker:
        return
    assert "60 rows are equal only under a weaker rule" in infill.call("verify").out
    db.run(f"UPDATE b SET price = {wrong} WHERE id = 1")
    document = verify(infill, code=DIFFER)
    assert (document["fills"][0]["weaker"], document["fills"][0]["different"]) == (60, 1)
    assert facts(checks_of(document)["columns"])["equal_only_semantically"][:2] == ("", "60")
