/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns.h"

/* What libfeth asks for each way unless it is told otherwise: feth/io.h, socket_buffer. */
#define SOCKET_BUFFER (4 * 1024 * 1024)

static void check_kernel(void)
{
    struct utsname u;
    unsigned major = 0, minor = 0;

    if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2) {
        doctor_wrong("kernel", "its version cannot be read");
        return;
    }
    if (major < 4 || (major == 4 && minor < 20))
        doctor_wrong("kernel",
                     "Linux %s; 4.20 or newer is needed, so that packet sockets can ignore what they send",
                     u.release);
    else
        doctor_ok("kernel", "Linux %s: rtnetlink, veth and AF_PACKET, checksum and segmentation offload",
                  u.release);
}

/* The effective capabilities: capabilities(7), proc(5). */
static bool read_capabilities(uint64_t *set)
{
    char text[256];
    bool found = false;
    FILE *f = fopen("/proc/self/status", "r");

    while (f && !found && fgets(text, sizeof(text), f))
        found = sscanf(text, "CapEff: %" SCNx64, set) == 1;
    if (f)
        fclose(f);
    return found;
}

static bool has_privilege(void)
{
    static const uint64_t needed = UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_RAW;
    uint64_t set = 0;

    return read_capabilities(&set) && (set & needed) == needed;
}

static void check_privilege(void)
{
    if (has_privilege())
        doctor_ok("privilege", "CAP_NET_ADMIN and CAP_NET_RAW are there");
    else
        doctor_wrong("privilege",
                     "CAP_NET_ADMIN or CAP_NET_RAW is missing: run as root (sudo), or in a namespace of "
                     "your own (unshare -rn; lwip-echo --netns)");
}

static void check_limit(const char *path, const char *name)
{
    unsigned long limit;
    FILE *f = fopen(path, "r");
    bool read = f && fscanf(f, "%lu", &limit) == 1;

    if (f)
        fclose(f);
    if (!read)
        doctor_note("limits", "%s is not readable here, as in a namespace", name);
    else if (limit < SOCKET_BUFFER)
        doctor_note(
            "limits",
            "%s is %lu: without CAP_NET_ADMIN in the first namespace a socket queues no more than that, and "
            "bursts lose frames (sysctl -w %s=%d)",
            name, limit, name, SOCKET_BUFFER);
    else
        doctor_ok("limits", "%s is %lu", name, limit);
}

void doctor_check_system(void)
{
    check_kernel();
    check_privilege();
    check_limit("/proc/sys/net/core/rmem_max", "net.core.rmem_max");
    check_limit("/proc/sys/net/core/wmem_max", "net.core.wmem_max");
}

/* In a child that has a network namespace of its own: there is nobody else's interface to meet. */
void doctor_check_pair(void)
{
    char why[160];
    int status = 0;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (netns_enter(why, sizeof(why)) < 0)
            doctor_note("pair", "not tried: %s", why);
        else
            doctor_trial();
        fflush(stdout);
        _exit(doctor_verdict());
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        doctor_wrong("pair", "the trial did not come to an end");
    else
        doctor_merge(WEXITSTATUS(status));
}
