/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frame from an interface that leaves things out: what is said of it holds, and can be acted upon. */
#include <stdlib.h>
#include <string.h>

#include "core/offload.h"
#include "darwin/io_offload.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void check(int truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct feth_assist assist = {0};
    static uint8_t out[FETH_FRAME_MAX];
    struct feth_gso gso;

    if (size < 2 + FETH_FRAME_MIN || size > 2 + FETH_FRAME_MAX)
        return -1;
    assist.rx_csum = input[0] & 1;
    assist.rx_tso = input[0] & 2;
    unsigned mtu = 72 + input[1];
    size -= 2;
    uint8_t *data = malloc(size); /* an end that a sanitizer watches */
    if (!data)
        return -1;
    memcpy(data, input + 2, size);
    struct feth_frame frame = {.data = data, .len = (uint32_t)size, .wire_len = (uint32_t)size};
    feth_rx_describe(&frame, &assist, mtu);
    check(feth_offload_valid(&frame.offload, size));
    check(assist.rx_csum || assist.rx_tso || memcmp(data, input + 2, size) == 0);
    if (frame.offload.gso_type != FETH_GSO_NONE) {
        size_t len;
        check(feth_gso_begin(&gso, &frame));
        while ((len = feth_gso_next(&gso, out)) > 0)
            check(len <= mtu + FETH_FRAME_MIN + 8u); /* two VLAN tags */
    } else {
        feth_offload_complete(&frame);
    }
    free(data);
    return 0;
}
