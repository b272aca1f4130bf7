#!/usr/bin/env python3
"""What each command says of wrong input: wrong.py ZFACET

Files that are missing, unreadable, directories, empty, huge, cut, of another kind; values out of range or unknown. Each
has a message that begins with the program's name, names the value, has no control bytes, and an exit status of its kind;
none takes long. The lines of wrong.txt say what messages say beyond that: COMMAND LINE -> STATUS TEXT.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

zfacet = os.path.abspath(sys.argv[1])
expected = Path(__file__).with_name("wrong.txt")
failures = 0
# commands that read a file, FILE being its place; "run" and its like pass on statuses of their own
READERS = ["run FILE", "run --raw FILE", "run --restore FILE", "run --sysroot FILE rom:hello", "check -- FILE",
           "check --allow FILE -- rom:hello", "check --baseline FILE -- rom:hello", "check --manifest FILE", "merge FILE",
           "minimum -- FILE", "bisect --good z13 --bad z14 -- FILE", "diverge z13 z14 -- FILE", "mix FILE", "coverage FILE",
           "suite FILE", "scan FILE", "disasm FILE", "expand @FILE", "compare z14 @FILE", "baseline @FILE z13", "check-model @FILE",
           "migrate z14 @FILE", "cluster FILE", "leaks --model @FILE", "deprecated --used-by FILE", "explain @FILE",
           "models @FILE", "inspect --text --view migration --hosts FILE", "inspect --text --view findings --findings FILE",
           "inspect --text --view coverage --coverage FILE", "inspect --text --view run --guest FILE"]
# what a reader takes although it looks wrong
FINE = {("disasm FILE", "text"), ("disasm FILE", "random"), ("disasm FILE", "huge"), ("disasm FILE", "cut"),
        ("run --sysroot FILE rom:hello", "dir")}
# commands that write a file
WRITERS = ["run --report FILE rom:hello", "run --trace insn --trace-file FILE rom:hello", "run --mix FILE rom:hello",
           "run --save FILE --save-at 5 rom:hello", "run --save FILE --save-at-end rom:hello", "run --exit-status-file FILE rom:hello",
           "check --models z14 --output FILE -- rom:hello", "check --models z14 --junit FILE -- rom:hello",
           "check --models z14 --sarif FILE -- rom:hello", "check --models z14 --html FILE -- rom:hello",
           "mix --output FILE -- rom:hello", "inspect --screenshot FILE", "qmp --socket FILE"]


def fail(line, text, run):
    global failures
    failures += 1
    print(f"FAIL zfacet {line}: {text}\n    status {run.returncode}: {run.stderr[:300]!r}")


def call(words):
    return subprocess.run([zfacet, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          check=False)


def make_files():
    Path("empty").touch()
    Path("dir").mkdir()
    Path("text").write_text("hello\n")
    Path("cases").write_text("test one\nguest make check\n\ntest two\nguest make\n")
    Path("script").write_text("#!/bin/sh\necho\n")
    Path("random").write_bytes(bytes(range(1, 256)) * 12)
    Path("cut").write_bytes(b"\x7fELF\x02\x02\x01" + bytes(9) + b"\0\2\0\26\0\0\0\1" + bytes(100))
    with open("huge", "wb") as file:
        file.truncate(1 << 32)


def check_message(line, run, name):
    text = run.stderr.decode(errors="replace") + (run.stdout.decode(errors="replace") if "--" in line else "")
    if run.returncode == 0:
        fail(line, "accepted", run)
    elif run.returncode < 0 or run.returncode >= 128:
        fail(line, "died", run)
    elif name not in text:
        fail(line, f"does not say '{name}'", run)
    elif re.search(rb"[\0-\x08\x0b-\x1f\x7f]", run.stderr):
        fail(line, "control bytes", run)
    elif not run.stderr.startswith(b"zfacet: ") and b"could not run" not in run.stdout:
        fail(line, "no message", run)


make_here = tempfile.TemporaryDirectory()
os.chdir(make_here.name)
make_files()
count = 0
for reader in READERS:
    for kind in ("missing", "dir", "empty", "text", "random", "cut", "huge"):
        if (reader, kind) not in FINE and not (kind == "dir" and reader == "scan FILE"):
            line = reader.replace("FILE", kind)
            check_message(line, call(line.split()), kind)
            count += 1
for writer in WRITERS:
    for place in ("dir", "missing/file"):
        line = writer.replace("FILE", place if "--save" not in writer else place)
        check_message(line, call(line.split()), place)
        count += 1
for entry in expected.read_text().splitlines():
    if entry and not entry.startswith("#"):
        line, _, rest = entry.partition(" -> ")
        status, _, text = rest.partition(" ")
        run = call(line.split())
        if run.returncode != int(status) or text not in (run.stderr + run.stdout).decode(errors="replace"):
            fail(line, f"wanted {rest}", run)
        count += 1
# the help of each command has examples, of options that there are
helps = {c: call(["help", c]).stdout.decode() for c in re.findall(r"^  ([a-z-]+)  ", call(["--help"]).stdout.decode(), re.M) if c != "help"}
for command, text in helps.items():
    examples = re.findall(r"zfacet[ ]([a-z-]+)([^;|\n]*)", text.partition("\nexamples:\n")[2])
    if not examples:
        fail(f"help {command}", "no examples", call(["--version"]))
    for name, rest in examples:
        for option in re.findall(r"(?<!\S)--[a-z-]+", rest.partition(" -- ")[0]):
            if option not in helps.get(name, "") and option not in helps["run"]:
                fail(f"help {command}", f"example with unknown {option}", call(["--version"]))
print(f"{count} wrong inputs, {failures} failed")
os.chdir("/")
sys.exit(failures != 0)
