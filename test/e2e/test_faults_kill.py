"""kill -9 at random moments: nothing is lost, doubled or stale, and the ledger never says more or less than the rows do."""
import pytest

import faults


@pytest.mark.parametrize("seed", [1])
def test_kill_beside_an_upserting_writer(make_db, planned, seed):
    assert not faults.killed(make_db, planned, faults.amount(200, 7000), seed, mode="upsert")


@pytest.mark.parametrize("seed", [2])
def test_kill_and_ledger_agrees_with_rows_after_each(make_db, planned, seed):
    assert not faults.killed(make_db, planned, faults.amount(100, 3000), seed)


@pytest.mark.engines("postgres-new", "pgbouncer")
def test_kill_in_other_lanes(make_db, planned):
    assert not faults.killed(make_db, planned, faults.amount(30, 1000), seed=3, mode="upsert")
