/* SPDX-License-Identifier: Apache-2.0 */
/** @file bytes.h  Numbers of headers, in network byte order, wherever they lie. */
#ifndef NETIF_BYTES_H
#define NETIF_BYTES_H

#include <stdint.h>

static inline uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32(const uint8_t *at)
{
    return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

#endif
