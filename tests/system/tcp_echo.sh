#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tcp_echo.sh MTU OFFLOADS: bulk TCP to the echo service and back, byte for byte.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/offloads.sh"

body() {
    local mtu=$1 offloads=$2 bytes
    bytes=$(scaled 100000000)
    set_host_offloads "$offloads"
    client "MTU $mtu, offloads $offloads, IPv4" tcp "$STACK4" 7 "$bytes"
    # IPv6 needs an MTU of 1280: RFC 8200, 5
    if [ "$mtu" -ge 1280 ]; then
        client "MTU $mtu, offloads $offloads, IPv6" tcp "$STACK6" 7 "$bytes"
    fi
    no_bad_checksums
}

main() {
    need curl jq
    stack_offloads "$2"
    with_stack --mtu "$1" ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "$@"
}

start "$@"
