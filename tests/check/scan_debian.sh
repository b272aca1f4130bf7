#!/usr/bin/env bash
# zfacet scan of Debian's packages for s390x: all are built for z196 (openjdk's libraries for z10), and the known users of
# newer facilities choose them at run time, each in its own way:
#   libc        ifunc resolvers; lock elision by a variable that is set from AT_HWCAP
#   libcrypto   OPENSSL_s390xcap_P, filled by STFLE
#   libnettle   pointers to functions, set by a constructor that asks getauxval() and a function with STFLE
#   OpenBLAS    tables of functions, one of which getauxval() chooses; kernels that no table has are named like them
#   libgcrypt, zlib, libjpeg-turbo, nodejs and openjdk have nothing newer in their code (the latter two generate code)
# The packages are fetched by  tests/tools/peers FOLDER --debs $(tests/check/scan_debian.sh --packages)
# shellcheck source-path=SCRIPTDIR
packages=(libssl3 libgcrypt20 zlib1g libopenblas0-pthread libjpeg62-turbo libnettle8 libnode108 openjdk-17-jre-headless)
if [ "${1:-}" = --packages ]; then
    echo "${packages[@]}"
    exit
fi
. "$(dirname "$0")/common.sh"
debs=${ZFACET_PEERS:-}/debs-s390x
for package in "${packages[@]}"; do
    [ -e "$debs/.$package" ] || { echo "skip: $debs has no $package"; exit 77; }
done

# all at once, and how fast that is, packages being unpacked too
files=()
for package in libc6 "${packages[@]}"; do
    files+=("$debs/$package"_*.deb)
done
bytes=$(for deb in "${files[@]}"; do dpkg-deb --fsys-tarfile "$deb"; done | wc -c)
start=$(date +%s%N)
expect all 0 ' 0 need more than z196$' scan --against z196 "${files[@]}"
echo "$((bytes / 1000000)) MB of files, $((bytes * 1000 / ($(date +%s%N) - start))) MB a second"

# is PACKAGE FILE NEEDS GUARDED: what the file in the package needs, and what it uses when it is there
is() {
    has "$2" "^$3 +[0-9]+ $4 .*/$1_.*/$2"
}
is libc6 libc.so.6 z196 z15
is libc6 ld64.so.1 z196 z13
is libssl3 libcrypto.so.3 z196 z15
is libssl3 libssl.so.3 z196 -
is libgcrypt20 libgcrypt.so.20 z196 -
is zlib1g libz.so.1 z196 -
is libopenblas0-pthread libopenblasp-r0 z196 z14
is libjpeg62-turbo libjpeg.so.62 z196 -
is libnettle8 libnettle.so.8 z196 z13
is libnode108 libnode.so.108 z196 -
is openjdk-17-jre-headless server/libjvm.so z196 -
is openjdk-17-jre-headless lib/libjava.so z10 -
expect libssl3 0 'libcrypto.so.3' scan --against z196 "$debs/libssl3"_*.deb
lacks libssl3_guards 'guard unknown' # it masks the list, and asks functions for their codes
finish
