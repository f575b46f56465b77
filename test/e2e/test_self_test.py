"""infill verify tests itself: damage of every kind is planted and looked for. Builds with planted defects show that it can fail."""
import pytest

import users

FAILURE, DIFFER = 1, 4
DEFECTS = ["blind_hash", "xor_crc"]


@pytest.mark.parametrize("defect", DEFECTS)
def test_blind_build_gives_no_verdict(users_db, planned, mutant, defect):
    """Not even of data that match."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), path=mutant, environment={"INFILL_MUTANT": defect}, writes="none")
    infill.run()
    result = infill.call("verify", code=FAILURE)
    assert "does not see" in result.err and "prove nothing" in result.err and "--self-test" in result.err
    assert users_db.value(f"SELECT count(*) FROM {users_db.ledger('verdict')}") == 0
    assert infill.call("report", "--json").json["verdict"] is None
