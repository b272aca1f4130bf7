#!/usr/bin/env bash
# zfacet scan: short pieces of code that ask for facilities, and what they choose by that.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

guarded='\(guarded\): msgrkc z14 guarded'
# piece NAME STATUS PATTERN LINE...: a function of these lines that has AT_HWCAP in register 2, and what it may choose: `plain` and
# `hidden`, or tables with them, for the variable `cell` and one behind it, which others may use
piece() {
    local name=$1 status=$2 pattern=$3 first='br %r14' listed=plain
    shift 3
    [[ "$*" != *hidden* && "$*" != *vector* ]] || first='msgrkc %r2,%r3,%r4'
    [[ "$*" != *vector* ]] || listed=hidden
    printf '%s\n' '.macro f name' '.globl \name' '.type \name,@function' '\name:' '.endm' '.macro e name' '.size \name,.-\name' '.endm' \
        '.type plain,@function' 'plain: br %r14' 'e plain' '.type hidden,@function' 'hidden:' "$first" 'br %r14' 'e hidden' \
        '.section .data.rel.ro,"aw"' '.balign 8' '.type vector,@object' "vector: .quad plain,$listed" 'e vector' \
        '.type scalar,@object' 'scalar: .quad plain,plain' 'e scalar' '.bss' '.balign 8' 'cell: .skip 16' '.text' \
        'f second' 'lgrl %r1,cell' 'lg %r1,8(%r1)' 'br %r1' 'e second' 'f start' 'stmg %r6,%r15,48(%r15)' 'lay %r15,-160(%r15)' \
        'lghi %r2,16' 'brasl %r14,getauxval@plt' "$@" '9: lmg %r6,%r15,208(%r15)' 'br %r14' 'e start' >"$work/piece.s"
    "$cc" -march=z15 -nostdlib -shared -o "$work/piece.so" "$work/piece.s" || exit 1
    expect "piece_$name" "$status" "$pattern\$" scan --against z13 "$work/piece.so"
}
tables=('larl %r1,vector' 'larl %r3,scalar' 'larl %r4,cell') functions=('larl %r1,hidden' 'larl %r3,plain' 'larl %r4,cell')
z14=('tmll %r2,8192' 'locgro %r3,%r1') vx=('tmll %r2,2048' 'locgro %r3,%r1')
keep=('stg %r3,0(%r4)') again=('lgr %r3,%r5' 'stg %r3,8(%r4)')
lesser='hidden \(guarded\): msgrkc z14' pointer='hidden \((pointer|direct)\): msgrkc z14'
for kind in tables functions; do
    declare -n first=$kind
    piece "one_$kind" 0 "hidden $guarded" "${first[@]}" "${z14[@]}" "${keep[@]}"
    # two tests choose the same: the lesser counts
    piece "lesser_first_$kind" 3 "$lesser" "${first[@]}" 'lgr %r5,%r3' "${vx[@]}" "${keep[@]}" 'tmll %r2,8192' 'locgro %r5,%r1' "${again[@]}"
    piece "lesser_last_$kind" 3 "$lesser" "${first[@]}" 'lgr %r5,%r3' "${z14[@]}" "${keep[@]}" 'tmll %r2,2048' 'locgro %r5,%r1' "${again[@]}"
    # one of them where the bit is zero
    piece "zero_first_$kind" 3 "$pointer" "${first[@]}" 'lgr %r5,%r1' 'tmll %r2,8192' 'locgro %r5,%r3' 'locgro %r3,%r1' "${keep[@]}" "${again[@]}"
    piece "zero_last_$kind" 3 "$pointer" "${first[@]}" 'lgr %r5,%r1' 'lgr %r0,%r3' "${z14[@]}" 'locgro %r5,%r0' "${keep[@]}" "${again[@]}"
    # it is used elsewhere, too: stored, copied and stored, and handed on; in a loop, on another way
    piece "stored_$kind" 3 "$pointer" "${first[@]}" "${z14[@]}" "${keep[@]}" 'stg %r1,8(%r4)'
    piece "stored_multiple_$kind" 3 "$pointer" "${first[@]}" "${z14[@]}" "${keep[@]}" 'stmg %r1,%r1,8(%r4)'
    piece "stored_copy_$kind" 3 "$pointer" "${first[@]}" 'lgr %r6,%r1' "${z14[@]}" "${keep[@]}" 'stg %r6,8(%r4)'
    piece "handed_on_$kind" 3 "$pointer" "${first[@]}" 'lgr %r5,%r2' 'lgr %r2,%r1' 'tmll %r5,8192' 'locgro %r3,%r2' "${keep[@]}" \
        'lghi %r3,0' 'brasl %r14,other@plt'
    piece "tail_call_$kind" 3 "$pointer" "${first[@]}" 'lgr %r5,%r2' 'lgr %r2,%r1' 'tmll %r5,8192' 'locgro %r3,%r2' "${keep[@]}" 'jg other@plt'
    piece "other_way_$kind" 3 "$pointer" "${first[@]}" 'ltgr %r6,%r6' 'je 1f' "${z14[@]}" "${keep[@]}" 'j 9f' '1: stg %r1,8(%r4)'
    # where a test that promises as much leads to that, it may; where that promises less, or the bit is zero, not
    piece "guarded_store_$kind" 0 "hidden $guarded" "${first[@]}" 'tmll %r2,8192' 'jz 1f' 'stg %r1,8(%r4)' '1:' "${z14[@]}" "${keep[@]}"
    piece "lesser_store_$kind" 3 "hidden .*msgrkc z14" "${first[@]}" 'tmll %r2,2048' 'jz 1f' 'stg %r1,8(%r4)' '1:' "${z14[@]}" "${keep[@]}"
    piece "denied_store_$kind" 3 "$pointer" "${first[@]}" 'tmll %r2,8192' 'jnz 1f' 'stg %r1,8(%r4)' '1:' "${z14[@]}" "${keep[@]}"
done
piece direct_call 3 "$pointer" "${functions[@]}" "${z14[@]}" "${keep[@]}" 'basr %r14,%r1'
piece chosen_call 0 "hidden $guarded" "${functions[@]}" "${z14[@]}" 'lghi %r2,5' 'basr %r14,%r3'
piece chosen_call_stale 0 "hidden $guarded" 'larl %r5,hidden' 'larl %r1,plain' 'tmll %r2,8192' 'locgro %r1,%r5' 'basr %r14,%r1'
piece read_table 3 'hidden \(direct\): msgrkc z14' "${tables[@]}" "${z14[@]}" "${keep[@]}" 'lg %r5,8(%r1)' 'basr %r14,%r5'
piece chosen_table 0 "hidden $guarded" "${tables[@]}" "${z14[@]}" 'lg %r5,8(%r3)' 'lghi %r3,2' 'basr %r14,%r5'
# branches to other functions that are tests themselves
piece branch 0 "hidden $guarded" 'tmll %r2,8192' 'jgo hidden'
piece branch_zero 3 'hidden \(direct\): msgrkc z14' 'tmll %r2,8192' 'jgz hidden'
piece branch_lesser 3 "$lesser" 'tmll %r2,2048' 'jgo hidden'
piece branch_compare 0 "hidden $guarded" 'nill %r2,8192' 'clgijh %r2,0,hidden'
piece branch_past 0 "hidden $guarded" 'tmll %r2,8192' 'jz 9f' 'ltgr %r6,%r6' 'jgo hidden'
# what register 0 holds is of those instructions alone that have it as an operand
zero='hidden \([a-z]*\): msgrkc z14'
held=('lgr %r0,%r2' 'lghi %r2,0') behind=('jz 9f' 'brasl %r14,hidden')
piece zero_asked 0 "$zero guarded" "${held[@]}" 'tmll %r0,8192' "${behind[@]}"
piece zero_branch 3 "$zero" "${held[@]}" 'cijne %r6,3,9f' 'brasl %r14,hidden'
piece zero_immediate 3 "$zero" "${held[@]}" 'cli 160(%r15),0' "${behind[@]}"
piece zero_lesser 3 "$zero" "${held[@]}" 'xc 160(8,%r15),160(%r15)' 'tmll %r0,2048' "${behind[@]}"
piece zero_computed 3 "$zero" "${held[@]}" 'sllg %r0,%r6,1' 'ltgr %r0,%r0' "${behind[@]}"
piece zero_stored 3 "$zero" "${held[@]}" 'stckf 160(%r15)' 'tm 162(%r15),32' "${behind[@]}"
# of several bits, what is known of one bounds what any of them promises; the first of 32 is not known
does=('j 9f' '1: msgrkc %r2,%r3,%r4')
any() {
    piece "$1" "$2" "start \\(direct\\): msgrkc z14$3" "${@:4}" "${does[@]}"
}
any one 0 ' guarded' 'tmll %r2,8192' 'jnz 1f'
any lesser 3 '' 'tmll %r2,2048+8192' 'jnz 1f'
any not_known 3 '' 'nilf %r2,0x80000800' 'jnz 1f'
any none_known 0 ' guarded \(guard unknown\)' 'nilf %r2,0xc0000000' 'jnz 1f'
any enough 0 ' guarded' 'nilf %r2,0x80002000' 'jnz 1f'
# of those that are not the same, the first is zero, or one
any first_zero 3 '' 'tmll %r2,2048+8192' 'jl 1f'
any first_one 0 ' guarded' 'tmll %r2,2048+8192' 'jh 1f'
any mixed 3 '' 'tmll %r2,2048+8192' 'jm 1f'
any stored_mixed 3 '' 'stg %r2,160(%r15)' 'tm 166(%r15),8+32' 'jl 1f'
# one OR of what tells promises the least of it that is known, where all of it is looked at
either() {
    any "either_$1" "$2" "$3" 'lgr %r6,%r2' "lghi %r1,$4" 'ngr %r6,%r1' 'lghi %r0,2' 'stfle 176(%r15)' 'lg %r8,192(%r15)' \
        'lghi %r2,26' 'brasl %r14,getauxval@plt' "${@:5}" 'jnz 1f'
}
either known 0 ' guarded' 8192 'ogr %r6,%r2'
either lesser 3 '' 2048 'ogr %r6,%r2'
either lesser_last 3 '' 2048 'ogrk %r1,%r2,%r6' 'ltgr %r1,%r1'
either lesser_half 3 '' 2048 'or %r2,%r6'
either lesser_kept 3 '' 2048 'ogr %r2,%r6' 'stg %r2,168(%r15)' 'lghi %r3,0' 'lg %r1,168(%r15)' 'ltgr %r1,%r1'
either selected 0 ' guarded' 8192 'rosbg %r2,%r6,50,50,0'
either lesser_selected 3 '' 2048 'rosbg %r2,%r6,52,52,0' 'ltgr %r2,%r2'
either selected_part 0 ' guarded \(guard unknown\)' 2048 'rosbg %r2,%r6,52,52,0' 'tmll %r2,4'
either three 0 ' guarded' 8192 'ogr %r6,%r2' 'ogr %r6,%r2'
either lesser_three 3 '' 2048 'ogr %r6,%r2' 'ogr %r6,%r8'
either part 0 ' guarded \(guard unknown\)' 2048 'ogr %r6,%r2' 'tmll %r6,4'
either shifted 0 ' guarded \(guard unknown\)' 2048 'ogr %r6,%r2' 'srlg %r6,%r6,8' 'ltgr %r6,%r6'
either not_known 0 ' guarded \(guard unknown\)' 2048 'ogr %r2,%r2'
# the condition code comes from elsewhere, too
piece joined 3 'start \(direct\): msgrkc z14' 'ltr %r6,%r6' 'jne 2f' 'tmll %r2,8192' '2: jnz 1f' "${does[@]}"
# where a loop ends that tests go through, all goes on; not so where it may end otherwise, or is no loop's end
shifts=('1: ltgr %r2,%r2' 'jz 2f') on=('srlg %r2,%r2,1' 'j 1b' '2: msgrkc %r2,%r3,%r4')
piece loop_end 3 'start \(direct\): msgrkc z14' "${shifts[@]}" "${on[@]}"
piece loop_returns 0 'start \(direct\): msgrkc z14 guarded \(guard unknown\)' "${shifts[@]}" 'ltgr %r3,%r3' 'je 9f' "${on[@]}"
piece loop_for_ever 0 'start \(direct\): msgrkc z14 guarded \(guard unknown\)' 'lgr %r6,%r2' '1: lgr %r1,%r6' 'nilf %r1,0xc0000000' 'jz 2f' \
    'msgrkc %r2,%r3,%r4' '2: brasl %r14,other@plt' 'j 1b'
finish
