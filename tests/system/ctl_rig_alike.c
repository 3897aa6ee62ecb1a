/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the control functions share on every system. */
#include "ctl_rig.h"

#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct feth_ctl *ctl;
struct feth_error err;

/* ---- checks ------------------------------------------------------------------------------------------------- */

void rig_poison(void)
{
    memset(&err, 0x5a, sizeof(err));
}

int rig_ok(int ret)
{
    struct feth_error untouched;

    if (ret < 0)
        fail_msg("%s: %s", feth_code_name(ret), err.text);
    memset(&untouched, 0x5a, sizeof(untouched));
    assert_memory_equal(&err, &untouched, sizeof(err));
    return ret;
}

void rig_refused(int ret, int code, const char *says)
{
    if (ret != code)
        fail_msg("%s instead of %s: %s", feth_code_name(ret), feth_code_name(code), ret < 0 ? err.text : "");
    assert_int_equal(err.code, code);
    assert_false(err.incomplete);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    rig_poison();
}

struct feth_status rig_status(const char *name)
{
    struct feth_status s;

    rig_ok(feth_get_status(ctl, name, &s, &err));
    return s;
}

struct feth_addr rig_addr(const char *cidr)
{
    struct feth_addr addr;

    assert_int_equal(feth_addr_parse(cidr, &addr, NULL), 0);
    return addr;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

bool rig_has_addr(const char *ifname, const char *cidr)
{
    struct feth_addr want = rig_addr(cidr), have;
    struct ifaddrs *all;
    bool found = false;

    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
        if (strcmp(i->ifa_name, ifname) == 0 && rig_read_addr(i, &have) &&
            memcmp(&want, &have, sizeof(want)) == 0)
            found = true;
    freeifaddrs(all);
    return found;
}

char *rig_look(enum rig_look what)
{
    struct feth_status *list;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    rig_say_system(to, what);
    int n = feth_list(ctl, &list, NULL);
    assert_true(n >= 0);
    for (int i = 0; i < n; i++)
        fprintf(to, "%s peer \"%s\" up %d carrier %d nud %d accept_ra %d ownership %d\n", list[i].name,
                what == RIG_ALL ? list[i].peer : "", list[i].up, what == RIG_ALL ? list[i].carrier : 0,
                list[i].nud, list[i].accept_ra, (int)list[i].ownership);
    feth_list_free(list, n);
    assert_int_equal(fclose(to), 0);
    return text;
}

void rig_same(char *before, enum rig_look what)
{
    char *after = rig_look(what);

    if (strcmp(before, after) != 0)
        fail_msg("before:\n%safter:\n%s", before, after);
    free(before);
    free(after);
}

/* ---- interfaces to begin with ------------------------------------------------------------------------------- */

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};
static const uint8_t mac2[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 2};

void rig_make_two(void)
{
    static const char *const addrs[] = {"10.0.0.1/24", "10.0.0.7/24", "192.0.2.1/30", "fd00::1/64",
                                        "fd00::7/64"};
    struct feth_config rich = FETH_CONFIG_INIT, poor = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    rich.addrs = addrs;
    rich.n_addrs = 5;
    rich.mtu = 9000;
    rich.mac = mac1;
    rich.up = true;
    rich.nud = FETH_OFF;
    rich.accept_ra = FETH_OFF;
    rich.lifetime = FETH_PERSISTENT;
    poor.mtu = 1280;
    rig_ok(feth_create(ctl, &rich, name, &err));
    rig_ok(feth_create(ctl, &poor, name, &err));
}

void rig_peers(const char *a, const char *b)
{
    char peer[FETH_NAME_SIZE];

    rig_ok(feth_get_peer(ctl, a, peer, &err));
    assert_string_equal(peer, b ? b : "");
    if (b) {
        rig_ok(feth_get_peer(ctl, b, peer, &err));
        assert_string_equal(peer, a);
    }
}

void rig_make_feth20(void)
{
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = 20;
    rig_ok(feth_create(ctl, &config, name, &err));
}

void rig_all_refused(const char *name, int code, const char *says)
{
    struct feth_addr addr = rig_addr("10.0.0.1/24");
    struct feth_pair pair = {.host = "feth20"};

    rig_refused(feth_destroy(ctl, name, &err), code, says);
    rig_refused(feth_set_peer(ctl, name, "feth20", &err), code, says);
    rig_refused(feth_set_peer(ctl, "feth20", name, &err), code, says);
    rig_refused(feth_set_peer(ctl, name, NULL, &err), code, says);
    rig_refused(feth_add_addr(ctl, name, &addr, &err), code, says);
    rig_refused(feth_del_addr(ctl, name, &addr, &err), code, says);
    rig_refused(feth_set_mtu(ctl, name, 1400, &err), code, says);
    rig_refused(feth_set_mac(ctl, name, mac2, &err), code, says);
    rig_refused(feth_set_up(ctl, name, true, &err), code, says);
    rig_refused(feth_set_nud(ctl, name, false, &err), code, says);
    rig_refused(feth_set_accept_ra(ctl, name, false, &err), code, says);
    if (code != FETH_ENOIF && strlen(name) < sizeof(pair.io)) {
        memcpy(pair.io, name, strlen(name) + 1);
        memcpy(pair.host, name, strlen(name) + 1);
        rig_refused(feth_pair_destroy(ctl, &pair, &err), code, says);
    }
}
