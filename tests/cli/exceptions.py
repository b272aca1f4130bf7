#!/usr/bin/env python3
"""Whether 'zfacet explain' names the exceptions that the cases of instructions expect: exceptions.py ZFACET CASES"""
import glob
import json
import re
import subprocess
import sys

zfacet, cases = sys.argv[1:]
NAMES = {"2": "privileged operation", "3": "execute", "6": "specification", "7": "data", "8": "fixed-point-overflow",
         "9": "fixed-point-divide", "a": "decimal-overflow", "b": "decimal-divide", "c": "HFP-exponent-overflow",
         "d": "HFP-exponent-underflow", "e": "HFP-significance", "f": "HFP-divide", "1d": "HFP-square-root",
         "1b": "vector-processing", "access": "access"}
wanted = set()
for path in glob.glob(f"{cases}/*.case"):
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts = line.split("#")[0].split("|")
            words = parts[0].split(";")[-1].split()
            if len(parts) > 2 and words and re.fullmatch(r"[a-z][a-z0-9]*", words[0]):
                wanted |= {(words[0], code) for code in re.findall(r"pgm=(\w+)", parts[2]) if code in NAMES}
mnemonics = sorted({m for m, _ in wanted})
said = {}
for at in range(0, len(mnemonics), 30):
    text = subprocess.run([zfacet, "explain", "--json", *mnemonics[at:at + 30]], capture_output=True, text=True, check=True).stdout
    for meaning in json.loads(text):
        if meaning["kind"] == "instruction":
            said[meaning["word"]] = " ".join(meaning.get("exceptions", []))
absent = sorted(f"{m} {code}" for m, code in wanted if NAMES[code] not in said.get(m, ""))
for one in absent:
    print("FAIL", one, "is not named")
print(f"{len(wanted)} exceptions of {len(mnemonics)} instructions, {len(absent)} not named")
sys.exit(bool(absent))
