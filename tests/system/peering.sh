#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Peers come and go under interfaces that keep everything else; the odd cases are answered as macOS answers them.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

# All that must survive: not the peer, and neither counters nor what follows from the cable being plugged.
kept() {
    local name
    for name in feth0 feth101; do
        "$FETHCTL" status "$name" --json | jq -c 'del(.peer, .counters, .flags, .flag_names, .active)'
    done
}

pinged() {
    answers 10.0.0.2
}

silent() {
    ! pinged
}

keeps() {
    local before
    scratch
    "$FETHCTL" create 0 101 >/dev/null
    "$FETHCTL" set feth0 --addr 10.0.0.1/24 --addr 10.0.1.1/16 --addr fd00::1/64 --mtu 2000 \
        --mac 02:fe:00:00:00:01 --nud off --accept-ra off --state up >/dev/null
    "$FETHCTL" set feth101 --mtu 2000 --mac 02:fe:00:00:00:02 --state up >/dev/null
    before=$(kept)
    [ "$(status_of feth0 .active)" = false ] || fail "active without a peer"

    local turn
    for turn in 1 2 3; do
        says 'set peer feth0 -> feth101' set feth0 --peer feth101
        [ "$(kept)" = "$before" ] || fail "turn $turn: peering has changed $before to $(kept)"
        [ "$(status_of feth101 .peer) $(status_of feth0 .active)" = 'feth0 true' ] || fail "not peered"
        start_responder feth101 10.0.0.2
        within 5 pinged || fail "turn $turn: peered and no traffic"
        # the interfaces are made anew on Linux, so an open handle ends; on macOS it stays and hears nothing
        says 'removed peer from feth101' set feth101 --peer none
        [ "$(kept)" = "$before" ] || fail "turn $turn: removing the peer has changed $before to $(kept)"
        if on_darwin; then
            stop_responder
        else
            wait "$STACK_PID" || say "the responder ended: $(tail -n 1 "$SCRATCH/icmp")"
            STACK_PID=
        fi
        start_responder feth101 10.0.0.2
        silent || fail "turn $turn: traffic without a peer"
        stop_responder
    done
}

odd_cases() {
    scratch
    "$FETHCTL" create 0 1 2 3 >/dev/null
    refuses 1 'no such interface' set feth0 --peer feth9
    refuses 2 "$LOOPBACK" set feth0 --peer "$LOOPBACK"
    refuses 2 'own peer' set feth0 --peer feth0
    says 'removed peer from feth0' set feth0 --peer none # there is none: no error
    says 'set peer feth0 -> feth1' set feth0 --peer feth1
    refuses 1 'already peered with feth1' set feth0 --peer feth2
    refuses 1 'already peered with feth0' set feth2 --peer feth1
    refuses 1 'already peered' set feth0 --peer feth1 # even with that same peer
    says 'set peer feth3 -> feth2' set feth3 --peer feth2

    # one side is destroyed: the other has no peer, and stays up
    says 'feth1 is up' set feth1 --state up
    says 'destroyed feth0' destroy feth0
    [ "$(status_of feth1 '.peer, .up' | xargs)" = 'null true' ] || fail "feth1 is now: $("$FETHCTL" status feth1)"
    says 'created feth0' create
    says 'set peer feth1 -> feth0' set feth1 --peer feth0
}

main() {
    need ping jq
    only_ours
    need_free 10.0.0 10.0.1
    in_private keeps
    in_private odd_cases
}

start "$@"
