#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tcp_echo.sh MTU OFFLOADS: bulk TCP to the echo service and back, byte for byte.  OFFLOADS says what the two stacks
# leave to each other:
#   default   as the kernel and lwip-echo set them up: unfinished checksums and segments beyond the MTU
#   host-off  the host's offloads off, on both ends of the pair
#   off       those, and lwip-echo --offload off: every frame is what would be on a wire
#   stack-off only lwip-echo's off, so that the kernel has to finish what it hands over
. "$(dirname "$0")/lib/common.sh"

offloads_off() {
    local end feature features
    for end in "$(host_side)" "$(io_side)"; do
        for feature in tso gso gro tx rx sg; do
            # some are fixed on some kernels
            ethtool -K "$end" "$feature" off >/dev/null 2>&1 || true
        done
        features=$(ethtool -k "$end")
        grep -Eq '^tcp-segmentation-offload: off' <<<"$features" || fail "$end: segmentation offload is still on"
        grep -Eq '^tx-checksumming: off' <<<"$features" || fail "$end: checksum offload is still on"
    done
}

body() {
    local mtu=$1 offloads=$2 bytes
    bytes=$(scaled 100000000)
    case $offloads in
    host-off | off) offloads_off ;;
    esac
    client "MTU $mtu, offloads $offloads, IPv4" tcp "$STACK4" 7 "$bytes"
    # IPv6 needs an MTU of 1280: RFC 8200, 5
    if [ "$mtu" -ge 1280 ]; then
        client "MTU $mtu, offloads $offloads, IPv6" tcp "$STACK6" 7 "$bytes"
    fi
}

main() {
    need ethtool
    local options=(--mtu "$1")
    case $2 in
    stack-off | off) options+=(--offload off) ;;
    esac
    with_stack "${options[@]}" -- body "$@"
}

start "$@"
