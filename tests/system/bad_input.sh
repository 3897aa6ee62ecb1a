#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that lwip-echo must refuse: with one line on stderr, nothing on stdout, the right exit status, and the
# interfaces as they were.  2 is a command line that cannot be right; 1 is a machine that cannot do it.
. "$(dirname "$0")/lib/common.sh"

# refused STATUS WORD [OPTION…]: the line names what was wrong.
refused() {
    local status=$1 word=$2 got=0
    shift 2
    timeout 20 "${AS[@]}" "$LWIP_ECHO" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || got=$?
    printf '%s\n    %s\n' "lwip-echo $*" "$(cat "$SCRATCH/err")"
    [ "$got" = "$status" ] || fail "exit status $got, not $status"
    [ "$(wc -l <"$SCRATCH/err")" = 1 ] || fail "not one line on stderr"
    [ ! -s "$SCRATCH/out" ] || fail "output although it failed: $(cat "$SCRATCH/out")"
    grep -qi -e "$word" "$SCRATCH/err" || fail "the line does not say \"$word\""
    [ "$(interfaces)" = "$BEFORE" ] || fail "interfaces are now: $(interfaces); before: $BEFORE"
}

body() {
    scratch
    AS=()
    ip link add dev other0 type veth peer name other1
    ip addr add 10.99.0.1/24 dev other0
    ip addr add fd99::1/64 dev other0 nodad
    ip link set other1 up
    ip link set other0 up
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

    # options
    refused 2 no-such --no-such
    refused 2 mtu --mtu
    refused 2 surplus surplus

    # files
    refused 1 /no/such/directory --pcap /no/such/directory/x.pcap

    # subnets that are there already: the line says which option changes it
    refused 1 host-addr --host-addr 10.99.0.7/24 --addr 10.99.0.8
    refused 1 host-addr6 --host-addr6 fd99::7/64 --addr6 fd99::8

    # names in use
    ip link add dev feth7 type veth peer name feth8
    BEFORE=$(interfaces)
    refused 1 feth7 --host feth7

    # without the capabilities that it takes
    AS=(setpriv --bounding-set=-all --inh-caps=-all)
    refused 1 'CAP_NET_\|sudo'
}

main() {
    need setpriv timeout
    in_private body
}

start "$@"
