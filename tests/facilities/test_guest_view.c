#include "zfacet/guest_view.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct zf_model model_of(const char *text) {
    struct zf_model model;
    struct zf_error err;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, &err), ZF_OK, "%s", err.message);
    return model;
}

Test(guest_view, cpu_id_and_facility_word_as_recorded) {
    static const struct {
        const char *model;
        uint64_t cpu_id;
        uint32_t word;
    } cases[] = {
        {"z900", 0x20640000, 0xe0000000},           {"z900.2-base", 0x20640000, 0xe0000000},
        {"z800", 0x20660000, 0xe0000000},           {"z900,esan3=off", 0x20640000, 0x60000000},
        {"z900,zarch=off", 0x20640000, 0x80000000}, {"z13", 0x29640000, 0xfbe6fffb},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_model model = model_of(cases[i].model);
        struct zf_guest_config config = {.model = &model};
        cr_expect_eq(zf_guest_cpu_id(&config), cases[i].cpu_id, "%s", cases[i].model);
        cr_expect_eq(zf_guest_facility_word(&model), cases[i].word, "%s: %08x", cases[i].model,
                     zf_guest_facility_word(&model));
    }
    struct zf_model model = model_of("z13");
    struct zf_guest_config config = {.model = &model, .identification = 0x123456, .version = 0xff};
    cr_expect_eq(zf_guest_cpu_id(&config), UINT64_C(0xff12345629640000));
}

Test(guest_view, facility_list_is_cut_and_counted) {
    struct zf_model model = model_of("z13"), old = model_of("z900");
    uint8_t list[32];
    unsigned needed;
    memset(list, 0xee, sizeof list);
    cr_expect_eq(zf_guest_facility_list(&model, 1, list, &needed), 3);
    cr_expect_eq(needed, 3);
    cr_expect_eq(zf_get64(list), model.facilities[0]);
    cr_expect_eq(list[8], 0xee);
    cr_expect_eq(zf_guest_facility_list(&model, 4, list, &needed), 0);
    cr_expect_eq(zf_get64(list + 16), model.facilities[2]);
    cr_expect_eq(list[24], 0xee);
    cr_expect_eq(zf_guest_facility_list(&old, 1, list, &needed), 3, "bit 138 needs doubleword 2");
}

/* Bytes of READ SCP INFO as recorded from another implementation: one CPU aside. */
Test(guest_view, scp_info_has_its_fields) {
    struct zf_model model = model_of("z13");
    struct zf_guest_config config = {
        .model = &model, .cpus = 2, .memory = 64 << 20, .lowest_ibc = 0x11, .unblocked_ibc = 0x31};
    uint8_t sccb[4096];
    memset(sccb, 0, sizeof sccb);
    cr_expect_eq(zf_guest_scp_info(&config, sccb, sizeof sccb), 128 + 2 * 16);
    cr_expect_eq(zf_get16(sccb + 6), 0x0010);
    cr_expect_eq(zf_get16(sccb + 8), 64);
    cr_expect_eq(sccb[10], 1);
    cr_expect_eq(zf_get16(sccb + 16), 2);
    cr_expect_eq(zf_get16(sccb + 18), 128);
    cr_expect_eq(zf_get64(sccb + 24), UINT64_C(0x4040404040404040));
    cr_expect_eq(zf_get64(sccb + 48), UINT64_C(0x0800000000000000));
    cr_expect_eq(zf_get32(sccb + 76), 0x00110031);
    cr_expect_eq(sccb[85], 0x02, "esop");
    cr_expect_eq(sccb[99], 47);
    cr_expect_eq(zf_get16(sccb + 120), 1);
    cr_expect_eq(zf_get32(sccb + 124), 0x08000000);
    cr_expect_eq(sccb[144], 1, "address of the second CPU");
    cr_expect_eq(zf_guest_scp_info(&config, sccb, 144), 160);
    cr_expect_eq(zf_get16(sccb + 6), 0x0300);
}

Test(guest_view, no_ibc_is_told_without_a_lowest_value) {
    struct zf_model model = model_of("z13");
    struct zf_guest_config config = {.model = &model, .cpus = 1, .unblocked_ibc = 0x31};
    uint8_t sccb[4096];
    zf_guest_scp_info(&config, sccb, sizeof sccb);
    cr_expect_eq(zf_get32(sccb + 76), 0);
}

Test(guest_view, scp_info_moves_cpus_with_extended_sccb) {
    struct zf_model model = model_of("z15,els=on,diag318=on,sief2=on");
    struct zf_guest_config config = {.model = &model, .cpus = 1, .memory = UINT64_C(1) << 40};
    uint8_t sccb[4096];
    zf_guest_scp_info(&config, sccb, sizeof sccb);
    cr_expect_eq(zf_get16(sccb + 18), 144);
    cr_expect_eq(sccb[134], 0x80);
    cr_expect_eq(sccb[146], 0x08, "sief2 is bit 4 of the CPU's features");
    cr_expect_eq(zf_get32(sccb + 100), 2048, "2 GiB increments");
    cr_expect_eq(zf_get16(sccb + 8), 512);
}

Test(guest_view, cpu_info_lists_the_cpus) {
    struct zf_model model = model_of("z13");
    struct zf_guest_config config = {.model = &model, .cpus = 3};
    uint8_t sccb[4096];
    cr_expect_eq(zf_guest_cpu_info(&config, sccb, sizeof sccb), 24 + 3 * 16);
    cr_expect_eq(zf_get16(sccb + 8), 3);
    cr_expect_eq(zf_get16(sccb + 10), 24);
    cr_expect_eq(sccb[24 + 32], 2);
}

Test(guest_view, system_information_blocks) {
    static const uint8_t type_2964[] = {0xf2, 0xf9, 0xf6, 0xf4};
    static const uint8_t name[] = {0x87, 0xa4, 0x85, 0xa2, 0xa3, 0x40, 0x40, 0x40};
    struct zf_model model = model_of("z13");
    struct zf_guest_config config = {.model = &model, .cpus = 4, .name = "guest"};
    uint8_t block[ZF_SYSIB_LENGTH];
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_MACHINE, 1, 1, 0, block));
    cr_expect_arr_eq(block + 48, type_2964, 4);
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_MACHINE, 2, 1, 3, block));
    cr_expect_eq(zf_get16(block + 100), 3);
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_MACHINE, 2, 2, 0, block));
    cr_expect_eq(zf_get16(block + 36), 4);
    cr_expect_eq(zf_get16(block + 44 + 4), 1000);
    cr_expect_eq(zf_get16(block + 44 + 6), 0);
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_PARTITION, 2, 2, 0, block));
    cr_expect_eq(zf_get16(block + 74), 4);
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_VIRTUAL, 2, 2, 0, block));
    cr_expect_eq(block[31], 1);
    cr_expect_arr_eq(block + 32 + 12, name, 8);
    cr_expect_not(zf_guest_sysib(&config, ZF_CONFIG_VIRTUAL, 1, 1, 0, block));
    cr_expect_not(zf_guest_sysib(&config, 4, 1, 2, 0, block));
    cr_assert(zf_guest_sysib(&config, ZF_CONFIG_TOPOLOGY, 1, 4, 0, block));
    cr_expect_eq(zf_get16(block + 2), 16 + 3 * 8 + 16);
    cr_expect_eq(zf_get64(block + 48), UINT64_C(0xf) << 60);
    cr_expect_not(zf_guest_sysib(&config, ZF_CONFIG_TOPOLOGY, 2, 2, 0, block));
}

/* clang-format off: the facilities of a recorded model, and what a guest saw with one of them off. */
static const char *const recorded_model[] = {
    "esan3",     "zarch",   "dateh",     "idtes",  "stfle",     "srs",       "etf2",    "msa-base",
    "ldisp",     "ldisphp", "eimm",      "etf3",   "etf2eh",    "stckf",     "mvcos",   "etf3eh",
    "ectg",      "csst",    "csst2",     "ginste", "exrl",      "fpe",       "sprogp",  "fpseh",
    "stfle45",   "stfle49", "ltlbc",     "iacc2",  "stfle53",   "msa5-base", "minste2", "minste3",
    "zpci",      "aen",     "ais",       "aefsi",  "msa3-base", "msa4-base", "vx",      "iep",
    "sea_esop2", "vxeh",    "msa8-base", "vxeh2"};

static const struct {
    const char *off;
    uint32_t word;
    const char *list; /* the first three doublewords; empty where STFLE was off */
} recorded[] = {
    {"", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000007120280000000000"},
    {"esan3", 0x7940f6d3, "7940f6d3f4c45c64059c0000000000007120280000000000"},
    {"zarch", 0x9940f6d3, ""},
    {"dateh", 0xe940f6d3, "e940f6d3f4c45c64059c0000000000007120280000000000"},
    {"idtes", 0xf140f6d3, "f140f6d3f4c45c64059c0000000000007120280000000000"},
    {"stfle", 0xf840f6d3, ""},
    {"srs", 0xf900f6d3, "f900f6d3f4c45c64059c0000000000007120280000000000"},
    {"etf2", 0xf94076d3, "f94076d3f4c45c64059c0000000000007120280000000000"},
    {"msa-base", 0xf940b6d3, "f940b6d3f4c45c64059c0000000000007120280000000000"},
    {"ldisp", 0xf940d6d3, "f940d6d3f4c45c64059c0000000000007120280000000000"},
    {"ldisphp", 0xf940e6d3, "f940e6d3f4c45c64059c0000000000007120280000000000"},
    {"eimm", 0xf940f2d3, "f940f2d3f4c45c64059c0000000000007120280000000000"},
    {"etf3", 0xf940f4d3, "f940f4d3f4c45c64059c0000000000007120280000000000"},
    {"etf2eh", 0xf940f653, "f940f653f4c45c64059c0000000000007120280000000000"},
    {"stckf", 0xf940f693, "f940f693f4c45c64059c0000000000007120280000000000"},
    {"mvcos", 0xf940f6c3, "f940f6c3f4c45c64059c0000000000007120280000000000"},
    {"etf3eh", 0xf940f6d1, "f940f6d1f4c45c64059c0000000000007120280000000000"},
    {"ectg", 0xf940f6d2, "f940f6d2f4c45c64059c0000000000007120280000000000"},
    {"csst", 0xf940f6d3, "f940f6d374c45c64059c0000000000007120280000000000"},
    {"csst2", 0xf940f6d3, "f940f6d3b4c45c64059c0000000000007120280000000000"},
    {"ginste", 0xf940f6d3, "f940f6d3d4c45c64059c0000000000007120280000000000"},
    {"exrl", 0xf940f6d3, "f940f6d3e4c45c64059c0000000000007120280000000000"},
    {"fpe", 0xf940f6d3, "f940f6d3f0c45c64059c0000000000007120280000000000"},
    {"sprogp", 0xf940f6d3, "f940f6d3f4445c64059c0000000000007120280000000000"},
    {"fpseh", 0xf940f6d3, "f940f6d3f4845c64059c0000000000007120280000000000"},
    {"stfle45", 0xf940f6d3, "f940f6d3f4c05c64059c0000000000007120280000000000"},
    {"stfle49", 0xf940f6d3, "f940f6d3f4c41c64059c0000000000007120280000000000"},
    {"ltlbc", 0xf940f6d3, "f940f6d3f4c44c64059c0000000000007120280000000000"},
    {"iacc2", 0xf940f6d3, "f940f6d3f4c45464059c0000000000007120280000000000"},
    {"stfle53", 0xf940f6d3, "f940f6d3f4c45864059c0000000000007120280000000000"},
    {"msa5-base", 0xf940f6d3, "f940f6d3f4c45c24059c0000000000007120280000000000"},
    {"minste2", 0xf940f6d3, "f940f6d3f4c45c44059c0000000000007120280000000000"},
    {"minste3", 0xf940f6d3, "f940f6d3f4c45c60059c0000000000007120280000000000"},
    {"zpci", 0xf940f6d3, "f940f6d3f4c45c64019c0000000000007120280000000000"},
    {"aen", 0xf940f6d3, "f940f6d3f4c45c64049c0000000000007120280000000000"},
    {"ais", 0xf940f6d3, "f940f6d3f4c45c64051c0000000000007120280000000000"},
    {"aefsi", 0xf940f6d3, "f940f6d3f4c45c64058c0000000000007120280000000000"},
    {"msa3-base", 0xf940f6d3, "f940f6d3f4c45c6405940000000000007120280000000000"},
    {"msa4-base", 0xf940f6d3, "f940f6d3f4c45c6405980000000000007120280000000000"},
    {"vx", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000003120280000000000"},
    {"iep", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000005120280000000000"},
    {"sea_esop2", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000006120280000000000"},
    {"vxeh", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000007020280000000000"},
    {"msa8-base", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000007120080000000000"},
    {"vxeh2", 0xf940f6d3, "f940f6d3f4c45c64059c0000000000007120200000000000"},
};
/* clang-format on */

Test(guest_view, facility_lists_as_recorded) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(recorded); i++) {
        struct zf_model model;
        uint8_t list[24] = {0};
        char text[49];
        unsigned needed;
        zf_model_init(&model, zf_machine_by_name("gen15a"), ZF_MODEL_BASE);
        for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
            zf_model_set_feature(&model, f, false);
        }
        for (unsigned n = 0; n < ZF_ARRAY_LENGTH(recorded_model); n++) {
            bool on = strcmp(recorded_model[n], recorded[i].off) != 0;
            zf_model_set_feature(&model, zf_feature_by_name(recorded_model[n]), on);
        }
        zf_guest_facility_list(&model, 3, list, &needed);
        for (unsigned b = 0; b < sizeof list; b++) {
            snprintf(text + 2 * b, 3, "%02x", list[b]);
        }
        cr_expect_eq(zf_guest_facility_word(&model), recorded[i].word, "%s off: %08x",
                     recorded[i].off, zf_guest_facility_word(&model));
        if (recorded[i].list[0]) {
            cr_expect_str_eq(text, recorded[i].list, "%s off", recorded[i].off);
        }
    }
}

Test(guest_view, programs_learn_the_model) {
    static const struct {
        const char *model, *platform;
        uint64_t with, without;
    } cases[] = {
        {"z900", "z900", 0x203, 0xfffffffffffffdfc},
        {"z990", "z990", 0x203, 0x7ec20},
        {"z9EC", "z9-109", 0x223, 0x7ec40},
        {"z10BC", "z10", 0x2a3, 0x7ec00},
        {"z196.2", "z196", 0x2a3, 0x7ec00},
        {"zBC12", "zEC12", 0x2a3, 0x7e800},
        {"z13s", "z13", 0x2a3, 0x7f000},
        {"z14", "z14", 0x2a3, 0x68000},
        {"z15", "z15", 0x2a3, 0x180000},
        {"z16", "z16", 0x2a3, 0},
        {"gen17a", "z17", 0x2a3, 0},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_model model;
        cr_assert_eq(zf_model_parse(cases[i].model, false, &model, NULL, NULL), ZF_OK);
        uint64_t hwcap = zf_guest_hwcap(&model);
        cr_expect_str_eq(zf_guest_platform(&model), cases[i].platform);
        cr_expect_eq(hwcap & cases[i].with, cases[i].with, "%s: hwcap %#llx", cases[i].model,
                     (unsigned long long)hwcap);
        cr_expect_eq(hwcap & cases[i].without, 0, "%s: hwcap %#llx", cases[i].model,
                     (unsigned long long)hwcap);
    }
}

Test(guest_view, cpuinfo_names_what_the_model_has) {
    struct zf_model model;
    char text[ZF_CPUINFO_LENGTH];
    zf_model_init(&model, zf_machine_by_name("z10EC"), ZF_MODEL_DEFAULT);
    zf_guest_cpuinfo(&model, 2, text, sizeof text);
    cr_expect(strstr(text, "vendor_id       : IBM/S390\n"), "%s", text);
    cr_expect(strstr(text, "features\t: esan3 zarch stfle "), "%s", text);
    cr_expect(strstr(text, "facilities      : 0 1 2 3 4 "), "%s", text);
    cr_expect(strstr(text, "# processors    : 2\n"), "%s", text);
    cr_expect(
        strstr(text, "processor 1: version = FF,  identification = 000000,  machine = 2097\n"),
        "%s", text);
    cr_expect(strstr(text, "cache1          : level=1 type=Instruction scope=Private size=64K "
                           "line_size=256 associativity=4\n"),
              "%s", text);
    cr_expect(strstr(text, "cache3          : level=3 type=Unified scope=Shared size=49152K "),
              "%s", text);
    zf_model_init(&model, zf_machine_newest(), ZF_MODEL_FULL);
    zf_guest_cpuinfo(&model, 2, text, sizeof text);
    cr_expect(strstr(text, "machine = 9175\n"), "the newest model's text does not fit");
    zf_guest_cpuinfo(&model, 2, text, 20);
    cr_expect_eq(strlen(text), 19);
}
