"""Every kind of key walks every row once: the transform is trivial, the order and the bounds are what is tested."""
import datetime
import random
import uuid

import pytest

SMALL = ["batch.rows=7", "batch.rows_max=7", "range.rows=20"]


def walk(db, planned, columns, rows, settings=SMALL, key=("id",), kinds=None, **plan):
    """Copies `rows` of a table with these column definitions and compares what arrived."""
    names = [definition.split()[0] for definition in columns]
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} ({', '.join(columns)}, n {{int}}, PRIMARY KEY ({', '.join(key)}))")
    rows = [(*row, number) for number, row in enumerate(rows)]
    random.Random(5).shuffle(rows)
    db.insert("old", rows)
    infill = planned(db, {"name": "walk", "from": "old", "into": "new", "carry": [*names, "n"]}, **plan)
    infill.run(settings=settings)
    everything = "SELECT * FROM {} ORDER BY n"
    assert db.query(everything.format("new")) == db.query(everything.format("old"))
    assert db.value("SELECT count(*) FROM new") == len(rows)
    assert db.value(f"SELECT sum(written) FROM {db.ledger('range')}") == len(rows)
    return infill


def batches(db):
    return db.value(f"SELECT sum(batch_no) FROM {db.ledger('range')}")


def test_negative_and_extreme(db, planned):
    walk(db, planned, ["id {big} NOT NULL"], [(key,) for key in [-2**63, -2**63 + 1, *range(-50, 50), 2**63 - 2, 2**63 - 1]])


@pytest.mark.engines("mariadb")
def test_unsigned_64_bit(db, planned):
    walk(db, planned, ["id bigint unsigned NOT NULL"], [(key,) for key in [0, 1, *range(2**63 - 20, 2**63 + 20), 2**64 - 1]])


@pytest.mark.lanes
def test_gap_of_ten_million_costs_no_batches(db, planned):
    keys = [*range(1, 71), *range(10_000_071, 10_000_141)]
    walk(db, planned, ["id {big} NOT NULL"], [(key,) for key in keys], settings=["batch.rows=10", "batch.rows_max=10", "range.rows=1000", "batch.target_time=1m"])
    assert batches(db) <= 14 + 2


def test_composite(db, planned):
    walk(db, planned, ["tenant {int} NOT NULL", "id {int} NOT NULL"], [(t, i) for t in (-1, 0, 1, 7) for i in range(25)], key=("tenant", "id"))


def test_composite_of_three_with_text(db, planned):
    rows = [(a, f"k{b}", c) for a in range(3) for b in range(4) for c in range(5)]
    walk(db, planned, ["a {int} NOT NULL", "b {name} NOT NULL", "c {int} NOT NULL"], rows, key=("a", "b", "c"))


@pytest.mark.lanes
@pytest.mark.engines("postgres", "mariadb", "postgres-new")
def test_time_and_id_by_day(db, planned):
    start = datetime.datetime(2024, 2, 28, 12, 0, 0)
    rows = [(start + datetime.timedelta(hours=5 * n, microseconds=n), n) for n in range(60)]
    rows += [(start + datetime.timedelta(days=400), 1000 + n) for n in range(5)]  # five in the same microsecond, after a year of nothing
    walk(db, planned, ["at {time} NOT NULL", "id {int} NOT NULL"], rows, key=("at", "id"), settings=["batch.rows=3", "batch.rows_max=3"],
         range={"every": "1 day"})
    days = {at.date() for at, _ in rows}
    assert db.value(f"SELECT count(*) FROM {db.ledger('range')}") == len(days)


@pytest.mark.engines("postgres", "postgres-new")
def test_time_with_time_zone_by_day(db, planned):
    start = datetime.datetime(2024, 3, 30, tzinfo=datetime.timezone.utc)
    walk(db, planned, ["at timestamptz NOT NULL", "id {int} NOT NULL"], [(start + datetime.timedelta(hours=n), n) for n in range(72)],
         key=("at", "id"), settings=["batch.rows=5"], range={"every": "1 day"})
    assert db.value(f"SELECT count(*) FROM {db.ledger('range')}") == 3


def test_time_first_and_the_key_is_unique_through_its_id(db, planned):
    """(created_at, id) as key: of a table whose primary key is id."""
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (id {{int}} NOT NULL PRIMARY KEY, at {{time}} NOT NULL)")
    db.run("CREATE INDEX old_by_time ON old (at, id)")
    db.insert("old", [(n, f"2024-01-0{1 + n % 5} 00:00:00") for n in range(1, 61)])
    planned(db, {"name": "f", "from": "old", "into": "new", "key": ["at", "id"], "match": ["id"], "carry": ["id", "at"]}).run(settings=SMALL)
    assert db.query("SELECT * FROM new ORDER BY id") == db.query("SELECT * FROM old ORDER BY id")


def test_uuid(db, planned):
    chance = random.Random(3)
    walk(db, planned, ["id {uuid} NOT NULL"], [(str(uuid.UUID(int=chance.getrandbits(128), version=4)),) for _ in range(60)])


WORDS = ["", " ", "a", "A", "b", "B", "Z", "z", "ä", "Ä", "é", "e", "ß", "ss", "zz", "Zürich", "zurich", "ø", "日本", "😀", "_", "%", "'", '"', "\\", "1",
         "10", "9", "a b", "a-b", "ab"]


@pytest.mark.engines("postgres", "postgres-new")
@pytest.mark.parametrize("collation", ["C", "en-x-icu", "de-x-icu", "POSIX", "unicode_ci"])
def test_text_postgres(db, planned, collation):
    if db.lane == "postgres-new" and not db.query("SELECT 1 FROM pg_collation WHERE collname = %s", [collation]) and collation != "unicode_ci":
        assert collation.endswith("icu")  # this build has no ICU: the collations that it has are tested
        return
    if collation == "unicode_ci":
        if not db.query("SELECT 1 FROM pg_collation WHERE collname = 'en-x-icu'"):
            return
        db.run("CREATE COLLATION unicode_ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    words = WORDS if collation != "unicode_ci" else [word for word in WORDS if word == word.lower()]
    walk(db, planned, [f'id text COLLATE "{collation}" NOT NULL'], [(word,) for word in words])


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("collation", ["utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_nopad_bin", "latin1_swedish_ci"])
def test_text_mariadb(db, planned, collation):
    charset = collation.split("_")[0]
    words = WORDS
    if collation.endswith("_ci"):
        seen, words = set(), []
        for word in WORDS:  # what the collation calls equal can be there once only
            if charset == "latin1" and not all(ord(c) < 256 for c in word):
                continue
            weight = db.value(f"SELECT hex(weight_string(convert(trim(trailing ' ' from %s) using {charset}) COLLATE {collation}))", [word])
            if weight not in seen:
                seen.add(weight)
                words.append(word)
    elif "nopad" not in collation:
        words = [word for word in WORDS if word != " "]  # PAD SPACE: equal to the empty one
    walk(db, planned, [f"id varchar(50) CHARACTER SET {charset} COLLATE {collation} NOT NULL"], [(word,) for word in words])


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("collation", ["BINARY", "NOCASE", "RTRIM"])
def test_text_sqlite(db, planned, collation):
    words = WORDS
    if collation == "NOCASE":
        words = [word for word in WORDS if not (word.isascii() and word != word.lower())]
    elif collation == "RTRIM":
        words = [word for word in WORDS if word != " "]
    walk(db, planned, [f"id TEXT COLLATE {collation} NOT NULL"], [(word,) for word in words])


def test_bytes(db, planned):
    keys = [b"", b"\0", b"\0\0", b"a", b"A", b"\xff", b"\xff\xff", b"\x80", b"'\\\"", *[bytes([n, 255 - n]) for n in range(40)]]
    walk(db, planned, ["id {bytes} NOT NULL"], [(key,) for key in keys])


@pytest.mark.engines("postgres", "mariadb")
def test_dates_decimals_and_small_types(db, planned):
    rows = [(datetime.date(2023, 12, 30) + datetime.timedelta(days=n // 10), n % 10) for n in range(60)]
    walk(db, planned, ["d date NOT NULL", "n2 smallint NOT NULL"], rows, key=("d", "n2"))


@pytest.mark.engines("postgres", "mariadb")
def test_decimal(db, planned):
    walk(db, planned, ["id decimal(20,3) NOT NULL"], [(f"{n - 20}.{n:03d}",) for n in range(40)])


@pytest.mark.engines("mariadb")
def test_enum_is_refused_because_it_orders_by_number(db, planned):
    for table in ("old", "new"):
        db.run(f"CREATE TABLE {table} (kind enum('z','m','a') NOT NULL, id int NOT NULL, PRIMARY KEY (kind, id))")
    db.insert("old", [("z", 1), ("a", 2)])
    result = planned(db, {"name": "walk", "from": "old", "into": "new", "carry": ["kind", "id"]}).run(code=8)
    assert "kind" in result.text and "ordered by number" in result.text
    assert db.query("SELECT * FROM new") == []


@pytest.mark.engines("postgres")
def test_enum_postgres(db, planned):
    db.run("CREATE TYPE kind AS ENUM ('z', 'm', 'a')")
    walk(db, planned, ["kind kind NOT NULL", "id int NOT NULL"], [(kind, n) for kind in "zma" for n in range(15)], key=("kind", "id"))


@pytest.mark.engines("sqlite")
def test_mixed_storage_classes(db, planned):
    """SQLite keeps whatever it is given: integers, reals, text and blobs in one key column, in that order."""
    keys = [*range(-3, 20), 0.5, 1.25, "1", "a", "Ä", b"1", b"\xff"]
    db.script("CREATE TABLE old (id NOT NULL PRIMARY KEY, n)", "CREATE TABLE new (id NOT NULL PRIMARY KEY, n)")
    db.insert("old", [(key, n) for n, key in enumerate(keys)])
    result = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id", "n"]}).run(settings=SMALL, code=(0, 8))
    if result.code == 0:
        assert db.query("SELECT typeof(id), id FROM new ORDER BY n") == db.query("SELECT typeof(id), id FROM old ORDER BY n")
    else:
        assert "real" in result.text or "floating" in result.text, result


@pytest.mark.parametrize("column, index, word", [
    ("k {int}", "UNIQUE (k)", "NULL"),
    ("k double precision NOT NULL", "UNIQUE (k)", "k"),
])
def test_refused_keys(db, planned, column, index, word):
    db.script(f"CREATE TABLE old ({column}, {index})", "CREATE TABLE new (k {big} NOT NULL PRIMARY KEY)")
    result = planned(db, {"name": "f", "from": "old", "into": "new", "key": ["k"], "carry": ["k"]}).run(code=(1, 2, 8))
    assert word in result.text and "k" in result.text, result
    assert not db.has_ledger() or db.value(f"SELECT count(*) FROM {db.ledger('range')}") == 0


@pytest.mark.engines("postgres", "sqlite")
def test_partial_and_expression_indexes_are_no_keys(db, planned):
    db.script("CREATE TABLE old (k {int} NOT NULL)", "CREATE UNIQUE INDEX part ON old (k) WHERE k > 0", "CREATE UNIQUE INDEX expr ON old ((k + 1))",
              "CREATE TABLE new (k {int} NOT NULL PRIMARY KEY)")
    result = planned(db, {"name": "f", "from": "old", "into": "new", "key": ["k"], "carry": ["k"]}).run(code=(1, 2, 8))
    assert "not unique" in result.text, result


@pytest.mark.engines("postgres")
def test_types_of_unknown_order_are_refused_by_name(db, planned):
    db.script("CREATE TABLE old (k inet PRIMARY KEY)", "CREATE TABLE new (k inet PRIMARY KEY)")
    result = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["k"]}).run(code=8)
    assert "inet" in result.text, result


@pytest.mark.engines("postgres")
def test_deferrable_is_no_key(db, planned):
    db.script("CREATE TABLE old (k int NOT NULL UNIQUE DEFERRABLE)", "CREATE TABLE new (k int PRIMARY KEY)")
    planned(db, {"name": "f", "from": "old", "into": "new", "key": ["k"], "carry": ["k"]}).run(code=(1, 2, 8))
