/* SPDX-License-Identifier: Apache-2.0 */
/* ICMPv6, with neighbour discovery and multicast listener discovery. */
#include "dissect_parts.h"
#include "wire.h"

/* Where the packet that an error quotes went to.  @return false where its header is cut, which is said */
static bool say_quoted(struct dissect_line *line, const struct dissect_part *icmp, bool port)
{
    if (!dissect_has(line, icmp, ICMP_QUOTE_AT + IP6_SIZE, "icmp6"))
        return false;
    struct dissect_part ip = dissect_behind(icmp, ICMP_QUOTE_AT);
    uint8_t protocol = ip.data[IP6_NEXT_AT];
    dissect_say_ip6(line, ip.data + IP6_DESTINATION_AT);
    if (!port || (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP))
        return true;
    if (ip.have >= IP6_SIZE + UDP_LENGTH_AT)
        dissect_say(line, " %s port %u", protocol == PROTOCOL_TCP ? "tcp" : "udp",
                    (unsigned)get16(ip.data + IP6_SIZE + UDP_DESTINATION_AT));
    else if (icmp->have < icmp->size)
        dissect_say(line, " [|icmp6]");
    return true;
}

static void say_error(struct dissect_line *line, const struct dissect_part *icmp)
{
    static const char *const unreachable[] = {"route", "prohibited",    "beyond scope",  "address",
                                              "port",  "source policy", "rejected route"};
    static const char *const problem[] = {"erroneous field", "next header", "option"};
    unsigned code = icmp->data[ICMP_CODE_AT];

    switch (icmp->data[0]) {
    case ICMP6_UNREACHABLE:
        dissect_say(line, "destination unreachable, unreachable ");
        if (code < sizeof(unreachable) / sizeof(unreachable[0]))
            dissect_say(line, "%s%s ", unreachable[code], code == 4 ? "," : "");
        else
            dissect_say(line, "code %u ", code);
        (void)say_quoted(line, icmp, code == 4);
        break;
    case ICMP6_TOO_BIG:
        dissect_say(line, "packet too big, mtu %u", get32(icmp->data + ICMP6_MTU_AT));
        break;
    case ICMP6_TIME_EXCEEDED:
        dissect_say(line, "time exceeded %s for ", code == 1 ? "in reassembly" : "in-transit");
        (void)say_quoted(line, icmp, false);
        break;
    default:
        dissect_say(line, "parameter problem, %s - octet %u",
                    code < sizeof(problem) / sizeof(problem[0]) ? problem[code] : "code unknown",
                    get32(icmp->data + ICMP_POINTER_AT));
        break;
    }
}

/* A message with an address in it.  @return false where it is cut, which is said */
static bool say_with_address(struct dissect_line *line, const struct dissect_part *icmp, const char *words,
                             size_t at)
{
    dissect_say(line, "%s", words);
    if (!dissect_has(line, icmp, at + 16, "icmp6"))
        return false;
    dissect_say_ip6(line, icmp->data + at);
    return true;
}

static void say_advertisement(struct dissect_line *line, const struct dissect_part *icmp)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } flags[] = {{ND_ROUTER, "router"}, {ND_SOLICITED, "solicited"}, {ND_OVERRIDE, "override"}};
    const char *separator = " (";

    if (!say_with_address(line, icmp, "neighbor advertisement, tgt is ", ND_TARGET_AT))
        return;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (icmp->data[ND_FLAGS_AT] & flags[i].flag) {
            dissect_say(line, "%s%s", separator, flags[i].name);
            separator = ", ";
        }
    dissect_say(line, "%s", separator[0] == ',' ? ")" : "");
}

/* Neighbour discovery, RFC 4861, 4 */
static void say_discovery(struct dissect_line *line, const struct dissect_part *icmp)
{
    switch (icmp->data[0]) {
    case ICMP6_ROUTER_SOLICITATION:
        dissect_say(line, "router solicitation");
        break;
    case ICMP6_ROUTER_ADVERTISEMENT:
        dissect_say(line, "router advertisement, lifetime %us", (unsigned)get16(icmp->data + RA_LIFETIME_AT));
        break;
    case ICMP6_SOLICITATION:
        (void)say_with_address(line, icmp, "neighbor solicitation, who has ", ND_TARGET_AT);
        break;
    case ICMP6_ADVERTISEMENT:
        say_advertisement(line, icmp);
        break;
    default:
        if (say_with_address(line, icmp, "redirect, ", ND_REDIRECT_TO_AT)) {
            dissect_say(line, " to ");
            dissect_say_ip6(line, icmp->data + ND_TARGET_AT);
        }
        break;
    }
}

/* Multicast listeners, RFC 2710 and RFC 3810 */
static void say_listeners(struct dissect_line *line, const struct dissect_part *icmp)
{
    switch (icmp->data[0]) {
    case ICMP6_MLD_QUERY:
        /* version 2's has more behind the group: RFC 3810, 8.1 */
        (void)say_with_address(line, icmp,
                               icmp->size > MLD_SIZE ? "multicast listener query v2, group "
                                                     : "multicast listener query, group ",
                               MLD_GROUP_AT);
        break;
    case ICMP6_MLD_REPORT:
        (void)say_with_address(line, icmp, "multicast listener report, group ", MLD_GROUP_AT);
        break;
    case ICMP6_MLD_DONE:
        (void)say_with_address(line, icmp, "multicast listener done, group ", MLD_GROUP_AT);
        break;
    default:
        dissect_say(line, "multicast listener report v2, %u group record(s)",
                    (unsigned)get16(icmp->data + MLD2_RECORDS_AT));
        break;
    }
}

void dissect_icmp6(struct dissect_line *line, const struct dissect_part *part)
{
    const uint8_t *icmp = part->data;

    dissect_say(line, "ICMP6, ");
    if (!dissect_has(line, part, ICMP_SIZE, "icmp6"))
        return;
    switch (icmp[0]) {
    case ICMP6_UNREACHABLE:
    case ICMP6_TOO_BIG:
    case ICMP6_TIME_EXCEEDED:
    case ICMP6_PARAMETER_PROBLEM:
        say_error(line, part);
        break;
    case ICMP6_ECHO_REQUEST:
    case ICMP6_ECHO_REPLY:
        dissect_say(line, "echo %s, id %u, seq %u", icmp[0] == ICMP6_ECHO_REPLY ? "reply" : "request",
                    (unsigned)get16(icmp + ICMP_ID_AT), (unsigned)get16(icmp + ICMP_SEQ_AT));
        break;
    case ICMP6_ROUTER_SOLICITATION:
    case ICMP6_ROUTER_ADVERTISEMENT:
    case ICMP6_SOLICITATION:
    case ICMP6_ADVERTISEMENT:
    case ICMP6_REDIRECT:
        say_discovery(line, part);
        break;
    case ICMP6_MLD_QUERY:
    case ICMP6_MLD_REPORT:
    case ICMP6_MLD_DONE:
    case ICMP6_MLD2_REPORT:
        say_listeners(line, part);
        break;
    default:
        dissect_say(line, "type %u, code %u", icmp[0], icmp[ICMP_CODE_AT]);
        break;
    }
    dissect_say(line, ", length %zu", part->size);
}
