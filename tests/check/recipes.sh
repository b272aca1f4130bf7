#!/usr/bin/env bash
# docs/recipes.md: tests of projects run under the gate with nothing changed but what stands there.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2016 # backquotes and $(EMULATOR) are text
. "$(dirname "$0")/common.sh"
build
recipes=$here/../../docs/recipes.md
PATH=$(dirname "$zfacet"):$PATH
rm -rf "$work/project"
mkdir -p "$work/project"
cd "$work/project" || exit 1

# what stands in the table for a build system, without the quotes of its cell
recipe() { sed -n "s/^| $1 | \`\(.*\)\`[^\`]*|\$/\1/p" "$recipes"; }

sed -n '/^```cmake/,/^```/p' "$recipes" | grep -v '^```' >s390x.cmake
cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.20)
project(slips C)
enable_testing()
add_executable(slip $here/slip.c $here/slip_library.c)
target_link_options(slip PRIVATE -static)
add_test(NAME good COMMAND slip)
add_test(NAME slips COMMAND slip slip)
add_test(NAME fails COMMAND slip fail)
END
if command -v cmake >/dev/null; then
    passes cmake sh -c "$(recipe CMake | sed 's/`, then `ctest//') -S . -B build && cmake --build build"
    ctest --test-dir build >"$work/out" 2>&1
    has cmake_good 'good \.* +Passed'
    has cmake_slip 'slips \.*\*\*\*Failed'
    ctest --test-dir build -R slips --output-on-failure >"$work/out" 2>&1
    has cmake_finding 'blocked at .*slip!product'
fi

printf 'test:\n\t$(EMULATOR) %s nothing\n\t$(EMULATOR) %s slip\n' "$work/slip-static" "$work/slip-static" >Makefile
sh -c "$(recipe make)" >"$work/out" 2>&1
has make 'msgrkc'
has make_status 'Error 3'

if command -v automake >/dev/null; then
    cat >configure.ac <<END
AC_INIT([slips], [1])
AM_INIT_AUTOMAKE([foreign no-dependencies])
AC_PROG_CC
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
    printf 'check_PROGRAMS = good slips\nTESTS = good slips\ngood_SOURCES = good.c\nslips_SOURCES = slips.c\n' >Makefile.am
    echo 'int main(void) { return 0; }' >good.c
    echo 'int main(void) { __asm__("msgrkc %%r2,%%r2,%%r2" : : : "2", "cc"); }' >slips.c
    passes autotools sh -c "autoreconf -i && $(recipe Autotools | sed 's/`, then .*//') CFLAGS=-march=z14"
    sh -c "$(recipe Autotools | sed 's/.*, then `//')" >"$work/out" 2>&1
    has autotools_good '^PASS: good'
    has autotools_slip '^FAIL: slips'
    cp slips.log "$work/out"
    has autotools_finding 'blocked at .*slips!main'
fi

if command -v meson >/dev/null; then
    cat >cross.ini <<END
[binaries]
c = '$cc'
$(sed -n 's/^| Meson .*: `\(.*\)` |$/\1/p' "$recipes")
[host_machine]
system = 'linux'
cpu_family = 's390x'
cpu = 's390x'
endian = 'big'
END
    printf "project('slips', 'c')\ns = executable('slip', '%s', '%s', link_args: '-static')\ntest('good', s)\ntest('slips', s, args: 'slip')\n" "$here/slip.c" "$here/slip_library.c" >meson.build
    meson setup --cross-file cross.ini meson >"$work/out" 2>&1
    meson test -C meson >"$work/out" 2>&1
    has meson_good 'good +OK'
    has meson_slip 'slips +FAIL'
fi
finish
