#!/bin/sh
# Runs ROMs here and under qemu-system-s390x, and compares what they write on the console:
# compare_qemu.sh ZFACET IMAGES. The other emulator is in $ZFACET_PEERS/bin or on the PATH, or the
# test is skipped.
# Left out are those whose text depends on the model, and those that QEMU 10.0 fails: it does not
# interrupt for fixed-point overflow, and its CPU timer never shows a negative value.
set -u
zfacet=$1
images=$2
PATH=${ZFACET_PEERS:-.}/bin:$PATH
qemu=$(command -v qemu-system-s390x)
[ -x "$qemu" ] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for rom in hello dat sigp smc; do
    timeout -k 5 60 "$qemu" -nographic -cpu max -smp 2 -kernel "$images/$rom.elf" </dev/null >"$work/theirs" 2>/dev/null
    timeout -k 5 60 "$zfacet" run --cpus 2 "rom:$rom" </dev/null >"$work/ours" 2>/dev/null
    if [ ! -s "$work/ours" ] || ! cmp "$work/ours" "$work/theirs"; then
        echo "FAIL $rom"
        diff "$work/ours" "$work/theirs"
        status=1
    fi
done
exit $status
