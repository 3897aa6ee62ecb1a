/* SPDX-License-Identifier: Apache-2.0 */
/* What the self-test checks. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftest_client.h"
#include "services.h"

enum { TIMEOUT_MS = 5000, BULK_TIMEOUT_MS = 90000, BULK_BYTES = 1024 * 1024 };

/* ---- results ------------------------------------------------------------------------------------------------ */

static bool report(bool held, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool report(bool held, const char *fmt, ...)
{
    va_list args;

    printf(held ? "ok    " : "FAIL  ");
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    return held;
}

/* ---- TCP echo ----------------------------------------------------------------------------------------------- */

static bool echoes(struct stack *stack, const struct feth_addr *to, size_t size, unsigned timeout_ms)
{
    uint8_t *out = malloc(size), *in = malloc(size);
    bool same = false;

    if (out && in) {
        client_pattern(out, size, 1);
        long got = client_tcp(stack, to, PORT_ECHO, out, size, in, size, timeout_ms);
        same = got == (long)size && memcmp(in, out, size) == 0;
    }
    free(out);
    free(in);
    return same;
}

/* ---- HTTP --------------------------------------------------------------------------------------------------- */

/* Send a request, and look into the response.  @return whether its status and body are as they should be */
static bool http(struct stack *stack, const struct feth_addr *to, const char *request, const char *status,
                 const char *body_holds)
{
    char response[16384];

    long got = client_tcp(stack, to, PORT_HTTP, request, strlen(request), response, sizeof(response) - 1,
                          TIMEOUT_MS);
    if (got <= 0)
        return false;
    response[got] = '\0';
    const char *body = strstr(response, "\r\n\r\n");
    return body && strncmp(response, "HTTP/1.1 ", 9) == 0 &&
           strncmp(response + 9, status, strlen(status)) == 0 && strstr(body, body_holds);
}

static bool check_http(struct stack *stack, const struct feth_addr *to)
{
    char ip[FETH_ADDR_TEXT_SIZE];
    bool good;

    stack_bare(to, ip);
    good =
        report(http(stack, to, "GET / HTTP/1.1\r\nHost: lwip-echo\r\n\r\n", "200", "You have reached lwIP"),
               "HTTP GET / from %s", ip);
    good &=
        report(http(stack, to, "GET /stats.json HTTP/1.1\r\nHost: lwip-echo\r\n\r\n", "200", "\"driver\""),
               "HTTP GET /stats.json from %s", ip);
    good &= report(http(stack, to,
                        "POST /echo HTTP/1.1\r\nHost: lwip-echo\r\nContent-Length: 11\r\n\r\nhello lwIP!",
                        "200", "hello lwIP!"),
                   "HTTP POST /echo to %s", ip);
    good &= report(http(stack, to, "GET /nothing HTTP/1.1\r\nHost: lwip-echo\r\n\r\n", "404", ""),
                   "HTTP 404 from %s", ip);
    return good;
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

static bool check_family(struct stack *stack, const struct feth_addr *to)
{
    char ip[FETH_ADDR_TEXT_SIZE];
    bool good;

    stack_bare(to, ip);
    good = report(client_ping(stack, to), "ping %s", ip);
    good &= report(echoes(stack, to, 100000, TIMEOUT_MS), "TCP echo of 100000 bytes by %s", ip);
    good &= report(client_udp_echo(stack, to, PORT_ECHO, 64), "UDP echo of 64 bytes by %s", ip);
    good &= report(client_udp_echo(stack, to, PORT_ECHO, 8000), "UDP echo of 8000 bytes, in fragments, by %s",
                   ip);
    good &= check_http(stack, to);
    return good;
}

bool selftest_services(struct stack *stack, const struct feth_addr *server4, const struct feth_addr *server6)
{
    bool good = check_family(stack, server4);

    /* IPv6 asks for an MTU of 1280: RFC 8200, 5 */
    if (stack->netif.mtu < 1280) {
        printf("skip  IPv6: the MTU of %u is below 1280\n", stack->netif.mtu);
        return good;
    }
    return check_family(stack, server6) && good;
}

bool selftest_bulk(struct stack *stack, const struct feth_addr *server)
{
    char ip[FETH_ADDR_TEXT_SIZE];

    return report(echoes(stack, server, BULK_BYTES, BULK_TIMEOUT_MS),
                  "TCP echo of a megabyte by %s through 2 %% loss each way", stack_bare(server, ip));
}
