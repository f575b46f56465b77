"""A standby that can take only so many bytes a second: how far it falls behind, what infill makes of it, and how it comes back.

The lag is measured apart from infill: a heartbeat row is written on the primary ten times a second and read on the standby."""
import contextlib
import os
import signal
import socket
import threading
import time

import plot
import servers
from cases import into_fill

LAG_MAX, LAG_FOR, SAMPLE = 2.0, 5.0, 0.25  # seconds: the slow line, how long above it and one sampling period
RATE = 6000  # rows a second: more than the throttled standby can take, and few enough that the table lasts
STRETCHES = [("free", 20, None), ("throttled", 60, 300_000), ("free again", 40, None)]  # seconds, and bytes a second


class Throttle:
    """A TCP proxy to a port that hands on what comes from there at a given speed."""

    def __init__(self, port):
        self.port, self.bytes_a_second = port, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
                threading.Thread(target=self.pump, args=[client, server, False], daemon=True).start()
                threading.Thread(target=self.pump, args=[server, client, True], daemon=True).start()

    def pump(self, source, sink, slow):
        with contextlib.suppress(OSError):
            while data := source.recv(16384):
                if slow and self.bytes_a_second:
                    time.sleep(len(data) / self.bytes_a_second)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class SlowStandby(servers.Standby):
    def __init__(self, primary, throttle):
        super().__init__(primary)
        self.throttle = throttle

    def create(self):
        super().create()
        with open(self.path("data/postgresql.auto.conf"), "a") as file:  # the last one counts
            file.write(f"primary_conninfo = 'host=127.0.0.1 port={self.throttle.listener.getsockname()[1]} user=postgres'\n")


class SlowReplica(servers.MariaReplica):
    def __init__(self, primary, throttle, position):
        super().__init__(primary)
        self.throttle, self.position = throttle, position

    def start(self):
        servers.MariaDB.start(self)
        self.sql(f"SET GLOBAL gtid_slave_pos = '{self.position}'", "CREATE DATABASE bench")
        return self

    def follow(self):
        port = self.throttle.listener.getsockname()[1]
        self.sql(f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {port}, MASTER_USER = 'tester', MASTER_USE_GTID = slave_pos", "START SLAVE")


class Heartbeat:
    """Writes on the primary, reads on the standby; samples of (seconds since the start, lag, rows moved)."""

    def __init__(self, engine, replica, fill):
        self.engine, self.replica, self.fill, self.samples, self.ending = engine, replica, fill, [], False
        self.writer = threading.Thread(target=self.beat)
        self.begin = time.monotonic()
        self.writer.start()

    def connect(self, server):
        return server.connect(*(["bench"] if self.engine.engine == "mariadb" else []))

    def beat(self):
        with contextlib.closing(self.connect(self.engine.server)) as connection:
            while not self.ending:
                connection.cursor().execute("UPDATE heartbeat SET at = %s", [time.time()])
                time.sleep(0.1)

    def watch(self, seconds):
        with contextlib.closing(self.connect(self.replica)) as connection, contextlib.closing(self.connect(self.engine.server)) as primary:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                cursor = connection.cursor()
                cursor.execute("SELECT at FROM heartbeat")
                beat = float(cursor.fetchone()[0])
                behind = max(0.0, time.time() - beat - 0.1)
                cursor = primary.cursor()
                cursor.execute(f"SELECT coalesce(sum(seen), 0), coalesce(sum(batch_no), 0) FROM {self.engine.ledger('range')}")
                rows, batches = cursor.fetchone()
                if beat < 1:  # the first one has not arrived
                    time.sleep(0.1)
                    continue
                self.samples.append((time.monotonic() - self.begin, behind, int(rows), int(batches)))
                time.sleep(0.25)

    def end(self):
        self.ending = True
        self.writer.join()


def longest_above(samples, line):
    longest, since = 0.0, None
    for at, behind, *_ in samples:
        if behind > line:
            since = at if since is None else since
            longest = max(longest, at - since)
        else:
            since = None
    return longest


def swings(rates):
    """How often the rate turns round by more than a third of the most there was, in the last stretch: 1 is coming back."""
    most, turns, extreme, rising = max(rates, default=0), 0, rates[0] if rates else 0, True
    for rate in rates:
        if rising:
            extreme = max(extreme, rate)
            if rate < extreme - most / 3:
                turns, rising, extreme = turns + 1, False, rate
        else:
            extreme = min(extreme, rate)
            if rate > extreme + most / 3:
                turns, rising, extreme = turns + 1, True, rate
    return turns


def rates_of(samples, window=2.0):
    """Rows a second over the last two seconds, at each sample."""
    out, first = [], 0
    for n, (at, _, rows, _) in enumerate(samples):
        while samples[first][0] < at - window:
            first += 1
        passed = at - samples[first][0]
        out.append((rows - samples[first][2]) / passed if passed > 0 else 0.0)
    return out


def prepare(live, engine, throttle):
    engine.run("DROP TABLE IF EXISTS heartbeat")
    engine.run("CREATE TABLE heartbeat (at DOUBLE PRECISION)")
    engine.run("INSERT INTO heartbeat VALUES (0)")
    engine.reset("into")
    if engine.engine == "postgres":
        return SlowStandby(engine.server, throttle).start()
    engine.run("RESET MASTER")
    replica = SlowReplica(engine.server, throttle, "").start()
    dump = os.path.join(live.folder, "replica.sql")
    servers.subprocess.run(f"mariadb-dump --no-defaults -h127.0.0.1 -P{engine.server.port} -utester --single-transaction --no-data bench > {dump} && "
                           f"mariadb --no-defaults -h127.0.0.1 -P{replica.port} -utester bench < {dump}", shell=True, check=True)
    replica.sql("INSERT INTO bench.heartbeat VALUES (0)", "SET GLOBAL slave_exec_mode = 'IDEMPOTENT'")
    replica.follow()
    with contextlib.closing(engine.server.connect("bench")) as connection:  # the engine's own does not log
        connection.cursor().execute("UPDATE heartbeat SET at = 0.5")  # where nothing was ever logged there is no position to compare
    return replica


def measure(live, engine):
    from live import Fill
    throttle = Throttle(engine.server.port)
    replica = prepare(live, engine, throttle)
    url = engine.url.replace(str(engine.server.port), str(replica.port))
    stretches = [(name, 5 if live.options.quick else seconds, speed) for name, seconds, speed in STRETCHES]
    try:
        plan = live.plan(engine, "lag", into_fill(engine.engine), pace={"rows_per_second": RATE}, replicas=[url])
        fill = Fill(live, engine, plan)
        heart, marks = Heartbeat(engine, replica, fill), []
        for name, seconds, speed in stretches:
            throttle.bytes_a_second = speed
            marks.append((time.monotonic() - heart.begin, name))
            heart.watch(seconds)
        heart.end()
        fill.drain()
    finally:
        replica.remove()
    return summary(live, engine, heart.samples, marks)


def summary(live, engine, samples, marks):
    rates = rates_of(samples)
    last = marks[-1][0]
    middle = [sample for sample in samples if marks[1][0] <= sample[0] < last]
    path = os.path.join(live.options.plots, f"lag-{engine.engine}.svg") if live.options.plots else None
    if path:
        plot.save(path, f"{engine.engine}: a standby that is throttled", samples, rates, marks, LAG_MAX)
    return {"engine": engine.engine, "above": longest_above(samples, LAG_MAX + SAMPLE), "most": max(behind for _, behind, *_ in samples),
            "batches": middle[-1][3] - middle[0][3], "seconds": middle[-1][0] - middle[0][0],
            "rates": [sum(rate for rate, sample in zip(rates, samples) if begin <= sample[0] < end) / max(1, sum(1 for sample in samples if begin <= sample[0] < end))
                      for (begin, _), (end, _) in zip(marks, [*marks[1:], (1e9, "")])],
            "swings": swings([rate for rate, sample in zip(rates, samples) if sample[0] >= last])}


def lines(results):
    out = ["| engine | standby, throttled for a minute | longest above 2.25 s | highest lag, s | batches while throttled | rows/s before, throttled, after | turns of the rate afterwards |",
           "|---|---|---|---|---|---|---|"]
    for one in results:
        good = one["above"] <= LAG_FOR
        enough = one["batches"] * 60 >= one["seconds"]
        out.append(f"| {one['engine']} | | {one['above']:.1f} s, ≤ 5 s {'✓' if good else '✗'} | {one['most']:.1f} | {one['batches']} in {one['seconds']:.0f} s {'✓' if enough else '✗'} | "
                   f"{', '.join(f'{rate:,.0f}' for rate in one['rates'])} | {one['swings']} {'✓' if one['swings'] <= 2 else '✗'} |")
    return out
