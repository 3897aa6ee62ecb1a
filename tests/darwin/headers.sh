#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# By hand, where a git repository of Apple's xnu is at hand: holds darwin/xnu.h against the headers of that source, the
# private ones too.
#
#   tests/darwin/headers.sh REPOSITORY TAG…      for example xnu-7195.141.2 xnu-11417.121.6
#
# It needs the compiler that scripts/zig.sh --install gets.  What was compared last stands in docs/macos.md.
set -euo pipefail

[ $# -ge 2 ] || {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit 2
}
repository=$(cd "$1" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/names.cmake" <<END
include("$PWD/libfeth/darwin/xnu_names.cmake")
feth_xnu_names("$scratch/xnu_names.h")
END
cmake -P "$scratch/names.cmake"

# What their headers want that compilers do not have: bounds on pointers, enumerations with a width.
words=(-w)
for word in __ASSUME_PTR_ABI_SINGLE_BEGIN __ASSUME_PTR_ABI_SINGLE_END __header_indexable __unsafe_indexable __single \
    __indexable __bidi_indexable __null_terminated '__sized_by(x)' '__counted_by(x)' '__sized_by_or_null(x)' \
    '__counted_by_or_null(x)'; do
    words+=("-D$word=")
done
words+=('-D__enum_decl(name,type,...)=typedef type name;enum __VA_ARGS__'
    '-D__enum_closed_decl(name,type,...)=typedef type name;enum __VA_ARGS__')

# The private ones count on others to have included these.  A constant that is an enumerator is defined as itself.
private=(-DPRIVATE -DFETH_XNU_PRIVATE -include uuid/uuid.h -include sys/queue.h -include sys/socket.h)
while read -r name; do
    private+=("-D$name=$name")
done < <(sed -n 's/^CONSTANT(\(IFNET_.*\|IF_FAKE_.*\))$/\1/p' "$scratch/xnu_names.h")

# These come before the compiler's own, the rest where it has none: its <sys/types.h> and the like go together.
first=(net/{bpf,if,if_dl,if_fake_var,if_private,if_var,if_var_private,if_var_status,kpi_interface,net_kev,route}.h
    netinet/in_var.h netinet6/{in6_var,nd6}.h sys/{kern_event,socket,socket_private,sockio,sockio_private,sys_domain}.h)

failed=0

# check TAG ARCHITECTURE KIND ARGUMENT…
check() {
    local tag=$1 arch=$2 kind=$3 dir=$scratch/$1
    shift 3
    local compile=(scripts/zig.sh cc --target="$arch-macos.11.0" -std=c11 "${words[@]}" -include sys/types.h "$@"
        -I"$dir/first" -idirafter "$dir/bsd" -iquote libfeth -I"$scratch" libfeth/darwin/xnu_check.c)
    if "${compile[@]}" -c -o "$scratch/o"; then
        "${compile[@]}" -E -o "$scratch/text"
        # what stands in xnu.h itself is not counted
        printf 'ok: %s, %s, %s: %d facts agree\n' "$tag" "$arch" "$kind" "$(grep -c '_Static_assert.*\(another\|elsewhere\)' "$scratch/text")"
    else
        printf 'FAIL: %s, %s, %s\n' "$tag" "$arch" "$kind"
        failed=1
    fi
}

for tag in "$@"; do
    mkdir "$scratch/$tag"
    git -C "$repository" archive "$tag" bsd/net bsd/netinet bsd/netinet6 bsd/sys | tar -x -C "$scratch/$tag"
    for header in "${first[@]}"; do
        [ -f "$scratch/$tag/bsd/$header" ] || continue # later ones have more
        mkdir -p "$scratch/$tag/first/${header%/*}"
        cp "$scratch/$tag/bsd/$header" "$scratch/$tag/first/$header"
    done
    for arch in aarch64 x86_64; do
        check "$tag" "$arch" public
        check "$tag" "$arch" 'private too' "${private[@]}"
    done
done
exit "$failed"
