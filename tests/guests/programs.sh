#!/usr/bin/env bash
# Small programs, built for several machines, behave as under the other emulator.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
command -v "$cc" > /dev/null || { echo "$cc is missing: it builds the guests"; exit 1; }
targets="z900:-march=z900 z196:-march=z196 z13:-march=z13,-mno-vx z15:-march=z15,-mno-vx"
for source in "$here"/*_guest.c; do
    name=$(basename "$source" _guest.c)
    for target in $targets; do
        IFS=, read -ra flags <<< "${target#*:}"
        program=$work/$name.${target%%:*}
        [ "$program" -nt "$source" ] ||
            "$cc" -O2 -static "${flags[@]}" -o "$program" "$source" -lm -lrt || exit 1
        same "$name ${target%%:*}" sh -c "\$EMU $program one 'two words'"
    done
done
# dynamically linked, with the peers' libc
export ZFACET_SYSROOT=$peers/s390x QEMU_LD_PREFIX=$peers/s390x
for source in "$here"/*_guest.c; do
    name=$(basename "$source" _guest.c)
    program=$work/$name.dynamic
    [ "$program" -nt "$source" ] || "$cc" -O2 -march=z196 -o "$program" "$source" -lm -lrt || exit 1
    same "$name dynamic" sh -c "\$EMU $program one 'two words'"
done
# says NAME EXPECTED COMMAND...: what a program says that knows itself what is right
says() {
    local name=$1 expected=$2 said
    shift 2
    ran=$((ran + 1))
    if ! said=$(timeout -k 5 120 "$@" 2>&1 < "$work/nothing") || [ "$said" != "$expected" ]; then
        echo "FAILED: $name, engine $ZFACET_TEST_ENGINE: $said"
        failed=$((failed + 1))
    fi
}

# differs NAME EXPECTED OUTPUT: files
differs() {
    ran=$((ran + 1))
    if ! cmp -s "$2" "$3" || [ ! -s "$2" ]; then
        echo "FAILED: $1, engine $ZFACET_TEST_ENGINE"
        diff "$2" "$3" | head -8
        failed=$((failed + 1))
    fi
}

# make NAME SOURCE OPTION...
make() {
    local program=$work/$1 source=$here/$2
    shift 2
    "$cc" -O2 "$@" -o "$program" "$source" || exit 1
}

themselves=(futex bounds shared old_calls rseq late_signals crowd)
for name in "${themselves[@]}"; do
    make "$name" "$name.c" -march=zEC12 -static
done
# on a machine without interlocked updates but COMPARE AND SWAP, on one that has them, and dynamically linked
make threads.z900 threads.c -march=z900 -static -lpthread
make threads.z196 threads.c -march=z196 -static -lpthread
make threads.z14 threads.c -march=z14 -lpthread
# the C library's string functions, vector ones included, against plain loops
make strings strings.c -fno-builtin -fno-tree-loop-distribute-patterns
# what compilers make vector code of: builds for machines with it say the same as one for a machine without
for machine in z196 z13 z14 z15; do
    make vector.$machine vector.c -O3 -static -march=$machine
done
# decimal arithmetic, which the other emulator does not have: the host's own, another encoding, says the same
gcc -O2 -o "$work/decimal.host" "$here/decimal.c" || exit 1
"$work/decimal.host" > "$work/decimal.expected"
for machine in z10 z196; do
    make decimal.$machine decimal.c -static -mhard-dfp -march=$machine
done
make abuse abuse.c -static
mkdir -p "$work/empty"
: > "$work/nothing"

verdicts() {
    local name machine
    for name in "${themselves[@]}" threads.z900 threads.z196 threads.z14 strings; do
        says "$name" right "$runner" "$work/$name"
    done
    timeout -k 5 60 "$runner" "$work/vector.z196" > "$work/vector.z196.out" 2>&1
    for machine in z13 z14 z15; do
        timeout -k 5 60 "$runner" "$work/vector.$machine" > "$work/vector.$machine.out" 2>&1
        differs "vector $machine" "$work/vector.z196.out" "$work/vector.$machine.out"
    done
    for machine in z10 z196; do
        timeout -k 5 60 "$runner" "$work/decimal.$machine" > "$work/decimal.out" 2>&1
        differs "decimal $machine" "$work/decimal.expected" "$work/decimal.out"
    done
    # system calls with arguments that make no sense: zfacet goes on. They change owner and mode of what the
    # program has open, which must be no file of the host's: under root that would be /dev/null's own.
    cd "$work/empty" || exit 1
    says abuse survived "$runner" "$work/abuse" 50
    cd "$here" || exit 1
}
for ZFACET_TEST_ENGINE in $engines; do
    export ZFACET_TEST_ENGINE
    verdicts
done
finish
