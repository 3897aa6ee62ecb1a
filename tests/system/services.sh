#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# services.sh FAMILY: the services beside echo and HTTP, over IPv4 and IPv6.
. "$(dirname "$0")/lib/common.sh"

datagram_unanswered() {
    local answer
    answer=$(echo 'to be discarded' | nc -u -w 1 "$1" 9) || true
    [ -z "$answer" ] || fail "UDP discard answered: $answer"
}

# iperf PORT 5001 speaks iperf 2's protocol: the plain test is bytes one way until the end of the connection.
measured() {
    local text
    if command -v iperf >/dev/null; then
        local family=()
        case $1 in
        *:*) family=(-V) ;;
        esac
        text=$(iperf -c "$1" ${family[@]+"${family[@]}"} -t 2 -f m 2>&1) || fail "iperf: $text"
        grep -Eq '[1-9][0-9.]* Mbits/sec' <<<"$text" || fail "iperf measured nothing: $text"
        say "lwiperf: $(tail -n 1 <<<"$text")"
    else
        client "lwiperf, without iperf" discard "$1" 5001 "$(scaled 10000000)"
    fi
}

body() {
    local stack=$1
    client discard discard "$stack" 9 "$(scaled 10000000)"
    datagram_unanswered "$stack"
    client chargen chargen "$stack" 19 "$(scaled 10000000)"
    measured "$stack"
    # the stack is well after all that
    "$CLIENT" tcp "$stack" 7 1000 >/dev/null
}

main() {
    need nc
    local stack
    case $1 in
    ipv4) stack=$STACK4 ;;
    ipv6) stack=$STACK6 ;;
    *) fail "usage: services.sh ipv4|ipv6" ;;
    esac
    with_stack -- body "$stack"
}

start "$@"
