#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# program.sh PROGRAM: run a test program where interfaces may be made.
. "$(dirname "$0")/lib/common.sh"

main() {
    only_ours
    need_free 10.0.0 192.0.2
    in_private "$1"
}

start "$@"
