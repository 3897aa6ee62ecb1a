#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The system tests on a Mac, where they share the machine with others (as_mac.sh runs this): they are skipped where
# their names or networks are in use, leave alone what they have not made, and leave nothing when they are given up.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
system=$here/../system

# A test that takes its time, with a pair of its own.
if [ "${1-}" = --slow ] || [ "${1-}" = --inside ]; then
    # shellcheck source=tests/system/lib/common.sh
    . "$system/lib/common.sh"
    pair() {
        "$FETHCTL" create --pair 70 71 --up >/dev/null
        sleep 10
    }
    main() {
        in_private pair
    }
    [ "$1" = --inside ] || shift
    start "$@"
    exit
fi

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

# ends STATUS SCRIPT [ARGUMENT…]
ends() {
    local status=$1 got=0
    shift
    bash "$system/$1" "${@:2}" >"$scratch/out" 2>&1 || got=$?
    printf '%s: %s\n' "$*" "$(tail -n 1 "$scratch/out")"
    [ "$got" = "$status" ] || fail "$*: exit status $got, not $status: $(cat "$scratch/out")"
}

feths() {
    ifconfig -l | tr ' ' '\n' | { grep '^feth' || true; } | xargs
}

# has WANTED: those feth interfaces, within some seconds.
has() {
    local tries
    for tries in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ "$(feths)" != "$1" ] || return 0
        sleep 0.5
    done
    fail "after $tries looks there are \"$(feths)\", not \"$1\""
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# one of somebody else's by a name of the tests'
ifconfig feth75 create
ends 77 ping.sh pings
has feth75
ifconfig feth75 destroy

# one by another name: only what takes any, or shows all, is skipped
ifconfig feth3 create
ends 77 walkthrough.sh
ends 77 gc.sh
ends 0 gone.sh
has feth3
# with an address of the tests'
ifconfig feth3 inet 198.18.77.9/24 alias
ends 77 gone.sh
grep -q 198.18.77.9 <<<"$(ifconfig feth3)" || fail "an address of somebody else's is gone"
ifconfig feth3 destroy

# ctest ends what it has started, and not what that has started
sh -c 'bash "$1" --slow; true' sh "$0" >"$scratch/out" 2>&1 &
given_up=$!
has 'feth70 feth71'
kill -KILL "$given_up"
wait "$given_up" 2>/dev/null || true
has ''
echo 'given up: nothing is left'
