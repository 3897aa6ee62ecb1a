#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Thousands of TCP connections open at once, each echoing; then all closed, and nothing of them left.
. "$(dirname "$0")/lib/common.sh"

# Descriptors that the limit has to leave to others than the connections.
OTHER_FILES=64

# What the second round may add to the memory of the first: noise of the allocator, 1 KB for five connections.
RSS_GROWTH_KB=1024
# A BPF device is read into buffers of 2 MiB, whose pages stay once a read has reached them; how many are in use at once
# differs from round to round.
! on_darwin || RSS_GROWTH_KB=16384

rss_kb() {
    ps -o rss= -p "$(stack_process)" | xargs
}

all_open() {
    kill -0 "$1" 2>/dev/null || fail "the client ended: $(cat "$SCRATCH/said")"
    grep -qs ' connections open' "$SCRATCH/said"
}

# Connections that the stack has, listening ones and those in TIME-WAIT apart.  The request that asks is one itself.
connections() {
    counter '.lwip.tcp.active'
}

all_closed() {
    [ "$(connections)" -le 1 ]
}

# How long a connection stays in TIME-WAIT: twice the TCP_MSL of lwipopts.h, and a moment.
TIME_WAIT=32

# What one request of one's own has: a connection, and with it nothing else.
nothing_left() {
    counter '[.lwip.tcp.active + .lwip.tcp.time_wait, .lwip.used.tcp_pcb, .lwip.used.tcp_seg, .lwip.used.pbuf,
        .lwip.tcp.unsent, .lwip.tcp.unacked, .lwip.tcp.out_of_order] | "\(.)"'
}

# round COUNT: open all, look, close all.
round() {
    local count=$1 holder open
    rm -f "$SCRATCH/said" # of the round before: the client's process takes a moment to write its own
    mkfifo "$SCRATCH/hold"
    "$CLIENT" many "$STACK4" 7 "$count" <"$SCRATCH/hold" >"$SCRATCH/said" 2>&1 &
    holder=$!
    exec 3>"$SCRATCH/hold"
    within 60 all_open "$holder" || fail "not all connections opened within 60 seconds"
    open=$(connections)
    [ "$open" -ge "$count" ] || fail "the stack has $open connections, not $count"
    exec 3>&- # the client echoes once more and closes
    wait "$holder" || fail "not all connections echoed: $(cat "$SCRATCH/said")"
    rm "$SCRATCH/hold"
    within 30 all_closed || fail "$(connections) connections are left"
    say "$count connections at once (the stack says $open), all echoed twice, all closed"
}

# After a while in which nobody asks, so that no request is in TIME-WAIT either.
settle() {
    sleep "$TIME_WAIT"
    nothing_left
}

body() {
    local count limit rss0 rss1 rss2 left
    scratch
    count=$(scaled 5000)
    limit=$(ulimit -H -n)
    if [ "$limit" != unlimited ] && [ "$limit" -lt $((count + OTHER_FILES)) ]; then
        count=$((limit - OTHER_FILES))
        say "the hard limit of open files, $limit, allows $count connections"
    fi
    round 10
    rss0=$(rss_kb)
    round "$count"
    rss1=$(rss_kb)
    round "$count"
    rss2=$(rss_kb)
    left=$(settle)
    [ "$left" = '[1,1,0,0,0,0,0]' ] || fail "left are (connections, pcbs, segments, pbufs, queued segments): $left"
    say "nothing is left but the request that asks: $left"
    say "resident: $rss0 KB, after the first round $rss1 KB, after the second $rss2 KB"
    # What malloc() keeps for the next time is no leak; growth from one round to the next would be.  A sanitizer's
    # allocator keeps what it likes, and looks for leaks itself when the program ends.
    if [ -n "${SANITIZE-}" ]; then
        say "built with $SANITIZE: resident memory is shown, not judged"
        return
    fi
    [ "$((rss2 - rss1))" -le "$RSS_GROWTH_KB" ] || fail "the second round took $((rss2 - rss1)) KB more than the first"
}

main() {
    need curl jq ps mkfifo
    with_stack -- body
}

start "$@"
