#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 256 pairs: created, listed, destroyed.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

PAIRS=256

body() {
    local i names=()
    scratch
    for ((i = 0; i < PAIRS; i++)); do
        "$FETHCTL" create --pair $((2 * i)) $((2 * i + 1)) --up >/dev/null
        names+=("feth$((2 * i))" "feth$((2 * i + 1))")
    done
    "$FETHCTL" list >"$SCRATCH/list"
    [ "$(wc -l <"$SCRATCH/list")" = $((2 * PAIRS + 1)) ] || fail "$(wc -l <"$SCRATCH/list") lines of list"
    [ "$(awk 'NR > 1 { print $1 }' "$SCRATCH/list" | xargs)" = "${names[*]}" ] || fail "not in the order of units"
    [ "$("$FETHCTL" list --json | jq '[.[] | select(.active)] | length')" = $((2 * PAIRS)) ] || fail "not all active"
    "$FETHCTL" destroy "${names[@]}" >"$SCRATCH/destroyed"
    [ "$(wc -l <"$SCRATCH/destroyed")" = $((2 * PAIRS)) ] || fail "not all were destroyed"
    [ "$(interfaces)" = lo ] || fail "interfaces are left: $(interfaces)"
    say "$PAIRS pairs created, listed and destroyed"
}

main() {
    need jq
    in_private body
}

start "$@"
