#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# as_mac.sh SCRIPT [ARGUMENT…]: run a system test as it runs on a Mac, on Linux: with programs built over the model of
# the kernel, and with the tools of a Mac only.  Those whose arguments or output differ are stood in for (mac/), and of
# the others those are found that a Mac has.  All is in a namespace; what the test leaves in it is its failure.
#
# FETH_BASH is a bash to run it with, such as the 3.2 of a Mac.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

# what the tests use of a Mac's tools, and of Homebrew's (the last line)
tools='awk bash cat chmod cmp cp cut diff dirname echo env false grep head id kill mkdir mkfifo mktemp mv od perl ps rm sed sh
    sleep sort tail tcpdump touch tr true xargs zsh curl nc
    jq iperf text2pcap editcap mergecap tshark'

inside() {
    local tool path left status=0
    mkdir "$MAC_BIN"
    for tool in $tools; do
        if path=$(type -P "$tool"); then
            ln -s "$path" "$MAC_BIN/$tool"
        fi
    done
    ln -sf "${FETH_BASH:-$(command -v bash)}" "$MAC_BIN/bash"
    ln -sf "$here"/mac/* "$MAC_BIN/"
    ip link set lo up
    # frames from one program to another go by local sockets, whose queue is of ten datagrams otherwise (mail.c)
    { echo 4096 >/proc/sys/net/unix/max_dgram_qlen; } 2>/dev/null || case $1 in
    */capture.sh | */inject.sh)
        echo 'SKIP: /proc/sys/net/unix/max_dgram_qlen cannot be written here: frames between programs would be lost'
        exit 77
        ;;
    esac
    PATH=$MAC_BIN "$MAC_BIN/bash" "$@" || status=$?
    left=$(ip -o link show | awk -F '[ :@]+' '$2 ~ /^x?feth/ { print $2 }' | xargs)
    if [ -n "$left" ]; then
        echo "FAIL: the test has left $left" >&2
        exit 1
    fi
    exit "$status"
}

if [ "$1" = --inside ]; then
    shift
    inside "$@"
fi
command -v perl >/dev/null || {
    echo "SKIP: perl is not installed, which every Mac has"
    exit 77
}
how=(unshare --net)
[ "$(id -u)" = 0 ] || how+=(--map-root-user)
why=$("${how[@]}" true 2>&1) || {
    echo "SKIP: no private network namespace here: $why"
    exit 77
}
processes=(--pid --fork --kill-child --mount-proc)
if "${how[@]}" "${processes[@]}" true 2>/dev/null; then
    how+=("${processes[@]}")
fi
MAC_BIN=$(mktemp -d)/bin
export MAC_BIN
trap 'rm -rf "${MAC_BIN%/bin}"' EXIT
bash "$here/with_model.sh" "${FETH_WAY:-batch}" "${how[@]}" bash "$0" --inside "$@"
