#include "zfacet/guest_view.h"

#include <criterion/criterion.h>
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
    cr_expect_not(zf_guest_sysib(&config, 15, 1, 2, 0, block));
}
