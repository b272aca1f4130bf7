/*
 * Objects of an archive: one has an ifunc resolver, and others what it chooses (-DNAME=chosen_new),
 * or what is called whatever it chooses (-DNAME=called).
 */
long long chosen_new(long long a), called(long long a), calls(long long a), chosen(long long a);

#ifdef NAME
long long NAME(long long a) {
    __asm__("msgrkc %0,%0,%0" : "+d"(a) : : "cc");
    return a;
}
#else
static long long chosen_old(long long a) {
    return a;
}
static long long (*resolve(unsigned long hwcap))(long long) {
    return hwcap & 1 << 13 ? chosen_new : chosen_old;
}
long long chosen(long long a) __attribute__((ifunc("resolve")));
long long calls(long long a) {
    return called(a) + 1;
}
#endif
