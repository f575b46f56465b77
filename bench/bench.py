#!/usr/bin/python3
"""How fast a fill is, against the plain statement measured in the same minute on the same machine; a verification, against only reading; and
what the application feels meanwhile.

    bench.py fill|verify|live [--rows 2000000] [--engine postgres|mariadb|sqlite …] [--repeat 3] [--quick] [--bin PATH] [--json FILE] [--no-others]

verify is in verify.py, live in live.py. Of fill: each round empties the target, forces a checkpoint, runs the plain statement, then does the same for every case: rounds are interleaved, so
that a machine that drifts drifts for all. Medians are printed, and the ratio to the plain statement's median. Beside it: pt-archiver,
pt-online-schema-change and the usual script, resident memory, the time from start to the end of a first batch, and what a gap costs."""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import engines
import live
import verify
from cases import CASES, PLACE, into_fill, place_fill, rows as batch_of
from measure import measured

import infill  # noqa: E402  (test/e2e, by engines)

MEMORY_MAX_KIB = 40 * 1024
FIRST_BATCH_MAX = 0.3


class Bench:
    def __init__(self, options):
        self.options = options
        self.bin = options.bin or infill.binary()
        self.folder = tempfile.mkdtemp(prefix="infill-bench-")
        self.csv = os.path.join(self.folder, "users.csv")
        os.chmod(self.folder, 0o755)
        self.results = {"rows": options.rows, "repeat": options.repeat, "machine": platform.platform(), "cores": os.cpu_count(),
                        "version": subprocess.run([self.bin, "--version"], capture_output=True, text=True).stdout.splitlines()[0], "cases": [], "others": [], "facts": []}
        self.memory_kib = 0

    def infill(self, engine, kind, settings, profile="dev"):
        """One run of infill: seconds, start and end of the process included."""
        fill = into_fill(engine.engine) if kind == "into" else place_fill(engine.engine)
        plan = infill.write_plan(os.path.join(self.folder, "plan.yaml"), engine.url, [fill], name="bench", profile=profile, writes="none")
        sets = [word for setting in settings for word in ("--set", setting)]
        done = measured(engine, [self.bin, "run", plan, *sets])
        self.memory_kib = max(self.memory_kib, done.peak_kib)
        return done.seconds

    def check(self, engine, kind):
        """A measurement of a fill that did not fill would be worth nothing."""
        count = engine.value("SELECT count(*) FROM users_v2" if kind == "into" else f"SELECT count(balance_cents) FROM {PLACE}")
        if count != self.options.rows:
            raise RuntimeError(f"{engine.engine}: {count} rows of {self.options.rows}")

    def measure(self, engine, kind, cases):
        plain, filled = {}, {case.name: [] for case in cases}
        for _ in range(self.options.repeat):
            for case in cases:
                base = "FULL" if "FULL" in case.name else ""  # SQLite's plain statement has the same durability as its case
                if len(plain.setdefault(base, [])) <= len(filled[case.name]):
                    engine.reset(kind)
                    plain[base].append(engine.plain(kind, case))
                    self.check(engine, kind)
                engine.reset(kind)
                filled[case.name].append(self.infill(engine, kind, case.settings, case.profile))
                self.check(engine, kind)
                self.say(".")
        for case in cases:
            against = [self.options.rows / seconds for seconds in plain["FULL" if "FULL" in case.name else ""]]
            reached = [self.options.rows / seconds for seconds in filled[case.name]]
            self.results["cases"].append({"engine": engine.engine, "case": case.name, "plain": against, "infill": reached, "target": case.target,
                                          "ratio": statistics.median(reached) / statistics.median(against)})

    @staticmethod
    def say(text):
        print(text, end="", file=sys.stderr, flush=True)

    # ---- what others reach ----

    def other(self, engine, name, rows, command, environment=None):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
        seconds = time.perf_counter() - begin
        if done.returncode != 0:
            self.results["others"].append({"engine": engine.engine, "name": name, "missing": (done.stderr or done.stdout).strip().splitlines()[-1][:200]})
        else:
            self.results["others"].append({"engine": engine.engine, "name": name, "rows_per_second": (rows(done) if callable(rows) else rows) / seconds})

    def percona(self, engine):
        dsn = f"h=127.0.0.1,P={engine.server.port},u=tester,D=bench"
        part = min(self.options.rows, 200_000)
        engine.run("TRUNCATE users_copy")
        self.other(engine, "pt-archiver, bulk, 1,000 rows", part, ["pt-archiver", "--source", f"{dsn},t=users_legacy", "--dest", f"{dsn},t=users_copy", "--where", f"id <= {self.key_of(engine, part)}",
                   "--bulk-insert", "--limit", "1000", "--commit-each", "--no-delete", "--no-check-charset"])
        engine.reset("place")
        self.other(engine, "pt-online-schema-change", self.options.rows, ["pt-online-schema-change", f"{dsn},t={PLACE}", "--alter", "ADD COLUMN more BIGINT", "--execute", "--no-check-replication-filters",
                   "--recursion-method", "none"])

    @staticmethod
    def key_of(engine, rows):
        return engine.value(f"SELECT id FROM users_legacy ORDER BY id LIMIT 1 OFFSET {rows - 1}")

    def usual_script(self, engine):
        engine.reset("into")
        cap = 5 if self.options.quick else 20
        self.other(engine, "the usual script, without its sleep", lambda done: int(done.stdout.split()[0]),
                   ["/usr/bin/python3", os.path.join(engines.HERE, "usual_script.py"), "0", str(cap)], {"PG_PORT": str(engine.server.port)})

    # ---- memory, first batch, gap ----

    def facts(self, engine):
        self.fact(engine, "peak resident memory, KiB", self.memory_kib, MEMORY_MAX_KIB)
        self.memory_kib = 0
        self.fact(engine, "start to end of a run of one batch, seconds", self.first_batch(engine), FIRST_BATCH_MAX)
        if engine.engine != "sqlite":
            self.fact(engine, "batches of 1,000 that a gap of 10 million ids costs", self.gap(engine), 1)

    def fact(self, engine, name, value, most):
        self.results["facts"].append({"engine": engine.engine, "name": name, "value": value, "most": most})

    def small(self, engine, statement):
        """users_legacy under another name: a run over 1,000 rows, and the batches that it took."""
        engine.reset("into")
        engine.run("DROP TABLE IF EXISTS small")
        engine.run(f"CREATE TABLE small AS {statement}")
        if engine.engine == "sqlite":
            engine.run("CREATE UNIQUE INDEX small_key ON small (id)")
        else:
            engine.run("ALTER TABLE small ADD PRIMARY KEY (id)")

    def first_batch(self, engine):
        times = []
        for _ in range(self.options.repeat):
            if engine.engine == "sqlite":
                engine.reset("into")
                engine.run("DELETE FROM users_legacy WHERE id > 1000")
                times.append(self.infill(engine, "into", batch_of(5000)))
                continue
            self.small(engine, "SELECT * FROM users_legacy WHERE id <= 1000")
            times.append(self.infill_small(engine))
        return statistics.median(times)

    def infill_small(self, engine):
        fill = {**into_fill(engine.engine), "from": "small"}
        plan = infill.write_plan(os.path.join(self.folder, "small.yaml"), engine.url, [fill], name="small", writes="none")
        begin = time.perf_counter()
        subprocess.run([self.bin, "run", plan, "--set", "batch.rows=1000", "--set", "batch.rows_max=1000", "--set", "workers=1"], check=True, capture_output=True)
        return time.perf_counter() - begin

    def gap(self, engine):
        counts = []
        for condition in ("id <= 4000", "id <= 2000 OR id > 10000000"):
            self.small(engine, f"SELECT * FROM users_legacy WHERE {condition} ORDER BY id LIMIT 3800")
            self.infill_small(engine)
            counts.append(int(engine.value(f"SELECT sum(batch_no) FROM {engine.ledger('range')}")))
        return counts[1] - counts[0]

    def run(self, measure):
        source = engines.Postgres(self.options.rows)
        try:
            source.export(self.csv)
            os.chmod(self.csv, 0o644)
            for name in self.options.engine:
                engine = source if name == "postgres" else engines.ENGINES[name](self.options.rows, self.csv)
                try:
                    measure(engine)
                finally:
                    if engine is not source:
                        engine.close()
        finally:
            source.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def measure_engine(self, engine):
        self.say(f"{engine.engine} ")
        for kind in ("into", "place"):
            cases = [case for case in CASES[engine.engine] if case.kind == kind]
            if cases:
                self.measure(engine, kind, cases)
        self.facts(engine)
        if self.options.others and engine.engine == "mariadb":
            self.percona(engine)
        if self.options.others and engine.engine == "postgres":
            self.usual_script(engine)
        self.say("\n")


def thousands(values):
    return f"{statistics.median(values) / 1000:.0f}k [{min(values) / 1000:.0f}..{max(values) / 1000:.0f}]"


def report(results):
    lines = [f"{results['version']}, {results['rows']:,} rows, {results['cores']} cores, {results['machine']}; rows/s, median [min..max] of {results['repeat']}", "",
             "| engine | case | plain statement | infill | ratio | target |", "|---|---|---|---|---|---|"]
    for case in results["cases"]:
        verdict = "" if case["target"] is None else f"≥ {case['target']:.2f} {'✓' if case['ratio'] >= case['target'] else '✗'}"
        lines.append(f"| {case['engine']} | {case['case']} | {thousands(case['plain'])} | {thousands(case['infill'])} | {case['ratio']:.2f} | {verdict} |")
    lines += ["", "| engine | others, verbatim | rows/s |", "|---|---|---|"]
    for other in results["others"]:
        value = f"{other['rows_per_second'] / 1000:.1f}k" if "rows_per_second" in other else f"not measured: {other['missing']}"
        lines.append(f"| {other['engine']} | {other['name']} | {value} |")
    lines += ["", "| engine | fact | measured | at most |", "|---|---|---|---|"]
    for fact in results["facts"]:
        lines.append(f"| {fact['engine']} | {fact['name']} | {fact['value']:.6g} | {fact['most']:.6g} {'✓' if fact['value'] <= fact['most'] else '✗'} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="how fast a fill is, against the plain statement; a verification, against reading alone; what the application feels")
    parser.add_argument("what", choices=["fill", "verify", "live"])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--engine", action="append", choices=list(engines.ENGINES))
    parser.add_argument("--repeat", type=int)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, once: does everything run?")
    parser.add_argument("--bin")
    parser.add_argument("--json", help="also write the figures to this file")
    parser.add_argument("--no-others", dest="others", action="store_false", help="infill alone, without other tools")
    parser.add_argument("--pairs", type=int, default=12, help="of live: stretches without and with a fill")
    parser.add_argument("--seconds", type=int, default=20, help="of live: of each stretch")
    parser.add_argument("--only", action="append", choices=live.PARTS, help="of live: some of it")
    parser.add_argument("--plots", help="of live: a directory for the plots of rate and lag")
    options = parser.parse_args()
    options.rows = options.rows or (100_000 if options.quick else 2_000_000)
    options.repeat = options.repeat or (1 if options.quick else 3)
    options.engine = options.engine or list(engines.ENGINES)
    bench = Bench(options)
    if options.what == "fill":
        bench.run(bench.measure_engine)
        print(report(bench.results))
    elif options.what == "live":
        beside = live.Live(options, bench.bin, bench.folder, bench.say)
        bench.results.update(beside.results)
        try:
            bench.run(beside.measure)
        finally:  # half an hour of figures is not lost with the last one
            print(live.report(bench.results))
    else:
        proof = verify.Verify(options, bench.bin, bench.folder, bench.csv, bench.say)
        bench.run(proof.measure)
        bench.results.update(proof.results, checks=proof.checks)
        print(verify.report(bench.results))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(bench.results, file, indent=1)


if __name__ == "__main__":
    main()
