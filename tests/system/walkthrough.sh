#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the documentation shows, step by step, and its output line by line.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

TAB=$'\t'
if on_darwin; then
    UP='8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>'
    DOWN='8802<BROADCAST,SIMPLEX,MULTICAST>'
    MTU=2048 # what an interface created for the default MTU may have
else
    UP='1043<UP,BROADCAST,RUNNING,MULTICAST>'
    DOWN='1002<BROADCAST,MULTICAST>'
    MTU=9000
fi

# The number of the echo is ping's own; and on a Mac others send on a new interface, too.
responder_lines() {
    if on_mac; then
        sed -E 's/id=[0-9]+/id=N/; s/, [0-9]+ ignored;/, 0 ignored;/' "$SCRATCH/icmp"
    else
        sed -E 's/id=[0-9]+/id=N/' "$SCRATCH/icmp"
    fi
}

body() {
    local mac linklocal first
    scratch
    says $'created feth0\ncreated feth101' create 0 101
    says 'set peer feth0 -> feth101' set feth0 --peer feth101
    says $'set feth0 addr 10.0.0.1/24\nfeth0 is up' set feth0 --addr 10.0.0.1/24 --state up
    says 'feth101 is up' set feth101 --state up
    mac=$(status_of feth0 .mac)
    says "feth0: flags=$UP mtu 1500
${TAB}ether $mac
${TAB}inet 10.0.0.1 netmask 0xffffff00 prefix 24
${TAB}peer: feth101
${TAB}status: active" status feth0

    start_responder feth101 10.0.0.2
    ping_some 10.0.0.2 2 >"$SCRATCH/ping" || fail "no answer to ping: $(cat "$SCRATCH/ping")"
    stop_responder
    first=$(sed -n -E 's/.*icmp_seq=([0-9]+).*/\1/p' "$SCRATCH/ping" | head -n 1) # 0 or 1
    responder_lines >"$SCRATCH/icmp.lines"
    diff -u - "$SCRATCH/icmp.lines" <<END || fail "the responder's lines differ"
listening on feth101 as 10.0.0.2 (02:00:0a:00:00:02)
  ARP reply: 10.0.0.2 is-at 02:00:0a:00:00:02
    (to 10.0.0.1 at $mac)
  ICMP reply: 10.0.0.2 -> 10.0.0.1  id=N seq=$first 64 bytes
  ICMP reply: 10.0.0.2 -> 10.0.0.1  id=N seq=$((first + 1)) 64 bytes
3 answered, 0 ignored; 0 dropped by the kernel
END

    says $'set feth0 addr 10.0.0.1/24\nset feth0 addr fd00::1/64' \
        set feth0 --addr 10.0.0.1/24 --addr fd00::1/64
    "$FETHCTL" status feth0 | grep "^${TAB}inet6 fd00::1 prefix 64\$" >/dev/null || fail "status: $("$FETHCTL" status feth0)"
    start_responder feth101 10.0.0.2 fd00::2
    ping_some fd00::2 1 >/dev/null || fail "no answer to ping over IPv6: $(cat "$SCRATCH/icmp")"
    is_at 10.0.0.2 02:00:0a:00:00:02 feth0
    stop_responder

    says $'removed addr 10.0.0.1/24 from feth0\nremoved addr fd00::1/64 from feth0' set feth0 --addr none
    if on_darwin; then # a link-local address, which Linux takes away with the link, stays until it is named
        linklocal=$("$FETHCTL" status feth0 | awk '$2 ~ /^fe80:/ { print $2 }')
        says "removed addr $linklocal/64 from feth0" set feth0 --del-addr "$linklocal/64"
    fi
    says "set feth0 mtu $MTU" set feth0 --mtu $MTU
    says 'feth0 is down' set feth0 --state down
    says "feth0: flags=$DOWN mtu $MTU
${TAB}ether $mac
${TAB}peer: feth101
${TAB}status: inactive" status feth0
    says "NAME     PEER     STATE  MTU   OWNER       ADDRESSES
feth0    feth101  down   $MTU  persistent  -
feth101  feth0    up     1500  persistent  -" list
    says $'destroyed feth0\ndestroyed feth101' destroy feth0 feth101
    says 'NAME  PEER  STATE  MTU  OWNER  ADDRESSES' list
    [ -z "$(interfaces)" ] || fail "interfaces are left: $(interfaces)"
}

main() {
    need ping jq
    only_ours
    need_free 10.0.0
    in_private body
}

start "$@"
