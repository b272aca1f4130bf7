#!/bin/sh
# shellcheck disable=SC2016 # gdb has dollars too
# gdb debugs zfacet itself, and knows the guest's functions in native code: host.sh ZFACET
zfacet=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# said PATTERN: in gdb's output
said() {
    grep -q "$1" "$work/out" || {
        echo "FAIL: gdb did not say '$1':"
        cat "$work/out"
        failures=1
    }
}

if ! "$zfacet" --version | grep -q base; then
    echo "no native code in this build: nothing to show"
    exit 0
fi
# what was told last: the section's address is in its file's second section header
cat >"$work/commands" <<'E2'
set pagination off
set width 0
break zf_run_host_gdb_close
run
set $entry = *(long *)((char *)&__jit_debug_descriptor + 16)
set $file = *(long *)($entry + 16)
set $code = *(long *)($file + 64 + 64 + 16)
info symbol $code
info symbol $code + 8
continue
info symbol $code
E2
ASAN_OPTIONS=detect_leaks=0 timeout -k 5 100 gdb-multiarch -nx -batch -x "$work/commands" --args \
    "$zfacet" run --quiet --engine base --host-gdb --model z14 rom:z14-on-z13 >"$work/out" 2>&1 </dev/null
said '^[a-z_]* in section .text of .*in-memory'
said '^[a-z_]* + 8 in section .text of .*in-memory'
said 'exited normally'
said '^No symbol matches \$code' # withdrawn
[ $failures = 0 ] && echo "gdb on the host: ok"
exit $failures
