/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Internet checksum, 8 bytes at a time.  One's complement sums may be taken in any width and folded in the end,
 * and in the machine's byte order (RFC 1071, 2), so 32-bit words are added up in 64 bits, where no carry is lost.
 */
#include <string.h>

#include "lwip/arch.h"

uint16_t feth_lwip_checksum(const void *data, int len)
{
    const uint8_t *at = data;
    uint64_t even = 0, odd = 0; /* two sums, so that one addition need not wait for the other */

    for (; len >= 8; at += 8, len -= 8) {
        uint32_t word[2];
        memcpy(word, at, sizeof(word)); /* data is aligned to 2 bytes at best */
        even += word[0];
        odd += word[1];
    }
    if (len > 0) { /* the rest, with zeroes behind it */
        uint32_t word[2] = {0, 0};
        memcpy(word, at, (size_t)len);
        even += word[0];
        odd += word[1];
    }
    even += odd; /* no more than 65,535 bytes, so far from 64 bits */
    even = (even >> 32) + (even & 0xffffffff);
    even = (even >> 16) + (even & 0xffff);
    even = (even >> 16) + (even & 0xffff);
    return (uint16_t)((even >> 16) + (even & 0xffff));
}
