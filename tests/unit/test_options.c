/* SPDX-License-Identifier: Apache-2.0 */
/* lwip-echo's arguments. */
#include "cmocka_all.h"

#include <getopt.h>
#include <string.h>
#include <sys/socket.h>

#include "options.h"

enum { MAX_ARGS = 16, GO_ON = -1, HELPED = 0, USAGE = 2 };

/* Parse a list of words that ends with NULL. */
static int parse(struct options *o, const char *const *words)
{
    static char copies[MAX_ARGS][64];
    static char *argv[MAX_ARGS + 1];
    int argc = 0;

    for (; words[argc]; argc++) {
        assert_true(argc < MAX_ARGS && strlen(words[argc]) < sizeof(copies[0]));
        argv[argc] = strcpy(copies[argc], words[argc]);
    }
    argv[argc] = NULL;
#ifdef __GLIBC__
    optind = 0; /* begin anew: getopt_long(3) */
#else
    optreset = optind = 1;
#endif
    return options_parse(argc, argv, o);
}

#define PARSE(o, ...) parse(o, (const char *const[]){"lwip-echo", ##__VA_ARGS__, NULL})

static void assert_addr(const struct feth_addr *addr, const char *text)
{
    char got[FETH_ADDR_TEXT_SIZE];

    assert_string_equal(feth_addr_format(addr, got), text);
}

static void test_defaults(void **state)
{
    (void)state;
    struct options o;

    assert_int_equal(parse(&o, (const char *const[]){"lwip-echo", NULL}), GO_ON);
    assert_addr(&o.host4, "10.0.0.1/24");
    assert_addr(&o.addr4, "10.0.0.2/24");
    assert_addr(&o.host6, "fd00:feed::1/64");
    assert_addr(&o.addr6, "fd00:feed::2/64");
    assert_true(o.offload);
    assert_false(o.impair || o.netns || o.selftest || o.verbose || o.has_mac);
    assert_null(o.host);
    assert_null(o.io);
    assert_null(o.command);
    assert_int_equal(o.mtu, 0);
    assert_int_equal(o.host_offload, 0);
    assert_int_equal(o.seed, 1);
}

static void test_all(void **state)
{
    (void)state;
    struct options o;

    assert_int_equal(PARSE(&o, "--host", "feth7", "--io=feth8", "--host-addr", "192.168.9.5/28", "--addr6",
                           "fd00:feed::77", "--mtu", "9000", "--mac", "2:0:a:0:0:2", "--offload", "off",
                           "-v"),
                     GO_ON);
    assert_string_equal(o.host, "feth7");
    assert_string_equal(o.io, "feth8");
    assert_addr(&o.addr4, "192.168.9.6/28"); /* the host's neighbour */
    assert_addr(&o.addr6, "fd00:feed::77/64");
    assert_int_equal(o.mtu, 9000);
    assert_true(o.has_mac && o.mac[2] == 10 && o.mac[5] == 2);
    assert_false(o.offload);
    assert_true(o.verbose);
    assert_int_equal(PARSE(&o, "--host-offload", "csum"), GO_ON);
    assert_int_equal(o.host_offload, FETH_OFFLOAD_CSUM);
    assert_int_equal(PARSE(&o, "--host-offload", "all", "--host", "feth7", "--io", "feth8"), GO_ON);
    assert_int_equal(o.host_offload, FETH_OFFLOAD_ALL);
    assert_int_equal(PARSE(&o, "--host-offload=tso", "--host-offload=off", "--io", "feth8"), GO_ON);
    assert_int_equal(o.host_offload, 0);
    assert_int_equal(o.tx_path, FETH_TX_AUTO);
    assert_int_equal(PARSE(&o, "--send-by", "ndrv-writev"), GO_ON);
    assert_int_equal(o.tx_path, FETH_TX_NDRV_WRITEV);
    assert_int_equal(PARSE(&o, "--send-by", "packet"), USAGE);

    assert_int_equal(
        PARSE(&o, "--loss", "2%", "--dup", "0.01", "--delay", "20ms", "--jitter", "1.5ms", "--rate", "10M"),
        GO_ON);
    assert_true(o.impair);
    assert_true(o.impairment.loss > 0.0199 && o.impairment.loss < 0.0201);
    assert_true(o.impairment.duplicate > 0.0099 && o.impairment.duplicate < 0.0101);
    assert_int_equal(o.impairment.delay_ns, 20000000);
    assert_int_equal(o.impairment.jitter_ns, 1500000);
    assert_int_equal(o.impairment.rate_bps, 10000000);

    assert_int_equal(PARSE(&o, "--reorder", "100%", "--corrupt", "0", "--seed", "18446744073709551615",
                           "--stats", "0.5", "--pcap", "x.pcap"),
                     GO_ON);
    assert_true(o.impairment.reorder >= 1 && o.impairment.reorder <= 1);
    assert_true(o.seed == UINT64_MAX);
    assert_string_equal(o.pcap, "x.pcap");
}

static void test_neighbours(void **state)
{
    (void)state;
    struct options o;

    assert_int_equal(PARSE(&o, "--host-addr", "10.0.0.2/30"), GO_ON);
    assert_addr(&o.addr4, "10.0.0.1/30");
    assert_int_equal(PARSE(&o, "--host-addr", "10.0.0.1/30"), GO_ON);
    assert_addr(&o.addr4, "10.0.0.2/30");
    assert_int_equal(PARSE(&o, "--host-addr", "10.0.0.254/24"), GO_ON);
    assert_addr(&o.addr4, "10.0.0.253/24");
    assert_int_equal(PARSE(&o, "--host-addr", "10.0.0.62/26"), GO_ON);
    assert_addr(&o.addr4, "10.0.0.61/26"); /* 63 is the broadcast address */
    assert_int_equal(PARSE(&o, "--host-addr", "10.0.0.255/16"), GO_ON);
    assert_addr(&o.addr4, "10.0.0.254/16");
    assert_int_equal(PARSE(&o, "--host-addr6", "fd00::ff/64"), GO_ON);
    assert_addr(&o.addr6, "fd00::fe/64");
}

static void test_command(void **state)
{
    (void)state;
    struct options o;

    assert_int_equal(PARSE(&o, "--netns"), GO_ON);
    assert_true(o.netns);
    assert_null(o.command);
    assert_int_equal(PARSE(&o, "--netns", "--", "ping", "-c", "1", "--mtu"), GO_ON);
    assert_string_equal(o.command[0], "ping");
    assert_string_equal(o.command[3], "--mtu"); /* the command's, not ours */
    assert_int_equal(PARSE(&o, "--", "ping"), USAGE);
    assert_int_equal(PARSE(&o, "--netns", "ping"), USAGE);
}

static void test_help(void **state)
{
    (void)state;
    struct options o;

    assert_int_equal(PARSE(&o, "--help"), HELPED);
    assert_int_equal(PARSE(&o, "-h"), HELPED);
    assert_int_equal(PARSE(&o, "--version"), HELPED);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[][5] = {
        {"--nonsense"},
        {"-x"},
        {"word"},
        {"--mtu"},
        {"--mtu", "575"},
        {"--mtu", "65522"},
        {"--mtu", "1500x"},
        {"--mtu", "-1500"},
        {"--mtu", "99999999999999999999"},
        {"--mac", "01:00:00:00:00:00"},
        {"--mac", "nonsense"},
        {"--host", "eth0"},
        {"--host", "feth32768"},
        {"--host", "feth01"},
        {"--io", "a-name-that-is-too-long"},
        {"--io", ""},
        {"--host", "feth1", "--io", "feth1"},
        {"--host", "feth1", "--io", "eth0"},
        {"--host-addr", "10.0.0.1/33"},
        {"--host-addr", "10.0.0.1/31"},
        {"--host-addr", "10.0.0.1/0"},
        {"--host-addr", "10.0.0.1"},
        {"--host-addr", "10.0.0/24"},
        {"--host-addr", "fd00::1/64"},
        {"--addr", "fd00::2"},
        {"--addr6", "10.0.0.2"},
        {"--host-addr6", "10.0.0.1/24"},
        {"--addr", "10.0.1.2"},
        {"--addr", "10.0.0.1"},
        {"--addr", "10.0.0.2/25"},
        {"--host-addr6", "fd00::1/127"},
        {"--host-addr", "10.0.0.255/24"},
        {"--host-addr", "10.0.0.0/24"},
        {"--host-addr", "224.0.0.1/24"},
        {"--host-addr", "127.0.0.1/24"},
        {"--host-addr", "0.0.0.1/24"},
        {"--addr", "10.0.0.255"},
        {"--addr", "10.0.0.0"},
        {"--host-addr6", "ff02::1/64"},
        {"--host-addr6", "fe80::1/64"},
        {"--host-addr6", "::1/64"},
        {"--addr6", "fd00:feed::"},
        {"--offload", "maybe"},
        {"--host-offload", "on"},
        {"--host-offload", ""},
        {"--loss", "101%"},
        {"--loss", "1.1"},
        {"--loss", "-1%"},
        {"--loss", "nan"},
        {"--loss", "0x1"},
        {"--dup", "2 %"},
        {"--corrupt", ""},
        {"--reorder", "inf"},
        {"--delay", "20"},
        {"--delay", "61s"},
        {"--jitter", "1h"},
        {"--rate", "999"},
        {"--rate", "10T"},
        {"--seed", "1.5"},
        {"--seed", "18446744073709551616"},
        {"--stats", "0"},
        {"--stats", "1s"},
        {"--netns", "--io", "eth0"},
        {"--selftest", "--netns"},
        {"--selftest", "--host", "feth1"},
    };
    struct options o;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *words[6] = {"lwip-echo"};
        memcpy(words + 1, bad[i], sizeof(bad[i]));
        if (parse(&o, words) != USAGE)
            fail_msg("taken: %s %s", bad[i][0], bad[i][1] ? bad[i][1] : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_all),  cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_command),  cmocka_unit_test(test_help), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
