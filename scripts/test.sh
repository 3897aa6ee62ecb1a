#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Build and run all tests.
#
#   scripts/test.sh [--release|--clang|--asan|--tsan] [CTEST-ARGUMENT…]
#
# Without an option the preset is "dev"; --asan brings AddressSanitizer and UndefinedBehaviorSanitizer.  What else is
# given goes to ctest: scripts/test.sh -R ping -V
#
# The build directory, build/PRESET, is made where it is missing and used again where it is there.  Tests that the
# machine forbids (a container without namespaces) are listed as skipped in ctest's summary.  The status is ctest's.
#
# FETH_TEST_SCALE=N runs the bulk tests (megabytes, connections, requests) at N percent of their full size.
# FETH_JOBS=N builds N files at a time, and runs twice as many tests, which mostly wait; the default is the number of
# processors.
set -euo pipefail

usage() {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
}

preset=dev
arguments=()
for arg in "$@"; do
    case $arg in
    --release | --clang | --asan | --tsan) preset=${arg#--} ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) arguments+=("$arg") ;;
    esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

groups=(build test)
if [ "$preset" = clang ]; then
    groups+=(ci)
fi
scripts/deps.sh "${groups[@]}"

jobs=${FETH_JOBS:-$(getconf _NPROCESSORS_ONLN)}
cmake --preset "$preset" -DFETH_BUILD_TESTS=ON
cmake --build --preset "$preset" -j "$jobs"

# bash 3.2, which macOS has, takes an empty array for an unset one
exec ctest --preset "$preset" -j "$((2 * jobs))" ${arguments[@]+"${arguments[@]}"}
