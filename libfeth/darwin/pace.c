/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue is emptied by a thread of the kernel, so what there was room for once there still is room for, less what we
 * have sent since: one look is good for up to 128 frames.  A queue that nobody empties must not hold up a sender for ever,
 * as a cable with nobody at the far end does not: after a while frames are sent into it, to be dropped and counted.
 */
#include "darwin/pace.h"

#include "darwin/counters.h"

#define PATIENCE_NS 50000000u

void feth_pace_open(struct feth_pace *pace, unsigned index)
{
    struct xnu_if_msghdr2 msg;

    *pace = (struct feth_pace){.index = index};
    if (feth_if_message(index, &msg))
        pace->drops_then = (uint32_t)msg.ifm_snd_drops;
}

unsigned feth_pace_ask(struct feth_pace *pace, unsigned want, uint64_t now)
{
    struct xnu_if_msghdr2 msg;

    if (pace->off)
        return want;
    if (pace->room < want) {
        if (!feth_if_message(pace->index, &msg) || msg.ifm_snd_maxlen <= 0) {
            pace->off = true;
            return want;
        }
        if (msg.ifm_snd_len < msg.ifm_snd_maxlen) {
            pace->room = (unsigned)(msg.ifm_snd_maxlen - (msg.ifm_snd_len > 0 ? msg.ifm_snd_len : 0));
            pace->full_since = 0;
        } else if (pace->full_since == 0) {
            pace->room = 0;
            pace->full_since = now;
        } else if (now - pace->full_since > PATIENCE_NS) {
            return want;
        }
    }
    return want < pace->room ? want : pace->room;
}

void feth_pace_sent(struct feth_pace *pace, unsigned n)
{
    pace->room -= n < pace->room ? n : pace->room;
}

bool feth_pace_drops(const struct feth_pace *pace, uint64_t *drops)
{
    struct xnu_if_msghdr2 msg;

    if (!feth_if_message(pace->index, &msg))
        return false;
    *drops = (uint32_t)msg.ifm_snd_drops - pace->drops_then;
    return true;
}
