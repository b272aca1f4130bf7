#!/usr/bin/env bash
# zfacet run --deterministic: two runs give the same output and the same trace, byte for byte, whatever else the
# machine does. repeat.c is a program with threads; the others are bare guests, some with several CPUs.
# usage: repeat.sh ZFACET WORK-FOLDER
set -u
here=$(cd "$(dirname "$0")" && pwd)
zfacet=$(realpath "$1") work=$2 failed=0 ran=0
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
command -v "$cc" >/dev/null || { echo "$cc is missing: it builds the guests"; exit 1; }
mkdir -p "$work" && cd "$work" || exit 1
"$cc" -O2 -march=z13 -static -pthread -o repeat "$here/repeat.c" || exit 1
"$cc" -DBATCHES=2 -O2 -march=z14 -mno-vx -msoft-float -m64 -ffreestanding -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -nostdlib -static -Wl,-T"$here/../system/bare.ld" -Wl,--build-id=none \
    -o litmus "$here/../system/litmus.c" || exit 1

# run N OPTION... : the output is that of the guest and of zfacet
run() {
    timeout 100 "$zfacet" run --deterministic --trace insn,exceptions,calls --trace-file "trace.$1" "${@:2}" \
        >"out.$1" 2>&1 </dev/null
    echo "status $?" >>"out.$1"
}

# twice OPTION... : both runs at the same time, so that they disturb each other
twice() {
    ran=$((ran + 1))
    run 1 "$@" &
    run 2 "$@"
    wait
    if ! grep -qx 'status 0' out.1 || ! cmp out.1 out.2 || ! cmp trace.1 trace.2; then
        failed=$((failed + 1))
        echo "FAILED: $*"
        head -c 2000 out.1
    fi
    rm -f trace.*
}

twice ./repeat
twice --engine base ./repeat
twice rom:timer
twice --cpus 4 rom:sigp
twice --bare --cpus 4 ./litmus
echo "$ran pairs ran, $failed differ or failed"
[ "$failed" -eq 0 ]
