"""What an operator sees: status while it runs, after a death, and --json for machines."""
import json
import subprocess

import pytest

import faults
import infill as binary
import users
from servers import wait_for

SLOW = ["batch.rows=5", "batch.rows_max=5", "range.rows=10000", "workers=2"]  # nobody is between two ranges when the test looks


def begun(db):
    return db.has_ledger() and db.value(f"SELECT coalesce(sum(seen), 0) FROM {db.ledger('range')}") > 0


@pytest.fixture
def running(users_db, planned):
    users.fill(users_db, range(1, 20001))
    infill = planned(users_db, users.entry(), pace={"rows_per_second": 1000})
    infill.process = infill.start("run", "--json", settings=SLOW)
    wait_for(lambda: begun(users_db) or not infill.process.is_running(), "the first batch")
    assert infill.process.is_running(), infill.process.result()
    return infill


@pytest.mark.lanes
def test_while_it_runs(users_db, running):
    status = running.status()
    assert status["state"] == "running" and status["plan"] == "test" and status["idle_since"] is None
    assert status["workers"] and all(worker["pid"] == running.process.pid and worker["alive"] for worker in status["workers"]), status["workers"]
    assert status["rows"]["seen"] > 0 and 0 <= status["percent"] < 100
    fill, = status["fills"]
    assert fill["fill"] == "users" and fill["ranges"] >= 1 and fill["state"] == "open"
    assert "users" in running.call("status").out


@pytest.mark.lanes
def test_after_a_death(users_db, running):
    """Says since when nobody works, and the next command."""
    running.process.kill()
    status = wait_for(lambda: (lambda s: s if not any(worker["alive"] for worker in s["workers"]) else None)(running.status()), "the death to show")
    assert status["state"] == "running" and status["idle_since"] is not None
    assert "infill run" in status["next"], status["next"]
    text = running.call("status").out
    assert "infill run" in text
    running.run(settings=["pace.rows_per_second=unlimited"])
    status = running.status()
    assert status["state"] == "done" and status["ended_at"] and not status["workers"] and status["percent"] == 100
    assert users.verdict(users_db).is_clean()


def test_status_writes_nothing(users_db, running):
    def everything():
        return [sorted(map(repr, users_db.query(f"SELECT * FROM {users_db.ledger(table)}"))) for table in sorted(users_db.ledger_tables())]

    running.process.kill()
    faults.settle(users_db)
    before = everything()
    running.status()
    assert everything() == before


def test_run_json_is_one_document_a_line(users_db, planned):
    users.fill(users_db, range(1, 501))
    result = planned(users_db, users.entry()).run("--json", settings=["batch.rows=20"])
    documents = result.documents
    assert documents and all(isinstance(document, dict) for document in documents)
    assert documents[-1]["state"] == "done" and documents[-1]["rows"]["written"] == 500


def test_data_on_stdout_the_rest_on_stderr(users_db, planned):
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry())
    result = infill.run("--json")
    for line in result.out.splitlines():
        json.loads(line)
    for command in ("status", "plan", "rejects"):
        assert json.loads(infill.call(command, "--json").out)


def test_not_a_terminal_no_escapes(users_db, planned):
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry())
    for result in (infill.call("plan"), infill.run(), infill.call("status")):
        assert "\x1b" not in result.text and "\r" not in result.text


def test_error_names_what_where_and_next(users_db, planned):
    users.fill(users_db, range(1, 11))
    users_db.run(f"DROP TABLE {users.TARGET}")
    result = planned(users_db, users.entry()).run(code=(1, 2, 8))
    assert users.TARGET in result.err, result


def test_unreachable_server_is_temporary(tmp_path):
    for url in ("postgresql://postgres@127.0.0.1:1/x", "mariadb://x@127.0.0.1:1/x"):
        path = binary.write_plan(tmp_path / "p.yaml", url, [users.entry()])
        result = binary.Infill(path).run(code=5, settings=["timeouts.connect=1s", "retry_max=1"])
        assert "127.0.0.1" in result.err, result
    result = binary.Infill(binary.write_plan(tmp_path / "p.yaml", f"sqlite:{tmp_path}/nosuch.db", [users.entry()])).run(code=5)
    assert "nosuch.db" in result.err and not (tmp_path / "nosuch.db").exists()


@pytest.mark.parametrize("arguments", [["explain", "LOCKED"], ["explain", "INFILL_ERR_ACCOUNT"], ["--version"], ["--help"], ["run", "--help"],
                                       ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"]])
def test_commands_without_a_plan(arguments):
    assert binary.call(*arguments).out.strip()


@pytest.mark.parametrize("arguments, word", [([], "run"), (["rnu"], "run"), (["run"], "PLAN"), (["run", "x.yaml", "--wrokers"], ""),
                                             (["explain", "NOSUCH"], "NOSUCH")])
def test_usage_errors(arguments, word):
    result = binary.call(*arguments, code=None)
    assert result.code in (1, 2) and word in result.text, result


def test_completion_is_valid_shell(tmp_path):
    script = tmp_path / "completion"
    script.write_text(binary.call("completion", "bash").out)
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
