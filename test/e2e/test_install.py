"""The ledger: printed, installed, by the least rights there are, and removed."""
import psycopg2
import pymysql
import pytest

import faults
import users


@pytest.mark.lanes
def test_print_sql_does_nothing_and_runs_by_hand(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    document = infill.call("install", "--print-sql", "--json").json
    assert not users_db.has_ledger()
    assert set(document["grants"]) == {"installer", "worker", "observer"}
    text = infill.call("install", "--print-sql").out
    assert "CREATE TABLE" in text
    for statement in document["statements"]:
        users_db.run(statement)
    infill.run("--no-install")
    assert users.verdict(users_db).is_clean()


def test_install_twice_and_uninstall(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    infill.call("install")
    infill.call("install")
    assert set(users_db.ledger_tables()) >= {"run", "fill", "range", "reject", "event"}
    faults.begin(infill, users_db)
    assert infill.call("uninstall", code=8).text
    infill.run()
    infill.call("uninstall")
    assert not users_db.ledger_tables()


def test_uninstall_by_force(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    faults.begin(infill, users_db)
    infill.call("uninstall", "--force")
    assert not users_db.ledger_tables()
    infill.run()
    assert users.verdict(users_db).is_clean()


def test_many_at_once_make_one_ledger(users_db, planned):
    """Trap 19: fifty coordinators start together; one ledger, one run, and every row once."""
    users.fill(users_db, range(1, 301))
    infill = planned(users_db, users.entry())
    processes = [infill.start("run", settings=["workers=1", "connections_max=2", "batch.rows=10"]) for _ in range(12)]
    for process in processes:
        result = process.finish()
        assert result.code == 0, result
    assert users_db.value(f"SELECT count(*) FROM {users_db.ledger('run')}") == 1
    assert users.verdict(users_db).is_clean()
    assert users_db.value(f"SELECT sum(written) FROM {users_db.ledger('range')}") == 300


def fill_and_repair(db, infill):
    """With the rights that were printed: what a run does, settling included, and what a repair does."""
    infill.run("--no-install")
    assert users.verdict(db).is_clean()
    db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 3")
    db.run(f"DELETE FROM {users.TARGET} WHERE id = 4")
    db.run(f"INSERT INTO {users.TARGET} VALUES (-1, 'x', 'x', 0, 0)")
    infill.call("verify", code=4)
    infill.call("repair", "--delete-extra")
    assert users.verdict(db).is_clean()


@pytest.mark.engines("postgres")
def test_least_rights_postgres(users_db, planned):
    """Worker and observer with exactly the grants that are printed; each can do its part, and no more."""
    users.fill(users_db, range(1, 51))
    printed = planned(users_db, users.entry()).call("install", "--print-sql", "--json").json
    for role in ("infill_installer", "infill_worker", "infill_observer"):
        users_db.script(f"DROP ROLE IF EXISTS {role}", f"CREATE ROLE {role} LOGIN")
    try:
        for statement in [*printed["grants"]["installer"], *printed["statements"], *printed["grants"]["worker"], *printed["grants"]["observer"]]:
            users_db.run(statement)
        at = users_db.url.replace("postgres@", "{}@")
        fill_and_repair(users_db, planned(users_db, users.entry(), url=at.format("infill_worker"), file="worker.yaml"))
        observer = planned(users_db, users.entry(), url=at.format("infill_observer"), file="observer.yaml")
        assert observer.status()["state"] == "done"
        result = observer.call("stop", "--because", "no", code=None)
        assert result.code != 0
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            connection = psycopg2.connect(at.format("infill_worker"))
            connection.cursor().execute("CREATE TABLE infill.x (i int)")
    finally:
        for role in ("infill_installer", "infill_worker", "infill_observer"):
            users_db.script(f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


@pytest.mark.engines("mariadb")
def test_least_rights_mariadb(users_db, planned):
    users.fill(users_db, range(1, 51))
    printed = planned(users_db, users.entry()).call("install", "--print-sql", "--json").json
    roles = ("infill_installer", "infill_worker", "infill_observer")
    for role in roles:
        users_db.script(f"DROP USER IF EXISTS {role}", f"CREATE USER {role}")
    try:
        for statement in [*printed["statements"], *printed["grants"]["worker"], *printed["grants"]["observer"]]:
            users_db.run(statement)
        at = users_db.url.replace("tester@", "{}@")
        fill_and_repair(users_db, planned(users_db, users.entry(), url=at.format("infill_worker"), file="worker.yaml"))
        observer = planned(users_db, users.entry(), url=at.format("infill_observer"), file="observer.yaml")
        assert observer.status()["state"] == "done"
        assert observer.call("stop", "--because", "no", code=None).code != 0
        with pytest.raises(pymysql.err.OperationalError):
            connection = pymysql.connect(host="127.0.0.1", port=users_db.server.port, user="infill_worker", database=users_db.name)
            connection.cursor().execute("CREATE TABLE infill_x (i int)")
    finally:
        for role in roles:
            users_db.run(f"DROP USER {role}")


@pytest.mark.engines("postgres")
def test_missing_rights_are_named(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.script("DROP ROLE IF EXISTS infill_nobody", "CREATE ROLE infill_nobody LOGIN")
    try:
        infill = planned(users_db, users.entry(), url=users_db.url.replace("postgres@", "infill_nobody@"))
        result = infill.run(code=None)
        assert result.code not in (0, 3) and "permission denied" in result.text, result
        assert not users_db.has_ledger()
    finally:
        users_db.run("DROP ROLE infill_nobody")
