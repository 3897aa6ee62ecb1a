#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# udp_echo.sh MTU [OFFLOADS]: datagrams of every size that fits a frame, and fragmented ones up to the largest.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/offloads.sh"

# The largest payloads: what an IPv4 packet holds, and with IPv6 what lwIP holds, whose 16-bit lengths count the IPv6
# header too.
LARGEST4=65507
LARGEST6=65487

# body MTU OFFLOADS: 28 and 48 are the IP and UDP headers.
body() {
    local mtu=$1 step
    set_host_offloads "$2"
    step=$((100 / ${FETH_TEST_SCALE:-100}))
    [ "$step" -ge 1 ] || step=1
    sizes "$STACK4" $((mtu - 28)) "$LARGEST4" "$step"
    if [ "$mtu" -ge 1280 ]; then
        sizes "$STACK6" $((mtu - 48)) "$LARGEST6" "$step"
    fi
    if [ "$mtu" = 1500 ] && ! on_darwin; then # macOS has no UDP_SEGMENT
        runs "$STACK4" 1472
        runs "$STACK6" 1452
    fi
    no_bad_checksums
}

# runs HOST LARGEST: what a program hands over as one piece with UDP_SEGMENT, and the interface need not cut.
runs() {
    client "$1, runs" runs "$1" 7 64 64 50
    client "$1, runs of full datagrams" runs "$1" 7 "$2" 4 50
    client "$1, a run of two" runs "$1" 7 3 2 1
}

# sizes HOST FITTING LARGEST STEP
sizes() {
    local beyond=$(($2 + 24 < $3 ? $2 + 24 : $3))
    client "$1" udp "$1" 7 0 "$2" "$4"
    client "$1, around the first fragment" udp "$1" 7 $(($2 - 8)) "$beyond" 1
    client "$1, fragmented" udp "$1" 7 "$2" "$3" $((997 * $4))
    client "$1, the largest" udp "$1" 7 $(($3 - 8)) "$3" 1
}

main() {
    need curl jq
    stack_offloads "${2:-default}"
    with_stack --mtu "$1" ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "$1" "${2:-default}"
}

start "$@"
