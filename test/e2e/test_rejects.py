"""Rows that cannot be written: found by bisection, kept by key and class, never by value; the rest goes on."""
import json

import pytest

import users

OPEN = {"reject": "100%", "reject_max": 1000}
BAD = (7, 8, 53, 100)
CANARY = "canary-4711-value"


@pytest.fixture
def spoilt(db):
    """100 rows, four of which are no numbers; cast() fails on two engines, a CHECK on SQLite, where a cast never does."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {name} NOT NULL)",
              "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {int} NOT NULL" + (", CHECK (v > 0))" if db.engine == "sqlite" else ")"))
    db.insert("old", [(key, CANARY if key in BAD else str(key)) for key in range(1, 101)])
    return db


def entry(db):
    expression = {"sqlite": "cast(src.v as integer)", "postgres": "cast(src.v as integer)", "mariadb": "src.v"}[db.engine]
    return {"name": "numbers", "from": "old", "into": "new", "carry": ["id"], "columns": {"v": expression}}


def keys_of(document, state="open"):
    return sorted(int(json.loads(reject["key"])[0].removeprefix("i:")) for reject in document["rejects"] if reject["state"] == state)


@pytest.mark.lanes
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_bisected_down_to_the_rows(spoilt, planned, rows):
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    summary = infill.run("--json", code=3, settings=[f"batch.rows={rows}"]).json
    assert spoilt.query("SELECT id, v FROM new ORDER BY id") == [(key, key) for key in range(1, 101) if key not in BAD]
    assert summary["state"] == "done" and summary["rejects_open"] == 4
    assert [summary["rows"][name] for name in ("seen", "written", "rejected")] == [100, 96, 4]
    listed = infill.call("rejects", "--json")
    assert keys_of(listed.json) == list(BAD) and listed.json["open"] == 4
    assert all(reject["class"] == "ROW" and reject["fill"] == "numbers" for reject in listed.json["rejects"])
    assert infill.run(code=3).code == 3  # again: nothing to do, and the rejects are still open


def test_no_value_is_ever_shown(spoilt, planned):
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    texts = [infill.run(code=3).text, infill.call("rejects").text, infill.call("rejects", "--json").text, infill.call("status", "--json").text]
    for table in spoilt.ledger_tables():
        texts.append(str(spoilt.query(f"SELECT * FROM {spoilt.ledger(table)}")))
    assert not [text for text in texts if CANARY in text]


def test_retry_after_mending(spoilt, planned):
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    infill.run(code=3)
    spoilt.run("UPDATE old SET v = '7' WHERE id = 7")
    spoilt.run("UPDATE old SET v = '53' WHERE id = 53")
    document = infill.call("rejects", "--retry", "--json", code=(0, 3)).json
    assert [document[name] for name in ("tried", "written", "still_open")] == [4, 2, 2]
    assert spoilt.query("SELECT id, v FROM new WHERE id IN (7, 8, 53, 100)") == [(7, 7), (53, 53)]
    assert keys_of(infill.call("rejects", "--json").json) == [8, 100]
    spoilt.run("UPDATE old SET v = id")
    infill.call("rejects", "--retry")
    assert spoilt.value("SELECT count(*) FROM new") == 100
    infill.run()


def test_accept(spoilt, planned):
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    infill.run(code=3)
    infill.call("rejects", "--accept", "7", "9999", "--because", "test", code=1)
    assert keys_of(infill.call("rejects", "--json").json) == list(BAD)  # one is unknown: none is accepted
    infill.call("rejects", "--accept", "7", "8", "--because", "known to be junk")
    assert keys_of(infill.call("rejects", "--json").json) == [53, 100]
    infill.call("rejects", "--accept", "53", "100", "--because", "these too")
    infill.run()
    assert infill.status()["rejects_open"] == 0


@pytest.mark.engines("postgres", "mariadb", "sqlite")
def test_foreign_key_and_null_violations_are_rejects(db, planned):
    db.script("CREATE TABLE country (code {name} NOT NULL PRIMARY KEY)", "CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, c {name})",
              "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, c {name} NOT NULL, CONSTRAINT known_country FOREIGN KEY (c) REFERENCES country (code))",
              "INSERT INTO country VALUES ('DE')")
    db.insert("old", [(1, "DE"), (2, "XX"), (3, None), (4, "DE")])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "c"]}, guards=OPEN)
    infill.run(code=3)
    assert db.query("SELECT id FROM new ORDER BY id") == [(1,), (4,)]
    rejects = {json.loads(r["key"])[0].removeprefix("i:"): r for r in infill.call("rejects", "--json").json["rejects"]}
    assert set(rejects) == {"2", "3"}
    if db.engine != "sqlite":
        assert rejects["2"]["constraint"] == "known_country" and rejects["2"]["sqlstate"].startswith("23")


def test_reject_in_place(db, planned):
    db.script("CREATE TABLE t (id {int} NOT NULL PRIMARY KEY, v {int}, w {int} CHECK (w < 100))")
    db.insert("t", [(key, 500 if key == 13 else key, None) for key in range(1, 51)])
    infill = planned(db, {"name": "f", "table": "t", "set": {"w": "src.v"}}, guards=OPEN)
    infill.run(code=3)
    assert db.query("SELECT id FROM t WHERE w IS NULL") == [(13,)]
    assert keys_of(infill.call("rejects", "--json").json) == [13]


def test_guard_reject_max_halts(spoilt, planned):
    infill = planned(spoilt, entry(spoilt), guards={"reject": "100%", "reject_max": 2})
    result = infill.run(code=8, settings=["batch.rows=5", "workers=1"])
    assert "reject_max" in result.text, result
    assert infill.status()["state"] == "halted"
    assert spoilt.value("SELECT count(*) FROM new") < 96
    assert "resume" in infill.run(code=8).text  # sticky
    infill.call("resume", code=(2, 8))  # and not without a reason
    infill.call("resume", "--because", "four are known", settings=["guards.reject_max=10"])
    infill.run(code=3, settings=["guards.reject_max=10"])
    assert spoilt.value("SELECT count(*) FROM new") == 96
    assert "four are known" in json.dumps(infill.status()["events"])


def test_guard_fraction_halts(users_db, planned):
    """The prod default: more than 10 rejects among the last 100,000 rows."""
    users.fill(users_db, range(1, 501))
    users_db.run(f"CREATE UNIQUE INDEX once ON {users.TARGET} (email_norm)")
    users_db.run(f"UPDATE {users.SOURCE} SET email = 'same@example.com' WHERE id > 100 AND id <= 120")
    infill = planned(users_db, users.entry(), guards={"reject": "0.01%"})
    result = infill.run(code=8, settings=["batch.rows=50", "workers=1"])
    assert "guard reject" in result.text, result
    assert infill.status()["state"] == "halted"
    assert len(infill.call("rejects", "--json").json["rejects"]) == 11


@pytest.mark.engines("postgres", "mariadb")
def test_narrowing_is_a_reject_never_a_truncation(db, planned):
    """RELIABILITY 2.A.7: too long, too large, not a date: strict, whatever the server's own sql_mode says."""
    if db.engine == "mariadb":
        db.run("SET GLOBAL sql_mode = ''")
    try:
        db.script("CREATE TABLE old (id int NOT NULL PRIMARY KEY, s varchar(50), n bigint, d varchar(20))",
                  "CREATE TABLE new (id int NOT NULL PRIMARY KEY, s varchar(3), n smallint, d date)")
        db.insert("old", [(1, "abc", 1, "2024-02-29"), (2, "abcdef", 1, "2024-02-29"), (3, "abc", 40000, "2024-02-29"), (4, "abc", 1, "2023-02-29"),
                          (5, None, None, None)])
        columns = {"d": "cast(src.d as date)"} if db.engine == "postgres" else {"d": "src.d"}
        infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "s", "n"], "columns": columns}, guards=OPEN)
        infill.run(code=3)
        assert [key for key, in db.query("SELECT id FROM new ORDER BY id")] == [1, 5]
    finally:
        if db.engine == "mariadb":
            db.run("SET GLOBAL sql_mode = default")


@pytest.mark.engines("postgres", "sqlite")
def test_retry_is_not_fooled_by_a_trigger(spoilt, planned):
    """A row that is sent and does not arrive is no success. (No trigger of MariaDB leaves a row out without an error.)"""
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    infill.run(code=3)
    spoilt.run("UPDATE old SET v = id")
    if spoilt.engine == "sqlite":
        spoilt.run("CREATE TRIGGER eats BEFORE INSERT ON new BEGIN SELECT RAISE(IGNORE) WHERE NEW.id = 8; END")
    else:
        spoilt.run("CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id = 8 THEN RETURN NULL; END IF; RETURN NEW; END'")
        spoilt.run("CREATE TRIGGER eats BEFORE INSERT ON new FOR EACH ROW EXECUTE FUNCTION eat()")
    result = infill.call("rejects", "--retry", "--json", code=(0, 3))
    assert [result.json[name] for name in ("tried", "written", "still_open")] == [4, 3, 1]
    assert keys_of(infill.call("rejects", "--json").json) == [8]


@pytest.mark.lanes
def test_retry_with_fail_overwrites_and_passes_over_nothing(spoilt, planned):
    """on_conflict: fail holds for a row that is tried again: the row that somebody else put there stays, and so does the reject."""
    infill = planned(spoilt, {**entry(spoilt), "on_conflict": "fail"}, guards=OPEN)
    infill.run(code=3)
    spoilt.run("UPDATE old SET v = id")
    spoilt.run("INSERT INTO new VALUES (8, 4711)")
    document = infill.call("rejects", "--retry", "--json", code=(0, 3)).json
    assert [document[name] for name in ("tried", "written", "still_open")] == [4, 3, 1]
    assert spoilt.value("SELECT v FROM new WHERE id = 8") == 4711
    assert keys_of(infill.call("rejects", "--json").json) == [8]


@pytest.mark.lanes
def test_retry_counts_what_became_of_the_rows(spoilt, planned):
    """One is written, one is there already and equal, one there and different, one gone from the source: each is counted as what it is."""
    infill = planned(spoilt, entry(spoilt), guards=OPEN)
    infill.run(code=3)
    spoilt.run("UPDATE old SET v = id")
    spoilt.run("INSERT INTO new VALUES (8, 8), (53, 4711)")
    spoilt.run("DELETE FROM old WHERE id = 100")
    document = infill.call("rejects", "--retry", "--json").json
    assert [document[name] for name in ("tried", "written", "still_open")] == [4, 1, 0]
    ledger = spoilt.ledger("range")
    same = spoilt.quote("same")
    assert [int(n) for n in spoilt.query(f"SELECT sum(written), sum({same}), sum(kept), sum(rejected) FROM {ledger}")[0]] == [97, 1, 1, 0]
