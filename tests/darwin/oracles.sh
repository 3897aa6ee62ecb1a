#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# oracles.sh PROGRAM: holds darwin/xnu.h against the tables of macOS's numbers that other projects made on Macs, and
# that Debian packages as text.  PROGRAM is oracles.c.
set -euo pipefail

compare=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=('golang-*-src' golang-golang-x-sys-dev librust-libc-dev)
facts=$(mktemp)
trap 'rm -f "$facts"' EXIT

failed=0
sources=0

# source_of NAME MINIMUM FILE…: the files of one architecture
source_of() {
    local name=$1 minimum=$2 told
    shift 2
    awk -f "$here/oracles.awk" "$@" >"$facts"
    if told=$("$compare" "$minimum" <"$facts"); then
        printf 'ok: %s: %s\n' "$name" "$told"
    else
        printf 'FAIL: %s: %s\n' "$name" "$told"
        failed=1
    fi
    sources=$((sources + 1))
}

# Where an installed package has the folder of the file that ends in SUFFIX: folder PACKAGE SUFFIX
folder() {
    dpkg-query -L "$1" | sed -n "s|\(.*\)/$2\$|\1|p" | head -n 1
}

# Go's syscall and x/sys/unix: files by architecture
go() {
    local package=$1 name=$2 minimum=$3 dir arch
    dir=$(folder "$package" "$name/zerrors_darwin_arm64.go")
    if [ -z "$dir" ]; then
        printf 'FAIL: %s has no %s for macOS\n' "$package" "$name"
        failed=1
        return 0
    fi
    for arch in arm64 amd64; do
        source_of "$package, $name, $arch" "$minimum" \
            "$dir/$name/zerrors_darwin_$arch.go" "$dir/$name/ztypes_darwin_$arch.go"
    done
}

# Rust's libc: what is common to all, and a file by architecture
rust() {
    local package=$1 minimum=$2 dir arch
    dir=$(folder "$package" 'unix/bsd/apple/mod.rs')
    if [ -z "$dir" ]; then
        printf 'FAIL: %s has nothing of macOS\n' "$package"
        failed=1
        return 0
    fi
    dir=$dir/unix/bsd
    for arch in aarch64 x86_64; do
        source_of "$package, $arch" "$minimum" \
            "$dir/mod.rs" "$dir/apple/mod.rs" "$dir/apple/b64/mod.rs" "$dir/apple/b64/$arch/mod.rs"
    done
}

installed() {
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p'
}

if ! command -v dpkg-query >/dev/null; then
    printf 'SKIP: the tables are looked for in packages of Debian\n'
    exit 77
fi

while read -r package; do
    case $package in
    golang-golang-x-sys-dev) go "$package" unix 143 ;;
    golang-*-src) go "$package" syscall 133 ;;
    librust-libc-dev) rust "$package" 149 ;;
    esac
done < <(installed "${packages[@]}")

# Each by name, also where others were compared: one that went missing is to be seen.  The files of golang-src are in
# golang-VERSION-src.
for package in "${packages[@]}"; do
    [ -n "$(installed "$package")" ] || printf 'SKIP: %s is not installed\n' "${package/'*-'/}"
done
if [ "$sources" = 0 ] && [ "$failed" = 0 ]; then
    exit 77
fi
exit "$failed"
