/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli.h"
#include "options.h"

int value_refused(const char *option, const char *value, const char *wanted)
{
    return cli_usage(PROGRAM, "--%s %s: %s", option, value, wanted);
}

bool value_number(const char *text, double *value, const char **unit)
{
    char *end;

    errno = 0;
    *value = strtod(text, &end);
    *unit = end;
    /* strtod also takes nan, infinity, hex and signs */
    return end != text && errno == 0 && isfinite(*value) && *value >= 0 && text[0] >= '0' && text[0] <= '9' &&
           !strpbrk(text, "xX");
}

int value_probability(const char *option, const char *text, double *p)
{
    const char *unit;
    double value;

    if (value_number(text, &value, &unit)) {
        if (strcmp(unit, "%") == 0)
            value /= 100;
        if ((*unit == '\0' || strcmp(unit, "%") == 0) && value <= 1) {
            *p = value;
            return 0;
        }
    }
    return value_refused(option, text, "a probability is required, 0 to 1 or 0% to 100% (an example: 2%)");
}

int value_time(const char *option, const char *text, uint64_t *ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    const char *unit;
    double value;

    if (value_number(text, &value, &unit))
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
            if (strcmp(unit, units[i].unit) == 0 && value * units[i].ns <= 60e9) {
                *ns = (uint64_t)(value * units[i].ns);
                return 0;
            }
    return value_refused(option, text,
                         "a time of up to 60s is required, with its unit us, ms or s (an example: 20ms)");
}

int value_rate(const char *option, const char *text, uint64_t *bps)
{
    const char *unit;
    double value;

    if (value_number(text, &value, &unit)) {
        double factor = *unit == '\0'            ? 1
                        : strcmp(unit, "k") == 0 ? 1e3
                        : strcmp(unit, "M") == 0 ? 1e6
                        : strcmp(unit, "G") == 0 ? 1e9
                                                 : 0;
        if (value * factor >= 1000 && value * factor <= 1e12) {
            *bps = (uint64_t)(value * factor);
            return 0;
        }
    }
    return value_refused(option, text, "bits a second are required, 1k to 1000G (an example: 10M)");
}

int value_count(const char *option, const char *text, uint64_t max, uint64_t *n)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value <= max) {
        *n = value;
        return 0;
    }
    return value_refused(option, text, "a whole number is required");
}

int value_addr(const char *option, const char *text, int family, struct feth_addr *addr)
{
    struct feth_error err;

    if (feth_addr_parse(text, addr, &err) < 0)
        return cli_usage(PROGRAM, "--%s: %s", option, err.text);
    if (addr->family != family)
        return value_refused(option, text,
                             family == AF_INET
                                 ? "an IPv4 address is required (the IPv6 options end in 6)"
                                 : "an IPv6 address is required (the IPv4 options do not end in 6)");
    return 0;
}
