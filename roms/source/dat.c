/* Dynamic address translation: a map of one segment, its faults, protection and invalidation. */
#include "rom.h"

int main(void);

enum { PAGES = 256, TABLE_ENTRIES = 2048, INVALID = 0x400, PROTECTED = 0x200 };
enum { SEGMENT_INVALID = 0x20, REGION_THIRD_ASCE = 0x4, REGION_THIRD = 0x4 };
enum { PAGE = 4096, WINDOW = 0x80000 }; /* the window's pages are the test's */

static uint64_t region[TABLE_ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t segment[TABLE_ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t page[PAGES] __attribute__((aligned(2048)));
static uint8_t frame[2][PAGE] __attribute__((aligned(PAGE)));

static void make_tables(void) {
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        region[i] = SEGMENT_INVALID | REGION_THIRD;
        segment[i] = SEGMENT_INVALID;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        page[i] = (uint64_t)i * PAGE;
    }
    region[0] = (uint64_t)segment | 3 | REGION_THIRD;
    segment[0] = (uint64_t)page;
    for (unsigned i = WINDOW / PAGE; i < PAGES; i++) {
        page[i] = INVALID;
    }
}

static void set_cr1(uint64_t value) {
    __asm__ volatile("lctlg 1,1,%0\n lctlg 7,7,%0\n lctlg 13,13,%0" : : "Q"(value) : "memory");
}

static void flush(void) {
    __asm__ volatile("ptlb" : : : "memory");
}

static void translation(int on) {
    if (on) {
        __asm__ volatile("stosm %0,4" : : "Q"(*(char *)low(0xf00)) : "memory");
    } else {
        __asm__ volatile("stnsm %0,0xfb" : : "Q"(*(char *)low(0xf00)) : "memory");
    }
}

/* Loads or stores a byte at the argument, with DAT on until then. */
static uint8_t byte;
static void load(uint64_t address) {
    translation(1);
    byte = *(volatile uint8_t *)address;
    translation(0);
}

static void store(uint64_t address) {
    translation(1);
    *(volatile uint8_t *)address = byte;
    translation(0);
}

static void maps(void) {
    frame[0][5] = 0x11;
    frame[1][5] = 0x22;
    page[WINDOW / PAGE] = (uint64_t)frame[0];
    page[WINDOW / PAGE + 1] = (uint64_t)frame[1];
    flush();
    expect("load", rom_try(load, WINDOW + 5), 0);
    expect("  byte of the first frame", byte, 0x11);
    expect("load", rom_try(load, WINDOW + PAGE + 5), 0);
    expect("  byte of the second frame", byte, 0x22);
    byte = 0x33;
    expect("store", rom_try(store, WINDOW + 6), 0);
    expect("  byte stored", frame[0][6], 0x33);
    page[WINDOW / PAGE] = (uint64_t)frame[1];
    flush();
    expect("load after a change", rom_try(load, WINDOW + 5), 0);
    expect("  byte of the other frame", byte, 0x22);
}

static void faults(void) {
    expect("invalid page", rom_try(load, WINDOW + 3 * PAGE + 7), 0x11);
    expect("  its address", LOW64(LOW_TEID) & ~UINT64_C(0xfff), WINDOW + 3 * PAGE);
    expect("invalid segment", rom_try(load, 0x300000), 0x10);
    expect("invalid region third", rom_try(load, UINT64_C(5) << 31), 0x3b);
    expect("address beyond the region third table", rom_try(load, UINT64_C(1) << 42), 0x38);
}

static void protection(void) {
    page[WINDOW / PAGE] = (uint64_t)frame[0] | PROTECTED;
    flush();
    frame[0][8] = 0x44;
    expect("load of a protected page", rom_try(load, WINDOW + 8), 0);
    byte = 0x55;
    expect("store to a protected page", rom_try(store, WINDOW + 8), 4);
    expect("  byte unchanged", frame[0][8], 0x44);
}

static void invalidate(void) {
    page[WINDOW / PAGE] = (uint64_t)frame[0];
    flush();
    expect("load before IPTE", rom_try(load, WINDOW), 0);
    __asm__ volatile("ipte %0,%1" : : "a"(page), "a"((uint64_t)WINDOW) : "memory");
    expect("entry after IPTE", page[WINDOW / PAGE] & INVALID, INVALID);
    expect("load after IPTE", rom_try(load, WINDOW), 0x11);
}

int main(void) {
    make_tables();
    set_cr1((uint64_t)region | REGION_THIRD_ASCE | 3);
    maps();
    faults();
    protection();
    invalidate();
    return verdict();
}
