"""The password is in no output, no ledger, no command line and no file that infill makes."""
import os

import psycopg2
import pytest

import infill as binary
import users
from servers import wait_for

CANARY = "canary-pw-8d1f"


@pytest.fixture
def guarded(users_db):
    """The database reached as a role that needs its password."""
    users.fill(users_db, range(1, 2001))
    if users_db.engine == "postgres":
        users_db.script("DROP ROLE IF EXISTS guarded", f"CREATE ROLE guarded SUPERUSER LOGIN PASSWORD '{CANARY}'")
        users_db.secret_url = users_db.url.replace("postgres@", f"guarded:{CANARY}@")
    else:
        users_db.script("DROP USER IF EXISTS guarded", f"CREATE USER guarded IDENTIFIED BY '{CANARY}'", "GRANT ALL ON *.* TO guarded")
        users_db.secret_url = users_db.url.replace("tester@", f"guarded:{CANARY}@")
    yield users_db
    if users_db.engine == "postgres":
        users_db.run("DROP OWNED BY guarded CASCADE")  # the ledger that it made
    users_db.run("DROP ROLE guarded" if users_db.engine == "postgres" else "DROP USER guarded")


def visible(process):
    """What other users of the machine can see of a process."""
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
        return file.read().decode(errors="replace")


@pytest.mark.engines("postgres", "mariadb")
def test_canary(guarded, planned, tmp_path):
    infill = planned(guarded, users.entry(), url="${env:SECRET_URL}", environment={"SECRET_URL": guarded.secret_url}, pace={"rows_per_second": 2000})
    texts = [infill.call("plan").text, infill.call("plan", "--json").text, infill.call("plan", "--origins").text, infill.call("plan", "--origins", "--json").text,
             infill.call("install", "--print-sql").text]
    process = infill.start("run", "--json", settings=["batch.rows=10", "batch.rows_max=10"])
    wait_for(lambda: guarded.has_ledger() or not process.is_running(), "the run to begin")
    texts.append(visible(process))
    texts.append(process.finish().text)
    assert process.result().code == 0, process.result()
    texts += [infill.call("status").text, infill.call("status", "--json").text, infill.call("rejects", "--json").text]
    texts += [str(guarded.query(f"SELECT * FROM {guarded.ledger(table)}")) for table in guarded.ledger_tables()]
    texts += [path.read_text(errors="replace") for path in tmp_path.iterdir() if path.is_file()]
    assert not [text for text in texts if CANARY in text]
    assert users.verdict(guarded).is_clean()


@pytest.mark.engines("postgres", "mariadb")
def test_canary_in_errors(guarded, planned):
    wrong = guarded.secret_url.replace(CANARY, CANARY + "x")
    nowhere = guarded.secret_url.replace(f":{guarded.server.port}/", ":1/")
    no_database = guarded.secret_url.replace(guarded.name, "nosuchdb")
    for url in (wrong, nowhere, no_database):
        infill = planned(guarded, users.entry(), url="${env:SECRET_URL}", environment={"SECRET_URL": url})
        for command in ("run", "plan", "status", "pause"):
            result = infill.call(command, code=None, settings=["timeouts.connect=1s", "retry_max=1"])
            assert result.code not in (0, None) and CANARY not in result.text, result


def test_password_in_plan_or_argv_is_refused(tmp_path):
    for url in (f"postgresql://bob:{CANARY}@h/x", f"mariadb://bob:{CANARY}@h/x", f"postgresql://h/x?password={CANARY}"):
        path = binary.write_plan(tmp_path / "p.yaml", url, [users.entry()])
        result = binary.call("run", str(path), code=2)
        assert "password" in result.err and CANARY not in result.text, result
    path = binary.write_plan(tmp_path / "p.yaml", "${env:NO}", [users.entry()])
    result = binary.call("run", str(path), "--set", f"source.url=postgresql://bob:{CANARY}@h/x", code=2)
    assert "password" in result.err and CANARY not in result.text, result


@pytest.mark.engines("postgres")
def test_pgpass(guarded, planned, tmp_path):
    """Other ways in than the URL: PGPASSFILE."""
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"127.0.0.1:*:*:guarded:{CANARY}\n")
    os.chmod(passfile, 0o600)
    url = guarded.url.replace("postgres@", "guarded@")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)
    planned(guarded, users.entry(), url=url, environment={"PGPASSFILE": str(passfile)}).run()
    assert users.verdict(guarded).is_clean()


def test_row_values_stay_in_the_database(users_db, planned):
    users.fill(users_db, range(1, 51))
    users_db.run(f"UPDATE {users.SOURCE} SET full_name = 'canary-value-5533' WHERE id = 20")
    infill = planned(users_db, users.entry())
    texts = [infill.call("plan", "--json").text, infill.run("--json").text, infill.call("status", "--json").text]
    texts += [str(users_db.query(f"SELECT * FROM {users_db.ledger(table)}")) for table in users_db.ledger_tables()]
    assert not [text for text in texts if "canary-value" in text]
