#!/bin/sh
# backfill_executor.sh - the command that stands in runbooks, as a thin coat over infill:
#
#   BACKFILL_DRY_RUN=true BATCH_SIZE=1000 TARGET_TABLE=users_legacy ./scripts/backfill_executor.sh --mode=validate --output=explain_plan.json
#
# INFILL_PLAN       the plan file; required
# BATCH_SIZE        rows of the first batch: --set batch.rows
# TARGET_TABLE      only the fills that read, write or change this table
# BACKFILL_DRY_RUN  true: nothing is written, and --mode=run is refused
# BACKFILL_YES      true: in the profile prod, start without being asked (--yes)
# INFILL_BIN        the program; else build/infill of this tree, else infill in PATH
# Exit codes are infill's; 2 also when this script does not understand its own command line.
set -eu

usage() {
    cat <<'TEXT'
usage: INFILL_PLAN=plan.yaml backfill_executor.sh --mode=MODE [--output=FILE]

  --mode=validate   dry run: what would be done, and what stands against it; --output=FILE keeps it as JSON
  --mode=run        fill, or go on filling (execute is the same); refused while BACKFILL_DRY_RUN is true
  --mode=status     where the run stands

environment: INFILL_PLAN, BATCH_SIZE, TARGET_TABLE, BACKFILL_DRY_RUN, BACKFILL_YES, INFILL_BIN
TEXT
}

refuse() {
    echo "backfill_executor.sh: $1" >&2
    usage >&2
    exit 2
}

is_true() {
    case $1 in
    true | TRUE | True | yes | 1 | on) return 0 ;;
    '' | false | FALSE | False | no | 0 | off) return 1 ;;
    *) refuse "$2 is true or false, not $1" ;;
    esac
}

find_infill() {
    built=$(dirname "$0")/../build/infill
    if [ -n "${INFILL_BIN:-}" ]; then
        echo "$INFILL_BIN"
    elif [ -x "$built" ]; then
        echo "$built"
    else
        command -v infill || refuse "no infill: build it (./dev build), put it into PATH, or name it in INFILL_BIN"
    fi
}

# The fills of the table, in the order that their needs ask for. The text of the dry run has both.
fills_of_table() {
    text=$("$infill" plan "$@" --table "$TARGET_TABLE" --no-color) || {
        code=$?
        printf '%s\n' "$text" >&2
        return "$code"
    }
    chosen=" $(printf '%s\n' "$text" | sed -n 's/^fill \([A-Za-z0-9_.-]*\): .*/\1/p' | tr '\n' ' ') "
    for fill in $(printf '%s\n' "$text" | sed -n 's/^  order  *//p' | tr ',' ' '); do
        case $chosen in
        *" $fill "*) echo "$fill" ;;
        esac
    done
}

run() {
    [ -n "${TARGET_TABLE:-}" ] || exec "$infill" run "$@" $yes
    fills=$(fills_of_table "$@") || exit
    rejected=0
    for fill in $fills; do
        code=0
        "$infill" run "$@" --fill "$fill" $yes || code=$?
        case $code in
        0) ;;
        3) rejected=3 ;;
        *) exit "$code" ;;
        esac
    done
    exit "$rejected"
}

mode='' output=''
for word in "$@"; do
    case $word in
    --mode=*) mode=${word#--mode=} ;;
    --output=*) output=${word#--output=} ;;
    -h | --help) usage && exit 0 ;;
    *) refuse "unknown word $word" ;;
    esac
done
dry=false
if is_true "${BACKFILL_DRY_RUN:-}" BACKFILL_DRY_RUN; then dry=true; fi
yes=''
if is_true "${BACKFILL_YES:-}" BACKFILL_YES; then yes=--yes; fi
case $mode in
validate | status) ;;
run | execute) ! $dry || refuse "--mode=$mode writes, and BACKFILL_DRY_RUN is true; the modes are validate, run, execute, status" ;;
'') refuse "--mode is missing; the modes are validate, run, execute, status" ;;
*) refuse "unknown mode $mode; the modes are validate, run, execute, status" ;;
esac
[ -z "$output" ] || [ "$mode" = validate ] || refuse "--output belongs to --mode=validate"
[ -n "${INFILL_PLAN:-}" ] || refuse "no plan: set INFILL_PLAN (modes are validate, run, execute, status)"
case ${BATCH_SIZE:-1} in
*[!0-9]* | 0*) refuse "BATCH_SIZE is a whole number from 1, not $BATCH_SIZE" ;;
esac
infill=$(find_infill)

# A larger batch.rows takes batch.rows_max along.
set -- "$INFILL_PLAN"
[ -z "${BATCH_SIZE:-}" ] || set -- "$@" --set "batch.rows=$BATCH_SIZE"
case $mode in
status)
    exec "$infill" status "$INFILL_PLAN"
    ;;
validate)
    [ -z "${TARGET_TABLE:-}" ] || set -- "$@" --table "$TARGET_TABLE"
    [ -z "$output" ] || set -- "$@" --output "$output"
    exec "$infill" plan "$@"
    ;;
*)
    run "$@"
    ;;
esac
