#!/bin/sh
# Checks the models of model/ with spin and prints TAP: what must hold holds, and each mutant is caught, because a model that cannot
# fail proves nothing. --long adds the largest variants. A word checks only the variants with it in their name.
set -eu
models=$(cd "$(dirname "$0")/../model" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

long=no
if [ "${1-}" = --long ]; then
    long=yes
    shift
fi
only=${1-}
count=0

# check holds|fails MODEL -DNAME=VALUE...
check() {
    wanted=$1
    model=$2
    shift 2
    name="$model $* $wanted"
    case $name in *"$only"*) ;; *) return 0 ;; esac
    count=$((count + 1))
    found=nothing
    if (cd "$work" && spin -a "$@" "$models/$model.pml" && gcc -O2 -w -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -E -m3000000 -w26) >"$work/log" 2>&1; then
        # A search that was cut short proves nothing, whatever it counted.
        if grep -q 'assertion violated' "$work/log"; then
            found=fails
        elif grep -q 'errors: 0' "$work/log" && ! grep -q 'max search depth too small\|Search not completed' "$work/log"; then
            found=holds
        fi
    fi
    if [ "$found" = "$wanted" ]; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        sed 's/^/# /' "$work/log"
    fi
    rm -f "$work"/pan* "$work"/*.trail
}

check holds lease -DFENCE=1 -DATOMIC=1 -DW=2
check fails lease -DFENCE=0 -DATOMIC=1 -DW=2
check fails lease -DFENCE=1 -DATOMIC=0 -DW=2
check holds delta -DMODE=2 -DDELFIRST=0 -DWMAX=2 -DEPMAX=4
check fails delta -DMODE=0
check fails delta -DMODE=1
check fails delta -DMODE=3
check fails delta -DMODE=2 -DDELFIRST=1
check holds gate -DSAME=1 -DREV=1 -DDRAIN=1
check fails gate -DSAME=0
check fails gate -DREV=0
check fails gate -DDRAIN=0
check holds settle -DWAIT=1
check fails settle -DWAIT=0
if [ $long = yes ]; then
    check holds lease -DFENCE=1 -DATOMIC=1 -DW=3
fi
echo "1..$count"
