/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file offload.h
 * Doing in software what offload metadata leaves to be done: completing checksums, cutting large frames.
 * Frames and metadata may come from another process: nothing in them is trusted.
 */
#ifndef FETH_CORE_OFFLOAD_H
#define FETH_CORE_OFFLOAD_H

#include <feth/io.h>

/** The Internet checksum's sum (RFC 1071), not inverted, over len bytes and what was summed before. */
uint16_t feth_inet_sum(const uint8_t *data, size_t len, uint32_t before);

/** Whether metadata makes sense for a frame of len bytes: all that it points at is inside. */
bool feth_offload_valid(const struct feth_offload *o, size_t len);

/** Whether a handle of these capabilities accepts the metadata for sending. */
bool feth_offload_allowed(const struct feth_offload *o, unsigned caps);

/**
 * Complete the transport checksum of a frame that is not segmented, in place, and clear its metadata.  The metadata
 * must be valid.  A frame without FETH_CSUM_NEEDED stays as it is.
 */
void feth_offload_complete(struct feth_frame *frame);

/** A large frame that is being cut. */
struct feth_gso {
    const uint8_t *data;
    size_t headers;   /**< bytes of Ethernet to transport header: the start of each segment */
    size_t network;   /**< where the IP header starts */
    size_t transport; /**< where the TCP or UDP header starts */
    size_t checksum;  /**< where its checksum is */
    size_t payload;   /**< bytes behind the headers */
    size_t done;      /**< of these, cut off so far */
    size_t size;      /**< payload bytes of a segment */
    unsigned count;   /**< segments cut so far */
    bool ip6, udp;
};

/**
 * Begin to cut a frame with valid metadata whose gso_type is set.
 * @return false: its headers do not add up, and it is no use to anybody
 */
bool feth_gso_begin(struct feth_gso *gso, const struct feth_frame *frame);

/**
 * Cut the next segment: a complete frame with right lengths and checksums.
 * @param[out] out room for FETH_FRAME_MAX bytes
 * @return its length in bytes, or 0 when there is none left
 */
size_t feth_gso_next(struct feth_gso *gso, uint8_t *out);

#endif
