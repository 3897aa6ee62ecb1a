/* SPDX-License-Identifier: Apache-2.0 */
/** @file bytes.h  Fields in network order at any alignment. */
#ifndef FETH_CORE_BYTES_H
#define FETH_CORE_BYTES_H

#include <stdint.h>

static inline uint16_t feth_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t feth_get32(const uint8_t *at)
{
    return (uint32_t)feth_get16(at) << 16 | feth_get16(at + 2);
}

static inline void feth_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void feth_put32(uint8_t *at, uint32_t value)
{
    feth_put16(at, (uint16_t)(value >> 16));
    feth_put16(at + 2, (uint16_t)value);
}

#endif
