#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The host's ping: one packet, fragments, the largest there are, and ten thousand as fast as they go.
. "$(dirname "$0")/lib/common.sh"

# 1472 fills an Ethernet frame over IPv4; from 1473 on there are fragments.
SIZES='56 1472 1473 8000 65507'

pings() {
    local size
    for size in $SIZES; do
        answered ping_some "$STACK4" 5 "$size"
        answered ping_some "$STACK6" 5 "$size"
    done
}

flood() {
    local count
    count=$(scaled 10000)
    answered ping_flood "$STACK4" "$count"
    answered ping_flood "$STACK6" "$count"
}

main() {
    need ping
    with_stack -- "$1"
}

start "$@"
