"""infill set: settings of a run that is under way, on every host, through the ledger."""
import pytest

import users
from servers import wait_for
from test_pace import moved

SMALL = ["batch.rows=5", "batch.rows_max=5", "range.rows=500", "workers=2", "batch.target_time=1m"]


@pytest.fixture
def running(users_db, planned):
    """Two processes that would take twenty minutes."""
    users.fill(users_db, range(1, 6001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 5})
    infill.processes = [infill.start("run", "--json", settings=SMALL) for _ in range(2)]
    wait_for(lambda: moved(users_db) > 0 and all("rate limit: 5 rows/s" in process.result().text for process in infill.processes)
             or not infill.processes[0].is_running(), "both to be held back by the rate")
    return infill


def last(process):
    said = [document for document in process.result().documents if document.get("type") == "progress"]
    return said[-1] if said else {}


def test_rate_and_batches_change_in_mid_run(users_db, running):
    document = running.call("set", "pace.rows_per_second=unlimited", "batch.rows=700", "batch.rows_max=800", "--json").json
    assert {one["setting"]: (one["was"], one["now"]) for one in document["changed"]} == {
        "pace.rows_per_second": (5, "unlimited"), "batch.rows": (5, 700), "batch.rows_max": (5, 800)}
    for process in running.processes:
        assert process.finish().code == 0
    assert max(last(process).get("batch_rows") or 0 for process in running.processes) >= 500
    assert users.verdict(users_db).is_clean()
    status = running.status()
    assert status["set"] == {"pace.rows_per_second": "unlimited", "batch.rows": "700", "batch.rows_max": "800"}
    event, = [one for one in status["events"] if one["what"] == "set"]
    assert event["detail"] == status["set"]
    assert "pace.rows_per_second=unlimited" in running.call("status").out


def test_what_is_set_holds_for_those_that_come_later_and_can_be_taken_back(users_db, running):
    for process in running.processes:
        process.kill()
    running.call("set", "pace.rows_per_second=7")
    process = running.start("run", "--json", settings=SMALL)
    wait_for(lambda: "rate limit: 7 rows/s" in process.result().text or not process.is_running(), "the rate that was set")
    out = running.call("set", "pace.rows_per_second=plan").out
    assert "pace.rows_per_second: 5 (was 7)" in out, out
    wait_for(lambda: "rate limit: 5 rows/s" in process.result().text or not process.is_running(), "the rate of the plan")
    assert process.is_running(), process.result()
    assert running.status()["set"] == {}


@pytest.mark.parametrize("change, why", [("workers=3", "workers cannot change while a run is under way"), ("batch.rows=0", "batch.rows must be a whole number"),
                                         ("batch.row=5", "did you mean 'batch.rows'"), ("batch.rows", "write setting=value"),
                                         ("nonsense=plan", "no setting is named 'nonsense'"), ("workers=plan", "workers cannot change"),
                                         ("pace.rows_per_second=fast", "pace.rows_per_second must be")])
@pytest.mark.engines("sqlite")
def test_refused(users_db, running, change, why):
    result = running.call("set", "pace.rows_per_second=9", change, code=2)
    assert why in result.text and "nothing was changed" in result.text, result
    assert running.status()["set"] == {}


@pytest.mark.engines("sqlite")
def test_a_pair_that_does_not_go_together(users_db, running):
    assert "must not be more than" in running.call("set", "batch.rows=10", "batch.rows_max=9", code=2).text
    running.call("set", "pace.rows_per_second=50", "batch.rows=20")
    assert "must not be more than" in running.call("set", "batch.rows_max=9", code=2).text


@pytest.mark.engines("sqlite", "postgres")
def test_nothing_to_set(users_db, planned):
    infill = planned(users_db, users.entry())
    assert "was never run" in infill.call("set", "batch.rows=5", code=1).text
    users.fill(users_db, range(1, 11))
    infill.run()
    assert "the run is done" in infill.call("set", "batch.rows=5", code=2).text
    infill.call("set", code=2)
