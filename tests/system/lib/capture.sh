# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of capture files share, over common.sh.

# in_file FILE [FILTER…]: the frames of a capture file, their bytes and nothing of the time, as tcpdump reads them.
in_file() {
    local file=$1
    shift
    tcpdump -n -t -xx -r "$file" "$@" 2>"$SCRATCH/tcpdump" || fail "tcpdump cannot read $file: $(cat "$SCRATCH/tcpdump")"
}

# frames_in FILE [FILTER…]: how many there are.
frames_in() {
    local file=$1
    shift
    # the bytes of unknown protocols come in lines of their own, behind a tab
    tcpdump -n -t -r "$file" "$@" 2>/dev/null | awk '!/^\t/ { n++ } END { print n + 0 }'
}

# same_frames LABEL FILE FILE: byte by byte, in order.
same_frames() {
    local n
    n=$(frames_in "$2")
    [ "$(in_file "$2")" = "$(in_file "$3")" ] ||
        fail "$1: $(diff <(in_file "$2") <(in_file "$3") | head -n 20)"
    say "$1: the same $n frames"
}

# make_frames FILE COUNT [TYPE]: a capture file of frames of many sizes and of a protocol that no kernel answers.
make_frames() {
    awk -v n="$2" -v type="${3:-88 b5}" 'BEGIN {
        for (i = 0; i < n; i++) {
            printf "000000 ff ff ff ff ff ff 02 fe ed 00 00 01 %s", type
            size = 2 + i * 37 % 1485 # the kernel drops a tag with less than two bytes behind it
            for (k = 0; k < size; k++)
                printf " %02x", (i + k) % 256
            printf "\n"
        }
    }' >"$SCRATCH/hex"
    text2pcap -q "$SCRATCH/hex" "$1" >"$SCRATCH/text2pcap" 2>&1 || fail "text2pcap: $(cat "$SCRATCH/text2pcap")"
}

# require_tcpdump FILE: as root it becomes another user first, also to read a file, and in a user namespace it may not.
require_tcpdump() {
    tcpdump -n -r "$1" >/dev/null 2>"$SCRATCH/tcpdump" ||
        skip "tcpdump does not read files in this namespace: $(tail -n 1 "$SCRATCH/tcpdump")"
}

# what selects them
OURS='ether proto 0x88b5'
export OURS

# start_capture ARGUMENT…: "fethctl capture" beside the test, listening when this returns.  Sets CAPTURE_PID; its output
# is in $SCRATCH/lines and $SCRATCH/said.
start_capture() {
    rm -f "$SCRATCH/said"
    set -m # without job control a background process ignores SIGINT
    "$FETHCTL" capture "$@" >"$SCRATCH/lines" 2>"$SCRATCH/said" </dev/null &
    CAPTURE_PID=$!
    set +m
    within 10 listening || fail "fethctl capture $* does not listen: $(cat "$SCRATCH/said")"
}

listening() {
    grep -qs '^listening on ' "$SCRATCH/said"
}

# ended STATUS: the capture ends by itself with that status.
ended() {
    local status=0
    within 10 gone "$CAPTURE_PID" || fail "the capture does not end"
    wait "$CAPTURE_PID" || status=$?
    [ "$status" = "$1" ] || fail "the capture ended with $status, not $1: $(cat "$SCRATCH/said")"
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}

# stop_capture [SIGNAL]: by Ctrl-C, or another signal; it succeeds, and says what it has seen.
stop_capture() {
    kill -"${1:-INT}" "$CAPTURE_PID"
    ended 0
    grep -qE '^[0-9]+ frames? seen, ([0-9]+ matched, )?0 dropped$' "$SCRATCH/said" ||
        fail "no count at the end: $(cat "$SCRATCH/said")"
}

# has_frames COUNT FILE [FILTER…]: for within.
has_frames() {
    local want=$1
    shift
    [ "$(frames_in "$@")" = "$want" ]
}

# has_lines COUNT PATTERN: of the capture's lines, for within.
has_lines() {
    [ "$(grep -cE "$2" "$SCRATCH/lines")" = "$1" ]
}
