# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every system test starts with.  A test is a script of functions:
#
#     . "$(dirname "$0")/lib/common.sh"
#     pings() { ping -c 3 "$STACK4"; }
#     main() { with_stack --mtu 9000 -- pings; }
#     start "$@"
#
# start calls main, outside.  with_stack and in_private make a network namespace of their own and call the named
# function in it (in a new shell: this same script), so whatever a test leaves there is gone with the namespace,
# however it ends.  ctest passes the paths of lwip-echo and of the test client in LWIP_ECHO and CLIENT.
set -euo pipefail

# lwip-echo's defaults
HOST4=10.0.0.1
HOST6=fd00:feed::1
STACK4=10.0.0.2
STACK6=fd00:feed::2
export HOST4 HOST6 STACK4 STACK6

# Whose interfaces the programs have: linux, or darwin where they are built over the model of macOS's kernel, which
# has a TAP device for each feth.
FETH_SYSTEM=${FETH_SYSTEM:-linux}

on_darwin() {
    [ "$FETH_SYSTEM" = darwin ]
}

# ---- saying -------------------------------------------------------------------------------------------------------

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

# ctest lists a test that exits with this status as skipped.
skip() {
    printf 'SKIP: %s\n' "$*"
    exit 77
}

# client LABEL ARGUMENT…: run the test client; what it says is printed, its failure is the test's.
client() {
    local label=$1 said
    shift
    said=$("$CLIENT" "$@") || fail "$label: client $* failed${said:+ after: $said}"
    say "$label: $said"
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed (scripts/deps.sh test)"
    done
}

# scaled N [MINIMUM]: N, or the part of it that FETH_TEST_SCALE (percent) leaves.
scaled() {
    local n=$(($1 * ${FETH_TEST_SCALE:-100} / 100))
    [ "$n" -ge "${2:-1}" ] || n=${2:-1}
    printf '%s\n' "$n"
}

# within SECONDS COMMAND…: wait until a command succeeds.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# ---- namespaces ---------------------------------------------------------------------------------------------------

# How unshare makes a network namespace here: root needs no user namespace for it.
if [ "$(id -u)" = 0 ]; then
    UNSHARE=(unshare --net)
else
    UNSHARE=(unshare --net --map-root-user)
fi

# Asked of the system's own tools, so that a fault of ours is not taken for a machine that forbids.
require_namespaces() {
    local why
    why=$("${UNSHARE[@]}" ip link add feth0 type veth peer name feth1 2>&1) ||
        skip "no private network namespace with a veth pair here: $why"
}

# with_stack [LWIP-ECHO-OPTION…] -- FUNCTION [ARGUMENT…]: with lwip-echo --netns, the function playing the host.
with_stack() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    "$LWIP_ECHO" "${options[@]}" --netns -- bash "$0" --inside "$@"
}

# in_private FUNCTION [ARGUMENT…]: in a namespace without a stack.  Where the machine lets us mount /proc (a container
# may not), the function is the init of a process namespace too, so that nothing it starts survives it; elsewhere the
# trap of scratch has to do.
in_private() {
    local processes=(--pid --fork --kill-child --mount-proc)
    "${UNSHARE[@]}" "${processes[@]}" true 2>/dev/null || processes=()
    "${UNSHARE[@]}" "${processes[@]}" bash "$0" --inside "$@"
}

# start "$@": run main, or the function that with_stack and in_private name.
start() {
    if [ "${1-}" = --inside ]; then
        shift
        "$@"
    else
        need ip unshare
        require_namespaces
        main "$@"
    fi
}

# scratch: a directory of this shell's own in SCRATCH.  When the shell ends, it and a stack of start_stack go.
STACK_PID=
scratch() {
    SCRATCH=$(mktemp -d)
    trap clear_up EXIT
}

clear_up() {
    if [ -n "$STACK_PID" ]; then
        kill "$STACK_PID" 2>/dev/null || true
        wait "$STACK_PID" || true
    fi
    rm -rf "$SCRATCH"
}

# ---- inside -------------------------------------------------------------------------------------------------------

interfaces() {
    ip -o link show | awk -F '[ :@]+' '{ print $2 }' | sort | xargs
}

# The names of the pair's ends: the host side is the one with an address.
host_side() {
    ip -o -4 addr show | awk '$2 ~ /^feth/ { print $2; exit }'
}

io_side() {
    ip -o link show | awk -F '[ :@]+' -v host="$(host_side)" '$2 ~ /^feth/ && $2 != host { print $2; exit }'
}

# counter JQ-EXPRESSION: a value of the stack's live counters.
counter() {
    curl -sS -m 10 -f "http://$STACK4/stats.json" | jq -e -r "$1"
}

# start_stack [LWIP-ECHO-OPTION…]: run lwip-echo beside the test (for in_private) and wait until it is ready.
# Sets STACK_PID; its output is in $SCRATCH/out and $SCRATCH/err.
start_stack() {
    rm -f "$SCRATCH/out" "$SCRATCH/err" # of a stack before this one: it was ready, this one is not
    set -m # without job control a background process ignores SIGINT
    "$LWIP_ECHO" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    STACK_PID=$!
    set +m
    within 10 stack_ready || fail "lwip-echo $* was not ready within 10 seconds: $(cat "$SCRATCH/err")"
}

stack_ready() {
    kill -0 "$STACK_PID" 2>/dev/null || fail "lwip-echo ended: $(cat "$SCRATCH/err")"
    [ -s "$SCRATCH/out" ]
}

# expect_exit STATUS SECONDS: the stack ends by itself with a status.
expect_exit() {
    local status=0
    within "$2" stack_ended || fail "lwip-echo still runs after $2 seconds"
    wait "$STACK_PID" || status=$?
    [ "$status" = "$1" ] || fail "lwip-echo exited with $status, not $1: $(cat "$SCRATCH/err")"
}

stack_ended() {
    ! kill -0 "$STACK_PID" 2>/dev/null
}
