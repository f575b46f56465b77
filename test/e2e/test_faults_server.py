"""The server's side of trouble: sessions killed, an immediate restart, disks that are full, and what the ledger says afterwards."""
import os
import shutil
import subprocess
import sys
import threading

import pytest

import databases
import faults
import infill as binary
import oracle
import servers
import users
from servers import wait_for

BATCHES = ["batch.rows=10", "batch.rows_max=10", "range.rows=200", "retry_max=100"]


def agrees(db):
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict
    assert not oracle.ledger_faults(db, users.SOURCE, users.TARGET)


@pytest.mark.lanes
@pytest.mark.engines("postgres", "mariadb", "postgres-new", "pgbouncer")
def test_sessions_killed_all_the_time(users_db, planned):
    """pg_terminate_backend and KILL, as fast as sessions come."""
    wanted = faults.amount(60, 1000)
    users.fill(users_db, range(1, 80 * wanted))
    infill = planned(users_db, users.entry())
    process = infill.start("run", settings=[*BATCHES, "pace.rows_per_second=200"])
    killer, killed = users_db.connect(), 0
    mine = {row[0] for row in users_db.query("SELECT pg_backend_pid()" if users_db.engine == "postgres" else "SELECT connection_id()")}
    while process.is_running() and killed < wanted:
        for pid in users_db.backends():
            if pid not in mine:
                users_db.kill(pid)
                killed += 1
        seen = faults.progress(users_db) if users_db.has_ledger() else 0
        wait_for(lambda: not process.is_running() or faults.progress(users_db) > seen, "the run to recover")
    killer.close()
    if process.is_running():
        infill.call("set", "pace.rows_per_second=unlimited")
    result = process.finish()
    assert result.code == 0 and killed >= min(wanted, 20), f"{killed} killed\n{result}"
    agrees(users_db)


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_server_crashes_in_mid_run(kind, planned):
    """An immediate stop loses what was not yet synced, rows and cursor together; the run waits for the server and goes on."""
    server = servers.Postgres(durable=True) if kind == "postgres" else servers.MariaDB(durable=True)
    with server:
        db = databases.Postgres(server) if kind == "postgres" else databases.MariaDB(server)
        users.create(db)
        users.fill(db, range(1, 6001))
        infill = planned(db, users.entry())
        process = infill.start("run", settings=[*BATCHES, "pace.rows_per_second=4000"])
        for crash in range(3):
            before = faults.progress(db)
            wait_for(lambda: faults.progress(db) > before or not process.is_running(), "progress")
            db.connection.close()
            server.crash_and_restart()
            db.connection = db.connect()
        result = process.finish()
        if result.code == 5:  # it gave up while the server was down; the same command resumes
            infill.run(settings=BATCHES)
        else:
            assert result.code == 0, result
        agrees(db)
        db.close()


@pytest.mark.engines("sqlite")
def test_sqlite_full(users_db, planned):
    """max_page_count is per connection, so the limit is a file system of 8 MiB instead, in a mount namespace of its own."""
    script = """
import sys; sys.path.insert(0, sys.argv[1])
import databases, faults, infill, oracle, users, os
db = databases.Sqlite(sys.argv[2], wal=sys.argv[3] == "wal")
users.create(db)
users.fill(db, users.keys(20000))
filler = os.path.join(sys.argv[2], "filler")
stat = os.statvfs(sys.argv[2])
with open(filler, "wb") as f:
    f.write(b"x" * (stat.f_bavail * stat.f_frsize - 600 * 1024))
run = infill.Infill(infill.write_plan(os.path.join(sys.argv[4], "full.yaml"), db.url, [users.entry()]))
result = run.run(code=1, settings=["batch.rows=200", "workers=1"])
assert "FULL" in result.text or "space" in result.text or "full" in result.text, result
faulty = oracle.ledger_faults(db, users.SOURCE, users.TARGET)
assert not faulty, faulty
there = db.value("SELECT count(*) FROM users_v2")
assert 0 < there < 20000, there
os.remove(filler)
run.run(settings=["batch.rows=200"])
assert users.verdict(db).is_clean(), users.verdict(db)
assert not oracle.ledger_faults(db, users.SOURCE, users.TARGET)
"""
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.dirname(users_db.path)
    for mode in ("wal", "delete"):
        mount = os.path.join(folder, mode)
        os.makedirs(mount)
        done = subprocess.run(["unshare", "-m", "bash", "-c", 'mount -t tmpfs -o size=8m infill "$1" && exec "$2" -c "$3" "$4" "$1" "$5" "$6"', "-", mount,
                               sys.executable, script, here, mode, folder], env={**os.environ, "INFILL_BIN": binary.binary()}, capture_output=True, text=True)
        assert done.returncode == 0, f"{mode}\n{done.stdout}\n{done.stderr}"


@pytest.mark.engines("sqlite")
def test_sqlite_busy(users_db, planned):
    """A foreign writer that takes the database for itself again and again: infill waits its turn, or parks and comes back."""
    users.fill(users_db, users.keys(1500))
    stop, turns = threading.Event(), []

    def hog():
        connection = users_db.connect()
        while not stop.is_set():
            connection.execute("BEGIN EXCLUSIVE")
            stop.wait(0.05)
            connection.execute("COMMIT")
            turns.append(1)
            stop.wait(0.005)
    thread = threading.Thread(target=hog)
    thread.start()
    try:
        planned(users_db, users.entry()).run(settings=["batch.rows=50", "timeouts.lock=200ms", "retry_max=100"])
    finally:
        stop.set()
        thread.join()
    assert len(turns) > 3
    agrees(users_db)


@pytest.mark.engines("sqlite")
def test_sqlite_file_replaced_by_nothing(users_db, planned):
    """A database that is not there is not made: an empty one would look like nothing to do."""
    infill = planned(users_db, users.entry(), url=users_db.url + ".nosuch")
    infill.run(code=5)
    assert not os.path.exists(users_db.path + ".nosuch")


@pytest.mark.engines("sqlite")
def test_sqlite_read_only(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.run("PRAGMA journal_mode = DELETE")
    copy = users_db.path + ".copy"
    shutil.copy(users_db.path, copy)
    os.chmod(copy, 0o444)
    infill = planned(users_db, users.entry(), url=f"sqlite:{copy}")
    if os.getuid() == 0:  # root writes everywhere: the run works, and the file is the same one
        infill.run()
    else:
        assert infill.run(code=5).text


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_read_only_server(kind, planned):
    server = servers.Postgres(settings=["default_transaction_read_only=off"]) if kind == "postgres" else servers.MariaDB()
    with server:
        db = databases.Postgres(server) if kind == "postgres" else databases.MariaDB(server)
        users.create(db)
        users.fill(db, range(1, 11))
        if kind == "postgres":
            db.run(f"ALTER DATABASE {db.name} SET default_transaction_read_only = on")
        else:
            db.run("CREATE USER plain IDENTIFIED BY ''")
            db.run("GRANT ALL ON *.* TO plain")
            db.run("REVOKE READ_ONLY ADMIN, SUPER ON *.* FROM plain")
            db.run("SET GLOBAL read_only = 1")
        infill = planned(db, users.entry(), url=db.url.replace("tester@", "plain@"))
        result = infill.run(code=None, settings=["retry_max=2"])
        assert db.value(f"SELECT count(*) FROM {users.TARGET}") in (0, 10)
        if kind == "mariadb":
            assert result.code in (5, 8) and "read" in result.text.lower(), result
        db.close()
