#!/usr/bin/env python3
"""Runs the examples of a text and compares what they print with what stands there.

usage: examples.py ZFACET FILE [--rebase]

An example is a block ```console whose first line is "$ zfacet ARGUMENT..."; the rest is what it prints,
standard error too. --rebase writes what it prints now into the file.
"""
import difflib
import re
import shlex
import subprocess
import sys

EXAMPLE = re.compile(r"^```console\n\$ zfacet (.*)\n((?:.*\n)*?)```$", re.M)


def main():
    zfacet, path, *rebase = sys.argv[1:]
    with open(path) as file:
        text = file.read()

    def now(match):
        run = subprocess.run([zfacet, *shlex.split(match.group(1))], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=60)
        printed = "".join(line.rstrip() + "\n" for line in run.stdout.splitlines())
        return f"```console\n$ zfacet {match.group(1)}\n{printed}```"

    new, count = EXAMPLE.subn(now, text)
    if rebase == ["--rebase"]:
        with open(path, "w") as file:
            file.write(new)
        return 0
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), new.splitlines(True), path, "as it runs"))
    print(f"{count} examples")
    return count == 0 or new != text


sys.exit(main())
