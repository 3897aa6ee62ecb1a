#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# udp_echo.sh MTU: datagrams of every size that fits a frame, and fragmented ones up to the largest.
. "$(dirname "$0")/lib/common.sh"

LARGEST=65507

# body MTU: 28 and 48 are the IP and UDP headers.
body() {
    local mtu=$1 step
    step=$((100 / ${FETH_TEST_SCALE:-100}))
    [ "$step" -ge 1 ] || step=1
    sizes "$STACK4" $((mtu - 28)) "$step"
    if [ "$mtu" -ge 1280 ]; then
        sizes "$STACK6" $((mtu - 48)) "$step"
    fi
}

# sizes HOST FITTING STEP
sizes() {
    say "$1: $("$CLIENT" udp "$1" 7 0 "$2" "$3")"
    say "$1, around the first fragment: $("$CLIENT" udp "$1" 7 $(($2 - 8)) $(($2 + 24 < LARGEST ? $2 + 24 : LARGEST)) 1)"
    say "$1, fragmented: $("$CLIENT" udp "$1" 7 "$2" $LARGEST $((997 * $3)))"
    say "$1, the largest: $("$CLIENT" udp "$1" 7 $((LARGEST - 8)) $LARGEST 1)"
}

main() {
    with_stack --mtu "$1" -- body "$1"
}

start "$@"
