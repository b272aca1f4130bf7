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
