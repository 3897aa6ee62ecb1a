#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How lwip-echo ends: a pair of its own goes with it, an interface that it was given stays.
. "$(dirname "$0")/lib/common.sh"

signals() {
    local before signal
    scratch
    before=$(interfaces)
    for signal in INT TERM HUP; do
        start_stack
        ping -q -c 1 -W 2 "$STACK4" >/dev/null || fail "no answer before SIG$signal"
        [ "$(interfaces)" != "$before" ] || fail "there is no pair"
        kill -"$signal" "$STACK_PID"
        expect_exit 0 5
        [ "$(interfaces)" = "$before" ] || fail "SIG$signal left behind: $(interfaces)"
        [ ! -s "$SCRATCH/err" ] || fail "SIG$signal: $(cat "$SCRATCH/err")"
        say "SIG$signal: the pair is gone"
    done

    # names and addresses are free again at once
    for _ in {1..20}; do
        start_stack --host feth3
        kill -TERM "$STACK_PID"
        expect_exit 0 5
    done
    [ "$(interfaces)" = "$before" ] || fail "left behind: $(interfaces)"
    say "started and stopped 20 times"
}

# Interfaces and addresses, without what changes by itself (a new address is tentative for a second).
state() {
    if on_darwin; then # a TAP device has a carrier only while somebody is at it
        "$FETHCTL" status feth40
        "$FETHCTL" status feth41
        ip -o addr show
        return
    fi
    ip -br addr show
    ip -o link show
}

attached() {
    local before signal inner=inner0
    scratch
    if on_darwin; then
        inner=feth41
        "$FETHCTL" create --pair 40 41 --host-addr 10.0.0.1/24 --host-addr fd00:feed::1/64 --up >/dev/null
    else
        ip link add dev outer0 type veth peer name inner0
        ip addr add 10.0.0.1/24 dev outer0
        ip addr add fd00:feed::1/64 dev outer0 nodad
        ip link set inner0 up
        ip link set outer0 up
    fi
    before=$(state)
    for signal in INT TERM HUP; do
        start_stack --io "$inner"
        ping -q -c 3 -i 0.2 -W 2 "$STACK4" >/dev/null || fail "no answer on an interface that was given"
        ping -6 -q -c 3 -i 0.2 -W 2 "$STACK6" >/dev/null || fail "no IPv6 answer on an interface that was given"
        kill -"$signal" "$STACK_PID"
        expect_exit 0 5
        [ "$(state)" = "$before" ] || fail "--io changed the interface: $(state), before: $before"
    done
    say "--io: the interfaces stay as they were"
}

main() {
    need ping
    in_private signals
    in_private attached
}

start "$@"
