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

# no_bad_checksums: inside, afterwards: a frame whose checksum was wrong has reached neither stack.  TCP sends again what
# was thrown away for that, so that the bytes do not tell.
no_bad_checksums() {
    local bad
    bad=$(counter '.lwip.tcp.checksum_errors + .lwip.errors.ip4_checksum + .lwip.errors.udp_checksum
        + .lwip.errors.icmp_checksum | "\(.)"')
    [ "$bad" = 0 ] || fail "the stack got $bad frames with wrong checksums"
    [ "$MACHINE" = linux ] || return 0
    # each protocol's names are in one line, its values in the next
    bad=$(awk '/^[A-Z]/ && $1 == was { for (i = 2; i <= NF; i++) if (name[i] ~ /CsumErrors|InHdrErrors/) n += $i; was = ""; next }
        { was = $1; split($0, name) } END { print n + 0 }' /proc/net/snmp)
    [ "$bad" = 0 ] || fail "the host got $bad frames with wrong checksums"
}
