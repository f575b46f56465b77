"""How soon a run gives way: to somebody who waits for its lock, to `infill set`, and to a signal that does not answer any more."""
import contextlib
import json
import os
import subprocess
import time

from cases import into_fill


def connect(engine):
    return engine.server.connect(*(["bench"] if engine.engine == "mariadb" else []))


def lock(live, engine):
    """A batch that has written a row waits for another one, which somebody holds; how long does the application wait for the first?"""
    from live import Fill
    engine.reset("into")
    plan = live.plan(engine, "lock", into_fill(engine.engine), timeouts={"lock": "20s", "statement": "20s"}, lease={"ttl": "60s"}, batch={"rows": 400, "rows_max": 400}, pace={"rows_per_second": 400})
    with contextlib.closing(connect(engine)) as blocker, contextlib.closing(connect(engine)) as application:
        keys = engine.rows("SELECT id FROM users_legacy ORDER BY id LIMIT 1200")
        insert = "INSERT INTO users_v2 SELECT %s, 'x', 'x', 'x', 0, 0, 'x', now(), now()"
        fill = Fill(live, engine, plan)  # first: a run waits for transactions that are older than it
        blocker.cursor().execute("BEGIN")
        blocker.cursor().execute(insert, [keys[1150][0]])
        holds = "SELECT count(*) FROM pg_locks WHERE NOT granted" if engine.engine == "postgres" else "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        while engine.value(holds) == 0:
            time.sleep(0.15)  # MariaDB renews the table only when nobody has read it for 0.1 s
        begin = time.monotonic()
        application.cursor().execute("BEGIN")
        application.cursor().execute(insert, [keys[850][0]])
        took = time.monotonic() - begin
        application.cursor().execute("ROLLBACK")
        blocker.cursor().execute("ROLLBACK")
        fill.drain()
    return took


def setting(live, engine):
    """From the command's start until more rows move than the limit before it allows in the time."""
    from live import Fill
    engine.reset("into")
    plan = live.plan(engine, "set", into_fill(engine.engine), pace={"rows_per_second": 100})
    fill = Fill(live, engine, plan)
    time.sleep(2)
    begin, before = time.monotonic(), fill.rows()
    subprocess.run([live.bin, "set", plan, "pace.rows_per_second=unlimited"], check=True, capture_output=True)
    while fill.rows() < before + 1000:
        time.sleep(0.01)
    took = time.monotonic() - begin
    fill.drain()
    return took


def silence(live, engine):
    """A program that does not answer any more: until the run says that it waits for it, and moves nothing."""
    from live import Fill
    engine.reset("into")
    answers = os.path.join(live.folder, "answers")
    with open(answers, "w"):
        pass
    signals = {"disk": {"kind": "command", "command": ["/bin/sh", "-c", f"test -e {answers} && echo 1 || sleep 60"], "slow": 80}}
    plan = live.plan(engine, "silence", into_fill(engine.engine), pace={"rows_per_second": 100, "signals": signals})
    fill = Fill(live, engine, plan)
    os.remove(answers)
    begin, held = time.monotonic(), []
    while not held and time.monotonic() - begin < 60:
        time.sleep(0.25)
        status = json.loads(subprocess.run([live.bin, "status", plan, "--json"], capture_output=True, text=True).stdout)
        held = [one for one in status["pace"]["held"] if one["signal"] == "disk" and "cannot be read" in one["reason"]]
    took, before = time.monotonic() - begin, fill.rows()
    time.sleep(3)
    moved = fill.rows() - before
    fill.drain()
    return took if moved == 0 else float("inf")


MEASURED = [("a lock that the application waits for is released", lock, 1.0), ("infill set takes effect", setting, 1.0),
            ("a signal that stops answering holds the run, and status says so", silence, 16.5)]  # 15 s, and one timeout of the program


def measure(live, engine):
    out = []
    for name, action, most in MEASURED:
        times = [action(live, engine) for _ in range(1 if live.options.quick or action is silence else 5)]
        out.append({"engine": engine.engine, "name": name, "times": times, "most": most})
        live.say("r")
    return out


def lines(results):
    out = ["| engine | reaction | seconds, the worst | at most |", "|---|---|---|---|"]
    return out + [f"| {one['engine']} | {one['name']} | {max(one['times']):.2f} (of {len(one['times'])} times) | {one['most']:g} {'✓' if max(one['times']) <= one['most'] else '✗'} |" for one in results]
