/* SPDX-License-Identifier: Apache-2.0 */
/** @file setup.h  The pair and the frame handle that the options ask for. */
#ifndef LWIP_ECHO_SETUP_H
#define LWIP_ECHO_SETUP_H

#include "options.h"

struct setup {
    struct feth_ctl *ctl;
    struct feth_pair pair; /* host is "" where we attached to an interface */
    bool made;             /* the pair is ours: it goes with us */
    struct feth_io *io;
    bool ip6;    /* the MTU allows IPv6 (RFC 8200, 5: 1280) */
    bool userns; /* we are in a user namespace of our own, too */
};

/**
 * Make the pair, or find the interface, and open its I/O side with the layers asked for.
 * @return 0, or the exit status after an error was printed; then nothing is left
 */
int setup_open(struct setup *s, const struct options *o);

/** Put the layers of the options around a handle.  @return 0, or the exit status */
int setup_layers(struct feth_io **io, const struct options *o);

/** Take away what setup_open() made.  @return 0, or the exit status after an error was printed */
int setup_close(struct setup *s);

#endif
