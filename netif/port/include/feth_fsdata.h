/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server's built-in files: none.  lwIP includes this in place of its own sample pages. */
#define FS_ROOT     ((const struct fsdata_file *)NULL)
#define FS_NUMFILES 0
