"""The servers of the bench, with everything durable as in production, their data, and how each is put back between two measurements."""
import contextlib
import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "test", "e2e"))

import servers  # noqa: E402

import cases  # noqa: E402

GAP = 10_000_000


def timed(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


class Postgres:
    """Also the source of the data: pg_gen.sql makes the rows, the others load its CSV."""
    engine = "postgres"

    def __init__(self, rows, _csv=None):
        self.server = servers.Postgres(durable=True, settings=["autovacuum=off", "checkpoint_timeout=1h", "max_wal_size=16GB"]).start()
        self.url = self.server.url("postgres")
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"rows={rows}", "-v", f"biggap={GAP}", "-f", os.path.join(HERE, "pg_gen.sql"), self.url],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = self.server.connect()

    def run(self, sql):
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return cursor

    def value(self, sql):
        return self.run(sql).fetchone()[0]

    def rows(self, sql):
        return self.run(sql).fetchall()

    @staticmethod
    def quoted(name):
        return f'"{name}"'

    def export(self, path):
        with open(path, "w") as file:
            self.connection.cursor().copy_expert("COPY (SELECT id, email, full_name, status, balance, legacy_data, created_at, updated_at "
                                                 "FROM users_legacy ORDER BY id) TO STDOUT (FORMAT csv, NULL '\\N')", file)

    def reset(self, kind):
        self.run("DROP SCHEMA IF EXISTS infill CASCADE")
        if kind == "into":
            self.run("TRUNCATE users_v2")
        else:
            self.run(f"DROP TABLE IF EXISTS {cases.PLACE}")
            self.run(f"CREATE TABLE {cases.PLACE} AS SELECT id, email, full_name, status, balance, legacy_data, created_at, updated_at, "
                     "NULL::bigint AS balance_cents FROM users_legacy ORDER BY id")
            self.run(f"ALTER TABLE {cases.PLACE} ADD PRIMARY KEY (id)")
            self.run(f"VACUUM ANALYZE {cases.PLACE}")
        self.run("CHECKPOINT")

    def plain(self, kind, _case):
        statement = cases.insert_statement(self.engine) if kind == "into" else cases.update_statement(self.engine)
        return timed(lambda: self.run(statement))

    def ledger(self, table):
        return f"infill.{table}"

    def close(self):
        self.server.remove()


class MariaDB(Postgres):
    engine = "mariadb"

    def __init__(self, rows, csv_path):
        self.server = servers.MariaDB(durable=True).start()
        self.server.make_database("bench")
        self.url = self.server.url("bench")
        self.connection = self.server.connect("bench", local_infile=True)
        with open(os.path.join(HERE, "my_schema.sql")) as file:
            for statement in file.read().split(";"):
                if statement.strip():
                    self.run(statement)
        self.run("SET GLOBAL local_infile = 1")
        self.run("SET SESSION sql_log_bin = 0")
        self.load("users_legacy", csv_path)
        self.csv_path = csv_path

    @staticmethod
    def quoted(name):
        return f"`{name}`"

    def load(self, table, path):
        self.run(f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' "
                 "ESCAPED BY '' (id, email, @name, status, balance, legacy_data, created_at, updated_at) "
                 "SET full_name = nullif(@name, '\\\\N')")
        self.run(f"ANALYZE TABLE {table}").fetchall()

    def reset(self, kind):
        self.run("SET SESSION foreign_key_checks = 0")
        for (table,) in self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'bench' AND table_name LIKE 'infill\\_%'"):
            self.run(f"DROP TABLE `{table}`")
        self.run("SET SESSION foreign_key_checks = 1")
        if kind == "into":
            self.run("TRUNCATE users_v2")
        else:
            self.run(f"DROP TABLE IF EXISTS {cases.PLACE}")
            self.run(f"CREATE TABLE {cases.PLACE} LIKE users_legacy")
            self.run(f"ALTER TABLE {cases.PLACE} ADD COLUMN balance_cents BIGINT NULL")
            self.run(f"INSERT INTO {cases.PLACE} SELECT *, NULL FROM users_legacy")
            self.run(f"ANALYZE TABLE {cases.PLACE}").fetchall()
        self.flush()

    def flush(self):
        """What a checkpoint is elsewhere: no dirty page is left for the next measurement to pay for."""
        self.run("SET GLOBAL innodb_io_capacity_max = 50000, GLOBAL innodb_io_capacity = 20000")  # the default's 3 MB/s would take minutes
        self.run("SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0, GLOBAL innodb_max_dirty_pages_pct = 0")
        servers.wait_for(lambda: int(self.run("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'").fetchone()[1]) < 100, "dirty pages to be written")
        self.run("SET GLOBAL innodb_max_dirty_pages_pct = 90")
        self.run("SET GLOBAL innodb_io_capacity = 200, GLOBAL innodb_io_capacity_max = 2000")
        self.run("PURGE BINARY LOGS BEFORE now()")

    def plain(self, kind, _case):
        with contextlib.closing(self.server.connect("bench")) as connection:  # with the binary log on, as the application has it
            cursor = connection.cursor()
            statement = cases.insert_statement(self.engine) if kind == "into" else cases.update_statement(self.engine)
            return timed(lambda: cursor.execute(statement))

    def ledger(self, table):
        return f"infill_{table}"


class Sqlite:
    engine = "sqlite"

    def __init__(self, rows, csv_path):
        self.directory = tempfile.mkdtemp(prefix="infill-bench-")
        self.base, self.path = os.path.join(self.directory, "base.db"), os.path.join(self.directory, "run.db")
        self.url = f"sqlite:{self.path}"
        database = sqlite3.connect(self.base)
        database.executescript(
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE users_legacy (id INTEGER PRIMARY KEY, email TEXT NOT NULL, full_name TEXT, status TEXT NOT NULL, balance NUMERIC NOT NULL,"
            " legacy_data TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
            "CREATE TABLE users_v2 (id INTEGER PRIMARY KEY, email_norm TEXT NOT NULL, first_name TEXT, last_name TEXT, balance_cents INTEGER NOT NULL,"
            " status_code INTEGER NOT NULL, country TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);")
        with open(csv_path, newline="") as file, database:
            database.executemany("INSERT INTO users_legacy VALUES (?, ?, nullif(?, '\\N'), ?, ?, ?, ?, ?)", csv.reader(file))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    def reset(self, _kind):
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path + suffix)
        shutil.copyfile(self.base, self.path)
        os.sync()

    def plain(self, _kind, case):
        database = sqlite3.connect(self.path, isolation_level=None)
        database.execute(f"PRAGMA synchronous = {'FULL' if 'FULL' in case.name else 'NORMAL'}")
        seconds = timed(lambda: database.execute(cases.insert_statement("sqlite")))
        database.close()
        return seconds

    def value(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            return database.execute(sql).fetchone()[0]

    def run(self, sql):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            database.execute(sql)

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            return database.execute(sql).fetchall()

    @staticmethod
    def quoted(name):
        return f'"{name}"'

    def ledger(self, table):
        return f"infill_{table}"

    def close(self):
        shutil.rmtree(self.directory)


ENGINES = {"postgres": Postgres, "mariadb": MariaDB, "sqlite": Sqlite}
