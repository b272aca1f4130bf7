/*
 * The order in which management software prints a model's properties: that of a hash table whose
 * hash is known, buckets first, so that answers are the same text.
 */
#include "manage/order.h"

/* The hash of the trivial database (tdb), which QEMU's dictionaries use. */
static unsigned bucket_of(const char *name) {
    uint32_t value = UINT32_C(0x238f13af) * (uint32_t)strlen(name);
    for (unsigned i = 0; name[i]; i++) {
        value += (uint32_t)(uint8_t)name[i] << i * 5 % 24;
    }
    return (UINT32_C(1103515243) * value + 12345) % ZF_ORDER_BUCKETS;
}

/* The last one given comes first in its bucket. */
void zf_property_order_init(struct zf_property_order *order, const struct zf_manage_info *info) {
    order->info = info;
    order->hashed = info->prop_count > 1 && info->prop_count <= ZF_ORDER_LIMIT;
    order->bucket = 0;
    order->at = 0;
    if (order->hashed) {
        memset(order->first, 0, sizeof order->first);
        for (size_t i = 0; i < info->prop_count; i++) {
            unsigned bucket = bucket_of(info->props[i].name);
            order->next[i] = order->first[bucket];
            order->first[bucket] = (uint16_t)(i + 1);
        }
    }
}

const struct zf_manage_property *zf_property_order_next(struct zf_property_order *order) {
    if (!order->hashed) {
        return order->at < order->info->prop_count ? &order->info->props[order->at++] : NULL;
    }
    while (!order->at && order->bucket < ZF_ORDER_BUCKETS) {
        order->at = order->first[order->bucket++];
    }
    if (!order->at) {
        return NULL;
    }
    size_t i = order->at - 1;
    order->at = order->next[i];
    return &order->info->props[i];
}
