#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 256 pairs (on a Mac 32): created, listed, destroyed.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

PAIRS=256
# where each has the whole system look at it
! on_mac || PAIRS=32
FIRST=$((${UNIT:-0} * 1000))

body() {
    local i names=()
    scratch
    for ((i = 0; i < PAIRS; i++)); do
        "$FETHCTL" create --pair $((FIRST + 2 * i)) $((FIRST + 2 * i + 1)) --up >/dev/null
        names+=("feth$((FIRST + 2 * i))" "feth$((FIRST + 2 * i + 1))")
    done
    "$FETHCTL" list >"$SCRATCH/list"
    [ "$(lines_in "$SCRATCH/list")" = $((2 * PAIRS + 1)) ] || fail "$(lines_in "$SCRATCH/list") lines of list"
    [ "$(awk 'NR > 1 { print $1 }' "$SCRATCH/list" | xargs)" = "${names[*]}" ] || fail "not in the order of units"
    [ "$("$FETHCTL" list --json | jq '[.[] | select(.active)] | length')" = $((2 * PAIRS)) ] || fail "not all active"
    "$FETHCTL" destroy "${names[@]}" >"$SCRATCH/destroyed"
    [ "$(lines_in "$SCRATCH/destroyed")" = $((2 * PAIRS)) ] || fail "not all were destroyed"
    [ -z "$(interfaces)" ] || fail "interfaces are left: $(interfaces)"
    say "$PAIRS pairs created, listed and destroyed"
}

main() {
    need jq
    only_ours
    in_private body
}

start "$@"
