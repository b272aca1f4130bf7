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
# programs that know themselves what is right
for name in futex bounds shared old_calls rseq late_signals crowd; do
    "$cc" -O2 -march=zEC12 -static -o "$work/$name" "$here/$name.c" || exit 1
    ran=$((ran + 1))
    if ! said=$(timeout -k 5 60 "$runner" "$work/$name" 2>&1) || [ "$said" != right ]; then
        echo "FAILED: $name: ${said-}"
        failed=$((failed + 1))
    fi
done
# threads, on a machine without interlocked updates but COMPARE AND SWAP, on one that has them, and dynamically linked
for target in "z900 -march=z900 -static" "z196 -march=z196 -static" "z14 -march=z14"; do
    read -ra flags <<< "$target"
    "$cc" -O2 "${flags[@]:1}" -o "$work/threads.${flags[0]}" "$here/threads.c" -lpthread || exit 1
    ran=$((ran + 1))
    if [ "$(timeout -k 5 120 "$runner" "$work/threads.${flags[0]}" 2>&1)" != right ]; then
        echo "FAILED: threads ${flags[0]}"
        failed=$((failed + 1))
    fi
done
# the C library's string functions, vector ones included, against plain loops
"$cc" -O2 -fno-builtin -fno-tree-loop-distribute-patterns -o "$work/strings" "$here/strings.c" || exit 1
ran=$((ran + 1))
if [ "$(timeout -k 5 60 "$runner" "$work/strings" 2>&1)" != right ]; then
    echo "FAILED: strings"
    failed=$((failed + 1))
fi
# what compilers make vector code of: builds for machines with it say the same as one for a machine without
for machine in z196 z13 z14 z15; do
    "$cc" -O3 -static -march=$machine -o "$work/vector" "$here/vector.c" || exit 1
    timeout -k 5 60 "$runner" "$work/vector" > "$work/vector.$machine" 2>&1
    ran=$((ran + 1))
    if ! cmp -s "$work/vector.z196" "$work/vector.$machine" || [ ! -s "$work/vector.z196" ]; then
        echo "FAILED: vector $machine"
        diff "$work/vector.z196" "$work/vector.$machine" | head -8
        failed=$((failed + 1))
    fi
done
# decimal arithmetic, which the other emulator does not have: the host's own, another encoding, says the same
gcc -O2 -o "$work/decimal.host" "$here/decimal.c" || exit 1
"$work/decimal.host" > "$work/decimal.expected"
for target in z10:-march=z10 z196:-march=z196; do
    "$cc" -O2 -static -mhard-dfp "${target#*:}" -o "$work/decimal" "$here/decimal.c" || exit 1
    ran=$((ran + 1))
    timeout -k 5 60 "$runner" "$work/decimal" > "$work/decimal.out" 2>&1
    if ! cmp -s "$work/decimal.expected" "$work/decimal.out"; then
        echo "FAILED: decimal ${target%%:*}"
        diff "$work/decimal.expected" "$work/decimal.out" | head -8
        failed=$((failed + 1))
    fi
done
# system calls with arguments that make no sense: zfacet goes on. They change owner and mode of what the
# program has open, which must be no file of the host's: under root that would be /dev/null's own.
"$cc" -O2 -static -o "$work/abuse" "$here/abuse.c" || exit 1
mkdir -p "$work/empty"
: >"$work/nothing"
ran=$((ran + 1))
if [ "$(cd "$work/empty" && timeout -k 5 60 "$runner" "$work/abuse" 50 2>&1 <"$work/nothing")" != survived ]; then
    echo "FAILED: abuse"
    failed=$((failed + 1))
fi
finish
