#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# man.sh SOURCE FETHCTL ICMP-RESPONDER LWIP-ECHO: the man pages are well formed, and say all that the programs and
# the headers have, and nothing else.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$1
FETHCTL=$2
RESPONDER=$3
LWIP_ECHO=$4
PAGES=$SOURCE/docs/man
FAILED=0

wrong() {
    printf 'FAIL: %s\n' "$*" >&2
    FAILED=1
}

items() {
    sed '/^$/d' <<<"$1" | sort -u
}

# same WHAT EXPECTED GOT: two lists, a word or a line each, in any order.
same() {
    local what=$1 differs
    [ -n "$2" ] || wrong "$what: there is nothing to compare with"
    differs=$(diff <(items "$2") <(items "$3") | sed -n -e 's/^</missing:/p' -e 's/^>/not so:/p') || :
    [ -z "$differs" ] || wrong "$what"$'\n'"$differs"
}

# Whether pages of others are installed is the machine's business.
well_formed() {
    local said
    said=$(mandoc -T lint -W style "$PAGES"/*.[1-9] 2>&1 |
        grep -v -e 'STYLE: referenced manual not found' -e 'outdated mandoc.db') || :
    [ -z "$said" ] || wrong "mandoc has complaints"$'\n'"$said"
}

# facts PAGE KIND [SECTION]: what man_html.awk says of a page.
facts() {
    mandoc -T html -O fragment "$PAGES/$1" 2>/dev/null | awk -f "$HERE/man_html.awk" |
        awk -F '\t' -v kind="$2" -v section="${3-}" -v any="$#" \
            '$1 == kind && (any < 3 || $2 == section) { print $NF }'
}

# options COMMAND…: the options that a help text lists, with their values.
options() {
    "$@" | sed -n -e 's/^  \(-.*\)/\1/p' | sed -e 's/  .*//' | tr '[:upper:]' '[:lower:]'
}

only_options() {
    grep '^-' || :
}

# flags: of lists of options, each by itself and without values.
flags() {
    grep -o -E -e '(^|, )--?[a-z0-9-]+' | sed 's/^, //' || :
}

# Of the two forms of an option SYNOPSIS has one.
check_usage() {
    local command=$1 used=$2 option form found all=$3
    while IFS= read -r option; do
        [ "$option" != '-h, --help' ] || continue
        found=no
        for form in $(flags <<<"$option"); do
            ! grep -qx -e "$form" <<<"$used" || found=yes
        done
        [ "$found" = yes ] || wrong "fethctl.8: SYNOPSIS of $command lacks $option"
    done <<<"$all"
    for form in $used; do
        grep -qx -e "$form" <<<"$(flags <<<"$all")" || wrong "fethctl.8: SYNOPSIS: $command has no $form"
    done
}

check_fethctl() {
    local commands command listed every=$'-h\n--help\n--version\n--' list
    list=$("$FETHCTL" --help)
    commands=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' <<<"$list")
    "$FETHCTL" --version >/dev/null
    # for shells, and in no list
    "$FETHCTL" help complete >/dev/null
    same 'fethctl.8: commands' "$commands"$'\ncomplete' "$(facts fethctl.8 section)"
    same 'fethctl.8: options in place of a command' $'-h, --help\n--version' \
        "$(facts fethctl.8 term description | only_options)"
    for command in $commands; do
        listed=$(options "$FETHCTL" help "$command")
        same "fethctl.8: options of $command" "$listed" \
            "$(facts fethctl.8 term "$command" | only_options)"$'\n-h, --help'
        check_usage "$command" "$(facts_of_usage "$command")" "$listed"
        every+=$'\n'$(flags <<<"$listed")
    done
    same 'fethctl.8: options, wherever they are named' "$every" "$(facts fethctl.8 flag)"
}

facts_of_usage() {
    mandoc -T html -O fragment "$PAGES/fethctl.8" 2>/dev/null | awk -f "$HERE/man_html.awk" |
        awk -F '\t' -v command="$1" '$1 == "usage" && $2 == command { print $3 }'
}

# check_program PAGE PROGRAM: all options are in one list, or in several.
check_program() {
    local listed
    listed=$(options "$2" --help)
    same "$1: options" "$listed" "$(facts "$1" term | only_options)"
    same "$1: options, wherever they are named" "$(flags <<<"$listed")"$'\n--' "$(facts "$1" flag)"$'\n--'
}

# The keys that the source writes, and those that are explained.
check_json() {
    local written explained
    written=$(grep -o -E '(cJSON_Add[A-Za-z]+ToObject|add_u64)\([a-z]+, "[a-z_]+"' "$SOURCE/apps/fethctl/show.c" |
        sed 's/.*"\(.*\)"/\1/')
    explained=$(facts fethctl.8 term 'json output' | sed 's/, /,/g' | tr ',' '\n')
    same 'fethctl.8: keys of JSON' "$written" "$explained"
}

check_libfeth() {
    local headers="$SOURCE/libfeth/include/feth" page=$PAGES/libfeth.3 name
    same 'libfeth.3: functions' "$(awk -f "$HERE/man_api.awk" "$headers"/*.h)" \
        "$(awk -v page=1 -f "$HERE/man_api.awk" "$page")"
    same 'libfeth.3: error codes' "$(sed -n 's/^ *XX(\([A-Z]*\), -.*/FETH_E\1/p' "$headers/error.h")" \
        "$(sed -n 's/^\.It Dv \(FETH_E.*\)/\1/p' "$page")"
    # whatever else is named; what ends in _ is the beginning of several
    while IFS= read -r name; do
        grep -qw -e "$name" -e "XX(${name#FETH_E}" "$headers"/*.h || wrong "libfeth.3: no header has $name"
    done < <(grep -o -i -w -E 'feth_[a-z0-9_]*[a-z0-9]' "$page" | sort -u)
}

main() {
    command -v mandoc >/dev/null || {
        printf 'SKIP: mandoc is not installed (scripts/deps.sh test)\n'
        exit 77
    }
    well_formed
    check_fethctl
    check_program icmp-responder.8 "$RESPONDER"
    check_program lwip-echo.8 "$LWIP_ECHO"
    check_json
    check_libfeth
    [ "$FAILED" = 0 ] || exit 1
    printf 'the pages say what is there\n'
}

main
