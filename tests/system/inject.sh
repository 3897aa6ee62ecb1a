#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fethctl inject: a capture file's frames leave as they are in the file, and what does not leave is said.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"
. "$(dirname "$0")/lib/capture.sh"

# arrives LABEL FILE INJECT-ARGUMENT…: inject says that it has sent all frames of the file, and they arrive.
arrives() {
    local label=$1 file=$2 n said
    shift 2
    n=$(frames_in "$file")
    start_capture feth3 -c "$n" -w "$SCRATCH/copy.pcap" "$FRAMES"
    said=$("$FETHCTL" inject "$@") || fail "$label: inject failed"
    [ "$said" = "sent $n frames" ] || fail "$label: it says \"$said\", the file has $n frames"
    ended 0
    same_frames "$label" "$file" "$SCRATCH/copy.pcap"
}

# What a ping between two machines looked like, replayed where neither is.
replay() {
    start_responder feth101 10.0.0.2
    start_capture feth101 -c 10 -w "$SCRATCH/pings.pcap" 'icmp or arp'
    within 10 ping_some 10.0.0.2 5 >/dev/null || fail "no answer to ping"
    ended 0
    stop_responder
    FRAMES='icmp or arp'
    arrives 'replay' "$SCRATCH/pings.pcap" feth2 "$SCRATCH/pings.pcap"
    arrives '--as-recorded' "$SCRATCH/pings.pcap" feth2 --as-recorded "$SCRATCH/pings.pcap"
    arrives '--rate 200' "$SCRATCH/pings.pcap" feth2 "$SCRATCH/pings.pcap" --rate 200
}

formats() {
    local format
    FRAMES=$OURS
    for format in pcap nsecpcap pcapng; do
        editcap -F "$format" "$SCRATCH/known.pcap" "$SCRATCH/file.$format"
        arrives "$format" "$SCRATCH/known.pcap" feth2 "$SCRATCH/file.$format"
        arrives "$format by standard input" "$SCRATCH/known.pcap" feth2 - <"$SCRATCH/file.$format"
    done
    # more than fit into one batch, each with a pause in front
    arrives '--rate 2000.5' "$SCRATCH/known.pcap" feth2 --rate 2000.5 "$SCRATCH/known.pcap"
    make_frames "$SCRATCH/many.pcap" 3000
    arrives 'many frames' "$SCRATCH/many.pcap" feth2 "$SCRATCH/many.pcap"
    # a frame with a tag may be longer by the tag
    make_frames "$SCRATCH/tagged.pcap" 50 '81 00 00 07 88 b5'
    FRAMES='vlan 7'
    arrives 'tagged frames' "$SCRATCH/tagged.pcap" feth2 "$SCRATCH/tagged.pcap"
    # the times of a file may go back
    editcap -t -100 "$SCRATCH/known.pcap" "$SCRATCH/earlier.pcap"
    mergecap -a -F pcap -w "$SCRATCH/back.pcap" "$SCRATCH/known.pcap" "$SCRATCH/earlier.pcap"
    FRAMES=$OURS
    arrives 'times that go back' "$SCRATCH/back.pcap" feth2 --as-recorded "$SCRATCH/back.pcap"
}

# leaves_out SAID TOLD FILE: it ends with 1, prints that, and names frames on stderr.
leaves_out() {
    local said=$1 told=$2 got status=0
    shift 2
    got=$("$FETHCTL" inject feth2 "$@" 2>"$SCRATCH/err") || status=$?
    say "inject $*: $got"
    head -n 3 "$SCRATCH/err"
    [ "$status" = 1 ] || fail "exit status $status, not 1"
    [ "$got" = "$said" ] || fail "it says \"$got\", not \"$said\""
    grep -q -e "$told" "$SCRATCH/err" || fail "on stderr is no \"$told\": $(cat "$SCRATCH/err")"
    [ "$(lines_in "$SCRATCH/err")" -le 11 ] || fail "too many lines on stderr: $(lines_in "$SCRATCH/err")"
}

skipped() {
    local cut long
    editcap -F pcap -s 60 "$SCRATCH/known.pcap" "$SCRATCH/cut.pcap"
    cut=$(frames_in "$SCRATCH/known.pcap" 'greater 61')
    leaves_out "sent $((100 - cut)) frames, skipped $cut: $cut cut in the capture" \
        'frame 3 is not sent: the file has 60 of its 90 bytes' "$SCRATCH/cut.pcap"

    link_mtu feth2 576
    long=$(frames_in "$SCRATCH/known.pcap" 'greater 591')
    leaves_out "sent $((100 - long)) frames, skipped $long: $long too long" 'frame .* is not sent: .*MTU' \
        "$SCRATCH/known.pcap"

    printf '000000 ff ff ff\n' >"$SCRATCH/hex"
    text2pcap -q "$SCRATCH/hex" "$SCRATCH/short.pcap" >/dev/null 2>&1
    mergecap -a -F pcap -w "$SCRATCH/mixed.pcap" "$SCRATCH/short.pcap" "$SCRATCH/cut.pcap" "$SCRATCH/known.pcap"
    leaves_out "sent $((200 - cut - long)) frames, skipped $((cut + long + 1)): $cut cut in the capture, 1 too short, $long too long" \
        'frame 1 is not sent: 3 bytes' "$SCRATCH/mixed.pcap"
    grep -q 'further ones' "$SCRATCH/err" || fail "the rest is silently left out: $(cat "$SCRATCH/err")"
    link_mtu feth2 1500

    # a file that ends within a frame
    # (24 bytes of its own, 16 in front of each frame of 16, 53, 90, 127, 164)
    head -c 400 "$SCRATCH/file.pcap" >"$SCRATCH/torn.pcap"
    leaves_out 'sent 4 frames' 'after frame 4' "$SCRATCH/torn.pcap"
}

interrupted() {
    local pid status=0
    start_capture feth3 -c 1 "$OURS"
    set -m
    "$FETHCTL" inject feth2 --rate 0.001 "$SCRATCH/known.pcap" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    pid=$!
    set +m
    ended 0 # with the first frame, which does not wait for the second
    kill -INT "$pid"
    within 10 gone "$pid" || fail "Ctrl-C does not end it"
    wait "$pid" || status=$?
    [ "$status" = 1 ] || fail "interrupted, exit status $status"
    [ "$(cat "$SCRATCH/out")" = 'sent 1 frame' ] || fail "interrupted, it says: $(cat "$SCRATCH/out")"
    grep -q 'interrupted' "$SCRATCH/err" || fail "interrupted, it says: $(cat "$SCRATCH/err")"
    say "interrupted: $(cat "$SCRATCH/out" "$SCRATCH/err")"
}

bad_input() {
    AS=()
    refuses 2 'required' inject
    refuses 2 'required' inject feth2
    refuses 2 'surplus' inject feth2 "$SCRATCH/known.pcap" "$SCRATCH/known.pcap"
    refuses 2 'rate' inject feth2 "$SCRATCH/known.pcap" --rate 0
    refuses 2 'rate' inject feth2 "$SCRATCH/known.pcap" --rate -5
    refuses 2 'rate' inject feth2 "$SCRATCH/known.pcap" --rate nan
    refuses 2 'rate' inject feth2 "$SCRATCH/known.pcap" --rate 1e10
    refuses 2 'rate' inject feth2 "$SCRATCH/known.pcap" --rate 10pps
    refuses 2 'choose one' inject feth2 "$SCRATCH/known.pcap" --rate 10 --as-recorded
    refuses 2 '--no-such' inject feth2 "$SCRATCH/known.pcap" --no-such
    refuses 1 'nosuch0.*no such' inject nosuch0 "$SCRATCH/known.pcap"
    refuses 1 "$LOOPBACK.*not an Ethernet" inject "$LOOPBACK" "$SCRATCH/known.pcap"
    refuses 1 '/no/such/file.*No such file' inject feth2 /no/such/file
    refuses 1 'directory' inject feth2 "$SCRATCH"
    refuses 1 'unknown file format' inject feth2 "$0"
    refuses 1 'truncated' inject feth2 /dev/null
    editcap -F pcap -T rawip "$SCRATCH/known.pcap" "$SCRATCH/raw.pcap"
    refuses 1 'not Ethernet' inject feth2 "$SCRATCH/raw.pcap"
    editcap -F pcapng -T ieee-802-11 "$SCRATCH/known.pcap" "$SCRATCH/radio.pcapng"
    refuses 1 'not Ethernet.*802_11' inject feth2 "$SCRATCH/radio.pcapng"
    AS=("${UNPRIVILEGED[@]}")
    refuses 1 'CAP_NET_RAW|sudo' inject feth2 "$SCRATCH/known.pcap"

    # last, since the kernel takes its time to note a change of the link
    "$FETHCTL" set feth2 --state down >/dev/null
    local status=0
    "$FETHCTL" inject feth2 "$SCRATCH/known.pcap" >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
    [ "$status" = 1 ] || fail "an interface that is down: exit status $status"
    grep -q 'bring it up' "$SCRATCH/err" || fail "an interface that is down: $(cat "$SCRATCH/err")"
    [ "$(cat "$SCRATCH/out")" = 'sent 0 frames' ] || fail "an interface that is down: $(cat "$SCRATCH/out")"
}

body() {
    scratch
    make_frames "$SCRATCH/known.pcap" 100
    require_tcpdump "$SCRATCH/known.pcap"
    "$FETHCTL" create --pair 0 101 --host-addr 10.0.0.1/24 --up >/dev/null
    "$FETHCTL" create --pair 2 3 --up >/dev/null
    replay
    formats
    skipped
    interrupted
    bad_input
}

main() {
    need ping tcpdump text2pcap editcap mergecap "${UNPRIVILEGED[0]}"
    only_ours
    need_free 10.0.0
    in_private body
}

start "$@"
