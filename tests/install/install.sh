#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh SOURCE BUILD CC: installs into a prefix of its own, moves that, and builds and runs a user's programs by
# pkg-config and by CMake, with the shared libraries and with the static ones; and the shared ones export what the
# headers declare, and nothing else.
set -euo pipefail

SOURCE=$1
BUILD=$2
CC=$3

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

skip() {
    printf 'SKIP: %s\n' "$*"
    exit 77
}

[ -z "${SANITIZE-}" ] || skip "the libraries are built with -fsanitize=$SANITIZE, which a user's programs are not"
for tool in pkg-config nm; do
    command -v "$tool" >/dev/null || skip "$tool is not installed (scripts/deps.sh build)"
done

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# Configured for another prefix, installed to a second one, and moved to a third.
cmake --install "$BUILD" --prefix "$SCRATCH/first" >"$SCRATCH/log" || fail "cmake --install: $(tail -n 5 "$SCRATCH/log")"
mv "$SCRATCH/first" "$SCRATCH/prefix"
PREFIX=$SCRATCH/prefix
LIB=$(dirname "$(find "$PREFIX" -name libfeth.a)")
INCLUDE=$PREFIX/include

# ---- nothing names where it came from ---------------------------------------------------------------------------------

for word in "$SOURCE" "$BUILD" "$SCRATCH/first"; do
    ! grep -rIl -e "$word" "$LIB/pkgconfig" "$LIB/cmake" || fail "these files name $word"
done

# ---- what is there ----------------------------------------------------------------------------------------------------

for file in bin/fethctl bin/icmp-responder bin/lwip-echo include/feth/feth.h share/man/man8/fethctl.8 \
    share/man/man8/icmp-responder.8 share/man/man8/lwip-echo.8 share/man/man3/libfeth.3 \
    share/bash-completion/completions/fethctl share/zsh/site-functions/_fethctl \
    share/fish/vendor_completions.d/fethctl.fish share/doc/feth/LICENSE; do
    [ -s "$PREFIX/$file" ] || fail "$file is not installed"
done
"$PREFIX/bin/fethctl" --version

# declared HEADER…: the functions that the headers export.
declared() {
    cat "$@" | grep -v "^ *#" | tr '\n' ' ' | awk '{ gsub(/FETH_API/, "\n&"); print }' | sed -nE 's/^FETH_API[^(]*[ *]([a-z0-9_]+)\(.*/\1/p' | sort -u
}

case $(uname -s) in
Darwin)
    suffix=dylib name=@rpath/%s.0.dylib
    exported() { nm -gU "$1" | sed -n 's/.* _//p' | sort -u; }
    defined() { exported "$1"; }
    soname() { otool -D "$1" | tail -n 1; }
    ;;
*)
    suffix=so name=%s.so.0
    exported() { nm -D --defined-only "$1" | awk '{ print $NF }' | sort -u; }
    defined() { nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u; }
    soname() { objdump -p "$1" | awk '$1 == "SONAME" { print $2 }'; }
    ;;
esac

# The names in lwIP's headers, where its options leave them.
lwip_names() {
    (cd "$INCLUDE/feth-lwip" && printf '#include "%s"\n' lwip/*.h lwip/priv/*.h netif/*.h) >all.c
    "$CC" -E -P -I"$INCLUDE" -I"$INCLUDE/feth-lwip" all.c | tr -cs 'A-Za-z0-9_' '\n' | sort -u
}

# lwip_port_… is ours; its pools are declared by no header, and one function has two names (third_party/lwip).
ours='^(fethif_|lwip_port_)'
undeclared='^(memp_[A-Z0-9_]+|altcp_tcp_functions|feth_lwip_ip[46]_frag)$'

export LC_ALL=C
cd "$SCRATCH"
for library in libfeth libfethif; do
    exported "$LIB/$library.$suffix" >"$library.exported"
    # shellcheck disable=SC2059  # it is a format
    soname=$(printf "$name" "$library")
    [ "$(soname "$LIB/$library.$suffix")" = "$soname" ] || fail "$library calls itself $(soname "$LIB/$library.$suffix")"
done
differ=$(diff <(declared "$INCLUDE"/feth/*.h) libfeth.exported) ||
    fail "libfeth: declared (<) and exported (>) differ: $differ"
# a Mac's bash takes no braces within <()
netif=$INCLUDE/feth-lwip/netif
differ=$(diff <(declared "$netif/fethif.h" "$netif/lwip_port.h") <(grep -E "$ours" libfethif.exported)) ||
    fail "libfethif: declared (<) and exported (>) differ: $differ"
# Of lwIP everything that there is and that a header names, and nothing else.
lwip_names >names
differ=$(diff <(defined "$LIB/libfethlwip.a" | grep -vE "$ours" | comm -12 - names) \
    <(grep -vE "$ours|$undeclared" libfethif.exported)) ||
    fail "libfethif, lwIP: declared (<) and exported (>) differ: $differ"
printf 'what the headers declare is exported, and nothing else: %d and %d names\n' \
    "$(wc -l <libfeth.exported)" "$(wc -l <libfethif.exported)"

# ---- by pkg-config ----------------------------------------------------------------------------------------------------

export PKG_CONFIG_PATH="$LIB/pkgconfig" LD_LIBRARY_PATH="$LIB" DYLD_LIBRARY_PATH="$LIB"

# Of a program that has been one of another lwIP: what it has is not what the library was built with.
mkdir -p another/arch
printf '#error not the lwipopts.h of the library\n' | tee another/lwipopts.h >another/arch/cc.h

# by_pkg_config PROGRAM PACKAGE
by_pkg_config() {
    local words=()
    read -ra words <<<"$(pkg-config --cflags --libs "$2")"
    "$CC" -o "$1.shared" -Ianother "$SOURCE/tests/install/$1.c" "${words[@]}"
    printf '%s, pkg-config, shared: ' "$1"
    "./$1.shared"
    # of this prefix the static ones, of the system what there is
    mkdir -p static
    cp "$LIB"/*.a static/
    read -ra words <<<"$(pkg-config --static --cflags --libs "$2")"
    "$CC" -o "$1.static" "$SOURCE/tests/install/$1.c" "-L$SCRATCH/static" "${words[@]/-L$LIB/-L$SCRATCH/static}"
    printf '%s, pkg-config, static: ' "$1"
    env -u LD_LIBRARY_PATH -u DYLD_LIBRARY_PATH "./$1.static"
}

by_pkg_config frames libfeth
by_pkg_config stack fethif

# ---- by CMake ---------------------------------------------------------------------------------------------------------

cmake -S "$SOURCE/tests/install" -B user -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_C_COMPILER="$CC" >log 2>&1 ||
    fail "a user's configure: $(cat log)"
cmake --build user >log 2>&1 || fail "a user's build: $(cat log)"
for program in frames frames_static stack stack_static; do
    printf '%s, CMake: ' "$program"
    "user/$program"
done
