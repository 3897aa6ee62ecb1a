#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# By what frames are sent: programs tell it, and can be told.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

# by WAY [LWIP-ECHO-OPTION…]: lwip-echo sends by it, says so, and is answered.
by() {
    local way=$1 told
    shift
    start_stack "$@"
    grep -qF "($way)" "$SCRATCH/out" || fail "the ready line names no $way: $(cat "$SCRATCH/out")"
    told=$(counter .send_by)
    [ "$told" = "$way" ] || fail "stats.json says $told, not $way"
    answered ping_some "$STACK4" 3
    "$CLIENT" tcp "$STACK4" 7 100000 >/dev/null || fail "no TCP by $way"
    kill -TERM "$STACK_PID"
    expect_exit 0 5
    STACK_PID=
    say "lwip-echo $*: $way"
}

spoken() {
    stack_ended || [ -s "$SCRATCH/icmp" ]
}

# has WAY: the system has it.  Where it has not, it is refused, and no other one is taken instead.
has() {
    local status=0
    rm -f "$SCRATCH/icmp" # of one before it
    set -m
    "$FETHCTL" icmp "feth${UNIT}51" "$NET4.2" --send-by "$1" >"$SCRATCH/icmp" 2>&1 </dev/null &
    STACK_PID=$!
    set +m
    within 10 spoken || fail "fethctl icmp --send-by $1 says nothing"
    if grep '^listening' "$SCRATCH/icmp" >/dev/null; then
        answered ping_some "$NET4.2" 3
        stop_responder
        return 0
    fi
    wait "$STACK_PID" || status=$?
    STACK_PID=
    say "$(cat "$SCRATCH/icmp")"
    [ "$status" = 1 ] || fail "--send-by $1: exit status $status"
    grep -Eq 'one way to send|takes no batches|no sendmsg_x' "$SCRATCH/icmp" || fail "that is not why it ended"
    return 1
}

body() {
    local way usual ways=()
    scratch
    "$FETHCTL" create --pair "${UNIT}50" "${UNIT}51" --host-addr "$NET4.1/24" --up >/dev/null
    usual=$(status_of "feth${UNIT}50" .send_by)
    "$FETHCTL" status "feth${UNIT}50" -v | grep -F "send by: $usual" >/dev/null || fail "status -v does not name $usual"
    for way in bpf-batch ndrv-sendmsg_x ndrv-writev; do
        if has "$way"; then
            ways+=("$way")
        fi
    done
    "$FETHCTL" destroy "feth${UNIT}50" "feth${UNIT}51" >/dev/null
    if on_darwin; then
        [ "${ways[0]-}" = "$usual" ] || fail "the best way is ${ways[0]-none}, not $usual"
    else
        [ "${#ways[@]}" = 0 ] || fail "a way of macOS's is taken on Linux"
    fi
    by "$usual"
    for way in auto ${ways[@]+"${ways[@]}"}; do
        by "${way/auto/$usual}" --send-by "$way"
    done
}

main() {
    need ping curl jq
    in_private body
}

start "$@"
