#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh OFFLOADS: what the host may put into the headers of a stream: urgent data, IP options, ever another window,
# FIN behind any number of bytes.  Every byte comes back, and the capture tells that they were put there.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/capture.sh"
. "$(dirname "$0")/lib/offloads.sh"

# padded to multiples of 4, and of 8
RECORD_ROUTE=01072704$(printf '%072d' 0)
TIMESTAMP=44280500$(printf '%072d' 0)
DESTINATION=0000010400000000 # IPv6: an option that pads

body() {
    local bytes n
    set_host_offloads "$1"
    bytes=$(scaled 4000000 400000)
    client 'urgent data, IPv4' urgent "$STACK4" 7 "$bytes" 2
    client 'urgent data, IPv6' urgent "$STACK6" 7 "$bytes" 2
    client 'record route' --ip-options "$RECORD_ROUTE" tcp "$STACK4" 7 "$bytes"
    client 'internet timestamp' --ip-options "$TIMESTAMP" tcp "$STACK4" 7 "$bytes"
    client 'destination options' --ip-options "$DESTINATION" tcp "$STACK6" 7 "$bytes"
    client 'a small window, IPv4' --receive 4000 tcp "$STACK4" 7 "$((bytes / 20))" 8
    client 'a small window, IPv6' --receive 20000 tcp "$STACK6" 7 "$((bytes / 20))" 8
    for n in 1 2 1439 1440 1441 1459 1460 1461 2919 2920 2921 14599 14600 14601 65535 65536 100000 200001; do
        "$CLIENT" tcp "$STACK4" 7 "$n" 3 >/dev/null || fail "FIN behind $n bytes, IPv4"
        "$CLIENT" tcp "$STACK6" 7 "$n" 3 >/dev/null || fail "FIN behind $n bytes, IPv6"
    done
    say 'FIN behind any number of bytes'
    no_bad_checksums
}

# seen LABEL FILTER: at least one frame of the capture matches.
seen() {
    local n
    n=$(frames_in "$SCRATCH/file.pcap" "$2")
    say "$1: $n frames"
    [ "$n" -gt 0 ] || fail "$1: the host has sent none: nothing was put to the test"
}

main() {
    local large=1514
    need tcpdump curl jq
    scratch
    stack_offloads "$1"
    with_stack --pcap "$SCRATCH/file.pcap" ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "$1"
    require_tcpdump "$SCRATCH/file.pcap"
    seen 'urgent data, IPv4' "dst host $STACK4 && tcp[tcpflags] & tcp-urg != 0"
    seen 'urgent data, IPv6' "dst host $STACK6 && ip6[6] = 6 && ip6[53] & 0x20 != 0"
    seen 'IPv4 options' "dst host $STACK4 && tcp && ip[0] & 15 = 15"
    seen 'IPv6 destination options' "dst host $STACK6 && ip6[6] = 60"
    seen 'FIN with data' "dst host $STACK4 && tcp[tcpflags] & tcp-fin != 0 && greater 500"
    [ "$1" = default ] && ! on_darwin || return 0
    seen 'large frames with IPv4 options' "dst host $STACK4 && tcp && ip[0] & 15 = 15 && greater $((large + 1))"
    seen 'large frames with IPv6 destination options' "dst host $STACK6 && ip6[6] = 60 && greater $((large + 1))"
    seen 'large frames with FIN' "dst host $STACK4 && tcp[tcpflags] & tcp-fin != 0 && greater $((large + 1))"
}

start "$@"
