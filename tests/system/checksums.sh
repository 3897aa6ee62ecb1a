#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# checksums.sh MTU OFFLOADS: what tcpdump sees of the stack on the host side, where the host has no offload, is what
# would be on a wire.  The kernel has to cut the stack's large frames and complete their checksums before they leave the
# I/O side; tshark finds every length and every checksum right.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/offloads.sh"

HEADER=14 # Ethernet's

tcpdump_listens() {
    kill -0 "$TCPDUMP" 2>/dev/null || skip "tcpdump does not capture in this namespace: $(cat "$SCRATCH/tcpdump")"
    grep -qs '^tcpdump: listening on ' "$SCRATCH/tcpdump"
}

start_tcpdump() {
    rm -f "$SCRATCH/tcpdump" # of one before it: that was listening, this one is not
    # to standard output, since as root it becomes another user before it opens a file
    tcpdump -n -s 0 -B 65536 -w - -i "$(host_side)" >"$SCRATCH/file.pcap" 2>"$SCRATCH/tcpdump" &
    TCPDUMP=$!
    within 10 tcpdump_listens || fail "tcpdump does not listen: $(cat "$SCRATCH/tcpdump")"
}

stop_tcpdump() {
    # what was seen last may still be on its way to it
    sleep 0.5
    kill -INT "$TCPDUMP"
    wait "$TCPDUMP" || fail "tcpdump: $(cat "$SCRATCH/tcpdump")"
    grep -q '^0 packets dropped by kernel' "$SCRATCH/tcpdump" || skip "tcpdump did not keep up: $(cat "$SCRATCH/tcpdump")"
}

traffic() {
    local host
    for host in "$STACK4" "$STACK6"; do
        client "$host chargen" chargen "$host" 19 "$(scaled 2000000 400000)"
        client "$host echo" tcp "$host" 7 "$(scaled 500000 100000)" 3
        client "$host datagrams" udp "$host" 7 0 $((MTU - 48)) 31
        if ! on_darwin; then # macOS has no UDP_SEGMENT
            client "$host runs of datagrams" runs "$host" 7 100 64 20
            client "$host runs of full datagrams" runs "$host" 7 $((MTU - 48)) 4 20
        fi
        client "$host fragments" udp "$host" 7 $((MTU + 100)) 20000 1777
        ping_some "$host" 3 >/dev/null || fail "$host: no answer to ping"
    done
}

# frames FILTER: how many of the stack's match.
frames() {
    tshark -r "$SCRATCH/file.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
        -Y "eth.src != $HOST_MAC && ($1)" >"$SCRATCH/frames" 2>"$SCRATCH/tshark" ||
        fail "tshark -Y '$1': $(cat "$SCRATCH/tshark")"
    lines_in "$SCRATCH/frames"
}

# all_good PROTOCOL FILTER: there are some, and each was looked at and found right.
all_good() {
    local n good
    n=$(frames "$2")
    good=$(frames "($2) && $1.checksum.status == \"Good\"")
    say "$1: $n frames of the stack, $good with a right checksum"
    [ "$n" -gt 0 ] || fail "$1: no frames: $(cat "$SCRATCH/tshark")"
    [ "$good" = "$n" ] || fail "$1: $((n - good)) checksums are wrong"
}

body() {
    local large sent seen
    MTU=$1
    scratch
    set_host_offloads "$2"
    HOST_MAC=$("$FETHCTL" status "$(host_side)" --json | jq -r .mac)
    start_tcpdump
    traffic
    large=$(counter .driver.tx_large)
    sent=$(counter .io.tx_frames)
    stop_tcpdump

    seen=$(frames eth)
    say "$large of the $sent frames sent were large; $seen were seen"
    if [ "$2" = host-off ]; then
        [ "$large" -gt 0 ] || fail "the stack sent no large frame: nothing was put to the test"
        [ "$seen" -gt $((sent + large)) ] || fail "the kernel cut no frame"
    fi
    seen=$(frames "frame.len > $((MTU + HEADER))")
    [ "$seen" = 0 ] || fail "$seen frames are larger than the MTU"
    # what is in a fragment has a checksum in the whole datagram only
    all_good ip ip
    all_good tcp tcp
    all_good udp 'udp && !ip.flags.mf == 1 && !ip.frag_offset > 0 && !ipv6.fraghdr'
    all_good icmp icmp
    all_good icmpv6 icmpv6
    seen=$(frames '_ws.malformed || ip.bogus_ip_length || tcp.bogus_header_length || udp.length.bad')
    [ "$seen" = 0 ] || fail "$seen frames are malformed"
}

main() {
    need tcpdump tshark curl jq ping
    stack_offloads "$2"
    with_stack --mtu "$1" ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "$@"
}

start "$@"
