/* Of what messages of netlink consist: NETLINK_ROUTE's, NETLINK_SOCK_DIAG's, and the controller's
 * of NETLINK_GENERIC. */
#include "netlink.h"

#include "guest.h"

#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define SHAPE(name, header, size, simple, rows, each)                                              \
    static const struct zf_netlink_shape name = {header, size, simple, rows, each}

/* clang-format off */
static const struct zf_netlink_shape link_shape;

SHAPE(words, "", 0, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", NULL, NULL);
/* RTAX_CC_ALGO is a name */
SHAPE(metrics, "", 0, ".wwwwwwwwwwwwwww.w", NULL, NULL);

/* Links */
SHAPE(inet4, "", 0, ".w", NULL, NULL);
SHAPE(inet6, "", 0, ".wwd.wd..w", NULL, NULL);
static const struct zf_netlink_row families[] = {{AF_INET, NULL, &inet4}, {AF_INET6, NULL, &inet6}, {0}};
SHAPE(by_family, "", 0, "hh", families, NULL);
SHAPE(vlan, "", 0, ".hw", NULL, NULL); /* and a protocol in the network's order */
SHAPE(macvlan, "", 0, ".whw..wwww", NULL, NULL);
SHAPE(ipvlan, "", 0, ".hh", NULL, NULL);
SHAPE(vrf, "", 0, ".w", NULL, NULL);
SHAPE(tun, "", 0, ".ww.....ww", NULL, NULL);
SHAPE(bridge, "", 0, ".wwwwwh..h..hw.." "dddd......wwww" "dddddd...h......w.ww", NULL, NULL);
static const struct zf_netlink_row peers[] = {{1, NULL, &link_shape}, {0}};
SHAPE(veth, "", 0, "", peers, NULL);
const struct zf_netlink_shape zf_netlink_link_info = {"", 0, "", NULL, NULL};
SHAPE(names, "", 0, "", NULL, NULL);
SHAPE(xdp, "", 0, ".w.wwwwww", NULL, NULL);
static const struct zf_netlink_row link_rows[] = {
    {IFLA_MAP, "3dh", NULL}, {IFLA_LINKINFO, NULL, &zf_netlink_link_info}, {IFLA_AF_SPEC, NULL, &by_family},
    {IFLA_XDP, NULL, &xdp}, {IFLA_PROP_LIST, NULL, &names}, {55 /* IFLA_PROTO_DOWN_REASON */, NULL, &words}, {0}};
SHAPE(link_shape, "2bh3w", 16,
      "....ww.w" "..w..w.w" "...w.w.d" "...wwwww" "w..w.w.." "ww..wwww" "wwww...." "..wwww.w" "w.d.hh", link_rows, NULL);

/* Addresses, routes, neighbours, rules */
static const struct zf_netlink_row address_rows[] = {{IFA_CACHEINFO, "4w", NULL}, {0}};
SHAPE(address, "4bw", 8, "......" ".." "www", address_rows, NULL);
static const struct zf_netlink_row route_rows[] = {
    {RTA_METRICS, NULL, &metrics}, {RTA_VIA, "h", NULL}, {RTA_MULTIPATH, NULL, &zf_netlink_hop}, {0}};
#define ROUTE_SIMPLE "...ww.w." "...ww..w" "wd...h.w" ".w....w"
SHAPE(route, "8bw", 12, ROUTE_SIMPLE, route_rows, NULL);
const struct zf_netlink_shape zf_netlink_hop = {"h2bw", 8, ROUTE_SIMPLE, route_rows, NULL};
SHAPE(neighbour, "4bwh", 12, "...wwh.w" "wwww.w.w" "h", NULL, NULL);
SHAPE(rule, "8bw", 12, "....w.w..." "ww.wwwww.." "w..hh", NULL, NULL);
static const struct zf_netlink_row statistics_rows[] = {{1, "dw", NULL}, {7, "dw", NULL}, {0}};
SHAPE(statistics, "", 0, "..ww.d..d", statistics_rows, NULL);
static const struct zf_netlink_row queue_rows[] = {{TCA_OPTIONS, ZF_NETLINK_UNKNOWN, NULL}, {TCA_STATS, "d7w", NULL}, {TCA_STATS2, NULL, &statistics}, {0}};
SHAPE(queue, "4b4w", 20, "...........w.ww", queue_rows, NULL);
SHAPE(table_of_neighbours, "", 4, "..www..d.d", NULL, NULL);
SHAPE(label, "4b2w", 12, "..w", NULL, NULL);
SHAPE(configuration, "", 4, ".wwwwwwwww", NULL, NULL);
SHAPE(namespace, "", 4, ".wwwww", NULL, NULL);
static const struct zf_netlink_row next_hop_rows[] = {{2, "w2bhw2bhw2bhw2bh", NULL}, {0}};
SHAPE(next_hop, "4bw", 8, ".w.h.w.h..w", next_hop_rows, NULL);

/* The controller's */
static const struct zf_netlink_shape list_of_operations, list_of_groups;
static const struct zf_netlink_row controller_rows[] = {
    {CTRL_ATTR_OPS, NULL, &list_of_operations}, {CTRL_ATTR_MCAST_GROUPS, NULL, &list_of_groups}, {0}};
SHAPE(controller, "2bh", 4, ".h.www....w", controller_rows, NULL);
SHAPE(operation, "", 0, ".ww", NULL, NULL);
SHAPE(group, "", 0, "..w", NULL, NULL);
SHAPE(list_of_operations, "", 0, "", NULL, &operation);
SHAPE(list_of_groups, "", 0, "", NULL, &group);

/* Sockets: what is asked about those of a family, and what comes of each */
static const struct zf_netlink_row filter_rows[] = {{INET_DIAG_REQ_BYTECODE, ZF_NETLINK_UNKNOWN, NULL}, {0}};
SHAPE(ask_inet, "4bw36b3w", 56, "...w", filter_rows, NULL);
static const struct zf_netlink_row inet_rows[] = {{INET_DIAG_INFO, ZF_TCP_INFO, NULL}, {INET_DIAG_DCTCPINFO, "2h3w", NULL}, {0}};
SHAPE(tell_inet, "40b8w", 72, ".w.w...w" "......." "www...d", inet_rows, NULL);
SHAPE(ask_unix, "2bh5w", 24, "", NULL, NULL);
SHAPE(tell_unix, "4b3w", 16, ".wwwww.w", NULL, NULL);
SHAPE(ask_netlink, "2bh4w", 20, "", NULL, NULL);
SHAPE(tell_netlink, "4b6w", 28, "w", NULL, NULL);
SHAPE(tell_packet, "2bh3w", 16, "w.wwwww", NULL, NULL);

const struct zf_netlink_shape zf_netlink_report = {"", 0, "..w..ww", NULL, NULL};
/* clang-format on */

const struct zf_netlink_shape *zf_netlink_kind(const char *kind) {
    static const struct {
        const char *kind;
        const struct zf_netlink_shape *shape;
    } kinds[] = {{"vlan", &vlan}, {"macvlan", &macvlan}, {"macvtap", &macvlan}, {"ipvlan", &ipvlan},
                 {"vrf", &vrf},   {"tun", &tun},         {"bridge", &bridge},   {"veth", &veth}};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(kinds); i++) {
        if (!strcmp(kinds[i].kind, kind)) {
            return kinds[i].shape;
        }
    }
    return NULL;
}

const struct zf_netlink_shape *zf_netlink_route(unsigned type) {
    /* four messages of each: new, delete, get, set */
    static const struct zf_netlink_shape *const shapes[] = {
        [(RTM_NEWLINK - RTM_BASE) / 4] = &link_shape,
        [(RTM_NEWADDR - RTM_BASE) / 4] = &address,
        [(RTM_NEWROUTE - RTM_BASE) / 4] = &route,
        [(RTM_NEWNEIGH - RTM_BASE) / 4] = &neighbour,
        [(RTM_NEWRULE - RTM_BASE) / 4] = &rule,
        [(RTM_NEWQDISC - RTM_BASE) / 4] = &queue,
        [(RTM_NEWTCLASS - RTM_BASE) / 4] = &queue,
        [(RTM_NEWTFILTER - RTM_BASE) / 4] = &queue,
        [(RTM_GETMULTICAST - RTM_BASE) / 4] = &address,
        [(RTM_GETANYCAST - RTM_BASE) / 4] = &address,
        [(RTM_NEWNEIGHTBL - RTM_BASE) / 4] = &table_of_neighbours,
        [(RTM_NEWADDRLABEL - RTM_BASE) / 4] = &label,
        [(RTM_NEWNETCONF - RTM_BASE) / 4] = &configuration,
        [(RTM_NEWNSID - RTM_BASE) / 4] = &namespace,
        [(RTM_NEWNEXTHOP - RTM_BASE) / 4] = &next_hop,
        [(RTM_NEWLINKPROP - RTM_BASE) / 4] = &link_shape,
    };
    unsigned i = (type - RTM_BASE) / 4;
    return type >= RTM_BASE && i < ZF_ARRAY_LENGTH(shapes) ? shapes[i] : NULL;
}

const struct zf_netlink_shape *zf_netlink_generic(unsigned type) {
    return type == GENL_ID_CTRL ? &controller : NULL;
}

const struct zf_netlink_shape *zf_netlink_diagnosis(unsigned type, unsigned family, bool asks) {
    static const struct {
        unsigned family;
        const struct zf_netlink_shape *ask, *tell;
    } families_of_sockets[] = {{AF_INET, &ask_inet, &tell_inet},
                               {AF_INET6, &ask_inet, &tell_inet},
                               {AF_UNIX, &ask_unix, &tell_unix},
                               {AF_NETLINK, &ask_netlink, &tell_netlink},
                               {AF_PACKET, &ask_netlink, &tell_packet}};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(families_of_sockets) && type == SOCK_DIAG_BY_FAMILY;
         i++) {
        if (families_of_sockets[i].family == family) {
            return asks ? families_of_sockets[i].ask : families_of_sockets[i].tell;
        }
    }
    return NULL;
}
