/*
 * Of what messages of netlink consist.
 */
#ifndef ZF_GUEST_LINUX_NETLINK_H
#define ZF_GUEST_LINUX_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

struct zf_netlink_row;

/* A structure and the attributes after it. */
struct zf_netlink_shape {
    const char *header; /* see layout.c */
    unsigned header_size;
    /* Attributes by number, a letter each: h, w, d are numbers, more of them to the end; any other
     * is bytes, text, or in `rows`. */
    const char *simple;
    const struct zf_netlink_row *rows;   /* the last has `inside` and `fields` NULL */
    const struct zf_netlink_shape *each; /* of attributes that are in neither: a list */
};

/* Fields of an attribute that is not sent, for nobody here knows of what it consists. */
#define ZF_NETLINK_UNKNOWN "?"

/* An attribute that is a structure, or has attributes. */
struct zf_netlink_row {
    uint16_t type;
    const char *fields;
    const struct zf_netlink_shape *inside;
};

/** A message of NETLINK_ROUTE; NULL: an unknown one. */
const struct zf_netlink_shape *zf_netlink_route(unsigned type);
/** A message of NETLINK_GENERIC: those of the controller alone are known. */
const struct zf_netlink_shape *zf_netlink_generic(unsigned type);
/** A message of NETLINK_SOCK_DIAG about sockets of a family: what is asked, or an answer. */
const struct zf_netlink_shape *zf_netlink_diagnosis(unsigned type, unsigned family, bool asks);
/** What follows an answer that reports an error. */
extern const struct zf_netlink_shape zf_netlink_report;
/** Of attributes of a link: where the kind of it is, and what that means for another one. */
extern const struct zf_netlink_shape zf_netlink_link_info;
/** One of the hops of a route, in a list; its length comes first. */
extern const struct zf_netlink_shape zf_netlink_hop;
const struct zf_netlink_shape *zf_netlink_kind(const char *kind);

#endif
