# shellcheck shell=bash
# shellcheck disable=SC2034  # what common.sh and the tests use
# SPDX-License-Identifier: Apache-2.0
# The system tests on a Mac: there are no namespaces, so they run as root on the machine itself, one after the other
# (tests/system/CMakeLists.txt), with interfaces and networks that nobody else has.  common.sh says what each function
# is for.  The tools are the system's own, bash 3.2 among them.

MACHINE=mac
FETH_SYSTEM=darwin

# feth70 to feth7999, but for only_ours
UNIT=7
OTHER=feth7
LOOPBACK=lo0
FETH_MINE=${FETH_MINE:-'^feth7[0-9]+$'}
export FETH_MINE
# RFC 2544's networks for measurements, which nobody is connected by; RFC 4193's for oneself
NET4=198.18.77 NET6=fd98:18:77 NET4X=198.18.99 NET6X=fd98:18:99
HOST4=$NET4.1 HOST6=$NET6::1 STACK4=$NET4.2 STACK6=$NET6::2
export HOST4 HOST6 STACK4 STACK6
STACK_NAMES=(--host "feth${UNIT}0" --io "feth${UNIT}101")
STACK_ADDRS=(--host-addr "$HOST4/24" --addr "$STACK4" --host-addr6 "$HOST6/64" --addr6 "$STACK6")
# who has called sudo; its own tools stand at the same place for everybody
UNPRIVILEGED=(sudo -n -u "#${SUDO_UID:-4294967294}")

# ---- as root ------------------------------------------------------------------------------------------------------

# Goes on as root where sudo asks nothing, as on a CI runner, or after "sudo -v" in the same terminal.
require_system() {
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || skip "real interfaces need root: run sudo -v first, or the test with sudo"
        exec sudo -n env "LWIP_ECHO=${LWIP_ECHO-}" "FETHCTL=${FETHCTL-}" "RESPONDER=${RESPONDER-}" \
            "CLIENT=${CLIENT-}" "SANITIZE=${SANITIZE-}" "FETH_TEST_SCALE=${FETH_TEST_SCALE-}" "TMPDIR=${TMPDIR:-/tmp}" "FETH_TEST_SEND_BY=${FETH_TEST_SEND_BY-}" \
            "PATH=$PATH" bash "$0" "$@"
    fi
    [ -z "$(interfaces)" ] || skip "there are interfaces by the names of the tests: $(interfaces)"
    need_free "$NET4" "$NET4X"
    ! grep -qF "inet6 ${NET6%:*}:" <<<"$(ifconfig)" || skip "an interface of this machine has an address of ${NET6%:*}::/32"
    trap leave EXIT
    trap 'exit 1' INT TERM HUP
    start_watch
}

need_free() {
    local net
    for net in "$@"; do
        ! grep -qF "inet $net." <<<"$(ifconfig)" || skip "an interface of this machine has an address of $net.0/24"
    done
}

# Where ctest gives a test up it ends sudo, and not what runs as root: then this shell has another parent.  Without
# their interfaces the programs end, and so does the test.
watch() {
    while [ "$(ps -o ppid= -p $$)" -eq "$PPID" ]; do
        sleep 2
    done
    destroy_mine
}

start_watch() {
    watch >/dev/null 2>&1 &
    WATCH=$!
}

only_ours() {
    local others
    others=$(ifconfig -l | tr ' ' '\n' | grep '^feth') || true
    [ -z "$others" ] || skip "there are feth interfaces already: $(xargs <<<"$others")"
    FETH_MINE='^feth[0-9]+$'
    kill "$WATCH"
    start_watch
}

# Whatever the test has left; what somebody else made meanwhile has other names.
destroy_mine() {
    local name
    for name in $(interfaces); do
        ifconfig "$name" destroy || true # its program may be just about to
    done
}

leave() {
    destroy_mine
    kill "$WATCH" 2>/dev/null || true # it has ended where this shell was given up
}

# in_private FUNCTION [ARGUMENT…]: with none of the tests' interfaces, before and afterwards.
in_private() {
    local status=0
    bash "$0" --inside "$@" || status=$?
    destroy_mine
    return "$status"
}

# with_stack [LWIP-ECHO-OPTION…] -- FUNCTION [ARGUMENT…]: with lwip-echo beside it, which has to end well, too.
with_stack() {
    in_private beside_stack "$@"
}

beside_stack() {
    local options=() status=0
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    scratch
    start_stack ${options[@]+"${options[@]}"}
    LWIP_ECHO_PID=$STACK_PID bash "$0" --inside "$@" || status=$?
    [ "$status" = 0 ] || return "$status"
    kill -TERM "$STACK_PID"
    expect_exit 0 10
    STACK_PID=
    [ ! -s "$SCRATCH/err" ] || fail "lwip-echo: $(cat "$SCRATCH/err")"
}

stack_process() {
    echo "$LWIP_ECHO_PID"
}

# ---- interfaces ---------------------------------------------------------------------------------------------------

interfaces() {
    ifconfig -l | tr ' ' '\n' | { grep -E "$FETH_MINE" || true; } | sort | xargs
}

host_side() {
    local name
    for name in $(interfaces); do
        if grep -q 'inet ' <<<"$(ifconfig "$name")"; then
            echo "$name"
            return
        fi
    done
}

io_side() {
    local name host
    host=$(host_side)
    for name in $(interfaces); do
        if [ "$name" != "$host" ]; then
            echo "$name"
            return
        fi
    done
}

all_of_all() {
    local name
    for name in $(interfaces); do
        ifconfig "$name" | sed 's/ tentative//'
    done
}

link_up() {
    ifconfig "$1" up
}

link_down() {
    ifconfig "$1" down
}

link_mtu() {
    ifconfig "$1" mtu "$2"
}

link_destroy() {
    ifconfig "$1" destroy
}

# The kernel frees a name a moment after its interface is gone.
foreign_pair() {
    within 5 ifconfig "$1" create || fail "ifconfig cannot create $1"
    within 5 ifconfig "$2" create || fail "ifconfig cannot create $2"
    ifconfig "$1" peer "$2"
}

foreign_addr() {
    case $2 in
    *:*) ifconfig "$1" inet6 "${2%/*}" prefixlen "${2#*/}" alias ;;
    *) ifconfig "$1" inet "$2" alias ;;
    esac
}

# ---- asking the other side ----------------------------------------------------------------------------------------

# ping's -W is in milliseconds, its -t in seconds for all of it.  ping6 has neither and waits ten seconds.
answers() {
    case $1 in
    *:*) ping6 -n -q -o -c 1 "$1" >/dev/null 2>&1 ;;
    *) ping -n -q -o -c 1 -t 1 "$1" >/dev/null 2>&1 ;;
    esac
}

ping_some() {
    case $1 in
    *:*) ping6 -n -b 131072 -c "$2" -i 0.3 -s "${3:-56}" "$1" ;; # by default it sends 8192 bytes at most
    *) ping -n -c "$2" -i 0.3 -W 5000 -s "${3:-56}" "$1" ;;
    esac
}

ping_flood() {
    case $1 in
    *:*) ping6 -n -q -f -c "$2" "$1" ;;
    *) ping -n -q -f -c "$2" -W 5000 "$1" ;;
    esac
}

# arp leaves out leading zeros: 02:00:0a is 2:0:a.
is_at() {
    local said mac
    forget_neighbours "$3" "$1"
    answers "$1" || fail "no answer to ping"
    said=$(arp -n "$1")
    mac=$(sed -E 's/(^|:)0/\1/g' <<<"$2")
    grep -qF " at $mac on $3 " <<<"$said" || fail "another station answers: $said"
}

forget_neighbours() {
    arp -n -d "$2" >/dev/null 2>&1 || true # there may be none
}

# ---- processes ----------------------------------------------------------------------------------------------------

# There is no timeout(1); an alarm outlives exec.
limited() {
    perl -e 'alarm shift; exec { $ARGV[0] } @ARGV or exit 127' "$@"
}
