#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# icmp-responder on the I/O side: a hundred thousand pings as fast as they go, none lost; and tagged frames.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

answered() {
    local text
    text=$(ping -q "$@") || fail "ping $*: $text"
    say "ping $*: $(grep 'packets transmitted' <<<"$text")"
    grep -q ' 0% packet loss' <<<"$text" || fail "ping $*: not all were answered"
}

body() {
    local count
    count=$(scaled 100000)
    scratch
    "$FETHCTL" create --pair 0 101 --host-addr 10.0.0.1/24 --host-addr fd00::1/64 --up >/dev/null
    set -m
    "$RESPONDER" -q feth101 10.0.0.2 fd00::2 >"$SCRATCH/out" 2>&1 </dev/null &
    STACK_PID=$!
    set +m
    within 10 ping -q -c 1 -W 1 10.0.0.2 >/dev/null || fail "no answer: $(cat "$SCRATCH/out")"
    answered -4 -f -c "$count" -W 5 10.0.0.2
    answered -6 -f -c "$((count / 10))" -W 5 fd00::2
    answered -4 -c 3 -i 0.2 -W 5 -s 1472 10.0.0.2

    # frames with a tag are answered with the tag; where the kernel makes none, the unit test does
    if ip link add link feth0 name tagged type vlan id 7 2>"$SCRATCH/vlan"; then
        ip addr del 10.0.0.1/24 dev feth0
        ip addr add 10.0.0.1/24 dev tagged
        ip link set tagged up
        answered -4 -c 3 -i 0.2 -W 5 10.0.0.2
        ip link del tagged
        ip addr add 10.0.0.1/24 dev feth0
    else
        say "not tried with a VLAN tag: $(cat "$SCRATCH/vlan")"
    fi

    # fragments are not: the responder answers whole packets only
    if ping -q -c 1 -W 1 -s 3000 10.0.0.2 >"$SCRATCH/ping"; then
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
