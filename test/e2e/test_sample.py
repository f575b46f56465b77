"""infill verify --sample: which rows are chosen, what their SHA-256 comes to, and what that proves, against a second account in Python."""
import hashlib
import math

import pytest

import canonical
import users
from test_checks import DIFFER, MATCH, USAGE, filled, verify

LITTLE = {"confidence": "95%", "defect_rate": "1%"}  # 299 rows
MARGIN = 4 * math.sqrt(299) + 10


def sampled(infill, *arguments, code=MATCH):
    return verify(infill, "--sample", *arguments, code=code)


def digest(rows):
    """SHA-256 over the sorted pairs of SHA-256 of key and row, in canonical bytes."""
    def one(row):
        values = [canonical.exact(*value) for value in row]
        return hashlib.sha256(values[0]).digest() + hashlib.sha256(b"".join(values)).digest()
    return hashlib.sha256(b"".join(sorted(map(one, rows)))).hexdigest()


def canonical_rows(rows):
    """Key first, then the values in the order of the fill."""
    return [[("INT", key), ("TEXT", email.encode()), ("TEXT", display.encode()), ("INT", cents), ("INT", version)]
            for key, email, display, cents, version in rows]


def test_a_small_table_is_compared_whole(users_db, planned):
    infill = filled(users_db, planned, rows=500)
    document = sampled(infill)
    sample = document["sample"]
    assert (sample["rows"], sample["population"], sample["defects"], sample["upper_bound"]) == (500, 500, 0, 0)
    assert (sample["confidence"], sample["defect_rate"]) == (0.99, 0.0001)
    assert document["verdict"] == "match" and document["not_compared"] == []
    shown = document["fills"][0]["digest"]
    assert shown["target"] == digest(canonical_rows(users_db.query(f"SELECT * FROM {users.TARGET}")))
    assert shown["source"] == digest(canonical_rows(map(users.transform, users_db.query(f"SELECT * FROM {users.SOURCE}"))))
    assert "500 of 500 rows" in infill.call("verify", "--sample").out


@pytest.mark.parametrize("kind, counted", [("different", (1, 0, 0)), ("missing", (0, 1, 0)), ("extra", (0, 0, 1))])
def test_every_kind_of_defect_counts(users_db, planned, kind, counted):
    infill = filled(users_db, planned, rows=500)
    if kind == "different":
        users_db.run(f"UPDATE {users.TARGET} SET display = 'nobody' WHERE id = 77")
    elif kind == "missing":
        users_db.run(f"DELETE FROM {users.TARGET} WHERE id = 77")
    else:
        users_db.run(f"DELETE FROM {users.SOURCE} WHERE id = 77")
    document = sampled(infill, code=DIFFER)
    fill, sample = document["fills"][0], document["sample"]
    assert (fill["different"], fill["missing"], fill["extra"]) == counted
    assert sample["defects"] == 1 and 0 < sample["upper_bound"] < 0.02
    assert fill["digest"]["source"] != fill["digest"]["target"]
    assert document["next"].startswith("infill verify")
    assert infill.call("report", "--json").json["verdict"] == "differ"
    assert verify(infill, code=DIFFER)["findings"] == 1


def test_few_of_many(users_db, planned):
    """A defect in every twentieth row is seen, and the bound holds; one pass chooses other rows than the next."""
    infill = filled(users_db, planned, rows=5000, checks={"sample": LITTLE})
    documents = [sampled(infill), sampled(infill)]
    seeds = {document["sample"]["seed"] for document in documents}
    assert len(seeds) == 2 and len({document["fills"][0]["digest"]["source"] for document in documents}) == 2
    kept = dict(users_db.query(f"SELECT pass, seed FROM {users_db.ledger('pass')}"))
    assert seeds == {f"{kept[document['pass']]}.{document['pass']}" for document in documents}
    for document in documents:
        sample = document["sample"]
        assert sample["population"] == 5000 and 290 <= sample["rows"] <= 299 + 2 * MARGIN + 40
        assert 0 < sample["upper_bound"] <= 0.01 and sample["defects"] == 0
        assert [(one["what"], one["agreed"]) for one in document["not_compared"]] == [("rows outside of the sample", True)]
        assert document["fills"][0]["digest"]["source"] == document["fills"][0]["digest"]["target"]
    assert infill.call("report", "--json").json["sample"]["seed"] == documents[1]["sample"]["seed"]
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id % 20 = 0")
    document = sampled(infill, code=DIFFER)
    assert document["sample"]["upper_bound"] > 0.02 and document["sample"]["defects"] > 0
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents - 1 WHERE id % 20 = 0")
    assert sampled(infill)["verdict"] == "match"


def test_no_stratum_goes_unseen(users_db, planned):
    """One row in 5,000 has a status of its own, and it is wrong; chance alone would see it once in sixteen times."""
    users_db.insert(users.SOURCE, [users.row(key, version=9 if key == 2345 else key % 2) for key in range(1, 5001)])
    infill = planned(users_db, users.entry(), writes="none", checks={"sample": LITTLE, "distribution": ["version"]})
    infill.run(settings=["range.rows=1000", "batch.rows=500"])
    assert sampled(infill)["verdict"] == "match"
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 2345")
    for _ in range(3):
        assert sampled(infill, code=DIFFER)["sample"]["defects"] == 1


def test_in_place(users_db, planned):
    users.fill(users_db, range(1, 1001))
    users_db.run(f"ALTER TABLE {users.SOURCE} ADD COLUMN cents " + ("INTEGER" if users_db.engine == "sqlite" else "BIGINT"))
    fill = {"name": "cents", "table": users.SOURCE, "set": {"cents": "src.balance * 100"}}
    infill = planned(users_db, fill, writes="none", checks={"sample": LITTLE, "distribution": ["cents"]})
    infill.run(settings=["range.rows=250", "batch.rows=100"])
    document = sampled(infill)
    assert document["sample"]["population"] == 1000 and document["fills"][0]["digest"]["source"] == document["fills"][0]["digest"]["target"]
    users_db.run(f"UPDATE {users.SOURCE} SET cents = 1 WHERE id <= 500")
    assert sampled(infill, code=DIFFER)["sample"]["defects"] > 100


def test_rejects_are_no_defects(users_db, planned):
    users.fill(users_db, range(1, 101))
    users_db.run(f"UPDATE {users.SOURCE} SET balance = -5 WHERE id = 77")
    users_db.run(f"DROP TABLE {users.TARGET}")
    users_db.script(f"CREATE TABLE {users.TARGET} (id {{big}} NOT NULL PRIMARY KEY, email_norm {{name}} NOT NULL, display {{name}} NOT NULL, "
                    "cents {big} NOT NULL CHECK (cents <> -500), version {int} NOT NULL)")
    infill = planned(users_db, users.entry(), writes="none", guards={"reject": "100%"})
    infill.run(code=None)
    document = sampled(infill)
    assert document["sample"]["defects"] == 0 and document["sample"]["population"] == 100


def test_rows_of_others(users_db, planned):
    infill = filled(users_db, planned, rows=200, checks={"extra": False})
    users_db.run(f"DELETE FROM {users.SOURCE} WHERE id > 150")
    document = sampled(infill)
    assert document["sample"]["population"] == 150 and document["verdict"] == "match"


def test_what_does_not_go_together(users_db, planned):
    infill = filled(users_db, planned, rows=10)
    for more in (["--only", "counts"], ["--keys", "1..2"]):
        assert "do not go together" in infill.call("verify", "--sample", *more, code=USAGE).text
    assert sampled(infill, "--fill", "users", "--range", "1")["sample"]["population"] == 10


def test_a_table_that_shrank_is_not_proven(users_db, planned):
    infill = filled(users_db, planned, rows=5000, checks={"sample": LITTLE})
    for table in (users.SOURCE, users.TARGET):
        users_db.run(f"DELETE FROM {table} WHERE id > 1500")
    document = sampled(infill, code=1)
    assert any("the sample lacks" in one["what"] for one in document["not_compared"]) and document["sample"]["defects"] == 0
    assert document["sample"]["upper_bound"] > 0.01
