#!/usr/bin/env bash
# zfacet scan: what stands behind tests of facilities, and what only looks so.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

# how what does not depend on it is compiled; with sanitizers in one way, which is as much of zfacet's code
all_ways=(-O0 -O1 "-O2 -static")
[ -z "${ZFACET_TEST_FEW-}" ] || all_ways=(-O1)

# what only looks as if a test led there, and what is handed on, needs what it needs; also in a program with a C library
# that asks; the rest is guarded
slips() {
    local ways=("${all_ways[@]}")
    [ "${4-}" != "-O2 -static" ] || ways=("$4")
    for options in "${ways[@]}"; do
        # shellcheck disable=SC2086,SC2048
        "$cc" -march=z13 $options ${*:4} -ffunction-sections -Wl,--gc-sections -DCASE="$1" -o "$work/slips" "$here/scan_slips.c" || exit 1
        expect "slips_$1 $options" "$2" "msgrkc z14$3\$" scan --against z13 "$work/slips"
    done
}
for number in {1..19} {30..32} {34..40} 54 56 57; do
    slips "$number" 3 ''
done
# without names: getauxval() is known by its code
slips 20 0 ' guarded' -s
slips 18 3 '' -s
slips 33 3 '' -s
for number in 20 21 27 28 53 55; do # it is known which bit is tested
    slips "$number" 0 ' guarded'
done
for number in {41..44}; do # which pointers lead to, too: so they do in large programs alone
    slips "$number" 0 '( guarded.*)?' "-O2 -static"
done
for number in {46..49}; do # tables, in such programs; without names, too
    slips "$number" 3 '' "-O2 -static"
done
slips 47 3 '' "-O2 -static" -s
slips 58 0 ' guarded' "-O2 -static" # a table that a test chooses, for others to use
slips 59 3 '' "-O2 -static"
# resolver NAME STATUS PATTERN LINE...: an ifunc resolver of these lines, which get AT_HWCAP in register 2 (2048: vector,
# 8192: z14's), and return `plain` or `hidden`
resolver() {
    local name=$1 status=$2 pattern=$3
    shift 3
    printf '%s\n' '.macro f name' '.type \name,@function' '\name:' '.endm' 'f plain' 'br %r14' '.size plain,.-plain' \
        'f older' 'aghi %r2,1' 'br %r14' '.size older,.-older' 'f hidden' 'msgrkc %r2,%r3,%r4' 'br %r14' '.size hidden,.-hidden' \
        'set: lghi %r3,2048' 'f pick' 'tmll %r2,8192' 'jo 1f' 'larl %r2,plain' 'br %r14' '1: larl %r2,hidden' 'br %r14' \
        '.size pick,.-pick' '.globl chosen' '.type chosen,@gnu_indirect_function' 'chosen:' "$@" '.size chosen,.-chosen' >"$work/resolver.s"
    "$cc" -march=z15 -nostdlib -shared -o "$work/resolver.so" "$work/resolver.s" || exit 1
    expect "resolver_$name" "$status" "hidden $pattern\$" scan --against z13 "$work/resolver.so"
}
guarded='\(guarded\): msgrkc z14 guarded' direct='\(direct\): msgrkc z14'
resolver select 3 "$guarded" 'tmll %r2,8192' 'larl %r1,hidden' 'larl %r3,plain' 'selgrne %r2,%r1,%r3' 'br %r14'
resolver early 0 "$guarded" 'tmll %r2,8192' 'larl %r2,hidden' 'bor %r14' 'larl %r2,plain' 'br %r14'
resolver early_zero 3 "$direct" 'tmll %r2,8192' 'larl %r2,hidden' 'bzr %r14' 'larl %r2,plain' 'br %r14'
resolver early_other 3 '\(guarded\): msgrkc z14' 'tmll %r2,2048' 'larl %r2,hidden' 'bor %r14' 'larl %r2,plain' 'br %r14'
resolver always 3 "$direct" 'larl %r2,hidden' 'br %r14'
resolver copied 3 "$direct" 'larl %r1,hidden' 'tmll %r2,8192' 'jz 1f' 'larl %r1,plain' '1: lgr %r2,%r1' 'br %r14'
resolver three 0 "$guarded \(guard unknown\)" 'larl %r1,plain' 'larl %r3,older' 'tmll %r2,2048' 'locgro %r1,%r3' 'larl %r3,hidden' \
    'tmll %r2,8192' 'locgro %r1,%r3' 'lgr %r2,%r1' 'br %r14'
resolver tail_call 0 "$guarded \(guard unknown\)" 'jg pick'
resolver computed 0 "$guarded \(guard unknown\)" 'risbgn %r4,%r2,63,191,51' 'lcgr %r4,%r4' 'larl %r1,hidden' 'larl %r3,plain' \
    'xgr %r1,%r3' 'ngr %r1,%r4' 'xgrk %r2,%r1,%r3' 'br %r14'
resolver constant 0 "$guarded" 'lghi %r3,8192' 'ngr %r2,%r3' 'larl %r2,hidden' 'bnzr %r14' 'larl %r2,plain' 'br %r14'
resolver set_elsewhere 0 "$guarded \(guard unknown\)" 'lghi %r3,8192' 'exrl %r0,set' 'ngr %r2,%r3' 'larl %r2,hidden' 'bnzr %r14' \
    'larl %r2,plain' 'br %r14'
resolver half_constant 0 "$guarded \(guard unknown\)" 'lhi %r3,8192' 'nr %r2,%r3' 'ltgr %r2,%r2' 'larl %r2,hidden' 'bnzr %r14' \
    'larl %r2,plain' 'br %r14'
resolver select_other 3 '\(guarded\): msgrkc z14' 'tmll %r2,2048' 'larl %r1,hidden' 'larl %r3,plain' 'selgrne %r2,%r1,%r3' 'br %r14'
resolver select_last 3 "$direct" 'tmll %r2,8192' 'larl %r1,hidden' 'larl %r3,plain' 'selgrne %r2,%r3,%r1' 'br %r14'
printf '#!/bin/sh\nulimit -t 20\nexec "%s" "$@"\n' "$zfacet" >"$work/limited"
chmod +x "$work/limited"
zfacet=$work/limited resolver many 3 "$direct" 'lghi %r1,8192' '.rept 40000' 'ngrk %r3,%r2,%r1' '.endr' 'larl %r2,hidden' 'br %r14'
# choices NUMBER STATUS PATTERN OPTION...: tests that say less than one bit would, and what they choose
choices() {
    local ways=("${all_ways[@]}")
    [ "${4-}" != -O1 ] || ways=(-O1)
    for options in "${ways[@]}"; do
        # shellcheck disable=SC2086
        "$cc" -march=z13 $options -ffunction-sections -fdata-sections -Wl,--gc-sections "${@:4}" -DCASE="$1" -o "$work/choices" "$here/scan_choices.c" || exit 1
        expect "choices_$1 $options ${*:4}" "$2" "slip \\(.*msgrkc z14$3\$" scan --against z13 "$work/choices"
    done
}
for number in 1 3 4 7 8 9 12 16; do # of 9 and 12, variables that a test sets; of 16, else the program ends
    choices "$number" 0 ' guarded'
    choices "$number" 3 '' -DBIT=VECTOR
done
choices 2 0 ' guarded( \(guard unknown\))?'
for number in 6 10 11 13 14 15 19 20 21 24; do
    choices "$number" 0 ' guarded \(guard unknown\)'
done
for number in 17 22 23; do
    choices "$number" 3 ''
done
choices 18 0 ' guarded( \(guard unknown\))?' # a function stores so many words of the list
choices 18 0 ' guarded' -O1
choices 18 3 '' -O1 -DLIST_BIT=OLDER_BIT
for number in 22 23 45; do
    slips "$number" 0 ' guarded( \(guard unknown\))?'
done
for number in {24..26} 29 52; do
    slips "$number" 0 ' guarded \(guard unknown\)'
done
for number in 50 51; do
    slips "$number" 0 ' guarded \(guard unknown\)' "-O2 -static"
done
# several tests of which nobody knows what they promise, joined
any() {
    for options in -O0 -O1 "-O2 -static"; do
        # shellcheck disable=SC2086
        "$cc" -march=z13 $options -DCASE="$1" -o "$work/any" "$here/scan_any.c" || exit 1
        expect "any_$1 $options" "$2" "slip \\(.*msgrkc z14$3\$" scan --against z13 "$work/any"
    done
}
for number in {1..4}; do
    any "$number" 0 ' guarded \(guard unknown\)'
done
for number in {5..8}; do
    any "$number" 3 ''
done
any 9 0 ' guarded \(guard unknown\)'
# fields of the loader's object
fields() {
    for options in -O1 -O2; do
        "$cc" -march=z196 $options -fPIC -shared -nostdlib "-DFIELD=$1" "${@:4}" -o "$work/fields.so" "$here/scan_fields.c" || exit 1
        expect "fields_$1 $options ${*:4}" "$2" "slip \\(.*msgrkc z14$3\$" scan --against z13 "$work/fields.so"
    done
}
fields 'own.hwcap&WANTED' 0 ' guarded'
fields 'own.hwcap&VECTOR' 3 ''
fields 'own.debug' 3 ''
fields 'own.pages==4096' 3 ''
fields 'own.platform' 0 ' guarded \(guard unknown\)'
fields 'own.debug' 0 ' guarded \(guard unknown\)' -DNOWHERE # nobody knows which field tells
finish
