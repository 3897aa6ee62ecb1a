#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# impair.sh FAMILY: bulk TCP through a bad cable: loss, reordering, duplication and corruption in both directions.
. "$(dirname "$0")/lib/common.sh"

# Spread over connections because one spends its time in retransmission timeouts, which are a second at least.
CONNECTIONS=16

body() {
    local bytes
    bytes=$(scaled 20000000)
    client impaired tcp "$1" 7 $((bytes / CONNECTIONS)) "$CONNECTIONS"
}

main() {
    local stack
    case $1 in
    ipv4) stack=$STACK4 ;;
    ipv6) stack=$STACK6 ;;
    *) fail "usage: impair.sh ipv4|ipv6" ;;
    esac
    with_stack --loss 5% --reorder 5% --dup 2% --corrupt 1% --seed 1 -- body "$stack"
}

start "$@"
