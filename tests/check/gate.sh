#!/usr/bin/env bash
# zfacet check: verdicts, exit statuses, formats, what excuses findings.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build
schema=$here/../../docs/check.schema.json

# gate NAME STATUS PATTERN WHAT [OPTION...]: the program does WHAT on z13 and z14
gate() {
    local name=$1 status=$2 pattern=$3 what=$4
    shift 4
    expect "$name" "$status" "$pattern" check --models z13,z14 "$@" -- "$work/slip-static" "$what"
}

gate well 0 'slip-static passes on 2 models$' nothing
gate findings 3 '^z13 +findings +1 finding: msgrkc; killed by SIGILL' slip
gate passes_beside 3 '^z14 +passes' slip
gate called_from 3 'called from factorial .*, main ' slip
gate exit_of_program 4 '^z13 +fails by itself +exit status 7' fail
gate expected_exit 0 'passes' fail --exit 7
gate wrong_exit 4 'exit status 0' nothing --exit 3
gate no_call 5 'system call not implemented +number 5000' call
gate call_where 5 'number 5000, 1 time, first at 0x' call
gate probe 0 'excused: probed' probe
gate probe_left 0 'excused: probed' left
gate probe_strict 3 '^z13 +findings' probe --strict
gate crash 3 'findings .* exit status 0' crash
gate child 3 '^z13 +findings' child
gate executed 3 '^z13 +findings' exec
gate killed 3 'did not live to report' killed
gate generated 3 'msgrkc' generated
expect library 3 '!library_product$' check --models z13,z14 --sysroot "$sysroot" -- "$work/slip" library
expect guard 3 '^zEC12 +findings .*vgbm' check --models zEC12,z13 -- "$work/slip-static" guard
expect features 3 '^z14,vx=off +findings' check --model z14,vx=off --model z14 -- "$work/slip-static" guard
if "$zfacet" isa --missing | grep -q '^pfcr '; then
    expect not_executed 5 'not implemented by zfacet +pfcr' check --model z17-full -- "$work/slip-static" code eb000000001607fe
fi
ZFACET_MODEL=z14 expect environment 0 'passes on 1 model$' check "$work/slip-static" slip
expect default_models 3 '^z14\.\.z17-9176 passes' check "$work/slip-static" slip
expect missing 1 'could not run .*No such file' check --models z13 -- "$work/nonesuch"
expect missing_once 1 '^z10EC\.\.z17-9176 could not run +.*No such file' check --models z10.. -- "$work/nonesuch"
expect missing_all 1 '^all [0-9]+ +could not run +.*No such file' check --models all -- "$work/nonesuch"
expect machines_all 3 '^z900\.\.z13s +findings ' check --models all rom:z14-on-z13
has machines_all_base '^z900-base\.\.z13s-base findings '
switched=z13,edat=off,minste2=off,sthyi=off,cte=off,csske=off,dfphp=off,ri=off,bpb=off,etoken=off
expect machine_switched 3 "^$switched findings " check --model $switched --sarif "$work/switched.sarif" rom:z14-on-z13
has machine_switched_group "on $switched: operation exception"
grep -q "on $switched: operation" "$work/switched.sarif" || { echo "FAILED machine_switched_sarif" && failed=$((failed + 1)); }
expect range_row 3 '^z10EC\.\.z13s +findings' check --models z10.. -- rom:z14-on-z13
expect range_of_models 3 ' times on z900\.\.z13s z900-base\.\.z13s-base: operation' check --models all -- rom:z14-on-z13
expect range_not_whole 3 '^z14 +passes' check --models z13,z14,z15,z16 -- rom:z14-on-z13
printf '%s\n' 'test missing' "guest $work/nonesuch" >"$work/missing"
expect range_suite 1 '^failed missing on z10EC\.\.z10BC\.2$' suite --models z10EC..z10BC.2 "$work/missing"

# what is easily missed: handlers that do not come back, processes that nobody waits for or that end others, programs
# that are not executed, statuses of limits, output without end
"$cc" -march=z13 -O1 -static -o "$work/trick" "$here/trick.c" || exit 1
s390x-linux-gnu-strip -o "$work/trick-stripped" "$work/trick"
trick() { expect "$1" "$2" "$3" check --models z13 --timeout 3 "${@:5}" -- "$work/trick" "$4"; }
for way in nodefer unblock replaced edits nested ends-deep ends-in-coroutine ends-lost; do
    trick "handler_$way" 3 '^z13 +findings +1 finding: msgrkc; exit status 0' $way
done
for way in jumps jumps-nodefer jumps-deep jumps-deeper jumps-in-thread; do
    trick "handler_$way" 0 'excused: probed' $way
done
expect handler_stripped 0 'excused: probed' check --models z13 -- "$work/trick-stripped" jumps-deeper
expect handler_stripped_ends 3 '^z13 +findings' check --models z13 -- "$work/trick-stripped" ends-deep
expect handler_stripped_goes 3 '^z13 +findings' check --models z13 -- "$work/trick-stripped" ends-in-coroutine
trick orphan 3 '^z13 +findings' orphan
trick killed_slip 3 'did not live to report' killed-slip --on-blocked warn
expect killed_hint 0 'passes' check --models z16 -- "$work/trick" killed-hint
expect killed_hint_strict 3 'did not live to report' check --strict --models z16 -- "$work/trick" killed-hint
if "$zfacet" isa --missing | grep -q '^pfcr '; then
    expect killed_unexecuted 5 'not implemented by zfacet +in a process' check --model z17-full --timeout 3 \
        --on-unimplemented trap -- "$work/trick" killed-unexecuted
fi
trick daemon 3 '^z13 +findings' daemon
trick endless 4 'fails by itself +time limit reached|left to itself reached the time limit of 3 s' endless
trick group 1 'could not run +zfacet was killed' group
trick foreign 5 'execve of /bin/sh, for another machine' foreign
trick unknown_call 5 'number 65536, number 4294967293' unknown-call
lacks unknown_call_name 'execve'
trick damaged 0 'passes' damaged
trick limit_status 4 'fails by itself +time limit reached' spin --exit 124
trick flood 0 'passes' flood
"$zfacet" check --models z13,z14 --timeout 50 -- "$work/trick" spin >"$work/out" 2>&1 &
interrupted=$!
sleep 0.5
kill -TERM $interrupted
wait $interrupted
status=$?
has interrupted 'Terminated: 0 of 2 runs have ended'
passes interrupted_status test $status = 143
# on the terminal's key; what is left of its guest keeps no journal
rm -f "$work/quit.journal"
python3 - "$zfacet" "$work" >"$work/out" 2>&1 <<'END'
import os, signal, subprocess, sys, time
zfacet, work = sys.argv[1:]
def start(*way):
    return subprocess.Popen([zfacet, "check", "--models", "z13", "--journal", work + "/quit.journal", *way],
                            stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGQUIT, signal.SIG_DFL))
quit = start("--timeout", "9", "--", work + "/trick", "endless")
time.sleep(0.7)
quit.send_signal(signal.SIGQUIT)
print("quit:", quit.communicate()[1], quit.returncode)
killed = start("--timeout", "2", "--", work + "/trick", "spin")
time.sleep(0.5)
killed.kill()
killed.wait()
print("after kill:", start("--", work + "/trick", "nothing").wait())
# nothing of a run is left when zfacet is killed
def there():
    found = 0
    for process in os.listdir("/proc"):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                found += b"\0sessions\0" + work.encode() in file.read()
        except OSError:
            pass
    return found
def wait_for(test):
    end = time.monotonic() + 60
    while not test(there()) and time.monotonic() < end:
        time.sleep(0.02)
    return there()
killed = start("--timeout", "150", "--", work + "/trick", "sessions", work)
print("processes:", wait_for(lambda n: n >= 4) >= 4)
killed.kill()
killed.wait()
print("left:", wait_for(lambda n: n == 0))
# it is stopped while the guest's time passes
stopped = start("--timeout", "2", "--", work + "/trick", "slow-endless")
time.sleep(0.5)
stopped.send_signal(signal.SIGSTOP)
time.sleep(2.8)
stopped.send_signal(signal.SIGCONT)
print("stopped:", stopped.wait())
END
has quit 'Quit: 0 of 1 runs have ended'
has quit_status '^ -3$'
has journal_after_kill '^after kill: 0'
has stopped '^stopped: 4'
has processes '^processes: True'
has none_left '^left: 0'
# at the number that its processes hold the pipe at, there may be a file of ours
passes many_files python3 - "$zfacet" "$work/trick" <<'END'
import os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
for free in range(1, 6):
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(3, 960 - free)]
    done = subprocess.run([sys.argv[1], "check", "--models", "z13", "--", sys.argv[2], "orphan"],
                          pass_fds=files, stdout=subprocess.PIPE, text=True, timeout=30)
    for file in files:
        os.close(file)
    assert done.returncode == 3 and "msgrkc" in done.stdout, (free, done)
# it is the last that may be
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
os.dup2(0, 4095)
done = subprocess.run([sys.argv[1], "check", "--models", "z13", "--", sys.argv[2], "orphan"],
                      pass_fds=[4095], stdout=subprocess.PIPE, text=True, timeout=30)
assert done.returncode == 3 and "msgrkc" in done.stdout, done
END
# it ends where no process of its own can open a file more
passes few_files python3 - "$zfacet" "$work/trick" <<'END'
import os, resource, subprocess, sys
def run(free, most):
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(3, 24)]
    done = subprocess.run([sys.argv[1], "check", "--models", "z13", "--", sys.argv[2], "nothing"], pass_fds=files,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24 + free, most or 24 + free)))
    for file in files:
        os.close(file)
    return done.returncode
ends = [run(free, 0) for free in range(12)]
assert min(ends[:8]) > 0 and ends[11] == 0, ends
ends = [run(free, 1000) for free in range(12)]
assert ends[0] > 0 and ends[11] == 0, ends
END
printf '%s\n' 'test limited' "guest $work/trick spin" 'options --timeout 1' 'exit 124' >"$work/limited"
expect limit_in_manifest 4 'time limit reached' check --models z13 --manifest "$work/limited"
expect limit_in_suite 1 'timeout: exit status 124, expected 124' suite --models z13 "$work/limited"
printf '%s\n' 'test lost' "guest $work/trick killed-slip" 'options --on-blocked warn' 'blocked none' >"$work/lost"
expect lost_in_suite 1 '1 execution beyond the model in a process that did not live to report' suite --models z13 "$work/lost"
sed -i 's/--on-blocked warn/--policy audit/' "$work/lost"
expect lost_in_audit 0 '1 passed' suite --models z13 "$work/lost"
sed -i 's/^exit 124/exit timeout/' "$work/limited"
expect limit_by_name 0 'passes' check --models z13 --manifest "$work/limited"
printf '%s\n' 'test flooded' "guest $work/trick flood" "output $(printf '%069d' 59999)" >"$work/flooded"
expect flooded 4 "lacks the line '0*59999' in its first MiB" check --models z13 --manifest "$work/flooded"
expect unknown_test 2 "no case is called 'flodded'" check --tests flooded,flodded --manifest "$work/flooded"
# a journal's results are of one build, one command line, one set of rules
rm -f "$work/one.journal"
cp "$work/slip-static" "$work/built"
journal() { expect "$1" "$2" "$3" check --models z13,z14 --journal "$work/one.journal" "${@:4}"; }
journal journal_first 0 'passes on 2' -- "$work/built" nothing
passes journal_lines test "$(wc -l <"$work/one.journal")" = 2
journal journal_same 0 'passes on 2' -- "$work/built" nothing
passes journal_same_lines test "$(wc -l <"$work/one.journal")" = 2
journal journal_arguments 3 'msgrkc' -- "$work/built" slip
cp "$work/trick" "$work/built"
journal journal_build 0 'passes on 2' -- "$work/built" nothing
journal journal_build_slip 3 'msgrkc' -- "$work/built" slip
cp "$work/slip-static" "$work/built"
journal journal_probe 0 'probed' -- "$work/built" probe
cp "$work/trick" "$work/input"
journal journal_input 0 'passes on 2' -- "$work/built" nothing "$work/input"
echo other >"$work/input"
journal journal_input_other 0 'passes on 2' -- "$work/built" nothing "$work/input"
passes journal_input_again test "$(wc -l <"$work/one.journal")" = 14
model() { expect "$1" "$2" "$3" check --model "$4" --journal "$work/models.journal" -- "$work/trick" slip; }
rm -f "$work/models.journal"
echo z14 >"$work/model.txt"
model journal_model 0 'passes' "@$work/model.txt"
echo z13 >"$work/model.txt"
model journal_model_other 3 'msgrkc' "@$work/model.txt"
long=z14$(printf ',minste2=on%.0s' {1..100})
model journal_long_model 0 'passes' "$long"
model journal_long_model_other 3 'msgrkc' "$long,minste2=off"
journal journal_rules 3 'msgrkc' --strict -- "$work/built" probe

# formats
out() { gate "$1" "$2" - slip --output "$work/s.json" --sarif "$work/s.sarif" --junit "$work/s.xml" --html "$work/s.html" "${@:3}"; }
out formats 3
passes json python3 "$here/formats.py" json "$work/s.json" "$schema"
passes sarif python3 "$here/formats.py" sarif "$work/s.sarif"
passes junit python3 "$here/formats.py" junit "$work/s.xml"
passes html python3 "$here/formats.py" html "$work/s.html"
expect html_of_one 3 - check --models z900,z990,z10EC --html "$work/one.html" -- "$work/slip-static" nothing
passes html_subject grep -q '<code>slip-static</code> on 3 models' "$work/one.html"
passes html_model_a_row grep -q '^<tr><th>z990</th><td class="findings"' "$work/one.html"
passes html_function_once test "$(grep -c '<h3>' "$work/one.html"):$(grep -c '<section' "$work/one.html")" = 1:3
passes source_in_html grep -q '<mark>.*msgrkc\|<mark>.*__asm__' "$work/s.html"
expect json_calls 5 '"verdict": "no-system-call"' check --json --models z13 -- "$work/slip-static" call
cp "$work/out" "$work/call.json"
passes json_of_calls python3 "$here/formats.py" json "$work/call.json" "$schema"
gate unwritable 1 'cannot write' nothing --junit /nonexistent/file

# what excuses
cat >"$work/allow" <<'END'
# checked
mnemonic=msgrkc function=prod* image=slip-static until=2999-12-31 reason="by hand"
facility=129 reason="never there"
mnemonic=msgrkc until=2001-01-01 reason="long ago"
END
gate allowed 0 'excused: allowed: by hand' slip --allow "$work/allow" --on-blocked warn
gate allow_unused 0 'line 3: not needed \(never there\)' slip --allow "$work/allow" --on-blocked warn
gate allow_expired 0 'line 4: expired on 2001-01-01' slip --allow "$work/allow" --on-blocked warn
gate allowed_but_killed 4 'fails by itself +killed by SIGILL, after 1 finding that is excused; with --on-blocked warn it continues' slip --allow "$work/allow"
allow() { echo "$3" >"$work/bad"; gate "$1" 2 "line 1: $2" slip --allow "$work/bad"; }
allow allow_reason 'reason= is missing' 'mnemonic=vl'
allow allow_key "'mnemonik=vl': give image=" 'mnemonik=vl reason=x'
allow allow_day 'until= is not a day' 'mnemonic=vl until=soon reason=x'
allow allow_all 'nothing says' 'reason=x'
# what nothing is called would excuse nothing
allow allow_date 'until= is not a day' 'mnemonic=msgrkc until=2027-02-31 reason=x'
allow allow_mnemonic "mnemonic=: unknown instruction 'msgrck'" 'mnemonic=msgrck reason=x'
allow allow_model "unknown CPU model 'z99'" 'model=z99 reason=x'
allow allow_facility "unknown facility 'vecto'; did you mean 'vector'" 'facility=vecto reason=x'
allow allow_address 'address= is not a number' 'address=here reason=x'
excuses() { echo "$2 reason=x" >"$work/good"; gate "$1" 0 'excused: allowed: x' slip --on-blocked warn --allow "$work/good"; }
excuses allowed_feature 'facility=minste2'
excuses allowed_number 'facility=58'
excuses allowed_capitals 'mnemonic=MSGRKC'
excuses allowed_models 'model=zEC12,z13..z13s'
out allowed_formats 0 --allow "$work/allow" --on-blocked warn
passes sarif_suppressed python3 "$here/formats.py" sarif "$work/s.sarif"
passes json_allowed python3 "$here/formats.py" json "$work/s.json" "$schema"
gate baseline 0 'excused: known' slip --baseline "$work/s.json" --on-blocked warn
# QEMU's names of machines are names, too
named() { expect "$1" "$2" "$3" check --models z15..z16 --on-blocked warn "${@:4}" -- "$work/slip-static" code b968002207fe0000; }
named machines 3 '^z15\.\.z16-a02 +findings' --output "$work/machines.json"
sed -i 's/"z15"/"gen15a"/; s/"z15-t02"/"gen15b"/; s/"z16"/"gen16a"/; s/"z16-a02"/"gen16b"/' "$work/machines.json"
named baseline_names 0 'excused: known' --baseline "$work/machines.json"
echo 'model=gen1* reason=x' >"$work/machines"
named allowed_names 0 'excused: allowed: x' --allow "$work/machines"
gate baseline_new 3 'vzero|msgrkc' child --baseline "$work/call.json"
gate probe_known 0 'excused: probed' probe --output "$work/probe.json"
known() { expect "$1" "$2" "$3" check --models z13 --on-blocked warn "${@:5}" -- "$work/trick-stripped" "$4"; }
known baseline_stripped 3 'msgrkc' slip --output "$work/stripped.json"
known baseline_stripped_same 0 'excused: known' slip --baseline "$work/stripped.json"
known baseline_stripped_new 3 '^z13 +findings +1 finding' both --baseline "$work/stripped.json"
gate baseline_probe 3 '^z13 +findings' crash --baseline "$work/probe.json"
gate baseline_bad 1 "not what 'zfacet check" slip --baseline "$schema"

# manifests and shards
cat >"$work/manifest" <<END
test slips
guest $work/slip-static slip
test good
guest $work/slip-static
test known
guest $work/slip-static slip
options --on-blocked warn
blocked msgrkc
models z13
test flagged
guest $work/slip-static slip
options --on-blocked warn
blocked none
END
expect manifest 3 '^slips +z13 +findings' check --models z13,z14 --manifest "$work/manifest"
lacks manifest_expected '^known +z13'
has manifest_flagged '^flagged +z13 +findings'
expect suite_flagged 1 '^failed flagged on z13' suite --models z13 "$work/manifest"
expect whole 3 - check --models z13,z14 --manifest "$work/manifest" --output "$work/whole.json"
for i in 1 2 3; do
    timeout -k 5 60 "$zfacet" check --models z13,z14 --manifest "$work/manifest" --shard $i/3 --output "$work/$i.json" >/dev/null
done
expect merged 3 '^slips +z13 +findings' check --output "$work/merged.json" --merge "$work/2.json" "$work/1.json" "$work/3.json"
passes merged_alike python3 - "$work/whole.json" "$work/merged.json" <<'END'
import json, sys
def pairs(path):
    with open(path) as file:
        return {(c["name"], r["model"]): (r["verdict"], r["why"]) for c in json.load(file)["cases"] for r in c["results"]}
assert pairs(sys.argv[1]) == pairs(sys.argv[2]) and len(pairs(sys.argv[1])) == 7
END
# a run that is killed is continued, nothing twice, nothing lost
for i in $(seq 40); do
    echo "test case$i"
    if [ $((i % 3)) = 0 ]; then echo "guest rom:z14-on-z13"; else echo "guest rom:hello"; fi
done >"$work/campaign"
expect campaign 3 'case39 +z13 +findings' check --models z13,z15 --manifest "$work/campaign" --output "$work/whole.json"
rm -f "$work"/*.journal
"$zfacet" check --models z13,z15 --manifest "$work/campaign" --shard 2/3 --journal "$work/2.journal" --jobs 1 >/dev/null 2>&1 &
killed=$!
until [ "$(wc -l 2>/dev/null <"$work/2.journal")" -ge 3 ] 2>/dev/null; do sleep 0.02; done
kill -9 $killed
wait $killed 2>/dev/null
before=$(wc -l <"$work/2.journal")
for i in 1 2 3; do
    timeout -k 5 60 "$zfacet" check --models z13,z15 --manifest "$work/campaign" --shard $i/3 --journal "$work/$i.journal" --output "$work/$i.json" >/dev/null
done
passes resumed test "$before" -lt "$(wc -l <"$work/2.journal")"
passes once test "$(cat "$work"/?.journal | wc -l)" = 80
expect campaign_merged 3 'case39 +z13 +findings' check --output "$work/merged.json" --merge "$work"/[123].json
passes campaign_alike python3 - "$work/whole.json" "$work/merged.json" <<'END'
import json, sys
def pairs(path):
    with open(path) as file:
        return {(c["name"], r["model"]): (r["verdict"], r["why"]) for c in json.load(file)["cases"] for r in c["results"]}
assert pairs(sys.argv[1]) == pairs(sys.argv[2]) and len(pairs(sys.argv[1])) == 80
END
expect no_journal 1 'not a journal' check --journal "$schema" -- "$work/slip-static"
passes journal_kept grep -q draft "$schema"

expect merged_options 2 "'--junit' stands after the files" check --merge "$work/1.json" --junit "$work/j.xml"
expect merged_twice 2 'two shards have' check --merge "$work/1.json" "$work/1.json"
expect merged_part 3 '^shard 3/3 +- +could not run +its results are not among those given$' \
    check --output "$work/part.json" --merge "$work/2.json" "$work/1.json"
expect merged_rest 3 '^case39 +z13 +findings' check --output "$work/rest.json" --merge "$work/part.json" "$work/3.json"
lacks merged_rest_all '^shard '
passes merged_part_json python3 "$here/formats.py" json "$work/part.json" "$schema"
passes shard_json python3 "$here/formats.py" json "$work/1.json" "$schema"
expect shard_passes 0 'passes on 1 model$' \
    check --models z14,z15 --shard 2/2 --output "$work/last.json" -- "$work/slip-static" slip
expect merged_last 1 '^shard 1/2 ' check --junit "$work/part.xml" --merge "$work/last.json"
passes merged_last_junit grep -q '<error type="error" message="its results are not among those given"' "$work/part.xml"
expect merged_others 2 'the files are of different numbers of shards' check --merge "$work/1.json" "$work/last.json"
expect model_once 0 ', 3 times on z13: operation' check --models z13,z14 -- "$work/slip-static" children
expect merge 3 'case39 +z13 +findings' merge --output "$work/again.json" --junit "$work/merged.xml" --html "$work/merged.html" "$work"/[123].json
passes merge_same cmp "$work/merged.json" "$work/again.json"
passes merge_junit python3 "$here/formats.py" junit "$work/merged.xml"
# a shard without a case that comes before its others
printf '%s\n' 'test one' "guest $work/slip-static slip" 'models z14' 'test two' "guest $work/slip-static slip" 'models z13..z14' \
    'test three' "guest $work/slip-static slip" 'models z14' 'test four' "guest $work/slip-static pair" 'models z13..z14' >"$work/order"
for shard in 1 2 3; do
    timeout -k 5 60 "$zfacet" check --manifest "$work/order" --shard $shard/3 --output "$work/$shard.order" >/dev/null
done
timeout -k 5 60 "$zfacet" check --manifest "$work/order" >"$work/order.whole"
timeout -k 5 60 "$zfacet" check --merge "$work/3.order" "$work/1.order" "$work/2.order" >"$work/order.merged"
passes merged_order diff "$work/order.whole" "$work/order.merged"
expect merged_order_json 3 - check --output "$work/order.json" --merge "$work"/[123].order
passes merged_order_closed bash -c "! grep -q '\"order\"' '$work/order.json'"
passes shard_order_json python3 "$here/formats.py" json "$work/1.order" "$schema"
expect merge_nothing 2 'give the files' merge
expect merge_other 1 "not what 'zfacet check" merge "$schema"
CI_NODE_INDEX=2 CI_NODE_TOTAL=2 expect shard_auto 0 'passes on 1 model' check --models z13,z14 --shard auto -- "$work/slip-static" slip
SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=3 expect shard_auto_bad 2 'SLURM_ARRAY_TASK_ID=3' check --shard auto -- "$work/slip-static"
SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=4 expect shard_slurm 0 'passes on 1 model' check --models z13,z14 --shard auto -- "$work/slip-static" slip
suite() { "$zfacet" suite --models z13,z14 --tests hello,identify,dat --format tap "$@" | sed -n 's/^ok [0-9]* - //p'; }
suite | sort >"$work/suite.all"
for i in 1 2 3 4; do suite --shard $i/4; done | sort >"$work/suite.shards"
passes suite_shards cmp "$work/suite.all" "$work/suite.shards"
passes suite_runs test "$(wc -l <"$work/suite.all")" = 6
# the shards as tasks of GNU parallel; campaign.sh has a large one, and Slurm
rm -rf "$work/tasks"
timeout 60 "$zfacet" suite --models z13,z14 --tests hello,identify,dat --format tap --on parallel --shards 3 --folder "$work/tasks" 2>/dev/null |
    sed -n 's/^ok [0-9]* - //p' | sort >"$work/suite.tasks"
passes suite_tasks cmp "$work/suite.all" "$work/suite.tasks"
passes suite_tasks_once test "$(cat "$work"/tasks/*.journal | wc -l)" = 6
expect suite_journal 0 '6 passed' suite --models z13,z14 --tests hello,identify,dat --journal "$work/suite.journal"
expect suite_resumed 0 '6 passed' suite --models z13,z14 --tests hello,identify,dat --journal "$work/suite.journal"
passes suite_journal_once test "$(wc -l <"$work/suite.journal")" = 6
expect suite_times 0 '[1-5] runs?, [1-5] passed' suite --models z13,z14 --tests hello,identify,dat --times "$work/suite.journal" --shard 1/2
printf 'test hello\nguest rom:dat\n' >"$work/hello"
expect on_unknown 2 "unknown --on 'pbs'; give slurm or parallel" suite --on pbs --shards 2 --folder "$work/tasks"
expect on_incomplete 2 'needs --shards N and --folder' check --on slurm -- rom:hello
expect on_shards 2 "invalid --shards '1001'" check --on slurm --shards 1001 --folder "$work/tasks" -- rom:hello
expect on_shard 2 'makes its own' check --on slurm --shards 2 --folder "$work/tasks" --shard 1/2 -- rom:hello
expect on_without 2 'are for --on' check --shards 2 -- rom:hello
mkdir -p "$work/bin" && printf '#!/bin/sh\nexit 1\n' >"$work/bin/sbatch" && chmod +x "$work/bin/sbatch"
expect on_stale 2 'has results of other guests' check --models z13,z14 --on parallel --shards 3 --folder "$work/tasks" \
    --tests hello --manifest "$work/hello"
PATH=$work/bin:$PATH expect on_no_slurm 1 'sbatch failed' check --models z14 --on slurm --shards 2 --folder "$work/none" -- rom:hello
expect suite_bad_shard 2 'suite: invalid --shard' suite --shard 0/2
expect bad_shard 2 'invalid --shard' check --shard 4/3 -- "$work/slip-static"

# files that cannot be written, before anything runs
for option in output junit sarif html; do
    expect "unwritable_$option" 1 'cannot write .*absent/file: No such file' check --models z14 "--$option" "$work/absent/file" -- "$work/slip-static" nothing
    lacks "unwritable_${option}_runs" passes
done
expect unwritable_folder 1 'cannot write .*: Is a directory' check --models z14 --html "$work" -- "$work/slip-static" nothing

# command lines
expect nothing 2 'either a program or --manifest' check
expect both 2 'either a program or --manifest' check --manifest "$work/manifest" -- x
expect unknown 2 "unknown option '--chek'" check --chek -- x
expect taken 2 "unknown option '--report'; it is for 'zfacet run'" check --report x -- x
expect bad_model 2 "unknown CPU model" check --models z99 -- x
finish
