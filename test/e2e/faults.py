"""What the tests under faults share: how much, who writes meanwhile, and a run that is killed again and again."""
import contextlib
import os
import random
import subprocess
import sys
import time

import oracle
import users
from servers import wait_for

SMALL = ("batch.rows=20", "batch.rows_max=20", "range.rows=300", "lease.ttl=6s", "timeouts.statement=2900ms")


def amount(normal, long):
    """How often: in the normal run, or with --long (INFILL_TEST_LONG=1)."""
    return long if os.environ.get("INFILL_TEST_LONG") == "1" else normal


@contextlib.contextmanager
def writing(db, mode="upsert", keys=10000, pause=0.002, seed=0):
    """A dual writer in its own process; yields a list that holds its counts afterwards."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "writer.py")
    url = db.server.url(db.name) if db.server else db.url
    process = subprocess.Popen([sys.executable, script, mode, url, "--keys", str(keys), "--pause", str(pause), "--seed", str(seed)],
                               stdout=subprocess.PIPE, text=True)
    counts = {}
    try:
        assert process.stdout.readline() == "writing\n"
        yield counts
        assert process.poll() is None, "the writer died"
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=60)
    counts.update((name, int(value)) for name, value in (word.split("=") for word in out.split()))
    assert counts["committed"] > 0, counts


def settle(db):
    """Waits until no session of a killed process is left on the server: its last transaction has ended, one way or the other."""
    if db.lane == "pgbouncer":  # it keeps the session for the next client, idle
        wait_for(lambda: not db.query("SELECT 1 FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND state <> 'idle'",
                                      [db.name]), "the transactions of the dead to end")
    elif db.engine != "sqlite":
        wait_for(lambda: not db.backends(), "the sessions of the dead to end")


def lasting_lock_waits(db):
    """Sessions on this database that wait for another one's lock and go on waiting: those of infill wait for each other, too, for a moment."""
    def waits():
        if db.engine == "postgres":
            return set(db.query("SELECT pid, waitstart FROM pg_locks JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND a.datname = current_database() "
                                "AND waitstart IS NOT NULL"))
        return set(db.query("SELECT t.trx_id, t.trx_requested_lock_id FROM information_schema.innodb_trx t "
                            "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()"))

    before = waits()
    time.sleep(0.3)  # innodb_trx is renewed only when nobody has read it for 0.1 s
    return before & waits()


def await_lock_wait(db, process):
    wait_for(lambda: not process.is_running() or lasting_lock_waits(db), "the batch to wait for the lock")
    assert process.is_running(), process.result()


def progress(db):
    return db.value(f"SELECT coalesce(sum(seen), 0) FROM {db.ledger('range')}") if db.has_ledger() else 0


def begin(infill, db, settings=()):
    """Begins a run and kills it behind its first batches: the high-water mark is set, a range is cut, and nearly all is still to do.
    Transactions that a test opens from here on are younger than the run, which therefore does not wait for them."""
    process = infill.start("run", settings=["batch.rows=1", "batch.rows_max=1", "workers=1", "pace.rows_per_second=5", *settings])
    wait_for(lambda: not process.is_running() or progress(db) > 0, "the first batch")
    assert process.kill(), process.result()
    settle(db)


class KillLoop:
    """Two processes of two workers on one plan, killed at random moments, started again, until the table is full."""

    def __init__(self, infill, db, seed, processes=2, settings=SMALL):
        self.infill = infill
        self.db = db
        self.chance = random.Random(seed)
        self.processes = processes
        self.settings = (*settings, "workers=2")
        self.delay = 0.15  # the longest a round lives, adapted so that rounds neither idle nor finish the table
        self.kills = 0

    def round(self):
        """Starts the processes, kills them; how many of them died by it."""
        started = [self.infill.start("run", settings=self.settings) for _ in range(self.processes)]
        time.sleep(self.chance.uniform(0, self.delay))  # the random moment
        died = sum(process.kill() for process in started)
        for process in started:
            result = process.result()
            assert result.code in (0, -9), f"a run under kill -9 failed by itself\n{result}"
        self.kills += died
        return died

    def episode(self, kills, after_round=None):
        """Kills until `kills` more have landed or the table is full, then lets one run end in peace."""
        end = self.kills + kills
        idle, before = 0, progress(self.db)
        while self.kills < end and self.round():
            now = progress(self.db)
            idle = idle + 1 if now == before else 0
            self.delay *= 1.1 if idle > 2 else 0.98
            before = now
            if after_round:
                after_round()
        self.infill.run(settings=self.settings)


def killed(make_db, planned, kills, seed, rows=4000, mode=None, check=True, episode_kills=80, path=None, environment=None, **entry):
    """Episode after episode, each in a fresh database, until `kills` have landed. Returns the faults found, as sentences."""
    landed, faults = 0, []
    while landed < kills and not faults:
        db = make_db()
        users.create(db)
        keys = users.keys(rows, seed=seed + landed)
        users.fill(db, keys)
        infill = planned(db, users.entry(**entry), file=f"plan{landed}.yaml", path=path, environment=environment)
        loop = KillLoop(infill, db, seed + landed)

        def agree():
            settle(db)
            if db.has_ledger():
                faults.extend(oracle.ledger_faults(db, users.SOURCE, users.TARGET))
            assert not (faults and check), f"after {loop.kills} kills: {faults[:5]}"

        with writing(db, mode, keys=keys[-1] + 100, seed=seed) if mode else contextlib.nullcontext():
            loop.episode(min(episode_kills, kills - landed), None if mode else agree)
        if not mode:
            agree()
        verdict = users.verdict(db)
        if not verdict.is_clean():
            faults.append(str(verdict))
        landed += max(loop.kills, 1)
    return faults
