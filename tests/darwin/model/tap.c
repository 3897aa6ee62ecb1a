/* SPDX-License-Identifier: Apache-2.0 */
/* The pair's host side over TAP devices of Linux. */
#include "kernel.h"

int m_tap_create(struct m_if *ifp)
{
    (void)ifp;
    return 0;
}

void m_tap_destroy(const struct m_if *ifp)
{
    (void)ifp;
}

void m_tap_apply(const struct m_if *ifp)
{
    (void)ifp;
}

void m_tap_addr(const struct m_if *ifp, const struct m_addr *addr, bool add)
{
    (void)ifp, (void)addr, (void)add;
}

void m_tap_sync(void)
{
}

bool m_tap_write(struct m_if *ifp, const uint8_t *frame, size_t len)
{
    (void)ifp, (void)frame, (void)len;
    return false;
}

void m_tell_processes(void)
{
}

void m_mail_bpf(pid_t pid, unsigned minor, bool outgoing, const uint8_t *frame, size_t len)
{
    (void)pid, (void)minor, (void)outgoing, (void)frame, (void)len;
}
