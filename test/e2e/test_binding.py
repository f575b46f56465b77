"""What a run was started with is what it goes on with: another environment, plan or schema is refused, naming what changed."""
import pytest

import faults
import infill as binary
import users

pytestmark = pytest.mark.lanes


@pytest.fixture
def begun(users_db, planned):
    """A run that has begun."""
    users.fill(users_db, range(1, 201))
    infill = planned(users_db, users.entry())
    faults.begin(infill, users_db)
    assert 0 < users_db.value(f"SELECT count(*) FROM {users.TARGET}") < 200
    return infill


def refused(db, infill, *words):
    before = db.query(f"SELECT * FROM {db.ledger('range')}"), db.query(f"SELECT * FROM {users.TARGET} ORDER BY id")
    result = infill.run(code=8)
    assert all(word in result.text for word in words), result
    assert (db.query(f"SELECT * FROM {db.ledger('range')}"), db.query(f"SELECT * FROM {users.TARGET} ORDER BY id")) == before


@pytest.mark.parametrize("change, words", [
    ({"where": "src.id > 5"}, ["where"]),
    ({"on_conflict": "fail"}, ["on_conflict"]),
    ({"columns": {**users.COLUMNS, "cents": "src.balance * 10"}}, ["cents"]),
])
def test_changed_plan(users_db, begun, planned, change, words):
    refused(users_db, planned(users_db, users.entry(**change)), *words)


def test_settings_may_change(users_db, begun, planned):
    planned(users_db, users.entry(), batch={"rows": 3}, workers=1, pace={"rows_per_second": 100000}, lease={"ttl": "60s"}).run()
    assert users.verdict(users_db).is_clean()


def test_another_profile(users_db, begun, planned):
    refused(users_db, planned(users_db, users.entry(), profile="staging"), "staging", "dev")


def test_another_environment(users_db, planned, tmp_path):
    users.fill(users_db, range(1, 51))
    plan = {"version": 1, "plan": "test", "environments": {name: {"profile": "dev", "source": {"url": users_db.url}} for name in ("staging", "production")},
            "fills": [users.entry()]}
    path = tmp_path / "two.yaml"
    path.write_text(binary.yaml.safe_dump(plan))
    infill = binary.Infill(path)
    assert "staging" in infill.run(code=2).text  # two environments and none chosen
    infill.run("--env", "staging")
    result = infill.run("--env", "production", code=8)
    assert "staging" in result.text and "production" in result.text, result


@pytest.mark.parametrize("ddl, words", [
    (f"ALTER TABLE {users.TARGET} ADD COLUMN extra {{int}}", ["extra"]),
    (f"ALTER TABLE {users.SOURCE} ADD COLUMN another {{int}}", ["another"]),
])
def test_added_column_is_named_or_harmless(users_db, begun, ddl, words):
    """The fingerprint covers the columns in use: one that the fill does not touch need not stop it."""
    users_db.run(ddl)
    result = begun.run(code=(0, 8))
    assert result.code == 0 or all(word in result.text for word in words), result


def test_changed_type(users_db, begun):
    if users_db.engine == "sqlite":
        users_db.script(f"ALTER TABLE {users.TARGET} RENAME COLUMN cents TO cents_before", f"ALTER TABLE {users.TARGET} ADD COLUMN cents TEXT")
    else:
        word = "TYPE" if users_db.engine == "postgres" else "cents"
        users_db.run(f"ALTER TABLE {users.TARGET} {'ALTER COLUMN cents' if word == 'TYPE' else 'MODIFY'} {word} numeric(20, 1)")
    refused(users_db, begun, "cents")


def test_new_trigger(users_db, begun):
    body = {"sqlite": ["CREATE TRIGGER sneaky AFTER INSERT ON users_v2 BEGIN SELECT 1; END"],
            "postgres": ["CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
                         "CREATE TRIGGER sneaky BEFORE INSERT ON users_v2 FOR EACH ROW EXECUTE FUNCTION f()"],
            "mariadb": ["CREATE TRIGGER sneaky BEFORE INSERT ON users_v2 FOR EACH ROW SET @x = 1"]}[users_db.engine]
    users_db.script(*body)
    refused(users_db, begun, "sneaky")


def test_rows_that_vanished_are_noticed(users_db, planned):
    """The last batch of each open range is looked at again before anything else: a restored target is not filled over."""
    users.fill(users_db, range(1, 201))
    infill = planned(users_db, users.entry(on_conflict="fail"))
    users_db.insert(users.TARGET, [users.transform(users.row(100))])
    infill.run(code=1, settings=["batch.rows=10", "workers=1"])  # stops in the middle of its range
    users_db.run(f"DELETE FROM {users.TARGET}")
    result = infill.run(code=8)
    assert "range" in result.text, result
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0


def test_ledger_of_a_newer_format_is_refused(users_db, begun):
    columns = [column for column in users_db.dicts(f"SELECT * FROM {users_db.ledger('run')}")[0] if column == "format"]
    assert columns
    users_db.run(f"UPDATE {users_db.ledger('run')} SET format = 999")
    refused(users_db, begun, "format")
