"""The independent judge: source and target compared key by key, with the transform computed in Python instead of SQL."""
import collections
import dataclasses
import json


@dataclasses.dataclass
class Verdict:
    rows: int = 0
    missing: list = dataclasses.field(default_factory=list)  # in the source, not in the target
    doubled: list = dataclasses.field(default_factory=list)  # more than once in the target
    stale: list = dataclasses.field(default_factory=list)    # in the target, with other values than the source gives now
    extra: list = dataclasses.field(default_factory=list)    # in the target only

    def is_clean(self):
        return not (self.missing or self.doubled or self.stale or self.extra)

    def __str__(self):
        parts = [f"{len(keys)} {name} (first: {sorted(keys)[:3]})" for name, keys in
                 (("missing", self.missing), ("doubled", self.doubled), ("stale", self.stale), ("extra", self.extra)) if keys]
        return f"{self.rows} rows: " + (", ".join(parts) or "all there exactly once and current")


def compare(source_rows, target_rows, transform, source_key=lambda row: row[0], target_key=lambda row: row[0]):
    """`transform` turns a source row into the target row it should have become, or None where none should be."""
    expected = {}
    for row in source_rows:
        wanted = transform(row)
        if wanted is not None:
            expected[source_key(row)] = tuple(wanted)
    verdict = Verdict(rows=len(expected))
    found = collections.defaultdict(list)
    for row in target_rows:
        found[target_key(row)].append(tuple(row))
    for key, wanted in expected.items():
        if key not in found:
            verdict.missing.append(key)
        elif any(row != wanted for row in found[key]):
            verdict.stale.append(key)
    verdict.doubled = [key for key, rows in found.items() if len(rows) > 1]
    verdict.extra = [key for key in found if key not in expected]
    return verdict


def ranges(db):
    """The ledger's ranges of integer keys, decoded: {lo, hi, cursor} as numbers or None, and the counters."""
    rows = db.dicts(f"SELECT * FROM {db.ledger('range')} ORDER BY fill, range_no, attempt")
    for row in rows:
        for bound in ("lo", "hi", "cursor_key" if "cursor_key" in row else "cursor"):
            row[bound.removesuffix("_key")] = decode(row[bound])
    return rows


def decode(key):
    """'["42"]' or '["i:42"]' -> 42"""
    if key is None:
        return None
    text, = json.loads(key)
    return int(text.removeprefix("i:"))


def ledger_faults(db, source, target, written_only=True):
    """Where ledger and rows disagree, as sentences; for one fill of integer keys without writers beside it, nothing rejected and every
    source row wanted. Holds at every moment at which no batch is in flight: rows up to the cursor are there, rows behind it are not,
    and every row was accounted for once."""
    faults = []
    end = None
    for row in ranges(db):
        name = f"range {row['range_no']} ({row['lo']}, {row['hi']}] at {row['cursor']}"
        if row["lo"] != end:
            faults.append(f"{name} does not begin at {end}: gap or overlap")
        end = row["hi"]
        done = row["cursor"] if row["cursor"] is not None else row["lo"]
        if row["state"] == "filled" and row["cursor"] != row["hi"]:
            faults.append(f"{name} is called filled")
        low = -2**63 if row["lo"] is None else row["lo"]
        done = low if done is None else done
        seen = db.value(f"SELECT count(*) FROM {source} WHERE id > %s AND id <= %s", [low, done])
        there = db.value(f"SELECT count(*) FROM {target} WHERE id > %s AND id <= %s", [low, done])
        early = db.value(f"SELECT count(*) FROM {target} WHERE id > %s AND id <= %s", [done, row["hi"]])
        if there != seen:
            faults.append(f"{name}: {there} of {seen} rows up to the cursor are there")
        if early:
            faults.append(f"{name}: {early} rows behind the cursor are there already")
        if row["seen"] != seen:
            faults.append(f"{name}: the ledger saw {row['seen']} rows, there are {seen}")
        if written_only and (row["written"] != there or row["same"] or row["kept"]):
            faults.append(f"{name}: the ledger wrote {row['written']}, same {row['same']}, kept {row['kept']}; {there} are there")
    beyond = db.value(f"SELECT count(*) FROM {target} WHERE id > %s", [-2**63 if end is None else end])
    if beyond:
        faults.append(f"{beyond} rows beyond the last range are there")
    return faults
