"""What the application feels while infill works: latencies of a foreground of 400 transactions a second, replicas that are behind, and how soon a
run gives way. Everything is interleaved: each round has a stretch without a fill beside the one with it."""
import contextlib
import os
import random
import signal
import statistics
import subprocess
import time

import engines
import lag
import reactions
from cases import into_fill
from foreground import Foreground, Latencies

import infill  # noqa: E402  (test/e2e, by engines)

HOT = {"name": "cents", "table": "users_legacy"}
CENTS = {"postgres": "(src.balance * 100)::bigint", "mariadb": "cast(src.balance * 100 as signed)"}
PROBE = "SELECT id, email, status, balance FROM users_legacy WHERE id = 4711"
MEANT = ["--yes", "--accept", "superuser", "--accept", "dual-writes"]  # the bench's own account, and a foreground that does not write both sides
BUDGET_MS, SCRIPT_TIMES, PROD_MAX, PLACE_MAX = 5, 5, 1.10, 2.0
GAITS = {"fast": "unlimited", "steady": 10000}
LATENCY = {"kind": "latency", "query": PROBE, "slow": "2ms", "percentile": "95%", "over": "5s", "every": "100ms"}


class Fill:
    """A run in the background, from its first batch until it is told to drain."""

    def __init__(self, live, engine, plan, settings=()):
        sets = [word for setting in settings for word in ("--set", setting)]
        self.engine = engine
        self.output = open(os.path.join(live.folder, "run.log"), "w+")
        self.process = subprocess.Popen([live.bin, "run", plan, *MEANT, *sets], stdout=self.output, stderr=self.output, stdin=subprocess.DEVNULL)
        self.begun = self.rows()
        while self.rows() == self.begun:
            if self.process.poll() is not None:
                raise RuntimeError(f"the run ended: {self.text()}")
            time.sleep(0.05)

    def text(self):
        self.output.seek(0)
        return self.output.read()[-3000:]

    def rows(self):
        """Rows that are behind the run: the counters of its ledger."""
        try:
            return int(self.engine.value(f"SELECT coalesce(sum(seen), 0) FROM {self.engine.ledger('range')}"))
        except Exception:  # noqa: BLE001  (there is no ledger yet)
            return 0

    def drain(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # a shell in the background has its children ignore SIGINT
        if self.process.wait() not in (0, 143):
            raise RuntimeError(f"the run failed: {self.text()}")
        self.output.close()


PARTS = ["prod", "budget", "place", "plain", "reactions", "lag"]


class Live:
    def __init__(self, options, bin_path, folder, say):
        self.options, self.bin, self.folder, self.say = options, bin_path, folder, say
        self.seconds = 5 if options.quick else options.seconds
        self.results = {"pairs": [], "budget": [], "plain": [], "lag": [], "reactions": []}

    def plan(self, engine, name, fill, **more):
        settings = {"profile": "prod", "writes": "none", "workers": 1, "connections_max": 5, **more}
        return infill.write_plan(os.path.join(self.folder, f"{name}.yaml"), engine.url, [fill], name=name, **settings)

    # ---- with and without ----

    def beside(self, engine, plan, settings=()):
        """One stretch beside a run: latencies, and rows a second."""
        fill = Fill(self, engine, plan, settings)
        begin, before = time.monotonic(), fill.rows()
        latencies = self.foreground.run(self.seconds)
        rate = (fill.rows() - before) / (time.monotonic() - begin)
        fill.drain()
        return latencies.figures(), rate

    def pairs(self, engine, what, plan, most, settings=()):
        """Alternately without and with, the order of each pair by chance."""
        chance, pairs = random.Random(20), []
        for _ in range(2 if self.options.quick else self.options.pairs):
            order = ["without", "with"]
            chance.shuffle(order)
            pair = {}
            for stretch in order:
                if stretch == "with":
                    pair["with"], pair["rate"] = self.beside(engine, plan, settings)
                else:
                    pair["without"] = self.foreground.run(self.seconds).figures()
            pairs.append(pair)
            self.say(".")
        self.results["pairs"].append({"engine": engine.engine, "what": what, "most": most, "pairs": pairs})

    # ---- as fast as the latency allows, against the usual script with its sleep ----

    def script(self, engine):
        start = random.Random(self.foreground.rounds).randrange(self.options.rows // 20)
        engine.run("TRUNCATE users_v2")
        process = subprocess.Popen(["/usr/bin/python3", os.path.join(engines.HERE, "usual_script.py"), "0.1", str(self.seconds), str(start)],
                                   stdout=subprocess.PIPE, text=True, env={**os.environ, "PG_PORT": str(engine.server.port)})
        latencies = self.foreground.run(self.seconds)
        rows, seconds, _ = process.communicate()[0].split()
        return latencies.figures(), int(rows) / float(seconds)

    def budget(self, engine):
        """Once as fast as the line of the signal allows, and once at a rate that is still far above the script's."""
        batch = {"rows": 200, "rows_max": 200}
        plans = {name: self.plan(engine, name, into_fill(engine.engine), pace={"rows_per_second": limit, "signals": {"latency": LATENCY}}, batch=batch)
                 for name, limit in GAITS.items()}
        rounds = []
        for _ in range(1 if self.options.quick else self.options.repeat):
            one = {"nothing": self.foreground.run(self.seconds).figures()}
            if engine.engine == "postgres":
                one["script"], one["script_rate"] = self.script(engine)
            for name, plan in plans.items():
                engine.reset("into")
                one[name], one[f"{name}_rate"] = self.while_it_runs(Fill(self, engine, plan))
            rounds.append(one)
            self.say("b")
        self.results["budget"].append({"engine": engine.engine, "rounds": rounds})

    def while_it_runs(self, fill):
        """A fast run may be through before the stretch is over: only what was felt until then counts."""
        begin, before = time.time(), fill.rows()
        self.foreground.start(self.seconds)
        while fill.process.poll() is None and self.foreground.process.poll() is None:
            time.sleep(0.02)
        end, rows = time.time(), fill.rows() - before
        felt = self.foreground.finish()
        fill.drain()
        return Latencies([(at, ms) for at, ms in zip(felt.at, felt.ms) if begin <= at - ms / 1000 and at <= end]).figures(), rows / (end - begin)

    # ---- the plain statements, for the scale of it ----

    def statement(self, engine, what, statement):
        with contextlib.closing(reactions.connect(engine)) as connection:
            self.foreground.start(self.seconds)
            begin = time.monotonic()
            connection.cursor().execute(statement)
            took = time.monotonic() - begin
            figures = self.foreground.finish().figures()
        self.results["plain"].append({"engine": engine.engine, "what": what, "seconds": took, **figures})

    def measure(self, engine):
        if engine.engine == "sqlite":
            return
        self.say(f"{engine.engine} ")
        self.foreground = Foreground(engine, self.folder, max_id=min(1_000_000, self.options.rows // 2))
        column = "ADD COLUMN balance_cents bigint"
        engine.run(f"ALTER TABLE users_legacy {column}")
        engine.reset("into")
        self.foreground.run(self.seconds)  # warm caches
        for part in self.options.only or PARTS:
            engine.reset("into")
            getattr(self, part)(engine)
        self.say("\n")

    def prod(self, engine):
        self.pairs(engine, "into another table, prod: 500 rows/s", self.plan(engine, "prod", into_fill(engine.engine)), PROD_MAX)

    def place(self, engine):
        plan = self.plan(engine, "place", {**HOT, "set": {"balance_cents": CENTS[engine.engine]}})
        self.pairs(engine, "in place, the hot table, prod: 500 rows/s", plan, PLACE_MAX)

    def plain(self, engine):
        self.statement(engine, "INSERT … SELECT of the table", engines.cases.insert_statement(engine.engine))
        self.statement(engine, "UPDATE of the table in place", f"UPDATE users_legacy SET balance_cents = {CENTS[engine.engine].replace('src.', '')}")

    def reactions(self, engine):
        self.results["reactions"] += reactions.measure(self, engine)

    def lag(self, engine):
        self.results["lag"].append(lag.measure(self, engine))


# ---- the report ----

def median_interval(values, draws=4000):
    """Median and its 95% interval, by bootstrap (Efron 1979)."""
    chance = random.Random(7)
    medians = sorted(statistics.median(chance.choices(values, k=len(values))) for _ in range(draws))
    return statistics.median(values), medians[int(draws * 0.025)], medians[int(draws * 0.975)]


def tick(good):
    return "✓" if good else "✗"


def of(rounds, part, name):
    return statistics.median(one[part][name] for one in rounds)


def pair_lines(results):
    lines = ["| engine | case | rows/s | p50 without → with, ms | p99 without → with, ms | ratio of p99, median [95%] | target |", "|---|---|---|---|---|---|---|"]
    for case in results["pairs"]:
        pairs = case["pairs"]
        middle, low, high = median_interval([pair["with"]["p99"] / pair["without"]["p99"] for pair in pairs])
        lines.append(f"| {case['engine']} | {case['what']} | {statistics.median(pair['rate'] for pair in pairs):.0f} | {of(pairs, 'without', 'p50'):.2f} → {of(pairs, 'with', 'p50'):.2f} | "
                     f"{of(pairs, 'without', 'p99'):.2f} → {of(pairs, 'with', 'p99'):.2f} | {middle:.2f} [{low:.2f}..{high:.2f}] of {len(pairs)} | ≤ {case['most']:.2f} {tick(low <= case['most'])} |")
    return lines


def budget_lines(results):
    lines = ["| engine | beside a foreground of 400 transactions a second | rows/s | p50, ms | p99, ms | max, ms | |", "|---|---|---|---|---|---|---|"]

    def line(case, what, name, rate, told=""):
        figures = " | ".join(f"{of(case['rounds'], name, figure):.2f}" for figure in ("p50", "p99", "max"))
        lines.append(f"| {case['engine']} | {what} | {rate:,.0f} | {figures} | {told} |")

    for case in results["budget"]:
        rate_of = lambda name, rounds=case["rounds"]: statistics.median(one[f"{name}_rate"] for one in rounds)
        line(case, "nothing else", "nothing", 0)
        if "script" in case["rounds"][0]:
            line(case, "the usual script, sleeping 0.1 s", "script", rate_of("script"))
        for name, limit in GAITS.items():
            p99 = of(case["rounds"], name, "p99")
            told = f"p99 ≤ {BUDGET_MS} {tick(p99 <= BUDGET_MS)}"
            if "script" in case["rounds"][0]:
                times, script = rate_of(name) / rate_of("script"), of(case["rounds"], "script", "p99")
                told += f"; {times:.1f} times the script's rows (≥ {SCRIPT_TIMES} {tick(times >= SCRIPT_TIMES)}), p99 no worse {tick(p99 <= script)}"
            line(case, f"infill, signal latency, rows/s: {limit}", name, rate_of(name), told)
    return lines


def plain_lines(results):
    lines = ["| engine | for comparison | took, s | p50, ms | p99, ms | max, ms |", "|---|---|---|---|---|---|"]
    return lines + [f"| {one['engine']} | {one['what']} | {one['seconds']:.1f} | {one['p50']:.2f} | {one['p99']:.1f} | {one['max']:.0f} |" for one in results["plain"]]


def report(results):
    head = f"{results['version']}, {results['rows']:,} rows, {results['cores']} cores, {results['machine']}"
    return "\n".join([head, "", *pair_lines(results), "", *budget_lines(results), "", *plain_lines(results), "", *lag.lines(results["lag"]), "", *reactions.lines(results["reactions"])])
