/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ifaces.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>

#include "core/fail.h"
#include "linux/nud.h"

/* ---- links -------------------------------------------------------------------------------------------------- */

static struct feth_iface *append(struct feth_ifaces *ifaces)
{
    if ((ifaces->n & (ifaces->n - 1)) == 0) { /* grow at each power of two */
        struct feth_iface *more = realloc(ifaces->list, (ifaces->n ? ifaces->n * 2 : 1) * sizeof(*more));
        if (!more)
            return NULL;
        ifaces->list = more;
    }
    struct feth_iface *iface = &ifaces->list[ifaces->n++];
    memset(iface, 0, sizeof(*iface));
    iface->addr_gen_mode = -1;
    return iface;
}

static void read_counters(const struct nlattr *attr, struct feth_counters *c)
{
    struct rtnl_link_stats64 s = {0};
    size_t len = mnl_attr_get_payload_len(attr);

    memcpy(&s, mnl_attr_get_payload(attr), len < sizeof(s) ? len : sizeof(s)); /* it grew over the years */
    *c = (struct feth_counters){
        .rx_frames = s.rx_packets,
        .rx_bytes = s.rx_bytes,
        .rx_errors = s.rx_errors,
        .rx_dropped = s.rx_dropped,
        .tx_frames = s.tx_packets,
        .tx_bytes = s.tx_bytes,
        .tx_errors = s.tx_errors,
        .tx_dropped = s.tx_dropped,
    };
}

static int read_inet6(const struct nlattr *attr, void *arg)
{
    struct feth_iface *iface = arg;

    if (mnl_attr_get_type(attr) == IFLA_INET6_ADDR_GEN_MODE)
        iface->addr_gen_mode = mnl_attr_get_u8(attr);
    if (mnl_attr_get_type(attr) == IFLA_INET6_CONF &&
        mnl_attr_get_payload_len(attr) >= (DEVCONF_DISABLE_IPV6 + 1) * sizeof(int32_t)) {
        const int32_t *conf = mnl_attr_get_payload(attr);
        iface->accept_ra = conf[DEVCONF_ACCEPT_RA];
        iface->disable_ipv6 = conf[DEVCONF_DISABLE_IPV6];
        iface->os.status.accept_ra = iface->accept_ra != 0;
    }
    return MNL_CB_OK;
}

static int read_inet(const struct nlattr *attr, void *arg)
{
    struct feth_iface *iface = arg;

    if (mnl_attr_get_type(attr) == IFLA_INET_CONF) {
        size_t size =
            mnl_attr_get_payload_len(attr); /* a newer kernel has more settings than its headers then */
        size = size < sizeof(iface->conf4) ? size : sizeof(iface->conf4);
        memcpy(iface->conf4, mnl_attr_get_payload(attr), size);
        iface->n_conf4 = (unsigned)(size / sizeof(iface->conf4[0]));
    }
    return MNL_CB_OK;
}

static int read_family(const struct nlattr *attr, void *arg)
{
    if (mnl_attr_get_type(attr) == AF_INET)
        (void)mnl_attr_parse_nested(attr, read_inet, arg);
    if (mnl_attr_get_type(attr) == AF_INET6)
        (void)mnl_attr_parse_nested(attr, read_inet6, arg);
    return MNL_CB_OK;
}

static int read_kind(const struct nlattr *attr, void *arg)
{
    if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && mnl_attr_validate(attr, MNL_TYPE_STRING) == 0)
        *(bool *)arg = strcmp(mnl_attr_get_str(attr), "veth") == 0;
    return MNL_CB_OK;
}

static void copy_text(char *to, size_t size, const struct nlattr *attr)
{
    const char *text = mnl_attr_get_str(attr);
    size_t len = strnlen(text, mnl_attr_get_payload_len(attr));

    to[0] = '\0';
    if (len < size) { /* a longer one is not ours */
        memcpy(to, text, len);
        to[len] = '\0';
    }
}

static int read_attr(const struct nlattr *attr, void *arg)
{
    struct feth_iface *iface = arg;
    struct feth_status *s = &iface->os.status;

    switch (mnl_attr_get_type(attr)) {
    case IFLA_IFNAME:
        copy_text(s->name, sizeof(s->name), attr);
        break;
    case IFLA_MTU:
        s->mtu = mnl_attr_get_u32(attr);
        break;
    case IFLA_ADDRESS:
        if (mnl_attr_get_payload_len(attr) == sizeof(s->mac))
            memcpy(s->mac, mnl_attr_get_payload(attr), sizeof(s->mac));
        break;
    case IFLA_LINK:
        iface->peer_ifindex = (int)mnl_attr_get_u32(attr);
        break;
    case IFLA_LINK_NETNSID:
        iface->peer_foreign = true;
        break;
    case IFLA_IFALIAS:
        copy_text(iface->os.mark, sizeof(iface->os.mark), attr);
        break;
    case IFLA_STATS64:
        read_counters(attr, &s->counters);
        break;
    case IFLA_AF_SPEC:
        (void)mnl_attr_parse_nested(attr, read_family, iface);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static int read_link(const struct nlmsghdr *nlh, void *arg)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
    const struct nlattr *attr;
    bool veth = false;

    if (nlh->nlmsg_type != RTM_NEWLINK)
        return MNL_CB_OK;
    /* The kind first: the kernel filters by it, but only does so from 4.4 on. */
    const char *end = mnl_nlmsg_get_payload_tail(nlh);
    for (attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(*info));
         mnl_attr_ok(attr, (int)(end - (const char *)attr)); attr = mnl_attr_next(attr))
        if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
            (void)mnl_attr_parse_nested(attr, read_kind, &veth);
    if (!veth)
        return MNL_CB_OK;

    struct feth_iface *iface = append(arg);
    if (!iface)
        return MNL_CB_ERROR;
    iface->ifindex = info->ifi_index;
    iface->os.status.flags = info->ifi_flags;
    iface->os.status.up = (info->ifi_flags & IFF_UP) != 0;
    iface->os.status.carrier = iface->os.status.up && (info->ifi_flags & IFF_LOWER_UP) != 0;
    (void)mnl_attr_parse(nlh, sizeof(*info), read_attr, iface);
    return MNL_CB_OK;
}

static void forget_links(void *arg)
{
    feth_ifaces_free(arg);
}

static int dump_links(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_GETLINK, 0, 0);

    struct nlattr *nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_str(nlh, IFLA_INFO_KIND, "veth");
    mnl_attr_nest_end(nlh, nest);
    return feth_nl_dump(ctl, nlh, forget_links, read_link, ifaces, answer);
}

/* ---- addresses ---------------------------------------------------------------------------------------------- */

struct addr_attrs {
    const struct nlattr *address, *local;
};

static int read_addr_attr(const struct nlattr *attr, void *arg)
{
    struct addr_attrs *a = arg;

    if (mnl_attr_get_type(attr) == IFA_ADDRESS)
        a->address = attr;
    if (mnl_attr_get_type(attr) == IFA_LOCAL)
        a->local = attr;
    return MNL_CB_OK;
}

static int read_addr(const struct nlmsghdr *nlh, void *arg)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
    struct addr_attrs attrs = {0};

    if (nlh->nlmsg_type != RTM_NEWADDR || (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
        return MNL_CB_OK;
    struct feth_iface *iface = feth_ifaces_by_index(arg, (int)info->ifa_index);
    if (!iface)
        return MNL_CB_OK;
    (void)mnl_attr_parse(nlh, sizeof(*info), read_addr_attr, &attrs);
    /* with a point-to-point address IFA_ADDRESS is the far one */
    const struct nlattr *own = attrs.local ? attrs.local : attrs.address;
    size_t size = info->ifa_family == AF_INET ? 4 : 16;
    if (!own || mnl_attr_get_payload_len(own) != size)
        return MNL_CB_OK;

    struct feth_status *s = &iface->os.status;
    struct feth_addr *more = realloc(s->addrs, (s->n_addrs + 1) * sizeof(*more));
    if (!more)
        return MNL_CB_ERROR;
    s->addrs = more;
    struct feth_addr *addr = &more[s->n_addrs++];
    *addr = (struct feth_addr){.family = info->ifa_family, .prefix = info->ifa_prefixlen};
    memcpy(addr->bytes, mnl_attr_get_payload(own), size);
    return MNL_CB_OK;
}

static void forget_addrs(void *arg)
{
    struct feth_ifaces *ifaces = arg;

    for (size_t i = 0; i < ifaces->n; i++)
        feth_status_clear(&ifaces->list[i].os.status);
}

static int dump_addrs(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_GETADDR, 0);

    (void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
    return feth_nl_dump(ctl, nlh, forget_addrs, read_addr, ifaces, answer);
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

void feth_ifaces_free(struct feth_ifaces *ifaces)
{
    forget_addrs(ifaces);
    free(ifaces->list);
    ifaces->list = NULL;
    ifaces->n = 0;
}

struct feth_iface *feth_ifaces_by_name(const struct feth_ifaces *ifaces, const char *name)
{
    for (size_t i = 0; i < ifaces->n; i++)
        if (strcmp(ifaces->list[i].os.status.name, name) == 0)
            return &ifaces->list[i];
    return NULL;
}

static int by_index(const void *a, const void *b)
{
    int x = ((const struct feth_iface *)a)->ifindex, y = ((const struct feth_iface *)b)->ifindex;

    return (x > y) - (x < y);
}

struct feth_iface *feth_ifaces_by_index(const struct feth_ifaces *ifaces, int ifindex)
{
    const struct feth_iface key = {.ifindex = ifindex};

    if (ifaces->n == 0)
        return NULL;
    return bsearch(&key, ifaces->list, ifaces->n, sizeof(key), by_index);
}

bool feth_iface_is_stub(const struct feth_iface *iface)
{
    return strncmp(iface->os.status.name, FETH_STUB_PREFIX, strlen(FETH_STUB_PREFIX)) == 0;
}

void feth_iface_resolve_peer(const struct feth_ifaces *ifaces, struct feth_iface *iface)
{
    char *peer = iface->os.status.peer;

    peer[0] = '\0';
    if (iface->peer_foreign) {
        memcpy(peer, FETH_PEER_ELSEWHERE, sizeof(FETH_PEER_ELSEWHERE));
        return;
    }
    const struct feth_iface *other = feth_ifaces_by_index(ifaces, iface->peer_ifindex);
    if (other && !feth_iface_is_stub(other))
        memcpy(peer, other->os.status.name, FETH_NAME_SIZE);
}

int feth_ifaces_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_error *err)
{
    struct feth_nl_answer answer;

    memset(ifaces, 0, sizeof(*ifaces));
    int ret = dump_links(ctl, ifaces, &answer);
    if (ret == 0) {
        if (ifaces->n)
            qsort(ifaces->list, ifaces->n, sizeof(*ifaces->list), by_index);
        ret = dump_addrs(ctl, ifaces, &answer);
    }
    if (ret == 0)
        ret = feth_nud_read(ctl, ifaces, &answer);
    if (ret == 0)
        return 0;
    feth_ifaces_free(ifaces);
    return feth_nl_fail(&answer, "read interfaces", NULL, err);
}

static bool is_feth(const struct feth_iface *iface)
{
    return feth_unit_of_name(iface->os.status.name, NULL) >= 0;
}

static bool is_unfinished(const struct feth_iface *iface)
{
    return strncmp(iface->os.status.name, FETH_TEMPORARY_PREFIX, strlen(FETH_TEMPORARY_PREFIX)) == 0;
}

/* Those of a name, or of a kind. */
static int query(struct feth_os_ctl *ctl, const char *name, bool (*kind)(const struct feth_iface *iface),
                 struct feth_os_status **out, struct feth_error *err)
{
    struct feth_ifaces ifaces;
    int n = 0;

    *out = NULL;
    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    struct feth_os_status *list = malloc((ifaces.n + 1) * sizeof(*list));
    if (!list) {
        feth_ifaces_free(&ifaces);
        return feth_fail(err, FETH_ENOMEM, 0, "read interfaces", name, NULL);
    }
    for (size_t i = 0; i < ifaces.n; i++) {
        struct feth_iface *iface = &ifaces.list[i];
        struct feth_status *s = &iface->os.status;
        if (name ? strcmp(name, s->name) != 0 : !kind(iface))
            continue;
        feth_iface_resolve_peer(&ifaces, iface);
        list[n++] = iface->os;
        s->addrs = NULL; /* the caller's now */
        s->n_addrs = 0;
    }
    feth_ifaces_free(&ifaces);
    *out = list;
    return n;
}

int feth_os_query_unfinished(struct feth_os_ctl *ctl, struct feth_os_status **list, struct feth_error *err)
{
    return query(ctl, NULL, is_unfinished, list, err);
}

int feth_os_query(struct feth_os_ctl *ctl, const char *name, struct feth_os_status **out,
                  struct feth_error *err)
{
    int n = query(ctl, name, is_feth, out, err);

    if (!name || n)
        return n;
    free(*out);
    *out = NULL;
    if (if_nametoindex(name))
        return feth_fail(err, FETH_ENOTFETH, 0, "look up", name,
                         "an interface of this name exists, but is no veth: choose another name");
    return feth_fail(err, FETH_ENOIF, ENODEV, "look up", name, "there is no such interface");
}
