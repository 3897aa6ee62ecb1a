#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --pcap FILE: what tcpdump reads from it is what went over the cable.
. "$(dirname "$0")/lib/common.sh"

body() {
    ping_some "$STACK4" 5 >/dev/null
    ping_some "$STACK6" 5 >/dev/null
    "$CLIENT" tcp "$STACK4" 7 100000 >/dev/null
    "$CLIENT" udp "$STACK4" 7 0 100 1 >/dev/null
}

# seen COUNT FILTER…: how many frames of the file match.
seen() {
    local want=$1 got
    shift
    got=$(tcpdump -n -r "$SCRATCH/file.pcap" "$@" 2>"$SCRATCH/err" | awk 'END { print NR }')
    say "$*: $got frames"
    [ "$got" = "$want" ] || fail "\"$*\": $got frames, not $want: $(cat "$SCRATCH/err")"
}

# capture [LWIP-ECHO-OPTION…]
capture() {
    with_stack --pcap "$SCRATCH/file.pcap" "$@" -- body
    tcpdump -n -r "$SCRATCH/file.pcap" >/dev/null 2>"$SCRATCH/err" || fail "tcpdump: $(cat "$SCRATCH/err")"
    seen 5 'icmp[icmptype] == icmp-echo'
    seen 5 'icmp[icmptype] == icmp-echoreply'
    seen 5 'icmp6 && ip6[40] == 128'
    seen 5 'icmp6 && ip6[40] == 129'
    seen 202 'udp port 7'
}

main() {
    need ping tcpdump
    scratch
    capture
    capture --offload off
    # without offloads every frame is complete
    local bad
    bad=$(tcpdump -n -vv -r "$SCRATCH/file.pcap" 'tcp or udp' 2>/dev/null | grep -E 'incorrect|bad udp cksum|bad cksum') || true
    [ -z "$bad" ] || fail "wrong checksums with --offload off: $(head -n 3 <<<"$bad")"
    say "--offload off: every checksum is right"
}

start "$@"
