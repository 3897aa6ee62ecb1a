#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# http.sh [OFFLOADS]: the host's curl against lwIP's httpd.
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/offloads.sh"

get() {
    curl -sS -g -m 120 "$@"
}

# status_of URL [CURL-OPTION…]
status_of() {
    get -o /dev/null -w '%{http_code}' "$@"
}

pages() {
    local url=$1
    local page
    page=$(get -f "$url/")
    grep -qi '<html' <<<"$page" || fail "GET / is no page"
    get -f "$url/stats.json" | jq -e 'type == "object"' >/dev/null || fail "/stats.json is no JSON object"
    [ "$(status_of "$url/no-such-page")" = 404 ] || fail "a page that does not exist is not 404"
    local head
    head=$(get -I "$url/" | tr -d '\r')
    grep -q '^HTTP/1.[01] 200 ' <<<"$head" || fail "HEAD / answered: $head"
    [ "$(status_of "$url/stats.json" --head -w '%{size_download}')" = 0 ] ||
        fail "HEAD brought a body"
    say "$url: GET, JSON, 404, HEAD"
}

# post_back URL BYTES: random bytes to /echo and back.
post_back() {
    head -c "$2" /dev/urandom >"$SCRATCH/sent"
    get -f --data-binary "@$SCRATCH/sent" -H 'Content-Type: application/octet-stream' -o "$SCRATCH/back" "$1/echo"
    cmp "$SCRATCH/sent" "$SCRATCH/back" || fail "POST of $2 bytes came back changed"
    say "$1: POST of $2 bytes came back identical"
}

# all_ok COUNT FILE: every line of the file is 200.
all_ok() {
    local ok
    ok=$(grep -c '^200$' "$2") || true
    [ "$ok" = "$1" ] || fail "$ok of $1 requests answered with 200"
}

requests() {
    local url=$1 i
    : >"$SCRATCH/codes"
    for ((i = 0; i < $2; i++)); do
        status_of "$url/?$i" -w '%{http_code}\n' >>"$SCRATCH/codes"
    done
    all_ok "$2" "$SCRATCH/codes"
    # a list of URLs: the brackets of an IPv6 address and those of a range do not go together
    for ((i = 0; i < $3; i++)); do
        printf 'url = "%s/?%d"\noutput = /dev/null\n' "$url" "$i"
    done >"$SCRATCH/urls"
    get -Z --parallel-immediate --parallel-max "$3" -w '%{http_code}\n' -K "$SCRATCH/urls" \
        >"$SCRATCH/codes" 2>"$SCRATCH/err" || fail "parallel requests: $(cat "$SCRATCH/err")"
    all_ok "$3" "$SCRATCH/codes"
    say "$url: $2 requests one by one, $3 at once"
}

body() {
    set_host_offloads "$1"
    local url
    scratch
    for url in "http://$STACK4" "http://[$STACK6]"; do
        pages "$url"
        post_back "$url" 1
        post_back "$url" "$(scaled 50000000)"
        requests "$url" "$(scaled 200)" "$(scaled 100)"
    done
    no_bad_checksums
}

main() {
    need curl jq
    stack_offloads "${1:-default}"
    with_stack ${STACK_OFFLOADS[@]+"${STACK_OFFLOADS[@]}"} -- body "${1:-default}"
}

start "$@"
