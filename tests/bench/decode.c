/*
 * How fast the decoder is on real code, next to the loop that only finds lengths and to capstone.
 * usage: bench_decode [ELF-FILE]; one JSON line per figure.
 */
#include "zfacet/decode.h"

#include <capstone/capstone.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct code {
    uint8_t *bytes; /* eight more are readable */
    size_t size;
};

typedef uint64_t pass_function(const struct code *code);

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool load_text(const char *path, struct code *code) {
    int fd = open(path, O_RDONLY);
    Elf *elf =
        elf_version(EV_CURRENT) != EV_NONE && fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    size_t names;
    code->bytes = NULL;
    if (elf != NULL && elf_getshdrstrndx(elf, &names) == 0) {
        for (Elf_Scn *s = elf_nextscn(elf, NULL); s != NULL; s = elf_nextscn(elf, s)) {
            GElf_Shdr header;
            Elf_Data *data = elf_rawdata(s, NULL);
            if (gelf_getshdr(s, &header) != NULL && data != NULL &&
                strcmp(elf_strptr(elf, names, header.sh_name), ".text") == 0) {
                code->size = data->d_size;
                code->bytes = calloc(1, code->size + 8);
                memcpy(code->bytes, data->d_buf, code->size);
            }
        }
    }
    elf_end(elf);
    if (fd >= 0) {
        close(fd);
    }
    return code->bytes != NULL;
}

static uint64_t lengths(const struct code *code) {
    uint64_t count = 0;
    for (size_t i = 0; i < code->size; count++) {
        i += zf_insn_length((uint64_t)code->bytes[i] << 56);
    }
    return count;
}

static uint64_t decode(const struct code *code) {
    const uint8_t *bytes = code->bytes;
    const size_t size = code->size;
    uint64_t count = 0;
    for (size_t i = 0; i < size; count++) {
        struct zf_insn insn;
        uint64_t word = zf_get64(bytes + i);
        zf_decode(word, &insn);
        __asm__ volatile("" ::"r"(&insn) : "memory");
        i += zf_insn_length(word);
    }
    return count;
}

static uint64_t operands(const struct code *code) {
    const uint8_t *bytes = code->bytes;
    const size_t size = code->size;
    uint64_t count = 0;
    for (size_t i = 0; i < size; count++) {
        struct zf_insn insn;
        struct zf_operands o;
        uint64_t word = zf_get64(bytes + i);
        zf_decode(word, &insn);
        zf_insn_operands(&insn, &o);
        __asm__ volatile("" ::"r"(&o) : "memory");
        i += zf_insn_length(word);
    }
    return count;
}

static uint64_t text(const struct code *code) {
    const uint8_t *bytes = code->bytes;
    const size_t size = code->size;
    uint64_t count = 0;
    for (size_t i = 0; i < size; count++) {
        struct zf_insn insn;
        char buffer[64];
        uint64_t word = zf_get64(bytes + i);
        zf_decode(word, &insn);
        zf_disasm(&insn, i, buffer, sizeof buffer);
        i += zf_insn_length(word);
    }
    return count;
}

static uint64_t capstone(const struct code *code) {
    csh handle;
    uint64_t count = 0;
    if (cs_open(CS_ARCH_SYSZ, CS_MODE_BIG_ENDIAN, &handle) != CS_ERR_OK) {
        return 0;
    }
    cs_insn *insn = cs_malloc(handle);
    const uint8_t *p = code->bytes;
    size_t left = code->size;
    uint64_t address = 0;
    for (; left >= 2; count++) {
        if (!cs_disasm_iter(handle, &p, &left, &address, insn)) {
            size_t length = zf_insn_length((uint64_t)*p << 56);
            length = length < left ? length : left;
            p += length;
            left -= length;
        }
    }
    cs_free(insn, 1);
    cs_close(&handle);
    return count;
}

/* The best of a few rounds, in million instructions a second. */
static double measure(const char *name, pass_function *pass, const struct code *code, int passes) {
    double best = 0;
    for (int round = 0; round < 5; round++) {
        uint64_t count = 0;
        double start = now();
        for (int i = 0; i < passes; i++) {
            count += pass(code);
        }
        double rate = (double)count / (now() - start) / 1e6;
        best = rate > best ? rate : best;
    }
    printf("{\"bench\":\"decode\",\"figure\":\"%s\",\"unit\":\"M insn/s\",\"value\":%.1f}\n", name,
           best);
    return best;
}

static void print_ratio(const char *name, double value) {
    printf("{\"bench\":\"decode\",\"figure\":\"%s\",\"unit\":\"ratio\",\"value\":%.2f}\n", name,
           value);
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "/usr/s390x-linux-gnu/lib/libc.so.6";
    struct code code;
    if (!load_text(path, &code)) {
        fprintf(stderr, "bench_decode: %s has no .text that can be read\n", path);
        return 1;
    }
    double length_only = measure("length-only", lengths, &code, 40);
    double decoded = measure("id+operands", decode, &code, 40);
    double named = measure("operands by name", operands, &code, 10);
    measure("text", text, &code, 1);
    double capstone_rate = measure("capstone", capstone, &code, 1);
    print_ratio("id+operands / length-only", decoded / length_only);
    print_ratio("operands by name / length-only", named / length_only);
    print_ratio("id+operands / capstone", decoded / capstone_rate);
    free(code.bytes);
    return 0;
}
