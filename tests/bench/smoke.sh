#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/bench.sh at a tiny scale: that the table, the JSON and the chart are complete and well-formed, and that
# nothing is left.  Never how fast anything is.
. "$(dirname "$0")/../system/lib/common.sh"

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
MEASURES=(tcp-out tcp-in tcp-both tcp-in-v6 tcp-in-reno rtt-tcp rtt-udp-one udp-rate udp-rate-runs churn random-10 frames-send
    frames-recv calls-in)

# bench ARGUMENT…: run it; what it says of its progress is in $SCRATCH/progress.
bench() {
    TMPDIR=$SCRATCH/tmp "$ROOT/scripts/bench.sh" --build "$BUILD" --rounds 2 --seconds 0.1 --out "$SCRATCH/out" "$@" \
        2>"$SCRATCH/progress" || fail "bench.sh $* failed: $(grep -v '/s$' "$SCRATCH/progress")"
}

# check WHAT JQ-EXPRESSION: it holds of the results.
check() {
    jq -e "$2" "$SCRATCH/out/results.json" >/dev/null || fail "results.json: not so: $1: $2"
    say "results.json: $1"
}

# What a candidate could not do is told in the progress: "measure candidate no: why".
told_why_not() {
    awk -v measure="$1" -v candidate="$2" '$1 == measure && $2 == candidate && $3 == "no:" && NF > 3 { found = 1 }
        END { exit !found }' "$SCRATCH/progress"
}

measured() {
    jq -e --arg m "$1" --arg c "$2" \
        'any(.results[]; .measure == $m and any(.candidates[]; .candidate == $c))' "$SCRATCH/out/results.json" >/dev/null
}

in_table() {
    awk -v measure="$1:" -v candidate="$2" '$1 ~ /:$/ { at = $1 } at == measure && $1 == candidate && NF >= 7 { found = 1 }
        END { exit !found }' "$SCRATCH/out/table.txt"
}

complete() {
    local measure candidate count=0
    for measure in "${MEASURES[@]}"; do
        for candidate in kernel kernel-plain feth feth-plain tapif memory pasta slirp4netns; do
            if measured "$measure" "$candidate"; then
                in_table "$measure" "$candidate" || fail "the table does not have $candidate of $measure"
                count=$((count + 1))
            else
                told_why_not "$measure" "$candidate" || fail "$measure of $candidate is missing, and nothing says why"
            fi
        done
        # these need nothing but what this test has asked for already
        measured "$measure" kernel || fail "$measure has no figure of the kernel"
        measured "$measure" feth || [ "$measure" = calls-in ] || fail "$measure has no figure of feth"
    done
    say "$count figures in JSON and in the table; for each that is missing it is said why"
}

chart() {
    local measure svg=$SCRATCH/out/chart.svg
    command -v gnuplot >/dev/null || {
        say "no gnuplot: no chart"
        return 0
    }
    [ "$(head -c 5 "$svg")" = '<?xml' ] || fail "chart.svg does not begin as XML"
    [ "$(tail -n 1 "$svg" | tr -d '[:space:]')" = '</svg>' ] ||
        [ "$(grep -c '</svg>' "$svg")" = 1 ] || fail "chart.svg does not end"
    if command -v xmllint >/dev/null; then
        xmllint --noout "$svg" || fail "chart.svg is not well-formed"
    fi
    for measure in "${MEASURES[@]}" feth kernel-plain; do
        grep -q -e ">.*$measure" "$svg" || fail "chart.svg does not name $measure"
    done
    say "chart.svg names every measure"
}

refused() {
    local status=0
    "$ROOT/scripts/bench.sh" "$@" >"$SCRATCH/refused" 2>&1 || status=$?
    [ "$status" = 2 ] || fail "bench.sh $* ends with $status, not 2"
    [ "$(wc -l <"$SCRATCH/refused")" = 1 ] || fail "bench.sh $* does not say why in one line: $(cat "$SCRATCH/refused")"
    say "refused: $(cat "$SCRATCH/refused")"
}

# shellcheck disable=SC2016  # the $ are jq's
main() {
    local before after
    need jq taskset ethtool sysctl nsenter awk
    scratch
    mkdir "$SCRATCH/tmp"
    before=$(interfaces)
    refused --rounds 0
    refused --seconds fast
    refused no-such-measure
    refused --no-such-option
    bench "${MEASURES[@]}"
    after=$(interfaces)
    [ "$before" = "$after" ] || fail "the interfaces were $before and are $after"
    [ -z "$(ls -A "$SCRATCH/tmp")" ] || fail "temporary files are left: $(ls -A "$SCRATCH/tmp")"
    [ "$(cd "$SCRATCH/out" && echo ./*)" = "./chart.svg ./results.json ./runs.jsonl ./table.txt" ] ||
        ! command -v gnuplot >/dev/null || fail "the results are $(ls "$SCRATCH/out")"

    check 'two rounds of each' "all(.results[].candidates[].figures[].value; .min <= .median and .median <= .max)"
    check 'figures are numbers' 'all(.results[].candidates[].figures[].value[]; type == "number" and . >= 0)'
    check 'every measure has its main figure, above 0' \
        '[.results[] | .figure as $f | .candidates[] | .figures[$f].value.min > 0] | all'
    check 'every main figure has a ratio to the kernel' \
        '[.results[] | .figure as $f | .candidates[] | .figures[$f].to_kernel.median > 0] | all'
    check 'the kernel is 1 × itself' \
        '[.results[] | .figure as $f | .candidates[] | select(.candidate == "kernel") |
            .figures[$f].to_kernel == {min: 1, median: 1, max: 1}] | length > 0 and all'
    check 'the machine is told' '.machine | .rounds == 2 and .processors > 0 and (.kernel | length) > 0'
    complete
    chart
}

start "$@"
