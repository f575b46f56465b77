"""What a verification has to find, computed without infill: both sides are read through Python's drivers and compared value by value.

Equal is what docs/canonical.md calls exact: the same type, every bit of a float, every digit of a decimal, every byte of a text."""
import datetime
import decimal
import json
import struct

EXIT = {"match": 0, "differ": 4, "changed": 5, "unverified": 1}


def image(value):
    """A value as something that is equal only if the value is."""
    if isinstance(value, float):
        return "float", struct.pack(">d", value)
    if isinstance(value, decimal.Decimal):
        return "decimal", value.as_tuple()
    if isinstance(value, memoryview):
        return "bytes", bytes(value)
    return type(value).__name__, value


def compare(expected, found):
    """Both {key: {column: value}} -> {key: (kind, columns)}; the key is a tuple of column values."""
    out = {}
    for key in expected.keys() | found.keys():
        if key not in found:
            out[key] = "missing", frozenset()
        elif key not in expected:
            out[key] = "extra", frozenset()
        else:
            columns = frozenset(name for name in expected[key] if image(expected[key][name]) != image(found[key][name]))
            if columns:
                out[key] = "different", columns
    return out


def spelled(db, value):
    """A key column's value as the ledger spells it."""
    if isinstance(value, (bytes, memoryview)):
        text = bytes(value).hex()
        return f"b:{text}" if db.engine == "sqlite" else text.upper() if db.engine == "mariadb" else text
    if isinstance(value, datetime.datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S") if db.engine == "mariadb" or not value.microsecond else value.isoformat(" ")
        if db.engine == "mariadb":
            return f"{text}.{value.microsecond:06d}"
        if value.microsecond:
            text = text.rstrip("0")
        return f"{text}+00" if value.tzinfo else text
    if db.engine == "sqlite":
        return f"{ {int: 'i', float: 'r', str: 't'}[type(value)]}:{value}"
    return str(value)


def key_of(db, values):
    return tuple(spelled(db, value) for value in values)


def findings(db, fill=None):
    """The open ones of the ledger: {key as a tuple of texts: (kind, columns)}."""
    rows = db.dicts(f"SELECT * FROM {db.ledger('finding')} WHERE state = 'open'")
    out = {tuple(json.loads(row["key"])): (row["kind"], frozenset(json.loads(row["columns"] or "[]")))
           for row in rows if fill in (None, row["fill"])}
    assert len(out) == len([row for row in rows if fill in (None, row["fill"])]), "a key has two findings"
    return out


def disagreements(db, expected, found, fill=None):
    """Where the ledger's findings are not what the comparison finds, as sentences."""
    wanted = {key_of(db, key): what for key, what in compare(expected, found).items()}
    got = findings(db, fill)
    return [f"{key}: is {wanted.get(key)}, was found as {got.get(key)}" for key in sorted(wanted.keys() | got.keys())
            if wanted.get(key) != got.get(key)]


def verdicts(db, fill=None):
    """{range_no: verdict}"""
    rows = db.dicts(f"SELECT fill, range_no, verdict FROM {db.ledger('verdict')}")
    return {row["range_no"]: row["verdict"] for row in rows if fill in (None, row["fill"])}


def untiled(db, fill):
    """What keeps the ledger's verdicts from covering the whole key space of a filled fill, as sentences."""
    ranges = db.dicts(f"SELECT range_no, lo, hi FROM {db.ledger('range')} WHERE fill = %s AND attempt = 1 ORDER BY range_no", [fill])
    got = verdicts(db, fill)
    faults = [f"range {row['range_no']} has no verdict" for row in ranges if row["range_no"] not in got]
    faults += [f"range {below['range_no']} ends at {below['hi']}, the next begins at {above['lo']}" for below, above in zip(ranges, ranges[1:])
               if below["hi"] != above["lo"]]
    if ranges and ranges[0]["lo"] is not None:
        faults.append("the first range does not begin at the beginning")
    if 0 not in got:
        faults.append("what lies above the last range has no verdict")
    return faults


def by_key(rows, columns, key):
    """Rows as tuples -> {key: {column: value}}"""
    out = {}
    for row in rows:
        named = dict(zip(columns, row))
        found = tuple(named[name] for name in key)
        assert found not in out, f"{found} is there twice"
        out[found] = named
    return out


def verify(infill, *arguments, settings=(), code=None):
    """Runs it; the exit code has to be that of the verdict it gives. -> the summary"""
    result = infill.call("verify", "--json", *arguments, settings=settings, code=code)
    summary = result.json
    assert summary.get("type") == "summary", result
    assert result.code == EXIT[summary["verdict"]], result
    return summary
