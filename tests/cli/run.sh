#!/bin/sh
# Exit statuses and messages of 'zfacet run' and others: run.sh ZFACET IMAGES
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

# patch FILE OFFSET BYTES: a copy of the demo image with bytes (as printf takes them) replaced
patch() {
    cp "$images/z14-on-z13.elf" "$work/$1"
    chmod 600 "$work/$1"
    # shellcheck disable=SC2059 # the bytes are a format with escapes
    printf "$3" | dd of="$work/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# the thinnest slice: trapped, told, counted
expect trapped 1 "needs  facility 58" run --model z13 rom:z14-on-z13
expect trapped_file 1 "z14-on-z13.elf!factorial" run --model z13 "$images/z14-on-z13.elf"
expect check 3 "oldest machine that runs all of it is z14" run --model z13 --check rom:z14-on-z13
expect stopped 112 "(--on-blocked stop): msgrkc at 0x2004c" \
    run --model z13 --on-blocked stop rom:z14-on-z13
expect quiet 1 - run --model z13 --quiet rom:z14-on-z13
expect json 3 '"end": "failed"' run --model z13 --check --json rom:z14-on-z13
expect report 1 - run --model z13 --report "$work/report.json" rom:z14-on-z13
grep -q '"mnemonic": "msgrkc"' "$work/report.json" || {
    echo "FAIL the report file"
    failures=$((failures + 1))
}
expect trace 1 "larl" run --model z13 --trace insn,exceptions rom:z14-on-z13
expect trace_exceptions 1 "program interruption 0001 at 0x20050, ilc 4" \
    run --model z13 --trace exceptions rom:z14-on-z13
expect engine 1 "needs  facility 58" run --model z13 --engine switch rom:z14-on-z13
expect engine_hot 1 "needs  facility 58" run --model z13 --engine auto,hot=2,room=4K rom:z14-on-z13
expect engine_registers 1 "needs  facility 58" run --model z13 --engine base,registers=1,room=64K rom:z14-on-z13
expect engine_registers 2 "or registers=1 to 16" run --engine base,registers=0 rom:hello
expect engine_wrong 2 "invalid --engine 'auto,hot=0'; give auto, interpreter" run --engine auto,hot=0 rom:hello
"$zfacet" run --engine base --perf-map rom:hello >/dev/null 2>&1 &
pid=$!
wait $pid
grep -q '^[0-9a-f]* [0-9a-f]* [a-z]' /tmp/perf-$pid.map || {
    echo "FAIL perf map"
    failures=$((failures + 1))
}
rm -f /tmp/perf-$pid.map
# perf looks for names only of code in memory that it takes for anonymous: /dev/zero, no memfd.
"$zfacet" run --engine base -S --gdb "unix:$work/perf.gdb" rom:hello >/dev/null 2>&1 &
pid=$!
until [ -S "$work/perf.gdb" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
grep -q ' r-xs .* /dev/zero' /proc/$pid/maps || {
    echo "FAIL code is in memory that perf has no names for"
    failures=$((failures + 1))
}
kill $pid
wait $pid 2>/dev/null
expect max_insns 116 "max-insns" run --model z13 --max-insns 5 rom:z14-on-z13
expect dump_registers 1 "^  gr      0 " run --model z13 --dump-at-end registers rom:z14-on-z13
expect dump_cpus 0 "^CPU 2 (stopped)" run --cpus 3 --dump-at-end registers rom:sigp
expect dump_fpr 0 "^  fpr    12 " run --model z10EC --dump-at-end registers rom:hello
expect dump_storage 0 "^  0000000000020000  [0-9a-f]* " run --dump-at-end storage=0x20000+20 rom:hello
expect dump_hole 0 "  not there" run --memory 1M --dump-at-end storage=0x100000+1 rom:hello
expect dump_all 0 "^storage 0x20000+0x1000$" run --dump-at-end all rom:hello
expect dump_all_registers 0 "^  gr      0 " run --dump-at-end all rom:hello
expect dump_all_json 0 '"address": "0000000000020000"' run --json --dump-at-end all rom:hello
expect dump_json 0 '"prefix": "0000000000000000"' run --json --dump-at-end registers,storage=0+16 rom:hello
expect switched_off 1 "is switched off; model z14 has it" run --model z14,minste2=off rom:z14-on-z13
expect not_in_base 1 "is not in model z13-base$" run --model z13-base rom:z14-on-z13
sed "s/name='vx'/name='vxx'/" "$(dirname "$0")/input/domain.xml" >"$work/domain.xml"
expect unknown_in_xml 1 "unknown feature or facility 'vxx'; did you mean 'vx'" models "@$work/domain.xml"
expect leaks_name 0 "^Guest of model z16 on z17" leaks --host z17 --model gen16a
refuse nearest_shorter "did you mean" run --inject x rom:hello
{ printf '\0\0\0\1\200\0\0\0\0\0\0\0\0\0\2\0'; head -c 496 /dev/zero; printf '\262\257\0\0'; } >"$work/pqap"
expect first_possible 112 "facility 12 (ap-query-configuration-information), first on zEC12$" run --model z14 --raw --on-blocked stop "$work/pqap"
refuse status_told_once "warning" run --exit-status-file /nonesuch/x rom:hello
for option in --exit-status-file --report; do
    expect "tried_first$option" 1 "cannot write /nonesuch/x: No such file" run $option /nonesuch/x rom:hello
    refuse "tried_first_alone$option" "Hello" run $option /nonesuch/x rom:hello
done
expect run_one_kind 2 "give one of --linux, --bare and --raw" run --linux --bare rom:hello
expect run_same_kind 0 "PASS" run --bare --bare rom:hello
expect dump_on_finding 1 "At blocked msgrkc at 0x2004c" run --quiet --model z13 --dump-on finding rom:z14-on-z13
expect dump_on_fault 1 "^  gr      0 " run --quiet --model z13 --dump-on fault rom:z14-on-z13
refuse dump_on_no_fault "^  gr" run --dump-on fault rom:hello
expect dump_on 2 "finding, fault" run --dump-on sunday rom:hello
expect history 0 "lghi %r0,4095 .* r0=fff$" run --history 10 rom:hello
expect history_shorter 116 "Last 7 of 7 instructions" run --history 10 --max-insns 7 rom:hello
expect history_json 0 '"text": "lpswe 0(%r1)"' run --json --history 1 rom:hello
expect history_trace 2 "cannot be combined" run --history 1 --trace insn rom:hello
expect count 0 "zfacet: [0-9]* instructions$" run --count rom:hello
expect status_file 1 - run --quiet --model z13 --exit-status-file "$work/status" rom:z14-on-z13
[ "$(cat "$work/status")" = "end=failed
status=1" ] || {
    echo "FAIL --exit-status-file"
    failures=$((failures + 1))
}
expect status_file_refused 115 - run --exit-status-file "$work/status" "$work/nothing"
grep -q "end=bad-guest" "$work/status" || {
    echo "FAIL --exit-status-file of a guest that is none"
    failures=$((failures + 1))
}
expect dump_nothing 2 "registers, storage=ADDRESS" run --dump-at-end register
expect dump_length 2 "registers, storage=ADDRESS" run --dump-at-end storage=0x1000+0
expect unwritable 1 "cannot write /nonexistent/report" \
    run --model z13 --report /nonexistent/report rom:z14-on-z13

# a loop without end, code without header: j . ; and an image with a PSW
printf '\247\364\000\000' >"$work/loop.bin"
expect timeout 124 "timeout" run --timeout 0.2 --base 0x10000 "$work/loop.bin"
printf '\000\002\000\001\200\000\000\000\000\000\000\000\000\000\000\000' >"$work/wait.img"
expect psw_image 0 - run "$work/wait.img"
printf '\000\012\000\000\200\000\000\000' >"$work/short.img"
expect short_psw_image 0 - run "$work/short.img"

# EX of two zero bytes at address 0: never taken for the block of the EX itself
printf '\104\000\000\000' >"$work/execute.bin"
expect execute_zero 111 "program new PSW" run --timeout 20 --base 0x10000 "$work/execute.bin"
printf '\000\000\000\000\000\000' >"$work/zero.bin"
expect pgm_loop 111 "program new PSW" run --timeout 20 --base 0x10000 "$work/zero.bin"
# a guest without handlers is told of its first interruption, not of those that follow at 0
expect pgm_unset 111 "program interruption 0001 at 0x10000; the program new PSW was never set, PSW 0000000000000000 0000000000000000, old PSW 0000000180000000 0000000000010002" run --base 0x10000 "$work/zero.bin"
printf '\263\032\0\2' >"$work/adbr.bin" # needs the additional floating-point registers' control
printf '\012\005' >"$work/svc.bin"
expect pgm_unset_svc 111 "program interruption 0001 at 0 after a supervisor call, whose new PSW was never set" run --base 0x10000 "$work/svc.bin"
expect pgm_unset_data 111 "program interruption 0007 (DXC 02) at 0x10000; the program new PSW was never set" run --base 0x10000 "$work/adbr.bin"
expect pgm_unset_history 111 "^Last 1 of 1 instruction" run --history 5 --base 0x10000 "$work/adbr.bin"
# KM of function code 18, which the user has switched off
printf '\247\011\000\022\247\031\040\000\247\051\060\000\247\111\060\000\247\131\000\000\271\056\000\044' >"$work/km.bin"
expect function_off 111 "the function code is switched off; model z14 has it" run --model z14,km-aes-128=off --base 0x10000 "$work/km.bin"
expect heading_with_switches 111 "^1 finding on model z14,km-aes-128=off, policy" run --model z14,km-aes-128=off --base 0x10000 "$work/km.bin"
expect default_rom 0 "^PASS" run
expect hidden 0 "hidden: facility" run --hide-unimplemented rom:hello
expect hidden_functions 0 "hidden: ptff function codes 10 13 73 77" \
    run --hide-unimplemented --model z14 rom:hello
expect missing_functions 0 "ptff *10 13 73 77" models z14
expect missing_functions_json 0 "functions_not_implemented" models z14 --json
expect qemu 0 "7120280000000000" models qemu
expect distributions 0 "^SLES  *16  *z14  *http" models --distributions
expect distributions_of_model 0 "^Debian  *12, 13  *z196" models z13 --distributions
expect distributions_json 0 '"runs": false' models z13 --distributions --json
expect max 0 "all that the newest machine can have" models max
expect named_everywhere 0 "" run --model qemu --policy ibc --ibc qemu --host max --lowest-ibc max \
    rom:hello
expect all_models 0 "^82 models" models
refuse hidden_fpe "facility 37 " run --hide-unimplemented rom:hello # its binary part is executed
expect hidden_quiet 0 - run --hide-unimplemented --quiet rom:hello
expect audit_check 3 "audit at 0x2004c" run --model z13 --policy audit --check rom:z14-on-z13
expect audit 0 "audit at 0x2004c" run --model z13 --policy audit rom:z14-on-z13
expect leak 0 "leak at 0x2004c" \
    run --model z14,miscellaneous-instruction-extensions-2=off --policy ibc rom:z14-on-z13
expect warn 0 "audit at 0x2004c" run --model z13 --on-blocked warn rom:z14-on-z13

# what zfacet does not execute: the probe tells of it, and its table is complete on every model
for model in z900 z10 z14 z17; do
    expect "probe_$model" 0 "blocked though told, [0-9]* not implemented" \
        run --model $model rom:ibc-probe
    refuse "probe_${model}_sums" "[1-9][0-9]* \(blocked though\|ran though not\) told" \
        run --model $model rom:ibc-probe
done
if "$zfacet" isa --missing | grep -q ^pfpo; then
    expect probe_told 0 "^ 44 pfpo    yes  not implemented" run --model z14 rom:ibc-probe
    expect probe_reported 0 "unimplemented at .*probe_pfpo" run --model z14 rom:ibc-probe
    expect probe_stop 110 "not implemented by zfacet: " \
        run --model z14 --on-unimplemented stop rom:ibc-probe
    printf '\001\012' >"$work/pfpo.bin"
    expect unimplemented_stop 110 "the machine stopped" run --base 0x10000 "$work/pfpo.bin"
    expect unimplemented_trap 111 "operation exception" \
        run --on-unimplemented trap --base 0x10000 "$work/pfpo.bin"
    expect unimplemented_check 110 "operation exception" \
        run --on-unimplemented trap --check --base 0x10000 "$work/pfpo.bin"
    expect hidden_why 0 "facility 44 .* is hidden (not implemented)" \
        run --model z14 --hide-unimplemented rom:ibc-probe
    refuse hidden_not_missing "(pfpo) is not in the model" \
        run --model z14 --hide-unimplemented rom:ibc-probe
fi
expect on_unimplemented 2 "stop or trap" run --on-unimplemented warn

# options
expect help 0 "^  110  " run --help
if "$zfacet" run --help | grep '^  --' | grep -v '^  .\{24\}  [^ ]'; then
    echo "FAIL the columns of run --help"
    failures=$((failures + 1))
fi
expect option_nearest 2 "did you mean '--model'" run --modle z13
expect option_no_value 2 "model needs a value" run --model
expect option_value 2 "check takes no value" run --check=1
expect option_short 2 "unknown option '-m'" run -m z13
expect option_one_dash 0 - run -model z13 rom:hello
expect policy 2 "policy" run --policy none
expect on_blocked 2 "trap, stop or warn" run --on-blocked ignore
expect memory 2 "multiple of 1 MiB" run --memory 12
expect memory_minus 2 "multiple of 1 MiB" run --memory -1M
for number in 0 65 -1 2x "" 99999999999999999999; do
    expect "cpus $number" 2 "1 to 64" run --cpus "$number" rom:hello
done
expect cpus_restore 2 "cannot be combined with --cpus" run --cpus 2 --restore "$work/saved"
expect memory_restore 2 "cannot be combined with --cpus or --memory" run --memory 1G --restore "$work/saved"
expect cpus_sigp 0 "^16 CPUs" run --cpus 16 rom:sigp
expect cpus_one 0 "^1 CPUs" run rom:sigp
expect append_no_kernel 115 "not a Linux kernel" run --append quiet rom:hello
expect initrd_no_kernel 115 "not a Linux kernel" run --initrd "$images/hello.elf" rom:hello
expect initrd_none 115 "nonesuch: No such file" run --initrd "$work/nonesuch" rom:hello
expect initrd_directory 115 "not a regular file" run --initrd "$work" rom:hello
expect initrd_program 2 "apply to Linux kernels" run --linux --append x rom:hello
expect insns 2 "a number of at least 1" run --max-insns 0
expect base_odd 2 "an even address" run --base 1 x
expect base_and_raw 2 "cannot be combined with --linux" run --raw --base 2 x
expect trace_list 2 "list of insn" run --trace insn,everything
expect trace_empty 2 "list of insn" run --trace ""
expect trace_comma 2 "list of insn" run --trace insn,
expect model_nearest 2 "did you mean 'z13'" run --model z31
expect model_feature 2 "unknown\|no feature\|there is no" run --model z13,nonesuch=on
expect model_later 2 "z13" run --model z13,vxeh=on
expect model_broken 1 "feature 'dfphp' needs 'dfp', which is off" \
    run --model z13,dfp=off rom:z14-on-z13
expect model_strict 2 "feature 'dfphp' needs 'dfp', which is off" \
    run --strict --model z13,dfp=off rom:z14-on-z13
expect ibc_range 2 "not in the range 0 to 0xfff" run --policy ibc --ibc 0x1000 rom:z14-on-z13
expect ibc_clamped 1 "does not support IBC value 0x011; 0x031" \
    run --policy ibc --host z15 --ibc 0x011 rom:z14-on-z13

# hosts and IBC values that make no sense together
expect lowest_above_host 2 "--lowest-ibc 0x041 (z14 GA1) is above the level of host z13" \
    run --policy ibc --model z13 --host z13 --lowest-ibc z14 rom:hello
expect lowest_without_ibc 2 "is above the level of host z9EC, which is none" \
    run --policy ibc --model z10 --host z9ec --lowest-ibc 1 rom:hello
expect model_newer 0 "warning: model z14 is newer than host z13" \
    run --policy ibc --model z14 --host z13 rom:hello
expect model_newer_strict 2 "model z14 is newer than host z13" \
    run --policy ibc --model z14 --host z13 --strict rom:hello
refuse model_newer_quiet "newer than" run --quiet --policy ibc --model z14 --host z13 rom:hello
refuse model_same "warning" run --policy ibc --model z13 --host z13 --lowest-ibc z13 rom:hello
for option in --host --lowest-ibc --ibc; do
    expect "alone$option" 0 "warning: $option z14 .*without --policy ibc" \
        run $option z14 rom:hello
    expect "alone$option-strict" 2 "$option z14 .*without --policy ibc" \
        run --strict $option z14 rom:hello
done
expect ibc_strict 2 "does not support IBC value 0x011" \
    run --strict --policy ibc --host z15 --model z15 --ibc 0x011 rom:hello

# files that cannot read this file or written are noticed before the guest runs
expect sysroot_none 2 "sysroot '/nonesuch': No such file" run --sysroot /nonesuch rom:hello
expect sysroot_file 2 "not a directory" run --sysroot "$zfacet" rom:hello
refuse report_late "Hello" run --report /nonexistent/report rom:hello
expect report_directory 1 "Is a directory" run --report "$work" rom:hello
refuse report_directory_late "Hello" run --report "$work" rom:hello
expect trace_file_alone 2 "needs --trace" run --trace-file "$work/trace" rom:hello

# standard output that cannot be written
# broken FILE [ARGUMENT...]: with its output there, status 1, and it is told
broken() {
    to=$1
    shift
    cases=$((cases + 1))
    if [ "$to" = closed ]; then
        timeout -k 5 60 "$zfacet" "$@" >&- 2>"$work/out" </dev/null
    else
        timeout -k 5 60 "$zfacet" "$@" >"$to" 2>"$work/out" </dev/null
    fi
    got=$?
    if [ "$got" -ne 1 ] || ! grep -q "zfacet: cannot write standard output" "$work/out" ||
        [ "$(wc -l <"$work/out")" -ne 1 ]; then
        echo "FAIL output to $to of $*: status $got"
        head -3 "$work/out"
        failures=$((failures + 1))
    fi
}
cp "$images/hello.elf" "$work/hello.elf"
for to in /dev/full closed; do
    broken "$to" isa
    broken "$to" isa --json
    broken "$to" models
    broken "$to" models z13
    broken "$to" explain lgr
    broken "$to" disasm "$work/hello.elf"
    broken "$to" suite --tests hello --models z13
    broken "$to" suite --list
    broken "$to" run rom:hello
    broken "$to" --help
    broken "$to" --version
done
expect report_full 1 "cannot write /dev/full: No space" run --report /dev/full rom:hello
expect trace_full 1 "cannot write /dev/full" run --trace insn --trace-file /dev/full rom:hello
(
    trap '' PIPE
    "$zfacet" isa 2>"$work/out"
) | head -1 >/dev/null
if [ -s "$work/out" ]; then
    echo "FAIL a broken pipe is told: $(cat "$work/out")"
    failures=$((failures + 1))
fi

# guests that make no sense
expect no_file 115 "No such file" run "$work/none"
expect no_rom 115 "unknown ROM" run rom:none
expect directory 115 "not a regular file" run "$work"
mkfifo "$work/fifo"
expect fifo 115 "not a regular file" run "$work/fifo"
expect device 115 "not a regular file" run --base 0x10000 /dev/zero
: >"$work/empty"
expect empty 115 "file is empty" run "$work/empty"
echo "hello, this is text" >"$work/text"
expect text 115 "not an ELF file" run "$work/text"
printf '\177ELF' >"$work/four"
expect four_bytes 115 "header truncated" run "$work/four"
cp "$zfacet" "$work/host" 2>/dev/null
expect other_machine 115 "ELF machine is" run "$work/host"
patch class 4 '\001'
expect class 115 "31-bit" run "$work/class"
patch order 5 '\003'
expect order 115 "machine\|byte order" run "$work/order"
patch type 16 '\000\001'
expect object 115 "object and core files" run "$work/type"
patch dyn 16 '\000\003'
expect dynamic 115 "position-independent" run --bare "$work/dyn"
patch headers 32 '\377\377\377\377\377\377\377\000'
expect headers 115 "beyond the file" run "$work/headers"
patch many 56 '\377\377'
expect many 115 "the limit is" run "$work/many"
patch entry 24 '\000\000\000\000\000\377\000\000'
expect entry 115 "in no segment" run "$work/entry"
patch entry_odd 24 '\000\000\000\000\000\002\000\001'
expect entry_odd 115 "odd" run "$work/entry_odd"
patch segment 96 '\000\000\000\000\377\377\377\377'
expect segment_cut 115 "truncated" run "$work/segment"
patch wraps 88 '\377\377\377\377\377\377\377\000'
expect segment_wraps 115 "is invalid\|do not fit" run "$work/wraps"
patch high 88 '\000\000\000\100\000\000\000\000'
expect segment_high 115 "do not fit" run "$work/high"
patch shrinks 104 '\000\000\000\000\000\000\000\001'
expect segment_shrinks 115 "is invalid" run "$work/shrinks"
expect no_storage 115 "do not fit into 1 MiB" run --memory 1M --base 0xffffe "$work/loop.bin"
expect raw_no_psw 115 "valid PSW" run --raw "$work/text"

# Linux programs, where there is a compiler for them
compile() {
    s390x-linux-gnu-gcc -nostdlib -static -march=z900 -o "$work/$1" -x assembler -
}
if command -v s390x-linux-gnu-gcc >/dev/null; then
    note='.section .note.GNU-stack,"",@progbits'
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r2,42' 'svc 1' | compile exits
    expect program_exit 42 - run "$work/exits"
    expect program_memory 42 "warning: --memory changes nothing: the guest is a Linux program" run --memory 64M "$work/exits"
    expect program_no_reboot 42 "warning: --no-reboot changes nothing" run --no-reboot "$work/exits"
    expect program_bare 115 "do not fit" run --bare --memory 1M "$work/exits"
    printf '%s\n' "$note" .text '.globl _start' '_start: .long 0' | compile dies
    expect program_signal 132 "killed by signal 4" run "$work/dies"
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r2,0' '.long 0xb9ed2022' 'svc 1' |
        compile newer
    expect program_blocked 132 "newer!_start+0x4" run --model z13 "$work/newer"
    # killed, and where: the address that its finding has
    expect program_killed 132 "killed by signal 4" run --model z13 --exit-status-file "$work/status" "$work/newer"
    at=$(sed -n 's/^blocked at \(0x[0-9a-f]*\) in .*/\1/p' "$work/out")
    if [ "$(tr '\n' ' ' <"$work/status")" != "end=killed status=132 signal=4 " ] || ! grep -q "SIGILL at $at$" "$work/out"; then
        echo "FAIL a killed program: $(cat "$work/status" "$work/out")"
        failures=$((failures + 1))
    fi
    expect program_killed_json 132 "^  \"address\": \"$at\"," run --json --model z13 "$work/newer"
    expect program_check 3 "needs  facility 58" run --model z13 --check --exit-status-file "$work/status" "$work/newer"
    [ "$(tr '\n' ' ' <"$work/status")" = "end=killed status=3 signal=4 " ] || {
        echo "FAIL zfacet's own status beside the guest's"
        failures=$((failures + 1))
    }
    expect program_calls 42 "exit" run --trace calls "$work/exits"
    expect program_strace 42 "^exit(42)                                = ?$" run --strace "$work/exits"
    expect program_strace_end 42 "^+++ exited with 42 +++$" run --strace "$work/exits"
    expect program_strace_signal 132 "^--- SIGILL {si_signo=SIGILL, si_code=1, si_addr=0x" \
        run --strace "$work/dies"
    # a program that closes its output before it ends, as most do, ends as it wants, and what was
    # met and the trace are told nevertheless; zfacet's own files are not in its way
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r2,1' 'svc 6' 'lghi %r2,2' 'svc 6' \
        '.long 0xb9ed2022' 'lghi %r2,42' 'svc 1' | compile closes
    expect program_closes 42 "needs  facility 58" run --model z13 --on-blocked warn "$work/closes"
    expect program_closes_trace 42 "exit(42)" run --trace calls "$work/closes"
    expect program_closes_file 42 - run --trace calls --trace-file "$work/calls" "$work/closes"
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r2,0' 'svc 41' 'svc 1' | compile dups
    "$zfacet" run "$work/dups" </dev/null >/dev/null
    expect program_files $? - run --trace calls --trace-file "$work/calls" "$work/dups"
    # no room for 70 TB: ENOMEM, and the program is still there
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r2,args' 'svc 90' 'lcgr %r2,%r2' \
        'svc 1' '.balign 8' 'args: .quad 0,0x3fffff000000,3,0x22,-1,0' | compile no_room
    expect program_no_room 12 - run "$work/no_room"
    expect program_strace_mmap 12 \
        "^mmap(NULL, 70368727400448, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot" \
        run --strace "$work/no_room"
    # calls that zfacet lacks are counted, in children too; those that kernels may lack are no failure
    printf '%s\n' "$note" .text '.globl _start' '_start: svc 2' 'ltgr %r2,%r2' 'jne 1f' 'lghi %r1,9999' \
        'svc 0' '1: lghi %r3,0' 'lghi %r4,0' 'lghi %r5,0' 'svc 114' 'lghi %r1,444' 'svc 0' \
        'lghi %r1,317' 'svc 0' 'lghi %r2,0' 'svc 1' | compile absent
    expect absent_text 0 "9999 .*1 time, *first at 0x[0-9a-f]* in .*absent!_start+0x" run "$work/absent"
    expect absent_check 0 "warning: 1 system call is not implemented (number 9999)" run --check "$work/absent"
    expect absent_strict 3 "444  landlock_create_ruleset .*2 times, .*optional" run --check --strict "$work/absent"
    expect absent_json 3 '"number": 9999,' run --check --strict --json "$work/absent"
    refuse absent_quiet "system call" run --check --quiet "$work/absent"
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r1,444' 'svc 0' 'lghi %r1,425' 'svc 0' \
        'lghi %r2,0' 'svc 1' | compile optional
    expect absent_optional 0 - run --check --strict "$work/optional"
    refuse absent_optional_text "." run --check --strict "$work/optional"
    expect absent_optional_json 0 '"name": "io_uring_setup"' run --check --strict --json "$work/optional"
    # code in a page that may be written is executed until z13: from z14 on pages have no-execute bits
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r1,code' 'lghi %r2,7' 'br %r1' .data \
        '.balign 4' 'code: svc 1' | compile no_execute
    expect no_execute_z13 7 - run --model z13 "$work/no_execute"
    expect no_execute_z14 139 "SIGSEGV at" run --model z14 "$work/no_execute"
    expect no_execute_off 7 - run --model z14,iep=off "$work/no_execute"
    # a script is run by its interpreter, which must be an s390x program, too
    printf '#!%s/exits argument\n' "$work" >"$work/script"
    expect script 42 - run "$work/script" x
    expect script_calls 42 "^exit(42)" run --strace "$work/script"
    printf '#!/nonesuch/sh\n' >"$work/script_none"
    expect script_none 115 "its interpreter /nonesuch/sh cannot be executed (No such file" \
        run "$work/script_none"
    # Go's linker begins at 64 KiB, where bare-metal guests are, too: a note says what it is
    printf '%s\n' "$note" '.section .note.go.buildid,"a",@note' '.long 4,4,4' '.asciz "Go\0"' '.long 1' \
        .text '.globl _start' '_start: lghi %r2,42' 'svc 1' |
        s390x-linux-gnu-gcc -nostdlib -static -Wl,-Ttext-segment=0x10000 -Wl,--build-id=none -o "$work/go" \
            -x assembler -
    expect go_program 42 - run "$work/go"
    # a field that the model ignores is beyond the model, too
    printf '%s\n' "$note" .text '.globl _start' '_start: lghi %r3,-1' '.long 0xb9e18043' 'lghi %r2,0' \
        'svc 1' | compile ignored
    expect ignored_check 3 "executed as if the field were zero" run --model z14 --check "$work/ignored"
    expect ignored 0 "ignored at" run --model z14 "$work/ignored"
    expect ignored_verdict 3 "popcnt" check --models z14 -- "$work/ignored"
    # KIMD's M3 changes no result by itself (register 0: SHA-256); what it says may be asked for does (SHA3-256)
    digest() {
        printf '%s\n' "$note" .data '.balign 8' 'block: .fill 512' .text '.globl _start' '_start: larl %r1,block' \
            'lgr %r4,%r1' "lghi %r5,$2" "llill %r0,$3" '.long 0xb93e8004' 'lghi %r2,0' 'svc 1' | compile "$1"
    }
    digest hint 64 2
    digest option 136 0x8021
    expect hint 0 "hint at" run --model z16 --check "$work/hint"
    expect hint_strict 3 "hint at" run --model z16 --check --strict "$work/hint"
    expect hint_new 0 - run --model z17 --check --strict "$work/hint"
    expect hint_verdict 0 "excused: hint" check --models z16 -- "$work/hint"
    expect hint_verdict_strict 3 "kimd" check --strict --models z16 -- "$work/hint"
    expect option 3 "ignored at" run --model z16 --check "$work/option"
    expect option_verdict 3 "kimd" check --models z16 -- "$work/option"
    mkdir "$work/other" && cp "$work/option" "$work/other/hint"
    expect hint_kept 0 - check --models z16 --output "$work/hint.json" -- "$work/hint"
    expect option_not_known 3 "kimd" check --models z16 --baseline "$work/hint.json" -- "$work/other/hint"
    expect option_new 0 - run --model z17 --check "$work/option"
    printf '%s\n' "$note" .data '.balign 8' 'block: .fill 512' .text '.globl _start' '_start: larl %r1,block' \
        'lgr %r4,%r1' 'lghi %r5,0' 'lgr %r2,%r1' 'lghi %r3,16' 'llill %r0,0x8024' '.long 0xb93f0024' 'lghi %r2,0' \
        'svc 1' | compile shake
    expect shake_option 3 "ignored at" run --model z16 --check "$work/shake"
    expect shake_option_new 0 - run --model z17 --check "$work/shake"
    # an index that is shifted takes no register of the host's that the base needs
    printf '%s\n' "$note" .data '.balign 8' 'words: .quad 5,7,9' .text '.globl _start' '_start: larl %r1,words' \
        'lghi %r2,1' 'bras %r14,load' 'svc 1' 'load: la %r1,8(%r1)' 'sllg %r3,%r2,3' 'lg %r4,0(%r3,%r1)' 'lgr %r2,%r4' \
        'br %r14' | compile shifted
    expect two_registers 9 - run --engine base,registers=2 "$work/shifted"
    # --contain: only the sysroot is there, and what is bound
    expect contain_sysroot 2 "needs a --sysroot" run --contain "$work/exits"
    expect contain_bind 2 "need --contain" run --bind /tmp:/tmp "$work/exits"
    expect contain_bind_text 2 "HOST:GUEST" run --contain --bind /tmp "$work/exits"
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r2,path' 'lghi %r3,2' 'lghi %r4,0' 'svc 5' \
        'ltgr %r2,%r2' 'jm 1f' 'lghi %r2,-99' '1: lcgr %r2,%r2' 'svc 1' 'path: .asciz "/in/zfacet"' |
        compile opens
    if unshare -Urmpf true 2>/dev/null; then
        mkdir -p "$work/root/in" "$work/bound"
        cp "$work/exits" "$work/opens" "$work/root"
        cp "$work/exits" "$work/bound/zfacet"
        expect contain 42 - run --contain --sysroot "$work/root" "$work/root/exits"
        # what is written at the end is outside, though the guest is not
        rm -f "$work/status" "$work/root/status"
        expect contain_status 42 - run --contain --sysroot "$work/root" --exit-status-file "$work/status" "$work/root/exits"
        expect contain_status_first 1 "^zfacet: cannot write /nonesuch/x" run --contain --sysroot "$work/root" --exit-status-file /nonesuch/x /exits
        grep -q guest_status=42 "$work/status" || {
            echo "FAIL contain_status: no file"
            failures=$((failures + 1))
        }
        expect contain_inside 42 - run --contain --sysroot "$work/root" /exits
        # a program's absolute path is the sysroot's where the host has none
        expect sysroot_inside 42 - run --sysroot "$work/root" /exits
        expect sysroot_nowhere 115 "No such file" run --sysroot "$work/root" /nonesuch
        expect contain_outside 2 "is not in the sysroot" run --contain --sysroot "$work/root" ./nonesuch
        expect contain_none 2 - run --contain --sysroot "$work/root" "$work/root/opens"
        expect contain_read_only 30 - \
            run --contain --bind "$work/bound:/in:ro" --sysroot "$work/root" "$work/root/opens"
        expect contain_bound 99 - \
            run --contain --bind "$work/bound:/in" --sysroot "$work/root" "$work/root/opens"
        expect contain_report 42 - run --contain --report "$work/contained.json" --sysroot "$work/root" \
            "$work/root/exits"
        grep -q '"system_calls"' "$work/contained.json" || {
            echo "FAIL the report of a contained guest"
            failures=$((failures + 1))
        }
    fi
    # EX of a z14 instruction, a function code of z9, a code that no machine has
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r2,target' 'ex %r0,0(%r2)' \
        'lghi %r2,0' 'svc 1' '.balign 4' 'target: .long 0xb9ed4044' | compile executes
    expect execute_stop 112 "at     0x[0-9a-f]*, the target of an EXECUTE" \
        run --model z13 --on-blocked stop "$work/executes"
    expect execute_warn 0 "executes!_start+0x6" run --model z13 --on-blocked warn "$work/executes"
    expect execute_trace 0 "cc=0  msgrkc" run --model z14 --trace insn "$work/executes"
    # a CPU that is started, and stops the one that started it before it says how it went
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r1,second' 'stg %r1,0x1a8(%r0)' 'larl %r1,mask' \
        'mvc 0x1a0(8,%r0),0(%r1)' 'lghi %r3,1' 'sigp %r4,%r3,6' 'j .' 'second: lghi %r3,0' 'sigp %r4,%r3,5' \
        '1: sigp %r4,%r3,1' 'brc 8,1b' 'larl %r1,done' 'lpswe 0(%r1)' '.balign 8' 'mask: .quad 0x180000000' \
        'done: .quad 0x2000180000000,0' | compile starts
    expect sigp_start 0 "^CPU 0 (stopped)" run --bare --cpus 2 --dump-at-end registers "$work/starts"
    # the first CPU has nothing to do any more, and the second still runs; then any failure is the guest's
    waits() { # OF-THE-FIRST OF-THE-SECOND
        printf '%s\n' "$note" .text '.globl _start' '_start: larl %r1,second' 'stg %r1,0x1a8(%r0)' 'larl %r1,mask' \
            'mvc 0x1a0(8,%r0),0(%r1)' 'lghi %r3,1' 'sigp %r4,%r3,6' 'larl %r1,first_wait' 'lpswe 0(%r1)' 'second: lghi %r3,30000' 'sllg %r3,%r3,10' \
            '1: brctg %r3,1b' 'larl %r1,second_wait' 'lpswe 0(%r1)' '.balign 8' 'mask: .quad 0x180000000' \
            "first_wait: .quad 0x2000180000000,$1" "second_wait: .quad 0x2000180000000,$2" | compile waits
    }
    for engine in switch goto base auto,hot=2 auto\ --deterministic; do
        waits 0 0xfff
        # shellcheck disable=SC2086 # two words
        expect "wait_well $engine" 0 - run --bare --cpus 2 --engine $engine "$work/waits"
        waits 0 0xb0b
        # shellcheck disable=SC2086
        expect "wait_second $engine" 1 "disabled wait, CPU 1, PSW 0002000180000000 0000000000000b0b" run --bare --cpus 2 --engine $engine "$work/waits"
        waits 0xa0a 0xb0b
        # shellcheck disable=SC2086
        expect "wait_first $engine" 1 "disabled wait, CPU 0, PSW 0002000180000000 0000000000000a0a" run --bare --cpus 2 --engine $engine "$work/waits"
    done
    expect wait_json 1 '"cpu": 0' run --bare --cpus 2 --json "$work/waits"
    # the target of an EXECUTE, as modified, with its ops; a z14 one is a call, and told all the same
    printf '%s\n' "$note" .text '.globl _start' '_start: larl %r4,target' 'lghi %r1,17' \
        'ex %r1,0(%r4)' 'lghi %r2,0' 'svc 1' '.balign 4' 'target: lghi %r2,0' | compile modifies
    expect execute_ops 0 "lghi.%r3,0  (the target at 0x[0-9a-f]* of this EXECUTE)" \
        run --trace ops "$work/modifies"
    expect execute_ops_call 0 "msgrkc.*  (the target at" run --model z14 --trace ops "$work/executes"
    expect ops_insn 0 "^ *0x[0-9a-f]*: larl" run --trace ops "$work/modifies"
    for code in 18 5; do
        printf '%s\n' "$note" .text '.globl _start' "_start: lghi %r0,$code" 'larl %r1,target' \
            'lghi %r3,0' 'larl %r7,target' 'ex %r0,0(%r7)' 'lghi %r2,0' 'svc 1' '.balign 4' \
            'target: .long 0xb92e0024' | compile function$code
    done
    expect function_trap 132 "specification exception" run --model z990 "$work/function18"
    expect function_place 132 "function18!_start+0x14" run --model z990 "$work/function18"
    expect function_stop 112 "the machine stopped" \
        run --model z990 --on-blocked stop "$work/function18"
    expect function_warn 0 "guest  executed anyway" run --model z990 --on-blocked warn "$work/function18"
    expect function_none 132 "SIGILL" run --model z990 --on-blocked warn "$work/function5"
    expect killed 132 '"end": "killed"' run --json --model z990 --on-blocked warn "$work/function5"
    expect function_none_stop 132 "SIGILL" run --on-blocked stop --check "$work/function5"
    refuse function_none_told "blocked at" run --model z17 --check "$work/function5"
    # the parent waits for a child that dies of a z14 instruction, and ends well
    printf '%s\n' "$note" .text '.globl _start' '_start: svc 2' 'ltgr %r2,%r2' 'jne 1f' \
        '.long 0xb9ed2022' '1: lghi %r3,0' 'lghi %r4,0' 'lghi %r5,0' 'svc 114' 'lghi %r2,0' \
        'svc 1' | compile forks
    expect program_child 0 "needs  facility 58" run --model z13 "$work/forks"
    expect program_child_check 3 "needs  facility 58" run --model z13 --check "$work/forks"
fi

# 31-bit code, as objdump names it
if command -v s390x-linux-gnu-as >/dev/null; then
    printf '.globl f\nf: la %%r2,5\n j f\n' | s390x-linux-gnu-as -m31 -o "$work/old.o" -
    expect disasm_31 0 "file format elf32-s390$" disasm "$work/old.o"
    expect disasm_31_label 0 "^00000000 <f>:$" disasm "$work/old.o"
    s390x-linux-gnu-objdump -d "$work/old.o" >"$work/theirs"
    "$zfacet" disasm "$work/old.o" >"$work/ours"
    cmp "$work/ours" "$work/theirs" || failures=$((failures + 1))
fi
expect disasm_64 0 "file format elf64-s390$" disasm "$images/hello.elf"

# sets of models
expect model_set 2 "did you mean 'z13s-base'" models z13s-basse
expect model_set_full 2 "did you mean 'z13-full'" models z13-ful
expect model_set_none 2 "are -base and -full" models z13-qqqqqqqq

# files that are no code
expect disasm_fifo 1 "not a regular file" disasm "$work/fifo"
expect disasm_device 1 "not a regular file" disasm --raw /dev/zero
expect disasm_directory 1 "directory" disasm "$work"
expect disasm_no_file 1 "No such file" disasm "$work/nonesuch"
expect disasm_other_machine 1 "machine is 62" disasm "$work/host"
head -c 70 "$images/z14-on-z13.elf" >"$work/cut"
expect disasm_cut 1 "no section with code" disasm "$work/cut"
expect disasm_cut_raw 0 "7f 45" disasm --raw "$work/cut"
truncate -s 64G "$work/huge"
expect disasm_huge 0 "[.][.][.]" disasm --stop 16 "$work/huge"
expect run_huge 115 "do not fit" run --base 0 "$work/huge"
expect disasm_empty 1 "the file is empty" disasm "$work/empty"

# names and lists that are odd
odd=$(printf 'n\377n')
cp "$images/z14-on-z13.elf" "$work/$odd"
expect odd_name_json 1 '"guest": ".*/n?n"' run --model z13 --json "$work/$odd"
expect odd_name_report 1 '"image": ".*n?n"' run --model z13 --json "$work/$odd"
expect odd_name 2 "unknown CPU model" run --model "$odd" rom:hello
expect empty_setting 2 "feature name missing between two commas" run --model z13,,vx=off
expect rom_arguments 2 "rom:hello takes no arguments such as 'a'" run rom:hello a
expect disasm_order 2 "is not before" disasm --start 8 --stop 8 "$images/hello.elf"
expect list_alone 2 "takes no other options" suite --list x
expect help_extra 2 "one command" help run run

# a guest that asks to be loaded again, for ever
printf '\0\010\0\0\200\0\0\020\0\0\0\0\0\0\0\0\247\151\0\003\247\211\0\0\203\206\003\010\247\364\0\0' >"$work/ipl"
expect ipl_again 116 "loaded again" run --raw --max-insns 100 "$work/ipl"
for unused in "--sysroot $work" --fixed-random --strace "--trace calls"; do
    # shellcheck disable=SC2086 # options and values
    expect "unused $unused" 0 "warning: --[a-z -]*.* changes nothing: the guest is no Linux program" run $unused rom:hello
done
expect ipl_at_the_end 0 - run --raw --no-reboot "$work/ipl"

finish
