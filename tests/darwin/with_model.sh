#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# with_model.sh PATH COMMAND…: run a command whose programs are built over the model of the kernel, with one kernel
# for all of them in each network namespace.  PATH is the way that frames are sent: batch, sendmsg_x or writev.  With
# offload. before it the host leaves checksums and segmentation to lwip-echo, as macOS 15 does, and each way is one of
# that kernel's.
set -euo pipefail

unset FETH_MODEL_NO_MSG_X FETH_MODEL_NO_BATCH
case ${1-} in
batch | offload.batch) FETH_MODEL_MACOS=15 ;;
offload.sendmsg_x)
    FETH_MODEL_MACOS=15
    export FETH_MODEL_NO_BATCH=1
    ;;
offload.writev)
    FETH_MODEL_MACOS=15
    export FETH_MODEL_NO_BATCH=1 FETH_MODEL_NO_MSG_X=1
    ;;
sendmsg_x) FETH_MODEL_MACOS=13 ;;
writev)
    FETH_MODEL_MACOS=11
    export FETH_MODEL_NO_MSG_X=1
    ;;
*)
    echo "usage: with_model.sh [offload.]batch|[offload.]sendmsg_x|[offload.]writev COMMAND…" >&2
    exit 2
    ;;
esac
path=$1
shift
if ! [ -w /dev/net/tun ]; then
    echo 'SKIP: /dev/net/tun cannot be used here: the model carries frames over TAP devices'
    exit 77
fi
FETH_MODEL_DIR=$(mktemp -d)
trap 'rm -rf "$FETH_MODEL_DIR"' EXIT
FETH_MODEL_STATE=$FETH_MODEL_DIR/kernel
FETH_MODEL_TAP=1
FETH_SYSTEM=darwin
if [[ $path = offload.* ]]; then
    printf '#!/usr/bin/env bash\nexec %q --host-offload all "$@"\n' "$LWIP_ECHO" >"$FETH_MODEL_DIR/lwip-echo"
    chmod +x "$FETH_MODEL_DIR/lwip-echo"
    LWIP_ECHO=$FETH_MODEL_DIR/lwip-echo
fi
export FETH_SYSTEM FETH_MODEL_MACOS FETH_MODEL_STATE FETH_MODEL_TAP
"$@"
