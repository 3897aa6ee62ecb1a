# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of fethctl share, over common.sh.  ctest passes its path in FETHCTL.

# says EXPECTED COMMAND…: it succeeds, writes exactly that to stdout, and nothing to stderr.
says() {
    local expected=$1 got
    shift
    got=$("$FETHCTL" "$@" 2>&1) || fail "fethctl $* failed: $got"
    [ "$got" = "$expected" ] || fail "fethctl $* printed:
$got
instead of:
$expected"
    say "fethctl $*"
}

# refuses STATUS WORDS COMMAND…: it ends with that status, one line on stderr has those words, and neither an
# interface nor anything of one is changed.
refuses() {
    local status=$1 words=$2 got=0 before after
    shift 2
    before=$(all_of_all)
    limited 20 ${AS[@]+"${AS[@]}"} "$FETHCTL" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || got=$?
    after=$(all_of_all)
    printf 'fethctl %s\n    %s\n' "$*" "$(cat "$SCRATCH/err")"
    [ "$got" = "$status" ] || fail "exit status $got, not $status"
    [ "$(lines_in "$SCRATCH/err")" = 1 ] || fail "not one line on stderr"
    grep -Eqi -e "$words" "$SCRATCH/err" || fail "the line does not say \"$words\""
    [ "$before" = "$after" ] || fail "the interfaces are now:
$after
and were:
$before"
}

# status_of NAME JQ-EXPRESSION: a value of its status.
status_of() {
    "$FETHCTL" status "$1" --json | jq -r "$2"
}

# start_responder ARGUMENT…: "fethctl icmp" beside the test, ready when this returns; its output is in $SCRATCH/icmp.
# The test's end stops it, stop_responder earlier.
start_responder() {
    rm -f "$SCRATCH/icmp" # of a responder before this one: it was ready, this one is not
    set -m # without job control a background process ignores SIGINT
    "$FETHCTL" icmp "$@" >"$SCRATCH/icmp" 2>&1 </dev/null &
    STACK_PID=$!
    set +m
    within 10 responder_ready || fail "fethctl icmp $* was not ready within 10 seconds"
}

responder_ready() {
    kill -0 "$STACK_PID" 2>/dev/null || fail "fethctl icmp ended: $(cat "$SCRATCH/icmp")"
    [ -s "$SCRATCH/icmp" ]
}

# stop_responder: by Ctrl-C; it succeeds.
stop_responder() {
    kill -INT "$STACK_PID"
    wait "$STACK_PID" || fail "fethctl icmp ended with $?: $(cat "$SCRATCH/icmp")"
    STACK_PID=
}
