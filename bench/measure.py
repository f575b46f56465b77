"""What a command took: time, its own and the server's CPU, and the most memory it held."""
import dataclasses
import os
import subprocess
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Measured:
    seconds: float
    client_cpu: float
    server_cpu: float
    peak_kib: int
    code: int
    out: str
    err: str


def _times(pid, children):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15 if children else 13]) / TICKS


def _of_server(pid):
    """Of all its processes, those included that have ended and were waited for."""
    total = _times(pid, True)
    for folder in os.listdir("/proc"):
        if not folder.isdigit():
            continue
        try:
            with open(f"/proc/{folder}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            total += _times(folder, False) if parent == pid else 0
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def server_cpu(engine):
    """The same twice in a row: a process that ends while they are counted may be counted twice, or not at all."""
    if engine.engine == "sqlite":
        return 0.0
    total = _of_server(engine.server.process.pid)
    for _ in range(10):  # a server that goes on by itself is not waited for
        time.sleep(0.1)
        last, total = total, _of_server(engine.server.process.pid)
        if total == last:
            break
    return total


def _peak(pid, found):
    """The peak that the kernel keeps, read until the process is gone. (wait4 would count the memory of this script before exec.)"""
    try:
        while True:
            with open(f"/proc/{pid}/status") as file:
                lines = [line for line in file if line.startswith("VmHWM:")]
            if not lines:
                return
            found.append(int(lines[0].split()[1]))
            time.sleep(0.02)
    except (FileNotFoundError, ProcessLookupError):
        return


def measured(engine, command, codes=(0,), environment=None):
    """Runs it to its end. An exit code that is not expected is an error: what did not work was not measured."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before, begin = server_cpu(engine), time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        peaks = [0]
        watcher = threading.Thread(target=_peak, args=[process.pid, peaks])
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        watcher.join()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        if process.returncode not in codes:
            raise RuntimeError(f"{' '.join(command)[:300]}: exit {process.returncode}\n{(texts[1] or texts[0])[-3000:]}")
        return Measured(seconds, usage.ru_utime + usage.ru_stime, server_cpu(engine) - before, max(peaks), process.returncode, *texts)
