#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# oneway.sh MTU OFFLOADS: bulk TCP one way, to the discard service and from the character generator, and whether it
# went over the cable in frames of the size that OFFLOADS says.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/offloads.sh"

HEADERS=18 # Ethernet's, with a VLAN tag

# received: bytes and frames that the stack has received, and bytes that were discarded.
received() {
    counter '"\(.io.rx_bytes) \(.io.rx_frames) \(.services.tcp_discard_bytes)"'
}

# discard LABEL HOST: every byte arrives, and the average frame tells whether the host's large ones came whole.
discard() {
    local bytes0 frames0 discarded0 bytes1 frames1 discarded1 average
    read -r bytes0 frames0 discarded0 < <(received)
    client "$1 discard" discard "$2" 9 "$BYTES"
    read -r bytes1 frames1 discarded1 < <(received)
    [ $((discarded1 - discarded0)) = "$BYTES" ] || fail "$1: $((discarded1 - discarded0)) bytes discarded, not $BYTES"
    average=$(((bytes1 - bytes0) / (frames1 - frames0)))
    say "$1: frames of $average bytes on average from the host"
    case $OFFLOADS in
    default)
        [ "$MTU" -gt 9000 ] || on_darwin || [ "$average" -gt $((MTU + HEADERS)) ] ||
            fail "$1: the host's large frames do not come whole"
        ;;
    *) [ "$average" -le $((MTU + HEADERS)) ] || fail "$1: frames above the MTU reach a stack that does not take them" ;;
    esac
}

# chargen LABEL HOST: likewise the other way, by the driver's count of large frames.
chargen() {
    local large0 large1
    large0=$(counter .driver.tx_large)
    client "$1 chargen" chargen "$2" 19 "$BYTES"
    large1=$(counter .driver.tx_large)
    say "$1: $((large1 - large0)) large frames to the host"
    case $OFFLOADS in
    default | host-off)
        # segments of an MTU above half of the largest packet do not go together
        [ "$MTU" -gt 9000 ] || on_darwin || [ "$large1" -gt "$large0" ] || fail "$1: no segments were joined"
        ;;
    *) [ "$large1" = 0 ] || fail "$1: large frames from a stack without offload" ;;
    esac
}

body() {
    local host
    MTU=$1 OFFLOADS=$2 BYTES=$(scaled 30000000)
    set_host_offloads "$OFFLOADS"
    for host in "$STACK4" "$STACK6"; do
        discard "MTU $MTU, offloads $OFFLOADS, $host" "$host"
        chargen "MTU $MTU, offloads $OFFLOADS, $host" "$host"
    done
    no_bad_checksums
}

main() {
    need curl jq
    stack_offloads "$2"
    with_stack --mtu "$1" ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "$@"
}

start "$@"
