#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# program.sh PROGRAM: run a test program in a private network namespace.
. "$(dirname "$0")/lib/common.sh"

main() {
    in_private "$1"
}

start "$@"
