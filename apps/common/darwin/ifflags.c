/* SPDX-License-Identifier: Apache-2.0 */
/* The bits of xnu's net/if.h under the names that ifconfig(8) shows: written out, so that this compiles elsewhere. */
#include "ifflags.h"

#include <stddef.h>

const struct ifflag ifflags[] = {
    {0x1, "UP"},           {0x2, "BROADCAST"}, {0x4, "DEBUG"},    {0x8, "LOOPBACK"},  {0x10, "POINTOPOINT"},
    {0x20, "SMART"},       {0x40, "RUNNING"},  {0x80, "NOARP"},   {0x100, "PROMISC"}, {0x200, "ALLMULTI"},
    {0x400, "OACTIVE"},    {0x800, "SIMPLEX"}, {0x1000, "LINK0"}, {0x2000, "LINK1"},  {0x4000, "LINK2"},
    {0x8000, "MULTICAST"}, {0, NULL},
};
