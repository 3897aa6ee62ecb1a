/* SPDX-License-Identifier: Apache-2.0 */
/* Built without libpcap. */
#include "core/fail.h"

#include <feth/io.h>

int feth_io_pcap(struct feth_io **io, const char *path, unsigned snaplen, struct feth_error *err)
{
    (void)path;
    (void)snaplen;
    return feth_fail(err, FETH_ENOSUP, 0, "capture", feth_io_name(*io),
                     "this build has no libpcap: build with -DFETH_PCAP=ON");
}
