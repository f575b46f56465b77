#!/usr/bin/python3
"""An application that writes both sides while a fill runs: users_legacy and users_v2, in a process of its own.

    writer.py upsert|plain URL [--keys N] [--pause SECONDS]

upsert: each transaction changes or inserts a source row and upserts the target row that Python computes from it: safe beside a fill.
plain: each transaction updates or deletes the same key on both sides, and does nothing where the target has no row yet: the race of
dual writes. Runs until SIGTERM, ends its transaction, and prints how many it committed; its first line, "writing",
comes behind the first one."""
import argparse
import random
import signal
import sqlite3
import time
import urllib.parse

import psycopg2
import pymysql

import databases
import users

KEEP_TRYING = (sqlite3.OperationalError, psycopg2.OperationalError, psycopg2.errors.UniqueViolation, pymysql.err.OperationalError,
               pymysql.err.IntegrityError)


def connect(url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "sqlite":
        connection = sqlite3.connect(url.removeprefix("sqlite:"), timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        return connection, "BEGIN IMMEDIATE", ""
    if parts.scheme == "postgresql":
        connection = psycopg2.connect(url)
        connection.autocommit = True
        return connection, "BEGIN", " FOR UPDATE"
    connection = pymysql.connect(host=parts.hostname, port=parts.port, user=parts.username, database=parts.path[1:], charset="utf8mb4",
                                 autocommit=True)
    connection.cursor().execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    connection.cursor().execute("SET SESSION innodb_lock_wait_timeout = 20")
    return connection, "BEGIN", " FOR UPDATE"


class Writer:
    def __init__(self, options):
        self.options = options
        self.connection, self.begin, self.lock = connect(options.url)
        self.is_sqlite = options.url.startswith("sqlite:")
        self.is_maria = options.url.startswith("mariadb:")
        self.chance = random.Random(options.seed)
        self.stopping = False
        self.counts = {"committed": 0, "inserted": 0, "retried": 0, "deleted": 0}

    def run(self, sql, values=()):
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("%s", "?") if self.is_sqlite else sql, tuple(values))
        return cursor

    def upsert_target(self, row):
        marks = ", ".join(["%s"] * len(row))
        columns = ["email_norm", "display", "cents", "version"]
        if self.is_maria:
            sets = ", ".join(f"{c} = VALUES({c})" for c in columns)
            self.run(f"INSERT INTO {users.TARGET} VALUES ({marks}) ON DUPLICATE KEY UPDATE {sets}", row)
        else:
            sets = ", ".join(f"{c} = excluded.{c}" for c in columns)
            self.run(f"INSERT INTO {users.TARGET} VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}", row)

    def upsert(self, key):
        row = self.run(f"SELECT * FROM {users.SOURCE} WHERE id = %s{self.lock}", [key]).fetchone()
        if row is None:
            row = users.row(key, version=1000)
            self.run(f"INSERT INTO {users.SOURCE} VALUES (%s, %s, %s, %s, %s)", row)
            self.counts["inserted"] += 1
        else:
            row = (key, row[1], row[2], self.chance.randrange(100000), row[4] + 1)
            self.run(f"UPDATE {users.SOURCE} SET balance = %s, version = %s WHERE id = %s", [row[3], row[4], key])
        self.upsert_target(users.transform(row))

    def plain(self, key):
        row = self.run(f"SELECT * FROM {users.SOURCE} WHERE id = %s{self.lock}", [key]).fetchone()
        if row is None:
            return
        if self.chance.random() < 0.3:
            self.run(f"DELETE FROM {users.SOURCE} WHERE id = %s", [key])
            self.run(f"DELETE FROM {users.TARGET} WHERE id = %s", [key])
            self.counts["deleted"] += 1
            return
        row = (key, row[1], row[2], self.chance.randrange(100000), row[4] + 1)
        self.run(f"UPDATE {users.SOURCE} SET balance = %s, version = %s WHERE id = %s", [row[3], row[4], key])
        target = users.transform(row)
        self.run(f"UPDATE {users.TARGET} SET email_norm = %s, display = %s, cents = %s, version = %s WHERE id = %s", [*target[1:], key])

    def transaction(self):
        key = self.chance.randint(1, self.options.keys)
        try:
            self.run(self.begin)
            getattr(self, self.options.mode)(key)
            self.run("COMMIT")
            self.counts["committed"] += 1
            if self.counts["committed"] == 1:
                print("writing", flush=True)
        except KEEP_TRYING:
            self.counts["retried"] += 1
            try:
                self.run("ROLLBACK")
            except databases.ERRORS:
                self.connection, *_ = connect(self.options.url)

    def work(self):
        while not self.stopping:
            self.transaction()
            time.sleep(self.options.pause)  # an application has other things to do; SQLite has one writer at a time
        print(*(f"{name}={count}" for name, count in self.counts.items()))

    def stop(self, *_):
        self.stopping = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["upsert", "plain"])
    parser.add_argument("url")
    parser.add_argument("--keys", type=int, default=10000)
    parser.add_argument("--pause", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=0)
    writer = Writer(parser.parse_args())
    signal.signal(signal.SIGTERM, writer.stop)
    writer.work()


if __name__ == "__main__":
    main()
