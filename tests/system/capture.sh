#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fethctl capture: what it shows and writes is what went over the cable, and it ends as a tool in a pipe does.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"
. "$(dirname "$0")/lib/capture.sh"

# pings COUNT [SIZE]
pings() {
    ping_some 10.0.0.2 "$@" >"$SCRATCH/ping" || fail "no answer to ping: $(cat "$SCRATCH/ping")"
}

# Both directions, although it is another program that answers.
lines() {
    local time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6}'
    local signal
    for signal in INT TERM HUP; do
        start_capture feth101
        pings 3
        within 10 has_lines 3 "^$time IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request, id [0-9]+, seq [0123], length 64$" ||
            fail "not three requests: $(cat "$SCRATCH/lines")"
        within 10 has_lines 3 "^$time IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply, id [0-9]+, seq [0123], length 64$" ||
            fail "not three replies: $(cat "$SCRATCH/lines")"
        stop_capture "$signal"
        say "lines, ended by $signal: $(tail -n 1 "$SCRATCH/said")"
    done
    # the same on the host side, and on another cable, which on Linux is no feth
    start_capture feth0 icmp
    pings 1
    within 10 has_lines 2 'ICMP echo' || fail "feth0: $(cat "$SCRATCH/lines")"
    stop_capture
    local cable=(feth60 feth61)
    if on_darwin; then
        "$FETHCTL" create --pair 60 61 --up >/dev/null
    else
        cable=(cable0 cable1)
        foreign_pair "${cable[@]}"
        link_up cable0
        link_up cable1
    fi
    start_capture "${cable[1]}" "$OURS"
    "$FETHCTL" inject "${cable[0]}" "$SCRATCH/known.pcap" >/dev/null
    within 10 has_lines 100 '02:fe:ed:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 0x88b5, length' ||
        fail "${cable[1]}: $(cat "$SCRATCH/lines")"
    stop_capture
    if on_darwin; then
        "$FETHCTL" destroy "${cable[@]}" >/dev/null
    else
        link_destroy cable0
    fi
}

files() {
    start_capture feth101 -w "$SCRATCH/file.pcap" "$OURS"
    "$FETHCTL" inject feth0 "$SCRATCH/known.pcap" >/dev/null
    # whole records are there while it runs
    within 10 has_frames 100 "$SCRATCH/file.pcap" || fail "$(frames_in "$SCRATCH/file.pcap") frames in the file"
    stop_capture
    [ ! -s "$SCRATCH/lines" ] || fail "lines beside a file: $(cat "$SCRATCH/lines")"
    same_frames 'tcpdump reads' "$SCRATCH/known.pcap" "$SCRATCH/file.pcap"
    if command -v tshark >/dev/null; then
        tshark -n -r "$SCRATCH/known.pcap" -T fields -e frame.len -e eth.type -e data >"$SCRATCH/known" 2>/dev/null
        tshark -n -r "$SCRATCH/file.pcap" -T fields -e frame.len -e eth.type -e data >"$SCRATCH/read" 2>/dev/null
        [ "$(lines_in "$SCRATCH/read")" = 100 ] || fail "tshark reads $(lines_in "$SCRATCH/read") frames"
        cmp "$SCRATCH/known" "$SCRATCH/read" || fail "tshark reads something else"
        say "tshark reads: the same 100 frames"
    else
        say "not read by tshark, which is not installed"
    fi
    [ "$(od -A n -t x4 -N 4 "$SCRATCH/file.pcap" | xargs)" = a1b23c4d ] || fail "not a file with nanoseconds"
    tcpdump -n -tt --nano -r "$SCRATCH/file.pcap" 2>/dev/null | awk '!/^\t/ { print $1 }' >"$SCRATCH/times"
    grep -qE '^[0-9]+\.[0-9]{9}$' "$SCRATCH/times" || fail "times: $(head -n 1 "$SCRATCH/times")"
    sort -n -c "$SCRATCH/times" || fail "the times go back"
    say "nanosecond times in order, from $(head -n 1 "$SCRATCH/times")"

    # parts of frames
    start_capture feth101 -s 60 -c 100 -w "$SCRATCH/cut.pcap" "$OURS"
    "$FETHCTL" inject feth0 "$SCRATCH/known.pcap" >/dev/null
    ended 0
    editcap -F nsecpcap -s 60 "$SCRATCH/known.pcap" "$SCRATCH/known60.pcap"
    same_frames '-s 60' "$SCRATCH/known60.pcap" "$SCRATCH/cut.pcap"
}

# A filter keeps what tcpdump's keeps.
filters() {
    local filter
    local n=0
    for filter in icmp arp 'icmp[icmptype] == icmp-echo and greater 200' 'not ether src 02:00:0a:00:00:02 and ip' \
        'ip host 10.0.0.2 and ip[8] == 64' 'ether proto 0x88b5 and less 400' 'vlan 7'; do
        n=$((n + 1))
        start_capture feth101 -w "$SCRATCH/all.pcap"
        local all=$CAPTURE_PID
        # one argument, or many
        if [ $((n % 2)) = 0 ]; then
            start_capture feth101 -w "$SCRATCH/some.pcap" "$filter"
        else
            # shellcheck disable=SC2086
            start_capture feth101 -w "$SCRATCH/some.pcap" $filter
        fi
        forget_neighbours feth0 10.0.0.2
        pings 2
        pings 2 300
        "$FETHCTL" inject feth0 "$SCRATCH/known.pcap" >/dev/null
        "$FETHCTL" inject feth0 "$SCRATCH/tagged.pcap" >/dev/null
        "$FETHCTL" inject feth0 "$SCRATCH/last.pcap" >/dev/null
        within 10 has_frames 1 "$SCRATCH/all.pcap" 'ether proto 0x88b6' || fail "the last frame is not there"
        tcpdump -r "$SCRATCH/all.pcap" -w "$SCRATCH/kept.pcap" "$filter" 2>/dev/null
        # it has read what came before the last frame once it has read all that it keeps
        within 10 has_frames "$(frames_in "$SCRATCH/kept.pcap")" "$SCRATCH/some.pcap" ||
            fail "$filter: $(frames_in "$SCRATCH/some.pcap") frames, tcpdump keeps $(frames_in "$SCRATCH/kept.pcap")"
        stop_capture
        CAPTURE_PID=$all
        kill -INT "$all"
        ended 0
        same_frames "$filter" "$SCRATCH/kept.pcap" "$SCRATCH/some.pcap"
    done
}

pipes() {
    local status=0

    # head ends after a line; the capture notices although no frame comes any more
    rm -f "$SCRATCH/said"
    (limited 20 "$FETHCTL" capture feth101 icmp 2>"$SCRATCH/said" | head -n 1 >"$SCRATCH/lines") &
    local pipe=$!
    within 10 listening || fail "no capture in front of head"
    pings 1
    wait "$pipe" || status=$?
    [ "$status" = 0 ] || fail "capture | head -n 1: status $status: $(cat "$SCRATCH/said")"
    has_lines 1 'ICMP echo request' || fail "capture | head -n 1: $(cat "$SCRATCH/lines")"
    [ "$(cat "$SCRATCH/said")" = 'listening on feth101' ] || fail "capture | head -n 1 says: $(cat "$SCRATCH/said")"
    say 'capture | head -n 1 ends'

    # a stream is read while it runs
    rm -f "$SCRATCH/said"
    mkfifo "$SCRATCH/fifo"
    tcpdump -n -l -r - <"$SCRATCH/fifo" >"$SCRATCH/lines" 2>"$SCRATCH/tcpdump" &
    pipe=$!
    set -m
    "$FETHCTL" capture feth101 -w - icmp >"$SCRATCH/fifo" 2>"$SCRATCH/said" </dev/null &
    CAPTURE_PID=$!
    set +m
    within 10 listening || fail "no capture in front of tcpdump: $(cat "$SCRATCH/said")"
    pings 2
    within 10 has_lines 4 'ICMP echo' || fail "capture -w - | tcpdump -r -: $(cat "$SCRATCH/lines")"
    kill -0 "$pipe" || fail "tcpdump has ended"
    stop_capture
    wait "$pipe" || fail "tcpdump: $(cat "$SCRATCH/tcpdump")"
    say 'capture -w - | tcpdump -r - streams'
}

counts() {
    start_capture feth101 -c 3 icmp
    pings 3
    ended 0
    has_lines 3 'ICMP echo' || fail "-c 3: $(cat "$SCRATCH/lines")"
    grep -q ' 3 matched, 0 dropped$' "$SCRATCH/said" || fail "-c 3 says: $(cat "$SCRATCH/said")"
    # nothing but the count; whether it listens shows in no line, so frames come until it ends
    "$FETHCTL" capture -q feth101 -c 1 >"$SCRATCH/lines" 2>"$SCRATCH/said" </dev/null &
    CAPTURE_PID=$!
    until gone "$CAPTURE_PID"; do
        pings 1
    done
    ended 0
    [ ! -s "$SCRATCH/lines" ] || fail "-q, and yet there are lines: $(cat "$SCRATCH/lines")"
    [ "$(cat "$SCRATCH/said")" = '1 frame seen, 0 dropped' ] || fail "-q says: $(cat "$SCRATCH/said")"
}

disk_full_later() {
    rm -f "$SCRATCH/said"
    "$FETHCTL" capture feth101 >/dev/full 2>"$SCRATCH/said" </dev/null &
    CAPTURE_PID=$!
    within 10 listening || fail "no capture"
    pings 1
    ended 1
    grep -q 'No space left' "$SCRATCH/said" || fail "a full disk: $(cat "$SCRATCH/said")"
    [ "$(grep -c 'cannot write' "$SCRATCH/said")" = 1 ] || fail "a full disk, said more than once: $(cat "$SCRATCH/said")"
}

bad_input() {
    AS=()
    refuses 2 'required' capture
    refuses 2 'filter.*syntax error' capture feth101 tcp prot 80
    refuses 2 'filter.*10.0.0.300' capture feth101 'host 10.0.0.300'
    refuses 2 'count' capture feth101 -c 0
    refuses 2 'count' capture feth101 -c many
    refuses 2 'length' capture feth101 -s 262145
    refuses 2 'file name' capture feth101 -w ''
    refuses 2 '-w needs a value' capture feth101 -w
    refuses 2 '--no-such' capture feth101 --no-such
    refuses 1 'nosuch0.*no such' capture nosuch0
    refuses 1 "$LOOPBACK.*not an Ethernet" capture "$LOOPBACK"
    refuses 1 '/no/such/file' capture feth101 -w /no/such/file
    [ ! -w /dev/full ] || refuses 1 'No space left' capture feth101 -w /dev/full

    # what cannot be captured overwrites nothing
    echo precious >"$SCRATCH/precious"
    refuses 1 'nosuch0' capture nosuch0 -w "$SCRATCH/precious"
    refuses 2 'filter' capture feth101 -w "$SCRATCH/precious" no filter
    [ "$(cat "$SCRATCH/precious")" = precious ] || fail "a file was overwritten"

    if [ -w /dev/full ]; then
        disk_full_later
    fi

    # no privilege
    AS=("${UNPRIVILEGED[@]}")
    refuses 1 'CAP_NET_RAW|sudo' capture feth101
    refuses 1 'CAP_NET_RAW|sudo' capture feth101 -w "$SCRATCH/precious"
    [ "$(cat "$SCRATCH/precious")" = precious ] || fail "a file was overwritten without privilege"
}

# The interface goes down and comes back; then it goes for good.
links() {
    start_capture feth101 icmp
    link_down feth101
    within 10 grep -q 'feth101 is down; waiting' "$SCRATCH/said" || fail "down: $(cat "$SCRATCH/said")"
    link_up feth101
    within 10 answers 10.0.0.2 || fail "no answer after the interface came back"
    within 10 grep -q 'ICMP echo' "$SCRATCH/lines" || fail "nothing after the interface came back"
    stop_responder
    "$FETHCTL" destroy feth101 >/dev/null
    ended 1
    grep -q 'feth101.*destroyed' "$SCRATCH/said" || fail "destroyed: $(cat "$SCRATCH/said")"
}

body() {
    scratch
    make_frames "$SCRATCH/known.pcap" 100
    require_tcpdump "$SCRATCH/known.pcap"
    make_frames "$SCRATCH/tagged.pcap" 5 '81 00 00 07 88 b5'
    make_frames "$SCRATCH/last.pcap" 1 '88 b6'
    "$FETHCTL" create --pair 0 101 --host-addr 10.0.0.1/24 --up >/dev/null
    start_responder feth101 10.0.0.2
    lines
    files
    filters
    pipes
    counts
    bad_input
    links
}

main() {
    need ping tcpdump text2pcap editcap "${UNPRIVILEGED[0]}"
    only_ours
    need_free 10.0.0
    in_private body
}

start "$@"
