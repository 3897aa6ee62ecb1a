/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every step fails once.  The linker (--wrap) puts the functions below before libmnl's send, before write (settings in
 * /proc) and before the allocator; for each operation the first call fails, then the second, and so on, until nothing
 * was left to fail.  After a failure everything is as before, or the error says that it is not.
 */
#include "ctl_rig.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

/* ---- faults ------------------------------------------------------------------------------------------------- */

enum { SEND = 1, WRITE = 2, ALLOC = 4 };

static struct fault {
    int kinds;       /* which calls are counted; 0: none */
    unsigned at;     /* which of them fails, from 1 on */
    bool ever_after; /* and all that follow */
    int error;       /* with this errno */
    unsigned calls;  /* so many were made */
    unsigned failed; /* so many failed */
} fault;

static bool fails(int kind)
{
    if (!(fault.kinds & kind))
        return false;
    fault.calls++;
    if (fault.calls != fault.at && !(fault.ever_after && fault.calls > fault.at))
        return false;
    fault.failed++;
    errno = kind == ALLOC ? ENOMEM : fault.error;
    return true;
}

ssize_t __real_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len);
ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
    return fails(SEND) ? -1 : __real_mnl_socket_sendto(nl, buf, len);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
    return fails(WRITE) ? -1 : __real_write(fd, buf, len);
}

void *__wrap_malloc(size_t size)
{
    return fails(ALLOC) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(ALLOC) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails(ALLOC) ? NULL : __real_realloc(old, size);
}

/* ---- operations --------------------------------------------------------------------------------------------- */

static const char *const host_addrs[] = {"10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64"};
static const uint8_t mac[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 9};

static struct feth_config rich(int unit)
{
    struct feth_config config = FETH_CONFIG_INIT;

    config.unit = unit;
    config.addrs = host_addrs;
    config.n_addrs = 4;
    config.mtu = 9000;
    config.mac = mac;
    config.up = true;
    config.nud = FETH_OFF;
    config.accept_ra = FETH_OFF;
    return config;
}

/* feth0 and feth1: a pair; feth2, rich, and feth3: without peers */
static void make_all(void)
{
    struct feth_config config[4] = {rich(0), FETH_CONFIG_INIT, rich(2), FETH_CONFIG_INIT};
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    config[1].unit = 1;
    config[1].up = true;
    config[3].unit = 3;
    assert_int_equal(rig_clear(NULL), 0);
    rig_ok(feth_pair_create(ctl, &config[0], &config[1], &pair, &err));
    rig_ok(feth_create(ctl, &config[2], name, &err));
    rig_ok(feth_create(ctl, &config[3], name, &err));
}

static int create(void)
{
    struct feth_config config = rich(7);
    char name[FETH_NAME_SIZE];

    return feth_create(ctl, &config, name, &err);
}

static int pair_create(void)
{
    struct feth_config host = rich(FETH_UNIT_AUTO), io = FETH_CONFIG_INIT;
    struct feth_pair pair;

    io.up = true;
    io.nud = FETH_OFF;
    return feth_pair_create(ctl, &host, &io, &pair, &err);
}

static int set_peer(void)
{
    return feth_set_peer(ctl, "feth2", "feth3", &err);
}

static int remove_peer(void)
{
    return feth_set_peer(ctl, "feth1", NULL, &err);
}

static int destroy_end(void)
{
    return feth_destroy(ctl, "feth1", &err);
}

static int destroy_single(void)
{
    return feth_destroy(ctl, "feth2", &err);
}

static int pair_destroy(void)
{
    struct feth_pair pair = {.host = "feth0", .io = "feth1"};

    return feth_pair_destroy(ctl, &pair, &err);
}

/* The two are no pair any more, so they are destroyed one after the other. */
static int pair_destroy_parted(void)
{
    struct feth_pair pair = {.host = "feth2", .io = "feth3"};

    return feth_pair_destroy(ctl, &pair, &err);
}

static int add_addr4(void)
{
    struct feth_addr addr = {.family = AF_INET, .bytes = {10, 9, 0, 1}, .prefix = 24};

    return feth_add_addr(ctl, "feth1", &addr, &err);
}

static int add_addr6(void)
{
    struct feth_addr addr = {.family = AF_INET6, .bytes = {0xfd, 9, [15] = 1}, .prefix = 64};

    return feth_add_addr(ctl, "feth1", &addr, &err);
}

static int del_addr(void)
{
    struct feth_addr addr = {.family = AF_INET, .bytes = {10, 0, 0, 1}, .prefix = 24};

    return feth_del_addr(ctl, "feth2", &addr, &err);
}

static int set_mtu(void)
{
    return feth_set_mtu(ctl, "feth2", 1400, &err);
}

static int set_mac(void)
{
    return feth_set_mac(ctl, "feth3", mac, &err);
}

static int set_up(void)
{
    return feth_set_up(ctl, "feth3", true, &err);
}

static int set_nud(void)
{
    return feth_set_nud(ctl, "feth3", false, &err);
}

static int set_accept_ra(void)
{
    return feth_set_accept_ra(ctl, "feth3", false, &err);
}

static int list(void)
{
    struct feth_status *all;
    int n = feth_list(ctl, &all, &err);

    feth_list_free(all, n);
    return n < 0 ? n : 0;
}

static int open_and_close(void)
{
    struct feth_ctl *other;
    int ret = feth_ctl_open(&other, &err);

    feth_ctl_close(other);
    return ret;
}

static const struct operation {
    const char *name;
    int (*run)(void);
    bool no_way_back; /* two interfaces are deleted: between them it cannot be undone */
} operations[] = {
    {"create", create, false},
    {"pair_create", pair_create, false},
    {"set_peer", set_peer, true},
    {"remove_peer", remove_peer, false},
    {"destroy_end", destroy_end, false},
    {"destroy_single", destroy_single, false},
    {"pair_destroy", pair_destroy, false},
    {"pair_destroy_parted", pair_destroy_parted, true},
    {"add_addr4", add_addr4, false},
    {"add_addr6", add_addr6, false},
    {"del_addr", del_addr, false},
    {"set_mtu", set_mtu, false},
    {"set_mac", set_mac, false},
    {"set_up", set_up, false},
    {"set_nud", set_nud, false},
    {"set_accept_ra", set_accept_ra, false},
    {"list", list, false},
    {"open_and_close", open_and_close, false},
};

/* ---- the tests ---------------------------------------------------------------------------------------------- */

/* What failed says so, and what is not as before is said to be so.  Returns whether all is as before. */
static bool check_failure(const struct operation *op, const struct fault *f, int ret, const char *before)
{
    char *after = rig_look(RIG_ALL);
    bool same = strcmp(before, after) == 0;

    if (err.code != ret || err.text[0] == '\0')
        fail_msg("%s, call %u: the error is not described", op->name, f->at);
    if (!same && !err.incomplete)
        fail_msg("%s, call %u (%s):\nbefore:\n%safter:\n%s", op->name, f->at, err.text, before, after);
    if (err.incomplete && !f->ever_after && !op->no_way_back)
        fail_msg("%s, call %u: %s", op->name, f->at, err.text);
    free(after);
    return same;
}

/* Let each call of these kinds fail in turn.  Returns how often the operation failed. */
static unsigned fail_each(const struct operation *op, int kinds, int error, bool ever_after)
{
    unsigned refused = 0;

    make_all();
    char *before = rig_look(RIG_ALL);
    for (unsigned at = 1; at < 1000; at++) {
        memset(&err, 0x5a, sizeof(err));
        fault = (struct fault){.kinds = kinds, .at = at, .error = error, .ever_after = ever_after};
        int ret = op->run();
        struct fault was = fault;
        fault = (struct fault){0};
        if (was.failed == 0) {
            rig_ok(ret);
            break;
        }
        refused += ret < 0;
        if (ret < 0 && check_failure(op, &was, ret, before))
            continue;
        if (ret == 0)
            rig_ok(ret); /* it could do without */
        free(before);
        make_all();
        before = rig_look(RIG_ALL);
    }
    free(before);
    return refused;
}

static void each_operation(int kinds, int error, bool ever_after, unsigned at_least)
{
    unsigned refused = 0;

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        refused += fail_each(&operations[i], kinds, error, ever_after);
    print_message("%u failures\n", refused);
    assert_true(refused >= at_least);
}

static void test_one_request_fails(void **state)
{
    (void)state;
    each_operation(SEND, EPERM, false, 100);
}

static void test_requests_fail_from_then_on(void **state)
{
    (void)state;
    each_operation(SEND, ENOBUFS, true, 100);
}

/* Also the way of kernels before Linux 6.2, which rename no interface that is up. */
static void test_kernel_is_busy(void **state)
{
    (void)state;
    static const struct operation *const ops[] = {&operations[2], &operations[3], &operations[4]};

    for (size_t i = 0; i < 3; i++)
        assert_true(fail_each(ops[i], SEND, EBUSY, false) > 0);
}

static void test_settings_cannot_be_written(void **state)
{
    (void)state;
    each_operation(WRITE, EROFS, false, 3);
    each_operation(WRITE, EACCES, false, 3);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    each_operation(ALLOC, ENOMEM, false, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_request_fails), RIG_TEST(test_requests_fail_from_then_on),
        RIG_TEST(test_kernel_is_busy),    RIG_TEST(test_settings_cannot_be_written),
        RIG_TEST(test_out_of_memory),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
