#!/usr/bin/env bash
# Where findings are, who called, and which were probes.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build

run() {
    local name=$1 status=$2 pattern=$3
    shift 3
    expect "$name" "$status" "$pattern" run --model z13 --check --sysroot "$sysroot" "$work/slip" "$@"
}

run place 3 'slip!product\+0x[0-9a-f]+ \(.*slip.c:[0-9]+\), 1 time' slip
run calls 3 'from   0x[0-9a-f]+ in slip!main \(.*slip.c' slip
run calls_of_libc 3 'from   0x[0-9a-f]+ in libc.so.6!__libc_start_main' slip
run in_library 3 'libslip.so!library_product' library
run in_child 3 'from   0x[0-9a-f]+ in slip!in_child' child
run in_program_executed 3 'from   0x[0-9a-f]+ in slip!factorial' exec
lacks old_image 'in_child'
run generated 3 'msgrkc' generated
run probe 0 'probe  the guest caught' probe
run probe_left 0 'probe  the guest caught' left
run crash_handler 3 'crashed' crash
lacks crash_is_no_probe 'probe  the'
run thread 3 'from   0x[0-9a-f]+ in slip!in_thread' thread-slip
has thread_killed 'killed by signal 4'
run thread_calls 3 'from   0x[0-9a-f]+ in libc.so.6' thread-slip
run thread_probe 0 'probe  the guest caught' thread-probe
run thread_left 0 'probe  the guest caught' thread-left
run thread_crash 3 'crashed' thread-crash
run crowd 0 'slip!product.*, 4000 times' crowd
expect strict 3 'probe  the guest caught' run --model z13 --check --strict --sysroot "$sysroot" "$work/slip" probe
expect static 3 'from .* in slip-static!factorial' run --model z13 --check "$work/slip-static" slip
expect guard 3 'vzero' run --model zEC12 --check "$work/slip-static" guard
# names and lines from a separate file of debug information
"$cc" -march=z13 -O1 -g -static -Wl,--build-id -o "$work/split" "$here/slip.c" "$here/slip_library.c"
id=$(s390x-linux-gnu-readelf -n "$work/split" | sed -n 's/.*Build ID: //p')
mkdir -p "$work/debug/.build-id/${id:0:2}"
s390x-linux-gnu-objcopy --only-keep-debug "$work/split" "$work/debug/.build-id/${id:0:2}/${id:2}.debug"
s390x-linux-gnu-strip "$work/split"
expect no_names 3 'split\+0x' run --model z13 --check "$work/split" slip
expect debug_dir 3 'split!product\+0x[0-9a-f]+ \(.*slip.c:[0-9]+\)' run --model z13 --check --debug-dir "$work/debug" "$work/split" slip
expect debug_dir_relative 3 'split!product\+0x[0-9a-f]+ \(.*slip.c:[0-9]+\)' \
    run --model z13 --check --debug-dir "$(realpath --relative-to=. "$work/debug")" "$work/split" slip
expect debug_dir_exec 3 'split!product\+0x[0-9a-f]+ \(.*slip.c:[0-9]+\)' \
    run --model z13 --check --debug-dir "$(realpath --relative-to=. "$work/debug")" "$work/split" exec
# the same from a server, which may be a folder; libdw asks it where its library is there
if ls /usr/lib/*/libdebuginfod.so.1 >/dev/null 2>&1; then
    mkdir -p "$work/server/buildid/$id"
    cp "$work/debug/.build-id/${id:0:2}/${id:2}.debug" "$work/server/buildid/$id/debuginfo"
    rm -rf "$work/cache"
    DEBUGINFOD_URLS=file://$work/server DEBUGINFOD_CACHE_PATH=$work/cache expect debuginfod 3 'split!product\+0x[0-9a-f]+ \(.*slip.c:[0-9]+\)' \
        run --model z13 --check "$work/split" slip
fi
# a kernel's image has no symbols; the file that it was made from does
printf '.globl _start, slip\n_start: nop 0\n.type slip,@function\nslip: msgrkc %%r1,%%r1,%%r1\n' >"$work/bare.S"
"$cc" -march=z14 -nostdlib -static -no-pie -Wl,-Ttext=0x10000 -o "$work/bare.elf" "$work/bare.S" || exit 1
s390x-linux-gnu-objcopy -O binary -j .text "$work/bare.elf" "$work/bare.bin"
bare() { expect "$1" "$2" "$3" run --model z13 --on-blocked stop --base "$4" --symbols "$5" "$work/bare.bin"; }
bare symbols 112 '^blocked at 0x10004 in .*bare.elf!slip\+0x0' 0x10000 "$work/bare.elf"
bare symbols_moved 112 '^blocked at 0x20004 in .*bare.elf!slip\+0x0' 0x20000 "$work/bare.elf@0x10000"
bare symbols_none 2 'bare.bin.: no ELF file' 0x10000 "$work/bare.bin"
bare symbols_missing 2 'nonesuch.: No such file' 0x10000 "$work/nonesuch@0x10000"
bare symbols_offset 2 "invalid offset 'xyz'; give a number such as 0x100000" 0x10000 "$work/bare.elf@xyz"
bare symbols_offset_large 2 "invalid offset '0xf*'" 0x10000 "$work/bare.elf@0xffffffffffffffffffff"
cp "$work/bare.elf" "$work/bare@5"
bare symbols_with_at 112 'slip' 0x10000 "$work/bare@5"
bare symbols_of_the_host 2 "'/bin/ls': .*x86-64" 0x10000 /bin/ls
rm -f "$work/pipe"
mkfifo "$work/pipe"
bare symbols_pipe 2 'pipe.: not a regular file' 0x10000 "$work/pipe"
expect symbols_program 2 '^zfacet: run: --symbols is for guests of the bare machine' run --symbols "$work/bare.elf" "$work/slip-static" slip
# a kernel's probes: it returns from the exception to where it came from
system() {
    local name=$1 status=$2
    "$cc" -march=z14 -nostdlib -static -Wl,--build-id=none,-T,"$here/../system/bare.ld" -DWAY="$3" -o "$work/$name" \
        "$here/probe_guest.S" || exit 1
    for engine in interpreter auto; do
        expect "$name" "$status" 'blocked at 0x' run --bare --model z13 --check --engine $engine "$work/$name"
    done
}
system kernel_probe 0 0
has kernel_probe_text 'probe  the guest caught'
system kernel_goes_on 3 1
system kernel_second 3 2
system kernel_other_stack 3 3
system kernel_program 3 4
system kernel_handler 3 5
system kernel_and_program 3 6
system kernel_hint 0 7
expect kernel_check 0 'passes on 1 model' check --models z13 -- "$work/kernel_probe"
expect kernel_strict 3 'findings' check --strict --models z13 -- "$work/kernel_probe"
export ZFACET_MODEL=z14
expect model_from_environment 0 - run --check "$work/slip-static" slip
finish
