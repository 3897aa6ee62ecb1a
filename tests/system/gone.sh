#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pair goes away under a running lwip-echo; an end goes down and comes up again.
. "$(dirname "$0")/lib/common.sh"

answering() {
    answers "$STACK4"
}

silent() {
    ! answering
}

# deleted END: which end is deleted, host_side or io_side.
deleted() {
    local name started ended
    scratch
    start_stack
    answering || fail "no answer before the pair was deleted"
    name=$("$1")
    started=$SECONDS
    link_destroy "$name"
    expect_exit 1 10
    ended=$SECONDS
    say "$name deleted: lwip-echo exited within $((ended - started + 1)) s: $(cat "$SCRATCH/err")"
    [ "$(lines_in "$SCRATCH/err")" = 1 ] || fail "not one line on stderr: $(cat "$SCRATCH/err")"
    grep -q feth "$SCRATCH/err" || fail "the message names no interface"
    [ $((ended - started)) -le 2 ] || fail "that took more than 2 seconds"
}

# macOS keeps an end whose other end is deleted: the cable is out, and that is no reason to end.
unplugged() {
    scratch
    start_stack
    answering || fail "no answer before the host side was deleted"
    link_destroy "$(host_side)"
    within 5 silent || fail "the host side is deleted and ping is still answered"
    kill -TERM "$STACK_PID"
    expect_exit 0 5
    say "the host side deleted: lwip-echo goes on"
}

# cycled END: down, then up; IPv6 addresses of a host side do not survive that, IPv4's do.
cycled() {
    local name
    scratch
    start_stack
    answering || fail "no answer before the interface went down"
    name=$("$1")
    link_down "$name"
    within 5 silent || fail "$name is down and ping is still answered"
    link_up "$name"
    within 10 answering || fail "$name is up again and ping is not answered"
    "$CLIENT" tcp "$STACK4" 7 100000 >/dev/null || fail "$name is up again and TCP does not work"
    say "$name down and up: traffic resumes"
}

main() {
    need ping
    if on_darwin; then
        in_private unplugged
    else
        in_private deleted host_side
    fi
    in_private deleted io_side
    in_private cycled host_side
    in_private cycled io_side
}

start "$@"
