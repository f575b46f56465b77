"""The judge is judged first: it sees every kind of damage, and no damage where there is none."""
import pytest

import oracle
import users


@pytest.fixture
def filled(users_db):
    users.fill(users_db, users.keys(200))
    users_db.insert(users.TARGET, [users.transform(row) for row in users_db.query(f"SELECT * FROM {users.SOURCE}")])
    return users_db


def test_clean_is_clean(filled):
    verdict = users.verdict(filled)
    assert verdict.is_clean() and verdict.rows == 200, verdict


@pytest.mark.parametrize("damage, kind", [
    (f"DELETE FROM {users.TARGET} WHERE id = 100", "missing"),
    (f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 100", "stale"),
    (f"UPDATE {users.TARGET} SET display = concat(display, ' ') WHERE id = 100", "stale"),
    (f"UPDATE {users.SOURCE} SET version = version + 1 WHERE id = 100", "stale"),
    (f"DELETE FROM {users.SOURCE} WHERE id = 100", "extra"),
    (f"INSERT INTO {users.TARGET} SELECT -id, email_norm, display, cents, version FROM {users.TARGET} WHERE id = 100", "extra"),
])
def test_damage_is_seen(filled, damage, kind):
    if filled.engine == "sqlite":
        damage = damage.replace("concat(display, ' ')", "display || ' '")
    filled.run(damage)
    verdict = users.verdict(filled)
    assert len(getattr(verdict, kind)) == 1, verdict


def test_doubled_rows_are_seen(filled):
    filled.script("CREATE TABLE loose AS SELECT * FROM users_v2", "INSERT INTO loose SELECT * FROM users_v2 WHERE id < 50")
    rows = filled.query("SELECT * FROM loose")
    verdict = oracle.compare(filled.query(f"SELECT * FROM {users.SOURCE}"), rows, users.transform)
    assert len(verdict.doubled) == len(rows) - 200 > 0, verdict
