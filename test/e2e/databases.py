"""What the tests need of a database, the same for every engine: a fresh one per test, SQL, and the few words in which engines differ."""
import contextlib
import os
import sqlite3
import uuid

import psycopg2
import pymysql

TYPES = {  # what a test means -> how the engine spells it
    "sqlite": {"int": "INTEGER", "big": "INTEGER", "text": "TEXT", "name": "TEXT", "time": "TEXT", "bytes": "BLOB", "uuid": "TEXT",
               "json": "TEXT"},
    "postgres": {"int": "integer", "big": "bigint", "text": "text", "name": "varchar(100)", "time": "timestamp", "bytes": "bytea",
                 "uuid": "uuid", "json": "json"},
    "mariadb": {"int": "int", "big": "bigint", "text": "text", "name": "varchar(100)", "time": "datetime(6)", "bytes": "varbinary(64)",
                "uuid": "uuid", "json": "json"},
}


class Database:
    """One database of one test. SQL is written with {type} placeholders for the words of TYPES and %s for values."""
    engine = None  # sqlite | postgres | mariadb
    lane = None    # the engine, or how else it is reached: postgres-new, pgbouncer
    quote_mark = '"'
    server = None

    def __init__(self):
        self.connection = self.connect()

    def connect(self):
        """A new connection that commits every statement by itself."""
        raise NotImplementedError

    @property
    def url(self):
        raise NotImplementedError

    def quote(self, name):
        return self.quote_mark + name.replace(self.quote_mark, 2 * self.quote_mark) + self.quote_mark

    def ledger(self, table):
        return f"infill_{table}"

    def words(self, sql):
        for word, spelling in TYPES[self.engine].items():
            sql = sql.replace("{" + word + "}", spelling)
        return sql

    def run(self, sql, values=None, connection=None):
        cursor = (connection or self.connection).cursor()
        cursor.execute(self.words(sql), values)
        return cursor

    def query(self, sql, values=None, connection=None):
        return list(self.run(sql, values, connection).fetchall())

    def value(self, sql, values=None):
        return self.query(sql, values)[0][0]

    def script(self, *statements):
        for statement in statements:
            self.run(statement)

    def insert(self, table, rows):
        """Rows given as tuples, in one transaction."""
        rows = list(rows)
        for start in range(0, len(rows), 500):
            part = rows[start:start + 500]
            marks = "(" + ", ".join(["%s"] * len(part[0])) + ")"
            self.run(f"INSERT INTO {table} VALUES " + ", ".join([marks] * len(part)), [value for row in part for value in row])

    def dicts(self, sql, values=None):
        cursor = self.run(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]

    def has_ledger(self):
        return "event" in self.ledger_tables()  # the last one to be made

    def ledger_tables(self):
        raise NotImplementedError

    def catalog(self):
        """Everything the catalog says about tables, columns, indexes: equal before and after means that nothing was changed."""
        raise NotImplementedError

    def close(self):
        self.connection.close()


class Sqlite(Database):
    engine = lane = "sqlite"

    def __init__(self, directory, wal=True):
        self.path = os.path.join(directory, f"{uuid.uuid4().hex[:8]}.db")
        super().__init__()
        if wal:
            self.run("PRAGMA journal_mode = WAL")

    def connect(self):
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @property
    def url(self):
        return f"sqlite:{self.path}"

    def run(self, sql, values=None, connection=None):
        return (connection or self.connection).execute(self.words(sql).replace("%s", "?"), values or [])

    def ledger_tables(self):
        return [name[7:] for name, in self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'infill\\_%' ESCAPE '\\'")]

    def catalog(self):
        return self.query("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2, 3")


class Postgres(Database):
    engine = "postgres"

    def __init__(self, server, lane="postgres", through=None):
        self.server = server
        self.lane = lane
        self.through = through or server  # what infill connects to; the test itself always takes the direct way
        self.name = f"t{uuid.uuid4().hex[:12]}"
        server.make_database(self.name)
        super().__init__()

    def connect(self):
        return self.server.connect(self.name)

    @property
    def url(self):
        return self.through.url(self.name)

    def url_at(self, port):
        return f"postgresql://postgres@127.0.0.1:{port}/{self.name}"

    def ledger(self, table):
        return f"infill.{table}"

    def ledger_tables(self):
        return [name for name, in self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'infill'")]

    def catalog(self):
        return self.query("""
            SELECT n.nspname, c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod), c.reltuples, c.relfilenode
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1, 2, a.attnum""")

    def backends(self):
        """Sessions of infill on this database."""
        return [pid for pid, in self.query("SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() "
                                           "AND application_name LIKE 'infill%%'", [self.name])]

    def others(self):
        """Sessions on this database that are neither infill's nor the test's own connection."""
        return [pid for pid, in self.query("SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() "
                                           "AND application_name NOT LIKE 'infill%%'", [self.name])]

    def kill(self, pid):
        self.run("SELECT pg_terminate_backend(%s)", [pid])

    def close(self):
        super().close()
        with contextlib.closing(self.server.connect()) as connection:
            self.run(f"DROP DATABASE {self.name} WITH (FORCE)", connection=connection)


class MariaDB(Database):
    engine = lane = "mariadb"
    quote_mark = "`"

    def __init__(self, server):
        self.server = server
        self.name = f"t{uuid.uuid4().hex[:12]}"
        server.make_database(self.name)
        super().__init__()

    def connect(self):
        return self.server.connect(self.name)

    @property
    def url(self):
        return self.server.url(self.name)

    def url_at(self, port):
        return f"mariadb://tester@127.0.0.1:{port}/{self.name}"

    def ledger_tables(self):
        return [name[7:] for name, in self.query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
                                                 "AND table_name LIKE 'infill\\_%%'", [])]

    def catalog(self):
        return self.query("SELECT table_name, column_name, column_type, column_default, extra FROM information_schema.columns "
                          "WHERE table_schema = DATABASE() ORDER BY 1, ordinal_position")

    def backends(self):
        return [pid for pid, in self.query("SELECT id FROM information_schema.processlist WHERE db = %s AND user = 'tester'", [self.name])]

    def others(self):
        return [pid for pid, in self.query("SELECT id FROM information_schema.processlist WHERE db = %s AND user = 'root' "
                                           "AND id <> connection_id()", [self.name])]

    def kill(self, pid):
        try:
            self.run(f"KILL {pid}")
        except pymysql.Error as error:
            if error.args[0] != 1094:  # it is gone already
                raise

    def close(self):
        for pid, in self.query("SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id()", [self.name]):
            self.kill(pid)  # a transaction that a failed test left open would hold the tables
        self.run(f"DROP DATABASE {self.name}")
        super().close()


DUPLICATE = (sqlite3.IntegrityError, psycopg2.IntegrityError, pymysql.err.IntegrityError)
ERRORS = (sqlite3.Error, psycopg2.Error, pymysql.err.Error)
