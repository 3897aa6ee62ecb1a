/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream without period, so that lost, doubled, swapped and moved bytes all show, and whose bytes can be told
 * from their offset alone, so that neither side keeps the data: 8 bytes at a time, the offset hashed.
 */
#include <string.h>

#include "client.h"

/** The finalizer of the splitmix64 generator: every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t len)
{
    while (len > 0) {
        uint64_t word = mix(seed ^ (offset / 8));
        size_t skip = offset % 8;
        size_t n = 8 - skip < len ? 8 - skip : len;
        memcpy(data, (const uint8_t *)&word + skip, n);
        data += n;
        offset += n;
        len -= n;
    }
}

size_t pattern_match(uint64_t seed, uint64_t offset, const uint8_t *data, size_t len)
{
    uint8_t want[4096];
    for (size_t done = 0; done < len;) {
        size_t n = len - done < sizeof(want) ? len - done : sizeof(want);
        pattern_fill(seed, offset + done, want, n);
        if (memcmp(want, data + done, n) != 0) {
            for (size_t i = 0; i < n; i++) {
                if (want[i] != data[done + i])
                    return done + i;
            }
        }
        done += n;
    }
    return len;
}
