#!/usr/bin/env python3
"""Runs the examples of a text and compares what they print with what stands there.

usage: examples.py ZFACET FILE [--folder] [--rebase]

An example is a block ```console: "$ COMMAND" lines for bash, each followed by what it prints, standard error too; a
here-document ends with END. All examples of a file run one after the other in one shell: with --folder in an empty
folder, which is called /home/you in what they print, else where they are. --rebase writes what they print now into
the file. Links of the text lead to a file, or a heading, that there is.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```console\n((?:.*\n)*?)```$", re.M)
COMMAND = re.compile(r"^\$ (.*<<'END'\n(?:.*\n)*?END|.*)\n", re.M)
MARK = "\001"


def run_all(zfacet, commands, folder):
    """What each command prints. The status of one is $? of the next."""
    script = "exec 2>&1 </dev/null\n" + "".join(f"_s=$?; printf '\\001'; (exit $_s)\n{c}\n" for c in commands)
    environment = dict(os.environ, PATH=f"{os.path.dirname(os.path.abspath(zfacet))}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    printed = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True,
                             timeout=280, check=False).stdout
    if folder:
        printed = printed.replace(os.path.realpath(folder), "/home/you")
    texts = printed.split(MARK)[1:]
    return ["".join(line.rstrip() + "\n" for line in text.splitlines()) for text in texts]


def anchors(path):
    """What a link can have after '#': the headings of a file."""
    with open(path, encoding="utf-8") as file:
        headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", file.read(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(path, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.M | re.S)):
        name, _, anchor = target.partition("#")
        file = os.path.join(os.path.dirname(path), name) if name else path
        if "://" not in target and (not os.path.exists(file) or anchor and anchor not in anchors(file)):
            yield target


def main():
    zfacet, path, *options = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    commands = [c for block in BLOCK.findall(text) for c in COMMAND.findall(block)]
    with tempfile.TemporaryDirectory() as folder:
        printed = iter(run_all(zfacet, commands, folder if "--folder" in options else None))

    def now(match):
        return "```console\n" + "".join(f"$ {c}\n{next(printed, '')}" for c in COMMAND.findall(match.group(1))) + "```"

    new = BLOCK.sub(now, text)
    if "--rebase" in options:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
        return 0
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), new.splitlines(True), path, "as it runs"))
    dead = list(dead_links(path, text))
    for target in dead:
        print(f"{path}: no {target}")
    print(f"{len(commands)} examples")
    return not commands or bool(dead) or new != text


sys.exit(main())
