/* SPDX-License-Identifier: Apache-2.0 */
/** @file page.h  What the HTTP server shows: a page for people, and the counters as JSON. */
#ifndef LWIP_ECHO_PAGE_H
#define LWIP_ECHO_PAGE_H

#include <stdio.h>

#include "stack.h"

/** The stack that pages tell of. */
void page_set_stack(const struct stack *stack);

/** A page for people. */
void page_html(FILE *out);

/** Everything that is counted, as one JSON object (docs: lwip-echo --help, README). */
void page_json(FILE *out);

/** One line of counters, for --stats. */
void page_line(FILE *out);

#endif
