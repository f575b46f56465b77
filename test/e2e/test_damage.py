"""Ten thousand differences of every kind, planted at random in tables with every kind of key: what infill finds is exactly what a
comparison in Python finds, by key, kind and columns, and repairing leaves nothing of it."""
import json

import pytest

import damage
import faults
import prove

DIFFERENCES = 1000  # of each of the ten shapes


def disagreements(wanted, got):
    return [f"{key}: is {wanted.get(key)}, was found as {got.get(key)}" for key in sorted(wanted.keys() | got.keys())
            if wanted.get(key) != got.get(key)]


def check(db, infill, tables):
    summary = prove.verify(infill)
    wanted = tables.wanted()
    wrong = disagreements(wanted, prove.findings(db))
    assert not wrong, f"{len(wrong)} of {len(wanted)} findings: " + "; ".join(wrong[:5])
    assert summary["verdict"] == ("differ" if wanted else "match") and summary["complete"] and summary["findings"] == len(wanted)
    kinds = [kind for kind, _ in wanted.values()]
    fill, = summary["fills"]
    assert [fill[kind] for kind in ("missing", "extra", "different")] == [kinds.count(kind) for kind in ("missing", "extra", "different")]
    return len(wanted)


@pytest.mark.parametrize("shape", damage.SHAPES)
def test_planted_differences(make_db, planned, shape):
    for seed in range(faults.amount(1, 20)):
        db = make_db()
        tables = damage.Tables(db, damage.SHAPES[shape], seed)
        infill = planned(db, tables.entry(), file=f"plan{seed}.yaml", **damage.SHAPES[shape].plan)
        infill.run(settings=damage.SETTINGS)
        assert check(db, infill, tables) == 0
        tables.plant(DIFFERENCES)
        assert check(db, infill, tables) > 0.9 * DIFFERENCES
        infill.call("repair", "--delete-extra")
        assert tables.wanted() == {}
        assert check(db, infill, tables) == 0


def between(db, tables, low, high):
    """The keys from `low` to `high`, in the order of the server, as the ledger spells them: of rows on either side."""
    names, marks = ", ".join(tables.walked()), ", ".join(["%s"] * len(low))
    return {prove.key_of(db, map(damage.plain, row)) for table in ("old", tables.target)
            for row in db.query(f"SELECT {names} FROM {table} WHERE ({names}) >= ({marks}) AND ({names}) <= ({marks})", [*low, *high])}


def typed(db, key):
    return json.dumps(prove.key_of(db, key), ensure_ascii=False)


@pytest.mark.parametrize("shape", [name for name, shape in damage.SHAPES.items() if not shape.match])
def test_keys_of_every_kind(db, planned, shape):
    """--keys: exactly the differences from the one to the other, both included."""
    tables = damage.Tables(db, damage.SHAPES[shape], 7, rows=300)
    infill = planned(db, tables.entry(), **damage.SHAPES[shape].plan)
    infill.run(settings=["range.rows=40"])
    tables.plant(120)
    wanted = tables.wanted()
    names = ", ".join(tables.walked())
    keys = [tuple(map(damage.plain, row)) for row in db.query(f"SELECT {names} FROM old ORDER BY {names}")]
    for low, high in ((0, 5), (60, 61), (30, 150), (33, 33), (200, -1), (0, -1)):
        db.run(f"DELETE FROM {db.ledger('finding')}")
        arguments = f"{typed(db, keys[low])}..{typed(db, keys[high])}"
        summary = prove.verify(infill, "--keys", arguments)
        inside = between(db, tables, keys[low], keys[high])
        expected = {key: what for key, what in wanted.items() if key in inside}
        wrong = disagreements(expected, prove.findings(db))
        assert not wrong, f"{arguments}: {wrong[:5]}"
        assert summary["verdict"] == ("differ" if expected else "match")


@pytest.mark.engines("postgres", "mariadb")
def test_ranges_of_a_day(db, planned):
    """--range 2026-03-05: the ranges that hold rows of that day, whole; what differs in others is not looked at."""
    tables = damage.Tables(db, damage.SHAPES["time"], 7)
    infill = planned(db, tables.entry(), **damage.SHAPES["time"].plan)
    infill.run(settings=damage.SETTINGS)
    tables.plant(600)
    wanted = tables.wanted()
    for prefix in ("2026-03-02", "2026-03-05", "2026-03"):
        db.run(f"DELETE FROM {db.ledger('finding')}")
        db.run(f"DELETE FROM {db.ledger('verdict')}")
        summary = prove.verify(infill, "--range", prefix)
        looked = prove.verdicts(db)
        bounds = {row["range_no"]: row for row in db.dicts(f"SELECT * FROM {db.ledger('range')}") if row["range_no"] in looked}
        found = prove.findings(db)
        of_day = {key: what for key, what in wanted.items() if key[0].startswith(prefix)}
        inside = {key for row in bounds.values() for key in wanted
                  if (row["lo"] is None or json.loads(row["lo"])[0] <= key[0]) and key[0] <= json.loads(row["hi"])[0]}
        assert {key: what for key, what in of_day.items() if key in inside} == {key: found[key] for key in of_day if key in inside}
        assert not disagreements({key: wanted.get(key) for key in found}, found) and summary["verdict"] == "differ"
        last = max(row["hi"] for row in bounds.values())
        assert all(key in found for key in of_day if key[0] < json.loads(last)[0]), prefix


SERIES = {"sqlite": "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {0}) INSERT INTO old SELECT i, i * 3 FROM s",
          "postgres": "INSERT INTO old SELECT i, i * 3 FROM generate_series(1, {0}) AS i",
          "mariadb": "INSERT INTO old SELECT seq, seq * 3 FROM seq_1_to_{0}"}


def test_pieces_of_a_large_range(db, planned):
    """A range of more rows than are matched in memory at a time: what lies at the seams, and rows in the place of gaps, is not passed over."""
    rows = 130_000
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (id {{int}} NOT NULL PRIMARY KEY, v {{int}} NOT NULL)")
    db.run(SERIES[db.engine].format(rows))
    infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "v"]}, writes="none")
    infill.run(settings=["range.rows=1000000", "batch.rows=50000", "batch.rows_max=50000", "workers=1"])
    assert db.value(f"SELECT count(*) FROM {db.ledger('range')}") == 1
    changed = [1, 99_999, 100_000, 100_001, 125_000, rows]
    missing = [2, 100_002, 110_000, rows - 1]
    gone = [3, 100_003, *range(120_000, 120_600)]
    db.run(f"UPDATE new SET v = v + 1 WHERE id IN ({', '.join(map(str, changed))})")
    db.run(f"DELETE FROM new WHERE id IN ({', '.join(map(str, missing))})")
    db.run(f"DELETE FROM old WHERE id IN ({', '.join(map(str, gone))})")
    db.insert("new", [(-1, 1), (0, 1), (rows + 1, 1)])
    expected = {(key,): {"id": key, "v": v} for key, v in db.query("SELECT * FROM old")}
    found = {(key,): {"id": key, "v": v} for key, v in db.query("SELECT * FROM new")}
    summary = prove.verify(infill)
    wrong = prove.disagreements(db, expected, found)
    assert not wrong, wrong[:5]
    assert summary["findings"] == len(changed) + len(missing) + len(gone) + 3
    infill.call("repair", "--delete-extra")
    assert db.query("SELECT count(*), sum(v) FROM new") == db.query("SELECT count(*), sum(v) FROM old")
    assert prove.verify(infill)["verdict"] == "match"
