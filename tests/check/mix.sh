#!/usr/bin/env bash
# Counts of executions: what can be counted by hand, in each engine; over processes and threads; and what is made of them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build
# writable text: the program changes itself
"$cc" -march=z14 -nostdlib -static -Wl,-N,--no-warn-rwx-segments -Wl,--build-id=none -o "$work/counted" "$here/mix_guest.S" || exit 1

# count NAME N KEY PATTERN: the sum of KEY in the file of counts is N
count() {
    expect "$1" 0 "^ *$2 +[0-9.]+ %  $4\$" mix --top 0 --by "$3" "$work/mix"
}

engines="interpreter switch"
"$zfacet" --version | grep -q base && engines="$engines base auto,hot=2"
for engine in $engines; do
    expect "counted_$engine" 0 - run --engine "$engine" --linux --model z14 --mix "$work/mix" "$work/counted"
    count "branch_to_register_$engine" 1028 mnemonic bcr
    count "after_it_$engine" 1000 mnemonic la
    count "execute_$engine" 1000 mnemonic exrl
    count "its_target_$engine" 4057 mnemonic mvc
    count "loops_$engine" 2511 mnemonic brctg
    count "to_the_middle_$engine" 1503 mnemonic oilf
    count "after_it_too_$engine" 1500 mnemonic oihf
    count "partial_$engine" 8 code 'kimd 1'
    count "left_by_register_$engine" 28 mnemonic nilf
    count "left_by_store_$engine" 35 mnemonic xr
    count "over_slices_$engine" 200001 mnemonic oill
    count "last_of_a_block_$engine" 100 mnemonic bxle
    count "within_a_loop_$engine" 100 mnemonic bxh
    count "after_it_in_the_loop_$engine" 100 mnemonic oihh
    count "to_the_fault_$engine" 12252 mnemonic nihf
    count "after_the_load_$engine" 12228 mnemonic xihf
    count "changed_$engine" 3 mnemonic lr
    count "before_the_fault_$engine" 1 mnemonic afi
    count "function_code_$engine" 2 code 'kimd 0'
    count "none_of_the_fault_$engine" 3057 mnemonic lmg
    expect "threads_$engine" 0 - run --engine "$engine" --model z14 --mix "$work/mix" "$work/slip-static" crowd
    count "in_threads_$engine" 4000 mnemonic msgrkc
    # of those blocked none counts
    expect "blocked_$engine" 0 - run --engine "$engine" --model z13 --mix "$work/mix" "$work/slip-static" crowd
    expect "none_of_those_$engine" 0 - mix --top 0 "$work/mix"
    lacks "none_$engine" '  msgrkc$'
done

# names of functions need no debug information, nor the library that asks servers for it
s390x-linux-gnu-objcopy -g "$work/slip-static" "$work/plain"
LD_DEBUG=files "$zfacet" run --model z14 --mix "$work/mix" "$work/plain" slip >"$work/libraries" 2>&1
passes libraries_listed grep -q 'calling init: .*libdw' "$work/libraries"
passes no_debug_information bash -c "! grep -q libdebuginfod '$work/libraries'"

# each instruction once, as the counter of instructions has it
expect whole 0 - run --model z14 --fixed-random --count --mix "$work/mix" "$work/slip-static" slip
counted=$(sed -n 's/^zfacet: \([0-9]*\) instructions/\1/p' "$work/out")
expect as_counted 0 "\"instructions\": $counted," mix --json "$work/mix"
expect again 0 - run --model z14 --fixed-random --mix "$work/mix" "$work/slip-static" slip
expect same_in_runs 0 "\"instructions\": $counted," mix --json "$work/mix"

# count_in ENGINE FILE ARGUMENT...: the counts of a run to FILE
count_in() {
    timeout -k 5 60 "$zfacet" run --engine "$1" --mix "$work/mix" "${@:3}" >/dev/null 2>&1 </dev/null
    "$zfacet" mix --top 0 "$work/mix" >"$2"
}

# alike NAME ARGUMENT...: counts are the same in each engine as where each instruction is counted by itself
alike() {
    count_in switch "$work/each" --count "${@:2}"
    passes "counts_$1" test "$(wc -l <"$work/each")" -gt 3
    for engine in $engines; do
        count_in "$engine" "$work/engine" "${@:2}"
        passes "alike_$1_$engine" diff "$work/each" "$work/engine"
    done
}
for what in slip probe exec; do # faults, handlers, processes
    alike "$what" --model z14 --fixed-random "$work/slip-static" "$what"
done
for rom in interrupt dat smc; do # EXECUTE of EXECUTE; page faults; code that changes
    alike "$rom" "rom:$rom"
done
for guest in bear edat-code loop per stack transaction; do # an aborted transaction has been executed, too
    "$cc" -march=z14 -nostdlib -static "-Wl,-T$here/../system/bare.ld" -Wl,--build-id=none \
        -o "$work/$guest" "$here/../system/$guest.S" || exit 1
    alike "$guest" --bare --model z16 "$work/$guest"
done

# processes and programs, each with its own images
expect child 0 - run --model z14 --mix "$work/mix" --sysroot "$sysroot" "$work/slip" exec
count in_executed 4 mnemonic msgrkc
expect functions 0 '  slip!in_child$' mix --top 0 --by function "$work/mix"
expect images 0 '/libc.so.6$' mix --by image "$work/mix"
expect program 0 '^ *4 .*  58 \(miscellaneous' mix --by facility --model z14 -- "$work/slip-static" slip
expect program_status 7 INSTRUCTIONS mix --model z14 -- "$work/slip-static" fail
expect wrong_option 2 "mix: invalid --timeout 'x'" mix --timeout x -- "$work/slip-static" fail
lacks wrong_option_prints INSTRUCTIONS
expect written 0 - mix --output "$work/sum" "$work/mix" "$work/mix"
expect sum 0 '^ *8 .*  msgrkc$' mix --top 0 "$work/sum"

# coverage
expect suite 0 - suite --models z13,z14 --tests identify --mix "$work/suite"
expect several_models 2 'give one as --model' coverage "$work/suite"
expect coverage 0 ' 7  store-facility-list-extended' coverage --model z14 "$work/suite"
expect never 0 '^ +clclu mvclu' coverage --model z14 --never "$work/suite"
expect check 3 '^z13 +findings' check --models z13,z14 --mix "$work/check" -- "$work/slip-static" slip
expect check_mix 0 '^ *4 .*  msgrkc$' mix --top 0 "$work/check"
expect coverage_json 0 '"not_implemented"' coverage --json --model z15 "$work/check"

echo '{"format":"zfacet-mix","version":1,"counts":{"instructions":3,"images":{"":{"":{"tbegin":3}}}}}' >"$work/used"
expect deprecated 3 'used +yes: tbegin, 3 executions' deprecated --used-by "$work/used"
cat >"$work/tx.S" <<'END'
        .globl  _start
_start: lghi    %r9,3
0:      tbegin  0,0xff00
        jnz     1f
        tend
1:      brctg   %r9,0b
        lghi    %r2,0
        svc     1
END
"$cc" -march=z14 -nostdlib -static -o "$work/tx" "$work/tx.S" || exit 1
for engine in $engines; do # each is aborted at once
    expect "transactions_$engine" 0 - run --engine "$engine" --model z14 --mix "$work/tx.mix" "$work/tx"
    expect "transactions_used_$engine" 3 'used +yes: tbegin, 3 executions' deprecated --used-by "$work/tx.mix"
done
expect deprecated_unused 0 'used +no' deprecated --used-by "$work/suite"
expect no_file 2 'No such file' mix "$work/absent"
expect other_file 1 'not what' mix "$here/mix.sh"
expect both 2 'give files, or' mix "$work/mix" -- "$work/slip-static"
expect unwritable 1 'cannot write' run --mix "$work/absent/file" "$work/slip-static"
finish
