#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# See the host's own ping, curl and nc answered by lwIP on the far end of a pair.
#
#   scripts/demo.sh
#
# Installs what is missing, builds into build/release, and runs the commands.  On Linux they run in a private user
# and network namespace, which needs no root; on macOS a real pair needs sudo.  Where neither is to be had, a second
# lwIP plays the host (lwip-echo --selftest).  Status 0: everything answered.
set -euo pipefail

stack4=10.0.0.2
stack6=fd00:feed::2

# ---- as the host: what to type ----------------------------------------------------------------------------------

failures=0

# Show a command and run it.  A failure is counted, not the end.
try() {
    printf '\n$ %s\n' "$*"
    if ! "$@"; then
        failures=$((failures + 1))
        printf '*** that was not answered\n'
    fi
}

# ping6 is a program of its own on macOS.
if [ "$(uname -s)" = Darwin ]; then
    ping4=(ping) ping6=(ping6)
else
    ping4=(ping -4) ping6=(ping -6)
fi

# POST a line to a URL and get it back.
post() {
    local line='posted by curl' answer
    answer=$(curl -sS -m 10 --data-binary "$line" "$1") || true
    printf '%s\n' "$answer"
    [ "$answer" = "$line" ]
}

# Send a line to an echo service with nc and get it back; the arguments are nc's.
echo_line() {
    local line='sent by nc' answer
    answer=$(printf '%s\n' "$line" | nc -w 1 "$@") || true
    printf '%s\n' "$answer"
    [ "$answer" = "$line" ]
}

as_host() {
    try "${ping4[@]}" -c 3 -i 0.2 "$stack4"
    try "${ping6[@]}" -c 3 -i 0.2 "$stack6"
    try curl -sS -m 10 -f "http://$stack4/stats.json"
    try curl -sS -m 10 -f -g -o /dev/null -w '%{http_code}, %{size_download} bytes of page\n' "http://[$stack6]/"
    try post "http://$stack4/echo"
    try post "http://[$stack6]/echo"
    try echo_line "$stack4" 7
    try echo_line "$stack6" 7
    try echo_line -u "$stack4" 7
    try echo_line -u "$stack6" 7
    printf '\n'
    [ "$failures" = 0 ]
}

# How this script calls itself inside the namespace.
if [ "${1-}" = --as-host ]; then
    as_host
    exit
fi

# ---- build ------------------------------------------------------------------------------------------------------

say() {
    printf '\n== %s\n' "$*"
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
scripts/deps.sh build demo

say 'Building into build/release'
cmake --preset release -DFETH_BUILD_TESTS=OFF
cmake --build --preset release
lwip_echo=$root/build/release/apps/lwip-echo/lwip-echo

# ---- run --------------------------------------------------------------------------------------------------------

# Whether this machine lets us make a namespace and a pair in it: asked of the system's own tools, so that a fault
# of ours is not taken for a machine that forbids.
namespaces_allowed() {
    local how=-rn
    if [ "$(id -u)" = 0 ]; then
        how=-n
    fi
    unshare "$how" ip link add feth0 type veth peer name feth1
}

on_linux() {
    local why
    if why=$(namespaces_allowed 2>&1); then
        say 'A private network namespace, lwIP behind a pair in it, and this machine as the host'
        "$lwip_echo" --netns -- bash "$root/scripts/demo.sh" --as-host
    else
        say "Network namespaces are forbidden here (${why:-unshare failed}); a second lwIP plays the host"
        "$lwip_echo" --selftest
    fi
}

# The running lwip-echo of on_macos.
echo_pid=
echo_log=

stop_echo() {
    if [ -n "$echo_pid" ]; then
        sudo -n kill "$echo_pid" 2>/dev/null || true
        wait "$echo_pid" || true
    fi
    if [ -n "$echo_log" ]; then
        rm -f "$echo_log"
    fi
}

on_macos() {
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && sudo -v; }; then
        say 'A real pair needs sudo; a second lwIP plays the host'
        "$lwip_echo" --selftest
        return
    fi
    say 'A real pair of feth interfaces, lwIP behind it, and this Mac as the host'
    echo_log=$(mktemp)
    trap stop_echo EXIT
    # shellcheck disable=SC2024 # the log is ours, not root's
    sudo -n "$lwip_echo" >"$echo_log" 2>&1 &
    echo_pid=$!
    # it prints one line when it is ready
    local tries=0
    until [ -s "$echo_log" ] || [ "$tries" = 50 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
    cat "$echo_log"
    kill -0 "$echo_pid" 2>/dev/null || sudo -n kill -0 "$echo_pid" || return 1
    as_host
}

status=0
if [ "$(uname -s)" = Darwin ]; then
    on_macos || status=$?
else
    on_linux || status=$?
fi

if [ "$status" = 0 ]; then
    say 'Everything answered.'
else
    say 'Not everything answered: see above.'
fi
exit "$status"
