/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getifaddrs() has counters of 32 bits, which 4 GiB overflow; the routing table's sysctl has those of 64 bits
 * (NET_RT_IFLIST2: xnu bsd/net/rtsock.c).
 */
#include "darwin/counters.h"

#include <string.h>

#include "darwin/index.h"
#include "darwin/sys.h"

/* One interface's message and those of its addresses, which follow; more of them are cut off, which does no harm. */
#define ANSWER_SIZE 4096

bool feth_if_message(unsigned index, struct xnu_if_msghdr2 *msg)
{
    _Alignas(8) char answer[ANSWER_SIZE];
    size_t size = sizeof(answer);
    int mib[] = {XNU_CTL_NET, XNU_PF_ROUTE, 0, 0, XNU_NET_RT_IFLIST2, (int)index};

    if (index == 0)
        return false;
    memset(answer, 0, sizeof(*msg));
    /* cut off is ENOMEM, with what fits in place */
    (void)sysctl(mib, sizeof(mib) / sizeof(mib[0]), answer, &size, NULL, 0);
    memcpy(msg, answer, sizeof(*msg));
    return msg->ifm_msglen >= sizeof(*msg) && msg->ifm_type == XNU_RTM_IFINFO2 && msg->ifm_index == index;
}

void feth_counters_read(const char *name, struct feth_counters *counters)
{
    struct xnu_if_msghdr2 msg;

    if (!feth_if_message(feth_index_of_name(name), &msg))
        return;
    *counters = (struct feth_counters){
        .rx_frames = msg.ifm_data.ifi_ipackets,
        .rx_bytes = msg.ifm_data.ifi_ibytes,
        .rx_errors = msg.ifm_data.ifi_ierrors,
        .rx_dropped = msg.ifm_data.ifi_iqdrops,
        .tx_frames = msg.ifm_data.ifi_opackets,
        .tx_bytes = msg.ifm_data.ifi_obytes,
        .tx_errors = msg.ifm_data.ifi_oerrors,
        .tx_dropped = msg.ifm_snd_drops > 0 ? (uint64_t)msg.ifm_snd_drops : 0,
    };
}
