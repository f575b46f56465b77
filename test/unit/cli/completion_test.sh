#!/bin/bash
# completion_test.sh INFILL - what bash offers with the script loaded. Prints TAP. The words that bash splits a line into stand in quotes.
set -u
program=$(realpath "$1")
number=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
touch users.yaml usage.txt
# shellcheck source=/dev/null
source <("$program" completion bash)

# offers NAME REPLIES WORD...: the last word is the one to complete
offers() {
    local name=$1 wanted=$2
    shift 2
    COMP_WORDS=(infill "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _infill
    number=$((number + 1))
    local replies
    replies=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' ')
    if [ "$replies" = "$wanted" ]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# offered: $replies"
    fi
}

offers "commands" "status stop" st
offers "commands after an option" "plan" --json pl
offers "options of the command" "--exclusive" run --ex
offers "options that every command has" "--json" status --js
offers "no options of other commands" "" status --ex
offers "plans are files" "usage.txt users.yaml" run us
offers "a value that is a file" "users.yaml" plan users.yaml --output user
offers "options of a comparison" "--sample --self-test --set" verify --s
offers "a page is a file" "users.yaml" report users.yaml --html user
offers "a value that is none" "" run users.yaml --workers ""
offers "shells" "bash fish zsh" completion ""
offers "hidden commands stay hidden" "" man
# The other shells say what they think of theirs where they are installed.
for shell in bash zsh fish; do
    command -v "$shell" >/dev/null || continue
    number=$((number + 1))
    if "$program" completion "$shell" >"$work/script" && "$shell" -n "$work/script"; then
        echo "ok $number - $shell reads its script"
    else
        echo "not ok $number - $shell reads its script"
    fi
done
echo "1..$number"
