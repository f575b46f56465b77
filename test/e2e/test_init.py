"""infill init: a plan from the live schemas that runs as it is."""
import pytest

import infill as binary
import users


@pytest.mark.lanes
def test_output_runs_unedited(db, planned, tmp_path):
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (id {{int}} NOT NULL PRIMARY KEY, email {{name}} NOT NULL, n {{int}})")
    db.insert("old", [(key, f"m{key}", key) for key in range(50)])
    text = binary.call("init", db.url, "--from", "old", "--into", "new").out
    assert "#" in text
    path = tmp_path / "init.yaml"
    path.write_text(text)
    binary.Infill(path).run("--profile", "dev")
    assert db.query("SELECT * FROM new ORDER BY id") == db.query("SELECT * FROM old ORDER BY id")


def test_different_columns_are_asked_about(users_db, tmp_path):
    """Columns that have no counterpart stand in the plan as questions; what is certain is filled in."""
    text = binary.call("init", users_db.url, "--from", users.SOURCE, "--into", users.TARGET).out
    plan = binary.yaml.safe_load(text)
    fill, = plan["fills"]
    assert "version" in text and "email_norm" in text and "full_name" in text
    assert fill["into"].endswith(users.TARGET) and "id" in fill.get("carry", []) + list(fill.get("columns", {}))


def test_password_does_not_go_into_the_plan(db):
    url = "postgresql://guarded:canary-secret@127.0.0.1:1/x"
    result = binary.call("init", url, "--from", "a", "--into", "b", code=None)
    assert result.code != 0 and "canary-secret" not in result.text


def test_unknown_table_names_the_nearest(users_db):
    result = binary.call("init", users_db.url, "--from", "user_legacy", "--into", users.TARGET, code=None)
    assert result.code != 0 and users.SOURCE in result.text, result
