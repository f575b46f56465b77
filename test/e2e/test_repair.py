"""infill repair: what was found is as the source says afterwards, and nothing else was touched; whatever happens meanwhile."""
import json

import pytest

import faults
import oracle
import prove
import users
from servers import wait_for

DIFFER, BUSY, REFUSED = 4, 6, 8
DONE = (0, 1)  # 1: nothing is left, but a range is not what it was when its repair began, so that nobody can say what happened to its other rows
SMALL = ["range.rows=20", "batch.rows=7", "batch.rows_max=7"]
FOUR = ["workers=4"]  # repair that many ranges at once, where writers do not come one by one anyway


@pytest.fixture
def filled(users_db, planned):
    """(database, infill): 190 rows in ten ranges, filled and at rest."""
    users.fill(users_db, range(1, 191))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run(settings=SMALL)
    return users_db, infill


def repair(infill, *arguments, **options):
    return infill.call("repair", "--json", *arguments, **options).json


def damage(db):
    """Of every kind, in some of the ranges."""
    db.script(f"DELETE FROM {users.TARGET} WHERE id IN (1, 51, 52)", f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (10, 53, 100)",
              f"UPDATE {users.TARGET} SET display = '' WHERE id IN (17, 54)", f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 150",
              f"UPDATE {users.SOURCE} SET full_name = 'New Name' WHERE id = 151")


def extras(db):
    db.script(f"INSERT INTO {users.TARGET} VALUES (-5, 'a', 'b', 1, 1), (90000, 'a', 'b', 1, 1)", f"DELETE FROM {users.SOURCE} WHERE id IN (60, 101)")


def versions(db, table):
    """The rows by key, on PostgreSQL with the place and the transaction of each: who writes a row again, be it the same, is seen."""
    places = "ctid::text, xmin::text, " if db.engine == "postgres" else ""
    return {row[-5]: row for row in db.query(f"SELECT {places}{table}.* FROM {table}")}


def everything(db):
    tables = [users.SOURCE, users.TARGET, *(db.ledger(table) for table in db.ledger_tables())]
    return {table: sorted(db.query(f"SELECT * FROM {table}"), key=repr) for table in tables}


def states(db):
    return {oracle.decode(row["key"]): row["state"] for row in db.dicts(f"SELECT * FROM {db.ledger('finding')}")}


def numbers(db, keys):
    return {row["range_no"] for row in oracle.ranges(db) for key in keys
            if (-2**63 if row["lo"] is None else row["lo"]) < key <= row["hi"] and row["attempt"] == 1}


def clean(db, infill):
    """Both the comparison in Python and infill find nothing."""
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict
    assert prove.verify(infill)["verdict"] == "match" and prove.findings(db) == {}


# ---- what is repaired, and what is not ----

def test_findings_and_nothing_else(filled):
    db, infill = filled
    damage(db)
    prove.verify(infill)
    wrong = {key for key, in prove.compare(*users.sides(db))}
    assert len(wrong) == 10
    source, target = versions(db, users.SOURCE), versions(db, users.TARGET)
    document = repair(infill)
    assert [document[name] for name in ("findings", "repaired", "already_right", "deleted", "left_count")] == [10, 10, 0, 0, 0]
    assert document["verdict"] == "match" and document["left"] == [] and not document["dry_run"]
    assert versions(db, users.SOURCE) == source
    after = versions(db, users.TARGET)
    assert after.keys() == target.keys() | wrong
    touched = {key for key in after if after[key] != target.get(key)}
    assert touched == wrong
    assert {slice["range"] for slice in document["slices"]} == numbers(db, wrong)
    assert all(slice["verdict"] == "match" and slice["rest_untouched"] for slice in document["slices"])
    assert sum(slice["keys"] for slice in document["slices"]) == 10
    assert set(states(db).values()) == {"repaired"}
    attempts = [row for row in oracle.ranges(db) if row["attempt"] > 1]
    assert {row["range_no"] for row in attempts} == numbers(db, wrong) and {row["state"] for row in attempts} == {"filled"}
    assert sum(row["written"] for row in attempts) == 10
    assert set(prove.verdicts(db).values()) == {"match"}
    clean(db, infill)
    assert repair(infill)["findings"] == 0
    assert versions(db, users.TARGET) == after


def test_nothing_to_do(filled):
    db, infill = filled
    assert repair(infill)["findings"] == 0  # never verified
    prove.verify(infill)
    target = versions(db, users.TARGET)
    document = repair(infill)
    assert (document["findings"], document["slices"], document["left_count"]) == (0, [], 0)
    assert versions(db, users.TARGET) == target and len(oracle.ranges(db)) == len(numbers(db, range(1, 200)))


def test_what_was_not_found_is_not_repaired(filled):
    """Damage that nobody looked for stays; what was found, and damaged again since, does not."""
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    prove.verify(infill)
    db.run(f"UPDATE {users.TARGET} SET version = 8 WHERE id IN (50, 130)")
    document = repair(infill)
    assert document["repaired"] == 1 and all(slice["rest_untouched"] for slice in document["slices"])
    assert prove.compare(*users.sides(db)) == {(130,): ("different", {"version"})}
    prove.verify(infill)
    repair(infill)
    clean(db, infill)


def test_extra_rows_stay_unless_told(filled):
    db, infill = filled
    damage(db)
    extras(db)
    prove.verify(infill)
    document = repair(infill, code=DIFFER)
    assert (document["repaired"], document["deleted"], document["left_count"], document["verdict"]) == (10, 0, 4, "differ")
    assert {oracle.decode(one["key"]) for one in document["left"]} == {-5, 60, 101, 90000}
    assert all("--delete-extra" in one["reason"] and one["kind"] == "extra" for one in document["left"])
    assert prove.compare(*users.sides(db)) == {(key,): ("extra", frozenset()) for key in (-5, 60, 101, 90000)}
    assert {key for key, state in states(db).items() if state == "open"} == {-5, 60, 101, 90000}
    assert "--delete-extra" in infill.call("repair", code=DIFFER).text
    document = repair(infill, "--delete-extra")
    assert (document["repaired"], document["deleted"], document["left_count"], document["verdict"]) == (0, 4, 0, "match")
    assert all(slice["rest_untouched"] for slice in document["slices"])
    clean(db, infill)


def test_what_came_right_by_itself(filled):
    """The application mends rows between verification and repair: they are counted, and not written; extra rows have a source row again."""
    db, infill = filled
    damage(db)
    extras(db)
    prove.verify(infill)
    db.script(f"UPDATE {users.TARGET} SET version = 0 WHERE id IN (10, 53)", f"DELETE FROM {users.TARGET} WHERE id = 90000")
    db.insert(users.SOURCE, [users.row(60)])
    target = versions(db, users.TARGET)
    document = repair(infill, "--delete-extra", code=DONE)
    assert (document["repaired"], document["already_right"], document["deleted"]) == (8, 4, 2)
    after = versions(db, users.TARGET)
    assert all(after[key] == target[key] for key in (10, 53, 60))
    clean(db, infill)


def test_source_is_the_authority(filled):
    """What it says now, not what it said when the difference was found; and a row that is gone from it since is an extra one."""
    db, infill = filled
    damage(db)
    prove.verify(infill)
    db.script(f"UPDATE {users.SOURCE} SET balance = 4711 WHERE id IN (1, 10)", f"DELETE FROM {users.SOURCE} WHERE id = 100")
    document = repair(infill, code=DIFFER)
    assert (document["repaired"], document["left_count"]) == (9, 1) and oracle.decode(document["left"][0]["key"]) == 100
    assert prove.compare(*users.sides(db)) == {(100,): ("extra", frozenset())}
    repair(infill, "--delete-extra")
    clean(db, infill)


def test_rows_above_the_high_water_mark(filled):
    """They are fenced by the last range, which has findings of its own."""
    db, infill = filled
    db.insert(users.SOURCE, [users.row(key) for key in range(1000, 1100)])
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id > 180")
    prove.verify(infill)
    assert repair(infill, settings=FOUR)["repaired"] == 110
    clean(db, infill)


def test_fill_by_name(users_db, planned):
    db = users_db
    db.run("CREATE TABLE other (id {big} NOT NULL PRIMARY KEY, v {int} NOT NULL)")
    users.fill(db, range(1, 101))
    second = {"name": "second", "from": users.SOURCE, "into": "other", "columns": {"id": "id", "v": "version"}}
    infill = planned(db, [users.entry(), second], writes="none")
    infill.run(settings=SMALL)
    db.script("UPDATE other SET v = 5 WHERE id = 50", f"UPDATE {users.TARGET} SET version = 5 WHERE id = 50")
    prove.verify(infill)
    assert repair(infill, "--fill", "second")["repaired"] == 1
    assert db.value("SELECT v FROM other WHERE id = 50") == 0 and len(prove.findings(db, "users")) == 1
    assert repair(infill)["repaired"] == 1
    clean(db, infill)
    assert infill.call("repair", "--fill", "none", code=2)


def test_accepted_findings_are_left_alone(filled):
    """Accepted by hand, as the ledger is public: neither repaired nor called open again."""
    db, infill = filled
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (50, 130)")
    prove.verify(infill)
    key = "`key`" if db.engine == "mariadb" else "key"
    db.run(f"UPDATE {db.ledger('finding')} SET state = 'accepted' WHERE {key} LIKE %s", ["%50%"])
    assert prove.verify(infill)["findings"] == 1
    assert states(db) == {50: "accepted", 130: "open"}
    repair(infill, code=None)
    assert states(db) == {50: "accepted", 130: "repaired"}
    assert prove.compare(*users.sides(db)) == {(50,): ("different", {"version"})}


def test_rows_that_the_fill_kept(users_db, planned):
    """on_conflict: keep leaves rows of the target as they were: they are findings of their own kind, and a repair goes by the source."""
    db = users_db
    users.fill(db, range(1, 101))
    db.insert(users.TARGET, [(7, "old", "old", 1, 1), users.transform(users.row(8)), (50, "old", "old", 1, 1)])
    infill = planned(db, users.entry(on_conflict="keep"), writes="none")
    infill.run(settings=SMALL)
    assert prove.verify(infill)["verdict"] == "differ"
    assert {key: kind for (key,), (kind, _) in prove.findings(db).items()} == {prove.spelled(db, 7): "kept", prove.spelled(db, 50): "kept"}
    assert repair(infill)["repaired"] == 2
    clean(db, infill)


# ---- rows that refuse ----

def test_trigger_that_undoes_it(filled):
    db, infill = filled
    damage(db)
    prove.verify(infill)
    bodies = {"sqlite": "CREATE TRIGGER undoing AFTER UPDATE ON {0} WHEN new.id = 53 BEGIN UPDATE {0} SET version = 9 WHERE id = 53; END",
              "mariadb": "CREATE TRIGGER undoing BEFORE UPDATE ON {0} FOR EACH ROW SET new.version = if(new.id = 53, 9, new.version)",
              "postgres": "CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.id = 53 THEN new.version := 9; END IF; RETURN new; END $$;"
                          "CREATE TRIGGER undoing BEFORE UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION undo()"}
    db.run(bodies[db.engine].format(users.TARGET))
    document = repair(infill, code=DIFFER)
    left, = document["left"]
    assert oracle.decode(left["key"]) == 53 and "trigger" in left["reason"], left
    assert document["repaired"] == 9 and document["verdict"] == "differ"
    assert prove.compare(*users.sides(db)) == {(53,): ("different", {"version"})}
    assert {key for key, state in states(db).items() if state == "open"} == {53}
    db.run("DROP TRIGGER undoing ON " + users.TARGET if db.engine == "postgres" else "DROP TRIGGER undoing")
    assert repair(infill)["repaired"] == 1
    clean(db, infill)


def test_row_that_cannot_be_written(db, planned):
    """It is left, with the reason, and all others are repaired; no value of it is shown."""
    canary = "canary-4711-value"
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {name} NOT NULL)", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {name} NOT NULL UNIQUE)")
    db.insert("old", [(key, f"v{key}") for key in range(1, 101)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, writes="none")
    infill.run()
    db.script("UPDATE new SET v = concat('x', v) WHERE id IN (10, 20, 30)" if db.engine != "sqlite" else "UPDATE new SET v = 'x' || v WHERE id IN (10, 20, 30)",
              f"UPDATE old SET v = '{canary}' WHERE id = 20", f"INSERT INTO new VALUES (1000, '{canary}')")
    prove.verify(infill)
    result = infill.call("repair", "--json", code=DIFFER)
    document = result.json
    assert {oracle.decode(one["key"]): one["kind"] for one in document["left"]} == {20: "different", 1000: "extra"} and document["repaired"] == 2
    assert canary not in result.text + infill.call("repair", code=DIFFER).text
    document = repair(infill, "--delete-extra", code=(0, DIFFER))
    if document["left_count"]:  # the one was tried before the other was gone
        assert repair(infill)["repaired"] == 1
    assert db.query("SELECT * FROM new ORDER BY id") == db.query("SELECT * FROM old ORDER BY id")
    assert prove.verify(infill)["verdict"] == "match"


def test_open_rejects_count_where_they_are(db, planned):
    """Of a part that is compared only its own rejects are asked about, and whoever is asked says what to do."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {int})", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {int} NOT NULL)")
    db.insert("old", [(key, None if key in (7, 50) else key) for key in range(1, 101)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, writes="none", guards={"reject": "100%"})
    infill.run(code=3, settings=["range.rows=20", "batch.rows=20"])
    infill.call("rejects", "--accept", "7", "--because", "test")
    assert prove.verify(infill, "--range", "1")["verdict"] == "match"
    summary = prove.verify(infill, "--range", "3")
    assert summary["verdict"] == "unverified" and summary["next"].startswith("infill rejects"), summary
    assert prove.verify(infill)["verdict"] == "unverified"
    infill.call("rejects", "--accept", "50", "--because", "test")
    assert prove.verify(infill)["verdict"] == "match"


def test_rejects_are_no_findings(db, planned):
    """A row that the fill could not write is no difference; while nobody has agreed to that, it is one that could not be verified."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, v {int})", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {int} NOT NULL)")
    db.insert("old", [(key, None if key in (7, 50) else key) for key in range(1, 101)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, writes="none", guards={"reject": "100%"})
    infill.run(code=3, settings=SMALL)
    summary = prove.verify(infill)
    assert summary["fills"][0]["rejected"] == 2 and summary["findings"] == 0
    assert summary["verdict"] == "unverified" and [each["what"] for each in summary["not_compared"]] == ["2 rows that were rejected"], summary
    assert "infill rejects" in infill.call("verify", code=1).out
    db.run("UPDATE new SET v = 0 WHERE id = 8")
    prove.verify(infill)
    assert repair(infill)["repaired"] == 1
    db.run("UPDATE old SET v = 5 WHERE id = 7")
    assert repair(infill)["findings"] == 0 and db.value("SELECT count(*) FROM new") == 98
    infill.call("rejects", "--retry", code=3)
    summary = prove.verify(infill)
    assert summary["fills"][0]["rejected"] == 1 and summary["verdict"] == "unverified"
    infill.call("rejects", "--accept", "50", "--because", "test")
    summary = prove.verify(infill)
    assert summary["verdict"] == "match" and summary["not_compared"][0]["agreed"] is True, summary
    assert "rejects, 0 open" in infill.call("report").out
    db.run("DELETE FROM new WHERE id = 7")  # written once: missing without an agreement
    assert prove.verify(infill)["findings"] == 1 and repair(infill)["repaired"] == 1
    assert prove.verify(infill)["verdict"] == "match"


@pytest.mark.parametrize("state", ["stopped", "paused", "halted"])
def test_not_while_the_run_is_held(filled, state):
    """Whoever stopped the run has stopped repairs as well."""
    db, infill = filled
    damage(db)
    prove.verify(infill)
    target = versions(db, users.TARGET)
    db.run(f"UPDATE {db.ledger('run')} SET state = %s", [state])
    result = infill.call("repair", code=(7, REFUSED))
    assert state in result.err and versions(db, users.TARGET) == target, result
    assert prove.verify(infill)["verdict"] == "differ"  # reading is nobody's harm
    db.run(f"UPDATE {db.ledger('run')} SET state = 'done'")
    repair(infill)
    clean(db, infill)


# ---- several ranges at once ----

def remains(db):
    """What a repair leaves in the ledger, but for times and for who did it."""
    def some(table, *names):
        return sorted(tuple(row[name] for name in names) for row in db.dicts(f"SELECT * FROM {db.ledger(table)}"))
    assert not db.query(f"SELECT owner FROM {db.ledger('range')} WHERE owner IS NOT NULL")
    return (some("range", "range_no", "attempt", "state", "epoch", "seen", "written", "same"), some("finding", "range_no", "key", "kind", "state"),
            some("verdict", "range_no", "pass", "verdict"))


def test_many_workers_leave_what_one_leaves(make_db, planned):
    """Documents, ledger and rows, whoever came first to which range."""
    seen = []
    for workers in (1, 4):
        db = make_db()
        users.create(db)
        users.fill(db, range(1, 1001))
        infill = planned(db, users.entry(), file=f"{workers}.yaml", writes="none")
        infill.run(settings=[*SMALL, "workers=1"])
        db.script(f"UPDATE {users.TARGET} SET version = 7 WHERE id % 10 = 0", f"DELETE FROM {users.TARGET} WHERE id % 10 = 1",
                  f"DELETE FROM {users.SOURCE} WHERE id % 25 = 2", f"INSERT INTO {users.TARGET} VALUES (90000, 'a', 'b', 1, 1)")
        prove.verify(infill, settings=["workers=1"])
        found = [repair(infill, settings=[f"workers={workers}"], code=DIFFER), remains(db),
                 repair(infill, "--delete-extra", settings=[f"workers={workers}"]), remains(db)]
        clean(db, infill)
        seen.append(found)
    assert seen[0] == seen[1]
    first, _, second, _ = seen[1]
    assert [first[name] for name in ("findings", "repaired", "deleted", "left_count")] == [241, 200, 0, 41]
    assert [second[name] for name in ("findings", "repaired", "deleted", "left_count")] == [41, 0, 41, 0]
    assert [slice["range"] for slice in first["slices"]] == list(range(51))  # 0: what lies above the ranges
    assert all(slice["rest_untouched"] for document in (first, second) for slice in document["slices"])
    assert len(first["left"]) == 20


@pytest.fixture
def holder(users_db):
    """Runs a statement in a transaction of somebody else, who keeps it open until end()."""
    class Holder:
        connection = users_db.connect()

        def hold(self, statement):
            users_db.run("BEGIN", connection=self.connection)
            users_db.run(statement, connection=self.connection)

        def end(self):
            users_db.run("ROLLBACK", connection=self.connection)
    yield Holder()
    Holder.connection.close()


@pytest.mark.engines("postgres", "mariadb")
def test_a_range_that_waits_holds_up_no_other(filled, holder):
    db, infill = filled
    damage(db)
    prove.verify(infill)
    holder.hold(f"UPDATE {users.TARGET} SET version = version + 1 WHERE id = 10")
    process = infill.start("repair", "--json", settings=["workers=2", "timeouts.lock=100s", "timeouts.statement=100s", "lease.ttl=300s"])
    wait_for(lambda: not process.is_running() or {key for key, state in states(db).items() if state == "open"} == {1, 10, 17}, "the other ranges to be repaired")
    assert process.is_running(), process.result()
    holder.end()
    result = process.finish()
    assert result.code == 0 and result.json["repaired"] == 10, result
    clean(db, infill)


@pytest.mark.engines("postgres", "mariadb")
def test_a_range_that_fails_is_named(much, holder):
    """Nothing is begun behind it, what the others have at hand is finished, and the same command goes on."""
    db, infill = much
    right = {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2}
    holder.hold(f"UPDATE {users.TARGET} SET version = version + 1 WHERE id = 800")
    result = infill.call("repair", "--delete-extra", settings=[*FOUR, "timeouts.lock=50ms"], code=5)
    number, = numbers(db, [800])
    assert f"range {number}" in result.err and "fill users" in result.err, result
    holder.end()
    assert 0 < open_findings(db) < 1200
    attempts = [row for row in oracle.ranges(db) if row["attempt"] > 1]
    assert sum(row["written"] for row in attempts) == 1200 - open_findings(db)
    assert {row["range_no"] for row in attempts if row["state"] == "repair"} == {number}
    repair(infill, "--delete-extra", settings=FOUR)
    assert {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2} == right
    clean(db, infill)


def test_a_row_that_refuses_beside_others(filled):
    """A trigger that raises: the row is left with the reason, its neighbours and all other ranges are repaired."""
    db, infill = filled
    damage(db)
    prove.verify(infill)
    bodies = {"sqlite": "CREATE TRIGGER refusing BEFORE UPDATE ON {0} WHEN new.id = 53 BEGIN SELECT raise(ABORT, 'never'); END",
              "mariadb": "CREATE TRIGGER refusing BEFORE UPDATE ON {0} FOR EACH ROW IF new.id = 53 THEN SIGNAL SQLSTATE '45000'; END IF",
              "postgres": "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.id = 53 THEN RAISE 'never'; END IF; RETURN new; END $$;"
                          "CREATE TRIGGER refusing BEFORE UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse()"}
    db.run(bodies[db.engine].format(users.TARGET))
    document = repair(infill, settings=FOUR, code=DIFFER)
    assert document["repaired"] == 9 and [oracle.decode(one["key"]) for one in document["left"]] == [53]
    assert {slice["range"]: slice["verdict"] for slice in document["slices"]} == {
        number: "differ" if number in numbers(db, [53]) else "match" for number in numbers(db, [1, 53, 100, 150])}
    assert prove.compare(*users.sides(db)) == {(53,): ("different", {"version"})}
    db.run("DROP TRIGGER refusing ON " + users.TARGET if db.engine == "postgres" else "DROP TRIGGER refusing")
    assert repair(infill, settings=FOUR)["repaired"] == 1
    clean(db, infill)


def test_a_fill_is_repaired_behind_those_that_it_reads(db, planned):
    """What the second one reads is wrong until the first one is repaired."""
    db.script(*(f"CREATE TABLE {name} (id {{int}} NOT NULL PRIMARY KEY, v {{int}} NOT NULL)" for name in ("first", "second", "third")))
    db.insert("first", [(key, key) for key in range(1, 401)])
    infill = planned(db, [{"name": "late", "from": "second", "into": "third", "carry": ["id", "v"], "needs": ["early"]},
                          {"name": "early", "from": "first", "into": "second", "carry": ["id", "v"]}], writes="none")
    infill.run(settings=["range.rows=20"])
    db.run("UPDATE second SET v = -v")
    assert prove.verify(infill)["findings"] == 800
    document = repair(infill, settings=FOUR)
    assert (document["repaired"], document["already_right"], document["verdict"]) == (400, 400, "match")
    assert db.query("SELECT * FROM third ORDER BY id") == db.query("SELECT * FROM first ORDER BY id")
    assert prove.verify(infill)["verdict"] == "match"


# ---- interrupted, and not alone ----

@pytest.fixture
def much(users_db, planned):
    """2,000 rows, 1,200 of which are wrong in known ways; found."""
    users.fill(users_db, range(1, 2001))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run(settings=["range.rows=190", "batch.rows=190"])
    users_db.script(f"UPDATE {users.TARGET} SET version = 7 WHERE id % 5 = 0",
                    f"DELETE FROM {users.TARGET} WHERE id % 5 = 1",
                    f"DELETE FROM {users.SOURCE} WHERE id % 5 = 2")
    assert prove.verify(infill)["findings"] == 1200
    return users_db, infill


def open_findings(db):
    return db.value(f"SELECT count(*) FROM {db.ledger('finding')} WHERE state = 'open'")


def test_killed_in_the_middle(much):
    """kill -9 again and again: the same command goes on, every key is repaired once, and nothing else is touched."""
    db, infill = much
    right = {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2}
    landed, before = 0, open_findings(db)
    while landed < faults.amount(3, 40) and before > 0:
        process = infill.start("repair", "--delete-extra", settings=FOUR)
        wait_for(lambda: open_findings(db) < before or not process.is_running(), "the first of the findings to be closed")
        landed += process.kill()
        faults.settle(db)
        before = open_findings(db)
    infill.call("repair", "--delete-extra")
    assert {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2} == right
    assert set(states(db).values()) <= {"repaired", "deleted"} and len(states(db)) == 1200
    attempts = [row for row in oracle.ranges(db) if row["attempt"] > 1]
    assert sum(row["seen"] for row in attempts) == sum(row["written"] for row in attempts) == 1200
    assert {row["state"] for row in attempts} <= {"filled", "repair"}  # one that died behind its last key has nothing left to do
    infill.run()  # the run is what it was: done
    clean(db, infill)


def test_two_at_once(much):
    """One range is repaired by one of them; whoever comes second says so, and harms nothing."""
    db, infill = much
    right = {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2}
    results = [process.finish() for process in [infill.start("repair", "--delete-extra", settings=[*FOUR, "timeouts.lock=20s"]) for _ in range(2)]]
    assert all(result.code in (*DONE, BUSY) for result in results), results
    infill.call("repair", "--delete-extra", code=DONE)
    assert {key: row for key, row in versions(db, users.TARGET).items() if key % 5 > 2} == right
    assert open_findings(db) == 0
    clean(db, infill)


@pytest.mark.parametrize("mode", ["plain", "upsert"])
def test_beside_a_writer(users_db, planned, mode):
    """An application that changes both sides in one transaction meanwhile: what was wrong is right, and nothing new is wrong."""
    db = users_db
    users.fill(db, range(1, 1001))
    infill = planned(db, users.entry())
    infill.run(settings=["range.rows=190", "batch.rows=190"])
    db.script(f"UPDATE {users.TARGET} SET version = 70000 WHERE id > 800", f"DELETE FROM {users.TARGET} WHERE id BETWEEN 1 AND 200",
              f"DELETE FROM {users.SOURCE} WHERE id BETWEEN 400 AND 500")
    with faults.writing(db, mode, keys=1000):
        for _ in range(30):  # ranges that do not stand still are looked at again
            verified = infill.call("verify", code=(0, DIFFER, 5))
            result = infill.call("repair", "--delete-extra", code=(*DONE, DIFFER, 5, BUSY))
            if verified.code == 0 and result.code in DONE:
                break
    verdict = users.verdict(db)
    assert verdict.is_clean(), f"{verdict}\n{result}"
    clean(db, infill)


@pytest.mark.parametrize("command", ["run", "verify"])
def test_beside_other_commands(much, command):
    db, infill = much
    others = [infill.start(command), infill.start("repair", "--delete-extra")]
    results = [process.finish() for process in others]
    assert results[0].code in (0, DIFFER, 5) and results[1].code in (*DONE, DIFFER, 5), results
    prove.verify(infill)
    repair(infill, "--delete-extra", code=DONE)
    clean(db, infill)


def test_dry_run_writes_nothing(filled):
    db, infill = filled
    damage(db)
    extras(db)
    prove.verify(infill)
    before = everything(db)
    document = repair(infill, "--dry-run", code=DIFFER)
    assert document["dry_run"] and document["findings"] == 14 and (document["repaired"], document["deleted"], document["slices"]) == (0, 0, [])
    planned = document["planned"]
    assert sum(planned["write"].values()) == 10 and planned["delete"] == {} and planned["leave"] == {"extra": 4}, planned
    deleting = repair(infill, "--dry-run", "--delete-extra", code=DIFFER)["planned"]
    assert deleting == {"write": planned["write"], "delete": {"extra": 4}, "leave": {}}
    text = infill.call("repair", "--dry-run", code=DIFFER).out
    assert all(f"{count} {kind}" in text for kind, count in {**planned["write"], **planned["leave"]}.items()), text
    assert everything(db) == before
    repair(infill, "--delete-extra")
    assert repair(infill, "--dry-run")["findings"] == 0


@pytest.mark.engines("sqlite")
def test_more_than_a_range_has_findings(users_db, planned):
    """The ledger names 10,000 rows of a range at most: one repair is enough for all. Elsewhere each row is a round trip or more."""
    users.fill(users_db, range(1, 10102))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run(settings=["range.rows=20000"])
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id > 50")
    prove.verify(infill, code=DIFFER)
    assert len(prove.findings(users_db)) == 10000
    document = repair(infill)
    assert (document["findings"], document["repaired"], document["verdict"]) == (10051, 10051, "match")
    assert [(slice["keys"], slice["rest_untouched"]) for slice in document["slices"]] == [(10051, True)]
    clean(users_db, infill)


# ---- two source rows of one match ----

@pytest.fixture
def by_code(db, planned):
    """(database, infill): a fill whose match is not its key, in three ranges; the source may then change behind it."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, code {name} NOT NULL, v {int})", "CREATE TABLE new (code {name} NOT NULL PRIMARY KEY, v {int})")
    db.insert("old", [(key, f"c{key}", key) for key in range(1, 31)])
    fill = {"name": "f", "from": "old", "into": "new", "key": ["id"], "match": ["code"], "columns": {"code": "code", "v": "v"}}
    infill = planned(db, fill, writes="none")
    infill.run(settings=["range.rows=10"])
    return db, infill


def test_two_source_rows_of_one_match_are_no_match(by_code):
    """In different ranges, and equal: each of the ranges sees a row and its partner."""
    db, infill = by_code
    db.script("UPDATE old SET code = 'c6', v = 6 WHERE id = 26", "DELETE FROM new WHERE code = 'c26'")
    for _ in range(2):
        prove.verify(infill, code=DIFFER)
        assert prove.findings(db) == {(prove.spelled(db, "c6"),): ("duplicate", frozenset())}
        document = repair(infill, code=DIFFER)
        assert (document["left_count"], document["already_right"], document["repaired"]) == (1, 0, 0)
    db.script("UPDATE old SET code = 'c26' WHERE id = 26", "INSERT INTO new VALUES ('c26', 6)")
    assert prove.verify(infill)["verdict"] == "match" and prove.findings(db) == {}


def test_two_source_rows_of_one_match_are_left(by_code):
    """Neither is more right than the other: the row stays what it is, and both are named."""
    db, infill = by_code
    db.script("UPDATE old SET code = 'c5' WHERE id = 25", "DELETE FROM new WHERE code = 'c25'", "UPDATE new SET v = 0 WHERE code = 'c12'")
    for repaired in (1, 0):
        prove.verify(infill, code=DIFFER)
        target = db.query("SELECT * FROM new WHERE code <> 'c12' ORDER BY code")
        document = repair(infill, code=DIFFER)
        assert (document["left_count"], document["repaired"]) == (2, repaired)
        assert db.query("SELECT * FROM new WHERE code <> 'c12' ORDER BY code") == target
        assert db.query("SELECT v FROM new WHERE code = 'c12'")[0][0] == 12
        assert prove.findings(db) == {(prove.spelled(db, 25),): ("different", frozenset(["v"])),
                                      (prove.spelled(db, "c5"),): ("duplicate", frozenset())}


def test_two_source_rows_of_one_match_without_a_target_row(by_code):
    """The one in the lower range gets it, whatever the number of workers."""
    db, infill = by_code
    db.script("UPDATE old SET code = 'c5' WHERE id = 25", "DELETE FROM new WHERE code IN ('c5', 'c25')")
    prove.verify(infill, code=DIFFER)
    document = repair(infill, settings=FOUR, code=DIFFER)
    assert (document["repaired"], [one["key"] for one in document["left"]]) == (1, [f'["{prove.spelled(db, 25)}"]'])
    assert [(slice["range"], slice["verdict"], slice["rest_untouched"]) for slice in document["slices"]] == [(1, "match", True), (3, "differ", True)]
    assert db.query("SELECT v FROM new WHERE code = 'c5'")[0][0] == 5


def test_two_source_rows_that_are_not_both_filled(db, planned):
    """A row that the fill's where leaves out is nobody's rival."""
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, code {name} NOT NULL, v {int})", "CREATE TABLE new (code {name} NOT NULL PRIMARY KEY, v {int})")
    db.insert("old", [(key, f"c{key % 15}", key) for key in range(1, 31)])
    fill = {"name": "f", "from": "old", "into": "new", "key": ["id"], "match": ["code"], "where": "id > 15",
            "columns": {"code": "code", "v": "v"}}
    infill = planned(db, fill, writes="none")
    infill.run(settings=["range.rows=10"])
    db.run("UPDATE new SET v = 0")
    prove.verify(infill, code=DIFFER)
    assert repair(infill)["repaired"] == 15
    assert prove.verify(infill)["verdict"] == "match"
