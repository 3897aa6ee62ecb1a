# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the two stacks leave to each other, over common.sh.  A test that takes OFFLOADS as an argument means:
#
#   default    as the kernel and lwip-echo set them up: unfinished checksums and segments beyond the MTU
#   host-off   the host's offloads off, on both ends of the pair
#   stack-off  only lwip-echo's off, so that the kernel has to finish what it hands over
#   off        both: every frame is what would be on a wire

# stack_offloads OFFLOADS: the options of lwip-echo, in STACK_OFFLOADS.
stack_offloads() {
    STACK_OFFLOADS=()
    case $1 in
    host-off | off) on_mac || need ethtool ;;
    esac
    case $1 in
    stack-off | off) STACK_OFFLOADS=(--offload off) ;;
    esac
    export STACK_OFFLOADS
}

# set_host_offloads OFFLOADS: inside, with the pair there.  A Mac has none but where --host-offload asks for them.
set_host_offloads() {
    ! on_mac || return 0
    case $1 in
    host-off | off) host_offloads_off ;;
    esac
}

host_offloads_off() {
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
