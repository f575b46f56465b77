"""infill plan --rehearse: batches executed and rolled back. Nothing stays but what the engine says beforehand, and the forecast holds."""
import json

import pytest

import users


def everything(db):
    return db.catalog() if db.engine == "sqlite" else None, [db.query(f"SELECT * FROM {table} ORDER BY 1") for table in (users.SOURCE, users.TARGET)]


def rehearse(infill, *arguments, **options):
    result = infill.call("plan", "--rehearse", "--json", *arguments, **options)
    return result, result.json


@pytest.mark.lanes
def test_nothing_stays(users_db, planned, tmp_path):
    users.fill(users_db, users.keys(5000))
    infill = planned(users_db, users.entry(), batch={"rows": 100, "rows_max": 200}, pace={"rows_per_second": 500}, phases={"active": {"max": "5s"}})
    before = everything(users_db)
    result, document = rehearse(infill, "--output", str(tmp_path / "explain_plan.json"))
    assert everything(users_db) == before and not users_db.has_ledger()
    fill, = document["fills"]
    rehearsal = fill["rehearsal"]
    assert json.loads((tmp_path / "explain_plan.json").read_text())["fills"][0]["rehearsal"] == rehearsal
    batches = rehearsal["batches"]
    assert len(batches) == 12 and rehearsal["evenly"], batches
    assert all(batch["rows"] == batch["written"] == 100 and batch["present"] == 0 and batch["error"] is None for batch in batches), batches
    first = [int(json.loads(batch["lo"])[0].removeprefix("i:")) if batch["lo"] else 0 for batch in batches]
    assert first == sorted(set(first)) and first[-1] > 4000, first  # all over the keys
    assert rehearsal["rows"] == 1200 and rehearsal["rows_per_second"] > 0
    seconds = rehearsal["forecast"]["seconds"]
    assert seconds["low"] <= seconds["expected"] <= seconds["high"] and 5 < seconds["expected"] < 60, seconds
    assert set(rehearsal["forecast"]["recommended"]) == {"batch.rows", "workers", "pace.rows_per_second", "finish_within"}
    assert rehearsal["forecast"]["fits_active_max"] is False
    assert rehearsal["forecast"]["recommended"]["finish_within"] == f"{-int(-seconds['high'] // 1)}s"
    assert 0 < rehearsal["overhead"]["milliseconds"] < 1000 and rehearsal["overhead"]["waits_for_log"] == (users_db.engine == "postgres")
    assert rehearsal["locks"]["longest_milliseconds"] == max(batch["held_milliseconds"] for batch in batches)
    assert all(0 < batch["held_milliseconds"] for batch in batches), batches
    if users_db.engine == "sqlite":
        assert document["rehearsal"]["leaves"] is None and rehearsal["log_bytes_per_row"] is None
        assert rehearsal["read_per_written"] is None and rehearsal["locks"]["held"] is None
    else:
        assert document["rehearsal"]["leaves"] in result.err, result.err  # said beforehand
        assert rehearsal["log_bytes_per_row"] > 10
        assert 1 <= rehearsal["read_per_written"] < 5 and all(batch["read"] >= 100 for batch in batches), rehearsal
        assert ("RowExclusiveLock on " + users.TARGET if users_db.engine == "postgres" else " rows in ") in rehearsal["locks"]["held"], rehearsal
        assert rehearsal["log_is_shared"] == (users_db.engine == "mariadb")
    text = infill.call("plan", "--rehearse").out
    assert "was rolled back" in text and "recommended" in text and "longer than phases.active.max" in text
    assert everything(users_db) == before


def test_beside_a_run(users_db, planned):
    """Rows that are there already are counted as that; the ledger of the run is left alone."""
    users.fill(users_db, range(1, 2001))
    infill = planned(users_db, users.entry(), batch={"rows": 50, "rows_max": 50})
    infill.run()
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id > 1000")
    ledger = [users_db.query(f"SELECT * FROM {users_db.ledger(table)}") for table in sorted(users_db.ledger_tables())]
    before = everything(users_db)
    rehearsal = rehearse(infill)[1]["fills"][0]["rehearsal"]
    assert 0 < rehearsal["same"] < rehearsal["rows"] and rehearsal["written"] == rehearsal["rows"] - rehearsal["same"], rehearsal
    assert everything(users_db) == before
    assert [users_db.query(f"SELECT * FROM {users_db.ledger(table)}") for table in sorted(users_db.ledger_tables())] == ledger


def test_in_place_and_overwrite(db, planned):
    db.script("CREATE TABLE t (id {big} NOT NULL PRIMARY KEY, v {int}, w {int})", "CREATE TABLE u (id {big} NOT NULL PRIMARY KEY, v {int}, w {int})")
    db.insert("t", [(key, key, key if key % 2 else None) for key in range(1, 1001)])
    db.insert("u", [(key, 0, None) for key in range(1, 501)])
    fills = [{"name": "f", "table": "t", "set": {"w": "src.v"}},
             {"name": "g", "from": "t", "into": "u", "carry": ["id", "v"], "omit": ["w"], "on_conflict": "overwrite"}]
    before = [db.query(f"SELECT * FROM {table} ORDER BY 1") for table in "tu"]
    document = rehearse(planned(db, fills, batch={"rows": 20, "rows_max": 20}))[1]
    assert [db.query(f"SELECT * FROM {table} ORDER BY 1") for table in "tu"] == before
    one, two = (fill["rehearsal"] for fill in document["fills"])
    assert one["rows"] == 240 and one["written"] == one["same"] == 120, one
    assert (one["hot_ratio"] is None) == (db.engine != "postgres") and two["hot_ratio"] is None or 0 <= two["hot_ratio"] <= 1, (one, two)
    assert two["rows"] == two["written"] == 240 and any(batch["present"] for batch in two["batches"]), two


@pytest.mark.engines("postgres", "mariadb")
def test_sequences_and_triggers(db, planned):
    """Keys that are brought along leave a sequence alone; what an engine's counter does all the same was said beforehand."""
    kind = "int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if db.engine == "postgres" else "int AUTO_INCREMENT PRIMARY KEY"
    db.script("CREATE TABLE parent (id int NOT NULL PRIMARY KEY)", "CREATE TABLE old (id int NOT NULL PRIMARY KEY, p int)",
              f"CREATE TABLE new (id {kind}, p int REFERENCES parent (id))", "CREATE TABLE log (id int)")
    if db.engine == "postgres":
        db.script("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END $$",
                  "CREATE TRIGGER audit AFTER INSERT ON new FOR EACH ROW EXECUTE FUNCTION f()")
    else:
        db.run("CREATE TRIGGER audit AFTER INSERT ON new FOR EACH ROW INSERT INTO log VALUES (NEW.id)")
    db.insert("parent", [(1,)])
    db.insert("old", [(key, 1) for key in range(1, 501)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "p"]}, batch={"rows": 20, "rows_max": 20})
    result, document = rehearse(infill)
    assert db.value("SELECT count(*) FROM new") == db.value("SELECT count(*) FROM log") == 0
    if db.engine == "postgres":
        assert db.query("SELECT last_value, is_called FROM new_id_seq") == [(1, False)]
        triggers = document["fills"][0]["rehearsal"]["batches"][0]["triggers"]
        assert "audit × 20" in triggers and "new_p_fkey × 20" in triggers, triggers
    else:
        assert "AUTO_INCREMENT" in result.err


def test_rows_that_cannot_be_written_are_told(db, planned):
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, v {int})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {int} CHECK (v < 900))")
    db.insert("old", [(key, key) for key in range(1, 1001)])
    rehearsal = rehearse(planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, batch={"rows": 50, "rows_max": 50}))[1]["fills"][0]["rehearsal"]
    errors = [batch["error"] for batch in rehearsal["batches"]]
    assert errors[0] is None and errors[-1] == "ROW", errors
    assert rehearsal["forecast"] is not None and db.value("SELECT count(*) FROM new") == 0


@pytest.mark.parametrize("kind", ["uuid", "text", "pair"])
def test_other_keys(db, planned, kind):
    column = {"uuid": "{uuid}", "text": "{name}", "pair": "{int}"}[kind]
    extra = ", PRIMARY KEY (k, n)" if kind == "pair" else ", PRIMARY KEY (k)"
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (k {column} NOT NULL, n {{int}} NOT NULL{extra})")
    value = {"uuid": lambda i: f"{i * 4294967:08x}-1111-4222-8333-444444444444", "text": lambda i: f"name {i:05}", "pair": lambda i: i // 10}[kind]
    db.insert("old", [(value(i), i) for i in range(1, 1001)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["k", "n"]}, batch={"rows": 10, "rows_max": 10})
    rehearsal = rehearse(infill)[1]["fills"][0]["rehearsal"]
    assert rehearsal["rows"] >= 20 and rehearsal["written"] == rehearsal["rows"], rehearsal
    assert rehearsal["evenly"] == (kind == "pair" or (kind == "uuid" and db.engine != "sqlite")), rehearsal  # SQLite's is a text
    assert db.value("SELECT count(*) FROM new") == 0


def test_small_and_empty_sources(users_db, planned):
    infill = planned(users_db, users.entry())
    assert rehearse(infill)[1]["fills"][0]["rehearsal"]["forecast"] is None
    users.fill(users_db, [7])
    rehearsal = rehearse(infill)[1]["fills"][0]["rehearsal"]
    assert len(rehearsal["batches"]) == 1 and rehearsal["rows"] == 1, rehearsal


def test_a_plan_that_fails_is_not_executed(db, planned):
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY)", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, v {int} NOT NULL)")
    result, document = rehearse(planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"]}), code=8)
    assert document["rehearsal"] is None and "rehearsal" not in document["fills"][0]


@pytest.mark.engines("postgres", "mariadb")
def test_a_locked_row_does_not_hold_it_up(users_db, planned):
    """In place, under the run's lock timeout: the batch that waits is given up and told."""
    import contextlib
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, {"name": "f", "table": users.SOURCE, "set": {"version": "src.balance + 1"}},
                     timeouts={"lock": "100ms"})
    with contextlib.closing(users_db.connect()) as other:
        if users_db.engine == "mariadb":
            other.begin()
        else:
            other.autocommit = False
        users_db.run(f"UPDATE {users.SOURCE} SET version = 5 WHERE id = 50", connection=other)
        rehearsal = rehearse(infill)[1]["fills"][0]["rehearsal"]
        assert [batch["error"] for batch in rehearsal["batches"]] == ["LOCKED"], rehearsal
        other.rollback()


@pytest.mark.engines("postgres")
def test_updates_that_touch_no_index(db, planned):
    """With room on the pages, and no index over the column, an update in place stays on its page; with an index it cannot."""
    for name in ("roomy", "indexed"):
        db.script(f"CREATE TABLE {name} (id int NOT NULL PRIMARY KEY, v int, w int) WITH (fillfactor = 30)")
        db.insert(name, [(key, key, None) for key in range(1, 1001)])
    db.run("CREATE INDEX ON indexed (w)")
    fills = [{"name": name, "table": name, "set": {"w": "src.v"}} for name in ("roomy", "indexed")]
    one, two = (fill["rehearsal"] for fill in rehearse(planned(db, fills, batch={"rows": 20, "rows_max": 20}))[1]["fills"])
    assert one["hot_ratio"] > 0.9 and two["hot_ratio"] == 0, (one["hot_ratio"], two["hot_ratio"])
