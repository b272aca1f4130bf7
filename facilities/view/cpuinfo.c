/*
 * /proc/cpuinfo as Linux writes it on a machine of the model.
 */
#include "zfacet/guest_view.h"

#include <stdarg.h>

/* Linux's names of the bits of AT_HWCAP, from bit 0 on. */
static const char *const names[] = {"esan3", "zarch",  "stfle",    "msa",  "ldisp", "eimm", "dfp",
                                    "edat",  "etf3eh", "highgprs", "te",   "vx",    "vxd",  "vxe",
                                    "gs",    "vxe2",   "vxp",      "sort", "dflt",  "vxp2", "nnpa"};

const char *zf_guest_hwcap_name(unsigned shift) {
    return shift < ZF_ARRAY_LENGTH(names) ? names[shift] : NULL;
}

/* Text that ends where its room does. */
struct text {
    char *at;
    size_t room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(t->at, t->room, format, arguments);
    va_end(arguments);
    size_t used = (size_t)length < t->room ? (size_t)length : t->room - 1;
    t->at += used;
    t->room -= used;
}

static void add_cache(struct text *t, unsigned index, unsigned level, const char *type,
                      const struct zf_guest_cache *cache) {
    enum { SHARED = 0x08 };
    unsigned which = type[0] == 'I';
    add(t, "cache%-11u: level=%u type=%s scope=%s size=%uK line_size=256 associativity=%u\n", index,
        level, type, cache->topology & SHARED ? "Shared" : "Private", cache->kib[which],
        cache->ways[which]);
}

/* As EXTRACT CPU ATTRIBUTE tells them, where there is one. */
static void add_caches(struct text *t, const struct zf_model *model) {
    enum { EXTRACT_CPU_ATTRIBUTE = 34 };
    const struct zf_guest_cache *caches = zf_guest_caches(model);
    if (!zf_model_has_facility(model, EXTRACT_CPU_ATTRIBUTE)) {
        return;
    }
    for (unsigned n = 0, index = 0; n < ZF_CACHE_LEVELS && caches[n].kib[0]; n++) {
        bool split = caches[n].kib[1];
        add_cache(t, index++, n + 1, split ? "Data" : "Unified", &caches[n]);
        if (split) {
            add_cache(t, index++, n + 1, "Instruction", &caches[n]);
        }
    }
}

void zf_guest_cpuinfo(const struct zf_model *model, unsigned cpus, char *text, size_t size) {
    struct text t = {text, size};
    uint64_t hwcap = zf_guest_hwcap(model);
    add(&t,
        "vendor_id       : IBM/S390\n# processors    : %u\nbogomips per cpu: 1000.00\n"
        "max thread id   : 0\nfeatures\t: ",
        cpus);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (hwcap >> i & 1) {
            add(&t, "%s ", names[i]);
        }
    }
    add(&t, "\nfacilities      :");
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        if (zf_model_has_facility(model, bit)) {
            add(&t, " %u", bit);
        }
    }
    add(&t, "\n");
    add_caches(&t, model);
    for (unsigned i = 0; i < cpus; i++) {
        add(&t, "processor %u: version = FF,  identification = 000000,  machine = %04X\n", i,
            model->machine->type);
    }
}
