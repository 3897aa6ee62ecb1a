/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: those of Linux, told as macOS does. */
#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "real.h"

#define SRUN 2

/* proc(5): behind the name in brackets, which may hold anything, the state and, 19 fields on, the start in ticks. */
static bool read_stat(int pid, char *state, uint64_t *ticks)
{
    char path[64], text[1024];

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    int fd = __real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = __real_read(fd, text, sizeof(text) - 1);
    __real_close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    char *p = strrchr(text, ')');
    if (!p || p[1] == '\0')
        return false;
    *state = p[2];
    p += 2;
    for (int i = 0; p && i < 19; i++)
        p = strchr(p + 1, ' ');
    if (!p)
        return false;
    *ticks = strtoull(p, NULL, 10);
    return true;
}

bool m_process_start(int pid, struct xnu_kinfo_proc *info)
{
    uint64_t ticks;
    char state;

    if (pid <= 0 || !read_stat(pid, &state, &ticks))
        return false;
    uint64_t us = ticks * (1000000 / (uint64_t)sysconf(_SC_CLK_TCK));
    info->kp_proc.p_pid = pid;
    info->kp_proc.p_stat = state == 'Z' ? XNU_SZOMB : SRUN;
    info->kp_proc.p_start.tv_sec = (int64_t)(us / 1000000);
    info->kp_proc.p_start.tv_usec = (int32_t)(us % 1000000);
    return true;
}

/* ---- counters of interfaces --------------------------------------------------------------------------------- */

static size_t put_message(const struct m_if *ifp, uint8_t *to, size_t room)
{
    struct xnu_if_msghdr2 msg;

    memset(&msg, 0, sizeof(msg));
    msg.ifm_msglen = sizeof(msg);
    msg.ifm_version = 5;
    msg.ifm_type = XNU_RTM_IFINFO2;
    msg.ifm_flags = ifp->flags;
    msg.ifm_index = (uint16_t)ifp->index;
    msg.ifm_snd_len = (int)m_frames_queued(ifp->id);
    msg.ifm_snd_maxlen = M_QUEUE;
    msg.ifm_snd_drops = (int)ifp->queue_drops;
    msg.ifm_data.ifi_mtu = ifp->mtu;
    msg.ifm_data.ifi_ipackets = ifp->in_packets;
    msg.ifm_data.ifi_ibytes = ifp->in_bytes;
    msg.ifm_data.ifi_opackets = ifp->out_packets;
    msg.ifm_data.ifi_obytes = ifp->out_bytes;
    if (room)
        memcpy(to, &msg, room < sizeof(msg) ? room : sizeof(msg));
    return sizeof(msg);
}

size_t m_route_iflist2(unsigned index, uint8_t *to, size_t room)
{
    size_t done = 0;

    for (unsigned i = 0; i < M_IFS; i++) {
        const struct m_if *ifp = &K->ifs[i];
        if (ifp->used && (index == 0 || ifp->index == index))
            done += put_message(ifp, to + (done < room ? done : room), done < room ? room - done : 0);
    }
    return done;
}
