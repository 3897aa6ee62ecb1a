/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled on macOS only, and only to be compiled: holds each constant and structure of darwin/xnu.h against the
 * system's own headers, as far as they have it.  Some of the headers are in Apple's SDK alone.
 */
#include "darwin/xnu.h"

#include <sys/types.h>

#include <sys/event.h>
#include <sys/ioctl.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>

#if __has_include(<net/bpf.h>)
#include <net/bpf.h>
#else
#define FETH_XNU_NO_NET_BPF
#endif
#if __has_include(<net/ndrv.h>)
#include <net/ndrv.h>
#else
#define FETH_XNU_NO_NET_NDRV
#endif
#if __has_include(<net/net_kev.h>)
#include <net/net_kev.h>
#endif
#if __has_include(<net/route.h>)
#include <net/route.h>
#endif
#if __has_include(<netinet6/in6_var.h>)
#include <netinet6/in6_var.h>
#else
#define FETH_XNU_NO_NETINET6_IN6_VAR
#endif
#if __has_include(<netinet6/nd6.h>)
#include <netinet6/nd6.h>
#else
#define FETH_XNU_NO_NETINET6_ND6
#endif
#if __has_include(<sys/kern_event.h>)
#include <sys/kern_event.h>
#else
#define FETH_XNU_NO_SYS_KERN_EVENT
#endif
#if __has_include(<sys/sys_domain.h>)
#include <sys/sys_domain.h>
#endif

#ifdef FETH_XNU_PRIVATE /* tests/darwin/headers.sh */
#include <net/if_fake_var.h>
#include <net/kpi_interface.h>
#if __has_include(<sys/socket_private.h>)
#include <sys/socket_private.h>
#endif
#endif

#define MEMBER_SIZE(type, member) sizeof(((type *)0)->member)

#define CONSTANT(name) _Static_assert((long long)(XNU_##name) == (long long)(name), #name " is another one");
#define STRUCT(name)                                                                                         \
    _Static_assert(sizeof(struct xnu_##name) == sizeof(struct name), "struct " #name " has another size");
#define MEMBER(name, member)                                                                                 \
    _Static_assert(offsetof(struct xnu_##name, member) == offsetof(struct name, member) &&                   \
                       MEMBER_SIZE(struct xnu_##name, member) == MEMBER_SIZE(struct name, member),           \
                   #member " of struct " #name " is elsewhere, or has another size");

#include "xnu_names.h" /* made by xnu_names.cmake */

#include "darwin/xnu_structs.h"

/* the time of a frame, and what interfaces count by: it has a header of its own, which <net/if_var.h> includes */
STRUCT(timeval32)
MEMBER(timeval32, tv_sec)
MEMBER(timeval32, tv_usec)
MEMBER(in_addr, s_addr)

/* those with names of our own */
_Static_assert(sizeof(struct xnu_in_aliasreq) == sizeof(struct ifaliasreq), "struct ifaliasreq");
_Static_assert(offsetof(struct xnu_in_aliasreq, ifra_mask) == offsetof(struct ifaliasreq, ifra_mask),
               "ifra_mask");
_Static_assert(offsetof(struct xnu_extern_proc, p_start) == offsetof(struct extern_proc, p_starttime),
               "p_starttime");
