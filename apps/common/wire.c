/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

uint16_t inet_sum(const uint8_t *data, size_t len, uint32_t before)
{
    uint64_t sum = before;

    for (; len > 1; data += 2, len -= 2)
        sum += get16(data);
    if (len)
        sum += (uint64_t)*data << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t icmp6_sum(const uint8_t *ip, const uint8_t *icmp, size_t size)
{
    /* source, destination, length, next header */
    return inet_sum(icmp, size, inet_sum(ip + IP6_SOURCE_AT, 32, (uint32_t)size + PROTOCOL_ICMP6));
}
