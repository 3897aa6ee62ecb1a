#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One measurement of one candidate, in the network namespace that it is called in: everything is set up for it, and
# everything goes with the namespace.  For scripts/bench.sh.
#
#     once.sh CANDIDATE KIND VERSION MTU ARGUMENT PROCESSORS CONGESTION-CONTROL
#
# From the environment: BENCH_SECONDS, BENCH_WARM_UP, BENCH_CPUS ("0 1"), LWIP_ECHO, BENCH_BIN (the folder of
# feth_bench_…).  Prints one "name value" a line.  Status 77: this candidate cannot do that, for the reason said.
set -euo pipefail

candidate=$1 kind=$2 version=$3 mtu=$4 argument=$5 processors=$6 congestion=${7:-system}

HOST4=10.0.0.1 HOST6=fd00:feed::1 STACK4=10.0.0.2 STACK6=fd00:feed::2
SERVER_PID=
interface=feth0

fail() {
    printf 'bench: %s, %s: %s\n' "$candidate" "$kind $argument" "$*" >&2
    exit 1
}

cannot() {
    printf '%s\n' "$*" >&2
    exit 77
}

work=$(mktemp -d)
jobs_started=()

# Where this script is the init of a process namespace its end would do.
clear_up() {
    local pid
    for pid in "${jobs_started[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap clear_up EXIT

# ---- processors ---------------------------------------------------------------------------------------------------

read -r cpu_client cpu_server <<<"$BENCH_CPUS"
if [ "$processors" = one ]; then
    cpu_server=$cpu_client
fi

in_client=() # how to get into the client's namespace, where it is not this one

on_client() {
    taskset -c "$cpu_client" "${in_client[@]}" "$@"
}

# ---- candidates ---------------------------------------------------------------------------------------------------

# within SECONDS COMMAND…: wait until a command succeeds.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.02
    done
}

if_it_ends=fail # a relay that ends, or does not do what is asked of it, cannot; that is no failure of ours
server_ready() {
    kill -0 "$SERVER_PID" 2>/dev/null || "$if_it_ends" "it ended: $(tail -n 1 "$work/err")"
    [ -s "$work/out" ]
}

# serve COMMAND…: start a server that prints a line when it is ready.  What it is started with must exec: the process
# is the one that is measured.
serve() {
    taskset -c "$cpu_server" "$@" >"$work/out" 2>"$work/err" </dev/null &
    SERVER_PID=$!
    jobs_started+=("$SERVER_PID")
    within 10 server_ready || fail "the server was not ready within 10 seconds: $(cat "$work/err")"
}

host_addresses() {
    ip addr add "$HOST4/24" dev "$1"
    ip addr add "$HOST6/64" dev "$1" nodad
}

# A second network namespace, held by a process that sleeps.
second_namespace() {
    unshare --net sleep infinity &
    other=$!
    jobs_started+=("$other")
    within 10 in_other true || fail "no second namespace"
}

in_other() {
    [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ] && nsenter -t "$other" -n "$@"
}

veth_pair() {
    ip link add feth0 mtu "$mtu" type veth peer name feth1 mtu "$mtu"
}

no_offloads() {
    "$@" tx off rx off tso off gso off gro off sg off >/dev/null
}

# A new namespace has the machine's default, and may take only what net.ipv4.tcp_allowed_congestion_control names:
# reno always.  BBR paces by a timer for each frame, which is what such a cable is slow with.
use_congestion_control() {
    local said
    [ "$congestion" != system ] || return 0
    said=$("$@" sysctl -q -w "net.ipv4.tcp_congestion_control=$congestion" 2>&1) || cannot "$congestion: $said"
}

kernel() {
    veth_pair
    second_namespace
    use_congestion_control in_other
    ip link set feth1 netns "$other"
    if [ "$1" = plain ]; then
        no_offloads ethtool -K feth0
        no_offloads in_other ethtool -K feth1
    fi
    host_addresses feth0
    ip link set feth0 up
    in_other ip addr add "$STACK4/24" dev feth1
    in_other ip addr add "$STACK6/64" dev feth1 nodad
    in_other ip link set feth1 up
    in_other ip link set lo up
    serve nsenter -t "$other" -n "$BENCH_BIN/feth_bench_server"
}

tapif() {
    [ "$mtu" = 1500 ] || cannot "tapif has buffers for an MTU of 1500 only"
    [ -x "$BENCH_BIN/feth_bench_tapif" ] || cannot "tapif was not built: these sources of lwIP have no contrib/"
    interface=tap0
    ip tuntap add tap0 mode tap 2>"$work/err" || cannot "no TAP device here: $(cat "$work/err")"
    host_addresses tap0
    ip link set tap0 up
    PRECONFIGURED_TAPIF=tap0 serve "$BENCH_BIN/feth_bench_tapif" "$STACK4" "$STACK6"
}

# passt and slirp4netns have a TAP device in the client's namespace, and a socket here for each of its connections:
# what is measured is them and, behind them, the kernel's server, all on one processor.
relay_servers() {
    serve "$BENCH_BIN/feth_bench_server"
    : >"$work/out"
    interface=tap0
    if_it_ends=cannot
}

# joined PID: the client shall run in the namespace of that process, once the relay has made its device there.
joined() {
    other=$1
    in_client=(nsenter -t "$other" -n)
    within 10 addressed || fail "the relay did not configure its device: $(cat "$work/err")"
    sysctl_no_time_wait "${in_client[@]}"
    use_congestion_control "${in_client[@]}"
}

addressed() {
    [ -n "$("${in_client[@]}" ip -4 -o addr show dev tap0 2>/dev/null)" ]
}

slirp4netns_relay() {
    command -v slirp4netns >/dev/null || cannot "slirp4netns is not installed (scripts/deps.sh bench)"
    [ "$version" = 4 ] || cannot "slirp4netns is measured over IPv4 only"
    [ "$mtu" -le 65520 ] || cannot "slirp4netns takes an MTU of up to 65520"
    relay_servers
    second_namespace
    serve slirp4netns --configure --ready-fd=1 --mtu="$mtu" "$other" tap0
    joined "$other"
    server=10.0.2.2
}

# passt's own mode for namespaces; the gateway's address stands for this side's loopback.
pasta_relay() {
    local deadline=$((SECONDS + 10))
    command -v pasta >/dev/null || cannot "passt is not installed (scripts/deps.sh bench)"
    [ "$version" = 4 ] || cannot "pasta is measured over IPv4 only"
    veth_pair # it wants an interface with a default route to take the addresses from
    host_addresses feth0
    ip link set feth0 up
    ip link set feth1 up
    ip route add default via "$STACK4" dev feth0
    ip route add default via "$STACK6" dev feth0
    relay_servers
    taskset -c "$cpu_server" pasta -f --runas "$(id -u)" --config-net -I tap0 -m "$mtu" -a 10.0.0.9 -n 24 -g "$STACK4" \
        -t none -u none -T none -U none -- sleep infinity >"$work/out" 2>"$work/err" </dev/null &
    SERVER_PID=$!
    jobs_started+=("$SERVER_PID")
    until other=$(pgrep -P "$SERVER_PID" -x sleep); do
        kill -0 "$SERVER_PID" 2>/dev/null || cannot "pasta does not run here: $(tail -n 1 "$work/err")"
        [ "$SECONDS" -lt "$deadline" ] || fail "pasta started nothing"
        sleep 0.02
    done
    jobs_started+=("$other")
    joined "$other"
    server=$STACK4
}

# The client's side of a closed connection would hold its port for a minute.
sysctl_no_time_wait() {
    "$@" sysctl -q -w net.ipv4.tcp_max_tw_buckets=0 2>/dev/null || true
}

set_up() {
    ip link set lo up
    sysctl_no_time_wait
    use_congestion_control
    server=$STACK4
    if [ "$version" = 6 ]; then
        server=$STACK6
    fi
    case $candidate in
    kernel) kernel defaults ;;
    kernel-plain) kernel plain ;;
    feth) serve "$LWIP_ECHO" --host feth0 --mtu "$mtu" ;;
    feth-plain) serve "$LWIP_ECHO" --host feth0 --mtu "$mtu" --offload off ;;
    tapif) tapif ;;
    slirp4netns) slirp4netns_relay ;;
    pasta) pasta_relay ;;
    memory) cannot "an in-process cable has no kernel at its end" ;;
    *) fail "there is no such candidate" ;;
    esac
}

# ---- kinds --------------------------------------------------------------------------------------------------------

client() {
    local words status=0
    read -r -a words <<<"$argument"
    on_client "$BENCH_BIN/feth_bench_client" -s "$BENCH_SECONDS" -w "$BENCH_WARM_UP" -p "$SERVER_PID" "$@" "${words[@]}" \
        2>"$work/client_said" || status=$?
    [ "$status" != 0 ] || return 0
    [ "$if_it_ends" = fail ] || cannot "$(tail -n 1 "$work/client_said")"
    fail "$(tail -n 1 "$work/client_said")"
}

# Frames that the kernel's side of the wire has counted; a large one is one.
frames() {
    "${in_client[@]}" ip -s -j link show "$interface" | jq '.[0].stats64 | .rx.packets + .tx.packets'
}

bytes() {
    "${in_client[@]}" ip -s -j link show "$interface" | jq '.[0].stats64 | .rx.bytes + .tx.bytes'
}

# What lwip-echo counts, as "name=number …".
counters() {
    on_client curl -sS -m 10 -f "http://$STACK4/stats.json" | jq -r '
        "rx=\(.io.rx_frames) tx=\(.io.tx_frames) calls=\(.io.rx_calls + .io.tx_calls)",
        "copied=\(.driver.rx_copied + .driver.tx_copied)"' | xargs
}

# By the driver's own counters, at full speed: frames that it copied beside the kernel's one copy, and the calls that
# received and sent.
own_counters() {
    local before
    before=$(counters)
    client bulk "$server" >/dev/null
    awk -v before="$before" -v after="$(counters)" 'BEGIN {
        split(before, b, "[= ]"); split(after, a, "[= ]")
        frames = a[2] - b[2] + a[4] - b[4]
        printf "io_calls_per_frame %.4f\ncopies_per_frame %.4f\n", (a[6] - b[6]) / frames, (a[8] - b[8]) / frames
    }'
}

# The calls are counted by strace, which slows the server down: only the counts are told.
calls() {
    local tracer from_frames from_bytes n_frames n_bytes n_calls
    case $candidate in
    feth*) if command -v curl >/dev/null; then own_counters; fi ;;
    esac
    command -v strace >/dev/null || cannot "strace is not installed (scripts/deps.sh bench)"
    : >"$work/strace"
    strace -f -c -o "$work/calls" -p "$SERVER_PID" 2>"$work/strace" &
    tracer=$!
    jobs_started+=("$tracer")
    within 10 attached || cannot "strace cannot attach: $(cat "$work/strace")"
    from_frames=$(frames) from_bytes=$(bytes)
    client bulk "$server" >"$work/client"
    n_frames=$(($(frames) - from_frames)) n_bytes=$(($(bytes) - from_bytes))
    kill -INT "$tracer"
    wait "$tracer" || true
    # % time, seconds, µs/call, calls, errors if there were any, name
    n_calls=$(awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { n += $4 } END { print n + 0 }' "$work/calls")
    awk -v calls="$n_calls" -v frames="$n_frames" -v bytes="$n_bytes" 'BEGIN {
        printf "calls_per_mb %.4f\ncalls_per_frame %.4f\nbytes_per_frame %.1f\n",
            calls / (bytes / 1e6), calls / frames, bytes / frames
    }'
}

attached() {
    kill -0 "$tracer" 2>/dev/null || cannot "strace cannot attach: $(cat "$work/strace")"
    grep -q attached "$work/strace"
}

# No stack: libfeth, or in the kernel's place a packet socket with a call for each frame.
raw_frames() {
    local mode=$argument ends=(feth1 feth0)
    case $candidate in
    kernel) mode=plain-$mode ;;
    feth) ;;
    memory)
        [ "$mode" = recv ] || cannot "an in-process cable waits for its other end: receiving is both"
        mode=memory ends=()
        ;;
    *) cannot "$candidate has no raw frames of its own" ;;
    esac
    if [ "$candidate" != memory ]; then
        veth_pair
        ip link set feth0 up
        ip link set feth1 up
    fi
    taskset -c "$cpu_client,$cpu_server" "$BENCH_BIN/feth_bench_frames" -s "$BENCH_SECONDS" -w "$BENCH_WARM_UP" \
        "$mode" "${ends[@]}"
}

if [ "$kind" = frames ]; then
    raw_frames
    exit
fi
case $candidate in
pasta | slirp4netns)
    [ "$kind" != random ] || [ "$argument" -le 1000 ] || cannot "it does not get to $argument connections in a minute"
    ;;
esac
if [ "$kind" = random ] && [ "$(ulimit -H -n)" != unlimited ] && [ "$(ulimit -H -n)" -lt $((argument + 100)) ]; then
    cannot "the hard limit of open files, $(ulimit -H -n), does not allow $argument connections"
fi
set_up
case $kind in
bulk | random | udp) client "$kind" "$server" ;;
rtt)
    protocol=$argument argument=$server
    client rtt "$protocol"
    ;;
churn)
    argument=
    client churn "$server"
    ;;
calls) calls ;;
*) fail "no kind $kind" ;;
esac
