/*
 * What the ROMs share. They are compiled for z900, so that they run on every model.
 */
#ifndef ROM_H
#define ROM_H

#include <stddef.h>
#include <stdint.h>

/* Assigned storage locations, as addresses and as memory. */
enum {
    LOW_EXT_PARAMETER = 0x80,
    LOW_EXT_CODE = 0x86,
    LOW_SVC_CODE = 0x8a,
    LOW_PGM_ILC = 0x8d,
    LOW_PGM_CODE = 0x8e,
    LOW_DXC = 0x90,
    LOW_TEID = 0xa8,
    LOW_STFL = 0xc8,
    LOW_EXT_OLD = 0x130,
    LOW_SVC_OLD = 0x140,
    LOW_PGM_OLD = 0x150,
};

/* The compiler must not reason about memory at fixed low addresses. */
static inline volatile void *low(uintptr_t address) {
    __asm__("" : "+r"(address));
    return (volatile void *)address;
}
#define LOW8(a) (*(volatile uint8_t *)low(a))
#define LOW16(a) (*(volatile uint16_t *)low(a))
#define LOW32(a) (*(volatile uint32_t *)low(a))
#define LOW64(a) (*(volatile uint64_t *)low(a))

#define PSW_64 UINT64_C(0x0000000180000000)
#define PSW_DAT UINT64_C(0x0400000000000000)
#define PSW_EXT UINT64_C(0x0100000000000000)
#define PSW_WAIT UINT64_C(0x0002000000000000)
#define PSW_PROBLEM UINT64_C(0x0001000000000000)

typedef void rom_code(uint64_t argument);

/** Ends the ROM: 0 success, else the PSW address of the disabled wait. */
_Noreturn void rom_end(uint64_t result);
/** Calls code(argument); 0, or the code of the program interruption that ended it. */
unsigned rom_try(rom_code *code, uint64_t argument);

/* Console. print() keeps the text up to a newline. */
void print(const char *text);
void print_hex(uint64_t value, unsigned digits);
void print_dec(uint64_t value);

/** Prints "FAIL what" and counts it. */
void fail(const char *what);
/** Fails unless they are equal, and prints both. */
void expect(const char *what, uint64_t got, uint64_t wanted);
/** Prints PASS when nothing failed; the result for main() to return. */
int verdict(void);

/** The last external interruption's code; the handler also ends an enabled wait. */
extern volatile uint16_t rom_external_code;
extern volatile unsigned rom_externals, rom_svcs;
/** Waits enabled for external interruptions that CR0's bits `subclasses` allow. */
void rom_wait(uint64_t subclasses);
uint64_t get_cr0(void);
void set_cr0(uint64_t value);

/** True when STFL or STFLE tell the facility. */
int has_facility(unsigned bit);
/** Fills `list` with what STFLE stores; its number of doublewords, or 0 without STFLE. */
unsigned facility_list(uint64_t list[32]);

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);

#endif
