/* SPDX-License-Identifier: Apache-2.0 */
#include "core/offload.h"

#include <string.h>

#include "core/bytes.h"

enum { UDP_CHECKSUM_AT = 6 };

uint16_t feth_inet_sum(const uint8_t *data, size_t len, uint32_t before)
{
    uint64_t sum = before;

    for (; len > 1; data += 2, len -= 2)
        sum += feth_get16(data);
    if (len)
        sum += (uint64_t)*data << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static unsigned gso_kind(const struct feth_offload *o)
{
    return o->gso_type & ~(unsigned)FETH_GSO_ECN;
}

bool feth_offload_valid(const struct feth_offload *o, size_t len)
{
    if (o->flags & ~(FETH_CSUM_NEEDED | FETH_CSUM_VALID))
        return false;
    if ((o->flags & FETH_CSUM_NEEDED) &&
        (o->csum_start < FETH_FRAME_MIN || (size_t)o->csum_start + o->csum_offset + 2 > len))
        return false;
    switch (gso_kind(o)) {
    case FETH_GSO_NONE:
        return o->gso_type == FETH_GSO_NONE;
    case FETH_GSO_TCPV4:
    case FETH_GSO_TCPV6:
    case FETH_GSO_UDP_L4:
        /* whoever cuts a frame writes its checksums anew: virtio 1.2, 5.1.6.2 asks for both together */
        return (o->flags & FETH_CSUM_NEEDED) && o->gso_size > 0;
    default:
        return false;
    }
}

bool feth_offload_allowed(const struct feth_offload *o, unsigned caps)
{
    unsigned needs = o->flags & FETH_CSUM_NEEDED ? FETH_CAP_TX_CSUM : 0;

    switch (gso_kind(o)) {
    case FETH_GSO_NONE:
        break;
    case FETH_GSO_TCPV4:
        needs |= FETH_CAP_TX_TSO4;
        break;
    case FETH_GSO_TCPV6:
        needs |= FETH_CAP_TX_TSO6;
        break;
    case FETH_GSO_UDP_L4:
        needs |= FETH_CAP_TX_USO;
        break;
    default:
        return false;
    }
    return (caps & needs) == needs;
}

void feth_offload_complete(struct feth_frame *frame)
{
    struct feth_offload *o = &frame->offload;

    if (o->flags & FETH_CSUM_NEEDED) {
        /* the field holds the sum of the pseudo-header: summed along with the rest, it completes the checksum */
        uint16_t sum = (uint16_t)~feth_inet_sum(frame->data + o->csum_start, frame->len - o->csum_start, 0);
        if (sum == 0 && o->csum_offset == UDP_CHECKSUM_AT)
            sum = 0xffff; /* RFC 768: 0 says that there is no checksum */
        feth_put16(frame->data + o->csum_start + o->csum_offset, sum);
    }
    memset(o, 0, sizeof(*o));
}
