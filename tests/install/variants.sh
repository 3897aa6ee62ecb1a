#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# variants.sh SOURCE CC CMAKE-ARGUMENT…: the libraries as packages and other projects build them, which install.sh does
# not see: with BUILD_SHARED_LIBS, without libpcap, in folders of a distribution's own, without static or without shared
# libraries, and as a part of another project.
set -euo pipefail

SOURCE=$1
CC=$2
shift 2
ARGUMENTS=("$@" "-DCMAKE_C_COMPILER=$CC" -DCMAKE_BUILD_TYPE=Debug)

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

skip() {
    printf 'SKIP: %s\n' "$*"
    exit 77
}

[ -z "${SANITIZE-}" ] || skip "these are builds of their own, and the same without -fsanitize=$SANITIZE"
command -v pkg-config >/dev/null || skip "pkg-config is not installed (scripts/deps.sh build)"

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
cd "$SCRATCH"

quietly() {
    "$@" >log 2>&1 || fail "$*: $(tail -n 40 log)"
}

# install_as NAME CMAKE-ARGUMENT…: into the folder NAME; LIB is where its libraries are.
install_as() {
    local name=$1
    shift
    quietly cmake -S "$SOURCE" -B "$name.build" "${ARGUMENTS[@]}" "-DCMAKE_INSTALL_PREFIX=$SCRATCH/$name" \
        -DFETH_BUILD_APPS=OFF -DFETH_BUILD_TESTS=OFF "$@"
    quietly cmake --build "$name.build" -j 2
    quietly cmake --install "$name.build"
    LIB=$(dirname "$(find "$SCRATCH/$name" -name libfeth.a)")
}

# programs WHAT DIRECTORY PROGRAM…
programs() {
    local what=$1 directory=$2 program
    shift 2
    for program in "$@"; do
        printf '%s: ' "$what"
        LD_LIBRARY_PATH=$LIB DYLD_LIBRARY_PATH=$LIB "$directory/$program"
    done
}

# used_by_cmake WHAT CMAKE-ARGUMENT…: builds the programs into the folder user.
used_by_cmake() {
    rm -rf user
    quietly cmake -S "$SOURCE/tests/install" -B user "-DCMAKE_C_COMPILER=$CC" "$@"
    quietly cmake --build user -j 2
}

# used_by_pkg_config: likewise, as a program is linked that knows nothing of how feth was built.
used_by_pkg_config() {
    local program words
    for program in frames stack; do
        words=$(PKG_CONFIG_PATH=$LIB/pkgconfig pkg-config --cflags --libs "$([ "$program" = frames ] && echo libfeth || echo fethif)")
        read -ra words <<<"$words"
        "$CC" -o "$program" "$SOURCE/tests/install/$program.c" "${words[@]}"
    done
}

# ---- shared only, as distributions have it --------------------------------------------------------------------------

install_as shared -DBUILD_SHARED_LIBS=ON -DFETH_PCAP=OFF "-DCMAKE_INSTALL_LIBDIR=$SCRATCH/shared/lib"
rm "$LIB"/*.a
! grep -q pcap "$LIB"/pkgconfig/*.pc "$LIB"/cmake/feth/* || fail "libpcap is wanted where it is not used"
used_by_pkg_config
programs 'shared only, pkg-config' . frames stack
used_by_cmake "-DCMAKE_PREFIX_PATH=$SCRATCH/shared"
programs 'shared only, CMake' user frames stack
[ ! -e user/frames_static ] || fail 'there is a static library, although it was removed'

# ---- static only ----------------------------------------------------------------------------------------------------

mkdir options
cat >options/lwipopts.h <<'END'
#include_next <lwipopts.h>
#undef LWIP_IPV6_NUM_ADDRESSES
#define LWIP_IPV6_NUM_ADDRESSES 5
END
install_as static -DFETH_SHARED=OFF -DCMAKE_INSTALL_LIBDIR=lib/some-machine "-DFETH_LWIPOPTS_DIR=$SCRATCH/options"
[ -z "$(find static -name 'libfeth*.so*' -o -name 'libfeth*.dylib')" ] || fail 'FETH_SHARED=OFF installs shared libraries'
used_by_pkg_config
programs 'static only, pkg-config' . frames stack
rm -r options
printf '#include <lwip/netif.h>\n_Static_assert(LWIP_IPV6_NUM_ADDRESSES == 5, "");\n' >options.c
read -ra words <<<"$(PKG_CONFIG_PATH=$LIB/pkgconfig pkg-config --cflags fethif)"
"$CC" -fsyntax-only "${words[@]}" options.c || fail 'the options of FETH_LWIPOPTS_DIR are not those installed'
used_by_cmake "-Dfeth_DIR=$LIB/cmake/feth"
programs 'static only, CMake' user frames stack frames_static stack_static

# ---- part of a project ----------------------------------------------------------------------------------------------

# With no more said than that, it has neither programs nor tests, and installs nothing.
used_by_cmake "${ARGUMENTS[@]}" "-DFETH_SOURCE=$SOURCE" -DBUILD_SHARED_LIBS=ON
programs 'add_subdirectory' user frames stack
quietly cmake --install user --prefix "$SCRATCH/none"
[ ! -e none ] || fail "a project that has feth in it installs $(find none -type f)"
