#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The host's ping: one packet, fragments, the largest there are, and ten thousand as fast as they go.
. "$(dirname "$0")/lib/common.sh"

# 1472 fills an Ethernet frame over IPv4; from 1473 on there are fragments.
SIZES='56 1472 1473 8000 65507'

answered() {
    local text
    text=$(ping -q "$@") || fail "ping $*: $text"
    say "ping $*: $(grep 'packets transmitted' <<<"$text")"
    grep -q ' 0% packet loss' <<<"$text" || fail "ping $*: not all were answered"
}

pings() {
    local size
    for size in $SIZES; do
        answered -4 -c 5 -i 0.05 -W 5 -s "$size" "$STACK4"
        answered -6 -c 5 -i 0.05 -W 5 -s "$size" "$STACK6"
    done
}

flood() {
    local count
    count=$(scaled 10000)
    answered -4 -f -c "$count" -W 5 "$STACK4"
    answered -6 -f -c "$count" -W 5 "$STACK6"
}

main() {
    need ping
    with_stack -- "$1"
}

start "$@"
