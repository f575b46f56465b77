"""A verification that is killed, cut off, beside writers, or has few rights: it is never better than the data, and goes on where it was."""
import random

import pytest

import faults
import prove
import proxy
import users
from servers import wait_for

DIFFER = 4
ROWS = 3000
WRONG = {(10,): ("different", {"version"}), (1500,): ("missing", frozenset()), (2990,): ("different", {"version"}), (5000,): ("extra", frozenset())}


@pytest.fixture
def sliced(users_db, planned):
    """(database, infill): fifty ranges, with differences in the first, in the middle, in the last and behind it."""
    db = users_db
    users.fill(db, range(1, ROWS + 1))
    infill = planned(db, users.entry(), writes="none")
    infill.run(settings=["range.rows=60", "batch.rows=60", "batch.rows_max=60"])
    db.script(f"UPDATE {users.TARGET} SET version = 7 WHERE id IN (10, 2990)", f"DELETE FROM {users.TARGET} WHERE id = 1500",
              f"INSERT INTO {users.TARGET} VALUES (5000, 'a', 'b', 1, 1)")
    return db, infill


def check_findings(db, summary):
    assert summary["verdict"] == "differ" and summary["complete"] and summary["findings"] == len(WRONG)
    assert summary["rows"] == {"source": ROWS, "target": ROWS}
    assert prove.findings(db) == {prove.key_of(db, key): what for key, what in WRONG.items()}
    assert not prove.untiled(db, "users")


def looked_at(db, number):
    """The slices that a pass has looked at: {range: when}."""
    return {row["range_no"]: row["at"] for row in db.dicts(f"SELECT * FROM {db.ledger('verdict')}") if row["pass"] == number}


def test_killed_in_the_middle(sliced):
    """kill -9: the same command goes on with the pass, and looks at no slice a second time."""
    db, infill = sliced
    whole = prove.verify(infill)
    check_findings(db, whole)
    landed, passes = 0, whole["pass"]
    while landed < faults.amount(2, 30):
        passes += 1
        process = infill.start("verify", "--restart", settings=["verify.rows_per_second=1000"])  # long enough for a middle
        wait_for(lambda: len(looked_at(db, passes)) > random.Random(passes).randrange(3, 30) or not process.is_running(), "the first slices")
        process.kill()
        faults.settle(db)
        before = looked_at(db, passes)
        if not 0 < len(before) < whole["fills"][0]["slices"]:
            passes = prove.verify(infill)["pass"]  # one that had ended is followed by another one
            continue
        landed += 1
        summary = prove.verify(infill)
        assert summary["pass"] == passes, "it began anew"
        check_findings(db, summary)
        after = looked_at(db, passes)
        assert len(after) == whole["fills"][0]["slices"] and {number: after[number] for number in before} == before
        assert summary["fills"][0]["digest"] == whole["fills"][0]["digest"]
        assert prove.verify(infill)["pass"] == passes + 1  # that one was ended
        passes += 1


def test_other_selections_do_not_go_on(sliced):
    """What was interrupted is gone on with by the same command, not by another one; and --restart begins anew."""
    db, infill = sliced
    process = infill.start("verify")
    wait_for(lambda: len(looked_at(db, 1)) > 3 or not process.is_running(), "the first slices")
    process.kill()
    faults.settle(db)
    summary = prove.verify(infill, "--range", "1..2")
    assert summary["pass"] == 2 and summary["rows"]["source"] == 120
    summary = prove.verify(infill)
    assert summary["pass"] == 3
    check_findings(db, summary)


@pytest.mark.engines("postgres", "mariadb")
def test_connections_cut(sliced, planned):
    """Again and again, wherever it is: every slice is compared all the same."""
    db, _ = sliced
    with proxy.FaultProxy(db.engine, db.server.port) as between:
        chance = random.Random(3)
        between.on_message = lambda n: proxy.CUT if n > 300 and chance.random() < 0.004 else None
        infill = planned(db, users.entry(), url=db.url_at(between.port), file="cut.yaml", writes="none")
        cuts = 0
        while cuts < faults.amount(5, 100):
            result = infill.call("verify", "--json", code=(DIFFER, 1, 5), settings=["retry_max=50"])
            cuts = between.faults[proxy.CUT]
            if result.code == DIFFER and result.json["complete"]:
                check_findings(db, result.json)
    check_findings(db, prove.verify(planned(db, users.entry(), writes="none")))


@pytest.mark.engines("postgres", "mariadb")
def test_every_message_cut_once(users_db, planned):
    """Cut at its 1st, 2nd, 3rd … message: it ends with an error or with the truth, never with a match."""
    db = users_db
    users.fill(db, range(1, 61))
    planned(db, users.entry(), writes="none").run(settings=["range.rows=20"])
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    step = faults.amount({"postgres": 61, "mariadb": 17}[db.engine], 1)  # PostgreSQL sends five messages a statement
    number, faultless = 1, False
    while not faultless:
        with proxy.FaultProxy(db.engine, db.server.port) as between:
            between.on_message = lambda n: proxy.CUT if n == number else None
            infill = planned(db, users.entry(), url=db.url_at(between.port), file=f"plan{number}.yaml", writes="none")
            result = infill.call("verify", "--json", code=(DIFFER, 1, 5), settings=["workers=1"])
            faultless = not between.faults[proxy.CUT]
        summary = prove.verify(infill_again := planned(db, users.entry(), file="direct.yaml", writes="none"))
        assert summary["verdict"] == "differ" and summary["rows"] == {"source": 60, "target": 60}, result
        assert len(prove.findings(db)) == 1
        infill_again.end()
        number += step
    assert number > 100


@pytest.mark.engines("postgres", "mariadb")
def test_sessions_killed(sliced):
    """By an administrator, in the middle."""
    db, infill = sliced
    process = infill.start("verify", "--json", settings=["workers=1"])
    for least in (3, 15, 30):
        wait_for(lambda: len(looked_at(db, 1)) > least or not process.is_running(), "some slices")
        for pid in db.backends():
            db.kill(pid)
    result = process.finish()
    assert result.code in (DIFFER, 1, 5), result
    check_findings(db, prove.verify(infill))


@pytest.mark.parametrize("mode", ["plain", "upsert"])
def test_beside_a_writer(users_db, planned, mode):
    """An application changes both sides in one transaction, all over the table: no look sees one without the other, and damage is still found."""
    db = users_db
    users.fill(db, range(1, 501))
    infill = planned(db, users.entry())
    infill.run(settings=["range.rows=60", "batch.rows=60"])
    with faults.writing(db, mode, keys=500):
        for _ in range(faults.amount(4, 100)):
            infill.call("verify", code=(0, 5))
            assert prove.findings(db) == {}
        db.run(f"INSERT INTO {users.TARGET} VALUES (7000, 'a', 'b', 1, 1)")
        infill.call("verify", code=DIFFER)
        assert prove.findings(db) == {prove.key_of(db, (7000,)): ("extra", frozenset())}


# ---- rights ----

READ = ("run", "fill", "range", "reject")
WRITTEN = ("pass", "verdict", "finding")


@pytest.fixture
def reader(users_db):
    """Grants what a verification needs to a role of its own, and gives its URL."""
    db, name = users_db, "infill_reader"
    user = f"{name}@'127.0.0.1'" if db.engine == "mariadb" else name
    made = []

    def grant():
        db.script(f"DROP {'USER' if db.engine == 'mariadb' else 'ROLE'} IF EXISTS {user}", f"CREATE {'USER' if db.engine == 'mariadb' else 'ROLE'} {user}"
                  + ("" if db.engine == "mariadb" else " LOGIN"))
        made.append(user)
        if db.engine == "postgres":
            db.run(f"GRANT USAGE ON SCHEMA infill TO {user}")
        for table in (users.SOURCE, users.TARGET, *(db.ledger(table) for table in READ)):
            db.run(f"GRANT SELECT ON {table} TO {user}")
        for table in WRITTEN:
            db.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {db.ledger(table)} TO {user}")
        db.run(f"GRANT SELECT, INSERT ON {db.ledger('event')} TO {user}")
        db.run(f"GRANT UPDATE (run) ON {db.ledger('run')} TO {user}")  # to lock the row, under which passes and events are numbered
        return db.url.replace("postgres@", f"{name}@").replace("tester@", f"{name}@")
    yield grant
    for role in made:
        db.script(*([f"DROP USER {role}"] if db.engine == "mariadb" else [f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}"]))


@pytest.mark.engines("postgres", "mariadb")
def test_least_rights(users_db, planned, reader):
    """SELECT on both tables, and the ledger's rows of verifications: that is enough, and no more was granted."""
    db = users_db
    users.fill(db, range(1, 201))
    planned(db, users.entry()).run(settings=["range.rows=30"])
    infill = planned(db, users.entry(), url=reader(), file="reader.yaml")
    assert prove.verify(infill)["verdict"] == "match"
    db.run(f"UPDATE {users.TARGET} SET version = 7 WHERE id = 50")
    assert prove.verify(infill)["verdict"] == "differ" and len(prove.findings(db)) == 1
    assert infill.call("repair", "--dry-run", code=DIFFER)
    result = infill.call("repair", code=(1, 8))
    assert "denied" in result.err, result
    assert users.verdict(db).stale == [50]


@pytest.mark.engines("postgres", "mariadb")
@pytest.mark.parametrize("table", [users.SOURCE, users.TARGET, "verdict"])
def test_missing_rights_are_no_match(users_db, planned, reader, table):
    db = users_db
    users.fill(db, range(1, 31))
    planned(db, users.entry(), writes="none").run()
    url = reader()
    name = db.ledger(table) if table == "verdict" else table
    db.run(f"REVOKE SELECT ON {name} FROM infill_reader{'' if db.engine == 'postgres' else '@' + chr(39) + '127.0.0.1' + chr(39)}")
    result = planned(db, users.entry(), url=url, file="reader.yaml", writes="none").call("verify", code=(1, 2, 8))
    assert table in result.err, result
    assert prove.verdicts(db) == {}
