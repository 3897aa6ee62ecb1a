/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that the model knows, by name. */
#include "kernel.h"

#define REQUESTS(XX)                                                                                         \
    XX(SIOCIFCREATE)                                                                                         \
    XX(SIOCIFCREATE2)                                                                                        \
    XX(SIOCIFDESTROY)                                                                                        \
    XX(SIOCGIFFLAGS)                                                                                         \
    XX(SIOCSIFFLAGS)                                                                                         \
    XX(SIOCGIFEFLAGS)                                                                                        \
    XX(SIOCGIFMTU)                                                                                           \
    XX(SIOCSIFMTU)                                                                                           \
    XX(SIOCGIFDEVMTU)                                                                                        \
    XX(SIOCGIFLLADDR)                                                                                        \
    XX(SIOCSIFLLADDR)                                                                                        \
    XX(SIOCSIFDESC)                                                                                          \
    XX(SIOCGIFDESC)                                                                                          \
    XX(SIOCSDRVSPEC)                                                                                         \
    XX(SIOCGDRVSPEC)                                                                                         \
    XX(SIOCAIFADDR)                                                                                          \
    XX(SIOCDIFADDR)                                                                                          \
    XX(SIOCGIFADDR)                                                                                          \
    XX(SIOCGIFNETMASK)                                                                                       \
    XX(SIOCAIFADDR_IN6)                                                                                      \
    XX(SIOCDIFADDR_IN6)                                                                                      \
    XX(SIOCPROTOATTACH_IN6)                                                                                  \
    XX(SIOCPROTODETACH_IN6)                                                                                  \
    XX(SIOCLL_START)                                                                                         \
    XX(SIOCLL_STOP)                                                                                          \
    XX(SIOCAUTOCONF_START)                                                                                   \
    XX(SIOCAUTOCONF_STOP)                                                                                    \
    XX(SIOCGIFINFO_IN6)                                                                                      \
    XX(SIOCSIFINFO_FLAGS)                                                                                    \
    XX(SIOCSKEVFILT)                                                                                         \
    XX(BIOCGBLEN)                                                                                            \
    XX(BIOCSBLEN)                                                                                            \
    XX(BIOCFLUSH)                                                                                            \
    XX(BIOCPROMISC)                                                                                          \
    XX(BIOCGDLT)                                                                                             \
    XX(BIOCGETIF)                                                                                            \
    XX(BIOCSETIF)                                                                                            \
    XX(BIOCSRTIMEOUT)                                                                                        \
    XX(BIOCGSTATS)                                                                                           \
    XX(BIOCIMMEDIATE)                                                                                        \
    XX(BIOCVERSION)                                                                                          \
    XX(BIOCSHDRCMPLT)                                                                                        \
    XX(BIOCSSEESENT)                                                                                         \
    XX(BIOCSDIRECTION)                                                                                       \
    XX(BIOCSHEADDROP)                                                                                        \
    XX(BIOCSNOTSTAMP)                                                                                        \
    XX(BIOCSETTC)                                                                                            \
    XX(BIOCSBATCHWRITE)                                                                                      \
    XX(BIOCSWRITEMAX)

static const struct {
    unsigned long request;
    const char *name;
} table[] = {
#define REQUEST(name) {XNU_##name, #name},
    REQUESTS(REQUEST)
#undef REQUEST
};

const char *m_request_name(unsigned long request)
{
    /* an int by the time it is here where the caller has made one of it */
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if ((uint32_t)table[i].request == (uint32_t)request)
            return table[i].name;
    return NULL;
}
