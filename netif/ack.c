/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acknowledgements that the next one makes needless.  TCP's are cumulative (RFC 9293, 3.10.7.4): of two that follow
 * each other the second says all that the first does, and each costs the stack that takes it about as much as a frame
 * of 64 KiB.  So of a run only the last is given to lwIP, or sent.
 *
 * Only segments that are nothing but an acknowledgement, of the same connection, without options, the second of which
 * acknowledges more.  One that acknowledges the same again is a sign of loss (RFC 5681, 3.2), and is kept.
 */
#include <string.h>

#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

#include "bytes.h"
#include "fethif_priv.h"

/* The TCP header of a frame that holds nothing else; NULL: of another. */
static const uint8_t *bare_ack(const uint8_t *frame, size_t len)
{
    enum { OFFSET_AND_FLAGS = TCP_HLEN / 4 << 12 | TCP_ACK };
    const uint8_t *ip = frame + SIZEOF_ETH_HDR, *tcp;

    if (len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
        return NULL;
    if (be16(frame + 12) == ETHTYPE_IP) {
        /* no options, total length, nothing of fragments but DF, protocol */
        if (ip[0] != (4 << 4 | IP_HLEN / 4) || ip[2] != 0 || ip[3] != IP_HLEN + TCP_HLEN ||
            (ip[6] & ~(IP_DF >> 8)) != 0 || ip[7] != 0 || ip[9] != IP_PROTO_TCP)
            return NULL;
        tcp = ip + IP_HLEN;
    } else if (be16(frame + 12) == ETHTYPE_IPV6) {
        if (len < SIZEOF_ETH_HDR + IP6_HLEN + TCP_HLEN || ip[0] >> 4 != 6 || ip[4] != 0 ||
            ip[5] != TCP_HLEN || ip[6] != IP_PROTO_TCP)
            return NULL;
        tcp = ip + IP6_HLEN;
    } else {
        return NULL;
    }
    return be16(tcp + 12) == OFFSET_AND_FLAGS ? tcp : NULL;
}

bool fethif_ack_superseded(const uint8_t *first, size_t first_len, const uint8_t *second, size_t second_len)
{
    const uint8_t *a, *b;

    /* Ethernet, and the type with it; then what most frames differ in from an acknowledgement */
    if (first_len != second_len || memcmp(first, second, SIZEOF_ETH_HDR) != 0 ||
        !(a = bare_ack(first, first_len)) || !(b = bare_ack(second, second_len)))
        return false;
    /* traffic class, hop limit and addresses, but not IPv4's identification and checksum */
    const uint8_t *x = first + SIZEOF_ETH_HDR, *y = second + SIZEOF_ETH_HDR;
    if (x[0] >> 4 == 4) {
        if (memcmp(x, y, 2) != 0 || memcmp(x + 6, y + 6, 4) != 0 || memcmp(x + 12, y + 12, 8) != 0)
            return false;
    } else if (memcmp(x, y, IP6_HLEN) != 0) {
        return false;
    }
    /* ports and sequence number; then the acknowledgement, whose numbers go round */
    return memcmp(a, b, 8) == 0 && (int32_t)(be32(b + 8) - be32(a + 8)) > 0;
}
