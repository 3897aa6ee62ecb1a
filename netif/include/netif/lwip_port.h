/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file netif/lwip_port.h
 * Where lwIP's own messages go.  lwIP is one stack for the whole process, and so are these hooks.
 */
#ifndef NETIF_LWIP_PORT_H
#define NETIF_LWIP_PORT_H

#include <feth/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lwip_port_hooks {
    /** A piece of debug text, without a line end of its own; NULL: thrown away. */
    void (*diag)(const char *text, void *arg);
    /**
     * An assertion of lwIP failed: its data is not what it takes it for.  What becomes of the process is the program's
     * to say, hence fethif_new() asks for this hook.  It should not come back, but exit, abort, or longjmp to where the
     * stack is given up: an assertion has no error path, so if it returns lwIP goes on, as in builds without
     * assertions, and may write where it should not, on input from the network.
     */
    void (*assertion)(const char *what, const char *file, int line, void *arg);
    void *arg;
};

/** Set the hooks; NULL: none.  Before lwip_init(), or from the thread that runs lwIP; copied. */
FETH_API void lwip_port_set_hooks(const struct lwip_port_hooks *hooks);

#ifdef __cplusplus
}
#endif
#endif
