#!/usr/bin/env python3
"""Whether the texts of 'zfacet explain' name operands that their instructions have: operands.py ZFACET"""
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
print(f"{len(tables['instructions'])} texts, {failures} failed")
sys.exit(failures != 0)
