"""The connection is lost around COMMIT, and anywhere else: nobody knows whether the batch is in, so infill looks before it acts."""
import random

import pytest

import faults
import oracle
import proxy
import users

BATCHES = ["batch.rows=10", "batch.rows_max=10", "range.rows=200", "retry_max=50"]
KINDS = [proxy.REPLY, proxy.DROP, proxy.RACE]

pytestmark = pytest.mark.engines("postgres", "mariadb")


@pytest.fixture
def between(users_db):
    with proxy.FaultProxy(users_db.engine, users_db.server.port) as one:
        yield one


def cut_commits(db, between, seed):
    """Cuts about every fourteenth COMMIT once rows are moving; in between there is room to come back, which takes some COMMITs as well."""
    chance, next_cut = random.Random(seed), [0]

    def choose(n):
        if not next_cut[0] and faults.progress(db) > 0:
            next_cut[0] = n + 1
        if not next_cut[0] or n < next_cut[0]:
            return None
        next_cut[0] = n + chance.randint(12, 16)
        return chance.choice(KINDS)
    between.on_commit = choose


def agrees(db):
    """Rows and ledger, each row counted once."""
    verdict = users.verdict(db)
    assert verdict.is_clean(), verdict
    assert not oracle.ledger_faults(db, users.SOURCE, users.TARGET)


@pytest.mark.parametrize("workers", [1, 2])
def test_commits_cut(users_db, planned, between, workers):
    """Every eighth COMMIT is cut, behind, before or during the commit; the ledger's counts show that no batch ran twice."""
    cuts = faults.amount(120, 5000)
    users.fill(users_db, range(1, 100 * cuts))
    cut_commits(users_db, between, seed=workers)
    infill = planned(users_db, users.entry(), url=users_db.url_at(between.port))
    infill.run(settings=[*BATCHES, f"workers={workers}"])
    assert sum(between.faults[kind] for kind in KINDS) >= cuts, between.faults
    agrees(users_db)


def test_commits_cut_in_place(users_db, planned, between):
    users_db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents {{big}}")
    users_db.insert(f"{users.SOURCE} (id, email, full_name, balance, version)", [users.row(key) for key in range(1, 1501)])
    cut_commits(users_db, between, seed=3)
    place = {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}
    planned(users_db, place, url=users_db.url_at(between.port)).run(settings=BATCHES)
    assert all(cents == balance * 100 for balance, cents in users_db.query(f"SELECT balance, cents FROM {users.SOURCE}"))
    assert users_db.value(f"SELECT sum(written) FROM {users_db.ledger('range')}") == 1500
    assert users_db.value(f"SELECT sum(same) FROM {users_db.ledger('range')}") == 0


def test_commits_cut_beside_a_writer(users_db, planned, between):
    users.fill(users_db, users.keys(1500))
    cut_commits(users_db, between, seed=3)
    with faults.writing(users_db, keys=1600):
        planned(users_db, users.entry(), url=users_db.url_at(between.port)).run(settings=BATCHES)
    verdict = users.verdict(users_db)
    assert verdict.is_clean(), verdict


def test_every_message_cut_once(make_db, planned):
    """A small run, cut at its 1st, 2nd, 3rd … message: connecting, installing, checking, leasing, filling, finishing."""
    step = faults.amount({"postgres": 23, "mariadb": 9}[make_db().engine], 1)  # PostgreSQL sends five messages a statement
    number, faultless = 1, False
    while not faultless:
        db = make_db()
        users.create(db)
        users.fill(db, range(1, 31))
        with proxy.FaultProxy(db.engine, db.server.port) as between:
            between.on_message = lambda n: proxy.CUT if n == number else None
            infill = planned(db, users.entry(), url=db.url_at(between.port), file=f"plan{number}.yaml")
            result = infill.run(code=(0, 1, 5), settings=["batch.rows=10", "workers=1"])
            faultless = not between.faults[proxy.CUT]
            if result.code:  # before the first batch a lost connection may end the process; the same command goes on
                infill.run(settings=["batch.rows=10", "workers=1"])
            agrees(db)
        number += step
    assert number > 10


def test_server_that_falls_silent(users_db, planned, between):
    """A frozen connection in the middle of a batch: the lease runs out, another process takes over, and the batch is not written twice."""
    users.fill(users_db, range(1, 301))
    between.on_commit = lambda n: proxy.FREEZE if n == 12 else None
    settings = [*BATCHES, "workers=1", "lease.ttl=2s", "timeouts.statement=500ms", "timeouts.idle=500ms"]
    frozen = planned(users_db, users.entry(), url=users_db.url_at(between.port)).start("run", settings=settings)
    faults.wait_for(lambda: between.faults[proxy.FREEZE] or not frozen.is_running(), "the connection to freeze")
    heir = planned(users_db, users.entry(), file="direct.yaml")
    while heir.run(code=(0, 5), settings=settings).code:  # until the server has given the frozen session up
        pass
    agrees(users_db)
    between.thaw()
    assert frozen.finish().code in (0, 5)
    agrees(users_db)
