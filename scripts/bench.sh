#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measure lwip-echo beside the kernel's own stack and others, on this machine, in private network namespaces.
#
#   scripts/bench.sh [OPTION…] [MEASURE…]
#
#   --quick            a few measures, in less than two minutes, for trying
#   --rounds N         how often each candidate is measured, in turns (default: 5; quick: 3)
#   --seconds S        how long each time (default: 2; quick: 1)
#   --candidates LIST  of kernel, kernel-plain, feth, feth-plain, tapif, memory, pasta, slirp4netns (default: all)
#   --out DIR          where the files go (default: build/bench-DATE)
#   --build DIR        a build with FETH_BUILD_BENCH=ON (default: made, in build/bench)
#   --cpus A,B         the processors of the client and of the stack (default: the first two)
#   --congestion NAME  the kernel's congestion control in all measures, where it may be chosen in a namespace
#                      (default: the machine's, in measures that do not name one)
#   --wait-idle        wait before each run until the processors are idle, for half a minute at most
#   --list             the measures and what they are
#
# A MEASURE is a name of --list or a pattern of the shell ('tcp-*').  Prints a table and writes into DIR: runs.jsonl
# (every run), results.json (with median and range, and the ratio to the kernel's figure of the same round),
# table.txt, and chart.svg where gnuplot is installed.  See docs/performance.md.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench=$root/tests/bench

usage() {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
}

die() {
    printf 'bench.sh: %s\n' "$*" >&2
    exit 2
}

measures() {
    grep -v '^#' "$bench/measures.tsv"
}

# ---- arguments ----------------------------------------------------------------------------------------------------

quick=no rounds='' seconds='' out='' build='' cpus='' congestion='' wait_idle=no
all="kernel kernel-plain feth feth-plain tapif memory pasta slirp4netns"
candidates=$all
patterns=()
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --wait-idle) wait_idle=yes ;;
    --rounds | --seconds | --candidates | --out | --build | --cpus | --congestion)
        [ $# -gt 1 ] || die "$1 wants a value"
        case $1 in
        --rounds) rounds=$2 ;;
        --seconds) seconds=$2 ;;
        --candidates)
            candidates=${2//,/ }
            for candidate in $candidates; do
                case " $all " in
                *" $candidate "*) ;;
                *) die "there is no candidate $candidate: there are $all" ;;
                esac
            done
            ;;
        --out) out=$2 ;;
        --build) build=$2 ;;
        --congestion) congestion=$2 ;;
        --cpus) cpus=${2//,/ } ;;
        esac
        shift
        ;;
    --list)
        measures | awk -F '\t' '{ printf "%-18s %s%s\n", $1, $12, $11 == "yes" ? " (quick)" : "" }'
        exit
        ;;
    -h | --help)
        usage
        exit
        ;;
    -*) die "there is no option $1 (see --help)" ;;
    *) patterns+=("$1") ;;
    esac
    shift
done
if [ "$quick" = yes ]; then
    : "${rounds:=3}" "${seconds:=1}"
else
    : "${rounds:=5}" "${seconds:=2}"
fi
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "--rounds wants a number of 1 or more, not \"$rounds\""
number='^[0-9]+(\.[0-9]+)?$' # in a variable: a Mac's bash cannot read it otherwise
[[ $seconds =~ $number ]] || die "--seconds wants a number, not \"$seconds\""

# chosen NAME QUICK: whether a measure is to be run.
chosen() {
    local pattern
    if [ "${#patterns[@]}" = 0 ]; then
        [ "$quick" = no ] || [ "$2" = yes ]
        return
    fi
    for pattern in "${patterns[@]}"; do
        # shellcheck disable=SC2053  # the right side is a pattern
        if [[ $1 == $pattern ]]; then
            return 0
        fi
    done
    return 1
}

selected=()
while IFS=$'\t' read -r -a fields; do
    if chosen "${fields[0]}" "${fields[10]}"; then
        selected+=("$(printf '%s\t' "${fields[@]}")")
    fi
done < <(measures)
[ "${#selected[@]}" -gt 0 ] || die "no measure is called ${patterns[*]} (see --list)"

# ---- what is needed -----------------------------------------------------------------------------------------------

[ "$(uname -s)" = Linux ] || die "the candidates live in Linux's network namespaces"
for tool in ip jq unshare nsenter taskset ethtool sysctl; do
    command -v "$tool" >/dev/null || die "$tool is not installed (scripts/deps.sh bench)"
done

if [ "$(id -u)" = 0 ]; then
    private=(unshare --net)
else
    private=(unshare --net --map-root-user)
fi
why=$("${private[@]}" ip link add feth0 type veth peer name feth1 2>&1) ||
    die "no private network namespace with a veth pair here: $why"
processes=(--pid --fork --kill-child --mount-proc)
# A container may not let us mount /proc; then once.sh ends what it has started by itself.
if "${private[@]}" "${processes[@]}" true 2>/dev/null; then
    private+=("${processes[@]}")
fi

# The first two processors that this process may run on; both the same where there is only one.
if [ -z "$cpus" ]; then
    cpus=$(taskset -c -p $$ | awk '{
        n = split($NF, part, ",")
        for (i = 1; i <= n && count < 2; i++) {
            split(part[i], range, "-")
            last = range[2] == "" ? range[1] : range[2]
            for (cpu = range[1]; cpu <= last && count < 2; cpu++)
                cpus[count++] = cpu
        }
        print cpus[0], (count > 1 ? cpus[1] : cpus[0])
    }')
fi

if [ -z "$build" ]; then
    build=$root/build/bench
    printf 'Building into %s\n' "$build" >&2
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DFETH_BUILD_BENCH=ON >/dev/null
    cmake --build "$build" >/dev/null
fi
build=$(cd "$build" && pwd)
export LWIP_ECHO=${LWIP_ECHO:-$build/apps/lwip-echo/lwip-echo} BENCH_BIN=$build/tests/bench
export BENCH_SECONDS=$seconds BENCH_CPUS=$cpus
BENCH_WARM_UP=$(awk -v s="$seconds" 'BEGIN { print s < 1 ? s / 4 : 0.3 }')
export BENCH_WARM_UP
for program in "$LWIP_ECHO" "$BENCH_BIN/feth_bench_client"; do
    [ -x "$program" ] || die "$program is missing: build with -DFETH_BUILD_BENCH=ON"
done

: "${out:=$root/build/bench-$(date +%Y%m%d-%H%M%S)}"
mkdir -p "$out"
runs=$out/runs.jsonl
: >"$runs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- the rounds ---------------------------------------------------------------------------------------------------

cannot=" " # "candidate:measure" that can never work here: asked once

# Jiffies since the start: idle ones, and all (proc_stat(5)).
jiffies() {
    awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $5, all; exit }' /proc/stat
}

# Until nine tenths of a third of a second were idle.
wait_until_idle() {
    local deadline=$((SECONDS + 30)) idle all idle_before all_before
    while [ "$SECONDS" -lt "$deadline" ]; do
        read -r idle_before all_before <<<"$(jiffies)"
        sleep 0.3
        read -r idle all <<<"$(jiffies)"
        [ $(((idle - idle_before) * 10)) -lt $(((all - all_before) * 9)) ] || return 0
    done
    printf '  (the machine is busy)\n' >&2
}

# run ROUND CANDIDATE FIELD…
run() {
    local round=$1 candidate=$2 status=0
    shift 2
    local name=$1
    case $cannot in
    *" $candidate:$name "*) return 0 ;;
    esac
    if [ "$wait_idle" = yes ]; then
        wait_until_idle
    fi
    timeout -k 5 120 "${private[@]}" bash "$bench/once.sh" "$candidate" "$2" "$3" "$4" "$5" "$6" \
        "${congestion:-$7}" \
        >"$work/figures" 2>"$work/said" </dev/null || status=$?
    if [ "$status" = 77 ]; then
        cannot+="$candidate:$name "
        printf '  %-18s %-18s no: %s\n' "$name" "$candidate" "$(tail -n 1 "$work/said")" >&2
        return 0
    elif [ "$status" != 0 ]; then
        printf '  %-18s %-18s FAILED (%s): %s\n' "$name" "$candidate" "$status" "$(tail -n 1 "$work/said")" >&2
        failures=$((failures + 1))
        return 0
    fi
    jq -c -n -R --argjson round "$round" --arg candidate "$candidate" --arg measure "$name" --arg figure "$8" \
        --arg unit "$9" --arg better "${10}" --arg text "${12}" '
        [inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add as $figures |
        {round: $round, measure: $measure, text: $text, candidate: $candidate, figure: $figure, unit: $unit,
         better: $better, value: $figures[$figure], figures: $figures}' "$work/figures" >>"$runs"
    printf '  %-18s %-18s %s %s\n' "$name" "$candidate" "$(tail -n 1 "$runs" | jq .value)" "$9" >&2
}

failures=0
read -r -a order <<<"$candidates"
for ((round = 1; round <= rounds; round++)); do
    printf 'Round %d of %d\n' "$round" "$rounds" >&2
    for line in "${selected[@]}"; do
        IFS=$'\t' read -r -a fields <<<"$line"
        for candidate in "${order[@]}"; do
            run "$round" "$candidate" "${fields[@]}"
        done
    done
    # the next round starts with another one
    order=("${order[@]:1}" "${order[0]}")
done
[ -s "$runs" ] || die "nothing could be measured"

# ---- what comes out -----------------------------------------------------------------------------------------------

machine=$(jq -n --arg date "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg kernel "$(uname -srm)" \
    --arg cpu "$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" --argjson processors "$(nproc)" \
    --arg used "$cpus" --argjson rounds "$rounds" --argjson seconds "$seconds" --argjson failures "$failures" \
    --arg congestion "${congestion:-$(cat /proc/sys/net/ipv4/tcp_congestion_control)}" \
    --arg version "$("$LWIP_ECHO" --version)" \
    '{date: $date, kernel: $kernel, cpu: $cpu, processors: $processors, client_and_stack_on: $used, rounds: $rounds,
      seconds: $seconds, failed_runs: $failures, version: $version, congestion_control: $congestion}')
jq -s --argjson machine "$machine" -f "$bench/summary.jq" "$runs" >"$out/results.json"
jq -r -f "$bench/table.jq" "$out/results.json" | awk -f "$bench/table.awk" >"$out/table.txt"
cat "$out/table.txt"
if command -v gnuplot >/dev/null; then
    jq -r -f "$bench/chart.jq" "$out/results.json" >"$work/chart.tsv"
    shape=$(awk -F '\t' 'END { printf "rows=%d; candidates=%d", NR - 1, (NF - 1) / 3 }' "$work/chart.tsv")
    gnuplot -e "data='$work/chart.tsv'; out='$out/chart.svg'; $shape" "$bench/chart.gnuplot"
else
    printf 'bench.sh: no chart: gnuplot is not installed (scripts/deps.sh bench)\n' >&2
fi
printf 'In %s: %s\n' "$out" "$(cd "$out" && printf '%s ' *)" >&2
if [ "$failures" != 0 ]; then
    printf 'bench.sh: %d runs failed\n' "$failures" >&2
    exit 1
fi
