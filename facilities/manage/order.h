/*
 * The order in which properties take effect. It matters when a group and a member of it are both
 * given, and decides which of several errors is told: QEMU goes through its hash table, and clients
 * get the same here.
 */
#ifndef ZFACET_MANAGE_ORDER_H
#define ZFACET_MANAGE_ORDER_H

#include "zfacet/manage.h"

/* More properties than there are names: some are wrong, and which one is told does not matter. */
enum { ZF_ORDER_BUCKETS = 512, ZF_ORDER_LIMIT = 1024 };

struct zf_property_order {
    const struct zf_manage_info *info;
    bool hashed;     /* else as given */
    unsigned bucket; /* the one after that of the last property */
    size_t at;       /* the next property's index + 1; 0: look into the next bucket */
    uint16_t first[ZF_ORDER_BUCKETS]; /* index + 1 */
    uint16_t next[ZF_ORDER_LIMIT];
};

void zf_property_order_init(struct zf_property_order *order, const struct zf_manage_info *info);

/** The next property, or NULL after the last one. */
const struct zf_manage_property *zf_property_order_next(struct zf_property_order *order);

#endif
