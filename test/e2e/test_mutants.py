"""Two defects planted on purpose: a judge that misses them would be worth nothing. The binary is a build with -Dmutants=true."""
import pytest

import faults
import test_faults_zombie


def test_checkpoint_in_a_second_transaction_is_caught_within_100_kills(make_db, planned, mutant):
    found = faults.killed(make_db, planned, 100, seed=11, check=False, path=mutant, environment={"INFILL_MUTANT": "two_transactions"})
    assert found, "100 kills, and the oracle saw nothing"


def test_missing_fence_is_caught(make_db, planned, mutant):
    for number in range(20):
        if test_faults_zombie.sleep_through_a_stop(make_db, planned, number, path=mutant, environment={"INFILL_MUTANT": "no_fence"}):
            return
    pytest.fail("twenty sleepers without a fence, and none wrote anything")


def test_the_same_build_without_a_mutant_is_sound(make_db, planned, mutant):
    assert not faults.killed(make_db, planned, 20, seed=12, path=mutant)
