#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# loss.sh FAMILY: between the stack and the host the large frames of both are cut, and now and then a piece is lost.  It
# is sent again alone: lwIP's three duplicate acknowledgements, and lwIP's SACK, are about that piece.  And then pieces
# are lost, delayed, doubled and damaged by chance, and every byte gets through.
. "$(dirname "$0")/lib/common.sh"

EVERY=20 # large frames
CUTTER_PID=

end() {
    [ -z "$CUTTER_PID" ] || kill "$CUTTER_PID" 2>/dev/null || true # it may have ended
    clear_up
}

cutter_ready() {
    kill -0 "$CUTTER_PID" 2>/dev/null || fail "the cutter ended: $(cat "$SCRATCH/cutter.err")"
    grep -qs ready "$SCRATCH/cutter"
}

# start_cutter PORT EVERY|bad
start_cutter() {
    rm -f "$SCRATCH/cutter" # of one before it: that was ready, this one is not
    "$CUTTER" feth0 feth3 "$1" "$2" >"$SCRATCH/cutter" 2>"$SCRATCH/cutter.err" </dev/null &
    CUTTER_PID=$!
    within 10 cutter_ready || fail "the cutter is not ready: $(cat "$SCRATCH/cutter.err")"
}

# stop_cutter: what it has counted is in COUNTED.
stop_cutter() {
    kill -TERM "$CUTTER_PID"
    wait "$CUTTER_PID" || fail "the cutter: $(cat "$SCRATCH/cutter.err")"
    CUTTER_PID=
    COUNTED=$(tail -n 1 "$SCRATCH/cutter")
}

counted() {
    jq -r "$1" <<<"$COUNTED"
}

# resent WAY PORT: what was lost that way was sent again, most of it alone, and not much else was.  Characters are
# generated without end: the last piece that was lost may be one that the client did not wait for.
resent() {
    local large lost alone lost_bytes resent_bytes due
    large=$(counted ".$1.large") lost=$(counted ".$1.lost") alone=$(counted ".$1.alone")
    lost_bytes=$(counted ".$1.lost_bytes") resent_bytes=$(counted ".$1.resent_bytes")
    say "$1: $lost pieces of $large large frames lost, $alone sent again alone;" \
        "$lost_bytes bytes lost, $resent_bytes sent again"
    [ "$lost" -ge 1 ] || fail "$1: no piece was lost"
    due=$lost_bytes
    [ "$2" != 19 ] || due=$((lost_bytes - lost_bytes / lost))
    [ "$resent_bytes" -ge "$due" ] || fail "$1: less was sent again than was lost"
    [ $((4 * alone)) -ge $((3 * lost)) ] && [ "$resent_bytes" -le $((2 * lost_bytes)) ]
}

# transfer PORT WAYS CLIENT-ARGUMENT…: where the machine is busy with other things a segment may time out, and what
# follows it is then sent again, too; not every time.
transfer() {
    local port=$1 ways=$2 attempt way good
    shift 2
    for attempt in 1 2 3; do
        start_cutter "$port" "$EVERY"
        client "$1" "$@"
        stop_cutter
        good=yes
        for way in $ways; do
            resent "$way" "$port" || good=no
        done
        [ "$good" = no ] || return 0
        say "more than what was lost was sent again, attempt $attempt"
    done
    fail "$1: each time more was sent again than what was lost"
}

body() {
    local bytes
    bytes=$(scaled 20000000 8000000)
    scratch
    trap end EXIT
    # the ends at which the cutter is are I/O sides, which keep out of ARP
    "$FETHCTL" create --pair 1 0 --up >/dev/null
    "$FETHCTL" create --pair 2 3 --host-addr "$HOST4/24" --host-addr "$HOST6/64" --up >/dev/null
    start_stack --io feth1
    transfer 19 to_host chargen "$1" 19 "$bytes"
    transfer 9 to_stack discard "$1" 9 "$bytes"
    transfer 7 'to_host to_stack' tcp "$1" 7 "$bytes"
    # with all that can happen to them; the time goes into waiting, so many at once
    start_cutter 7 bad
    client 'a bad cable' tcp "$1" 7 $((bytes / 100)) 12
    stop_cutter
}

main() {
    need jq
    local stack
    case $1 in
    ipv4) stack=$STACK4 ;;
    ipv6) stack=$STACK6 ;;
    *) fail "usage: loss.sh ipv4|ipv6" ;;
    esac
    in_private body "$stack"
}

start "$@"
