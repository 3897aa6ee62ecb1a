/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dissect.h
 * One readable line for a frame, in the manner of tcpdump -n.
 */
#ifndef FETHCTL_DISSECT_H
#define FETHCTL_DISSECT_H

#include <stddef.h>
#include <stdint.h>

#define DISSECT_LINE 512 /**< room for the longest line; in less it is cut */

/**
 * Describe a frame.  Nothing but the captured bytes is looked at, no state is kept, and the line has printable ASCII
 * characters only, whatever the frame holds.
 * @param data from the Ethernet header on
 * @param have bytes at data
 * @param wire_len bytes that the frame had on the wire; where that is more, "[|tcp]" and the like tell which header
 * was cut
 * @param[out] line ends with NUL; no newline
 */
void dissect(const uint8_t *data, size_t have, size_t wire_len, char *line, size_t size);

#endif
