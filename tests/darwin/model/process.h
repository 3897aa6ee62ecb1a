/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FETH_MODEL_PROCESS_H
#define FETH_MODEL_PROCESS_H

#include "kernel.h"

/* What sysctl(KERN_PROC_PID) tells of a process of this machine; false: there is none. */
bool m_process_start(int pid, struct xnu_kinfo_proc *info);

/* What sysctl(NET_RT_IFLIST2) tells of one interface or all (0), and how many bytes that is. */
size_t m_route_iflist2(unsigned index, uint8_t *to, size_t room);

#endif
