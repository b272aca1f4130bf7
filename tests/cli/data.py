#!/usr/bin/env python3
"""zfacet data against its description, binutils and LLVM: data.py ZFACET DATA.MD

Each instruction is disassembled by binutils and LLVM, which must call it the same, or by an extended mnemonic of it; LLVM
must know it from the same machine on. What they do not know stands in data.txt, and so does each disagreement; there is none
that is not. tests/decode has the comparison with capstone. Formats, models and dependencies refer to each other.
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

zfacet, description = sys.argv[1:]
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAIL", text)


def run(*arguments):
    return subprocess.run([zfacet, "data", *arguments], check=True, capture_output=True, text=True).stdout


data = json.loads(run())
if data["schema"] != 1:
    fail("schema")
tables = data["tables"]
with open(description.replace(".md", ".schema.json"), encoding="utf-8") as file:
    schema = json.load(file)
try:
    import jsonschema
    jsonschema.validate(data, schema)
except ImportError:
    fail("python3-jsonschema is not here")
except jsonschema.ValidationError as error:
    fail(f"schema: {error.json_path}: {error.message[:200]}")

# as described
columns, table = {}, None
for line in open(description):
    cells = [c.strip() for c in line.split("|")]
    if len(cells) == 5 and cells[2] not in ("column", "---"):
        table = cells[1] or table
        columns.setdefault(table, []).extend(re.split(r",\s*", cells[2]))
for name, rows in tables.items():
    if sorted(columns.get(name, [])) != sorted(rows[0]):
        fail(f"{name}: {sorted(rows[0])}, described {sorted(columns.get(name, []))}")
    read = list(csv.DictReader(io.StringIO(run(name, "--format", "csv"))))
    if len(read) != len(rows) or set(read[0]) != set(rows[0]):
        fail(f"{name}: CSV and JSON differ")
if set(columns) != set(tables):
    fail(f"tables {set(columns) ^ set(tables)}")

# references
names = {f["feature"] for f in tables["features"]}
mnemonics = {i["mnemonic"] for i in tables["instructions"]}
formats = {f["format"]: f["length"] for f in tables["formats"]}
for d in tables["dependencies"]:
    if not {d["feature"], d["needs"]} <= names:
        fail(f"dependency {d}")
for i in tables["instructions"]:
    if formats.get(i["format"]) != i["length"]:
        fail(f"format of {i}")
for f in tables["forms"]:
    if f["mnemonic"] not in mnemonics:
        fail(f"form of {f['mnemonic']}")
if not all(set(m["features"]) <= names for m in tables["models"]):
    fail("features of models")

# binutils: opcode with all operand bits 0, in a place of 8 bytes each; it may not know newer ones
insns = sorted(tables["instructions"], key=lambda i: i["opcode"])
with tempfile.NamedTemporaryFile() as file:
    file.write(b"".join(bytes.fromhex(i["opcode"]).ljust(8, b"\7") for i in insns))
    file.flush()
    text = subprocess.run(["s390x-linux-gnu-objdump", "-b", "binary", "-m", "s390:64-bit", "-D", "--insn-width=6", file.name],
                          check=True, capture_output=True, text=True).stdout
theirs = {int(m.group(1), 16): m.group(2)
          for m in re.finditer(r"^ *([0-9a-f]+):\t(?:[0-9a-f]{2} )+ *\t(\S+)", text, re.M)}
aliases = {}
for line in open(description.replace("docs/data.md", "decode/isa/alias.def")):
    m = re.match(r'(?:ALIAS|SYNONYM)\("(\w+)",\s*(\w+),', line)
    if m:
        aliases.setdefault(m.group(1), set()).add(m.group(2))
at = known = 0
differences = []
for i in insns:
    word = theirs.get(at)
    at += 8
    if word is None or word.startswith("."):
        differences.append(f"binutils absent {i['mnemonic']}")
        continue
    known += 1
    if word != i["mnemonic"] and i["mnemonic"] not in aliases.get(word, ()):
        differences.append(f"binutils name {i['mnemonic']} {word}")

# LLVM: by architecture level, z10 being the oldest that it tells apart
LEVELS = ["z10", "z196", "zEC12", "z13", "z14", "z15", "z16"]
lines = "".join(" ".join(f"0x{byte:02x}" for byte in bytes.fromhex(i["opcode"])) + "\n" for i in insns)
first, names = {}, {}
for number, level in enumerate(LEVELS):
    run_llvm = subprocess.run(["llvm-mc-19", "--disassemble", "--triple=s390x", f"--mcpu=arch{number + 8}"], input=lines,
                              capture_output=True, text=True, check=False)
    unknown = {int(n) for n in re.findall(r"^<stdin>:(\d+):\d+: warning: invalid", run_llvm.stderr, re.M)}
    words = iter(line.split()[0] for line in run_llvm.stdout.splitlines() if re.match(r"\t[a-z]", line))
    for n, i in enumerate(insns):
        if n + 1 not in unknown:
            names[n] = next(words)
            first.setdefault(n, level)
for n, i in enumerate(insns):
    since = i["since"] if i["since"] in LEVELS + ["z17"] else "z10"
    if n not in names:
        differences.append(f"llvm absent {i['mnemonic']}")
    elif names[n] != i["mnemonic"] and i["mnemonic"] not in aliases.get(names[n], ()):
        differences.append(f"llvm name {i['mnemonic']} {names[n]}")
    elif first[n] != since:
        differences.append(f"llvm since {i['mnemonic']} {first[n]}")

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "data.txt"), encoding="utf-8") as file:
    entries = [line.split(": ") for line in file if not line.startswith("#")]
listed = {f"{kind} {word}" for kind, words in entries if kind.endswith("absent") for word in words.split()}
listed |= {f"{kind} {words.strip()}" for kind, words in entries if not kind.endswith("absent")}
for difference in sorted(listed ^ set(differences)):
    fail(f"{difference}: {'listed, and not so' if difference in listed else 'not listed in data.txt'}")
print(f"{len(insns)} instructions, {known} known to binutils, {len(names)} to LLVM; {failures} failed")
sys.exit(failures != 0)
