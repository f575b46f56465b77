"""Ten thousand differences of every kind, planted at random in tables with every kind of key: what infill finds is exactly what a
comparison in Python finds, by key, kind and columns, and repairing leaves nothing of it."""
import pytest

import damage
import faults
import prove

DIFFERENCES = 1000  # of each of the ten shapes


def disagreements(db, tables):
    wanted, got = tables.wanted(), prove.findings(db)
    return [f"{key}: is {wanted.get(key)}, was found as {got.get(key)}" for key in sorted(wanted.keys() | got.keys())
            if wanted.get(key) != got.get(key)]


def check(db, infill, tables):
    summary = prove.verify(infill)
    wanted = tables.wanted()
    wrong = disagreements(db, tables)
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
        infill.call("repair", "--delete-extra", code=(0, 1) if tables.shape.match else 0)
        assert tables.wanted() == {}
        assert check(db, infill, tables) == 0
