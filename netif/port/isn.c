/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Initial sequence numbers of TCP, as RFC 6528 has them: a clock plus a keyed hash of the connection.  Each
 * connection's number space moves on with time, and nobody without the key can tell one connection's from another's.
 * The hash is SipHash-2-4 (Aumasson and Bernstein, 2012), made for short inputs and keys of 128 bits.
 */
#include <string.h>
#include <time.h>

#include "arch/hooks.h"
#include "lwip/ip_addr.h"

static uint64_t rotl(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], unsigned n)
{
    while (n-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] = rotl(v[0], 32) + v[3];
        v[2] += v[1];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[2] = rotl(v[2], 32);
    }
}

/* Of whole 64-bit words: the callers' input is padded to them. */
static uint64_t siphash(const uint64_t key[2], const uint64_t *words, unsigned n)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                     key[1] ^ 0x7465646279746573};

    for (unsigned i = 0; i <= n; i++) {
        uint64_t m = i < n ? words[i] : (uint64_t)(n * 8) << 56; /* last: the length */
        v[3] ^= m;
        sip_rounds(v, 2);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void put_addr(uint64_t words[2], const ip_addr_t *addr)
{
    if (IP_IS_V6(addr))
        memcpy(words, ip_2_ip6(addr)->addr, 16);
    else
        words[0] = ip_2_ip4(addr)->addr;
}

u32_t feth_lwip_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote, u16_t remote_port)
{
    static uint64_t key[2]; /* one for each run of the stack, which is global as well */
    uint64_t words[5] = {0};
    struct timespec now;

    if (key[0] == 0 && key[1] == 0)
        for (int i = 0; i < 2; i++)
            key[i] = (uint64_t)feth_lwip_rand() << 32 | feth_lwip_rand();
    put_addr(words, local);
    put_addr(words + 2, remote);
    words[4] = (uint64_t)local_port << 16 | remote_port;

    /* RFC 9293, 3.4.1: the clock ticks every 4 microseconds */
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t ticks = (uint64_t)now.tv_sec * 250000 + (uint64_t)now.tv_nsec / 4000;
    return (u32_t)(ticks + siphash(key, words, 5));
}
