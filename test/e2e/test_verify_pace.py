"""How fast a verification reads, that it waits where it can be stopped, and that it goes on where it was."""
import os
import signal

import users
from servers import wait_for
from test_checks import DIFFER, MATCH, checks_of, facts, filled, verify

SLOW = ["verify.rows_per_second=100", "workers=1"]
NEVER = ["verify.rows_per_second=1", "workers=1"]  # 1,000 rows do not get there


def compared(db):
    return db.value(f"SELECT count(*) FROM {db.ledger('verdict')}")


def halfway(users_db, infill, *arguments):
    """A verification of 1,000 rows in four ranges that has compared one or two of them."""
    process = infill.start("verify", *arguments, settings=SLOW)
    wait_for(lambda: compared(users_db) > 0 or not process.is_running(), "the first range to be compared")
    return process


def test_it_reads_no_faster_than_it_may(users_db, planned):
    infill = filled(users_db, planned)
    result = infill.call("verify", "--json", settings=["verify.rows_per_second=500"])
    assert result.json["rows"]["source"] == 1000
    assert result.json["seconds"] > 1.5  # the first 500 rows are not saved up either
    wait_for(lambda: infill.call("verify", "--json").json["seconds"] < result.json["seconds"], "one without a limit to be faster")
    for wrong in ("0", "fast"):
        assert "verify.rows_per_second" in infill.call("verify", settings=[f"verify.rows_per_second={wrong}"], code=2).text


def test_it_says_why_it_waits(users_db, planned, tmp_path):
    flag = tmp_path / "pause"
    infill = filled(users_db, planned, pace={"pause_file": str(flag)})
    flag.write_text("")
    process = infill.start("verify", "--json")
    wait_for(lambda: "pause file" in process.result().text or not process.is_running(), "the pause file to be seen")
    assert process.is_running() and compared(users_db) == 0, process.result()
    os.unlink(flag)
    result = process.finish()
    assert result.code == MATCH and result.json["verdict"] == "match"
    process = infill.start("verify", "--json", settings=NEVER)
    wait_for(lambda: "verify.rows_per_second" in process.result().text or not process.is_running(), "the rate to be named")
    assert process.is_running(), process.result()


def test_a_measured_load_holds_it_back(users_db, planned, tmp_path):
    """Hours in which rows may move do not: it moves none."""
    flag = tmp_path / "load"
    flag.write_text("9")
    signals = {"load": {"kind": "command", "command": ["cat", str(flag)], "stop": 5, "every": "100ms"}}
    infill = filled(users_db, planned)
    infill = planned(users_db, users.entry(), writes="none", pace={"signals": signals, "only": "00:00-00:01 UTC"}, connections_max=9)
    process = infill.start("verify", "--json")
    wait_for(lambda: "load" in process.result().text or not process.is_running(), "the load to be named")
    assert process.is_running() and compared(users_db) == 0, process.result()
    flag.write_text("1")
    result = process.finish()
    assert result.code == MATCH and result.json["verdict"] == "match"


def test_a_signal_ends_the_wait(users_db, planned):
    """Not when the range is over: at such a rate that would take its time."""
    infill = filled(users_db, planned)
    process = infill.start("verify", "--json", settings=NEVER)
    wait_for(lambda: "verify.rows_per_second" in process.result().text or not process.is_running(), "the rate to be named")
    process.send(signal.SIGTERM)
    result = process.finish()
    assert result.code == 143 and not result.json["complete"], result


def test_a_killed_pass_goes_on(users_db, planned):
    """What another process compared is added up out of the ledger; only what nobody can know of the whole is not said."""
    infill = filled(users_db, planned, checks={"distribution": ["version"], "aggregates": {"sum": ["cents"], "extrema": ["id"]},
                                              "unique": [["email_norm"]]})
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 7 WHERE id = 3")
    whole = checks_of(verify(infill, "--restart", code=DIFFER))
    assert compared(users_db) > 0
    users_db.run(f"DELETE FROM {users_db.ledger('verdict')}")
    assert halfway(users_db, infill, "--restart").kill()
    assert 0 < compared(users_db) < 5
    document = verify(infill, code=DIFFER)
    checks = checks_of(document)
    assert document["rows"] == {"source": 1000, "target": 1000} and document["findings"] == 1
    assert checks["unique"]["verdict"] == "unverified" and "--restart" in checks["unique"]["reason"]
    for name in ("counts", "digest", "keys", "columns", "distribution"):
        assert checks[name] == whole[name], name
    sums = facts(checks["aggregates"])
    assert sums["sum of cents"] == facts(whole["aggregates"])["sum of cents"] and sums["sum of cents"][2] == "differ"
    assert sums["nulls of display"] == ("0", "0", "match")
    assert sums["min of id"] == ("", "", "match")
    assert checks_of(verify(infill, code=DIFFER)) == whole
