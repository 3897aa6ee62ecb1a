/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/io_offload.h
 * What a feth that was made for offload (net.link.fake.hwcsum, net.link.fake.tso_support) leaves out of its frames, as
 * the metadata of feth/io.h; and sending by it.
 */
#ifndef FETH_DARWIN_IO_OFFLOAD_H
#define FETH_DARWIN_IO_OFFLOAD_H

#include <feth/io.h>

/** What both ends of a cable were made for. */
struct feth_assist {
    bool rx_csum; /**< the far end's stack leaves checksums out */
    bool rx_tso;  /**< and sends TCP frames larger than the MTU */
    bool tx_csum; /**< nobody looks at the checksums of what we send */
    bool tx_tso;  /**< and frames larger than the MTU are expected of us */
};

/** @param peer the far end; "": none  @return false: the kernel does not tell, and nothing was written */
bool feth_assist_read(struct feth_assist *assist, const char *ifname, const char *peer);

/**
 * Describe a received frame, and fill in the checksum of its IPv4 header.
 * @param frame whole; its memory is written to
 */
void feth_rx_describe(struct feth_frame *frame, const struct feth_assist *assist, unsigned mtu);

/** How many more pieces feth_tx_complete() may make of a frame than it has. */
#define FETH_TX_COMPLETE_MORE 3

/**
 * The pieces of a frame whose transport checksum is to be completed, with the complete one in its place.
 * @param tx with valid metadata, FETH_CSUM_NEEDED set
 * @param[out] sum room for the checksum, which a piece refers to
 * @param[out] to room for the frame's pieces and FETH_TX_COMPLETE_MORE
 * @return how many they are
 */
unsigned feth_tx_complete(const struct feth_tx *tx, uint8_t sum[2], struct iovec *to);

#endif
