/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/xnu_sys.h
 * Sysctls and processes (bsd/sys/sysctl.h, bsd/sys/proc.h, bsd/sys/socket.h), kqueues (bsd/sys/event.h).  By way of
 * darwin/xnu.h.
 */
#ifndef FETH_DARWIN_XNU_SYS_H
#define FETH_DARWIN_XNU_SYS_H

/* ---- sysctl(3) ---------------------------------------------------------------------------------------------- */

#define XNU_CTL_KERN       1
#define XNU_CTL_NET        4
#define XNU_KERN_PROC      14
#define XNU_KERN_PROC_PID  1
#define XNU_NET_RT_IFLIST2 6

struct xnu_timeval {
    int64_t tv_sec;
    int32_t tv_usec;
};
_Static_assert(sizeof(struct xnu_timeval) == 16, "struct timeval");

#define XNU_SZOMB 5

struct xnu_extern_proc {
    struct xnu_timeval p_start; /* p_starttime: a macro of <sys/proc.h> */
    uint64_t p_vmspace;
    uint64_t p_sigacts;
    int32_t p_flag;
    int8_t p_stat; /* XNU_SZOMB, … */
    int32_t p_pid;
    uint8_t p_rest[252];
};
_Static_assert(sizeof(struct xnu_extern_proc) == 296 && offsetof(struct xnu_extern_proc, p_pid) == 40,
               "struct extern_proc");

struct xnu_kinfo_proc {
    struct xnu_extern_proc kp_proc;
    uint8_t kp_eproc[352];
};
_Static_assert(sizeof(struct xnu_kinfo_proc) == 648, "struct kinfo_proc");

/* ---- kqueue(2): struct kevent itself is the system's (darwin/sys.h) ----------------------------------------- */

#define XNU_EVFILT_READ  (-1)
#define XNU_EVFILT_WRITE (-2)
#define XNU_EVFILT_TIMER (-7)
#define XNU_EVFILT_USER  (-10)

#define XNU_EV_ADD      0x0001
#define XNU_EV_DELETE   0x0002
#define XNU_EV_ENABLE   0x0004
#define XNU_EV_DISABLE  0x0008
#define XNU_EV_ONESHOT  0x0010
#define XNU_EV_CLEAR    0x0020
#define XNU_EV_RECEIPT  0x0040
#define XNU_EV_DISPATCH 0x0080
#define XNU_EV_ERROR    0x4000
#define XNU_EV_EOF      0x8000

#define XNU_NOTE_LOWAT                0x00000001u /* EVFILT_READ */
#define XNU_NOTE_SECONDS              0x00000001u /* EVFILT_TIMER */
#define XNU_NOTE_USECONDS             0x00000002u
#define XNU_NOTE_NSECONDS             0x00000004u
#define XNU_NOTE_ABSOLUTE             0x00000008u
#define XNU_NOTE_MACH_CONTINUOUS_TIME 0x00000080u
#define XNU_NOTE_TRIGGER              0x01000000u /* EVFILT_USER */
#define XNU_NOTE_FFAND                0x40000000u
#define XNU_NOTE_FFOR                 0x80000000u
#define XNU_NOTE_FFCOPY               0xc0000000u
#define XNU_NOTE_FFCTRLMASK           0xc0000000u
#define XNU_NOTE_FFLAGSMASK           0x00ffffffu

#endif
