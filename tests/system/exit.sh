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
        answers "$STACK4" || fail "no answer before SIG$signal"
        [ "$(interfaces)" != "$before" ] || fail "there is no pair"
        kill -"$signal" "$STACK_PID"
        expect_exit 0 5
        [ "$(interfaces)" = "$before" ] || fail "SIG$signal left behind: $(interfaces)"
        [ ! -s "$SCRATCH/err" ] || fail "SIG$signal: $(cat "$SCRATCH/err")"
        say "SIG$signal: the pair is gone"
    done

    # names and addresses are free again at once
    for _ in {1..20}; do
        start_stack --host "feth${UNIT}3" ${UNIT:+--io "feth${UNIT}4"}
        kill -TERM "$STACK_PID"
        expect_exit 0 5
    done
    [ "$(interfaces)" = "$before" ] || fail "left behind: $(interfaces)"
    say "started and stopped 20 times"
}

# Interfaces and addresses, without what changes by itself (a new address is tentative for a second).
state() {
    if on_darwin; then
        "$FETHCTL" status "feth${UNIT}40"
        "$FETHCTL" status "feth${UNIT}41"
    fi
    all_of_all
}

attached() {
    local before signal inner=${OTHER}1
    scratch
    if on_darwin; then
        inner=feth${UNIT}41
        "$FETHCTL" create --pair "${UNIT}40" "${UNIT}41" --host-addr "$HOST4/24" --host-addr "$HOST6/64" --up >/dev/null
    else
        foreign_pair "${OTHER}0" "$inner"
        foreign_addr "${OTHER}0" "$HOST4/24"
        foreign_addr "${OTHER}0" "$HOST6/64"
        link_up "$inner"
        link_up "${OTHER}0"
    fi
    before=$(state)
    for signal in INT TERM HUP; do
        start_stack --io "$inner"
        ping_some "$STACK4" 3 >/dev/null || fail "no answer on an interface that was given"
        ping_some "$STACK6" 3 >/dev/null || fail "no IPv6 answer on an interface that was given"
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
