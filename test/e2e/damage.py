"""Tables with every kind of key, and differences of every kind planted in them; what a verification then has to find, by Python alone."""
import dataclasses
import datetime
import decimal
import hashlib
import math
import random
import struct
import typing
import uuid

import prove

ROWS = 1900
SETTINGS = ["range.rows=190", "batch.rows=70", "batch.rows_max=70"]
START = datetime.datetime(2026, 3, 1, 12)

VALUES = {  # column -> its type, by engine where they differ
    "n": "{big}",
    "t": {"sqlite": "TEXT", "postgres": "varchar(100)", "mariadb": "varchar(100)"},
    "f": {"sqlite": "REAL", "postgres": "double precision", "mariadb": "double"},
    "d": {"sqlite": "NUMERIC", "postgres": "numeric(14,3)", "mariadb": "decimal(14,3)"},
    "at": "{time}",
    "b": "{bytes}",
}


def spelling(db, kind):
    return kind if isinstance(kind, str) else kind[db.engine]


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


# ---- shapes ----

@dataclasses.dataclass
class Shape:
    """old is filled into new, or in place: the columns x_n, x_t … of old from n, t …"""
    key: dict                                # column -> type
    at: typing.Callable                      # (db, number) -> values of the key
    matched: typing.Callable = None          # key values -> values of `match`, where they are not the same
    match: dict = None                       # column of the target -> type
    match_columns: dict = None               # column of the target -> expression
    where: str = None
    wanted: typing.Callable = lambda row: True
    in_place: bool = False
    carried: tuple = ()                      # columns of the key that are values in the target
    fill: dict = dataclasses.field(default_factory=dict)
    plan: dict = dataclasses.field(default_factory=dict)
    case: bool = False                       # the key is compared without regard to case
    engines: tuple = ("sqlite", "postgres", "mariadb")


CI = {"sqlite": "TEXT COLLATE NOCASE", "postgres": "varchar(60) COLLATE ci", "mariadb": "varchar(60) COLLATE utf8mb4_general_ci"}
UNSIGNED = {"sqlite": "INTEGER", "postgres": "numeric(20,0)", "mariadb": "bigint unsigned"}


def unsigned(db, number):
    if db.engine == "sqlite":
        return (2**63 - 1 - number * 2**48,)
    value = 2**64 - 1 - number * 2**50
    return (decimal.Decimal(value) if db.engine == "postgres" else value,)


def moment(db, number):
    at = START + datetime.timedelta(minutes=11 * (number // 3), microseconds=number % 2)
    return (at.isoformat(" ", "microseconds") if db.engine == "sqlite" else at, number)


def some_bytes(db, number):
    return (hashlib.sha256(b"%d" % number).digest()[:1 + number % 20] + struct.pack(">H", number),)


def by_seven(row):
    return row["n"] is not None and row["n"] % 7 != 0


SHAPES = {
    "integer": Shape({"id": "{big}"}, lambda db, i: ((i - ROWS // 2) * 3,)),
    "unsigned": Shape({"id": UNSIGNED}, unsigned, plan={"writes": "none"}),
    "composite": Shape({"tenant": "{int}", "code": "{name}", "id": "{big}"}, lambda db, i: (i % 5 - 2, f"c{i % 40}", i)),
    "time": Shape({"at0": "{time}", "id": "{int}"}, moment, plan={"range": {"every": "1 day"}, "writes": "none"}),
    "uuid": Shape({"id": "{uuid}"}, lambda db, i: (str(uuid.uuid5(uuid.NAMESPACE_DNS, str(i))),)),
    "text": Shape({"code": CI}, lambda db, i: (f"{'kK'[i % 2]}ey-{i * 7919 % 10007:05d}{'é' * (i % 3)}",), case=True, plan={"writes": "none"}),
    "bytes": Shape({"id": "{bytes}"}, some_bytes),
    "match": Shape({"id": "{int}", "code": "{name}"}, lambda db, i: (i, f"  Code {i * 7919 % 10007:05d} "), matched=lambda key: (key[1].strip(" ").lower(),),
                   match={"name": "{name}"}, match_columns={"name": "lower(trim(src.code))"}, carried=("id",), fill={"key": ["id"]}),
    "in place": Shape({"id": "{int}"}, lambda db, i: (i + 1,), in_place=True, plan={"writes": "none"}),
    "filtered": Shape({"id": "{int}"}, lambda db, i: (i + 1,), where="src.n IS NOT NULL AND src.n % 7 <> 0", wanted=by_seven),
}


# ---- values ----

def some_value(chance, db, column):
    if chance.random() < 0.1:
        return None
    if column == "n":
        return chance.choice([0, 1, -1, chance.randrange(-10**12, 10**12), chance.randrange(1000)])
    if column == "t":
        return chance.choice(["", "Ab", "naïve", "日本", " x", f"text {chance.randrange(10**6)}", "O'Brien\\"])
    if column == "f":
        return chance.choice([0.0, 1.0, 0.1, chance.random(), chance.uniform(-1e18, 1e18), 1e-300])
    if column == "d":
        number = decimal.Decimal(chance.randrange(-10**9, 10**9)).scaleb(-3)
        return float(number) if db.engine == "sqlite" else number
    if column == "at":
        at = START + datetime.timedelta(seconds=chance.randrange(10**8), microseconds=chance.choice([0, 500000, chance.randrange(10**6)]))
        return at.isoformat(" ", "microseconds") if db.engine == "sqlite" else at
    return chance.choice([b"", b"\0", chance.randbytes(12)])


def later(value, delta):
    if isinstance(value, str):
        return (datetime.datetime.fromisoformat(value) + delta).isoformat(" ", "microseconds")
    return value + delta


def flipped(value, chance):
    if not value:
        return b"\1"
    at = chance.randrange(len(value))
    return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1:]


CHANGES = {
    "n": [lambda v, c: v + 1, lambda v, c: -v - 1, lambda v, c: None, lambda v, c: v ^ 1],
    "t": [lambda v, c: v.swapcase(), lambda v, c: v + " ", lambda v, c: None, lambda v, c: "x" + v, lambda v, c: v.replace("ï", "i").replace("日", "曰")],
    "f": [lambda v, c: math.nextafter(v, math.inf), lambda v, c: math.nextafter(v, -math.inf), lambda v, c: -v - 1.0, lambda v, c: None],
    "d": [lambda v, c: v + (decimal.Decimal("0.001") if isinstance(v, decimal.Decimal) else 0.001), lambda v, c: -v + 1, lambda v, c: None],
    "at": [lambda v, c: later(v, datetime.timedelta(hours=7)), lambda v, c: later(v, datetime.timedelta(microseconds=1)), lambda v, c: None],
    "b": [flipped, lambda v, c: v + b"\0", lambda v, c: None],
}
NOTHING = {"n": 0, "t": "", "f": 0.0, "d": 0, "at": "1970-01-01 00:00:00", "b": b""}  # what is so easily taken for NULL


def changed(value, column, chance):
    return NOTHING[column] if value is None else chance.choice(CHANGES[column])(value, chance)


# ---- a shape in a database ----

class Tables:
    def __init__(self, db, shape, seed, rows=ROWS):
        self.db, self.shape, self.chance = db, shape, random.Random(seed)
        self.prefix = "x_" if shape.in_place else ""
        self.target = "old" if shape.in_place else "new"
        self.named = list((shape.match or shape.key))  # what names a row of the target
        self.numbers = [number for number in range(40, rows + 40) if number % 9 != 4]  # the rows; all others are free, at both ends too
        self.free = [number for number in range(rows + 80) if number not in set(self.numbers)]
        self.chance.shuffle(self.free)
        self.planted = 0
        self.create()

    def create(self):
        db, shape = self.db, self.shape
        if db.engine == "postgres" and shape.case:
            db.run("CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
        values = [f"{name} {spelling(db, kind)}" for name, kind in VALUES.items()]
        keys = [f"{name} {spelling(db, kind)} NOT NULL" for name, kind in shape.key.items()]
        added = [f"x_{value}" for value in values] if shape.in_place else []
        db.run(f"CREATE TABLE old ({', '.join([*keys, *values, *added])}, PRIMARY KEY ({', '.join(self.walked())}))")
        if not shape.in_place:
            named = [f"{name} {spelling(db, kind)} NOT NULL" for name, kind in (shape.match or shape.key).items()]
            carried = [f"{name} {spelling(db, shape.key[name])}" for name in shape.carried]
            db.run(f"CREATE TABLE new ({', '.join([*named, *carried, *values])}, PRIMARY KEY ({', '.join(self.named)}))")
        rows = [self.some_row(number) for number in self.numbers]
        self.chance.shuffle(rows)
        db.insert("old", [[*row.values(), *[None] * len(added)] for row in rows])

    def some_row(self, number):
        return {**dict(zip(self.shape.key, self.shape.at(self.db, number))), **{name: some_value(self.chance, self.db, name) for name in VALUES}}

    def entry(self):
        shape = self.shape
        columns = {f"{self.prefix}{name}": name for name in VALUES}
        columns[f"{self.prefix}n"] = "src.n + 1"
        if shape.in_place:
            return {"name": "f", "table": "old", "set": columns}
        columns.update(shape.match_columns or {name: name for name in shape.key})
        columns.update({name: name for name in shape.carried})
        fill = {"name": "f", "from": "old", "into": "new", "columns": columns, **shape.fill}
        if shape.match:
            fill.update(match=list(shape.match), omit=["code"])
        return {**fill, "where": shape.where} if shape.where else fill

    # ---- what is there ----

    def read(self, table):
        rows = self.db.dicts(f"SELECT * FROM {table}")
        return [{name: plain(value) for name, value in row.items()} for row in rows]

    def expected(self, row):
        """The values of a target row, by column."""
        values = {f"{self.prefix}{name}": row[name] for name in [*self.shape.carried, *VALUES]}
        values[f"{self.prefix}n"] = None if row["n"] is None else row["n"] + 1
        return values

    def walked(self):
        return self.shape.fill.get("key", list(self.shape.key))

    def sides(self):
        """What should be there and what is, by what names a target row; and the source key of each that should."""
        expected, found, keys = {}, {}, {}
        old = self.read("old")
        for row in old:
            if not self.shape.wanted(row):
                continue
            key = tuple(row[name] for name in self.shape.key)
            named = self.shape.matched(key) if self.shape.matched else key
            assert named not in expected
            expected[named], keys[named] = self.expected(row), tuple(row[name] for name in self.walked())
        names = [f"{self.prefix}{name}" for name in [*self.shape.carried, *VALUES]]
        for row in old if self.shape.in_place else self.read("new"):
            found[tuple(row[name] for name in self.named)] = {name: row[name] for name in names}
        return expected, found, keys

    def wanted(self):
        """The findings that there have to be, by key as the ledger spells it."""
        expected, found, keys = self.sides()
        out = {}
        for named, what in prove.compare(expected, found).items():
            key = prove.key_of(self.db, keys.get(named, named))
            assert key not in out
            out[key] = what
        return out

    # ---- planting ----

    def one(self, names):
        return " AND ".join(f"{name} = %s" for name in names)

    def put(self, table, names, key, values):
        sets = ", ".join(f"{name} = %s" for name in values)
        self.db.run(f"UPDATE {table} SET {sets} WHERE {self.one(names)}", [*values.values(), *key])

    def target_row(self, number):
        row = self.some_row(number)
        key = tuple(row[name] for name in self.shape.key)
        named = self.shape.matched(key) if self.shape.matched else key
        return {**dict(zip(self.named, named)), **{name: row[name] for name in [*self.shape.carried, *VALUES]}}

    def insert(self, table, row):
        self.db.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))

    def change(self, key, row, number_of_columns=1):
        columns = self.chance.sample(list(VALUES), number_of_columns)
        self.put(self.target, self.named, key, {f"{self.prefix}{name}": changed(row[f"{self.prefix}{name}"], name, self.chance) for name in columns})

    def swap(self, key, row, other):
        """Two rows exchange a value: sums and counts stay what they are."""
        name = self.prefix + self.chance.choice(list(VALUES))
        self.put(self.target, self.named, key, {name: other[1][name]})
        self.put(self.target, self.named, other[0], {name: row[name]})

    def source(self, key):
        name = self.chance.choice(list(VALUES))
        row, = self.db.dicts(f"SELECT {name} AS v FROM old WHERE {self.one(self.walked())}", key)
        self.put("old", self.walked(), key, {name: changed(plain(row["v"]), name, self.chance)})

    def rename(self, named):
        """The target row gets another name, one that differs in case only where that is the same to the server."""
        if self.shape.case:
            self.put("new", self.named, named, {self.named[0]: named[0].swapcase()})
        else:
            row = self.target_row(self.free.pop())
            self.put("new", self.named, named, {name: row[name] for name in self.named})

    def plant(self, differences):
        """Plants so many, each on rows of its own."""
        expected, found, keys = self.sides()
        rows = sorted(found.items(), key=lambda item: repr(item[0]))
        self.chance.shuffle(rows)
        kinds = ["change"] * 6 + ["more"] * 2 + ["swap", "source"]
        kinds += [] if self.shape.in_place else ["missing"] * 3 + ["gone"] * 2 + ["rename", "extra", "extra", "new"]
        self.db.run("BEGIN")
        while self.planted < differences:
            kind = self.chance.choice(kinds)
            if kind in ("rename", "extra", "new") and not self.free:
                continue
            key, row = rows.pop() if kind not in ("extra", "new") else (None, None)
            if kind == "change":
                self.change(key, row)
            elif kind == "more":
                self.change(key, row, self.chance.randrange(2, len(VALUES)))
            elif kind == "swap":
                self.swap(key, row, rows.pop())
            elif kind == "source":
                self.source(keys[key])
            elif kind == "missing":
                self.db.run(f"DELETE FROM new WHERE {self.one(self.named)}", key)
            elif kind == "gone":
                self.db.run(f"DELETE FROM old WHERE {self.one(self.walked())}", keys[key])
            elif kind == "rename":
                self.rename(key)
            elif kind == "extra":
                self.insert("new", self.target_row(self.free.pop()))
            else:
                self.insert("old", self.some_row(self.free.pop()))
            self.planted += 1
        self.db.run("COMMIT")
