/* SPDX-License-Identifier: Apache-2.0 */
#include "networks.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "cli.h"
#include "options.h"

static unsigned bits_of(const struct feth_addr *addr)
{
    return addr->family == AF_INET ? 32 : 128;
}

/* Whether all bits behind the prefix have this value. */
static bool host_part_is(const struct feth_addr *addr, unsigned value)
{
    for (unsigned i = addr->prefix; i < bits_of(addr); i++)
        if (((unsigned)addr->bytes[i / 8] >> (7 - i % 8) & 1u) != value)
            return false;
    return true;
}

/* Whether a host can have it: the assignments of RFC 6890, and what a network keeps for itself. */
static bool is_host(const struct feth_addr *addr)
{
    static const uint8_t zeros[15];
    uint8_t first = addr->bytes[0];

    if (host_part_is(addr, 0))
        return false; /* the network itself; in IPv6 any router of it (RFC 4291, 2.6.1) */
    if (addr->family == AF_INET)
        return first != 0 && first != 127 && first < 224 && !host_part_is(addr, 1);
    /* multicast; link-local, which needs a zone; unspecified and loopback */
    return first != 0xff && !(first == 0xfe && (addr->bytes[1] & 0xc0) == 0x80) &&
           memcmp(addr->bytes, zeros, sizeof(zeros)) != 0;
}

static void complete(struct feth_addr *stack, const struct feth_addr *host)
{
    if (stack->family != AF_UNSPEC) {
        if (stack->prefix == bits_of(stack))
            stack->prefix = host->prefix;
        return;
    }
    *stack = *host;
    uint8_t *last = &stack->bytes[bits_of(host) / 8 - 1];
    uint8_t mine = *last;
    *last = (uint8_t)(mine + 1);
    if (mine == UINT8_MAX || !is_host(stack))
        *last = (uint8_t)(mine - 1);
}

int networks_check(const struct feth_addr *host, struct feth_addr *stack, const char *host_option,
                   const char *option)
{
    static const char no_host[] =
        "no host can have this address (network, broadcast, multicast, loopback and "
        "link-local addresses are not possible)";
    char a[FETH_ADDR_TEXT_SIZE], b[FETH_ADDR_TEXT_SIZE];
    unsigned most = bits_of(host) - 2; /* two hosts, and in IPv4 the network's own two */

    complete(stack, host);
    feth_addr_format(host, a);
    feth_addr_format(stack, b);
    if (host->prefix == 0 || host->prefix > most)
        return cli_usage(PROGRAM, "--%s %s: a prefix length of 1 to %u is required", host_option, a, most);
    if (!is_host(host))
        return cli_usage(PROGRAM, "--%s %s: %s", host_option, a, no_host);
    if (host->prefix != stack->prefix || !feth_addr_overlap(host, stack))
        return cli_usage(PROGRAM, "--%s %s and --%s %s are not in one network", host_option, a, option, b);
    if (!is_host(stack))
        return cli_usage(PROGRAM, "--%s %s: %s", option, b, no_host);
    if (memcmp(host->bytes, stack->bytes, sizeof(host->bytes)) == 0)
        return cli_usage(PROGRAM, "--%s and --%s are both %s: the host and the stack need different ones",
                         host_option, option, a);
    return 0;
}
