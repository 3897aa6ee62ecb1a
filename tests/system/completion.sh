#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shells' completion, asked of the shells themselves, with real interfaces.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/fethctl.sh"

COMPLETIONS=$(cd "$(dirname "$0")/../../apps/fethctl/completions" && pwd)

# in_bash WORD…: what bash offers for the last word.
in_bash() {
    bash --norc -c '
        . "$1/fethctl.bash"
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        compopt() { :; } # knows only completions that readline has begun
        _fethctl
        echo "${COMPREPLY[*]}"' bash "$COMPLETIONS" "$@"
}

offers() {
    local expected=$1 got
    shift
    got=$(in_bash "$FETHCTL" "$@")
    [ "$got" = "$expected" ] || fail "bash offers \"$got\" and not \"$expected\" for: fethctl $*"
}

body() {
    local got
    scratch
    "$FETHCTL" create 0 101 >/dev/null
    offers 'create' cr
    offers 'set status' s
    offers 'feth0 feth101' destroy ''
    offers 'feth101' destroy feth0 feth10
    offers '--peer' set feth0 --pe
    offers 'feth0 feth101 none' set feth0 --peer ''
    offers 'up' set feth0 --state u
    offers 'csum tso all off' create --offload ''
    offers 'on off' set feth0 --nud ''
    offers 'set status' help s
    cd "$SCRATCH"
    touch a.pcap
    offers 'a.pcap' capture feth0 -w a

    if command -v fish >/dev/null; then
        got=$(PATH="$(dirname "$FETHCTL"):$PATH" HOME="$SCRATCH" fish --no-config -c "
            source $COMPLETIONS/fethctl.fish
            complete -C 'fethctl set feth0 --peer f'" | xargs)
        [ "$got" = 'feth0 feth101' ] || fail "fish offers \"$got\""
        say "fish: $got"
    else
        say 'fish is not installed: not asked'
    fi
    if command -v zsh >/dev/null; then
        zsh -n "$COMPLETIONS/_fethctl" || fail "zsh cannot read its completion"
        got=$(in_zsh "$FETHCTL set feth0 --peer f")
        [ "$got" = 'feth0 feth101' ] || fail "zsh offers \"$got\""
        say "zsh: $got"
    else
        say 'zsh is not installed: not asked'
    fi
}

# in_zsh LINE: what zsh's completion function adds, with the completion system's own words stood in for.
in_zsh() {
    zsh -f -c '
        compadd() { print -- "${(P)@[-1]}" }
        _files() { print files }
        words=("${(@s: :)1}")
        CURRENT=${#words}
        . "$2/_fethctl"' zsh "$1" "$COMPLETIONS"
}

main() {
    need jq
    only_ours
    in_private body
}

start "$@"
