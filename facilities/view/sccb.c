/*
 * The responses of the SCLP commands READ SCP INFO and READ CPU INFO.
 */
#include "zfacet/guest_view.h"

#include "view/ebcdic.h"

enum {
    HEADER_LENGTH = 8,
    CPU_ENTRY_LENGTH = 16,
    RESPONSE_READ = 0x0010,      /* normal read completion */
    RESPONSE_TOO_SHORT = 0x0300, /* insufficient SCCB length */
    CPU_OFFSET_SHORT = 128,      /* where CPU entries begin */
    CPU_OFFSET_EXTENDED = 144,   /* and with the extended-length-SCCB facility */
    CPU_INFO_OFFSET = 24,        /* the same in READ CPU INFO */
    MAX_INCREMENTS = 1020,
};

#define SCLP_HAS_CPU_INFO ZF_BIT64(4)
#define MEGABYTE (UINT64_C(1) << 20)

uint64_t zf_guest_storage_increment(uint64_t memory) {
    uint64_t increment = MEGABYTE;
    while (memory / increment > MAX_INCREMENTS) {
        increment <<= 1;
    }
    return increment;
}

/* Sets the bits of all features of `kind` that are on, counted from the byte at `area`. */
static void put_features(const struct zf_model *model, enum zf_feature_kind kind, uint8_t *area) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->kind == kind && zf_model_has_feature(model, f)) {
            area[info->bit / 8] |= ZF_BIT8(info->bit % 8);
        }
    }
}

/* Those that are configured, or those on standby; how many. */
static unsigned put_cpu_entries(const struct zf_guest_config *config, bool standby,
                                uint8_t *entry) {
    unsigned count = 0;
    for (unsigned i = 0; i < zf_guest_cpus(config); i++) {
        if (zf_guest_is_standby(config, i) == standby) {
            memset(entry, 0, CPU_ENTRY_LENGTH);
            entry[0] = (uint8_t)i;
            put_features(config->model, ZF_KIND_SCLP_CPU, entry + 2);
            entry += CPU_ENTRY_LENGTH;
            count++;
        }
    }
    return count;
}

static void put_storage(const struct zf_guest_config *config, uint8_t *sccb) {
    uint64_t increment = zf_guest_storage_increment(config->memory);
    uint64_t count = config->memory / increment;
    uint64_t megabytes = increment / MEGABYTE;
    zf_put16(sccb + 8, (uint16_t)count);
    if (megabytes < 256) {
        sccb[10] = (uint8_t)megabytes;
    } else {
        zf_put32(sccb + 100, (uint32_t)megabytes);
    }
}

/* The header's length field and function code are the guest's; control mask and response ours. */
static bool begin_response(uint8_t *sccb, unsigned length, unsigned needed) {
    if (length < HEADER_LENGTH) {
        return false;
    }
    zf_put16(sccb + 6, needed <= length ? RESPONSE_READ : RESPONSE_TOO_SHORT);
    if (needed > length) {
        return false;
    }
    memset(sccb + HEADER_LENGTH, 0, needed - HEADER_LENGTH);
    return true;
}

unsigned zf_guest_scp_info(const struct zf_guest_config *config, uint8_t *sccb, unsigned length) {
    const struct zf_model *model = config->model;
    bool extended = zf_model_has_facility(model, ZF_FACILITY_EXTENDED_SCCB);
    unsigned offset = extended ? CPU_OFFSET_EXTENDED : CPU_OFFSET_SHORT;
    unsigned cpus = zf_guest_cpus(config);
    unsigned needed = offset + cpus * CPU_ENTRY_LENGTH;
    if (!begin_response(sccb, length, needed)) {
        return needed;
    }
    put_storage(config, sccb);
    if (zf_model_has_facility(config->model, ZF_FACILITY_TOPOLOGY)) {
        sccb[15] = (uint8_t)zf_guest_nesting(config);
    }
    zf_put16(sccb + 18, (uint16_t)offset);
    zf_ebcdic_put(sccb + 24, 8, config->loadparm);
    zf_put64(sccb + 48, SCLP_HAS_CPU_INFO);
    if (config->lowest_ibc && config->unblocked_ibc >= config->lowest_ibc) {
        zf_put32(sccb + 76, (uint32_t)config->lowest_ibc << 16 | config->unblocked_ibc);
    }
    put_features(model, ZF_KIND_SCLP_CONF, sccb + 80);
    sccb[99] = (uint8_t)model->machine->mha_pow;
    put_features(model, ZF_KIND_SCLP_CONF_EXT, sccb + 116);
    zf_put16(sccb + 120, (uint16_t)(cpus - 1));
    zf_put32(sccb + 124, model->machine->hmfai);
    if (extended) {
        put_features(model, ZF_KIND_SCLP_FAC134, sccb + 134);
    }
    zf_put16(sccb + 16, (uint16_t)put_cpu_entries(config, false, sccb + offset));
    return needed;
}

unsigned zf_guest_cpu_info(const struct zf_guest_config *config, uint8_t *sccb, unsigned length) {
    unsigned cpus = zf_guest_cpus(config);
    unsigned needed = CPU_INFO_OFFSET + cpus * CPU_ENTRY_LENGTH;
    if (!begin_response(sccb, length, needed)) {
        return needed;
    }
    unsigned configured = put_cpu_entries(config, false, sccb + CPU_INFO_OFFSET);
    unsigned standby_offset = CPU_INFO_OFFSET + configured * CPU_ENTRY_LENGTH;
    zf_put16(sccb + 8, (uint16_t)configured);
    zf_put16(sccb + 10, CPU_INFO_OFFSET);
    zf_put16(sccb + 12, (uint16_t)put_cpu_entries(config, true, sccb + standby_offset));
    zf_put16(sccb + 14, (uint16_t)standby_offset);
    return needed;
}
