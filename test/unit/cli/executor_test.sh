#!/bin/sh
# executor_test.sh SCRIPT INFILL - the runbook's command: which infill it calls, and what it refuses. Prints TAP.
set -u
script=$(realpath "$1")
program=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# Notes how it is called, then does what it is asked for.
cat >"$work/infill" <<TEXT
#!/bin/sh
echo "\$*" >>"$work/calls"
exec "$program" "\$@"
TEXT
chmod +x "$work/infill"

# expect NAME CODE CALLS WORD...: runs the script with the environment and words given; CALLS are separated by ;
expect() {
    name=$1 wanted=$2 calls=$3
    shift 3
    number=$((number + 1))
    : >"$work/calls"
    code=0
    env INFILL_BIN="$work/infill" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    made=$(paste -sd ';' "$work/calls")
    if [ "$code" = "$wanted" ] && [ "$made" = "$calls" ]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# exit code $code, not $wanted; calls: $made"
        sed 's/^/# /' "$work/err"
    fi
}

cd "$work" || exit 1
expect "the command of the runbook" 0 "plan p.yaml --set batch.rows=1000 --table users_legacy --output explain_plan.json" \
    INFILL_PLAN=p.yaml BACKFILL_DRY_RUN=true BATCH_SIZE=1000 TARGET_TABLE=users_legacy "$script" --mode=validate --output=explain_plan.json
expect "validate alone" 0 "plan p.yaml" INFILL_PLAN=p.yaml "$script" --mode=validate
expect "a verdict of fail" 8 "plan p.yaml" FAKE=fail INFILL_PLAN=p.yaml "$script" --mode=validate
expect "status" 0 "status p.yaml" INFILL_PLAN=p.yaml BACKFILL_DRY_RUN=true "$script" --mode=status
expect "run" 0 "run p.yaml --set batch.rows=5" INFILL_PLAN=p.yaml BATCH_SIZE=5 "$script" --mode=run
expect "execute, no dry run" 0 "run p.yaml" INFILL_PLAN=p.yaml BACKFILL_DRY_RUN=false "$script" --mode=execute
expect "run in the profile prod" 8 "run p.yaml" FAKE=careful INFILL_PLAN=p.yaml "$script" --mode=run
expect "run, confirmed beforehand" 0 "run p.yaml --yes" FAKE=careful INFILL_PLAN=p.yaml BACKFILL_YES=true "$script" --mode=run
expect "run of one table" 0 "plan p.yaml --table users_legacy --no-color;run p.yaml --fill users" \
    INFILL_PLAN=p.yaml TARGET_TABLE=users_legacy "$script" --mode=run
expect "run of one table, with rejects" 3 "plan p.yaml --table t --no-color;run p.yaml --fill users" \
    FAKE=rejects INFILL_PLAN=p.yaml TARGET_TABLE=t "$script" --mode=run
expect "run of one table that must not run" 8 "plan p.yaml --table t --no-color" FAKE=fail INFILL_PLAN=p.yaml TARGET_TABLE=t "$script" --mode=run
expect "run of an unknown table" 1 "plan p.yaml --table nosuch --no-color" INFILL_PLAN=p.yaml TARGET_TABLE=nosuch "$script" --mode=run
expect "names with blanks stay whole" 0 "plan my plan.yaml --table a b" INFILL_PLAN="my plan.yaml" TARGET_TABLE="a b" "$script" --mode=validate
expect "run in a dry run" 2 "" INFILL_PLAN=p.yaml BACKFILL_DRY_RUN=true "$script" --mode=run
expect "unknown mode" 2 "" INFILL_PLAN=p.yaml "$script" --mode=explode
expect "no mode" 2 "" INFILL_PLAN=p.yaml "$script"
expect "no plan" 2 "" INFILL_PLAN= "$script" --mode=validate
expect "unknown word" 2 "" INFILL_PLAN=p.yaml "$script" --mode=validate --fast
expect "batch size that is none" 2 "" INFILL_PLAN=p.yaml BATCH_SIZE=many "$script" --mode=validate
expect "batch size zero" 2 "" INFILL_PLAN=p.yaml BATCH_SIZE=0 "$script" --mode=validate
expect "unclear dry run" 2 "" INFILL_PLAN=p.yaml BACKFILL_DRY_RUN=perhaps "$script" --mode=run
expect "output without validate" 2 "" INFILL_PLAN=p.yaml "$script" --mode=status --output=x.json
echo "1..$number"
