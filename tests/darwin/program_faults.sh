#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# program_faults.sh fethctl|doctor|lwip-echo|icmp-responder: what a program does when one of its system calls fails: the
# first, then the second, and so on.  It says so, ends with 1, and has changed nothing, or says what stays behind; or it
# can do without.  The programs are those over the model of the kernel, each run on a fresh copy of one.  ctest gives the
# paths of FETHCTL, LWIP_ECHO, RESPONDER, MODEL_STATE.
set -euo pipefail

# away from the machine's own addresses, which programs look at, where that is allowed
if [ -z "${PRIVATE-}" ] && unshare -rn true 2>/dev/null; then
    PRIVATE=1 exec unshare -rn bash "$0" "$@"
fi

EPERM=1 EINVAL=22 ENOBUFS=105
ERRORS=("$EPERM" "$EINVAL" "$ENOBUFS")
# each run takes several times as long, and which error it is hardly matters to the way back
[ -z "${SANITIZE-}" ] || ERRORS=("$ENOBUFS")
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
export FETH_MODEL_STATE=$DIR/kernel
# so that a report of a sanitizer's is no ordinary failure
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99 TSAN_OPTIONS=exitcode=99

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

# ---- the programs -------------------------------------------------------------------------------------------------

NETWORKS=(--host-addr 198.51.100.1/24 --host-addr6 2001:db8:9::1/64)

prepare_nothing() { :; }
prepare_pair() {
    "$FETHCTL" create --pair 0 1 --host-addr 192.0.2.1/24 --host-addr 2001:db8:7::1/64 --up >"$DIR/out"
    "$FETHCTL" create 2 3 >"$DIR/out"
}

# what a program that was killed leaves
prepare_leftover() {
    local pid
    rm -f "$DIR/ready"
    "$LWIP_ECHO" "${NETWORKS[@]}" >"$DIR/ready" &
    pid=$!
    until [ -s "$DIR/ready" ]; do
        sleep 0.01
    done
    kill -KILL "$pid"
    wait "$pid" || true # 137
}

run_create() { "$FETHCTL" create --pair 0 1 --host-addr 192.0.2.1/24 --host-addr 2001:db8:7::1/64 --mtu 9000 --up; }
run_create_offload() { "$FETHCTL" create --pair 0 1 --offload all; }
run_set() {
    "$FETHCTL" set feth2 --peer feth3 --addr 203.0.113.1/24 --addr 2001:db8:8::1/64 --mtu 1400 --mac 02:00:00:00:00:09 \
        --state up --nud off --accept-ra on
}
run_unset() { "$FETHCTL" set feth0 --peer none --addr none --mtu 1400 --state down --nud off; }
run_destroy() { "$FETHCTL" destroy feth0; }
run_status() { "$FETHCTL" status feth0 --verbose; }
run_list() { "$FETHCTL" list; }
run_gc() { "$FETHCTL" gc; }
run_doctor() { "$FETHCTL" doctor; }
# it goes on until it is told to end, which is when it has said that it is ready
run_lwip_echo() { until_ready "$LWIP_ECHO" "${NETWORKS[@]}" --mtu 9000; }
run_responder() { until_ready "$RESPONDER" feth1 192.0.2.2; }

# until_ready PROGRAM…: its status, or that of an end by SIGTERM once it has said something.
until_ready() {
    local pid status=0 i
    rm -f "$DIR/ready"
    "$@" >"$DIR/ready" &
    pid=$!
    for ((i = 0; i < 1000; i++)); do
        if [ -s "$DIR/ready" ] || ! kill -0 "$pid" 2>"$DIR/null"; then
            break
        fi
        sleep 0.01
    done
    kill -TERM "$pid" 2>"$DIR/null" || true # it may have ended by itself
    wait "$pid" || status=$?
    return "$status"
}

# All there is; in what order an interface has its addresses of two families says nothing.
state() {
    "$MODEL_STATE" | sort
}

# ---- failing ------------------------------------------------------------------------------------------------------

# once N ERRNO NAME BEFORE: false where the program makes fewer calls than N.
once() {
    local n=$1 error=$2 name=$3 before=$4 status=0 call after
    cp "$DIR/base" "$FETH_MODEL_STATE"
    rm -f "$DIR/failed"
    FETH_MODEL_FAIL=$n:$error:$DIR/failed "run_$name" >"$DIR/out" 2>"$DIR/err" || status=$?
    if ! [ -e "$DIR/failed" ]; then
        [ "$status" = 0 ] || fail "$name, nothing failing: status $status: $(cat "$DIR/err" "$DIR/out")"
        return 1
    fi
    call="$name, call $n ($(cat "$DIR/failed"), errno $error)"
    if [ "$status" = 0 ]; then
        without=$((without + 1))
        return 0
    fi
    refused=$((refused + 1))
    [ "$status" = 1 ] || fail "$call: status $status: $(cat "$DIR/err")"
    # the doctor tells of each thing that it looked at
    grep -q . "$DIR/err" || grep -Eqv '^(ok|note) ' "$DIR/out" || fail "$call: nothing is said of it"
    after=$(state)
    if [ "$before" != "$after" ] && ! grep -Ehq 'could not be undone|left behind' "$DIR/err" "$DIR/out"; then
        diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") >&2 || true # that is why
        fail "$call: something was changed: $(cat "$DIR/err")"
    fi
}

# each NAME PREPARE
each() {
    local name=$1 error n before
    rm -f "$FETH_MODEL_STATE"
    "prepare_$2"
    before=$(state)
    mv "$FETH_MODEL_STATE" "$DIR/base"
    refused=0 without=0
    for error in "${ERRORS[@]}"; do
        n=1
        while once "$n" "$error" "$name" "$before"; do
            n=$((n + 1))
        done
    done
    printf '%-16s refused %3d times, did without %3d times\n' "$name" "$refused" "$without"
    [ "$refused" -gt 0 ] || fail "$name: no failure was seen"
}

main() {
    case $1 in
    fethctl)
        each create nothing
        each create_offload nothing
        each set pair
        each unset pair
        each destroy pair
        each status pair
        each list pair
        each gc leftover
        ;;
    doctor) each doctor pair ;;
    lwip-echo) each lwip_echo nothing ;;
    icmp-responder) each responder pair ;;
    esac
}

main "$@"
