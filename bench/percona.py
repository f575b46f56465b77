"""pt-table-checksum and pt-table-sync against infill verify and infill repair: a verbatim copy with damage in it, in one MariaDB.

Two kinds of damage: 100 rows changed one at a time all over the first half of the table, and pairs of neighbours in the other half whose
updated_at were swapped. The second kind is what CRC32 with XOR cannot see: both rows change by the same bits at the same place, and the changes
cancel out, unless something else makes the rows of the same chunk differ."""

import random

from measure import measured

PLAIN, CANCELLING = 100, 40
COLUMNS = ["id", "email", "full_name", "status", "balance", "legacy_data", "created_at", "updated_at"]
DIFFERS = " OR ".join(f"NOT (a.{column} <=> b.{column})" for column in COLUMNS)


def copied(bench, engine):
    fill = {"name": "copy", "from": "users_legacy", "into": "users_copy", "columns": {"id": "src.id"}, "carry": [c for c in COLUMNS if c != "id"]}
    engine.reset("into")
    engine.run("TRUNCATE users_copy")
    plan = bench.plan(engine, name="copy", fill=fill)
    bench.fill(engine, plan)
    engine.run("ANALYZE TABLE users_copy").fetchall()
    engine.flush()
    return plan


def plant(bench, engine):
    bench.scattered(0)
    half = len(bench.ids) // 2
    plain, cancelling = sorted(random.Random(22).sample(bench.ids[:half], PLAIN)), []
    for key in plain:
        engine.run(f"UPDATE users_copy SET balance = balance + 0.01 WHERE id = {key}")
    step = half // (CANCELLING // 2 + 1)
    for at in range(half + step, half + step * (CANCELLING // 2) + 1, step):
        pair = bench.ids[at:at + 2]
        one, two = (engine.value(f"SELECT updated_at FROM users_copy WHERE id = {key}") for key in pair)
        engine.run(f"UPDATE users_copy SET updated_at = '{two}' WHERE id = {pair[0]}")
        engine.run(f"UPDATE users_copy SET updated_at = '{one}' WHERE id = {pair[1]}")
        cancelling += pair
    return plain, cancelling


def damaged(engine):
    rows = engine.rows(f"SELECT a.id FROM users_legacy a JOIN users_copy b ON b.id = a.id WHERE {DIFFERS}")
    return {int(row[0]) for row in rows}


def theirs(engine):
    """Seconds to checksum one side, seconds to find and repair. Both tables are in one server: a replica would cost more, not less."""
    dsn = f"h=127.0.0.1,P={engine.server.port},u=tester,D=bench"
    checksum = measured(engine, ["pt-table-checksum", f"h=127.0.0.1,P={engine.server.port},u=tester", "--tables", "bench.users_legacy", "--no-check-replication-filters",
                                 "--no-check-binlog-format", "--recursion-method", "none", "--no-version-check"])
    sync = measured(engine, ["pt-table-sync", "--execute", "--no-check-triggers", "--no-version-check", f"{dsn},t=users_legacy", f"{dsn},t=users_copy"], codes=(0, 2))
    return checksum.seconds, sync.seconds


def compare(bench, engine):
    plan = copied(bench, engine)
    plain, cancelling = plant(bench, engine)
    assert damaged(engine) == set(plain) | set(cancelling)
    result = {"engine": engine.engine, "plain": len(plain), "cancelling": len(cancelling)}
    try:
        result["checksum"], result["theirs"] = theirs(engine)
    except (RuntimeError, FileNotFoundError) as error:
        return {"engine": engine.engine, "missing": str(error).strip().splitlines()[-1][:200]}
    left = damaged(engine)
    result["theirs_plain"], result["theirs_cancelling"] = len(set(plain) - left), len(set(cancelling) - left)
    for key in set(plain) - left:
        engine.run(f"UPDATE users_copy SET balance = balance + 0.01 WHERE id = {key}")
    for key in set(cancelling) - left:
        engine.run(f"UPDATE users_copy SET updated_at = updated_at + INTERVAL 1 SECOND WHERE id = {key}")
    engine.flush()
    verify = bench.infill(engine, "verify", plan, codes=(4,), workers=2)
    found, _ = bench.findings(engine)
    repair = bench.infill(engine, "repair", plan, workers=2)
    left = damaged(engine)
    result.update(ours_verify=verify.seconds, ours_repair=repair.seconds, ours=verify.seconds + repair.seconds,
                  ours_plain=len({key for key in plain if str(key) in found} - left),
                  ours_cancelling=len({key for key in cancelling if str(key) in found} - left))
    bench.say("p")
    return result
