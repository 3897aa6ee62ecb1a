/* SPDX-License-Identifier: Apache-2.0 */
/* Any frame to the responder: its answer, if there is one, goes back to the sender, and no further than it may. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "responder.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void check(int truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct responder r = {.config = {.mac = {2, 0, 10, 0, 0, 2},
                                     .has_ip4 = true,
                                     .has_ip6 = true,
                                     .ip4 = {10, 0, 0, 2},
                                     .ip6 = {0xfd, [15] = 2}}};
    struct responder_answer answer;
    uint64_t counted = 0;

    uint8_t *frame = malloc(size ? size : 1),
            *reply = malloc(size + RESPONDER_GROWTH); /* ends that are watched */
    if (frame && reply) {
        if (size)
            memcpy(frame, input, size);
        size_t len = responder_answer(&r, frame, size, reply, &answer);
        check(len == 0 || (len >= 14 && len <= size + RESPONDER_GROWTH));
        check(len == 0 || memcmp(reply + 6, r.config.mac, 6) == 0);
        for (int i = 0; i < RESPONDER_KINDS; i++)
            counted += r.answered[i];
        check(counted == (len > 0));
        for (int i = 0; i < IGNORED_REASONS; i++)
            counted += r.ignored[i];
        check(counted == 1); /* answered, or not for a reason */
    }
    free(frame);
    free(reply);
    return 0;
}
