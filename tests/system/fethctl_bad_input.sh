#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each command with each kind of bad input: one line that names what was wrong, the exit status, nothing changed.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

body() {
    scratch
    AS=()
    "$FETHCTL" create --pair 0 1 --host-addr 10.0.0.1/24 --up >/dev/null
    "$FETHCTL" create 2 >/dev/null
    foreign_pair feth60 "${OTHER}60"

    # no command, no such command
    refuses 2 'command is required'
    refuses 2 'nonsense' nonsense
    refuses 2 'nonsense' help nonsense
    refuses 2 'second' help set status

    # names
    local name # each message says what a name is like
    for name in eth0 feth feth01x feth-1 feth32768 'feth0/..' ''; do
        refuses 2 feth destroy "$name"
        refuses 2 feth status "$name"
        refuses 2 feth set "$name" --state up
    done
    refuses 2 'required' destroy
    refuses 2 'required' status
    refuses 2 'required' set --state up
    refuses 2 'feth2' status feth0 feth2
    refuses 2 'feth2' set feth0 feth2 --state up

    # interfaces that are not there, and not ours
    refuses 1 'feth9.*no such' destroy feth9
    refuses 1 'feth9.*no such' status feth9
    refuses 1 'feth9.*no such' set feth9 --state up
    refuses 1 'feth60.*not created by this library' destroy feth60
    refuses 1 'feth60.*not created by this library' set feth60 --state up
    refuses 1 'feth60.*not created by this library' set feth60 --mtu 2000 --mac random
    refuses 1 'feth60.*not created by this library' set feth2 --peer feth60

    # create
    refuses 2 '32768' create 32768
    refuses 2 '99999999999999999999' create 99999999999999999999
    refuses 2 'x7' create x7
    refuses 2 '7x' create 7x
    refuses 1 'feth0.*exists' create 0
    refuses 1 'feth0.*exists' create 5 6 0 # those before it are taken back
    refuses 1 'feth7.*exists' create 7 7
    refuses 2 'two ends' create --pair 5
    refuses 2 'two ends' create --pair 5 6 7
    refuses 1 'feth0' create --pair 5 0
    refuses 2 'unit 5' create --pair 5 5
    refuses 2 'pair' create 5 --host-addr 10.5.0.1/24
    refuses 2 '10.5.0.300' create --pair 5 6 --host-addr 10.5.0.300/24
    refuses 2 '33' create --pair 5 6 --host-addr 10.5.0.1/33
    refuses 2 'mtu' create 5 --mtu many
    refuses 2 'mtu' create 5 --mtu 0
    refuses 2 'mtu' create 5 --mtu 67
    refuses 2 'mtu' create 5 --mtu 65536
    refuses 2 'mtu' create 5 --mtu
    refuses 2 'csum' create 5 --offload both
    refuses 2 'offload' create 5 --offload
    refuses 2 'wrong' create --wrong

    # set
    refuses 2 'nothing' set feth0
    refuses 2 'mtu' set feth0 --mtu 1500x
    refuses 2 'mtu' set feth0 --mtu -5
    refuses 2 'mtu' set feth0 --mtu 10
    refuses 2 'mac' set feth0 --mac zz
    refuses 2 'mac' set feth0 --mac 01:00:00:00:00:01
    refuses 2 'mac' set feth0 --mac 00:00:00:00:00:00
    refuses 2 'state' set feth0 --state sideways
    refuses 2 'nud' set feth0 --nud maybe
    refuses 2 'accept-ra' set feth0 --accept-ra 1
    refuses 2 'addr' set feth0 --addr
    refuses 2 '10.0.0.1/x' set feth0 --addr 10.0.0.1/x
    refuses 2 '10.0.0.1/x' set feth0 --add-addr 10.0.0.1/x
    refuses 2 'none' set feth0 --del-addr none
    refuses 1 '10.7.7.7' set feth0 --del-addr 10.7.7.7/24
    refuses 2 'eth0' set feth0 --peer eth0
    refuses 1 '10.7.7.7' set feth0 --mtu 2000 --mac random --nud off --addr 10.8.0.1/16 --del-addr 10.7.7.7/24 --state down
    # a later step fails: the steps before it are taken back
    on_darwin || refuses 1 'IPv6' set feth0 --mtu 1200 --mac random --addr 10.8.0.1/16 --add-addr fd00::1/64
    local addr
    for addr in 0.0.0.0/8 224.0.0.1/8 255.255.255.255/32 ::/0 ::1/128 ff02::1/64; do
        refuses 2 "${addr%/*}.*no address" set feth0 --mtu 2000 --mac random --nud off --add-addr "$addr"
        refuses 2 "${addr%/*}.*no address" create --pair --host-addr "$addr"
    done
    refuses 1 'feth9' set feth2 --mtu 2000 --peer feth9
    refuses 1 '10.7.7.7' set feth1 --peer none --del-addr 10.7.7.7/24

    # icmp
    refuses 2 'required' icmp
    refuses 2 'address' icmp feth1
    refuses 2 '10.0.0.2.3' icmp feth1 10.0.0.2.3
    refuses 2 'second' icmp feth1 10.0.0.2 10.0.0.3
    refuses 2 'station' icmp feth1 224.0.0.1
    refuses 2 'mac' icmp feth1 10.0.0.2 --mac ff:ff:ff:ff:ff:ff
    refuses 1 'feth9' icmp feth9 10.0.0.2

    # those that take nothing
    refuses 2 'feth0' list feth0
    refuses 2 'feth0' gc feth0
    refuses 2 'feth0' doctor feth0
    refuses 2 'wrong' list --wrong

    # without the capabilities that it takes
    AS=("${UNPRIVILEGED[@]}")
    refuses 1 'CAP_NET_ADMIN|sudo' create 5
    refuses 1 'CAP_NET_ADMIN|sudo' create --pair 5 6
    refuses 1 'CAP_NET_ADMIN|sudo' set feth0 --state down
    refuses 1 'CAP_NET_ADMIN|sudo' set feth2 --mtu 2000
    refuses 1 'CAP_NET_ADMIN|sudo' destroy feth2
    refuses 1 'CAP_NET_RAW|sudo' icmp feth1 10.0.0.2
    "${AS[@]}" "$FETHCTL" list >/dev/null || fail "list needs a privilege"
    "${AS[@]}" "$FETHCTL" status feth0 >/dev/null || fail "status needs a privilege"
    "${AS[@]}" "$FETHCTL" gc >/dev/null || fail "gc needs a privilege although there is nothing to do"
    if "${AS[@]}" "$FETHCTL" doctor >"$SCRATCH/doctor"; then
        fail "the doctor misses no privilege"
    fi
    local what=privilege
    ! on_darwin || what='(privilege|BPF)' # it asks who we are, which setpriv leaves as it was
    grep -Eq "^wrong *$what.*sudo" "$SCRATCH/doctor" || fail "the doctor says: $(cat "$SCRATCH/doctor")"
}

# Readers that leave, and a disk that is full.
outputs() {
    scratch
    "$FETHCTL" create 0 1 2 3 >/dev/null
    local line status
    line=$("$FETHCTL" list | head -n 1)
    [ "${line%% *}" = NAME ] || fail "list | head: $line"
    [ -w /dev/full ] || return 0
    for command in list 'list --json' 'status feth0' doctor help --version; do
        status=0
        # shellcheck disable=SC2086 # a command and its option
        "$FETHCTL" $command >/dev/full 2>"$SCRATCH/err" || status=$?
        [ "$status" = 1 ] || fail "$command on a full disk: exit status $status"
        grep -q 'cannot write' "$SCRATCH/err" || fail "$command on a full disk: $(cat "$SCRATCH/err")"
    done
}

# What the doctor finds: two networks that overlap, and a leftover.
doctor() {
    local status=0
    scratch
    start_stack --host-addr 10.0.0.1/24 --addr 10.0.0.2
    kill -KILL "$STACK_PID"
    wait "$STACK_PID" || true # 137
    STACK_PID=
    foreign_pair "${OTHER}8" "${OTHER}9"
    foreign_addr "${OTHER}8" 10.0.0.77/16
    "$FETHCTL" doctor >"$SCRATCH/doctor" || status=$?
    cat "$SCRATCH/doctor"
    [ "$status" = 1 ] || fail "exit status $status"
    grep -q '^wrong *addresses.*10.0.0.77/16' "$SCRATCH/doctor" || fail "the overlap is not seen"
    grep -q '^wrong *leftovers.*fethctl gc' "$SCRATCH/doctor" || fail "the leftover is not seen"
    "$FETHCTL" gc >/dev/null
    ! on_mac || return 0 # what else there is on that machine is not known
    "$FETHCTL" doctor || fail "the doctor finds something wrong with a machine that is well"
}

main() {
    need "${UNPRIVILEGED[0]}" jq
    only_ours
    need_free 10.0.0
    in_private body
    in_private outputs
    in_private doctor
}

start "$@"
