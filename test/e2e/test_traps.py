"""The traps of RELIABILITY 2.A that show from end to end, by their numbers there. The drivers' own tests cover the rest."""
import pytest

import databases
import oracle
import users
from servers import wait_for

EATERS = {
    "sqlite": [f"CREATE TRIGGER eater BEFORE INSERT ON {users.TARGET} WHEN NEW.id % 10 = 0 BEGIN SELECT RAISE(IGNORE); END"],
    "postgres": ["CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id % 10 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$",
                 f"CREATE TRIGGER eater BEFORE INSERT ON {users.TARGET} FOR EACH ROW EXECUTE FUNCTION eat()"],
}


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("conflict", ["keep", "overwrite", "fail"])
def test_8_trigger_that_eats_rows_is_an_error(users_db, planned, conflict):
    users.fill(users_db, range(1, 51))
    users_db.script(*EATERS[users_db.engine])
    infill = planned(users_db, users.entry(on_conflict=conflict), writes="none")
    assert "eater" in str(infill.call("plan", "--json").json["fills"][0]["warnings"])
    result = infill.run(code=(1, 8), settings=["batch.rows=20", "workers=1"])
    assert "ACCOUNT" in result.text or "add up" in result.text or "swallow" in result.text, result
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET} WHERE id >= 10") == 0  # the first that is eaten is 10
    assert not oracle.ledger_faults(users_db, users.SOURCE, users.TARGET)
    assert infill.status()["state"] == "halted"
    users_db.run("DROP TRIGGER eater" + (f" ON {users.TARGET}" if users_db.engine == "postgres" else ""))


@pytest.mark.engines("postgres", "sqlite")
def test_8_trigger_that_eats_updates_is_an_error(users_db, planned):
    db = users_db
    db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    db.insert(f"{users.SOURCE} (id, email, full_name, balance, version)", [users.row(key) for key in range(1, 51)])
    body = {"sqlite": [f"CREATE TRIGGER eater BEFORE UPDATE ON {users.SOURCE} WHEN NEW.id = 33 BEGIN SELECT RAISE(IGNORE); END"],
            "postgres": ["CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 33 THEN RETURN NULL; END IF; RETURN NEW; END $$",
                         f"CREATE TRIGGER eater BEFORE UPDATE ON {users.SOURCE} FOR EACH ROW EXECUTE FUNCTION eat()"]}[db.engine]
    db.script(*body)
    infill = planned(db, {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}})
    result = infill.run(code=(1, 8), settings=["batch.rows=20", "workers=1"])
    assert "ACCOUNT" in result.text or "add up" in result.text or "swallow" in result.text, result


@pytest.mark.engines("postgres")
def test_8_rules_and_row_security_are_refused(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.run(f"CREATE RULE eater AS ON INSERT TO {users.TARGET} DO INSTEAD NOTHING")
    assert "rule" in planned(users_db, users.entry()).run(code=(1, 2, 8)).text
    users_db.script(f"DROP RULE eater ON {users.TARGET}", f"ALTER TABLE {users.SOURCE} ENABLE ROW LEVEL SECURITY",
                    "DROP ROLE IF EXISTS infill_hidden", "CREATE ROLE infill_hidden LOGIN", f"GRANT ALL ON ALL TABLES IN SCHEMA public TO infill_hidden",
                    f"GRANT ALL ON DATABASE {users_db.name} TO infill_hidden")
    try:
        infill = planned(users_db, users.entry(), url=users_db.url.replace("postgres@", "infill_hidden@"), file="rls.yaml")
        assert "security" in infill.run(code=(1, 2, 8)).text
        assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0
    finally:
        users_db.script("DROP OWNED BY infill_hidden CASCADE", "DROP ROLE infill_hidden")


@pytest.mark.engines("mariadb")
def test_6_tables_without_transactions_are_refused(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.run(f"ALTER TABLE {users.TARGET} ENGINE = MyISAM")
    result = planned(users_db, users.entry()).run(code=(1, 2, 8))
    assert "MyISAM" in result.text, result


@pytest.mark.engines("mariadb")
def test_binlog_by_statement_is_refused(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.run("SET GLOBAL binlog_format = 'STATEMENT'")
    try:
        result = planned(users_db, users.entry()).run(code=(1, 2, 8))
        assert "STATEMENT" in result.text, result
    finally:
        users_db.run("SET GLOBAL binlog_format = 'ROW'")


@pytest.mark.parametrize("expression", ["1; DROP TABLE users_v2", "1) FROM users_legacy src; COMMIT; --", "id /* unclosed", "'unclosed", "(id", "id)", "id, id",
                                        ""])
def test_10_one_expression_and_nothing_else(users_db, planned, expression):
    users.fill(users_db, range(1, 11))
    entry = users.entry(columns={**users.COLUMNS, "cents": expression})
    result = planned(users_db, entry).run(code=(1, 2, 8))
    assert "cents" in result.text, result
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0


def test_7_zero_is_not_an_auto_increment(db, planned):
    extra = {"sqlite": "INTEGER PRIMARY KEY", "postgres": "int GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "mariadb": "int AUTO_INCREMENT PRIMARY KEY"}[db.engine]
    db.script("CREATE TABLE old (id {int} NOT NULL PRIMARY KEY)", f"CREATE TABLE new (id {extra})")
    db.insert("old", [(0,), (1,)])
    planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"]}).run()
    assert db.query("SELECT id FROM new ORDER BY id") == [(0,), (1,)]


def test_ddl_in_mid_run_is_noticed(users_db, planned):
    """The target loses a column while the fill runs: the run stops with the server's words, and the ledger agrees with the rows."""
    users.fill(users_db, range(1, 3001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 100})
    process = infill.start("run", settings=["batch.rows=10", "batch.rows_max=10", "range.rows=500"])
    wait_for(lambda: users_db.has_ledger() and users_db.value(f"SELECT count(*) FROM {users.TARGET}") or not process.is_running(), "the first batch")

    def alter():
        try:
            users_db.run(f"ALTER TABLE {users.TARGET} RENAME COLUMN cents TO dollars")
            return True
        except databases.ERRORS:
            return False
    wait_for(alter, "the column to be renamed")
    result = process.finish()
    assert result.code in (1, 8) and "cents" in result.text, result
    assert not oracle.ledger_faults(users_db, users.SOURCE, users.TARGET)
    users_db.run(f"ALTER TABLE {users.TARGET} RENAME COLUMN dollars TO cents")
    infill.run(code=(0, 8), settings=["pace.rows_per_second=unlimited"])


def test_21_empty_and_single_row_tables_are_done_for_a_reason(users_db, planned):
    infill = planned(users_db, users.entry())
    infill.run()
    status = infill.status()
    assert status["state"] == "done" and status["fills"][0]["state"] == "filled" and status["rows"]["seen"] == 0


def test_22_rows_deleted_and_born_while_it_runs(users_db, planned):
    """The highest keys vanish, and new ones are born beyond the mark: the run ends all the same."""
    users.fill(users_db, range(1, 2001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 2000})
    process = infill.start("run", settings=["batch.rows=20", "batch.rows_max=20", "range.rows=200", "workers=1"])
    wait_for(lambda: users_db.has_ledger() and users_db.value(f"SELECT count(*) FROM {users.TARGET}") or not process.is_running(), "the first batch")
    users_db.run(f"DELETE FROM {users.SOURCE} WHERE id > 1500")
    connection = users_db.connect()
    for key in range(5000, 5100):
        users_db.run(f"INSERT INTO {users.SOURCE} VALUES (%s, %s, %s, %s, %s)", users.row(key), connection=connection)
    connection.close()
    assert process.finish().code == 0, process.result()
    verdict = users.verdict(users_db)
    assert set(verdict.missing) == set(range(5000, 5100)) and not verdict.stale, verdict
    assert all(key > 1500 for key in verdict.extra)


@pytest.mark.engines("postgres")
def test_search_path_and_defaults_of_the_role_do_not_matter(users_db, planned):
    """A role or database with strange defaults: the run sets what it needs in its own transactions."""
    users.fill(users_db, range(1, 101))
    users_db.script(f"ALTER DATABASE {users_db.name} SET default_transaction_isolation = 'serializable'", f"ALTER DATABASE {users_db.name} SET timezone = 'Asia/Tokyo'",
                    f"ALTER DATABASE {users_db.name} SET datestyle = 'SQL, DMY'", f"ALTER DATABASE {users_db.name} SET standard_conforming_strings = off",
                    f"ALTER DATABASE {users_db.name} SET bytea_output = 'escape'", f"ALTER DATABASE {users_db.name} SET statement_timeout = '1h'")
    planned(users_db, users.entry()).run()
    assert users.verdict(users_db).is_clean()


@pytest.mark.engines("mariadb")
def test_strange_global_settings_do_not_matter(users_db, planned):
    users.fill(users_db, range(1, 101))
    strange = {"sql_mode": "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES", "autocommit": 0, "tx_isolation": "SERIALIZABLE", "time_zone": "+09:00"}
    before = {name: users_db.value(f"SELECT @@global.{name}") for name in strange}
    try:
        for name, value in strange.items():
            users_db.run(f"SET GLOBAL {name} = %s", [value])
        planned(users_db, users.entry()).run()
        assert users.verdict(users_db).is_clean()
    finally:
        for name, value in before.items():
            users_db.run(f"SET GLOBAL {name} = %s", [value])
