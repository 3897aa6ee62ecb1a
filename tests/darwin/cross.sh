#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cross.sh SOURCE CMAKE-ARGUMENT…: builds everything for macOS (the tests too, which cannot run here), for both
# architectures with warnings as errors, installs it, and looks at the Mach-O files that come of it: what they are, the
# oldest system that takes them, where they look for libraries, and which symbols of that system they want.
# tests/darwin/imports.txt has those, each known to be in macOS 11.
set -euo pipefail

source=$1
shift
arguments=("$@")
list=$source/tests/darwin/imports.txt

skip() {
    printf 'SKIP: %s\n' "$*"
    exit 77
}

failed=0
fail() {
    printf 'FAIL: %s\n' "$*" >&2
    failed=1
}

"$source/scripts/zig.sh" --check || skip "the cross compiler is not here"
for tool in llvm-objdump llvm-nm; do
    command -v "$tool" >/dev/null || skip "$tool is not installed (package llvm)"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export ZIG_GLOBAL_CACHE_DIR=$scratch/cache

build() {
    local arch=$1 directory=$scratch/$1
    if ! (cd "$source" && cmake --preset "macos-$arch" -B "$directory" "${arguments[@]}") >"$scratch/log" 2>&1 ||
        ! cmake --build "$directory" >"$scratch/log" 2>&1 ||
        ! cmake --install "$directory" --prefix "$directory/installed" >"$scratch/log" 2>&1; then
        cat "$scratch/log"
        fail "$arch: it does not build"
    fi
}

# What llvm-objdump says in a line behind "KEY" in the load command NAME: load_command NAME KEY <headers
load_command() {
    awk -v name="$1" -v key="$2" '$1 == "cmd" { inside = ($2 == name) } inside && $1 == key { print $2 }'
}

look_at() {
    local arch=$1 type=$2 file=$3 headers kind minos name library id rpath twice
    name="$arch: ${file##*/}"
    [ -f "$file" ] || {
        fail "$name was not built"
        return 0
    }
    headers=$(llvm-objdump --macho --private-headers "$file")
    kind=$(awk '$1 == "MH_MAGIC_64" { print $2, $5 }' <<<"$headers")
    [ "$kind" = "${arch^^} $type" ] || fail "$name is \"$kind\", not \"${arch^^} $type\""
    minos="$(load_command LC_BUILD_VERSION platform <<<"$headers") $(load_command LC_BUILD_VERSION minos <<<"$headers")"
    [ "$minos" = 'macos 11.0' ] || fail "$name is for \"$minos\", not \"macos 11.0\""
    # an arm64 Mac runs nothing that is not signed
    [ "$arch" != arm64 ] || [ -n "$(load_command LC_CODE_SIGNATURE cmdsize <<<"$headers")" ] || fail "$name is not signed"
    while read -r library; do
        case $library in
        /usr/lib/libSystem.B.dylib | /usr/lib/libpcap.A.dylib | @rpath/libfeth.0.dylib) ;;
        *) fail "$name wants the library $library" ;;
        esac
    done < <(load_command LC_LOAD_DYLIB name <<<"$headers")
    # Zig's linker puts in twice what is named twice, and macOS 26 starts nothing that has a library or a path twice.
    twice=$(awk '$1 == "cmd" { inside = $2 ~ /^LC_(LOAD_.*DYLIB|RPATH)$/ }
        inside && ($1 == "name" || $1 == "path") && seen[$2]++ { print $2 }' <<<"$headers")
    [ -z "$twice" ] || fail "$name has $twice twice"
    [ -n "$(load_command LC_UUID uuid <<<"$headers")" ] || fail "$name has no UUID, without which macOS 26 starts nothing"
    # a library is found wherever it is installed: it has no path of its own, and looks beside itself for another
    id=$(load_command LC_ID_DYLIB name <<<"$headers")
    [ "$type" = EXECUTE ] || [ "$id" = "@rpath/${file##*/}" ] || fail "$name is called \"$id\""
    rpath=$(load_command LC_RPATH path <<<"$headers")
    [[ $headers != *' @rpath/libfeth.0.dylib '* || $id = @rpath/libfeth.0.dylib || $rpath = @loader_path ]] ||
        fail "$name looks for libraries in \"$rpath\""
    # "(undefined) [weak] external _name (from library)", our own libraries' apart; with no library it is one that a
    # Mac would look for everywhere
    llvm-nm -m --undefined-only "$file" >"$scratch/undefined"
    sed '/ (from libfeth)$/d; s/.* external \([^ ]*\) (from \(libSystem\|libpcap\))$/\1/' "$scratch/undefined" >"$scratch/one"
    [ -s "$scratch/one" ] || fail "$name wants nothing: is it read rightly?"
    cat "$scratch/one" >>"$scratch/imports"
}

for arch in arm64 x86_64; do
    build "$arch"
    for program in fethctl icmp-responder lwip-echo; do
        look_at "$arch" EXECUTE "$scratch/$arch/installed/bin/$program"
    done
    look_at "$arch" DYLIB "$scratch/$arch/installed/lib/libfeth.0.dylib"
    look_at "$arch" DYLIB "$scratch/$arch/installed/lib/libfethif.0.dylib"
done

[ "$failed" = 0 ] || exit 1
export LC_ALL=C
sort -u "$scratch/imports" -o "$scratch/imports"
sort -uc "$list" || fail "imports.txt is not sorted"
if ! diff --label imports.txt --label built -U0 "$list" "$scratch/imports"; then
    fail "what is wanted of the system is not what imports.txt says; a new symbol has to be in macOS 11 already"
fi
printf '%s symbols of the system\n' "$(wc -l <"$scratch/imports")"
exit "$failed"
