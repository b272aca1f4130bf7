/*
 * Decimal arithmetic in the manner of a telephone bill: a charge of each call from its duration,
 * taxes of it, sums; and the same in the extended format with a mean and a compound interest.
 */
#include "runtime.h"

enum { CALLS = 1000000 / SHRINK, EXTENDED_CALLS = 250000 / SHRINK };

static u64 state = 88172645463325252;

static s64 duration(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (s64)(state % 36000) + 1;
}

static __attribute__((noinline)) void bill(void) {
    _Decimal64 total = 0.00DD, taxes = 0.00DD, most = 0.00DD;
    for (int i = 0; i < CALLS; i++) {
        s64 seconds = duration();
        _Decimal64 rate = seconds & 1 ? 0.00894DD : 0.0013DD;
        _Decimal64 price = (_Decimal64)seconds * rate;
        _Decimal64 tax = price * 0.0675DD + price * 0.0341DD;
        total += price + tax;
        taxes += tax;
        if (price > most) {
            most = price;
        }
    }
    print_hex("total ", (u64)(s64)(total * 100.DD));
    print_hex("taxes ", (u64)(s64)(taxes * 100.DD));
    print_hex("mean  ", (u64)(s64)(total / CALLS * 1000000.DD));
    print_hex("most  ", (u64)(s64)(most * 100000.DD));
}

static __attribute__((noinline)) void interest(void) {
    _Decimal128 capital = 1000.00DL, sum = 0.DL;
    for (int i = 0; i < EXTENDED_CALLS; i++) {
        _Decimal128 rate = (_Decimal128)duration() / 1000000.DL;
        capital = capital * (1.DL + rate / 365.DL);
        if (capital > 1000000.DL) {
            capital /= 1000.DL;
        }
        sum += capital;
    }
    print_hex("capital", (u64)(s64)(capital * 1000000.DL));
    print_hex("sum    ", (u64)(s64)(sum * 100.DL));
}

int guest_main(void) {
    bill();
    interest();
    return 0;
}
