#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# syscalls.sh LIBRARY FOLDER: what the objects of a static library leave undefined is what FOLDER's lists allow.
set -euo pipefail

names() {
    sed -e 's/#.*//' -e 's/[[:space:]].*//' -e '/^$/d' "$@" | sort -u
}

# Undefined in one object and defined in another, or by name our own, is no call into the system; sanitizers bring
# symbols of their own.
undefined() {
    local library=$1
    comm -23 \
        <(nm -u "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u) \
        <(nm --defined-only "$library" | awk 'NF == 3 { print $3 }' | sort -u) |
        grep -Ev '^(__(asan|ubsan|tsan|sanitizer)_|feth_)'
}

main() {
    local library=$1 folder=$2 unknown twice
    unknown=$(comm -23 <(undefined "$library") <(names "$folder/syscalls.txt" "$folder/c_library.txt"))
    twice=$(comm -12 <(names "$folder/syscalls.txt") <(names "$folder/c_library.txt"))
    if [ -n "$unknown$twice" ]; then
        printf 'FAIL: in none of the lists: %s\nFAIL: in both lists: %s\n' "${unknown//$'\n'/ }" "${twice//$'\n'/ }" >&2
        exit 1
    fi
    # a list that says nothing of what is there would agree with everything
    undefined "$library" | grep -c . >/dev/null
    printf '%s names, all known\n' "$(undefined "$library" | wc -l)"
}

main "$@"
