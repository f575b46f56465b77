"""infill verify tests itself: damage of every kind is planted and looked for. Builds with planted defects show that it can fail."""
import contextlib

import pytest

import servers
import users

FAILURE, DIFFER = 1, 4
DEFECTS = ["blind_hash", "xor_crc"]
KINDS = ["two values swapped between two rows", "NULL became the empty text", "0 became NULL", "the last bit of a floating-point number",
         "a blank at the end of a text", "a time seven hours later in an even number of rows", "a row three times: a duplicate pair",
         "the first row missing", "the last row missing", "an extra row among the others", "a text in another normal form of Unicode",
         "the case of a text, under a collation that ignores it where the engine has one", "a bit of a binary", "two columns swapped",
         "a microsecond", "a separator moved from one column to the next", "the last column of one row", "one cent more in an even number of rows",
         "keys off by one in an even number of rows", "the same bit of a binary in two rows"]
LAST_COLUMN = {"the last column of one row", "one word for another in all rows of a block", "another row's value in the column status"}


def self_test(infill, code=0):
    return infill.call("verify", "--self-test", "--json", code=code)


def unseen(document):
    return {kind["damage"] for kind in document["kinds"] if not kind["seen"]}


@pytest.mark.lanes
def test_every_kind_is_seen_and_nothing_is_left(users_db, planned):
    """Before the first run, so without a ledger; afterwards there still is none."""
    users.fill(users_db, range(1, 11))
    infill = planned(users_db, users.entry())
    before = users_db.catalog()
    document = self_test(infill).json
    assert document["verdict"] == "ok" and document["engine"] == users_db.engine
    assert document["seen"] == document["planted"] == len(document["kinds"]) >= 20
    assert not unseen(document) and {kind["damage"] for kind in document["kinds"]} >= set(KINDS)
    for kind in document["kinds"]:
        assert kind["named"] == kind["keys"] > 0 and "digest" in kind["by"] and set(kind["by"]) & {"keys", "columns"}, kind
    missed = [kind["damage"] for kind in document["kinds"] if not kind["seen_by_xor_crc"]]
    assert len(missed) == document["missed_by_xor_crc"] >= 5
    assert users_db.catalog() == before
    assert users_db.value(f"SELECT count(*) FROM {users.TARGET}") == 0


def test_one_line_a_kind(users_db, planned):
    infill = planned(users_db, users.entry())
    document, result = self_test(infill).json, infill.call("verify", "--self-test")
    assert f"{document['planted']} of {document['planted']} kinds" in result.out and not result.err
    for kind in document["kinds"]:
        lines = [line for line in result.out.splitlines() if line.strip().startswith(kind["damage"] + "  ")]
        assert len(lines) == 1 and " seen " in lines[0], kind
        assert ("misses it" in lines[0]) != kind["seen_by_xor_crc"]


def exclusive(db, connection):
    """Nobody else reads or writes the tables of the users."""
    if db.engine == "postgres":
        db.run("BEGIN", connection=connection)
        db.run(f"LOCK TABLE {users.SOURCE}, {users.TARGET} IN ACCESS EXCLUSIVE MODE", connection=connection)
    elif db.engine == "mariadb":
        db.run(f"LOCK TABLES {users.SOURCE} WRITE, {users.TARGET} WRITE", connection=connection)
    else:
        db.run("BEGIN IMMEDIATE", connection=connection)


def test_waits_for_nobody(users_db, planned):
    with contextlib.closing(users_db.connect()) as connection:
        exclusive(users_db, connection)
        assert self_test(planned(users_db, users.entry())).json["verdict"] == "ok"


@pytest.mark.engines("postgres")
def test_needs_temporary_tables_and_nothing_else_postgres(users_db, planned):
    users_db.script("DROP ROLE IF EXISTS infill_self", "CREATE ROLE infill_self LOGIN",
                    f"REVOKE ALL ON DATABASE {users_db.name} FROM PUBLIC", f"GRANT CONNECT ON DATABASE {users_db.name} TO infill_self")
    try:
        infill = planned(users_db, users.entry(), url=users_db.url.replace("postgres@", "infill_self@"))
        result = infill.call("verify", "--self-test", code=FAILURE)
        assert "GRANT TEMPORARY" in result.err and "nothing was done" in result.err and not result.out
        users_db.run(f"GRANT TEMPORARY ON DATABASE {users_db.name} TO infill_self")
        assert self_test(infill).json["verdict"] == "ok"
    finally:
        users_db.script("DROP OWNED BY infill_self CASCADE", "DROP ROLE infill_self")


@pytest.mark.engines("mariadb")
def test_needs_temporary_tables_and_nothing_else_mariadb(users_db, planned):
    users_db.script("DROP USER IF EXISTS infill_self", "CREATE USER infill_self", f"GRANT SHOW VIEW ON {users_db.name}.* TO infill_self")
    try:
        infill = planned(users_db, users.entry(), url=users_db.url.replace("tester@", "infill_self@"))
        result = infill.call("verify", "--self-test", code=FAILURE)
        assert "CREATE TEMPORARY TABLES" in result.err and "nothing was done" in result.err and not result.out
        users_db.run(f"GRANT CREATE TEMPORARY TABLES ON {users_db.name}.* TO infill_self")
        assert self_test(infill).json["verdict"] == "ok"
    finally:
        users_db.run("DROP USER infill_self")


@pytest.mark.engines("postgres")
def test_read_only_server_is_named(users_db, planned):
    users_db.run(f"ALTER DATABASE {users_db.name} SET default_transaction_read_only = on")
    result = planned(users_db, users.entry()).call("verify", "--self-test", code=5)
    assert "no temporary tables" in result.err and "primary" in result.err


@pytest.mark.engines("postgres", "pgbouncer")
def test_kill_leaves_nothing(users_db, planned):
    infill = planned(users_db, users.entry())
    before = users_db.catalog()

    def is_inside():
        return users_db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name LIKE 'infill verify%%' "
                              "AND backend_xid IS NOT NULL", [users_db.name]) > 0

    killed = False
    while not killed:  # it may have ended before it was seen inside of its transaction
        process = infill.start("verify", "--self-test")
        servers.wait_for(lambda: is_inside() or not process.is_running(), "the tables of the self-test")
        killed = process.kill()
    servers.wait_for(lambda: not is_inside(), "the end of the transaction")
    assert users_db.catalog() == before
    assert self_test(infill).json["verdict"] == "ok"


# ---- planted defects ----

@pytest.mark.parametrize("defect", DEFECTS)
def test_blind_build_gives_no_verdict(users_db, planned, mutant, defect):
    """Not even of data that match."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), path=mutant, environment={"INFILL_MUTANT": defect}, writes="none")
    infill.run()
    result = infill.call("verify", code=FAILURE)
    assert "does not see" in result.err and "prove nothing" in result.err and "--self-test" in result.err
    assert users_db.value(f"SELECT count(*) FROM {users_db.ledger('verdict')}") == 0
    assert infill.call("report", "--json").json["verdict"] is None


def test_self_test_names_what_a_blind_build_does_not_see(users_db, planned, mutant):
    infill = planned(users_db, users.entry(), path=mutant, environment={"INFILL_MUTANT": "blind_hash"})
    result = self_test(infill, code=FAILURE)
    assert result.json["verdict"] == "blind" and unseen(result.json) == LAST_COLUMN
    text = infill.call("verify", "--self-test", code=FAILURE)
    assert f"{len(LAST_COLUMN)} of {result.json['planted']} kinds of damage go unseen" in text.err and "prove nothing" in text.err
    assert text.out.count("UNSEEN") == len(LAST_COLUMN) and "self-test FAILED" in text.out


def test_usual_digest_misses_what_it_is_said_to_miss(users_db, planned, mutant):
    """A build that really works with XORs of CRC32s sees exactly what the sound one says that these would see."""
    sound = self_test(planned(users_db, users.entry(), file="sound.yaml")).json
    infill = planned(users_db, users.entry(), path=mutant, environment={"INFILL_MUTANT": "xor_crc"})
    document = self_test(infill, code=FAILURE).json
    assert document["verdict"] == "blind"
    seen = {kind["damage"] for kind in document["kinds"] if "digest" in kind["by"]}
    assert seen == {kind["damage"] for kind in sound["kinds"] if kind["seen_by_xor_crc"]}
    assert len(document["kinds"]) - len(seen) == sound["missed_by_xor_crc"] >= 5


def test_defect_that_only_the_database_shows(users_db, planned, mutant):
    """A second look that forgives everything is behind what every verification checks in memory: it names no damaged row. Only the digests
    of the first look keep it from calling that a match."""
    users.fill(users_db, range(1, 101))
    infill = planned(users_db, users.entry(), path=mutant, environment={"INFILL_MUTANT": "forgiving"}, writes="none")
    infill.run()
    users_db.run(f"UPDATE {users.TARGET} SET cents = cents + 1 WHERE id = 50")
    document = infill.call("verify", "--json", code=5).json
    assert document["verdict"] == "changed" and document["findings"] == 0
    document = self_test(infill, code=FAILURE).json
    assert document["verdict"] == "blind" and document["seen"] == 0
    assert planned(users_db, users.entry(), file="sound.yaml", writes="none").call("verify", "--restart", code=DIFFER)
