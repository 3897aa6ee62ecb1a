#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Thousands of TCP connections open at once, each echoing; then all closed, and nothing of them left.
. "$(dirname "$0")/lib/common.sh"

# Descriptors that the limit has to leave to others than the connections.
OTHER_FILES=64

rss_kb() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$PPID/status"
}

all_open() {
    kill -0 "$1" 2>/dev/null || fail "the client ended: $(cat "$SCRATCH/said")"
    grep -q ' connections open' "$SCRATCH/said"
}

# Connections that the stack has, listening ones apart.  The request that asks is one itself.
connections() {
    counter '.lwip.tcp.active + .lwip.tcp.time_wait'
}

all_closed() {
    [ "$(connections)" -le 1 ]
}

# round COUNT: open all, look, close all.
round() {
    local count=$1 holder open
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

body() {
    local count limit rss0 rss1 rss2
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
    say "resident: $rss0 KB, after the first round $rss1 KB, after the second $rss2 KB"
}

main() {
    need curl jq awk mkfifo
    with_stack -- body
}

start "$@"
