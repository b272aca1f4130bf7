#!/usr/bin/env bash
# zfacet scan: code of known needs, guards, pools, packages; what it sees against objdump; Debian's own files.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build
schema=$here/../../docs/scan.schema.json
"$cc" -march=z196 -O2 -shared -fPIC -o "$work/libscan.so" "$here/scan_guest.c" || { echo "cannot build the library"; exit 1; }

expect library 0 '^z14 +3 z15 ' scan --functions --output "$work/scan.json" --sarif "$work/scan.sarif" "$work/libscan.so"
has names 'which is -march=z14 or arch12, -C target-cpu=z14, GOS390X=z14, glibc-hwcaps/z14, model z14 of QEMU and libvirt'
passes known python3 "$here/scan.py" guest "$work/scan.json"
passes json python3 "$here/formats.py" json "$work/scan.json" "$schema"
passes sarif python3 "$here/formats.py" sarif "$work/scan.sarif"
expect against_z13 3 'direct_z14 \(direct\): msgrkc z14$' scan --against z13 --junit "$work/scan.xml" "$work/libscan.so"
has guarded_told 'guarded_z15 \(guarded\)'
passes junit python3 "$here/formats.py" junit "$work/scan.xml"
expect against_z14 0 '0 need more than z14' scan --against z14 "$work/libscan.so"
expect against_z15 0 "0 need more than z15\$" scan --against gen15a "$work/libscan.so"
expect guarded_at_z14 0 'selgr z15 guarded' scan --against z14 "$work/libscan.so"
s390x-linux-gnu-strip -o "$work/stripped" "$work/libscan.so"
expect stripped 3 '^z14 .*fails' scan --against z13 "$work/stripped"

"$cc" -march=z15 -nostdlib -shared -o "$work/libtables.so" "$here/scan_tables.S" || exit 1
expect tables 0 '^z900 +[0-9]+ - .*/libtables.so$' scan "$work/libtables.so"

# a Go program without symbols: its own table, with the addresses that the loader makes, and those that are in the file
for kind in static-pie static; do
    "$cc" -march=z15 -nostdlib "-$kind" -s -o "$work/go-$kind" "$here/scan_go.S" || exit 1
    expect "go_$kind" 3 '^z14 +1 z15 +6 ' scan --against z13 "$work/go-$kind"
    has "go_direct_$kind" ' main\.plain \(direct\): msgrkc z14$'
    has "go_guarded_$kind" ' main\.asks \(direct\): selgr z15 guarded \(guard unknown\)$'
done
for old in 2 16; do # tables with addresses
    for kind in static-pie static; do
        "$cc" -march=z15 -nostdlib "-$kind" -s -DOLD=$old -DHIDDEN -o "$work/go-old" "$here/scan_go.S" || exit 1
        expect "go_${old}_$kind" 3 '^z14 +1 z15 +6 ' scan --against z13 "$work/go-old"
        has "go_${old}_guarded_$kind" ' main\.asks \(direct\): selgr z15 guarded \(guard unknown\)$'
    done
done
# a table of no known version; of the rest, enough is found
sed 's/0xfffffff1/0xffffffe0/; s/4096/8/' "$here/scan_go.S" >"$work/other.S"
"$cc" -march=z13 -nostdlib -static -s -o "$work/other" "$work/other.S" -Wa,-march=z15 || exit 1
expect go_other 1 "other: Go's table of its functions cannot be read, so it may need more" \
    scan --against z15 --output "$work/scan.json" "$work/other"
passes go_other_json python3 "$here/formats.py" json "$work/scan.json" "$schema"
passes go_other_why grep -q "\"why\": \"Go's table" "$work/scan.json"
# without that table, what pointers lead to; or hardly anything is found, which is no verdict
for kind in static-pie static; do
    "$cc" -march=z15 -nostdlib "-$kind" -s -DTABLE=.other -o "$work/pointed-$kind" "$here/scan_go.S" || exit 1
    expect "pointed_$kind" 3 '^z14 +1 z15 +6 ' scan --against z13 "$work/pointed-$kind"
done
"$cc" -march=z15 -nostdlib -static -s -DTABLE=.other -DHIDDEN -o "$work/unknown" "$here/scan_go.S" || exit 1
expect partial 1 '/unknown: hardly any of its code was found, so it may need more$' \
    scan --against z13 --junit "$work/scan.xml" --sarif "$work/scan.sarif" --output "$work/scan.json" "$work/unknown"
has partial_told '/unknown  not all code found$'
passes partial_junit grep -q '<error type="partial"' "$work/scan.xml"
passes partial_json python3 "$here/formats.py" json "$work/scan.json" "$schema"
cp "$work/scan.json" "$work/out"
lacks partial_no_verdict '"passes"'
passes partial_sarif grep -q '"executionSuccessful": false' "$work/scan.sarif"
printf '%s\n' '.globl f' '.type f,@function' 'f: br %r14' '.size f,2' '.fill 20000,2,0' >"$work/data.s"
"$cc" -c -o "$work/data.o" "$work/data.s" || exit 1
expect partial_object 1 'data.o: hardly any of its code was found' scan --against z13 "$work/data.o"
# names without end: those of symbols are cut, those of Go's functions left out
long=$(printf 'n%.0s' $(seq 3000))
printf '%s\n' ".globl $long" ".type $long,@function" "$long: msgrkc %r2,%r3,%r4" 'br %r14' ".size $long,.-$long" >"$work/long.s"
"$cc" -march=z14 -nostdlib -shared -o "$work/long.so" "$work/long.s" || exit 1
expect long_symbol 3 ' n{1024} \(direct\): msgrkc z14$' scan --against z13 "$work/long.so"
sed "s/main\.asks/$long/" "$here/scan_go.S" >"$work/long.S"
"$cc" -march=z15 -nostdlib -static -s -o "$work/long" "$work/long.S" || exit 1
expect long_go 3 '0x[0-9a-f]+  \(direct\): selgr z15 guarded \(guard unknown\)$' scan --against z13 "$work/long"
# a table that is cut short or leads elsewhere
"$cc" -march=z15 -nostdlib -static -s -DHIDDEN -o "$work/hidden" "$here/scan_go.S" || exit 1
expect hidden 3 '^z14 +1 z15 +6 ' scan --against z13 "$work/hidden"
for offset in 0 8 64; do
    cp "$work/hidden" "$work/damaged"
    at=$((0x$(s390x-linux-gnu-readelf -SW "$work/damaged" | awk '$2 == ".gopclntab" {print $5} $3 == ".gopclntab" {print $6}') + offset))
    printf '\377\377\377\377' | dd of="$work/damaged" bs=1 seek="$at" conv=notrunc status=none
    expect "damaged_table_$offset" 1 'damaged: hardly any of its code was found' scan --against z13 "$work/damaged"
done

# what few functions need is guarded, also where others of the same machine lack it
"$cc" -march=z10 -nostdlib -shared -o "$work/libfew.so" "$here/scan_few.S" || exit 1
expect few 0 '^z10 +65 - .*libfew.so$' scan --against z10 "$work/libfew.so"
has few_listed 'counters \(pointer\): lcctl z10$'
expect not_few 3 'libfew.so  fails$' scan --against z9 "$work/libfew.so"

"$cc" -march=z14 -nostdlib -static -s -o "$work/chain" "$here/scan_chain.S" || exit 1
expect chain 3 'msgrkc z14$' scan --against z13 "$work/chain"
# each of very many functions hands on the address of the one before
awk 'BEGIN {
    for (i = 0; i <= 80000; i++)
        printf ".type f%d,@function\nf%d: %s\nbr %%r14\n.size f%d,.-f%d\n", i, i, i ? "larl %r2,f" i - 1 : "msgrkc %r2,%r3,%r4", i, i
    print ".globl _start\n_start: brasl %r14,f80000\nbr %r14"
}' >"$work/handed.s"
"$cc" -march=z14 -nostdlib -static -o "$work/handed" "$work/handed.s" || exit 1
passes handed bash -c 'ulimit -t 20 && exec "$@"' scan "$zfacet" scan --functions --against z14 "$work/handed"
has handed_found 'extensions-2 +1 +0 +0$'
# many functions that use one large table; guarded functions, each of which is called by the next one
awk 'BEGIN {
    for (i = 0; i < 8000; i++)
        printf ".type f%d,@function\nf%d: %s\nbr %%r14\n.size f%d,.-f%d\n.type g%d,@function\ng%d: larl %%r1,t\nlg %%r1,0(%%r2,%%r1)\nbasr %%r14,%%r1\n.size g%d,.-g%d\n", i, i, i < 7999 ? "" : "msgrkc %r2,%r3,%r4", i, i, i, i, i, i
    print ".globl _start\n_start: brasl %r14,g7\nbr %r14\n.section .rodata\n.balign 8\nt:"
    for (i = 0; i < 8000; i++)
        print ".quad f" i
}' >"$work/table.s"
awk 'BEGIN {
    for (i = 0; i <= 20000; i++)
        printf ".type f%d,@function\nf%d: %s\nbr %%r14\n.size f%d,.-f%d\n", i, i, i ? "brasl %r14,f" i - 1 : "msgrkc %r2,%r3,%r4", i, i
    print ".globl _start\n_start: stfle 160(%r15)\ntm 164(%r15),32\njz 1f\nbrasl %r14,f20000\n1: tm 164(%r15),16\njz 1f\nbrasl %r14,f20000\n1: br %r14"
}' >"$work/promised.s"
for name in table promised; do
    "$cc" -march=z14 -nostdlib -static -o "$work/$name" "$work/$name.s" || exit 1
    ran=$((ran + 1))
    (ulimit -t 12 && "$zfacet" scan --against z14 "$work/$name" >"$work/out" 2>&1) || { echo "FAILED $name" && failed=$((failed + 1)); }
done
expect table_reached 3 'f7999 \(direct\): msgrkc z14$' scan --against z13 "$work/table"
# files that cannot be written, before anything is read
for option in output junit sarif; do
    expect "unwritable_$option" 1 'cannot write .*absent/file: No such file' scan "--$option" "$work/absent/file" "$work/table"
    lacks "unwritable_${option}_scanned" "needs z14"
done
# without memory for one of its allocations, it says so, or does without it
"$cc" -march=z13 -O1 -DCASE=30 -o "$work/slips" "$here/scan_slips.c" && "$cc" -march=z13 -O1 -DCASE=14 -o "$work/tables" "$here/scan_slips.c" || exit 1
passes memory "$3" "$work/slips"
passes memory_of_tables "$3" "$work/tables"
# a module of Linux: what it is loaded for is no need, what comes beside it is; nor is a hint
module() {
    "$cc" -march=z14 -c "${@:4}" -o "$work/module.o" "$here/scan_module.S" || exit 1
    expect "$1" "$2" "$3" scan --against z10 "$work/module.o"
}
module module_alias 0 'vector \(direct\): vgbm z13 guarded$' -DALIAS
module module_plain 3 'vector \(direct\): vgbm z13$'
lacks module_hint kimd
module module_beyond 3 'beyond \(direct\): msgrkc z14$' -DALIAS -DBEYOND

# objects, archives and packages
"$cc" -march=z15 -O2 -c -o "$work/one.o" "$here/slip_library.c"
rm -f "$work/lib.a"
s390x-linux-gnu-ar rc "$work/lib.a" "$work/one.o"
expect archive 3 'lib.a:one.o  fails' scan --against z13 "$work/lib.a"
# objects that are linked with one another: who chooses, what is chosen, what is called
"$cc" -march=z900 -O2 -c -o "$work/chooses.o" "$here/scan_chosen.c" &&
    "$cc" -march=z14 -O2 -DNAME=chosen_new -c -o "$work/chosen.o" "$here/scan_chosen.c" &&
    "$cc" -march=z14 -O2 -DNAME=called -c -o "$work/called.o" "$here/scan_chosen.c" || exit 1
rm -f "$work/chosen.a" "$work/called.a"
s390x-linux-gnu-ar rc "$work/chosen.a" "$work/chooses.o" "$work/chosen.o"
s390x-linux-gnu-ar rc "$work/called.a" "$work/chooses.o" "$work/chosen.o" "$work/called.o"
expect chosen 0 '0x0 chosen_new \(guarded\): msgrkc z14 guarded$' scan --against z13 "$work/chosen.a"
expect alone 3 'chosen.o +fails$' scan --against z13 "$work/chosen.o"
expect called 3 'called.a:called.o +fails$' scan --against z13 "$work/called.a"
has called_direct '0x0 called \(direct\): msgrkc z14$'
has chosen_guarded '0x0 chosen_new \(guarded\): msgrkc z14 guarded$'
expect libc 0 '1 libc.a needs|0 need more than z196' scan --against z196 "$sysroot/lib/libc.a"
tar -C "$work" -czf "$work/one.tar.gz" lib.a stripped
expect tarball 0 'one.tar.gz:lib.a:one.o$' scan "$work/one.tar.gz"
for format in newc odc zip 7zip iso9660; do
    passes "pack_$format" python3 "$here/scan.py" pack "$format" "$work/packed.$format" "$work/stripped"
    expect "packed_$format" 0 "packed.$format:[Ss][Tt][Rr][Ii][Pp][Pp][Ee][Dd]" scan "$work/packed.$format"
done
# images of containers: what a later layer removes or replaces is not in them; of several in one file, or without a list of
# layers, all counts
for kind in docker oci twice unordered folder; do
    rm -rf "$work/image"
    passes "image_$kind" python3 "$here/scan.py" image $kind "$work/image" "$work/stripped"
    expect "image_$kind" 3 ':there-link|:usr/there-last' scan --against z13 "$work/image"
    case $kind in
    docker | oci | folder)
        lacks "image_${kind}_hidden" ':(\./)?([a-z/]*/)?hidden-(removed|replaced|below|old|above)'
        passes "image_${kind}_there" test "$(grep -c 'there-\|hidden-original' "$work/out")" = 5
        ;;
    *) has "image_${kind}_all" 'usr/hidden-removed' ;;
    esac
done
# each in another
cp "$work/stripped" "$work/level0"
for i in $(seq 16); do
    tar -C "$work" -cf "$work/level$i" "level$((i - 1))"
done
expect deep 0 'level16:level15:.*:level0$' scan "$work/level16"
tar -C "$work" -cf "$work/level17" level16
expect deeper 1 'level0: lies in more than 16 others$|level1: lies in more than 16 others$' scan "$work/level17"
python3 "$here/scan.py" many "$work/many.zip"
expect many 1 'one of more than 10000 that lie in 5 others' scan "$work/many.zip"
# text that begins like a list of files
{
    printf '#mtree\n./a type=file size=4\n'
    printf 'y%.0s' $(seq 70000)
} | gzip >"$work/text.gz"
expect text 1 '^0 files with code' scan "$work/text.gz"
lacks text_is_no_list 'Line too long'
mkdir -p "$work/tree/sub" && cp "$work/stripped" "$work/one.tar.gz" "$work/tree/sub"
expect folder 0 '^3 files' scan "$work/tree"
expect not_there 1 'No such file' scan "$work/nonesuch"
head -c 700 "$work/libscan.so" >"$work/cut"
expect cut 1 'cut: damaged ELF file' scan "$work/cut" "$work/stripped"
has cut_others '^1 file with code'
expect no_code 1 'there is no verdict' scan --against z13 "$here/scan.py"
expect usage 2 'files, folders or packages' scan
expect bad_model 2 'unknown CPU model' scan --against z99 "$work/stripped"

# a boot image: something before, the signature, the kernel without symbols compressed
s390x-linux-gnu-objcopy -O binary --only-section=.text "$work/slip-static" "$work/text.bin"
truncate -s 1200000 "$work/text.bin"
truncate -s 65544 "$work/boot" && printf S390EP >>"$work/boot" && truncate -s 70000 "$work/boot"
cp "$work/boot" "$work/boot-empty"
gzip -c "$work/text.bin" >>"$work/boot" && truncate -s +100 "$work/boot"
expect kernel 0 '^z196 .*boot:kernel$' scan --against z196 "$work/boot"
truncate -s +4096 "$work/boot-empty"
expect kernel_empty 1 'boot-empty:kernel: no compressed kernel in the boot image' scan "$work/boot-empty"

# against objdump
s390x-linux-gnu-strip -o "$work/slip-stripped" "$work/slip-static"
passes truth python3 "$here/scan.py" truth "$zfacet" s390x-linux-gnu-objdump "$work/slip-static" "$work/slip-stripped"
grep precision "$work/out"

# Debian's files: all is built for z196; what is newer is chosen at run time, by ifunc resolvers (string functions), or by
# a variable that is set from AT_HWCAP (lock elision); busybox has no symbols to tell which. scan_debian.sh has more.
peers=${ZFACET_PEERS:-}
if [ -d "$peers/s390x/lib/s390x-linux-gnu" ]; then
    lib=$peers/s390x/lib/s390x-linux-gnu
    for file in libm.so.6 libresolv.so.2 libthread_db.so.1 libmemusage.so libnsl.so.1 libc_malloc_debug.so.0 libnss_compat.so.2 libnss_hesiod.so.2; do
        expect "debian $file" 0 '^z196 +[0-9]+ - ' scan "$lib/$file"
    done
    expect debian_ld 0 '^z196 +[0-9]+ z13 ' scan "$lib/ld64.so.1"
    expect debian_libc 0 '^z196 +[0-9]+ z15 ' scan --against z196 "$lib/libc.so.6"
    expect debian_libc_z10 3 '1 needs more than z10' scan --against z10 "$lib/libc.so.6"
    expect debian_busybox 0 '^z196 +[0-9]+ z15 ' scan --against z196 "$peers/s390x/bin/busybox"
    for kernel in "$peers"/kernel "$peers"/kernel-backports "$peers"/kernel-sid; do
        [ ! -e "$kernel" ] || expect "debian $(basename "$kernel")" 0 '^z10 +[0-9]+ z16 .*:kernel$' scan "$kernel"
    done
    # Go's own tools, which ask in loops over the list
    for program in "$peers"/programs/usr/lib/go-*/pkg/tool/linux_s390x/{pack,dist}; do
        [ ! -e "$program" ] || expect "go_tool $program" 0 '^z196 +[0-9]+ z15 ' scan --against z196 "$program"
    done
    for deb in "$peers"/debs-s390x/busybox-static_*.deb; do
        expect debian_package 0 'data.tar.xz:./bin/busybox$' scan "$deb"
    done
fi
finish
