#!/usr/bin/env python3
"""The documentation site: build.py ZFACET OUT [--isa MNEMONIC,...]

Pages are the documents of the source tree, the help of each command, and a page for each instruction
and facility as 'zfacet explain' prints them; Sphinx with MyST makes HTML of them. Links of the documents to
files that are no pages go to the tree itself (ZFACET_TREE, a URL that ends in /; without it they become text).
"""
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
PAGES = {  # document -> page
    "README.md": "start/readme", "docs/tutorials/gate.md": "tutorials/gate", "docs/tutorials/kernel.md": "tutorials/kernel",
    "docs/tutorials/migration.md": "tutorials/migration", "docs/recipes.md": "start/recipes",
    "docs/programs.md": "start/programs", "docs/data.md": "reference/data", "docs/pseudo-code.md": "reference/pseudo-code",
    "docs/mix.md": "reference/mix", "docs/campaign.md": "reference/campaign", "ARCHITECTURE.md": "design/architecture",
    "CONTRIBUTING.md": "design/contributing",
    "CHANGELOG.md": "start/changelog", "docs/decisions/README.md": "design/decisions/README",
}
for decision in sorted((SOURCE / "docs/decisions").glob("[0-9]*.md")):
    PAGES[f"docs/decisions/{decision.name}"] = f"design/decisions/{decision.stem}"
CONF = """project = 'zfacet'
extensions = ['myst_parser']
html_theme = 'alabaster'
html_theme_options = {'page_width': '1100px', 'description': 'z/Architecture facility emulator and tester'}
html_copy_source = False
html_use_index = False
html_sidebars = {'isa/*': ['about.html', 'searchbox.html'], 'facility/*': ['about.html', 'searchbox.html']}  # a list of all on each of 1266 pages takes minutes
myst_heading_anchors = 4
suppress_warnings = ['myst.xref_missing', 'myst.header', 'misc.highlighting_failure', 'toc.excluded']
exclude_patterns = []
"""


def ask(zfacet, *words):
    return subprocess.run([zfacet, *words], capture_output=True, text=True, check=True).stdout


def put(folder, page, text):
    path = folder / f"{page}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def link(match, document, page, pictures):
    """A link of `document` as it is right on `page`."""
    text, target = match[1], match[2]
    name, _, anchor = target.partition("#")
    if "://" in target or not name:
        return match[0]
    path = os.path.normpath(os.path.join(os.path.dirname(document), name))
    up = os.path.relpath(".", os.path.dirname(page) or ".")
    if path in PAGES:
        return f"[{text}]({up}/{PAGES[path]}.md{'#' + anchor if anchor else ''})"
    if path.endswith(".png"):
        pictures.add(path)
        return f"[{text}]({up}/{path})"
    tree = os.environ.get("ZFACET_TREE")
    return f"[{text}]({tree}{path})" if tree else text


def write_documents(folder):
    pictures = set()
    for document, page in PAGES.items():
        if not (SOURCE / document).exists():
            continue
        text = (SOURCE / document).read_text()
        code = r"```.*?\n```|`[^`\n]*`"  # no links in it
        put(folder, page, re.sub(rf"{code}|\[([^\]]*)\]\(([^)\s]+)\)",
                                 lambda m: m[0] if m[1] is None else link(m, document, page, pictures), text, flags=re.S))
    for picture in pictures:
        (folder / picture).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / picture, folder / picture)


def fenced(text):
    return f"```text\n{text.rstrip()}\n```\n"


def write_commands(zfacet, folder):
    commands = re.findall(r"^  ([a-z-]+)  ", ask(zfacet, "--help"), re.M)
    for command in commands:
        if command != "help":
            put(folder, f"reference/commands/{command}", f"# zfacet {command}\n\n" + fenced(ask(zfacet, "help", command)))
    return [f"commands/{c}" for c in commands if c != "help"]


def write_isa(zfacet, folder, wanted):
    rows = json.loads(ask(zfacet, "isa", "--json"))["instructions"]
    rows = [row for row in rows if not wanted or row["mnemonic"] in wanted]

    def page(row):
        mnemonic = row["mnemonic"]
        text = ask(zfacet, "explain", mnemonic)
        put(folder, f"isa/{mnemonic}", f"---\norphan: true\n---\n\n# {mnemonic}: {row['name']}\n\n" + fenced(text))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(page, rows))
    index = ["# Instructions\n\nFormat, operation, [pseudo-code](../reference/pseudo-code.md), condition code and models of each, as `zfacet explain` prints them.\n",
             "| mnemonic | name | since | facility |", "| --- | --- | --- | --- |"]
    for row in rows:
        bits = ", ".join(f"[{bit}](../facility/{bit}.md)" for bit in row["facility"]["bits"]) or "–"
        index.append(f"| [{row['mnemonic']}]({row['mnemonic']}.md) | {row['name'].replace('|', '/')} | {row['since']} | {bits} |")
    put(folder, "isa/index", "\n".join(index) + "\n")
    write_aliases(folder, {row["mnemonic"] for row in rows})
    return len(rows)


def write_aliases(folder, mnemonics):
    """Extended mnemonics, each with a link to its instruction where that has a page."""
    table = (SOURCE / "decode/isa/alias.def").read_text()
    aliases = re.findall(r'^(?:ALIAS|SYNONYM)\("(\w+)", *(\w+), *"([^"]*)"', table, re.M)
    lines = ["# Extended mnemonics\n\nWhat an assembler takes beside the mnemonics, and the fields that it implies; "
             "`zfacet explain` knows them, too.\n", "| mnemonic | instruction | implies |", "| --- | --- | --- |"]
    for alias, mnemonic, implied in sorted(aliases):
        link_to = f"[{mnemonic}]({mnemonic}.md)" if mnemonic in mnemonics else mnemonic
        lines.append(f"| {alias} | {link_to} | {implied.replace('|', '/') or '–'} |")
    put(folder, "isa/aliases", "\n".join(lines) + "\n")


def write_facilities(zfacet, folder):
    rows = json.loads(ask(zfacet, "data", "facilities"))["tables"]["facilities"]
    index = ["# Facilities\n\nBits of the facility list as STFLE stores it, as `zfacet explain` describes them.\n",
             "| bit | name | feature |", "| --- | --- | --- |"]
    for row in rows:
        text = ask(zfacet, "explain", str(row["bit"]))
        put(folder, f"facility/{row['bit']}",
            f"---\norphan: true\n---\n\n# Facility {row['bit']}: {row['name']}\n\n" + fenced(text))
        index.append(f"| [{row['bit']}]({row['bit']}.md) | {row['name']} | {row['feature'] or '–'} |")
    put(folder, "facility/index", "\n".join(index) + "\n")


def write_index(folder, commands):
    def tree(caption, pages):
        return f"```{{toctree}}\n:maxdepth: 1\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"
    put(folder, "reference/index", "# Commands\n\n" + tree("Commands", commands))
    design = ["design/architecture", "design/contributing", "design/decisions/README"]
    put(folder, "index", "# zfacet\n\nz/Architecture facility emulator and tester: runs s390x programs on any CPU model from "
        "z900 to z17, blocks what the model lacks, and explains it.\n\n"
        + tree("Start", ["start/readme", "start/programs", "start/recipes", "start/changelog"])
        + tree("Tutorials", ["tutorials/gate", "tutorials/kernel", "tutorials/migration"])
        + tree("Reference", ["reference/index", "reference/data", "reference/pseudo-code"]
               + [page for page in ("reference/mix", "reference/campaign") if (folder / f"{page}.md").exists()]
               + ["isa/index", "isa/aliases", "facility/index"])
        + tree("Design", design))
    decisions = sorted(p.stem for p in (folder / "design/decisions").glob("[0-9]*.md"))
    with open(folder / "design/decisions/README.md", "a") as readme:
        readme.write("\n```{toctree}\n:hidden:\n\n" + "\n".join(decisions) + "\n```\n")


def sort_titles(path):
    """Titles stand in the index as Sphinx's two processes came to them; so that all builds are the same, by name."""
    text = path.read_text(encoding="utf-8")
    start, end = text.index("(") + 1, text.rindex(")")
    index = json.loads(text[start:end])
    index["alltitles"] = {title: sorted(places, key=json.dumps) for title, places in sorted(index["alltitles"].items())}
    path.write_text(text[:start] + json.dumps(index, separators=(", ", ": ")) + text[end:], encoding="utf-8")


def main():
    zfacet, out = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
    wanted = sys.argv[4].split(",") if sys.argv[3:4] == ["--isa"] else None
    pages = out / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    (pages / "conf.py").write_text(CONF)
    write_documents(pages)
    commands = write_commands(zfacet, pages)
    count = write_isa(zfacet, pages, wanted)
    write_facilities(zfacet, pages)
    write_index(pages, commands)
    subprocess.run(["sphinx-build", "-q", "-W", "--keep-going", "-j", "2", "-b", "html", "-d", str(out / "cache"),
                    str(pages), str(out / "html")], check=True)
    sort_titles(out / "html" / "searchindex.js")
    print(f"{out}/html/index.html: {len(PAGES)} documents, {len(commands)} commands, {count} instructions")


main()
