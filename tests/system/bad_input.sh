#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that lwip-echo must refuse: with one line on stderr, nothing on stdout, the right exit status, and the
# interfaces as they were.  2 is a command line that cannot be right; 1 is a machine that cannot do it.
. "$(dirname "$0")/lib/common.sh"

# refused STATUS WORD [OPTION…]: the line names what was wrong.
refused() {
    local status=$1 word=$2 got=0
    shift 2
    limited 20 ${AS[@]+"${AS[@]}"} "$LWIP_ECHO" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || got=$?
    printf '%s\n    %s\n' "lwip-echo $*" "$(cat "$SCRATCH/err")"
    [ "$got" = "$status" ] || fail "exit status $got, not $status"
    [ "$(lines_in "$SCRATCH/err")" = 1 ] || fail "not one line on stderr"
    [ ! -s "$SCRATCH/out" ] || fail "output although it failed: $(cat "$SCRATCH/out")"
    grep -Eqi -e "$word" "$SCRATCH/err" || fail "the line does not say \"$word\""
    [ "$(interfaces)" = "$BEFORE" ] || fail "interfaces are now: $(interfaces); before: $BEFORE"
}

body() {
    scratch
    AS=()
    foreign_pair "${OTHER}0" "${OTHER}1"
    foreign_addr "${OTHER}0" "$NET4X.1/24"
    foreign_addr "${OTHER}0" "$NET6X::1/64"
    link_up "${OTHER}1"
    link_up "${OTHER}0"
    BEFORE=$(interfaces)

    # addresses
    refused 2 10.0.0.300 --addr 10.0.0.300
    refused 2 10.0.0.1/33 --host-addr 10.0.0.1/33
    refused 2 10.0.0.1/x --host-addr 10.0.0.1/x
    refused 2 fd00::1/129 --host-addr6 fd00::1/129
    refused 2 nonsense --host-addr nonsense
    refused 2 addr6 --addr6 10.0.0.2
    refused 2 host-addr --host-addr fd00::1/64
    refused 2 10.1.0.2 --host-addr 10.0.0.1/24 --addr 10.1.0.2 # not on the host's subnet
    refused 2 10.0.0.1 --host-addr 10.0.0.1/24 --addr 10.0.0.1 # the host's own

    # names and units
    refused 2 feth12345678901234 --host feth12345678901234
    refused 2 feth32768 --host feth32768
    refused 2 eth5 --host eth5
    refused 1 nosuch0 --io nosuch0

    # numbers
    refused 2 mtu --mtu 10
    refused 2 mtu --mtu 70000
    refused 2 mtu --mtu 1500x
    refused 2 mac --mac 01:00:00:00:00:01
    refused 2 mac --mac 00:00:00:00:00:00
    refused 2 mac --mac zz
    refused 2 loss --loss 101%
    refused 2 loss --loss -1
    refused 2 dup --dup x
    refused 2 delay --delay soon
    refused 2 rate --rate fast
    refused 2 seed --seed x
    refused 2 stats --stats 0
    refused 2 offload --offload maybe
    refused 2 csum --host-offload on
    refused 2 pair --host-offload all --io feth1

    # options
    refused 2 no-such --no-such
    refused 2 mtu --mtu
    refused 2 surplus surplus

    # files
    refused 1 /no/such/directory --pcap /no/such/directory/x.pcap

    # subnets that are there already: the line says which option changes it
    refused 1 host-addr --host-addr "$NET4X.7/24" --addr "$NET4X.8"
    refused 1 host-addr6 ${STACK_ADDRS[@]+"${STACK_ADDRS[@]}"} --host-addr6 "$NET6X::7/64" --addr6 "$NET6X::8"

    # names in use
    foreign_pair "feth${UNIT}17" "feth${UNIT}18"
    BEFORE=$(interfaces)
    refused 1 "feth${UNIT}17" ${STACK_ADDRS[@]+"${STACK_ADDRS[@]}"} --host "feth${UNIT}17"

    # without the capabilities that it takes
    AS=("${UNPRIVILEGED[@]}")
    refused 1 'CAP_NET_|sudo' ${STACK_ADDRS[@]+"${STACK_ADDRS[@]}"}
}

main() {
    need "${UNPRIVILEGED[0]}"
    in_private body
}

start "$@"
