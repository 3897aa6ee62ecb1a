/* SPDX-License-Identifier: Apache-2.0 */
/* tests/system/ctl_rig.h for the macOS backend: the interfaces are those of the model. */
#include "../system/ctl_rig.h"

#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "darwin/xnu.h"
#include "model/model.h"

#include <net/if.h> /* last: it defines names of members as macros */

static char state_file[] = "/tmp/feth-model-XXXXXX";

int rig_enter(void)
{
    /* in a file, so that processes which a test forks see the same interfaces */
    int fd = mkstemp(state_file);
    if (fd < 0 || setenv("FETH_MODEL_STATE", state_file, 1) < 0) {
        perror(state_file);
        return 1;
    }
    close(fd);
    model_reset();
    if (feth_ctl_open(&ctl, &err) < 0) {
        printf("%s\n", err.text);
        return 1;
    }
    return 0;
}

int rig_leave(int status)
{
    feth_ctl_close(ctl);
    if (!model_is_clean())
        status = status ? status : 1;
    unlink(state_file);
    return status;
}

int rig_clear(void **state)
{
    (void)state;
    struct if_nameindex *all = if_nameindex();

    for (struct if_nameindex *i = all; i && i->if_index; i++)
        if (strncmp(i->if_name, "feth", 4) == 0)
            model_destroy(i->if_name);
    if_freenameindex(all);
    model_detached();
    model_detach_after(1);
    rig_poison();
    return model_feths() == 0 ? 0 : -1;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static unsigned prefix_of(const uint8_t *mask, size_t offset, size_t size)
{
    unsigned bits = 0;

    for (size_t i = offset; i < offset + size && i < mask[0]; i++)
        bits += (unsigned)__builtin_popcount(mask[i]);
    return bits;
}

bool rig_read_addr(const struct ifaddrs *i, struct feth_addr *addr)
{
    const uint8_t *sa = (const void *)i->ifa_addr, *mask = (const void *)i->ifa_netmask;
    bool v6 = sa && sa[1] == XNU_AF_INET6;

    memset(addr, 0, sizeof(*addr));
    if (!sa || !mask || (!v6 && sa[1] != XNU_AF_INET))
        return false;
    addr->family = v6 ? AF_INET6 : AF_INET;
    memcpy(addr->bytes, sa + (v6 ? 8 : 4), v6 ? 16 : 4);
    addr->prefix = prefix_of(mask, v6 ? 8 : 4, v6 ? 16 : 4);
    if (v6 && addr->bytes[0] == 0xfe)
        addr->bytes[2] = addr->bytes[3] = 0; /* the index of the interface */
    return true;
}

void rig_say_system(FILE *to, enum rig_look what)
{
    (void)what; /* the model has feth interfaces only */
    char text[FETH_ADDR_TEXT_SIZE];
    struct feth_addr addr;
    struct ifaddrs *all;
    unsigned mtu;
    int flags;
    uint8_t m[6];

    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        if (rig_read_addr(i, &addr)) {
            fprintf(to, " %s %s\n", i->ifa_name, feth_addr_format(&addr, text));
            continue;
        }
        assert_true(model_interface(i->ifa_name, &mtu, &flags, m));
        fprintf(to, "%s flags %x mtu %u mac %02x:%02x:%02x:%02x:%02x:%02x\n", i->ifa_name, (unsigned)flags,
                mtu, m[0], m[1], m[2], m[3], m[4], m[5]);
    }
    freeifaddrs(all);
    fprintf(to, "max_mtu %d hwcsum %d tso %d\n", model_sysctl("net.link.fake.max_mtu"),
            model_sysctl("net.link.fake.hwcsum"), model_sysctl("net.link.fake.tso_support"));
}
