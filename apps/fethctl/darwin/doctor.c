/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <feth/feth.h>

#include "netaddrs.h"
#include "sending.h"

/* sysctl(3); <sys/sysctl.h> is macOS' only, and this file compiles elsewhere for tests. */
int sysctlbyname(const char *name, void *old, size_t *old_len, void *new_value, size_t new_len);

#define BPF_DEVICES 256 /* xnu bsd/net/bpf.c: no more can be made */

static bool read_text(const char *name, char *text, size_t size)
{
    size_t len = size - 1;

    if (sysctlbyname(name, text, &len, NULL, 0) < 0)
        return false;
    text[len < size ? len : size - 1] = '\0';
    return true;
}

/* Darwin's version is macOS' plus nine up to macOS 15, which is Darwin 24; from macOS 26 on it is Darwin 25. */
static void check_kernel(void)
{
    char release[64];
    unsigned major = 0;

    if (!read_text("kern.osrelease", release, sizeof(release)) || sscanf(release, "%u", &major) < 1) {
        doctor_wrong("kernel", "its version cannot be read");
        return;
    }
    unsigned macos = major >= 25 ? major + 1 : major > 9 ? major - 9 : 0;
    if (major < 20)
        doctor_wrong("kernel", "Darwin %s; macOS 11 (Darwin 20) or newer is needed", release);
    else if (strcmp(sending_usual(), "bpf-batch") == 0)
        doctor_ok("kernel", "Darwin %s (macOS %u): frames leave in batches by BPF", release, macos);
    else
        doctor_ok("kernel",
                  "Darwin %s (macOS %u): frames leave by AF_NDRV, which drops without a word what a full "
                  "queue does "
                  "not take",
                  release, macos);
}

static void check_privilege(void)
{
    if (geteuid() == 0)
        doctor_ok("privilege", "root");
    else
        doctor_wrong("privilege", "interfaces are made and frames are moved by root only: run it with sudo");
}

static void check_bpf(void)
{
    char path[24];
    int busy = 0, fd;

    for (int i = 0; i < BPF_DEVICES; i++) {
        (void)snprintf(path, sizeof(path), "/dev/bpf%d", i);
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd >= 0) {
            close(fd);
            doctor_ok("BPF", "%s is free%s", path,
                      busy ? "; those before it are in use by other programs" : "");
            return;
        }
        if (errno == EACCES || errno == EPERM) {
            doctor_wrong("BPF",
                         "%s may not be opened: run it with sudo (Wireshark's ChmodBPF gives it to a group)",
                         path);
            return;
        }
        if (errno == ENOENT)
            break;
        busy += errno == EBUSY;
    }
    doctor_wrong("BPF", "no free device: %d are in use; end a program that captures (lsof /dev/bpf*)", busy);
}

static void check_mtu(void)
{
    int max = 0;
    size_t len = sizeof(max);

    if (sysctlbyname("net.link.fake.max_mtu", &max, &len, NULL, 0) < 0)
        doctor_note("MTU", "net.link.fake.max_mtu cannot be read: interfaces keep MTUs of 2048 at most");
    else
        doctor_ok("MTU",
                  "net.link.fake.max_mtu is %d; it is raised while an interface with a larger MTU is created",
                  max);
}

/* Off unless somebody wants it for all interfaces, or was killed while they were on for one. */
static void check_offload(void)
{
    static const char *const settings[] = {"net.link.fake.hwcsum", "net.link.fake.tso_support"};

    for (int i = 0; i < 2; i++) {
        int value = 0;
        size_t len = sizeof(value);
        if (sysctlbyname(settings[i], &value, &len, NULL, 0) == 0 && value != 0)
            doctor_note("offload",
                        "%s is %d: on every feth created now the system leaves work undone in frames; if "
                        "nobody wants that: sudo sysctl %s=0",
                        settings[i], value, settings[i]);
    }
}

static void note_tunnel(const char *ifname, const struct feth_addr *addr, void *arg)
{
    bool *told = arg;
    char text[FETH_ADDR_TEXT_SIZE];

    if (*told || strncmp(ifname, "utun", 4) != 0 || netaddrs_link_local6(addr))
        return;
    *told = true;
    doctor_note("VPN",
                "%s has %s: a VPN that takes all routes takes those to a feth too; if ping answers \"No "
                "route to host\", "
                "try without it",
                ifname, feth_addr_format(addr, text));
}

void doctor_check_system(void)
{
    bool told = false;

    check_kernel();
    check_privilege();
    check_bpf();
    check_mtu();
    check_offload();
    (void)netaddrs_each(note_tunnel, &told);
    doctor_note(
        "privacy",
        "if a program without sudo gets \"No route to host\", allow it in System Settings > Privacy & "
        "Security > Local Network (macOS 15)");
    doctor_note("filters", "Little Snitch and the like may ask when BPF is opened: allow it");
}

void doctor_check_pair(void)
{
    if (geteuid() == 0)
        doctor_trial();
    else
        doctor_note("pair", "not tried: that takes root");
}
