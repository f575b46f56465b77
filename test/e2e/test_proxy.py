"""The fault proxy does what its tests later rely on: the COMMIT is in and its reply is not, or the COMMIT never arrived."""
import socket
import struct
import threading

import psycopg2
import pymysql
import pytest

import proxy
from servers import wait_for

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, pymysql.err.OperationalError, ConnectionError)


@pytest.fixture
def between(db):
    with proxy.FaultProxy(db.engine, db.server.port) as one:
        db.run("CREATE TABLE t (id int PRIMARY KEY)")
        yield one


def through(db, port):
    if db.engine == "postgres":
        return psycopg2.connect(host="127.0.0.1", port=port, user="postgres", dbname=db.name, sslmode="disable")
    return pymysql.connect(host="127.0.0.1", port=port, user="tester", database=db.name)


def insert_and_commit(db, port, key):
    connection = through(db, port)
    connection.cursor().execute("INSERT INTO t VALUES (%s)", [key])
    connection.commit()


@pytest.mark.engines("postgres", "mariadb")
def test_reply_of_every_second_commit_is_lost_but_committed(db, between):
    between.on_commit = lambda n: proxy.REPLY if n % 2 == 0 else None
    for key in range(1, 21):
        if key % 2:
            insert_and_commit(db, between.port, key)
        else:
            with pytest.raises(LOST):
                insert_and_commit(db, between.port, key)
    assert db.value("SELECT count(*) FROM t") == 20
    assert between.faults[proxy.REPLY] == 10


@pytest.mark.engines("postgres", "mariadb")
def test_dropped_commit_never_happened(db, between):
    between.on_commit = lambda n: proxy.DROP
    for key in range(5):
        with pytest.raises(LOST):
            insert_and_commit(db, between.port, key)
    assert db.value("SELECT count(*) FROM t") == 0
    assert between.commits == between.faults[proxy.DROP] == 5


@pytest.mark.engines("postgres", "mariadb")
def test_race_is_cut_at_once_and_the_server_decides(db, between):
    between.on_commit = lambda n: proxy.RACE
    with pytest.raises(LOST):
        insert_and_commit(db, between.port, 1)
    wait_for(lambda: db.value("SELECT count(*) FROM t") == 1, "the COMMIT to arrive")


@pytest.mark.engines("postgres", "mariadb")
def test_message_n_is_cut(db, between):
    between.on_message = lambda n: proxy.CUT if n == 3 else None
    with pytest.raises(LOST):
        connection = through(db, between.port)
        for _ in range(4):
            connection.cursor().execute("SELECT 1")
    assert between.faults[proxy.CUT] == 1


@pytest.mark.engines("postgres", "mariadb")
def test_freeze_holds_until_thaw(db, between):
    connection = through(db, between.port)
    between.on_commit = lambda n: proxy.FREEZE
    done = threading.Event()

    def work():
        connection.cursor().execute("INSERT INTO t VALUES (1)")
        connection.commit()
        done.set()
    threading.Thread(target=work, daemon=True).start()
    wait_for(lambda: between.faults[proxy.FREEZE], "the COMMIT to be frozen")
    assert db.value("SELECT count(*) FROM t") == 0 and not done.is_set()
    between.thaw()
    wait_for(done.is_set, "the thaw")
    assert db.value("SELECT count(*) FROM t") == 1


def pg_message(kind, payload):
    return kind + struct.pack("!I", 4 + len(payload)) + payload


def pg_statement(sql):
    """Parse, Bind, Execute of one statement, unnamed, as libpq's pipeline mode sends them."""
    return (pg_message(b"P", b"\0" + sql.encode() + b"\0\0\0") + pg_message(b"B", b"\0\0" + struct.pack("!HHH", 0, 0, 0))
            + pg_message(b"D", b"P\0") + pg_message(b"E", b"\0\0\0\0\0"))


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("fault, rows", [(proxy.REPLY, 2), (proxy.DROP, 0)])
def test_commit_inside_a_pipeline(db, between, fault, rows):
    between.on_commit = lambda n: fault
    with socket.create_connection(("127.0.0.1", between.port)) as s:
        options = b"user\0postgres\0database\0" + db.name.encode() + b"\0\0"
        s.sendall(struct.pack("!II", 8 + len(options), 3 << 16) + options)
        while b"Z\0\0\0\5I" not in s.recv(65536):
            pass
        statements = ["BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "COMMIT"]
        s.sendall(b"".join(map(pg_statement, statements)) + pg_message(b"S", b""))
        got = b""
        with pytest.raises(ConnectionError):
            while True:
                data = s.recv(65536)
                if not data:
                    raise ConnectionResetError
                got += data
    assert b"C\0\0\0\x0bCOMMIT\0" not in got
    wait_for(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1, "the session to end")
    assert db.value("SELECT count(*) FROM t") == rows
