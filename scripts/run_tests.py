#!/usr/bin/python3
"""All tests of infill, lane by lane, going on after a failure; ./dev test installs what this needs and calls it.

The last line is `N passed, M failed`, over all lanes. The exit status is 1 when anything failed or nothing ran: a test that is skipped,
a program that ends without saying how it went and a lane that cannot be built count as failed."""
import argparse
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUZZ_SECONDS = 600
LANE_SECONDS = 6 * 3600  # only a hang takes so long, on any machine
PATIENT = ["--timeout-multiplier", "10"]  # the limits of tests end hangs, and nothing else: no machine is too slow for them
# What the compiler believes about strings in a sanitized build is often wrong; the plain builds have every warning on.
SANITIZED = ["-Dwerror=false", "-Dc_args=-Wno-format-overflow"]
SIDE_BY_SIDE = "3"  # end-to-end tests wait more than they compute; more of them would wait for each other
SERVERS = ["/usr/bin/python3", "test/e2e/servers.py", "run", "--postgres", "--postgres-new", "--mariadb", "--pgbouncer", "--"]


class Options:
    long = False
    words = ()  # only tests with all of these in their name


class Tally:
    def __init__(self):
        self.passed = 0
        self.failures = []

    def ok(self, count=1):
        self.passed += count

    def fail(self, name):
        self.failures.append(name)


def run(command, **environment):
    """Exit code of a command whose output goes where ours goes."""
    print("+", " ".join(command), flush=True)
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                              timeout=None if Options.long else LANE_SECONDS).returncode
    except subprocess.TimeoutExpired:
        print(f"gave up after {LANE_SECONDS} s", flush=True)
        return 124


def wanted(name):
    return all(word in name for word in Options.words)


def tap_lines(text):
    return re.findall(r"^(not ok|ok)\b[ \d]*-?[ ]*(.*)", text, re.MULTILINE)


def build(directory, compiler, *options):
    """Sets up and builds; a directory set up before keeps its options, so they stand in its name."""
    if not os.path.exists(os.path.join(ROOT, directory, "build.ninja")):
        if run(["meson", "setup", directory, *options], CC=compiler) != 0:
            return False
    return run(["ninja", "--quiet", "-C", directory]) == 0


def meson_tests(tally, directory, wrapped_in=(), leave_out=(), only=None, **environment):
    """Runs the Meson tests of a build and counts the TAP lines of each program."""
    listed = subprocess.run(["meson", "test", "-C", directory, "--list"], cwd=ROOT, capture_output=True, text=True).stdout
    names = []
    for suites, name in re.findall(r"^\S+?:(\S+) / (\S+)$", listed, re.MULTILINE):
        suites = suites.split("+")
        if wanted(name) and not set(leave_out) & set(suites) and (only is None or only in suites):
            names.append(name)
    if not names:
        return
    log = os.path.join(ROOT, directory, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    code = run([*wrapped_in, "meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs", *PATIENT, *names], **environment)
    results = [json.loads(line) for line in open(log)] if os.path.exists(log) else []
    before = len(tally.failures)
    for result in results:
        count_program(tally, directory, result)
    for name in names[len(results):] if len(results) < len(names) else ():
        tally.fail(f"{directory} {name}: never ran")
    if code != 0 and len(tally.failures) == before:
        tally.fail(f"{directory}: meson test exited with {code}")


def count_program(tally, directory, result):
    lines = tap_lines(result.get("stdout") or "")
    failed = [name for verdict, name in lines if verdict == "not ok" or "# SKIP" in name.upper()]
    if result["result"] != "OK" and not failed:
        failed = [result["result"]]
    for name in failed:
        tally.fail(f"{directory} {result['name']}: {name}")
    tally.ok(max(len(lines) - len(failed), 0 if failed else 1))


def tap_command(tally, command, **environment):
    """A script that prints TAP on standard output."""
    print("+", " ".join(command), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               text=True)
    before = len(tally.failures)
    for line in process.stdout:
        print(line, end="", flush=True)
        for verdict, name in tap_lines(line):
            if verdict == "ok":
                tally.ok()
            else:
                tally.fail(name)
    if process.wait() != 0 and len(tally.failures) == before:
        tally.fail(f"{command[0]} exited with {process.returncode}")


def pytest_cases(tally, code, report, what):
    """Counts the cases of a JUnit report. A known defect that fails as expected passes; a skipped test fails."""
    cases = ElementTree.parse(report).iter("testcase") if os.path.exists(report) else []
    before = len(tally.failures)
    for case in cases:
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.fail(name)
        elif skipped is not None and skipped.get("type") != "pytest.xfail":
            tally.fail(f"{name}: skipped")
        else:
            tally.ok()
    nothing_selected = code == 5 and Options.words
    if code != 0 and not nothing_selected and len(tally.failures) == before:
        tally.fail(f"{what}: pytest exited with {code}")


def pytest(tally, what, tests=("test/e2e",), only=(), **environment):
    """End-to-end tests: files, and expressions of pytest -k that must all hold."""
    report = os.path.join(ROOT, f"build-{what}.xml")
    if os.path.exists(report):
        os.remove(report)
    expression = " and ".join(f"({part})" for part in [*only, *Options.words])
    chosen = ["-k", expression] if expression else []
    code = run(["/usr/bin/python3", "-m", "pytest", *tests, "--junitxml", report, "--durations=15", "-n", SIDE_BY_SIDE, *chosen],
               INFILL_TEST_LONG="1" if Options.long else "0", **environment)
    pytest_cases(tally, code, report, what)


def lane_gcc(tally):
    """build with gcc; unit tests, fuzz corpora"""
    if not build("build-gcc", "gcc"):
        return tally.fail("build with gcc")
    meson_tests(tally, "build-gcc", leave_out=["contract"])


def lane_clang(tally):
    """build with clang; unit tests"""
    if not build("build-clang", "clang"):
        return tally.fail("build with clang")
    meson_tests(tally, "build-clang", leave_out=["contract", "fuzz"])


def lane_sanitize(tally):
    """AddressSanitizer and UndefinedBehaviorSanitizer; unit tests, fuzz corpora, the driver contract on every server, whole fills"""
    if not build("build-asan", "gcc", "-Db_sanitize=address,undefined", *SANITIZED):
        return tally.fail("build with AddressSanitizer")
    options = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", "ASAN_OPTIONS": "detect_stack_use_after_return=1"}
    meson_tests(tally, "build-asan", wrapped_in=SERVERS, **options)
    pytest(tally, "asan", ["test/e2e/test_fill.py", "test/e2e/test_rejects.py", "test/e2e/test_dry_run.py"],
           INFILL_BIN=os.path.join(ROOT, "build-asan/cli/infill"), **options)


def lane_threads(tally):
    """ThreadSanitizer; the tests of what threads share, fills with several workers"""
    if not build("build-tsan", "gcc", "-Db_sanitize=thread", *SANITIZED):
        return tally.fail("build with ThreadSanitizer")
    options = {"TSAN_OPTIONS": "halt_on_error=1"}
    meson_tests(tally, "build-tsan", only="threaded", **options)
    pytest(tally, "tsan", only=["workers or processes"], INFILL_BIN=os.path.join(ROOT, "build-tsan/cli/infill"), **options)


def lane_sqlite(tally):
    """a build for SQLite alone links no client library of another database"""
    if Options.words:
        return
    if not build("build-sqlite", "gcc", "-Dengines=sqlite", "-Dtests=false"):
        return tally.fail("build with -Dengines=sqlite")
    linked = subprocess.run(["ldd", "build-sqlite/cli/infill"], cwd=ROOT, capture_output=True, text=True).stdout
    if "libsqlite3" not in linked or re.search(r"lib(pq|mariadb)", linked):
        return tally.fail("build with -Dengines=sqlite: links\n" + linked)
    tally.ok()


def lane_lint(tally):
    """the gates of scripts/lint.py, and that each can fail"""
    gates = subprocess.run(["/usr/bin/python3", "scripts/lint.py", "--list"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    gates = [gate for gate in gates if wanted(gate)]
    if not Options.words:
        tap_command(tally, ["/usr/bin/python3", "test/lint_test.py"])
    if gates:
        tap_command(tally, ["/usr/bin/python3", "scripts/lint.py", *gates])


def lane_fuzz(tally):
    """new inputs for the fuzz targets; only with --long, the known ones are tests of every build"""
    if not Options.long:
        return
    if not build("build-fuzz", "clang", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        return tally.fail("build with fuzzers")
    for program in sorted(glob.glob(os.path.join(ROOT, "build-fuzz/fuzz/*_fuzz"))):
        name = os.path.basename(program).removesuffix("_fuzz")
        if not wanted(name):
            continue
        with tempfile.TemporaryDirectory() as found:  # new inputs land here, the corpus stays as it is
            if run([program, f"-max_total_time={FUZZ_SECONDS}", f"-artifact_prefix={ROOT}/build-fuzz/", found, f"fuzz/corpus/{name}"]) == 0:
                tally.ok()
            else:
                tally.fail(f"fuzz {name}: the input is in build-fuzz/")


def lane_model(tally):
    """the protocol models, and mutants that they must catch"""
    tap_command(tally, ["test/models.sh", *(["--long"] if Options.long else []), *Options.words[:1]])


def lane_e2e(tally):
    """the program from end to end, against servers of its own, with faults"""
    if not build("build-gcc", "gcc"):
        return tally.fail("build with gcc")
    if not build("build-mutants", "gcc", "-Dmutants=true", "-Dtests=false"):
        return tally.fail("build with mutants")
    pytest(tally, "e2e", INFILL_BIN=os.path.join(ROOT, "build-gcc/cli/infill"),
           INFILL_MUTANT_BIN=os.path.join(ROOT, "build-mutants/cli/infill"))


def lane_browser(tally):
    """the report page in Chromium: what it says, loads and looks like, narrow and wide, light and dark"""
    if Options.words and not wanted("report"):
        return
    if not build("build-gcc", "gcc"):
        return tally.fail("build with gcc")
    tap_command(tally, ["node", "test/browser/report_test.mjs", "build-gcc/test/unit/cli/infill_fake"])


LANES = {name[5:]: lane for name, lane in list(globals().items()) if name.startswith("lane_")}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev test", description="run the tests")
    parser.add_argument("--long", action="store_true", help="the run for a night: more kills, larger models")
    parser.add_argument("--list", action="store_true", help="name the lanes")
    parser.add_argument("word", nargs="*", help="a lane, or a part of the names of tests")
    return parser.parse_args()


def take_signals():
    """A caller in the background, or nohup, ignores signals that the tests send; whatever is started from here takes them again."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def main():
    take_signals()
    given = arguments()
    if given.list:
        for name, lane in LANES.items():
            print(f"{name:10}{lane.__doc__}")
        return 0
    Options.long = given.long
    Options.words = [word for word in given.word if word not in LANES]
    chosen = [name for name in LANES if name in given.word] or list(LANES)
    tally = Tally()
    for name in chosen:
        start, passed, failed = time.monotonic(), tally.passed, len(tally.failures)
        print(f"== {name}: {LANES[name].__doc__}", flush=True)
        LANES[name](tally)
        print(f"== {name}: {tally.passed - passed} ok, {len(tally.failures) - failed} not, {time.monotonic() - start:.0f} s", flush=True)
    for failure in tally.failures:
        print("FAILED", failure)
    print(f"{tally.passed} passed, {len(tally.failures)} failed")
    return 1 if tally.failures or tally.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
