"""infill plan: the exact SQL, bounds, estimates and warnings, and not one byte written, with or without a ledger."""
import json
import os
import shutil
import subprocess

import pytest

import infill as binary
import users

EXECUTOR = os.path.join(binary.ROOT, "scripts", "backfill_executor.sh")


def everything(db):
    rows = [db.query(f"SELECT * FROM {table} ORDER BY 1") for table in (users.SOURCE, users.TARGET)]
    return db.catalog(), rows


@pytest.mark.lanes
def test_writes_nothing_and_needs_no_ledger(users_db, planned, tmp_path):
    users.fill(users_db, users.keys(1000))
    infill = planned(users_db, users.entry())
    before = everything(users_db)
    document = infill.call("plan", "--json").json
    infill.call("plan")
    infill.call("plan", "--output", str(tmp_path / "out.json"))
    assert everything(users_db) == before and not users_db.has_ledger()
    assert json.loads((tmp_path / "out.json").read_text())["plan"] == "test"
    assert document["ledger"]["installed"] is False and any("CREATE TABLE" in sql for sql in document["ledger"]["statements"])


@pytest.mark.lanes
def test_document(users_db, planned):
    users.fill(users_db, range(1, 1001))
    document = planned(users_db, users.entry(), batch={"rows": 100}, workers=3, connections_max=4, pace={"rows_per_second": 500}).call("plan", "--json").json
    fill, = document["fills"]
    assert (fill["fill"], fill["kind"], fill["key"], fill["match"]) == ("users", "into", ["id"], ["id"])
    assert users.SOURCE in fill["source"] and users.TARGET in fill["target"]
    assert 500 <= fill["rows_estimate"] <= 2000 and fill["seconds_estimate"] > 0
    assert document["rows_per_second"] == 500 and document["connections"] >= 3
    assert fill["first_batch"]["lo"] is None or "1" not in json.loads(fill["first_batch"]["lo"])
    assert json.loads(fill["first_batch"]["hi"])[0].removeprefix("i:") == "100"
    assert json.loads(fill["last_key"])[0].removeprefix("i:") == "1000"
    statements = {statement["name"]: statement for statement in fill["statements"]}
    insert = next(statement for name, statement in statements.items() if "insert" in name)
    assert "lower(trim(" in insert["sql"] and users.TARGET in insert["sql"]
    assert all(statement["scan"] in ("index range", "full scan", "") for statement in fill["statements"])
    assert insert["scan"] == "index range" and insert["explain"], insert
    assert document["verdict"] in ("ok", "warn") and document["order"] == ["users"]


def test_after_a_run_it_still_writes_nothing(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    infill.run()
    before = everything(users_db), [users_db.query(f"SELECT * FROM {users_db.ledger(table)}") for table in sorted(users_db.ledger_tables())]
    assert infill.call("plan", "--json").json["ledger"]["installed"] is True
    assert (everything(users_db), [users_db.query(f"SELECT * FROM {users_db.ledger(table)}") for table in sorted(users_db.ledger_tables())]) == before


def warnings(document):
    return {warning["check"]: warning for fill in document["fills"] for warning in fill["warnings"]}


def test_warnings(db, planned):
    """Columns carried nowhere, narrowing, excluded rows, and a trigger."""
    db.script("CREATE TABLE old (id {big} NOT NULL PRIMARY KEY, wide {big}, forgotten {int})", "CREATE TABLE new (id {big} NOT NULL PRIMARY KEY, wide smallint)")
    db.insert("old", [(key, key, key) for key in range(1, 101)])
    trigger = {"sqlite": ["CREATE TRIGGER tr AFTER INSERT ON new BEGIN SELECT 1; END"],
               "postgres": ["CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
                            "CREATE TRIGGER tr BEFORE INSERT ON new FOR EACH ROW EXECUTE FUNCTION f()"],
               "mariadb": ["CREATE TRIGGER tr BEFORE INSERT ON new FOR EACH ROW SET @x = 1"]}[db.engine]
    db.script(*trigger)
    document = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "wide"], "where": "src.id > 10"}).call("plan", "--json").json
    text = json.dumps(document["fills"][0]["warnings"])
    assert document["verdict"] == "warn"
    assert "forgotten" in text and "tr" in text and "where: leaves out 10 of all 100 rows" in text, text
    if db.engine != "sqlite":
        assert "wide" in text, text


@pytest.mark.parametrize("expression", ["random()", "now()", "current_timestamp"])
def test_volatile_expressions_are_refused(db, planned, expression):
    spelled = {("mariadb", "random()"): "rand()", ("sqlite", "now()"): "datetime('now')"}
    expression = spelled.get((db.engine, expression), expression)
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY)", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, v {name})")
    entry = {"name": "f", "from": "old", "into": "new", "carry": ["id"], "columns": {"v": f"{expression}"}}
    infill = planned(db, entry)
    assert infill.call("plan", "--json", code=None).json["verdict"] == "fail"
    result = infill.run(code=(1, 2, 8))
    word = "now" if "now" in expression else expression.split("(")[0]
    assert word in result.text.lower() and "volatile" in result.text, result


def test_colliding_unique_values_are_foreseen(users_db, planned):
    users.fill(users_db, range(1, 101))
    users_db.run(f"CREATE UNIQUE INDEX by_mail ON {users.TARGET} (email_norm)")
    users_db.run(f"UPDATE {users.SOURCE} SET email = ' SAME@x ' WHERE id IN (5, 6)")
    document = planned(users_db, users.entry()).call("plan", "--json").json
    assert "by_mail" in json.dumps(document["fills"][0]["warnings"]), document["fills"][0]["warnings"]


def test_both_ends_are_looked_at(db, planned):
    """What where: leaves out among the newest rows is foreseen too, under a key of two columns, and no other rows are read for it."""
    db.script("CREATE TABLE old (a {int} NOT NULL, b {int} NOT NULL, gone {int}, PRIMARY KEY (a, b))", "CREATE TABLE new (a {int} NOT NULL, b {int} NOT NULL, PRIMARY KEY (a, b))")
    db.insert("old", [(key // 10, key % 10, 1 if key >= 95 else 0 if key < 50 or key >= 60 else None) for key in range(100)])
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["a", "b"], "omit": ["gone"], "where": "src.gone = 0"}, batch={"rows": 20})
    warning = warnings(infill.call("plan", "--json").json)["where"]
    assert warning["message"] == "where: leaves out 0 of the first 20 rows and 5 of the last 20", warning


@pytest.mark.engines("postgres", "mariadb")
def test_sequence_behind_the_largest_key(db, planned):
    kind = "int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if db.engine == "postgres" else "int AUTO_INCREMENT PRIMARY KEY"
    db.script("CREATE TABLE old (id int NOT NULL PRIMARY KEY)", f"CREATE TABLE new (id {kind})")
    db.insert("old", [(key,) for key in range(1, 51)])
    document = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"]}).call("plan", "--json").json
    text = json.dumps(document["fills"][0]["warnings"])
    assert db.engine == "mariadb" or "sequence" in text, text  # InnoDB moves its counter along with explicit values


def test_key_without_an_index_fails_the_plan(db, planned):
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY, at {time} NOT NULL)", "CREATE TABLE new (id {int} NOT NULL PRIMARY KEY, at {time} NOT NULL)")
    document = planned(db, {"name": "f", "from": "old", "into": "new", "key": ["at", "id"], "carry": ["id", "at"]}).call("plan", "--json", code=None).json
    assert document["verdict"] == "fail" and "index" in json.dumps(document["fills"][0]["warnings"])


# ---- the command that stands in runbooks ----

def executor(infill, tmp_path, *arguments, **environment):
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    if not (folder / "infill").exists():
        os.symlink(binary.binary(), folder / "infill")
    env = {**infill.environment, "PATH": f"{folder}:{infill.environment['PATH']}", "INFILL_PLAN": str(infill.plan), **environment}
    return subprocess.run(["bash", "-c", " ".join([EXECUTOR, *arguments])], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)


@pytest.mark.lanes
def test_runbook_command_verbatim(users_db, planned, tmp_path):
    users.fill(users_db, users.keys(100))
    infill = planned(users_db, users.entry())
    (tmp_path / "scripts").mkdir()
    shutil.copy(EXECUTOR, tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    os.symlink(binary.binary(), tmp_path / "bin" / "infill")
    before = everything(users_db)
    done = subprocess.run(["bash", "-c", "BACKFILL_DRY_RUN=true BATCH_SIZE=1000 TARGET_TABLE=users_legacy ./scripts/backfill_executor.sh --mode=validate "
                           "--output=explain_plan.json"], env={**infill.environment, "PATH": f"{tmp_path}/bin:{infill.environment['PATH']}",
                                                              "INFILL_PLAN": str(infill.plan)}, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done
    document = json.loads((tmp_path / "explain_plan.json").read_text())
    assert document["fills"][0]["fill"] == "users" and everything(users_db) == before


@pytest.mark.engines("sqlite")
def test_runbook_mistakes(users_db, planned, tmp_path):
    users.fill(users_db, users.keys(10))
    infill = planned(users_db, users.entry())
    done = executor(infill, tmp_path, "--mode=explode")
    assert done.returncode == 2 and "validate" in done.stderr, done
    done = executor(infill, tmp_path, "--mode=validate", INFILL_PLAN="")
    assert done.returncode == 2 and "INFILL_PLAN" in done.stderr, done


@pytest.mark.engines("sqlite")
def test_runbook_table_selects_fills(db, planned, tmp_path):
    for table in ("a", "b", "c"):
        db.run(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, v int)")
    infill = planned(db, [{"name": "ab", "from": "a", "into": "b", "carry": ["id", "v"]}, {"name": "c", "table": "c", "set": {"v": "1"}}])
    for table, fills in (("a", ["ab"]), ("b", ["ab"]), ("c", ["c"])):
        done = executor(infill, tmp_path, "--mode=validate", f"--output={table}.json", BACKFILL_DRY_RUN="true", TARGET_TABLE=table)
        assert done.returncode == 0, done
        assert [fill["fill"] for fill in json.loads((tmp_path / f"{table}.json").read_text())["fills"]] == fills
    done = executor(infill, tmp_path, "--mode=validate", BACKFILL_DRY_RUN="true", TARGET_TABLE="nosuch")
    assert done.returncode != 0 and "nosuch" in done.stderr, done
