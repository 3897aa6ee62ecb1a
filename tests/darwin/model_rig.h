/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the model by itself have in common: requests to it, straight by the wrapped system calls. */
#ifndef FETH_MODEL_RIG_H
#define FETH_MODEL_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "darwin/sys.h"
#include "darwin/xnu.h"
#include "model.h"

/* cmocka's set-up and tear-down: a kernel just booted, and nothing left behind. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* Each asks on a control socket of its own.  @return 0, or the errno */
int rig_ioctl(unsigned long request, void *arg);
int rig_ioctl6(unsigned long request, void *arg);

int rig_create(const char *name);
int rig_destroy(const char *name);
int rig_peer(const char *name, const char *peer);
void rig_peer_of(const char *name, char peer[16]);
int rig_up(const char *name, bool up);
int rig_flags(const char *name);
int rig_mtu(const char *name, int mtu);
int rig_mac(const char *name, const uint8_t mac[14], unsigned len);
int rig_add4(const char *name, const char *addr, const char *mask);
int rig_del4(const char *name, const char *addr);
int rig_sysctl(const char *name, int value);

/* feth0 and feth1, peers, both up. */
void rig_pair(void);

/* A BPF device, opened non-blocking: -1 with errno.  attached: with its header complete, immediate, see-sent off. */
int rig_bpf(void);
int rig_bpf_on(const char *ifname, unsigned bufsize);
int rig_bpf_set(int fd, unsigned long request, int value);

/* An NDRV socket, bound and connected. */
int rig_ndrv(const char *ifname);

/* A broadcast frame of len bytes whose payload tells its number. */
void rig_frame(uint8_t *frame, size_t len, unsigned number);

/* Whether a function makes the model abort the program. */
bool rig_panics(void (*call)(void *arg), void *arg);

#endif
