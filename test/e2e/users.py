"""The table most tests fill: users_legacy into users_v2, with a transform that every engine spells and Python computes."""
import random

import oracle

SOURCE = "users_legacy"
TARGET = "users_v2"
FIRST = ["Anna", "Bruno", "Chloé", "Dmitri", "Elif", "José"]
LAST = ["Smith", "Nguyen", "García", "Yılmaz", "O'Brien", "Müller"]

COLUMNS = {"id": "id", "email_norm": "lower(trim(src.email))", "display": "coalesce(src.full_name, '?')", "cents": "src.balance * 100 + src.version",
           "version": "version"}


def create(db):
    db.script(f"CREATE TABLE {SOURCE} (id {{big}} NOT NULL PRIMARY KEY, email {{name}} NOT NULL, full_name {{name}}, balance {{int}} NOT NULL, "
              "version {int} NOT NULL)",
              f"CREATE TABLE {TARGET} (id {{big}} NOT NULL PRIMARY KEY, email_norm {{name}} NOT NULL, display {{name}} NOT NULL, "
              "cents {big} NOT NULL, version {int} NOT NULL)")


def row(key, version=0):
    pick = random.Random(key)
    first, last = pick.choice(FIRST), pick.choice(LAST)
    name = None if key % 17 == 0 else f"{first} {last}"
    return key, f"{'  ' if key % 10 == 0 else ''}Mail.{key}@Example.COM", name, pick.randrange(-1000, 100000), version


def fill(db, keys):
    db.insert(SOURCE, [row(key) for key in keys])
    if db.engine == "postgres":
        db.run(f"ANALYZE {SOURCE}")
    elif db.engine == "mariadb":  # the server counts beside the inserts, and may lose some
        db.query(f"ANALYZE TABLE {SOURCE}")


def keys(count, gap=0.03, seed=1):
    """`count` growing keys with gaps, as deletes leave them."""
    chance = random.Random(seed)
    key, out = 0, []
    while len(out) < count:
        key += 1
        if chance.random() >= gap:
            out.append(key)
    return out


def transform(source):
    key, email, full_name, balance, version = source
    return key, email.strip(" ").lower(), full_name if full_name is not None else "?", balance * 100 + version, version


def verdict(db):
    return oracle.compare(db.query(f"SELECT * FROM {SOURCE}"), db.query(f"SELECT * FROM {TARGET}"), transform)


def entry(**changes):
    """The fill of a plan."""
    return {"name": "users", "from": SOURCE, "into": TARGET, "columns": dict(COLUMNS), "omit": ["email", "full_name", "balance"], **changes}


NAMES = list(COLUMNS)


def sides(db, target=TARGET):
    """What should be there and what is, by key: see prove.compare()."""
    expected = {(row[0],): dict(zip(NAMES, transform(row))) for row in db.query(f"SELECT * FROM {SOURCE}")}
    found = {(row[0],): dict(zip(NAMES, row)) for row in db.query(f"SELECT {', '.join(NAMES)} FROM {target}")}
    return expected, found
