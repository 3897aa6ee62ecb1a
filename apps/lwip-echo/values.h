/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file values.h
 * The values of options.  Each function returns 0, or CLI_USAGE after it has said which option (without its dashes)
 * wants what.
 */
#ifndef LWIP_ECHO_VALUES_H
#define LWIP_ECHO_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include <feth/feth.h>

/** Say what an option wants.  @return CLI_USAGE */
int value_refused(const char *option, const char *text, const char *wanted);

/**
 * A number of 0 or more.
 * @param[out] unit what follows it in the text
 * @return whether there is one
 */
bool value_number(const char *text, double *value, const char **unit);

/** "2%" or "0.02" */
int value_probability(const char *option, const char *text, double *p);

/** "20ms", with us, ms or s, up to a minute */
int value_time(const char *option, const char *text, uint64_t *ns);

/** Bits a second: "10M", with k, M, G or none */
int value_rate(const char *option, const char *text, uint64_t *bps);

/** A whole number up to max */
int value_count(const char *option, const char *text, uint64_t max, uint64_t *n);

/** An address of this family, with or without a prefix length */
int value_addr(const char *option, const char *text, int family, struct feth_addr *addr);

#endif
