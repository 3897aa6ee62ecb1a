# shellcheck shell=bash
# shellcheck disable=SC2034  # what common.sh and the tests use
# SPDX-License-Identifier: Apache-2.0
# The system tests on Linux: everything is in network namespaces of its own.  common.sh says what each function is for.

MACHINE=linux
FETH_SYSTEM=${FETH_SYSTEM:-linux}

UNIT=''
OTHER=other
LOOPBACK=lo
# fethctl's networks in the documentation, and lwip-echo's own
NET4=10.0.0 NET6=fd00 NET4X=10.99.0 NET6X=fd99
HOST4=10.0.0.1 HOST6=fd00:feed::1 STACK4=10.0.0.2 STACK6=fd00:feed::2
export HOST4 HOST6 STACK4 STACK6
STACK_NAMES=()
STACK_ADDRS=()
UNPRIVILEGED=(setpriv --bounding-set=-all --inh-caps=-all)

# ---- namespaces ---------------------------------------------------------------------------------------------------

# How unshare makes a network namespace here: root needs no user namespace for it.
if [ "$(id -u)" = 0 ]; then
    UNSHARE=(unshare --net)
else
    UNSHARE=(unshare --net --map-root-user)
fi

# Asked of the system's own tools, so that a fault of ours is not taken for a machine that forbids.
require_system() {
    local why
    need ip unshare
    why=$("${UNSHARE[@]}" ip link add feth0 type veth peer name feth1 2>&1) ||
        skip "no private network namespace with a veth pair here: $why"
}

# In a namespace there are no others.
only_ours() {
    :
}

need_free() {
    :
}

# with_stack [LWIP-ECHO-OPTION…] -- FUNCTION [ARGUMENT…]: with lwip-echo --netns, the function playing the host.
with_stack() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    "$LWIP_ECHO" ${options[@]+"${options[@]}"} --netns -- bash "$0" --inside "$@"
}

stack_process() {
    echo "$PPID"
}

# in_private FUNCTION [ARGUMENT…]: in a namespace without a stack.  Where the machine lets us mount /proc (a container
# may not), the function is the init of a process namespace too, so that nothing it starts survives it; elsewhere the
# trap of scratch has to do.
in_private() {
    local processes=(--pid --fork --kill-child --mount-proc)
    "${UNSHARE[@]}" "${processes[@]}" true 2>/dev/null || processes=()
    "${UNSHARE[@]}" "${processes[@]}" bash "$0" --inside "$@"
}

# ---- interfaces ---------------------------------------------------------------------------------------------------

interfaces() {
    ip -o link show | awk -F '[ :@]+' '$2 != "lo" { print $2 }' | sort | xargs
}

host_side() {
    ip -o -4 addr show | awk '$2 ~ /^feth/ { print $2; exit }'
}

io_side() {
    ip -o link show | awk -F '[ :@]+' -v host="$(host_side)" '$2 ~ /^feth/ && $2 != host { print $2; exit }'
}

# A new address is tentative for a second or two, and a TAP device has a carrier, and headers for offload, only while
# somebody is at it.
all_of_all() {
    if on_darwin; then
        ip -d addr show | sed -E 's/NO-CARRIER,|,LOWER_UP//g; s/ qdisc .*//; s/ tentative//; / tun type tap /d'
    else
        ip -d addr show | sed 's/ tentative//'
    fi
}

link_up() {
    ip link set "$1" up
}

link_down() {
    ip link set "$1" down
}

link_mtu() {
    ip link set "$1" mtu "$2"
}

link_destroy() {
    ip link del "$1"
}

foreign_pair() {
    ip link add dev "$1" type veth peer name "$2"
}

foreign_addr() {
    ip addr add "$2" dev "$1" nodad
}

# ---- asking the other side ----------------------------------------------------------------------------------------

# The rest of a name is looked up on some systems, so -n.
answers() {
    ping -n -q -c 1 -W 1 "$1" >/dev/null 2>&1
}

# Once some are answered, ping waits for the last for twice the longest time so far or one interval: on a busy machine
# an answer takes longer than a short interval.
ping_some() {
    ping -n -c "$2" -i 0.3 -W 5 -s "${3:-56}" "$1"
}

ping_flood() {
    ping -n -q -f -c "$2" -W 5 "$1"
}

is_at() {
    local said
    need arping
    said=$(arping -c 2 -w 5 -I "$3" "$1") || fail "no answer to arping: $said"
    grep -qi "$2" <<<"$said" || fail "another station answers: $said"
}

forget_neighbours() {
    ip neigh flush dev "$1"
}

# ---- processes ----------------------------------------------------------------------------------------------------

limited() {
    timeout "$@"
}
