#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program is killed.  gc removes its pair, and nothing else: not the pair of a living program, not what fethctl
# created, not a veth of somebody else's, whatever its name.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

body() {
    local dead host io stubs
    scratch
    "$FETHCTL" create --pair 50 51 --host-addr 10.50.0.1/24 --up >/dev/null
    foreign_pair feth60 "${OTHER}63"
    foreign_pair "${OTHER}61" "${OTHER}62"

    start_stack --host feth10 --io feth11 --host-addr 10.10.0.1/24 --addr 10.10.0.2 \
        --host-addr6 fd10::1/64 --addr6 fd10::2
    dead=$STACK_PID
    host=feth10 io=feth11
    kill -KILL "$dead"
    wait "$dead" || true # 137
    start_stack --host feth20 --io feth21
    says "would destroy $host (process $dead is gone)
would destroy $io (process $dead is gone)" gc --dry-run
    [ "$(status_of $host .ownership)" = dead ] || fail "$host: $("$FETHCTL" status $host -v)"
    says "destroyed $host (process $dead is gone)
destroyed $io (process $dead is gone)" gc
    [ "$(interfaces)" = "feth20 feth21 feth50 feth51 feth60 ${OTHER}61 ${OTHER}62 ${OTHER}63" ] ||
        fail "there are now: $(interfaces)"
    answers "$STACK4" || fail "the living program's pair does not work"
    says '' gc

    # its peer is somebody else's: only the dead one goes
    kill -KILL "$STACK_PID"
    wait "$STACK_PID" || true # 137
    STACK_PID=
    says 'removed peer from feth21' set feth21 --peer none
    says 'removed peer from feth50' set feth50 --peer none
    says 'set peer feth50 -> feth20' set feth50 --peer feth20
    "$FETHCTL" gc
    on_darwin || stubs='fstub50 fstub51 '
    [ "$(interfaces)" = "feth50 feth51 feth60 ${stubs-}${OTHER}61 ${OTHER}62 ${OTHER}63" ] ||
        fail "there are now: $(interfaces)"
    says "destroyed feth50" destroy feth50
}

# Half made: under its temporary name, with a mark and without one.
unfinished() {
    local mark
    scratch
    start_stack
    mark=$(ip -j link show dev "$(host_side)" | jq -r ".[0].ifalias")
    kill -KILL "$STACK_PID"
    wait "$STACK_PID" || true # 137
    STACK_PID=
    "$FETHCTL" gc >/dev/null
    ip link add ftmp00000000001 type veth peer name ftmp00000000002
    ip link set ftmp00000000001 alias "$mark"
    ip link set ftmp00000000002 alias "$mark"
    ip link add ftmp00000000003 type veth peer name ftmp00000000004
    refuses_unmarked gc
    [ "$(interfaces)" = 'ftmp00000000003 ftmp00000000004' ] || fail "there are now: $(interfaces)"
}

# What may be half made by a living program, or somebody else's, stays, and is said.
refuses_unmarked() {
    local status=0
    "$FETHCTL" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
    cat "$SCRATCH/out" "$SCRATCH/err"
    [ "$status" = 1 ] || fail "fethctl $*: exit status $status"
    grep -q 'ftmp00000000003.*no mark' "$SCRATCH/err" || fail "nothing is said of what is left"
}

main() {
    need ping jq
    only_ours
    need_free 10.10.0 10.50.0
    in_private body
    on_darwin || in_private unfinished # nothing is made under another name there
}

start "$@"
