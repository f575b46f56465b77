"""The binary under test: where it is, how it is called, what it said."""
import dataclasses
import glob
import json
import os
import signal
import subprocess
import tempfile

import yaml

HANG_SECONDS = int(os.environ.get("INFILL_TEST_HANG_SECONDS", "900"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def binary():
    """INFILL_BIN, or what was built last."""
    named = os.environ.get("INFILL_BIN")
    built = [path for path in glob.glob(os.path.join(ROOT, "build*", "cli", "infill")) + glob.glob(os.path.join(ROOT, "build*", "infill"))
             if os.path.isfile(path)]
    if not named and not built:
        raise RuntimeError("no binary: build it (./dev build) or name it in INFILL_BIN")
    return named or max(built, key=os.path.getmtime)


@dataclasses.dataclass(repr=False)
class Result:
    code: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err

    @property
    def documents(self):
        """Standard output as a list of JSON documents, one a line; while it runs, without a line that it is writing."""
        whole = self.out if self.code is not None else self.out[:self.out.rfind("\n") + 1]
        return [json.loads(line) for line in whole.splitlines() if line.strip()]

    @property
    def json(self):
        """The last, or only, JSON document."""
        try:
            return json.loads(self.out)
        except json.JSONDecodeError:
            return self.documents[-1]

    def __repr__(self):  # whole, in an assertion's message
        return f"exit {self.code}\n--- stdout\n{self.out[-6000:]}\n--- stderr\n{self.err[-6000:]}"


class Process:
    """infill in the background. Output goes to files, so that nothing ever blocks on a full pipe."""

    def __init__(self, arguments, environment, path=None):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.arguments = arguments
        self.process = subprocess.Popen([path or binary(), *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def send(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def kill(self):
        """kill -9, and whether it was still alive."""
        alive = self.is_running()
        self.send(signal.SIGKILL)
        self.process.wait()
        return alive and self.process.returncode == -signal.SIGKILL

    def finish(self, seconds=HANG_SECONDS):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"infill {' '.join(self.arguments)} did not end within {seconds} s\n{self.result()}") from None
        return self.result()

    def result(self):
        """What it has said so far. The process writes at the offset that it shares with us, so that is left alone."""
        code = self.process.poll()
        texts = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace") for file in (self.out, self.err)]
        return Result(code, *texts)


class Infill:
    """Calls infill on one plan file. `environment` is all it gets to see."""

    def __init__(self, plan, path=None, **environment):
        self.plan = plan
        self.path = path
        self.environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "LANG": "C.UTF-8", "TZ": "Asia/Kathmandu", "NO_COLOR": "1",
                            # other tests keep transactions open on the same server for longer than the default, and MariaDB shows them all
                            "INFILL_TIMEOUTS_SNAPSHOT": "150s",
                            **{name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")},
                            **environment}
        self.started = []

    def start(self, command, *arguments, settings=()):
        sets = [word for setting in settings for word in ("--set", setting)]
        process = Process([command, str(self.plan), *sets, *arguments], self.environment, self.path)
        self.started.append(process)
        return process

    def call(self, command, *arguments, settings=(), code=0):
        """Runs to the end; `code` is the exit code it has to have, or several, or None for any."""
        result = self.start(command, *arguments, settings=settings).finish()
        wanted = code if isinstance(code, tuple) else (code,)
        assert code is None or result.code in wanted, f"infill {command} {' '.join(arguments)}: expected exit {code}\n{result}"
        return result

    def run(self, *arguments, **options):
        return self.call("run", *arguments, **options)

    def status(self):
        return self.call("status", "--json").json

    def end(self):
        """Nothing that was started here outlives the test."""
        for process in self.started:
            if process.is_running():
                process.send(signal.SIGCONT)
                process.kill()


def write_plan(path, url, fills, name="test", profile="dev", **settings):
    plan = {"version": 1, "plan": name, "profile": profile, "source": {"url": url}, "fills": fills, **settings}
    with open(path, "w") as file:
        yaml.safe_dump(plan, file, sort_keys=False, allow_unicode=True)
    return path


def call(*arguments, environment=None, code=0, stdin=None, path=None):
    """infill without a plan: --version, explain, init …"""
    done = subprocess.run([path or binary(), *arguments], env=environment, input=stdin or "", capture_output=True, text=True, timeout=HANG_SECONDS)
    result = Result(done.returncode, done.stdout, done.stderr)
    assert code is None or result.code == code, f"infill {' '.join(arguments)}: expected exit {code}\n{result}"
    return result
