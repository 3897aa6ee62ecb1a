/* SPDX-License-Identifier: Apache-2.0 */
/* The model over TAP devices, in a network namespace of its own: the host's own stack is at the other end. */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "model_rig.h"
#include "tap_rig.h"

#define PORT     4242
#define PATIENCE 10000

static bool wait_for(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, PATIENCE) == 1;
}

static struct sockaddr_in at(const char *addr, uint16_t port)
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(port)};

    assert_int_equal(inet_pton(AF_INET, addr, &sin.sin_addr), 1);
    return sin;
}

/* A socket of the host's. */
static int host_socket(void)
{
    struct sockaddr_in me = at("0.0.0.0", PORT);
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), 0);
    assert_int_equal(bind(fd, (const void *)&me, sizeof(me)), 0);
    return fd;
}

static void host_says(int fd, const char *text)
{
    struct sockaddr_in all = at("10.0.0.255", PORT);

    assert_int_equal(sendto(fd, text, strlen(text), 0, (const void *)&all, sizeof(all)), strlen(text));
}

/* Read frames until one carries the text. */
static bool device_hears(int bpf, const char *text)
{
    static uint8_t buf[65536];

    while (wait_for(bpf)) {
        ssize_t n = read(bpf, buf, sizeof(buf));
        if (n > 0 && memmem(buf, (size_t)n, text, strlen(text)))
            return true;
    }
    return false;
}

/* UDP from 10.0.0.2 to the host, with its checksum left out and that of IPv4 filled in. */
static size_t datagram(uint8_t *frame, const char *text)
{
    static const uint8_t head[] = {0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1};
    size_t len = strlen(text);
    unsigned sum = 0;

    assert_true(model_interface("feth0", NULL, NULL, frame));
    memcpy(frame + 6, "\x02\0\0\0\0\x02\x08\0", 8);
    memcpy(frame + 14, head, sizeof(head));
    frame[17] = (uint8_t)(28 + len);
    for (size_t i = 0; i < sizeof(head); i += 2)
        sum += (unsigned)(frame[14 + i] << 8 | frame[15 + i]);
    sum = ~((sum & 0xffff) + (sum >> 16));
    frame[24] = (uint8_t)(sum >> 8);
    frame[25] = (uint8_t)sum;
    const uint8_t udp[8] = {PORT >> 8, PORT & 0xff, PORT >> 8, PORT & 0xff, 0, (uint8_t)(8 + len), 0, 0};
    memcpy(frame + 34, udp, 8);
    memcpy(frame + 42, text, len);
    return 42 + len;
}

static void device_says(int fd, const char *text)
{
    uint8_t frame[256];
    size_t len = datagram(frame, text);

    assert_int_equal(write(fd, frame, len), len);
}

static bool host_hears(int fd, const char *text)
{
    char buf[256];

    while (wait_for(fd)) {
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        if (n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0)
            return true;
    }
    return false;
}

/* ---- tests -------------------------------------------------------------------------------------------------- */

static void test_both_ways(void **state)
{
    (void)state;
    rig_pair();
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    int bpf = rig_bpf_on("feth1", 65536), ndrv = rig_ndrv("feth1"), host = host_socket();
    host_says(host, "from the host");
    assert_true(device_hears(bpf, "from the host"));
    device_says(bpf, "by BPF");
    assert_true(host_hears(host, "by BPF"));
    device_says(ndrv, "by NDRV");
    assert_true(host_hears(host, "by NDRV"));
    assert_int_equal(close(bpf), 0);
    assert_int_equal(close(ndrv), 0);
    assert_int_equal(close(host), 0);
}

static void run(const char *command)
{
    int status = system(command);

    assert_int_equal(status, 0);
}

/* feth0 and feth1 as ip(8) sees them. */
static void test_devices(void **state)
{
    (void)state;
    static const uint8_t mac[14] = {2, 0, 0, 0, 0, 9};

    assert_int_equal(rig_create("feth0"), 0);
    run("ip link show feth0 | grep -q 'mtu 1500'");
    assert_int_equal(rig_mtu("feth0", 1400), 0);
    assert_int_equal(rig_mac("feth0", mac, 6), 0);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    run("ip link show feth0 | grep -q 'mtu 1400'");
    run("ip link show feth0 | grep -q 02:00:00:00:00:09");
    run("ip link show feth0 | grep -q '[<,]UP[,>]'");
    run("ip addr show feth0 | grep -q 'inet 10.0.0.1/24 '");
    assert_int_equal(rig_del4("feth0", "10.0.0.1"), 0);
    run("! ip addr show feth0 | grep -q inet");
    assert_int_equal(rig_up("feth0", false), 0);
    run("! ip link show feth0 | grep -q '[<,]UP[,>]'");
    assert_int_equal(rig_destroy("feth0"), 0);
    run("! ip link show feth0 2>/dev/null");
}

static bool within(bool (*check)(void))
{
    for (int i = 0; i < PATIENCE; i++) {
        if (check())
            return true;
        usleep(1000);
    }
    return false;
}

static bool feth1_down(void)
{
    return !(rig_flags("feth1") & XNU_IFF_UP);
}

static bool feth1_gone(void)
{
    return !model_interface("feth1", NULL, NULL, NULL);
}

/* What the host's own tools do to a device is done to the interface. */
static void test_host_tools(void **state)
{
    (void)state;
    uint8_t buf[4096];

    rig_pair();
    int bpf = rig_bpf_on("feth1", sizeof(buf));
    run("ip link set feth1 down");
    assert_true(within(feth1_down));
    run("ip link del feth1");
    assert_true(within(feth1_gone));
    assert_int_equal(read(bpf, buf, sizeof(buf)), -1);
    assert_int_equal(errno, ENXIO);
    assert_int_equal(close(bpf), 0);
}

/* Runs a function in another process that finds the same kernel: a new program, since a fork has our mapping. */
static pid_t another(const char *what)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "darwin_model_tap", what, (char *)NULL);
        _exit(1);
    }
    return child;
}

static void ended_well(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_two_processes(void **state)
{
    (void)state;
    struct xnu_kev_request filter = {.vendor_code = 1, .kev_class = 1, .kev_subclass = XNU_KEV_DL_SUBCLASS};

    ended_well(another("create"));
    assert_int_equal(rig_flags("feth1") & XNU_IFF_UP, XNU_IFF_UP);
    int bpf = rig_bpf_on("feth1", 65536), host = host_socket();
    /* a second BPF device on the same interface, and it answers; until it is there it hears nothing */
    pid_t capture = another("capture");
    int status = -1;
    for (int i = 0; i < PATIENCE / 20 && waitpid(capture, &status, WNOHANG) == 0; i++) {
        host_says(host, "from the host");
        usleep(20000);
    }
    assert_int_equal(status, 0);
    assert_true(device_hears(bpf, "from the host"));
    assert_true(host_hears(host, "from the other process"));

    int events = socket(XNU_PF_SYSTEM, SOCK_RAW, XNU_SYSPROTO_EVENT);
    assert_int_equal(ioctl(events, XNU_SIOCSKEVFILT, &filter), 0);
    ended_well(another("destroy"));
    assert_true(wait_for(events));
    assert_true(feth1_gone());
    assert_int_equal(close(events), 0);
    assert_int_equal(close(bpf), 0);
    assert_int_equal(close(host), 0);
}

static int other_process(const char *what)
{
    if (strcmp(what, "create") == 0) {
        rig_pair();
        assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    } else if (strcmp(what, "destroy") == 0) {
        assert_int_equal(rig_destroy("feth1"), 0);
    } else {
        int bpf = rig_bpf_on("feth1", 65536);
        assert_true(device_hears(bpf, "from the host"));
        device_says(bpf, "from the other process");
    }
    return 0;
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_both_ways),
        TEST(test_devices),
        TEST(test_host_tools),
        TEST(test_two_processes),
    };

    if (argc > 1)
        return other_process(argv[1]);
    int status = tap_rig_enter();
    if (status)
        return status;
    return tap_rig_leave(cmocka_run_group_tests(tests, NULL, NULL));
}
