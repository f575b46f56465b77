"""Fixtures: servers once per session, a fresh database and a plan file per test, every engine in turn.

`db` runs a test on SQLite, PostgreSQL 15 and MariaDB; with the marker `lanes` also on the newest PostgreSQL and through PgBouncer;
with `engines("postgres", …)` only on those. A server that cannot be started is an error, never a skip."""
import contextlib
import os
import signal

import pytest

import databases
import infill
import servers
import users

ENGINES = ["sqlite", "postgres", "mariadb"]
LANES = [*ENGINES, "postgres-new", "pgbouncer"]


def pytest_configure(config):
    for number in (signal.SIGINT, signal.SIGHUP):  # whoever starts this in the background ignores them, and so would all that is started here
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    config.addinivalue_line("markers", "lanes: also on the newest PostgreSQL and through PgBouncer")
    config.addinivalue_line("markers", "engines(*names): only on these")


def pytest_generate_tests(metafunc):
    if "lane" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("engines")
        lanes = list(only.args) if only else LANES if metafunc.definition.get_closest_marker("lanes") else ENGINES
        metafunc.parametrize("lane", lanes, indirect=True)


def is_long():
    """The long run: as many faults as a night can hold."""
    return os.environ.get("INFILL_TEST_LONG") == "1"


@pytest.fixture(scope="session")
def postgres_server():
    with servers.Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_new_server():
    with servers.Postgres(servers.postgres_new_bin()) as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(postgres_server):
    with servers.PgBouncer(postgres_server) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server():
    with servers.MariaDB() as server:
        yield server


@pytest.fixture
def lane(request):
    return request.param


@pytest.fixture
def make_db(request, lane, tmp_path):
    """Makes as many databases of the test's engine as it wants."""
    with contextlib.ExitStack() as stack:
        def make():
            if lane == "sqlite":
                db = databases.Sqlite(str(tmp_path))
            elif lane == "postgres":
                db = databases.Postgres(request.getfixturevalue("postgres_server"))
            elif lane == "postgres-new":
                db = databases.Postgres(request.getfixturevalue("postgres_new_server"), lane)
            elif lane == "pgbouncer":
                db = databases.Postgres(request.getfixturevalue("postgres_server"), lane, request.getfixturevalue("pgbouncer"))
            else:
                db = databases.MariaDB(request.getfixturevalue("mariadb_server"))
            stack.callback(db.close)
            return db
        yield make


@pytest.fixture
def db(make_db):
    return make_db()


@pytest.fixture
def planned(tmp_path):
    """planned(db, fills, **settings) -> Infill on a plan file; whatever it starts ends with the test."""
    made = []

    def plan(db, fills, url=None, file="plan.yaml", environment=None, path=None, **settings):
        fills = fills if isinstance(fills, list) else [fills]
        one = infill.Infill(infill.write_plan(tmp_path / file, url or db.url, fills, **settings), path, **(environment or {}))
        made.append(one)
        return one
    yield plan
    for one in made:
        one.end()


@pytest.fixture
def users_db(db):
    """A database with the users tables, empty."""
    users.create(db)
    return db


@pytest.fixture
def mutant():
    """A build with -Dmutants=true, whose planted defects INFILL_MUTANT chooses."""
    path = os.environ.get("INFILL_MUTANT_BIN")
    if not path or not os.path.exists(path):
        pytest.fail("INFILL_MUTANT_BIN does not name a build with -Dmutants=true; ./dev test makes one")
    return path
