"""run --range N --again: a slice by hand, as a new attempt, and nothing else."""
import pytest

import faults
import users

pytestmark = pytest.mark.lanes

TENS = ["range.rows=10", "batch.rows=4"]


@pytest.fixture
def filled(users_db, planned):
    """Fifty rows in five ranges, all filled, and (infill, db)."""
    users.fill(users_db, range(1, 51))

    def make(**settings):
        infill = planned(users_db, users.entry(), **settings)
        infill.run(settings=TENS)
        return infill
    return users_db, make


def attempts(db):
    return [tuple(row) for row in db.query(f"SELECT range_no, attempt, state FROM {db.ledger('range')} ORDER BY range_no, attempt")]


@pytest.mark.parametrize("writes", ["none", "application"])
def test_one_range(filled, writes):
    db, make = filled
    infill = make(writes=writes)
    db.run(f"DELETE FROM {users.TARGET} WHERE id IN (12, 17, 33)")
    summary = infill.run("--json", "--range", "2", "--again", settings=TENS).json
    assert summary["state"] == "done" and summary["rows_moved_here"] == 10, summary
    assert users.verdict(db).missing == [33] or set(users.verdict(db).missing) == {33}
    assert attempts(db) == [(1, 1, "filled"), (2, 1, "filled"), (2, 2, "filled"), (3, 1, "filled"), (4, 1, "filled"), (5, 1, "filled")]
    infill.run("--range", "3..4", "--again", settings=TENS)
    assert users.verdict(db).is_clean() and len(attempts(db)) == 8
    infill.call("verify")
    infill.run(settings=TENS)
    assert len(attempts(db)) == 8


def test_beside_writers_it_is_settled_again(filled):
    """A row that was there keeps being kept, as the plan says; what is new is settled with the range."""
    db, make = filled
    infill = make()
    settled = f"SELECT range_no, settled_at FROM {db.ledger('range')} WHERE attempt = 1 ORDER BY range_no"
    before = dict(db.query(settled))
    db.run(f"UPDATE {users.TARGET} SET email_norm = 'other' WHERE id IN (14, 44)")
    db.run(f"DELETE FROM {users.TARGET} WHERE id = 15")
    summary = infill.run("--json", "--range", "2", "--again", settings=TENS).json
    after = dict(db.query(settled))
    assert set(users.verdict(db).stale) == {14, 44} and not users.verdict(db).missing
    assert [number for number in after if after[number] != before[number]] == [2] and after[2] > before[2]
    assert summary["findings_open"] == 1, summary


def test_refusals(filled, planned):
    db, make = filled
    infill = make(writes="none")
    before = attempts(db)
    assert "no range" in infill.run("--range", "6", "--again", code=1).text
    assert "number" in infill.run("--range", "0..2", "--again", code=2).text
    assert "number" in infill.run("--range", "3..2", "--again", code=2).text
    infill.run("--range", "2", code=2)
    infill.run("--again", code=2)
    assert attempts(db) == before
    assert infill.call("status", "--json").json["state"] == "done"


def test_not_before_it_is_filled(users_db, planned):
    users.fill(users_db, range(1, 201))
    infill = planned(users_db, users.entry(), writes="none")
    faults.begin(infill, users_db, settings=["range.rows=100"])
    before = attempts(users_db)
    assert "not filled" in infill.run("--range", "1", "--again", code=8).text
    assert attempts(users_db) == before
    infill.call("stop")
    assert "stopped" in infill.run("--range", "1", "--again", code=8).text


def test_a_part_stays_a_part(users_db, planned):
    users.fill(users_db, range(1, 51))
    infill = planned(users_db, users.entry(), writes="none")
    infill.run("--fill", "users", "--until", "30", settings=TENS)
    users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 5")
    infill.run("--fill", "users", "--range", "1", "--again", settings=TENS)
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 30
    infill.run(settings=TENS)
    assert users.verdict(users_db).is_clean()


def test_killed_and_resumed(filled):
    """What is left of it is an open range like any other."""
    db, make = filled
    infill = make(writes="none")
    db.run(f"DELETE FROM {users.TARGET} WHERE id BETWEEN 11 AND 20")
    process = infill.start("run", "--range", "2", "--again", settings=["batch.rows=1", "batch.rows_max=1", "workers=1", "pace.rows_per_second=5"])
    faults.wait_for(lambda: not process.is_running() or (2, 2, "open") in attempts(db), "the new attempt")
    process.kill()
    faults.settle(db)
    infill.run(settings=TENS)
    assert users.verdict(db).is_clean()
    assert attempts(db).count((2, 2, "filled")) == 1 and len(attempts(db)) == 6
