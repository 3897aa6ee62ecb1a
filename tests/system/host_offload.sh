#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# host_offload.sh WHAT [GRANTED]: a pair created so that the host leaves to the stack WHAT: csum, tso, all, off.  All
# bytes are right, and the stack's counters tell that it was so: on macOS as asked for, or as GRANTED by a kernel that
# has less; on Linux always.
. "$(dirname "$0")/lib/common.sh"

# Bits of enum feth_cap: frames sent may have unfinished checksums, and be larger than the MTU.
TX_CSUM=4 TX_TSO=24

# has NAME BITS YES: the capabilities have all of the bits, or none
has() {
    local name=$1 bits=$2 yes=$3 wanted=0 caps
    caps=$(counter .interface.capabilities)
    [ "$yes" = 0 ] || wanted=$bits
    [ $((caps & bits)) = "$wanted" ] || fail "the capabilities are $caps: $name is not $yes"
}

# about COUNTERS YES: a JSON expression over the counters is above 0, or 0
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
    has 'checksums sent' "$TX_CSUM" $((csum | tso))
    has 'large frames sent' "$TX_TSO" "$tso"

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
        ping_some "$stack" 2 8000 >/dev/null || fail "no answer to large pings from $stack"
    done
    about '.lwip.tcp.checksum_errors + .lwip.errors.ip4_checksum + .lwip.errors.udp_checksum > 0' 0
    about '.io.rx_errors + .io.rx_truncated + .io.tx_errors > 0' 0
}

main() {
    need curl jq ping
    # Darwin 24 is macOS 15
    if on_mac && [ "$1" = all ] && [ "$(uname -r | cut -d . -f 1)" -lt 24 ]; then
        set -- all csum
    fi
    with_stack --host-offload "$1" -- body "${2:-$1}"
}

start "$@"
