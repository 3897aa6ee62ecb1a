#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# host_offload.sh WHAT: a pair created so that the host leaves to the stack WHAT: csum, tso, all, off.  All bytes are
# right, and the stack's counters tell that it was so: on macOS as asked for, on Linux always.  First a pair that
# lwip-echo creates, then one of fethctl's.
. "$(dirname "$0")/lib/common.sh"

# Bits of enum feth_cap: frames sent may have unfinished checksums, and be larger than the MTU.
TX_CSUM=4 TX_TSO=24

# Whether the kernel leaves segmentation to a feth: from macOS 15 on, which is Darwin 24.
has_tso() {
    if on_mac; then
        [ "$(uname -r | cut -d . -f 1)" -ge 24 ]
    elif on_darwin; then
        [ "$FETH_MODEL_MACOS" -ge 15 ]
    fi
}

# has NAME BITS YES: the capabilities have all of the bits, or none
has() {
    local name=$1 bits=$2 yes=$3 wanted=0 caps
    caps=$(counter .interface.capabilities)
    [ "$yes" = 0 ] || wanted=$bits
    [ $((caps & bits)) = "$wanted" ] || fail "the capabilities are $caps: $name is not $yes"
}

# about EXPRESSION YES: a JSON expression over the counters is true, or not
about() {
    local value
    value=$(counter "if $1 then 1 else 0 end")
    [ "$value" = "$2" ] || fail "\"$1\" is not $2: $(counter '.interface, .driver, .io')"
}

body() {
    local csum=0 tso=0 stack bytes
    bytes=$(scaled 30000000)
    case $1 in
    csum) csum=1 ;;
    tso) tso=1 ;;
    all) csum=1 tso=1 ;;
    esac
    on_darwin || csum=1 tso=1
    has_tso || tso=0
    has 'checksums' "$TX_CSUM" $((csum | tso))
    has 'large frames' "$TX_TSO" "$tso"

    # one way, then the other: what the frames were like is seen in their average size
    client 'to the stack' discard "$STACK4" 9 "$bytes"
    about '.io.rx_bytes / .io.rx_frames > 1514' "$tso"
    about '.driver.rx_checksum_trusted > 0' $((csum | tso))
    client 'from the stack' chargen "$STACK4" 19 "$bytes"
    about '.driver.tx_large > 0' "$tso"
    about '.driver.tx_checksum_left > 0' $((csum | tso))

    for stack in "$STACK4" "$STACK6"; do
        client 'TCP, back and forth' tcp "$stack" 7 "$bytes"
        client 'UDP' udp "$stack" 7 0 9000 301
        answered ping_some "$stack" 2 8000
    done
    about '.lwip.tcp.checksum_errors + .lwip.errors.ip4_checksum + .lwip.errors.udp_checksum > 0' 0
    about '.io.rx_errors + .io.rx_truncated + .io.tx_errors > 0' 0
}

attached() {
    local host=feth${UNIT}0 io=feth${UNIT}101
    scratch
    "$FETHCTL" create --pair "$host" "$io" --host-addr "$HOST4/24" --host-addr "$HOST6/64" --up --offload "$1" >/dev/null
    start_stack --io "$io"
    body "$1"
    "$FETHCTL" destroy "$host" "$io" >/dev/null
    expect_exit 1 10
}

main() {
    need curl jq ping
    with_stack --host-offload "$1" -- body "$1"
    in_private attached "$1"
}

start "$@"
