#!/usr/bin/env bash
# demo.sh BIN - a fill of 250,000 rows on SQLite, with an application writing meanwhile, killed half-way, resumed, and proven.
# Works in a temporary folder, needs python3 and sqlite3, leaves nothing behind. Exit code 0 only if everything was as it must be.
set -euo pipefail

bin=$(realpath "${1:?usage: demo.sh BIN}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/infill-demo-XXXXXX")
writer="" fill=""
rows=250000

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'; else bold="" dim="" red="" green="" plain=""; fi
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
say() { printf '   %s\n' "$1"; }
show() { sed 's/^/   │ /'; }
fail() { printf '\n%sThe demo failed: %s%s\n' "$red" "$1" "$plain" >&2; exit 1; }
sql() { sqlite3 -cmd '.timeout 60000' shop.db "$1"; }

clean() {
    local pid
    for pid in $fill $writer; do kill -KILL "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM
cd "$work"

step "1. A shop with $rows users, in a table nobody likes any more"
sqlite3 shop.db >/dev/null <<SQL
PRAGMA journal_mode = WAL;
CREATE TABLE users_legacy (id INTEGER PRIMARY KEY, email TEXT NOT NULL, full_name TEXT, legacy_data TEXT NOT NULL, balance_cents INTEGER NOT NULL);
CREATE TABLE users_v2 (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, country TEXT NOT NULL, balance_cents INTEGER NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
INSERT INTO users_legacy
SELECT i + i / 33 + CASE WHEN i > $rows / 2 THEN 10000000 ELSE 0 END,
  CASE WHEN i % 10 = 0 THEN '  ' ELSE '' END || 'User.' || i || '@Example.COM',
  CASE WHEN i % 200 = 0 THEN NULL ELSE 'User Number ' || i END,
  json_object('country', substr('DEFRUSINBRJPTRPL', 1 + 2 * (i % 8), 2), 'plan', 'free', 'note', 'imported from crm batch ' || (i % 10007)),
  (i * 7919) % 1000000
FROM n;
SQL
say "users_legacy: $(sql "SELECT count(*) || ' rows, ids 1 to ' || max(id) FROM users_legacy"), with 3% gaps and one gap of ten million ids"
say "example:      $(sql "SELECT quote(email) || '  ' || legacy_data FROM users_legacy WHERE id = 10")"
say "users_v2:     empty"

step "2. The plan: one expression per new column"
cat > users.yaml <<YAML
version: 1
plan: users
profile: dev
source: {url: "sqlite:$work/shop.db"}
fills:
  - name: users
    from: users_legacy
    into: users_v2
    columns:
      email: lower(trim(src.email))
      name: full_name
      country: json_extract(src.legacy_data, '\$.country')
    carry: [id, balance_cents]
batch: {rows: 2000, rows_max: 2000}
range: {rows: 20000}
pace: {rows_per_second: 50000}     # so slow only so that there is time to kill it
YAML
show < users.yaml

step "3. An application starts, and keeps changing users and adding new ones, on both sides"
python3 "$here/demo_writer.py" shop.db > writer.txt &
writer=$!
say "writing, as process $writer"

step "4. infill run users.yaml"
"$bin" run users.yaml > run.txt 2>&1 &
fill=$!
deadline=$((SECONDS + 60))
until (( $(sql "SELECT count(*) FROM users_v2") > rows / 2 )); do
    kill -0 "$fill" 2>/dev/null || { cat run.txt >&2; fail "the run ended before it could be killed"; }
    (( SECONDS < deadline )) || { cat run.txt >&2; fail "no progress"; }
    sleep 0.05
done
kill -KILL "$fill"
wait "$fill" 2>/dev/null || true
fill=""
say "half-way: ${red}kill -9${plain}, at $(sql "SELECT count(*) FROM users_v2") rows in users_v2"

step "5. infill status users.yaml: who is dead, where it stands, what to do"
"$bin" status users.yaml 2>&1 | show
kill -0 "$writer" 2>/dev/null || fail "the application died"

step "6. The same command again: it goes on at its checkpoints"
"$bin" run users.yaml > run.txt 2>&1 || { code=$?; cat run.txt >&2; fail "the second run ended with exit code $code"; }
tail -n 20 run.txt | show

step "7. The application stops"
kill -TERM "$writer"
wait "$writer" || fail "the application ended with exit code $?"
writer=""
show < writer.txt

# Not a word of infill in here: the two tables side by side, the transform spelled another way.
read -r -d '' proof <<'SQL' || true
WITH expected AS (
  SELECT id, replace(lower(email), ' ', '') AS email, full_name AS name, legacy_data ->> 'country' AS country, balance_cents FROM users_legacy)
SELECT 'rows in users_legacy     ', count(*) FROM users_legacy
UNION ALL SELECT 'rows in users_v2         ', count(*) FROM users_v2
UNION ALL SELECT 'missing in users_v2      ', count(*) FROM expected e WHERE NOT EXISTS (SELECT 1 FROM users_v2 v WHERE v.id = e.id)
UNION ALL SELECT 'there more than once     ', count(*) FROM (SELECT 1 FROM users_v2 GROUP BY id HAVING count(*) > 1)
UNION ALL SELECT 'there but no longer in v1', count(*) FROM users_v2 v WHERE NOT EXISTS (SELECT 1 FROM expected e WHERE e.id = v.id)
UNION ALL SELECT 'not what they must be now', count(*) FROM expected e JOIN users_v2 v USING (id)
  WHERE (e.email, e.name, e.country, e.balance_cents) IS NOT (v.email, v.name, v.country, v.balance_cents);
SQL
prove() { sqlite3 -separator '  ' shop.db "$proof"; }
faults() { prove | tail -n 4 | awk '{ sum += $NF } END { print sum }'; }

step "8. The proof, in SQL that knows nothing of infill"
prove | show
[[ $(faults) == 0 ]] || fail "rows are missing, doubled, extra or stale"
[[ $(sql "SELECT (SELECT count(*) FROM users_legacy) = (SELECT count(*) FROM users_v2)") == 1 ]] || fail "the counts differ"
(( $(sql "SELECT count(*) FROM users_v2") > rows )) || fail "the application added nobody"
say "${green}Every row is there exactly once, and current.${plain}"

step "9. Would that SQL see damage? One row changed, one deleted, one invented"
sql "UPDATE users_v2 SET balance_cents = balance_cents + 1 WHERE id = 1000; DELETE FROM users_v2 WHERE id = 2000;
     INSERT INTO users_v2 VALUES (-1, 'nobody@example.com', NULL, 'XX', 0);"
prove | tail -n 4 | show
[[ $(faults) == 3 ]] || fail "the proof does not see planted damage"
say "${green}It does: all three.${plain}"

step "10. infill verify users.yaml: what is wrong, and where"
code=0
"$bin" verify users.yaml > verify.txt 2>&1 || code=$?
show < verify.txt
(( code == 4 )) || fail "verify ended with exit code $code, not 4"
for key in -1 1000 2000; do grep -q "\"i:$key\"" verify.txt || fail "verify does not name key $key"; done

step "11. infill repair users.yaml --delete-extra: those three rows, and no other"
"$bin" repair users.yaml --delete-extra 2>&1 | show
"$bin" verify users.yaml > verify.txt 2>&1 || { code=$?; cat verify.txt >&2; fail "verify ended with exit code $code after the repair"; }
head -n 2 verify.txt | tail -n 1 | show
prove | tail -n 4 | show
[[ $(faults) == 0 ]] || fail "the repair left damage behind"
say "${green}Clean again, by both proofs.${plain}"

printf '\n%sDone%s in %d s. %sThe folder of the demo is removed.%s\n' "$bold" "$plain" "$SECONDS" "$dim" "$plain"
