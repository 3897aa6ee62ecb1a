/* SPDX-License-Identifier: Apache-2.0 */
/* A user's program: lwIP with the driver on an in-process cable; its first frames arrive at the other end. */
#include <feth/io.h>
#include <lwip/init.h>
#include <lwip/sys.h>
#include <netif/fethif.h>
#include <netif/lwip_port.h>

#include <stdio.h>
#include <stdlib.h>

static void on_assertion(const char *what, const char *file, int line, void *arg)
{
    (void)arg;
    fprintf(stderr, "lwIP: %s (%s:%d)\n", what, file, line);
    abort();
}

int main(void)
{
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    struct fethif *driver;
    static struct netif netif;
    ip4_addr_t ip, mask, gateway = {0};

    if (feth_memory_pair(ends, NULL, &err) < 0)
        return fprintf(stderr, "%s\n", err.text), 1;
    lwip_port_set_hooks(&(struct lwip_port_hooks){.assertion = on_assertion});
    lwip_init();
    u32_t started = sys_now();
    IP4_ADDR(&ip, 10, 0, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    struct fethif_config config = {.size = sizeof(config), .io = ends[0]};
    if (fethif_new(&driver, &config, &err) < 0)
        return fprintf(stderr, "%s\n", err.text), 1;
    if (!netif_add(&netif, &ip, &mask, &gateway, driver, fethif_init, netif_input))
        return fprintf(stderr, "lwIP does not take the interface\n"), 1;
    netif_set_up(&netif);
    int n = feth_io_recv_batch(ends[1], &frame, 1, &err);
    if (n == 1)
        printf("lwIP %s sent %u bytes within %u ms\n", LWIP_VERSION_STRING, (unsigned)frame.len,
               (unsigned)(sys_now() - started));
    LWIP_ASSERT("a frame has a header", n != 1 || frame.len >= FETH_FRAME_MIN);
    feth_frames_release(&frame, n == 1);
    netif_remove(&netif);
    fethif_free(driver);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    return n != 1;
}
