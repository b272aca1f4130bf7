#!/bin/sh
# 'zfacet suite': manifests, results, what is wrong with them: suite.sh ZFACET IMAGES
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

# suites
cat >"$work/good" <<'END'
# a manifest
test blocked
guest rom:z14-on-z13
models ..z13s,z10
options --on-blocked trap
exit failed
blocked msgrkc
END
expect suite_good 0 " passed, 0 failed" suite "$work/good"
expect suite_tap 0 "^ok 1 - blocked on z900" suite --format tap "$work/good"
expect suite_junit 0 "tests=\"1\" failures=\"0\"" suite --format junit --models z13 "$work/good"
sed 's/^exit.*/exit ok/' "$work/good" >"$work/wrong"
expect suite_wrong 1 "exit status 1, expected 0" suite --models z13 "$work/wrong"
sed 's/^blocked.*/blocked none/' "$work/good" >"$work/none"
expect suite_blocked 1 "msgrkc blocked at 0x2004c; expected: none" suite --models z13 "$work/none"
sed 's/^blocked.*/blocked msgrkc vl/' "$work/good" >"$work/two"
printf "test a\nguest rom:z14-on-z13\noptions --on-blocked warn\nblocked none\n" >"$work/warn"
expect suite_warn 1 "msgrkc executed anyway at 0x2004c; expected: none" suite --models z13 "$work/warn"
expect suite_range 0 "^3 runs" suite --models z13..z14ZR1 "$work/good"
printf 'test t\nguest rom:z14-on-z13\n' >"$work/joined"
expect suite_joined 1 "^failed t on z10EC..z13s\$" suite --models z10.. "$work/joined"
expect suite_too_few 1 "blocked mnemonics: 1; expected" suite --models z13 "$work/two"
sed 's/^exit.*/output hello/; s/^blocked.*/exit failed/' "$work/good" >"$work/output"
expect suite_output 1 "output lacks the line 'hello'" suite --models z13 "$work/output"
echo "gest x" >"$work/early"
expect suite_early 2 "line 1: 'gest' before the first 'test'" suite "$work/early"
printf 'test a\ngest x\n' >"$work/key"
expect suite_key 2 "line 2: gest: unknown statement" suite "$work/key"
printf 'test a\n' >"$work/guestless"
expect suite_no_guest 2 "test 'a' has no guest" suite "$work/guestless"
# manifest NAME STATUS PATTERN LINE...: a test of rom:hello with these lines more
manifest() {
    name=$1 wanted=$2 said=$3
    shift 3
    printf '%s\n' 'test a' 'guest rom:hello' "$@" >"$work/manifest"
    expect "$name" "$wanted" "$said" suite --models z13 "$work/manifest"
}
manifest suite_two_guests 2 "line 3: guest: this test already has a guest" "guest rom:smc"
manifest suite_two_tests 2 "line 3: second test with the name 'a'" "test a"
manifest suite_models 2 "line 3: models: unknown CPU model 'z99'" "models z13,z99"
manifest suite_models_nearest 2 "line 3: models: .*did you mean 'z13s-base'" "models z13s-basse"
manifest suite_models_empty 2 "line 3: models: .*empty entry" "models z13,"
manifest suite_option 2 "did you mean '--check'" "options --chek"
manifest suite_option_model 2 "line 3: options: --model and --help" "options --model z14"
manifest suite_option_guest 2 "contains more than options" "options --check rom:smc"
manifest suite_mnemonic 2 "line 3: blocked: give mnemonics" "blocked msgrkc nonesuch"
manifest suite_output_file 2 "cannot read this file" "output-file $work/nonesuch"
expect suite_directory 1 "Is a directory" suite "$work"
expect suite_tests 2 "no test is called 'nonesuch'" suite --tests nonesuch
expect suite_no_file 2 "No such file" suite "$work/nonesuch"
expect suite_models 2 "unknown CPU model" suite --models z99
for jobs in 3x 0 257 -1 "" 18446744073709551617; do
    expect "suite_jobs $jobs" 2 "give 1 to 256" suite --jobs "$jobs"
done
expect suite_models_missing 2 "empty entry" suite --models ""
expect suite_format 2 "give text, tap or junit" suite --format xml
expect suite_list 0 "^z14-on-z13 " suite --list

finish
