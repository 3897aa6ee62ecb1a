#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# doctor.sh: settings that a program which was killed has left changed are seen by "fethctl doctor", and what it advises
# mends them.  ctest gives the paths of FETHCTL and MODEL_STATE.
set -euo pipefail

DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
export FETH_MODEL_STATE=$DIR/kernel FETH_MODEL_MACOS=15

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

# The lines about offload; whatever else is wrong here, such as the privilege of who runs the test, is not looked at.
notes() {
    local status=0
    "$FETHCTL" doctor >"$DIR/doctor" || status=$?
    [ "$status" -le 1 ] || fail "the doctor ended with $status"
    grep -q '^ok *kernel' "$DIR/doctor" || fail "the doctor says: $(cat "$DIR/doctor")"
    sed -n 's/^note *offload *//p' "$DIR/doctor"
}

said=$(notes)
[ -z "$said" ] || fail "noted without a reason: $said"
for setting in net.link.fake.hwcsum net.link.fake.tso_support; do
    "$MODEL_STATE" "$setting" 1
    said=$(notes)
    [[ $said == "$setting is 1:"*"sudo sysctl $setting=0" ]] || fail "$setting is 1: $said"
    advice=${said##*sudo sysctl }
    "$MODEL_STATE" "${advice%=*}" "${advice#*=}"
    said=$(notes)
    [ -z "$said" ] || fail "still noted: $said"
done
