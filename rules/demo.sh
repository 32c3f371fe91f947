#!/bin/sh
# The whole job on the example: build, make a project, check its rules, see the plan, write the stores, see that nothing is left.
# Takes the folder to make as its argument; without one, a temporary folder that is removed at the end. STOCKSYNC_PROGRAM names
# a program that is built already.
set -eu
cd "$(dirname "$0")/.."

program=${STOCKSYNC_PROGRAM:-}
if [ -z "$program" ]; then
    echo '$ cargo build'
    cargo build --quiet --locked
    program="${CARGO_TARGET_DIR:-$PWD/target}/debug/stocksync"
fi

if [ $# -gt 0 ]; then
    folder=$1
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi

run() {
    printf '\n$ stocksync %s\n' "$*"
    "$program" -C "$folder" "$@"
}

printf '\n$ stocksync init shop\n'
"$program" init "$folder"
run lint
run test
run plan
run why NIKE-AIR-42
run sync --yes
run plan
run records
