/* SIGNAL PROCESSOR to this CPU and to one that is not there. */
#include "rom.h"

int main(void);

enum { SENSE = 1, EXTERNAL_CALL = 2, EMERGENCY = 3, INVALID_ORDER = 0xff };
enum { SUBCLASS_EMERGENCY = 0x4000, SUBCLASS_CALL = 0x2000 };

/* Condition code; the status of cc 1 goes to *status. */
static int sigp(unsigned cpu, unsigned order, uint32_t *status) {
    register uint64_t r2 __asm__("2") = 0;
    register uint64_t r3 __asm__("3") = 0;
    int cc;
    __asm__ volatile("sigp %1,%3,0(%4)\n ipm %0\n srl %0,28"
                     : "=d"(cc), "+d"(r2), "+d"(r3)
                     : "d"((uint64_t)cpu), "a"((uint64_t)order)
                     : "cc", "memory");
    *status = (uint32_t)r2;
    return cc;
}

int main(void) {
    uint16_t self;
    uint32_t status;
    __asm__ volatile("stap %0" : "=Q"(self) : : "memory");
    expect("address of the only CPU", self, 0);
    expect("sense of a CPU that is not there", (uint64_t)sigp(77, SENSE, &status), 3);
    expect("sense of this CPU", (uint64_t)sigp(self, SENSE, &status), 0);
    expect("emergency signal", (uint64_t)sigp(self, EMERGENCY, &status), 0);
    rom_wait(SUBCLASS_EMERGENCY);
    expect("  its interruption", rom_external_code, 0x1201);
    expect("  from", LOW16(0x84), self);
    expect("external call", (uint64_t)sigp(self, EXTERNAL_CALL, &status), 0);
    rom_wait(SUBCLASS_CALL);
    expect("  its interruption", rom_external_code, 0x1202);
    expect("  from", LOW16(0x84), self);
    expect("interruptions", rom_externals, 2);
    expect("invalid order", (uint64_t)sigp(self, INVALID_ORDER, &status), 1);
    expect("  its status", status, 2);
    return verdict();
}
