#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# icmp-responder on the I/O side: a hundred thousand pings as fast as they go, none lost; and tagged frames.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

body() {
    local count
    count=$(scaled 100000)
    scratch
    "$FETHCTL" create --pair "${UNIT}0" "${UNIT}101" --host-addr "$NET4.1/24" --host-addr "$NET6::1/64" --up >/dev/null
    set -m
    "$RESPONDER" -q "feth${UNIT}101" "$NET4.2" "$NET6::2" >"$SCRATCH/out" 2>&1 </dev/null &
    STACK_PID=$!
    set +m
    within 10 answers "$NET4.2" || fail "no answer: $(cat "$SCRATCH/out")"
    answered ping_flood "$NET4.2" "$count"
    answered ping_flood "$NET6::2" "$((count / 10))"
    answered ping_some "$NET4.2" 3 1472

    # frames with a tag are answered with the tag; where the kernel makes none, the unit test does
    if on_mac; then
        say "not tried with a VLAN tag: feth interfaces have none"
    elif ip link add link feth0 name tagged type vlan id 7 2>"$SCRATCH/vlan"; then
        ip addr del 10.0.0.1/24 dev feth0
        ip addr add 10.0.0.1/24 dev tagged
        ip link set tagged up
        answered ping_some 10.0.0.2 3
        ip link del tagged
        ip addr add 10.0.0.1/24 dev feth0
    else
        say "not tried with a VLAN tag: $(cat "$SCRATCH/vlan")"
    fi

    # fragments are not: the responder answers whole packets only
    if ping_some "$NET4.2" 1 3000 >"$SCRATCH/ping"; then
        fail "fragments were answered"
    fi
    kill -INT "$STACK_PID"
    wait "$STACK_PID" || fail "icmp-responder ended with $?"
    STACK_PID=
    [ ! -s "$SCRATCH/out" ] || fail "-q and yet there is output: $(cat "$SCRATCH/out")"
}

main() {
    need ping
    in_private body
}

start "$@"
