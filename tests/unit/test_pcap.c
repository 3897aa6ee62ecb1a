/* SPDX-License-Identifier: Apache-2.0 */
/* The capture layer: what passes is in the file, and the file can be read while it is written. */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include <feth/io.h>

#include "layer_frames.h"

/* A file that goes whatever the test says. */
static int make_file(void **state)
{
    static char path[64];

    snprintf(path, sizeof(path), "/tmp/feth-test-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    *state = path;
    return 0;
}

static int remove_file(void **state)
{
    return unlink(*state);
}

/* Whether a program that is started does not get the file. */
static bool closed_on_exec(const char *path)
{
    struct stat file, open_one;
    bool found = false, closed = true;

    assert_int_equal(stat(path, &file), 0);
    for (int fd = 0; fd < 256; fd++)
        if (fstat(fd, &open_one) == 0 && open_one.st_ino == file.st_ino && open_one.st_dev == file.st_dev) {
            found = true;
            closed = closed && (fcntl(fd, F_GETFD) & FD_CLOEXEC);
        }
    return found && closed;
}

static void test_pcap(void **state)
{
    const char *path = *state;
    char text[PCAP_ERRBUF_SIZE];
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    uint8_t f[FRAME];

    open_pair(ends);
    unsigned caps = feth_io_caps(ends[0]);
    if (feth_io_pcap(&ends[0], path, 100, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(feth_io_caps(ends[0]), caps);
    assert_true(closed_on_exec(path));
    for (unsigned i = 0; i < 4; i += 2) {
        make_frame(f, i);
        struct iovec iov[3] = {{f, 14}, {f + 14, 1}, {f + 15, FRAME - 15}};
        assert_int_equal(feth_io_sendv(ends[0], iov, 3, NULL, &err), 0);
        make_frame(f, i + 1);
        assert_int_equal(feth_io_send(ends[1], f, FRAME, &err), 0);
        assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, &err), 1);
        feth_frames_release(&frame, 1);
    }
    assert_int_equal(feth_io_send(ends[0], f, 13, &err), FETH_ESHORT); /* what is refused is not there */

    /* readable while it is written */
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
    assert_non_null(pcap);
    assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
    struct pcap_pkthdr *header;
    const u_char *data;
    struct timeval last = {0, 0};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
        assert_int_equal(header->len, FRAME);
        assert_int_equal(header->caplen, 100);
        make_frame(f, i);
        assert_memory_equal(data, f, 100);
        assert_true(header->ts.tv_sec > last.tv_sec ||
                    (header->ts.tv_sec == last.tv_sec && header->ts.tv_usec >= last.tv_usec));
        last = header->ts;
    }
    assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
    pcap_close(pcap);
    close_pair(ends);
}

/* Standard output is the program's: it gets the capture, and is still open afterwards. */
static void test_standard_output(void **state)
{
    const char *path = *state;
    char text[PCAP_ERRBUF_SIZE];
    struct feth_io *ends[2];
    struct feth_error err;
    uint8_t f[FRAME];

    fflush(stdout);
    int saved = dup(STDOUT_FILENO), file = open(path, O_WRONLY | O_TRUNC);
    assert_true(saved >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    close(file);
    open_pair(ends);
    int ret = feth_io_pcap(&ends[0], "-", 0, &err);
    make_frame(f, 7);
    if (ret == 0)
        ret = feth_io_send(ends[0], f, FRAME, &err);
    close_pair(ends);
    bool closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    close(saved);
    assert_int_equal(ret, 0);
    assert_false(closed);

    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
    assert_non_null(pcap);
    struct pcap_pkthdr *header;
    const u_char *data;
    assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
    assert_int_equal(header->caplen, FRAME);
    assert_memory_equal(data, f, FRAME);
    assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
    pcap_close(pcap);
}

static void test_pcap_errors(void **state)
{
    (void)state;
    struct feth_io *ends[2], *before;
    struct feth_error err;

    open_pair(ends);
    before = ends[0];
    assert_int_equal(feth_io_pcap(&ends[0], "/no/such/folder/x.pcap", 0, &err), FETH_ESYS);
    assert_non_null(strstr(err.text, "/no/such/folder/x.pcap"));
    assert_int_equal(feth_io_pcap(&ends[0], NULL, 0, &err), FETH_EINVAL);
    assert_int_equal(feth_io_pcap(&ends[0], "", 0, &err), FETH_EINVAL);
    assert_ptr_equal(ends[0], before);
    close_pair(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pcap, make_file, remove_file),
        cmocka_unit_test_setup_teardown(test_standard_output, make_file, remove_file),
        cmocka_unit_test(test_pcap_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
