#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lwip-echo --netns -- COMMAND: the command's exit status is passed on, and nothing shows outside.
. "$(dirname "$0")/lib/common.sh"

# passes STATUS COMMAND…
passes() {
    local want=$1 got=0
    shift
    "$LWIP_ECHO" --netns -- "$@" || got=$?
    [ "$got" = "$want" ] || fail "\"$*\" in the namespace: exit status $got, not $want"
    say "$*: $got"
}

host() {
    [ "$(host_side)" = "$1" ] || fail "the host side is called $(host_side), not $1"
    [ "$(ip -o -4 addr show dev "$1" | awk '{ print $4 }')" = 192.168.77.1/28 ] || fail "the host has another address"
    answers 192.168.77.2 || fail "no answer from the address given"
    answers fd77::2 || fail "no answer from the IPv6 address given"
    grep -q 02:00:00:00:00:77 <<<"$(ip neigh show 192.168.77.2)" || fail "the stack has another MAC address"
    [ "$(cat "/sys/class/net/$1/mtu" 2>/dev/null || ip -o link show dev "$1" | grep -o 'mtu [0-9]*' | cut -c5-)" = 1400 ] ||
        true
    grep -q 'mtu 1400 ' <<<"$(ip -o link show dev "$1")" || fail "the host side has another MTU"
    grep -q 'mtu 1400 ' <<<"$(ip -o link show dev "$(io_side)")" || fail "the I/O side has another MTU"
}

main() {
    local before
    need ping
    before=$(interfaces)
    passes 0 true
    passes 1 false
    passes 42 sh -c 'exit 42'
    passes 127 ./no-such-program
    passes 143 sh -c 'kill -TERM $$' # as a shell says it: 128 and the signal
    with_stack --host feth12 --host-addr 192.168.77.1/28 --addr 192.168.77.2 --host-addr6 fd77::1/64 --addr6 fd77::2 \
        --mac 02:00:00:00:00:77 --mtu 1400 -- host feth12
    [ "$(interfaces)" = "$before" ] || fail "interfaces outside are now: $(interfaces); before: $before"
}

start "$@"
