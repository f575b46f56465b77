"""The application of `./dev bench live`: 400 transactions a second of point reads and updates of the source, on a schedule that waits for nobody.
pgbench on PostgreSQL, oltp.c on MariaDB. Latency counts from the scheduled start, so what a stall delays is counted in full."""
import glob
import os
import statistics
import subprocess

import engines

RATE, CLIENTS = 400, 4


def quantile(values, part):
    """The smallest value that at least that part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]


class Latencies:
    """Milliseconds of each transaction, and when it ended (epoch, seconds)."""

    def __init__(self, pairs):
        self.at = [at for at, _ in pairs]
        self.ms = [ms for _, ms in pairs]

    def figures(self):
        return {"p50": statistics.median(self.ms), "p95": quantile(self.ms, 0.95), "p99": quantile(self.ms, 0.99), "max": max(self.ms), "count": len(self.ms)}


class Foreground:
    """One engine's. `start` begins, `finish` waits until its time is over and gives the latencies."""

    def __init__(self, engine, folder, max_id):
        self.engine, self.folder, self.max_id, self.rounds = engine, folder, max_id, 0
        if engine.engine == "mariadb":
            self.program = os.path.join(folder, "oltp")
            flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmariadb"], capture_output=True, text=True, check=True).stdout.split()
            subprocess.run(["cc", "-O2", "-o", self.program, os.path.join(engines.HERE, "oltp.c"), *flags, "-lm", "-lpthread"], check=True)

    def start(self, seconds):
        self.rounds += 1
        port = str(self.engine.server.port)
        if self.engine.engine == "mariadb":
            command = [self.program, "127.0.0.1", port, "tester", "bench", str(CLIENTS), str(RATE), str(seconds), str(self.max_id), str(self.rounds)]
        else:
            self.prefix = os.path.join(self.folder, f"pgbench-{self.rounds}")
            command = ["pgbench", "-n", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-f", os.path.join(engines.HERE, "oltp.sql"), "-D", f"max_id={self.max_id}",
                       "-c", str(CLIENTS), "-j", "2", "-R", str(RATE), "-T", str(seconds), "-M", "prepared", "-l", f"--log-prefix={self.prefix}",
                       f"--random-seed={self.rounds}", "postgres"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def finish(self):
        out, err = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(f"the foreground failed: {err[-2000:]}")
        return Latencies([self.mariadb_line(line) for line in out.splitlines()] if self.engine.engine == "mariadb" else self.pgbench_lines())

    @staticmethod
    def mariadb_line(line):
        at, took = line.split()
        return int(at) / 1e6, int(took) / 1e3

    def pgbench_lines(self):
        """client, transaction, latency in us (from the scheduled start), script, epoch seconds, us, lag behind the schedule"""
        pairs = []
        for path in glob.glob(self.prefix + ".*"):
            with open(path) as file:
                for line in file:
                    fields = line.split()
                    pairs.append((int(fields[4]) + int(fields[5]) / 1e6, int(fields[2]) / 1e3))
            os.remove(path)
        return pairs

    def run(self, seconds):
        return self.start(seconds).finish()
