#!/usr/bin/env python3
"""What commands print, looked at for what an editor of texts would mark: tidy.py ZFACET

Blanks at the end of a line; "1 instructions"; QEMU's name of a machine where people's was given.
"""
import re
import subprocess
import sys
import tempfile

zfacet = sys.argv[1]
failures = 0
# of facilities that install one instruction, of models that differ in one switch, of what is executed once
LINES = ["explain agr vfasb 129 146 kma stfl z14 msa4 bcr vx csst e712300020e3", "explain 2 61 z17 te", "models", "models z13",
         "isa --facility 146", "isa --facility 58", "isa --facility 146 --forms", "baseline z13-base,vx=on", "expand z13-base,vx=on",
         "deprecated", "leaks --host z14 --model z13", "compare z13 z14", "compare z13 z13,vx=off", "check-model z14,te=off",
         "migrate z14 z13", "inspect --text --view insns --filter sie", "inspect --text --view matrix --models z17 --filter #146",
         "inspect --text --view model --models z13 --filter vx", "inspect --text --view compare --models z13,z14",
         "minimum -- rom:hello", "minimum -- rom:z14-on-z13", "check --models z15.. -- rom:hello", "check --models z14 -- rom:hello",
         "check --models z15..z16 --model z13 -- rom:z14-on-z13", "run --count --max-insns 1 rom:hello", "run --history 1 --max-insns 1 rom:hello",
         "run --model z17 --quiet rom:hello", "run --model z13 rom:z14-on-z13", "diverge z13 z14 -- rom:z14-on-z13", "suite --list", "help"]
PLURAL = re.compile(r"\b1 (?:instruction|form|switch|feature|facilitie|execution|time|run|case|model|host|value|code|byte|finding|word|page|image|operand value|"
                    r"function code)s\b")
# what management software calls them is for it alone: these print what is for it, or all names that there are
SOFTWARE = ("models", "deprecated", "baseline", "expand", "check-model", "help", "inspect", "compare", "explain")


def check(words):
    global failures
    run = subprocess.run([zfacet, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)
    for line in (run.stdout + run.stderr).split("\n"):
        wrong = ("a blank at the end" if line != line.rstrip() else "one is not many" if PLURAL.search(line) else
                 "a name that was not given" if words[0] not in SOFTWARE and re.search(r"\bgen1[5-9][ab]\b", line) else None)
        if wrong:
            failures += 1
            print(f"FAIL zfacet {' '.join(words)}: {wrong}: {line!r}")
    if not run.stdout and not run.stderr:
        failures += 1
        print(f"FAIL zfacet {' '.join(words)}: nothing was printed")


for words in LINES:
    check(words.split())
help_text = subprocess.run([zfacet, "help"], capture_output=True, text=True, check=True).stdout
for command in re.findall(r"^  ([a-z][a-z-]+) ", help_text, re.M):
    check(["help", command])
with tempfile.NamedTemporaryFile("w", suffix=".txt") as hosts:
    hosts.write("old z13\nnew z13,vx=off\n")
    hosts.flush()
    check(["cluster", hosts.name])
print(f"{failures} failed")
sys.exit(failures != 0)
