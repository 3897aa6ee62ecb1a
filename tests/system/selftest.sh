#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lwip-echo --selftest holds where nothing is permitted: no capability, and on a machine that forbids namespaces.
. "$(dirname "$0")/lib/common.sh"

"$LWIP_ECHO" --selftest
if command -v setpriv >/dev/null; then
    setpriv --no-new-privs "$LWIP_ECHO" --selftest >/dev/null || fail "the self-test needs privileges"
fi
