#!/usr/bin/env python3
"""Whether the texts of 'zfacet explain' name operands that their instructions have, and --try takes those: operands.py ZFACET"""
import json
import re
import subprocess
import sys

tables = json.loads(subprocess.run([sys.argv[1], "data"], capture_output=True, text=True, check=True).stdout)["tables"]
failures = 0
for row in tables["instructions"]:
    numbers = set(re.findall(r"[a-zA-Z](\d)", row["operands"]))
    named = set(re.findall(r"operands? (\d)", row["operation"] or "")) | set(re.findall(r"operands \d and (\d)", row["operation"] or ""))
    if not row["operation"] or not row["cc"] or named - numbers:
        failures += 1
        print(f"FAIL {row['mnemonic']} {row['operands']}: {row['operation']}")

def tried(mnemonic, settings):
    return subprocess.run([sys.argv[1], "explain", mnemonic, "--try", settings], capture_output=True, text=True, errors="replace")

# what --try says that can be set can be set, all at once; a sample of the instructions
for row in tables["instructions"][::16]:
    offered = re.search("NAME one of (.*)gr0 to gr15", tried(row["mnemonic"], "?=1").stderr)
    names = offered.group(1).split(", ")[:-1] if offered else []
    result = tried(row["mnemonic"], ",".join(f"{name}=0x1" for name in [*names, "cc"]))
    if not offered or result.returncode or not re.search(r"^  try         [ -~]+$", result.stdout, re.M):
        failures += 1
        print(f"FAIL --try of {row['mnemonic']}, {names}: {result.stderr}")
print(f"{len(tables['instructions'])} texts, {failures} failed")
sys.exit(failures != 0)
