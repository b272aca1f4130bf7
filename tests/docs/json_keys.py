#!/usr/bin/env python3
"""Whether the JSON of each command about models has only members that its --help tells.

usage: json_keys.py ZFACET, in a folder with tests/cli/input's files
"""
import json
import re
import subprocess
import sys

COMMANDS = [
    "models", "models z14", "models z14,-vx", "models z900", "expand z14,vx=off", "expand recommended full",
    "expand stfle:ffffffffffffffff", "compare z14 z15", "compare z13 z14 z15", "baseline z13 z14", "migrate z14 z15 z13",
    "migrate z14 z14", "check-model z14,-vx --fix", "check-model z14", "check-model z14,-zarch --fix", "deprecated",
    "deprecated z14", "leaks --model z13 --host z16", "leaks --model z16 --host z16", "cluster hosts.txt",
]
# Members of these are named after features and mnemonics.
OPEN = {"props", "functions", "functions_not_implemented"}


def keys(value, name=None):
    if isinstance(value, dict):
        for key, inner in value.items():
            if name not in OPEN:
                yield key
            yield from keys(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def run(zfacet, *arguments):
    return subprocess.run([zfacet, *arguments], capture_output=True, text=True, check=False, timeout=60).stdout


def main():
    zfacet = sys.argv[1]
    failures = 0
    for command in COMMANDS:
        words = command.split()
        text = run(zfacet, words[0], "--help")
        told = set(re.findall(r"[\w-]+", text[text.index("  --json  "):]))
        missing = sorted(set(keys(json.loads(run(zfacet, *words, "--json")))) - told)
        if missing:
            print(f"{command}: --help does not tell {', '.join(missing)}")
            failures += 1
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
