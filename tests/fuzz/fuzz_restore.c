/*
 * Any bytes are a saved guest or are refused, checksums set right as they may be in a forged one;
 * a guest that was accepted runs without harm to zfacet.
 */
#define _GNU_SOURCE /* memfd_create */
#include "zfacet/save.h"
#include "zfacet/saved_model.h"
#include "zfacet/translate.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum { HEAD = 12, SECTION_HEAD = 8, INSNS = 300, LARGEST = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_checksums(uint8_t *bytes, size_t size) {
    size_t at = HEAD;
    while (size >= SECTION_HEAD + 4 && at <= size - SECTION_HEAD - 4) {
        size_t length = zf_get32(bytes + at + 4);
        if (length > size - at - SECTION_HEAD - 4) {
            return;
        }
        zf_put32(bytes + at + SECTION_HEAD + length,
                 (uint32_t)crc32(0, bytes + at, (uInt)(SECTION_HEAD + length)));
        at += SECTION_HEAD + length + 4;
    }
}

static void run(struct zf_machine_config *config, const struct zf_saved_model *saved,
                struct zf_stream *stream, struct zf_section *section) {
    struct zf_facilities facilities = {0};
    struct zf_gate_config gate = {.policy = saved->policy,
                                  .model = &saved->model,
                                  .host = saved->has_host ? &saved->host : NULL,
                                  .ibc = saved->ibc,
                                  .lowest = saved->lowest};
    config->engine = ZF_ENGINE_SWITCH;
    config->frontend = (struct zf_frontend){.translate = zf_translate_block,
                                            .cc_use = zf_insn_cc_use,
                                            .has_facility = zf_machine_has_facility};
    config->max_insns = INSNS;
    config->timeout_ns = 100000000;
    zf_gate_compute(&gate, &facilities.gate);
    struct zf_machine *machine = zf_machine_create(config, NULL);
    ZF_ASSERT(machine);
    machine->facilities = &facilities;
    if (zf_machine_restore(machine, stream, section, NULL) == ZF_OK) {
        zf_machine_run(machine);
    }
    zf_machine_destroy(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct zf_section section;
    struct zf_saved_model *saved = calloc(1, sizeof *saved);
    struct zf_machine_config config = {0};
    uint8_t *bytes = malloc(size + 1);
    int fd = memfd_create("stream", MFD_CLOEXEC);
    struct zf_stream stream = {.fd = fd};
    ZF_ASSERT(fd >= 0 && bytes && saved && zf_section_create(&section));
    memcpy(bytes, data, size);
    mend_checksums(bytes, size);
    ZF_ASSERT(write(fd, bytes, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    if (zf_stream_open(&stream, NULL) == ZF_OK &&
        zf_stream_read(&stream, &section, NULL) == ZF_OK &&
        zf_saved_model_take(&section, saved, NULL) == ZF_OK &&
        zf_stream_read(&stream, &section, NULL) == ZF_OK &&
        zf_machine_restore_config(&section, &config, NULL) == ZF_OK &&
        config.storage_size <= LARGEST) {
        run(&config, saved, &stream, &section);
    }
    close(fd);
    zf_section_destroy(&section);
    free(saved);
    free(bytes);
    return 0;
}
