/* SPDX-License-Identifier: Apache-2.0 */
/** @file ctl_rig.h  What the tests of the control functions share: a network namespace, and a look at it. */
#ifndef FETH_TESTS_CTL_RIG_H
#define FETH_TESTS_CTL_RIG_H

#include "../unit/cmocka_all.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <feth/feth.h>

/** The handle that the tests use. */
extern struct feth_ctl *ctl;

/**
 * Enter a network namespace of our own, with a user namespace if we are not root, and open ctl.
 * @return 0; or the status to exit with: 77 where the machine forbids it, and says so
 */
int rig_enter(void);

/** Close ctl.  @return the status to exit with */
int rig_leave(int status);

/** cmocka setup and teardown: no interface but the loopback. */
int rig_clear(void **state);

/** The error that the calls under test fill in.  rig_ok() sees that a call that succeeds leaves it alone. */
extern struct feth_error err;

/** Check that a call succeeded.  @return what it returned */
int rig_ok(int ret);

/** Check that a call failed with this code, and said this. */
void rig_refused(int ret, int code, const char *says);

/** Fill err with what no call writes. */
void rig_poison(void);

/** Create feth0 with all that an interface can have, and feth1 with little. */
void rig_make_two(void);

/** Check that two interfaces are each other's peers; b is NULL: that a has none. */
void rig_peers(const char *a, const char *b);

/** Create feth20. */
void rig_make_feth20(void);

/** Check that every call that changes something is refused on one name; feth20 is there. */
void rig_all_refused(const char *name, int code, const char *says);

/** Read the status of an interface.  @return it; feth_status_clear() it */
struct feth_status rig_status(const char *name);

/** Read an address. */
struct feth_addr rig_addr(const char *cidr);

/* ---- looking ------------------------------------------------------------------------------------------------ */

/** What to leave out of a look. */
enum rig_look {
    RIG_ALL = 0,
    RIG_FETHS = 1, /**< stubs and others */
};

/**
 * Write down all interfaces: name, state, MTU, MAC, addresses, as the system's own calls tell it, and what feth_list()
 * adds.  Link-local addresses, which come a little later by themselves, are left out.
 * @return a text; free() it
 */
char *rig_look(enum rig_look what);

/** Check that all is as a look said, and free the look. */
void rig_same(char *before, enum rig_look what);

/** Whether an interface has this address, as the system's own calls tell it. */
bool rig_has_addr(const char *ifname, const char *cidr);

/** The system's part of a look. */
void rig_say_system(FILE *to, enum rig_look what);

struct ifaddrs;

/** An address of an interface, without the system's additions to it.  @return false: it is not of IPv4 or IPv6 */
bool rig_read_addr(const struct ifaddrs *from, struct feth_addr *addr);

/* ---- Linux only --------------------------------------------------------------------------------------------- */

/** Run "ip …".  Fails the test if ip does. */
void rig_ip(const char *args);

/** Read a number from /proc/sys/net/…; -1 without one. */
long rig_sysctl(const char *path);

/** Write a number to /proc/sys/net/…  */
void rig_set_sysctl(const char *path, int value);

/** Give up all capabilities: for a child process. */
bool rig_drop_privilege(void);

#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, rig_clear, rig_clear)

#endif
