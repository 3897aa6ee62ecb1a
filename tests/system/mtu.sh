#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mtu.sh FAMILY: the MTU of the cable shrinks and grows under connections that carry bytes both ways.
. "$(dirname "$0")/lib/common.sh"

ENDLESS=1000000000000
CLIENT_PID=

# Both ends, the I/O side first where it shrinks, so that no frame is refused for its size but by the stack itself.
both_mtu() {
    link_mtu "$(io_side)" "$1"
    link_mtu "$(host_side)" "$1"
}

stack_has_mtu() {
    [ "$(counter .interface.mtu 2>/dev/null)" = "$1" ]
}

# look COUNTER: how much the service has had, in AT.  Who asks has a connection through the changes, too, and may have
# to ask again.
look() {
    AT=$(counter ".services.$1" 2>/dev/null)
}

# moved COUNTER BYTES: the service has had that many.
moved() {
    kill -0 "$CLIENT_PID" 2>/dev/null || fail "the client ended: $(cat "$SCRATCH/client")"
    look "$1" && [ "$AT" -ge "$2" ]
}

# through_changes COUNTER CLIENT-ARGUMENT…: the client compares byte by byte, for as long as we like.
through_changes() {
    local counter=$1 mtu
    shift
    "$CLIENT" "$@" >"$SCRATCH/client" 2>&1 &
    CLIENT_PID=$!
    for mtu in 1500 9000 1400 9000; do
        within 30 look "$counter" || fail "$*: no counters before MTU $mtu"
        within 30 moved "$counter" $((AT + STEP)) || fail "$*: nothing moves before MTU $mtu"
        both_mtu "$mtu"
        within 30 stack_has_mtu "$mtu" || fail "the stack does not take MTU $mtu"
    done
    within 30 look "$counter" || fail "$*: no counters at the end"
    within 30 moved "$counter" $((AT + STEP)) || fail "$*: nothing moves at the end"
    kill "$CLIENT_PID"
    wait "$CLIENT_PID" || [ $? = 143 ] || fail "$*: $(cat "$SCRATCH/client")"
    CLIENT_PID=
    say "$*: $AT bytes through the changes"
}

end() {
    [ -z "$CLIENT_PID" ] || kill "$CLIENT_PID" 2>/dev/null || true # it may have ended
    clear_up
}

body() {
    STEP=$(scaled 5000000 500000)
    scratch
    trap end EXIT
    through_changes chargen_bytes chargen "$1" 19 "$ENDLESS"
    through_changes tcp_discard_bytes discard "$1" 9 "$ENDLESS"
    through_changes tcp_echo_bytes tcp "$1" 7 "$ENDLESS"
    # connections of all sizes of segments are gone, and it is well after that
    client afterwards tcp "$1" 7 "$STEP"
}

main() {
    need curl jq
    local stack
    case $1 in
    ipv4) stack=$STACK4 ;;
    ipv6) stack=$STACK6 ;;
    *) fail "usage: mtu.sh ipv4|ipv6" ;;
    esac
    with_stack --mtu 9000 -- body "$stack"
}

start "$@"
