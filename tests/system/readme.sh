#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# readme.sh PROGRAM: what README.md and libfeth(3) say of their programs: ten frames are shown, and the pair is gone.
. "$(dirname "$0")/lib/common.sh"

pair_is_up() {
    [ -n "$(host_side)" ]
}

# Ask for machines that are not there: the kernel looks for each once a second, by ARP.
ask() {
    local last
    for last in {2..15}; do
        answers "10.0.0.$last" &
    done
    wait
}

body() {
    local program status=0
    scratch
    "$1" >"$SCRATCH/out" 2>"$SCRATCH/err" &
    program=$!
    within 10 pair_is_up || fail "no pair within 10 seconds: $(cat "$SCRATCH/err")"
    (ask)
    wait "$program" || status=$?
    [ "$status" = 0 ] || fail "exit status $status: $(cat "$SCRATCH/err")"
    [ "$(grep -c 'bytes of type' "$SCRATCH/out")" = 10 ] || fail "it does not show ten frames: $(cat "$SCRATCH/out")"
    grep -q 'of type 0806' "$SCRATCH/out" || fail "there is no ARP request among them"
    [ -z "$(interfaces)" ] || fail "left behind: $(interfaces)"
    say "ten frames shown, and the pair is gone"
}

main() {
    need ping
    only_ours
    need_free 10.0.0
    in_private body "$1"
}

start "$@"
