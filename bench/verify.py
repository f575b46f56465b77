"""How fast a verification is, against reading the same rows and comparing nothing; and against pt-table-checksum and pt-table-sync.

Each round reads both sides with stream.c, then verifies with one worker and with two: rounds are interleaved, and the ratio of the medians
is what counts. After that damage is planted that must all be found and named, repaired, and found to be repaired. Then the fill itself is
run with and without settling."""
import csv
import json
import os
import random
import statistics
import subprocess

import engines
from cases import COLUMNS, into_fill, rows as batch_of
from measure import measured

import infill  # noqa: E402  (test/e2e, by engines)

MEMORY_MAX_KIB = 64 * 1024
READ_MAX = {"postgres": 1.3, "mariadb": 1.3, "sqlite": 1.5}
SERVER_CPU_MAX = 1.1
SETTLING_MAX = 2.0
OTHERS_MAX = 0.5  # of the time of pt-table-checksum and pt-table-sync

CHECKS = {"counts": True, "digest": True, "distribution": ["status_code", "country"],
          "aggregates": {"sum": ["balance_cents"], "extrema": ["created_at", "updated_at"]}, "unique": [["email_norm"]]}


def both_sides(engine):
    """The SELECTs of the two sides, as anybody would write them."""
    transformed = ", ".join(["src.id", *COLUMNS[engine].values(), "src.created_at", "src.updated_at"])
    stored = ", ".join(["id", *COLUMNS[engine], "created_at", "updated_at"])
    return [f"SELECT {transformed} FROM users_legacy src", f"SELECT {stored} FROM users_v2"]


class Verify:
    def __init__(self, options, bin_path, folder, csv_path, say):
        self.options, self.bin, self.folder, self.csv, self.say = options, bin_path, folder, csv_path, say
        self.stream = os.path.join(folder, "stream")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libpq", "libmariadb", "sqlite3"], capture_output=True, text=True, check=True)
        subprocess.run(["cc", "-O2", "-o", self.stream, os.path.join(engines.HERE, "stream.c"), *flags.stdout.split()], check=True)
        self.results = {"cases": [], "facts": [], "damage": [], "others": [], "settling": []}
        self.peak_kib = 0
        self.checks = None
        self.ids = []

    # ---- commands ----

    def plan(self, engine, name="bench", fill=None, writes="none"):
        fill = fill or into_fill(engine.engine)
        more = {"checks": CHECKS} if self.has_checks(engine) and name == "bench" else {}
        return infill.write_plan(os.path.join(self.folder, f"{name}.yaml"), engine.url, [fill], name=name, writes=writes, **more)

    def has_checks(self, engine):
        """Whether this infill takes checks: in its plans. What was left out is said in the report."""
        if self.checks is None:
            path = infill.write_plan(os.path.join(self.folder, "checks.yaml"), engine.url, [into_fill(engine.engine)], checks=CHECKS)
            done = subprocess.run([self.bin, "plan", path], capture_output=True, text=True)
            self.checks = done.returncode == 0
        return self.checks

    def infill(self, engine, command, plan, *words, codes=(0,), workers=1):
        done = measured(engine, [self.bin, command, plan, "--json", "--set", f"workers={workers}", *words], codes)
        self.peak_kib = max(self.peak_kib, done.peak_kib) if command == "verify" else self.peak_kib
        return done

    def fill(self, engine, plan):
        settings = [word for setting in batch_of(5000, 2) for word in ("--set", setting)]
        return measured(engine, [self.bin, "run", plan, *settings])

    def reference(self, engine):
        server = getattr(engine, "server", None)
        where = {"postgres": lambda: engine.url, "mariadb": lambda: f"127.0.0.1:{server.port}:tester:bench", "sqlite": lambda: engine.path}
        done = measured(engine, [self.stream, engine.engine, where[engine.engine](), *both_sides(engine.engine)])
        read = int(done.out.split()[0])
        if read != 2 * self.options.rows:
            raise RuntimeError(f"{engine.engine}: the reference read {read} rows of {2 * self.options.rows}")
        return done

    @staticmethod
    def document(done):
        return [json.loads(line) for line in done.out.splitlines() if line.strip()][-1]

    def prepare(self, engine):
        engine.reset("into")
        self.fill(engine, self.plan(engine))
        if engine.engine == "postgres":
            engine.run("VACUUM ANALYZE users_v2")
        if engine.engine == "mariadb":
            engine.run("ANALYZE TABLE users_v2").fetchall()
            engine.flush()

    # ---- clean tables ----

    def clean(self, engine):
        plan = self.plan(engine)
        taken = {"reference": [], 1: [], 2: []}
        self.reference(engine)  # once for warm caches
        for _ in range(self.options.repeat):
            taken["reference"].append(self.reference(engine))
            for workers in (1, 2):
                taken[workers].append(self.infill(engine, "verify", plan, workers=workers))
                rows = self.document(taken[workers][-1])["rows"]
                if rows != {"source": self.options.rows, "target": self.options.rows}:
                    raise RuntimeError(f"{engine.engine}: verified {rows} of {self.options.rows}")
            self.say(".")
        against = taken.pop("reference")
        for workers, runs in taken.items():
            self.results["cases"].append({"engine": engine.engine, "workers": workers, "most": READ_MAX[engine.engine],
                                          "reference": self.figures(against), "infill": self.figures(runs)})

    @staticmethod
    def figures(runs):
        return {name: [getattr(run, name) for run in runs] for name in ("seconds", "client_cpu", "server_cpu")}

    # ---- damage ----

    def scattered(self, count):
        """`count` keys all over the table, and ids beside them that no row has."""
        if not self.ids:
            with open(self.csv, newline="") as file:
                self.ids = [int(row[0]) for row in csv.reader(file)]
        chosen = random.Random(20).sample(range(1, len(self.ids)), count)
        taken = set(self.ids)
        free = [self.ids[at] - 1 for at in random.Random(21).sample(range(1, len(self.ids)), count * 50) if self.ids[at] - 1 not in taken]
        return [self.ids[at] for at in chosen], sorted(set(free))

    def plant(self, engine, count):
        """Half of the rows differ, a quarter are missing, a quarter should not be there. Returns kind by key."""
        keys, free = self.scattered(count)
        kinds = {}
        changes = ["balance_cents = balance_cents + 1", "country = NULL", "email_norm = concat(email_norm, ' ')", "updated_at = created_at"]
        if engine.engine == "sqlite":
            changes[2] = "email_norm = email_norm || ' '"
        statements = []
        for n, key in enumerate(keys[:count * 3 // 4]):
            kinds[str(key)] = "missing" if n % 3 == 2 else "different"
            statements.append(f"DELETE FROM users_v2 WHERE id = {key}" if n % 3 == 2 else f"UPDATE users_v2 SET {changes[n % 4]} WHERE id = {key}")
        columns = ", ".join([*COLUMNS[engine.engine], "created_at", "updated_at"])
        damaged = set(keys)
        for key, donor in zip(free[:count - count * 3 // 4], (key for key in self.ids if key not in damaged)):  # which is still there
            kinds[str(key)] = "extra"
            statements.append(f"INSERT INTO users_v2 (id, {columns}) SELECT {key}, {columns} FROM users_v2 WHERE id = {donor}")
        for statement in statements:
            engine.run(statement)
        return kinds

    @staticmethod
    def findings(engine):
        """Kind by key, of those that are open, and how many of the different ones name a column."""
        rows = engine.rows(f"SELECT {engine.quoted('key')}, kind, {engine.quoted('columns')} FROM {engine.ledger('finding')} WHERE state = 'open'")
        named = sum(1 for _, kind, columns in rows if kind != "different" or columns not in (None, "", "[]"))
        return {str(json.loads(key)[0]).rpartition(":")[2].lstrip("i"): kind for key, kind, _ in rows}, named

    def damage(self, engine, count):
        plan = self.plan(engine)
        clean = self.infill(engine, "verify", plan)
        planted = self.plant(engine, count)
        verify = self.infill(engine, "verify", plan, codes=(4,))
        found, named = self.findings(engine)
        repair = self.infill(engine, "repair", plan, "--delete-extra")
        again = self.infill(engine, "verify", plan, codes=(0, 4))
        self.results["damage"].append({"engine": engine.engine, "planted": len(planted), "found": sum(found.get(key) == kind for key, kind in planted.items()),
                                       "named": named, "wrong": len(set(found) - set(planted)), "clean": clean.seconds, "verify": verify.seconds,
                                       "repair": repair.seconds, "clean_again": again.code == 0})
        self.say("d")

    # ---- settling ----

    def settling(self, engine):
        taken = {"none": [], "application": []}
        for _ in range(self.options.repeat):
            for writes, runs in taken.items():
                engine.reset("into")
                runs.append(self.fill(engine, self.plan(engine, writes=writes)))
            self.say("s")
        self.results["settling"].append({"engine": engine.engine, **{writes: self.figures(runs) for writes, runs in taken.items()}})

    def measure(self, engine):
        self.say(f"{engine.engine} ")
        self.peak_kib = 0
        self.prepare(engine)
        self.clean(engine)
        self.damage(engine, min(1000, self.options.rows // 100))
        self.results["facts"].append({"engine": engine.engine, "name": "peak resident memory of infill verify, KiB", "value": self.peak_kib, "most": MEMORY_MAX_KIB})
        self.settling(engine)
        if self.options.others and engine.engine == "mariadb":
            from percona import compare
            self.results["others"].append(compare(self, engine))
        self.say("\n")


# ---- the report ----

def median(values):
    return statistics.median(values)


def spread(values):
    return f"{median(values):.2f} [{min(values):.2f}..{max(values):.2f}]"


def verdict(ratio, most):
    return f"≤ {most:g} {'✓' if ratio <= most else '✗'}"


def case_lines(results):
    lines = ["| engine | workers | reading both sides, s | infill verify, s | ratio | target | server CPU, ratio | client CPU, s |", "|---|---|---|---|---|---|---|---|"]
    for case in results["cases"]:
        plain, ours = case["reference"], case["infill"]
        ratio = median(ours["seconds"]) / median(plain["seconds"])
        cpu = "" if case["engine"] == "sqlite" else f"{median(ours['server_cpu']) / max(median(plain['server_cpu']), 0.01):.2f}"
        if case["engine"] == "postgres":
            cpu += f", {verdict(median(ours['server_cpu']) / max(median(plain['server_cpu']), 0.01), SERVER_CPU_MAX)}"
        lines.append(f"| {case['engine']} | {case['workers']} | {spread(plain['seconds'])} | {spread(ours['seconds'])} | {ratio:.2f} | {verdict(ratio, case['most'])} | {cpu} | "
                     f"{median(plain['client_cpu']):.2f} → {median(ours['client_cpu']):.2f} |")
    return lines


def damage_lines(results):
    lines = ["| engine | scattered damage | found, of the right kind | columns named | found too much | verify, s (clean) | repair, s | clean after |", "|---|---|---|---|---|---|---|---|"]
    for one in results["damage"]:
        lines.append(f"| {one['engine']} | {one['planted']:,} rows | {one['found']:,} {'✓' if one['found'] == one['planted'] else '✗'} | {one['named']:,} | {one['wrong']} | "
                     f"{one['verify']:.2f} ({one['clean']:.2f}) | {one['repair']:.2f} | {'✓' if one['clean_again'] else '✗'} |")
    return lines


def settling_lines(results):
    lines = ["| engine | fill, s | fill and settle, s | ratio | target |", "|---|---|---|---|---|"]
    for one in results["settling"]:
        ratio = median(one["application"]["seconds"]) / median(one["none"]["seconds"])
        target = verdict(ratio, SETTLING_MAX) if one["engine"] == "postgres" else ""
        lines.append(f"| {one['engine']} | {spread(one['none']['seconds'])} | {spread(one['application']['seconds'])} | {ratio:.2f} | {target} |")
    return lines


def other_lines(results):
    lines = []
    for one in results["others"]:
        if "missing" in one:
            lines.append(f"pt-table-checksum and pt-table-sync were not measured: {one['missing']}")
            continue
        ratio = one["ours"] / one["theirs"]
        lines += ["| 100 damaged rows, copied verbatim, MariaDB | checksum of one side, s | find and repair, s | of 100 rows | of the rows that cancel out |", "|---|---|---|---|---|",
                  f"| pt-table-checksum, pt-table-sync | {one['checksum']:.2f} | {one['theirs']:.2f} | {one['theirs_plain']} | {one['theirs_cancelling']} of {one['cancelling']} |",
                  f"| infill verify, infill repair | | {one['ours_verify']:.2f} + {one['ours_repair']:.2f} = {one['ours']:.2f} ({ratio:.2f} of theirs, {verdict(ratio, OTHERS_MAX)}) | "
                  f"{one['ours_plain']} | {one['ours_cancelling']} of {one['cancelling']} |"]
    return lines


def report(results):
    checks = "all checks" if results["checks"] else "the plan without `checks:`, which this infill does not take"
    lines = [f"{results['version']}, {results['rows']:,} rows on each side, {results['cores']} cores, {results['machine']}; {checks}; medians [min..max] of {results['repeat']}", ""]
    lines += [*case_lines(results), "", *damage_lines(results), "", *settling_lines(results), "", *other_lines(results), "", "| engine | fact | measured | at most |", "|---|---|---|---|"]
    for fact in results["facts"]:
        lines.append(f"| {fact['engine']} | {fact['name']} | {fact['value']:,} | {fact['most']:,} {'✓' if fact['value'] <= fact['most'] else '✗'} |")
    return "\n".join(lines)
