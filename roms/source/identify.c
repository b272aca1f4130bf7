/* Who am I? STIDP, STFL, STFLE and STSI, as numbers. */
#include "rom.h"

int main(void);

static uint8_t block[4096] __attribute__((aligned(4096)));

static int stsi(unsigned fc, unsigned selector1, unsigned selector2) {
    register uint64_t r0 __asm__("0") = (uint64_t)fc << 28 | selector1;
    register uint64_t r1 __asm__("1") = selector2;
    int cc;
    __asm__ volatile(".insn s,0xb27d0000,0(%3)\n ipm %1\n srl %1,28"
                     : "+d"(r0), "=d"(cc)
                     : "d"(r1), "a"(block)
                     : "cc", "memory");
    return cc ? -1 : (int)(r0 >> 28 & 15);
}

/* EBCDIC letters, digits and the few marks that names have. */
static void print_ebcdic(const uint8_t *text, unsigned length) {
    char c[2] = {0, 0};
    for (unsigned i = 0; i < length; i++) {
        uint8_t e = text[i], low4 = e & 15;
        uint8_t high = e >> 4;
        c[0] = '.';
        if (high == 15 && low4 < 10) {
            c[0] = (char)('0' + low4);
        } else if ((high == 12 || high == 8) && low4 >= 1 && low4 <= 9) {
            c[0] = (char)((high == 12 ? 'A' : 'a') + low4 - 1);
        } else if ((high == 13 || high == 9) && low4 >= 1 && low4 <= 9) {
            c[0] = (char)((high == 13 ? 'J' : 'j') + low4 - 1);
        } else if ((high == 14 || high == 10) && low4 >= 2 && low4 <= 9) {
            c[0] = (char)((high == 14 ? 'S' : 's') + low4 - 2);
        } else if (e == 0x40) {
            c[0] = ' ';
        }
        print(c);
    }
    print("\n");
}

static void identify_cpu(void) {
    uint64_t id;
    __asm__ volatile(".insn s,0xb2020000,%0" : "=Q"(id) : : "memory");
    print("STIDP  ");
    print_hex(id, 16);
    print("  type ");
    print_hex(id >> 16 & 0xffff, 4);
    print("\n");
}

static void identify_facilities(void) {
    uint64_t list[32];
    unsigned count = facility_list(list);
    uint64_t first = list[0];
    print("STFL   ");
    print_hex(LOW32(LOW_STFL), 8);
    print("\nSTFLE  ");
    for (unsigned i = 0; i < count; i++) {
        print_hex(list[i], 16);
    }
    print(count ? "\n" : "not installed\n");
    expect("STFL is the left part of STFLE", first >> 32, LOW32(LOW_STFL));
}

static void identify_system(void) {
    int level = stsi(0, 0, 0);
    print("STSI   level ");
    print_dec((uint64_t)level);
    print("\n");
    if (stsi(1, 1, 1) >= 0) {
        print("  manufacturer ");
        print_ebcdic(block + 32, 16);
        print("  type         ");
        print_ebcdic(block + 48, 4);
    }
    if (level >= 2 && stsi(2, 2, 2) >= 0) {
        print("  partition    ");
        print_ebcdic(block + 44, 8);
    }
    if (level >= 3 && stsi(3, 2, 2) >= 0) {
        print("  guest        ");
        print_ebcdic(block + 44, 8);
    }
}

int main(void) {
    identify_cpu();
    identify_facilities();
    identify_system();
    return verdict();
}
