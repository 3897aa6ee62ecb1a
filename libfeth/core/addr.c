/* SPDX-License-Identifier: Apache-2.0 */
/* IP and MAC addresses, from and to text. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <feth/feth.h>

#include "core/addr.h"
#include "core/fail.h"

static unsigned bits_of(int family)
{
    return family == AF_INET ? 32 : 128;
}

static int bad_addr(const char *text, const char *why, struct feth_error *err)
{
    return feth_fail(err, FETH_EADDR, 0, "read address", NULL,
                     "\"%s\" %s (examples: 10.0.0.1/24, fd00::1/64)", text, why);
}

int feth_addr_parse(const char *text, struct feth_addr *addr, struct feth_error *err)
{
    char ip[FETH_ADDR_TEXT_SIZE];
    struct feth_addr a = {.family = AF_UNSPEC};

    if (!text)
        return bad_addr("", "is not an IP address", err);
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    if (len >= sizeof(ip))
        return bad_addr(text, "is not an IP address", err);
    memcpy(ip, text, len);
    ip[len] = '\0';
    if (inet_pton(AF_INET, ip, a.bytes) == 1)
        a.family = AF_INET;
    else if (inet_pton(AF_INET6, ip, a.bytes) == 1)
        a.family = AF_INET6;
    else
        return bad_addr(text, "is not an IP address", err);

    a.prefix = bits_of(a.family);
    if (slash) {
        const char *digits = slash + 1;
        size_t n = strspn(digits, "0123456789");
        unsigned prefix = 0;
        for (size_t i = 0; i < n && i < 4; i++)
            prefix = prefix * 10 + (unsigned)(digits[i] - '0');
        if (n == 0 || n > 3 || digits[n] != '\0' || prefix > bits_of(a.family))
            return bad_addr(text,
                            a.family == AF_INET ? "has no prefix length of 0 to 32"
                                                : "has no prefix length of 0 to 128",
                            err);
        a.prefix = prefix;
    }
    *addr = a;
    return 0;
}

int feth_addr_check(const struct feth_addr *addr, const char *op, const char *ifname, struct feth_error *err)
{
    static const uint8_t zero[16], loopback6[16] = {[15] = 1};
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    char text[FETH_ADDR_TEXT_SIZE];
    const uint8_t *b = addr->bytes;

    bool bad = addr->family == AF_INET
                   ? b[0] == 0 || (b[0] & 0xf0) == 0xe0 || memcmp(b, broadcast, 4) == 0
                   : b[0] == 0xff || memcmp(b, zero, 16) == 0 || memcmp(b, loopback6, 16) == 0;
    if (!bad)
        return 0;
    return feth_fail(err, FETH_EADDR, 0, op, ifname, "%s is no address that an interface can have",
                     feth_addr_format(addr, text));
}

char *feth_addr_format(const struct feth_addr *addr, char text[FETH_ADDR_TEXT_SIZE])
{
    char ip[INET6_ADDRSTRLEN] = "";

    (void)inet_ntop(addr->family, addr->bytes, ip, sizeof(ip));
    (void)snprintf(text, FETH_ADDR_TEXT_SIZE, "%s/%u", ip, addr->prefix);
    return text;
}

bool feth_addr_overlap(const struct feth_addr *a, const struct feth_addr *b)
{
    if (a->family != b->family)
        return false;
    /* two networks overlap exactly if they agree in the shorter of their prefixes */
    unsigned bits = a->prefix < b->prefix ? a->prefix : b->prefix;
    if (memcmp(a->bytes, b->bytes, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((a->bytes[bits / 8] ^ b->bytes[bits / 8]) >> (8 - rest)) == 0;
}

int feth_mac_check(const uint8_t mac[FETH_MAC_SIZE], struct feth_error *err)
{
    static const uint8_t none[FETH_MAC_SIZE];

    if (mac[0] & 1)
        return feth_fail(
            err, FETH_EMAC, 0, "check MAC address", NULL,
            "%02x:%02x:%02x:%02x:%02x:%02x is a multicast address; a station's has an even first byte",
            mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    if (memcmp(mac, none, sizeof(none)) == 0)
        return feth_fail(err, FETH_EMAC, 0, "check MAC address", NULL,
                         "00:00:00:00:00:00 is nobody's address");
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int feth_mac_parse(const char *text, uint8_t mac[FETH_MAC_SIZE], struct feth_error *err)
{
    uint8_t read[FETH_MAC_SIZE];
    const char *at = text ? text : "";

    for (int i = 0; i < FETH_MAC_SIZE; i++) {
        /* one or two digits each: macOS prints 2:0:a:0:0:2 */
        int value = hex_digit(*at);
        if (value >= 0 && hex_digit(*++at) >= 0)
            value = value * 16 + hex_digit(*at++);
        if (value < 0 || *at != (i < FETH_MAC_SIZE - 1 ? ':' : '\0'))
            return feth_fail(err, FETH_EMAC, 0, "read MAC address", NULL,
                             "\"%s\" is not six bytes in hex with colons (an example: 02:00:0a:00:00:02)",
                             text ? text : "");
        at++;
        read[i] = (uint8_t)value;
    }
    int ret = feth_mac_check(read, err);
    if (ret == 0)
        memcpy(mac, read, sizeof(read));
    return ret;
}

int feth_mac_random(uint8_t mac[FETH_MAC_SIZE], struct feth_error *err)
{
    /* getentropy() would do, but is no part of the POSIX that both systems have */
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return feth_fail(err, FETH_ESYS, errno, "choose MAC address", NULL, "cannot open /dev/urandom");
    ssize_t got = read(fd, mac, FETH_MAC_SIZE);
    int why = errno;
    close(fd);
    if (got != FETH_MAC_SIZE)
        return feth_fail(err, FETH_ESYS, got < 0 ? why : 0, "choose MAC address", NULL,
                         "cannot read /dev/urandom");
    mac[0] = (uint8_t)((mac[0] & ~1u) | 2u); /* unicast, locally administered: IEEE 802c */
    return 0;
}
