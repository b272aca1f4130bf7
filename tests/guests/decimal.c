/*
 * Computes with all three decimal types and prints digits and exponents of the results, which the
 * machine's own arithmetic and the host's library must agree in, whatever their encodings.
 */
#include <stdio.h>

/* As many digits as 64 bits hold: two of the extended format's three thirds are the least. */
static void print(const char *what, _Decimal128 v) {
    int exponent = 0;
    if (v != v) {
        printf("%s NaN\n", what);
        return;
    }
    if (v - v != 0) {
        printf("%s %sinfinite\n", what, v < 0 ? "-" : "");
        return;
    }
    while (v != 0 && (v < 1.0e16DL && v > -1.0e16DL)) {
        v *= 10;
        exponent--;
    }
    while (v >= 1.0e17DL || v <= -1.0e17DL) {
        v /= 10;
        exponent++;
    }
    long long head = (long long)v;
    long long tail = (long long)((v - (_Decimal128)head) * 1.0e17DL);
    printf("%s %lld %lld %d\n", what, head, tail, exponent);
}

static volatile _Decimal32 s[] = {1.5DF, -0.3333333DF, 9999999E90DF, 1E-101DF, 2.50DF};
static volatile _Decimal64 l[] = {
    1.5DD, -0.3333333333333333DD, 9.999999999999999E384DD, 1E-398DD, 2.50DD, 7.DD};
static volatile _Decimal128 x[] = {1.5DL, -0.3333333333333333333333333333333333DL, 9.9E6144DL,
                                   1E-6176DL, 3.DL};
static volatile double d[] = {0.1, 1e300, -123456789.125, 5e-324, 3};
static volatile float f[] = {0.1f, 3e38f, -1.25f};
static volatile long long whole[] = {0, 1, -1, 9007199254740993, (-9223372036854775807LL - 1)};

enum { COUNT = 5 };

static void arithmetic(void) {
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < COUNT; j++) {
            print("s +", s[i] + s[j]);
            print("s *", s[i] * s[j]);
            print("l +", l[i] + l[j]);
            print("l -", l[i] - l[j]);
            print("l *", l[i] * l[j]);
            print("l /", l[i] / l[j]);
            print("x +", x[i] + x[j]);
            print("x -", x[i] - x[j]);
            print("x *", x[i] * x[j]);
            print("x /", x[i] / x[j]);
            printf("%d%d%d %d%d%d %d%d%d\n", s[i]<s[j], s[i] == s[j], s[i]> s[j],
                   l[i]<l[j], l[i] == l[j], l[i]> l[j], x[i] < x[j], x[i] == x[j], x[i] >= x[j]);
        }
    }
    print("0/0", (l[0] - l[0]) / (l[0] - l[0]));
    print("1/0", l[0] / (l[0] - l[0]));
}

static void conversions(void) {
    for (int i = 0; i < COUNT; i++) {
        print("s from l", (_Decimal32)l[i]);
        print("s from x", (_Decimal32)x[i]);
        print("l from x", (_Decimal64)x[i]);
        print("l from s", (_Decimal64)s[i]);
        print("s from integer", (_Decimal32)whole[i]);
        print("l from integer", (_Decimal64)whole[i]);
        print("x from integer", (_Decimal128)whole[i]);
        print("l from unsigned", (_Decimal64)(unsigned long long)whole[i]);
        print("l from int", (_Decimal64)(int)whole[i]);
        print("s from double", (_Decimal32)d[i]);
        print("l from double", (_Decimal64)d[i]);
        print("x from double", (_Decimal128)d[i]);
        printf("%a %a %a\n", (double)s[i], (double)l[i], (double)x[i]);
        printf("%a %a\n", (double)(float)s[i], (double)(float)l[i]);
    }
    for (int i = 0; i < 3; i++) {
        print("l from float", (_Decimal64)f[i]);
        print("x from float", (_Decimal128)f[i]);
    }
    static volatile _Decimal64 integers[] = {0.DD, -2.5DD, 12345678.9DD, -1E11DD, 4294967295.DD};
    for (int i = 0; i < COUNT; i++) {
        printf("%lld %d\n", (long long)integers[i], (int)(integers[i] / 100.DD));
        printf("%llu\n", integers[i] < 0 ? 0ULL : (unsigned long long)integers[i]);
    }
}

static void series(void) {
    _Decimal128 e = 1.DL, term = 1.DL;
    for (int i = 1; i < 40; i++) {
        term /= i;
        e += term;
    }
    print("e", e);
    _Decimal64 balance = 1000.00DD;
    for (int i = 0; i < 360; i++) {
        balance += balance * 0.0035DD - 4.10DD;
    }
    print("balance", balance);
}

int main(void) {
    arithmetic();
    conversions();
    series();
    return 0;
}
