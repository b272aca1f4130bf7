#!/usr/bin/env python3
"""zfacet data against its description and against binutils: data.py ZFACET DATA.MD

Each instruction, assembled from its opcode with operands that differ, is disassembled by binutils, which must call it
the same, or by an extended mnemonic of it; formats, models and dependencies refer to each other.
"""
import csv
import io
import json
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

# binutils: opcode with all operand bits 0, in one file; it may not know newer ones
insns = sorted(tables["instructions"], key=lambda i: i["opcode"])
with tempfile.NamedTemporaryFile() as file:
    file.write(b"".join(bytes.fromhex(i["opcode"]) for i in insns))
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
for i in insns:
    word = theirs.get(at)
    at += i["length"]
    if word is None or word.startswith("."):
        continue
    known += 1
    if word != i["mnemonic"] and i["mnemonic"] not in aliases.get(word, ()):
        fail(f"{i['opcode']}: {i['mnemonic']}, binutils says {word}")
if known < 1150:
    fail(f"binutils knows only {known} of {len(insns)}")
print(f"{len(insns)} instructions, {known} known to binutils; {failures} failed")
sys.exit(failures != 0)
