# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every system test starts with.  A test is a script of functions:
#
#     . "$(dirname "$0")/lib/common.sh"
#     pings() { answered ping_some "$STACK4" 3; }
#     main() { with_stack --mtu 9000 -- pings; }
#     start "$@"
#
# start calls main, outside.  with_stack and in_private call the named function in a new shell (this same script) where
# interfaces may be made: on Linux in a network namespace of their own, on a Mac as root on the machine itself.  What a
# test leaves there goes, however it ends.  ctest passes the paths of lwip-echo and of the test client in LWIP_ECHO and
# CLIENT.
#
# What a system's tools are asked, and how, is in linux.sh and darwin.sh.  Both have:
#
#     UNIT OTHER LOOPBACK NET4 NET6 NET4X NET6X HOST4 HOST6 STACK4 STACK6   names, networks: below
#     require_system               skip where the machine forbids, as said by its own tools
#     only_ours                    skip where there are feth interfaces of others: for what takes any name, or shows all
#     need_free NET4…              skip where these networks are in use
#     with_stack, in_private       as above
#     stack_process                in with_stack: the process of lwip-echo
#     interfaces                   names of all interfaces (on a Mac: of the tests'), the loopback apart
#     host_side, io_side           the ends of the pair: the host side is the one with an address
#     all_of_all                   all of all interfaces that does not change by itself
#     link_up, link_down, link_mtu NAME [MTU], link_destroy NAME
#     foreign_pair NAME NAME       a cable that this library has not made; foreign_addr NAME CIDR
#     answers ADDRESS              whether one ping is answered
#     ping_some ADDRESS COUNT [SIZE], ping_flood ADDRESS COUNT
#     is_at ADDRESS MAC NAME       whether who asks by ARP, over that interface, is told this station
#     forget_neighbours NAME ADDRESS
#     limited SECONDS COMMAND…     end it after that time
#     UNPRIVILEGED                 what to put before a command that is to have no privilege
#
# So that a test can run beside what a machine has, the interfaces are called feth${UNIT}0, feth${UNIT}101 and so on,
# where UNIT is empty on Linux; others, made by foreign_pair, are called ${OTHER}1, …  Networks are $NET4.0/24 and
# $NET6::/64, and where there is a second, $NET4X.0/24 and $NET6X::/64.  lwip-echo has $STACK4 and $STACK6.  A test
# that shows what the documentation shows, or takes the lowest free names, says only_ours and need_free 10.0.0, and has the names and
# networks of the documentation on every system.
set -euo pipefail

LIB=${BASH_SOURCE[0]%/*}
if [ "$(uname -s)" = Darwin ]; then
    # shellcheck source=tests/system/lib/darwin.sh
    . "$LIB/darwin.sh"
else
    # shellcheck source=tests/system/lib/linux.sh
    . "$LIB/linux.sh"
fi

# How interfaces behave: as Linux's, or as macOS's also where the programs are built over the model of its kernel, which
# has a TAP device for each feth.
on_darwin() {
    [ "$FETH_SYSTEM" = darwin ]
}

# Whether this machine is a Mac: other programs may use the interfaces, too.
on_mac() {
    [ "$MACHINE" = mac ]
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

# lines_in FILE: how many; wc puts blanks before it on some systems.
lines_in() {
    awk 'END { print NR }' "$1"
}

# answered COMMAND…: a ping of which every packet is answered.
answered() {
    local text
    text=$("$@") || fail "$*: $text"
    say "$*: $(grep 'packets transmitted' <<<"$text")"
    grep -Eq ' 0(\.0)?% packet loss' <<<"$text" || fail "$*: not all were answered"
}

# ---- running ------------------------------------------------------------------------------------------------------

# start "$@": run main, or the function that with_stack and in_private name.
start() {
    if [ "${1-}" = --inside ]; then
        shift
        "$@"
    else
        require_system "$@"
        main "$@"
    fi
}

# scratch: a directory of this shell's own in SCRATCH.  When the shell ends, it and a stack of start_stack go.
STACK_PID=
scratch() {
    SCRATCH=$(mktemp -d)
    chmod 755 "$SCRATCH" # for commands of another user
    trap clear_up EXIT
}

clear_up() {
    if [ -n "$STACK_PID" ]; then
        kill "$STACK_PID" 2>/dev/null || true
        wait "$STACK_PID" || true
    fi
    rm -rf "$SCRATCH"
}

# counter JQ-EXPRESSION: a value of the stack's live counters.
counter() {
    curl -sS -m 10 -f "http://$STACK4/stats.json" | jq -e -r "$1"
}

# start_stack [LWIP-ECHO-OPTION…]: run lwip-echo beside the test (for in_private) and wait until it is ready.
# Sets STACK_PID; its output is in $SCRATCH/out and $SCRATCH/err.
start_stack() {
    local options=(${STACK_ADDRS[@]+"${STACK_ADDRS[@]}"} ${FETH_TEST_SEND_BY:+--send-by "$FETH_TEST_SEND_BY"})
    local names=(${STACK_NAMES[@]+"${STACK_NAMES[@]}"})
    case " $*" in
    *' --host '* | *' --io '*) names=() ;;
    esac
    rm -f "$SCRATCH/out" "$SCRATCH/err" # of a stack before this one: it was ready, this one is not
    set -m # without job control a background process ignores SIGINT
    "$LWIP_ECHO" ${names[@]+"${names[@]}"} ${options[@]+"${options[@]}"} "$@" \
        >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
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
