"""Replicas that fall behind hold the run back, also in the defaults of the profile; idle ones do not."""
import contextlib

import psycopg2
import pytest

import databases
import servers
import users
from servers import wait_for
from test_pace import finish, moved, said, wait_said

SMALL = ["batch.rows=20", "batch.rows_max=20", "range.rows=500", "workers=2"]


class Pair:
    """A primary with a replica, and a database on them."""

    def __init__(self, primary, replica, database):
        self.primary, self.replica, self.db = primary, replica, database

    @property
    def url(self):
        return self.replica.url(self.db.name)

    def caught_up(self):
        try:
            with contextlib.closing(self.replica.connect(self.db.name)) as connection:
                cursor = connection.cursor()
                cursor.execute(f"SELECT count(*) FROM {users.SOURCE}")
                return cursor.fetchone()[0] == self.db.value(f"SELECT count(*) FROM {users.SOURCE}")
        except databases.ERRORS:
            return False  # the database or the table is not there yet


def make_pair(lane):
    if lane == "postgres":
        return servers.Postgres(), servers.Standby, databases.Postgres
    return servers.MariaDB(), servers.MariaReplica, databases.MariaDB


@pytest.fixture
def pair(lane):
    primary, replica_class, database_class = make_pair(lane)
    with primary, replica_class(primary) as replica:
        database = database_class(primary)
        users.create(database)
        users.fill(database, range(1, 2001))
        one = Pair(primary, replica, database)
        wait_for(one.caught_up, "the replica to catch up")
        yield one
        database.connection.close()


@pytest.mark.engines("postgres", "mariadb")
def test_a_replica_that_stops_replaying_holds_the_run_back(pair, planned):
    """By the defaults of prod: only the URL stands in the plan."""
    pair.replica.hold_replay()
    infill = planned(pair.db, users.entry(), profile="prod", replicas=[pair.url])
    meant = ["--yes", "--accept", "superuser", "--accept", "dual-writes"]  # nobody writes here but the test
    process = infill.start("run", "--json", *meant, settings=[*SMALL, "pace.rows_per_second=100"])
    wait_said(process, "replica_lag ")
    wait_for(lambda: said(process, "stop line 5 s") or not process.is_running(), "the stop line to be crossed")
    assert process.is_running(), process.result()
    held = moved(pair.db)
    assert held < 2000
    wait_for(lambda: infill.status()["pace"]["held"], "the ledger to say so")
    held_back, = infill.status()["pace"]["held"]
    assert held_back["signal"] == "replica_lag" and "127.0.0.1" in held_back["reason"]
    pair.replica.let_replay()
    wait_for(lambda: moved(pair.db) > held or not process.is_running(), "the run to go on")
    process.kill()
    infill.run(*meant, settings=[*SMALL, "pace.rows_per_second=unlimited"])
    assert users.verdict(pair.db).is_clean()


@pytest.mark.engines("postgres", "mariadb")
def test_an_idle_replica_is_not_behind(pair, planned):
    """Nothing is written for longer than the stop line: the replica's own clock would call that lag. Then the run begins at once."""
    infill = planned(pair.db, users.entry(), replicas=[pair.url], pace={"signals": {"replica_lag": {"stop": "4s", "every": "100ms"}}})
    infill.call("install")  # so that a run has next to nothing to write before it looks at the replica
    wait_for(pair.caught_up, "the replica to catch up")
    idle = {"postgres": "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) > 5", "mariadb": None}[pair.db.engine]
    if idle:
        with contextlib.closing(pair.replica.connect(pair.db.name)) as connection:
            cursor = connection.cursor()

            def is_idle():
                cursor.execute(idle)
                return cursor.fetchone()[0]
            wait_for(is_idle, "the replica to have been idle")
    process = infill.start("run", "--json", settings=SMALL)
    finish(process, pair.db)
    assert not said(process, "stop line 4 s"), process.result()


@pytest.mark.engines("postgres")
def test_a_replica_that_vanishes_or_is_promoted(pair, planned):
    infill = planned(pair.db, users.entry(), replicas=[pair.url], pace={"rows_per_second": 20, "signals": {"replica_lag": {"slow": "2s", "stop": "5s"}}})
    process = infill.start("run", "--json", settings=["batch.rows=5", "batch.rows_max=5", "workers=1"])
    wait_for(lambda: moved(pair.db) > 0 or not process.is_running(), "the first batch")
    with contextlib.closing(pair.replica.connect()) as connection:
        connection.cursor().execute("SELECT pg_promote()")
    wait_said(process, "replica_lag has vanished (127.0.0.1")
    pair.replica.stop()
    wait_said(process, "replica_lag cannot be read: replica 127.0.0.1")
    assert moved(pair.db) < 2000


@pytest.mark.engines("postgres")
def test_the_primary_is_asked_where_no_replica_is_named(pair, planned):
    infill = planned(pair.db, users.entry(), pace={"rows_per_second": 50, "signals": {"replica_lag": {"slow": "1s", "stop": "2s"}}})
    process = infill.start("run", "--json", settings=["batch.rows=5", "batch.rows_max=5", "workers=1"])
    wait_for(lambda: moved(pair.db) > 0 or not process.is_running(), "the first batch")
    pair.replica.hold_replay()
    wait_said(process, "stop line 2 s (127.0.0.1)")
    pair.replica.stop()
    wait_said(process, "replica_lag has vanished (0 of 1 are connected)")


@pytest.mark.engines("postgres")
def test_without_the_right_to_see_replicas(pair, planned):
    pair.db.script("CREATE ROLE plain LOGIN", f"GRANT ALL ON DATABASE {pair.db.name} TO plain", "GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
    infill = planned(pair.db, users.entry(), url=pair.db.url.replace("postgres@", "plain@"), pace={"signals": {"replica_lag": {"slow": "1s"}}})
    process = infill.start("run", "--json", settings=SMALL)
    wait_said(process, "GRANT pg_monitor")
    assert moved(pair.db) == 0


@pytest.mark.engines("sqlite")
def test_sqlite_has_no_replicas(users_db, planned):
    result = planned(users_db, users.entry(), pace={"signals": {"replica_lag": {"slow": "1s"}}}).run(code=2)
    assert "sqlite has no replicas" in result.text, result


@pytest.mark.engines("postgres", "mariadb")
def test_a_verification_reads_replicas(pair, planned):
    """The first look goes to the replica, once it has what the primary had; a difference is one on the primary, or none."""
    infill = planned(pair.db, users.entry(), writes="none", replicas=[pair.url])
    infill.run(settings=["range.rows=500"])
    pair.db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id IN (7, 1999)")
    pair.db.run(f"DELETE FROM {users.TARGET} WHERE id = 1000")
    document = infill.call("verify", "--json", "--read-from", "replica", code=4).json
    assert sorted((one["kind"], one["key"]) for one in document["first_findings"]) == [("different", '["1999"]'), ("different", '["7"]'), ("missing", '["1000"]')]
    infill.call("repair")
    infill.call("verify", "--read-from", "replica")
    pair.replica.hold_replay()
    pair.db.run(f"DELETE FROM {users.TARGET} WHERE id = 1001")
    result = infill.call("verify", "--read-from", "replica", settings=["retry_max=2"], code=5)
    assert "has not replayed" in result.text, result
    pair.replica.let_replay()
    assert infill.call("verify", "--json", "--read-from", "replica", "--restart", code=4).json["findings"] == 1


@pytest.mark.engines("postgres", "mariadb")
def test_another_database_is_no_replica(pair, planned, make_db):
    other = planned(pair.db, users.entry(), writes="none", replicas=[pair.primary.url()])
    other.run(settings=["range.rows=500"])
    assert "replica 1" in other.call("verify", "--read-from", "replica", code=(1, 5, 8)).text


def test_replicas_that_the_plan_does_not_name(users_db, planned):
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run()
    infill.call("verify", "--read-from", "replica", code=2 if users_db.engine != "sqlite" else (1, 2))
    infill.call("verify", "--read-from", "elsewhere", code=2)
