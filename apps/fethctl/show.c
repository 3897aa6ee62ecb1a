/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cli.h"
#include "commands.h"
#include "ifflags.h"
#include "sending.h"

char *show_mac(const uint8_t mac[FETH_MAC_SIZE], char text[SHOW_MAC_SIZE])
{
    (void)snprintf(text, SHOW_MAC_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                   mac[4], mac[5]);
    return text;
}

const char *show_state(const struct feth_status *s)
{
    return s->carrier ? "active" : s->up ? "up" : "down";
}

static const char *ownership_name(enum feth_ownership ownership)
{
    switch (ownership) {
    case FETH_OURS_ALIVE:
        return "alive";
    case FETH_OURS_DEAD:
        return "dead";
    case FETH_OURS_PERSISTENT:
        return "persistent";
    default:
        return "foreign";
    }
}

char *show_owner(const struct feth_status *s, char *text, size_t size)
{
    if (s->owner)
        (void)snprintf(text, size, "process %ld%s", (long)s->owner,
                       s->ownership == FETH_OURS_DEAD ? " (dead)" : "");
    else
        (void)snprintf(text, size, "%s", ownership_name(s->ownership));
    return text;
}

static const char *address_text(const struct feth_addr *addr, char text[INET6_ADDRSTRLEN])
{
    const char *ok = inet_ntop(addr->family, addr->bytes, text, INET6_ADDRSTRLEN);

    return ok ? ok : "?";
}

/* ---- text --------------------------------------------------------------------------------------------------- */

static void print_flags(unsigned flags)
{
    const char *separator = "";

    printf("flags=%x<", flags & 0xffff);
    for (const struct ifflag *f = ifflags; f->name; f++)
        if (flags & f->bit) {
            printf("%s%s", separator, f->name);
            separator = ",";
        }
    printf(">");
}

static void print_addr(const struct feth_addr *addr)
{
    char text[INET6_ADDRSTRLEN];

    if (addr->family == AF_INET) {
        uint32_t mask = addr->prefix ? UINT32_MAX << (32 - addr->prefix) : 0;
        printf("\tinet %s netmask 0x%08" PRIx32 " prefix %u\n", address_text(addr, text), mask, addr->prefix);
    } else {
        printf("\tinet6 %s prefix %u\n", address_text(addr, text), addr->prefix);
    }
}

static void print_more(const struct feth_status *s)
{
    const struct feth_counters *c = &s->counters;
    char owner[48];

    printf("\tnud: %s\n\taccept-ra: %s\n", s->nud ? "on" : "off", s->accept_ra ? "on" : "off");
    printf("\towner: %s\n", show_owner(s, owner, sizeof(owner)));
    printf("\tprograms send by: %s\n", sending_usual());
    printf("\treceived: %" PRIu64 " frames %" PRIu64 " bytes %" PRIu64 " errors %" PRIu64 " dropped\n",
           c->rx_frames, c->rx_bytes, c->rx_errors, c->rx_dropped);
    printf("\tsent: %" PRIu64 " frames %" PRIu64 " bytes %" PRIu64 " errors %" PRIu64 " dropped\n",
           c->tx_frames, c->tx_bytes, c->tx_errors, c->tx_dropped);
}

void show_text(const struct feth_status *s, bool verbose)
{
    char mac[SHOW_MAC_SIZE];

    printf("%s: ", s->name);
    print_flags(s->flags);
    printf(" mtu %u\n\tether %s\n", s->mtu, show_mac(s->mac, mac));
    for (size_t i = 0; i < s->n_addrs; i++)
        print_addr(&s->addrs[i]);
    if (s->peer[0])
        printf("\tpeer: %s\n", s->peer);
    printf("\tstatus: %s\n", s->carrier ? "active" : "inactive");
    if (verbose)
        print_more(s);
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

/* cJSON's numbers are doubles, which have 53 bits: so as digits. */
static bool add_u64(cJSON *to, const char *key, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    return cJSON_AddRawToObject(to, key, text) != NULL;
}

static bool add_flag_names(cJSON *to, unsigned flags)
{
    cJSON *names = cJSON_AddArrayToObject(to, "flag_names");
    bool ok = names != NULL;

    for (const struct ifflag *f = ifflags; ok && f->name; f++)
        if (flags & f->bit)
            ok = cJSON_AddItemToArray(names, cJSON_CreateString(f->name));
    return ok;
}

static bool add_addrs(cJSON *to, const struct feth_status *s)
{
    cJSON *addrs = cJSON_AddArrayToObject(to, "addresses");
    char text[INET6_ADDRSTRLEN];
    bool ok = addrs != NULL;

    for (size_t i = 0; ok && i < s->n_addrs; i++) {
        const struct feth_addr *addr = &s->addrs[i];
        cJSON *item = cJSON_CreateObject();
        ok = cJSON_AddItemToArray(addrs, item) &&
             cJSON_AddStringToObject(item, "family", addr->family == AF_INET ? "inet" : "inet6") &&
             cJSON_AddStringToObject(item, "address", address_text(addr, text)) &&
             cJSON_AddNumberToObject(item, "prefix", addr->prefix);
    }
    return ok;
}

static bool add_counters(cJSON *to, const struct feth_counters *c)
{
    cJSON *o = cJSON_AddObjectToObject(to, "counters");

    return o && add_u64(o, "rx_frames", c->rx_frames) && add_u64(o, "rx_bytes", c->rx_bytes) &&
           add_u64(o, "rx_errors", c->rx_errors) && add_u64(o, "rx_dropped", c->rx_dropped) &&
           add_u64(o, "tx_frames", c->tx_frames) && add_u64(o, "tx_bytes", c->tx_bytes) &&
           add_u64(o, "tx_errors", c->tx_errors) && add_u64(o, "tx_dropped", c->tx_dropped);
}

cJSON *show_json(const struct feth_status *s)
{
    char mac[SHOW_MAC_SIZE];
    cJSON *o = cJSON_CreateObject();

    if (o && cJSON_AddStringToObject(o, "name", s->name) &&
        (s->peer[0] ? cJSON_AddStringToObject(o, "peer", s->peer) : cJSON_AddNullToObject(o, "peer")) &&
        cJSON_AddNumberToObject(o, "flags", s->flags & 0xffff) && add_flag_names(o, s->flags) &&
        cJSON_AddBoolToObject(o, "up", s->up) && cJSON_AddBoolToObject(o, "active", s->carrier) &&
        cJSON_AddNumberToObject(o, "mtu", s->mtu) &&
        cJSON_AddStringToObject(o, "mac", show_mac(s->mac, mac)) && add_addrs(o, s) &&
        cJSON_AddBoolToObject(o, "nud", s->nud) && cJSON_AddBoolToObject(o, "accept_ra", s->accept_ra) &&
        cJSON_AddStringToObject(o, "ownership", ownership_name(s->ownership)) &&
        (s->owner ? cJSON_AddNumberToObject(o, "owner_pid", (double)s->owner)
                  : cJSON_AddNullToObject(o, "owner_pid")) &&
        cJSON_AddStringToObject(o, "send_by", sending_usual()) && add_counters(o, &s->counters))
        return o;
    cJSON_Delete(o);
    return NULL;
}

int show_print_json(cJSON *json)
{
    char *text = json ? cJSON_Print(json) : NULL;

    cJSON_Delete(json);
    if (!text)
        return cli_fail(PROGRAM, "out of memory");
    printf("%s\n", text);
    cJSON_free(text);
    return CLI_OK;
}
