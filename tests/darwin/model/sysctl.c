/* SPDX-License-Identifier: Apache-2.0 */
/* sysctlbyname() and sysctl(). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "darwin/sys.h"
#include "kernel.h"
#include "model.h"
#include "process.h"

#define MAX_MTU_MAX 16370 /* READ: FETH_MAX_MTU_MAX, 16 KiB without the Ethernet header */

static int fake_bpf_cap;

/* Where the value of a name lives; NULL: there is none of this name in this version. */
static int *value_of(const char *name, bool *writable)
{
    struct m_sysctls *s = &K->sysctls;

    *writable = true;
    if (strcmp(name, "net.link.fake.max_mtu") == 0)
        return &s->max_mtu;
    if (strcmp(name, "net.link.fake.tso_support") == 0)
        return m_at_least(13, 0) ? &s->tso_support : NULL; /* READ: absent from 8020, there in 8792 */
    if (strcmp(name, "net.link.fake.hwcsum") == 0)
        return &s->hwcsum;
    if (strcmp(name, "net.link.fake.bsd_mode") == 0)
        return &s->bsd_mode;
    if (strcmp(name, "net.link.fake.txstart") == 0)
        return &s->txstart;
    if (strcmp(name, "net.inet.icmp.icmplim") == 0)
        return &s->icmplim;
    *writable = false;
    if (strcmp(name, "debug.bpf_maxdevices") == 0)
        return &K->n_bpfs;
    if (strcmp(name, "debug.bpf_bufsize_cap") == 0 && m_at_least(13, 0)) {
        fake_bpf_cap = 32 << 20;
        return &fake_bpf_cap;
    }
    return NULL;
}

static int set_value(const char *name, int *value, const void *new_value, size_t size)
{
    int v;

    if (size != sizeof(v))
        return EINVAL;
    memcpy(&v, new_value, sizeof(v));
    if (v != *value && value == &K->sysctls.max_mtu && (v < 1500 || v > MAX_MTU_MAX))
        return EINVAL;
    *value = v;
    model_note("sysctl %s = %d", name, v);
    return 0;
}

static int copy_out(const void *value, size_t have, void *old, size_t *old_size)
{
    if (!old_size)
        return 0;
    size_t room = *old_size;
    *old_size = have;
    if (!old)
        return 0;
    memcpy(old, value, room < have ? room : have);
    if (room < have) {
        *old_size = room;
        return ENOMEM;
    }
    return 0;
}

/* Darwin's own version: macOS 11 is Darwin 20, macOS 26 is Darwin 25. */
static int os_release(void *old, size_t *old_size)
{
    char text[32];
    int darwin = K->macos >= 26 ? K->macos - 1 : K->macos + 9;

    int len = snprintf(text, sizeof(text), "%d.%d.0", darwin, K->macos_minor);
    return copy_out(text, (size_t)len + 1, old, old_size);
}

static int product_version(void *old, size_t *old_size)
{
    char text[32];

    int len = snprintf(text, sizeof(text), "%d.%d", K->macos, K->macos_minor);
    return copy_out(text, (size_t)len + 1, old, old_size);
}

static int by_name(const char *name, void *old, size_t *old_size, const void *value, size_t size)
{
    bool writable;
    int *v = value_of(name, &writable);

    if (strcmp(name, "kern.osrelease") == 0)
        return value ? EPERM : os_release(old, old_size);
    if (strcmp(name, "kern.osproductversion") == 0)
        return value ? EPERM : product_version(old, old_size);
    if (!v)
        return ENOENT;
    if (value && (m_denied() || !writable))
        return EPERM;
    int ret = copy_out(v, sizeof(*v), old, old_size);
    if (ret == 0 && value)
        ret = set_value(name, v, value, size);
    return ret;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, void *value, size_t size)
{
    int error = m_call(value ? "sysctlbyname:set" : "sysctlbyname", name);

    m_lock();
    if (!error)
        error = by_name(name, old, old_size, value, size);
    m_unlock();
    return (int)m_result(0, error);
}

static int process(int pid, void *old, size_t *old_size)
{
    struct xnu_kinfo_proc info;

    memset(&info, 0, sizeof(info));
    /* READ: of a process that is not there the answer is nothing, and no error */
    return copy_out(&info, m_process_start(pid, &info) ? sizeof(info) : 0, old, old_size);
}

static int interfaces(unsigned index, void *old, size_t *old_size)
{
    size_t room = old && old_size ? *old_size : 0;
    size_t size = m_route_iflist2(index, old, room);

    if (old_size)
        *old_size = old && size > room ? room : size;
    return old && size > room ? ENOMEM : 0;
}

int sysctl(int *name, unsigned n, void *old, size_t *old_size, void *value, size_t size)
{
    bool proc = n == 4 && name[0] == XNU_CTL_KERN && name[1] == XNU_KERN_PROC && name[2] == XNU_KERN_PROC_PID;
    bool route = n == 6 && name[0] == XNU_CTL_NET && name[1] == XNU_PF_ROUTE && name[4] == XNU_NET_RT_IFLIST2;
    int error = m_call("sysctl", proc ? "KERN_PROC" : route ? "NET_RT_IFLIST2" : NULL);

    (void)size;
    m_lock();
    if (error)
        ;
    else if (value)
        error = EPERM;
    else if (proc)
        error = process(name[3], old, old_size);
    else if (route)
        error = interfaces((unsigned)name[5], old, old_size);
    else
        error = ENOENT;
    m_unlock();
    return (int)m_result(0, error);
}

bool model_set_sysctl(const char *name, int value)
{
    bool writable;

    m_lock();
    int *v = value_of(name, &writable);
    if (v)
        *v = value;
    m_unlock();
    return v != NULL;
}

int model_sysctl(const char *name)
{
    bool writable;

    m_lock();
    int *v = value_of(name, &writable);
    int value = v ? *v : -1;
    m_unlock();
    return value;
}
