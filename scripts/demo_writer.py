#!/usr/bin/env python3
"""The application of the demo: keeps changing and adding users while the fill runs, both sides in one transaction. Ends on SIGTERM.

    demo_writer.py DATABASE"""
import json
import random
import signal
import sqlite3
import sys
import time

SIGN_UPS_FROM = 20_000_000
stopping = False


def stop(*_):
    global stopping
    stopping = True


def change(database, key):
    """A new balance for an old user, on both sides; the new side is upserted, because the fill may not have been here yet."""
    row = database.execute("SELECT email, full_name, legacy_data, balance_cents + 1 FROM users_legacy WHERE id = ?", [key]).fetchone()
    if row is not None:
        database.execute("UPDATE users_legacy SET balance_cents = ? WHERE id = ?", [row[3], key])
        upsert(database, key, *row)


def sign_up(database, key):
    row = (f"New.{key}@Example.COM", "Nova Newman", json.dumps({"country": "IS", "plan": "free"}), 0)
    database.execute("INSERT INTO users_legacy (id, email, full_name, legacy_data, balance_cents) VALUES (?, ?, ?, ?, ?)", [key, *row])
    upsert(database, key, *row)


def upsert(database, key, email, full_name, legacy_data, balance_cents):
    new = (key, email.strip().lower(), full_name, json.loads(legacy_data)["country"], balance_cents)
    database.execute("INSERT INTO users_v2 (id, email, name, country, balance_cents) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                     "email = excluded.email, name = excluded.name, country = excluded.country, balance_cents = excluded.balance_cents", new)


def main():
    signal.signal(signal.SIGTERM, stop)
    database = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
    chance = random.Random(7)
    changed = added = 0
    while not stopping:
        database.execute("BEGIN IMMEDIATE")
        if chance.random() < 0.1:
            sign_up(database, SIGN_UPS_FROM + added)
            added += 1
        else:
            change(database, chance.randint(1, 250_000))
            changed += 1
        database.execute("COMMIT")
        time.sleep(0.002)
    print(f"{changed + added} transactions: {changed} changes, {added} sign-ups")


if __name__ == "__main__":
    main()
