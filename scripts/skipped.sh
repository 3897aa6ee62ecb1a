#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a run of ctest has skipped, and why.
#
#   scripts/skipped.sh RESULTS.xml [PATTERN]
#
# RESULTS.xml is of scripts/test.sh --output-junit.  Prints a line for each test that was skipped, with the reason that
# it gave, and how many have run.  Where PATTERN, an extended regular expression, is given, the status is 1 if no test
# whose name matches has run: a run that skips all that counts is no success.
set -euo pipefail

if [ $# -lt 1 ] || [ "$1" = -h ] || [ "$1" = --help ]; then
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
    [ $# -ge 1 ]
    exit
fi

# ctest writes each element of a test on lines of its own; a skipped one has <skipped …/> and what it has printed.
awk -v pattern="${2-.}" '
    function text(s) {
        gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s)
        gsub(/&amp;/, "\\&", s)
        return s
    }
    /<testcase / {
        name = $0
        sub(/.* name="/, "", name)
        sub(/".*/, "", name)
        skipped = 0
        why = ""
    }
    /<skipped/ { skipped = 1 }
    /SKIP: / {
        why = $0
        sub(/.*SKIP: /, "", why)
        sub(/<\/system-out>.*/, "", why)
    }
    /<\/testcase>/ {
        if (skipped) {
            printf "skipped  %-32s %s\n", text(name), why == "" ? "(it does not say why)" : text(why)
            left_out++
        } else {
            ran++
            matching += name ~ pattern
        }
    }
    END {
        printf "%d tests have run, %d were skipped\n", ran, left_out
        if (matching == 0) {
            printf "none of those has run whose name matches %s\n", pattern
            exit 1
        }
    }' "$1"
