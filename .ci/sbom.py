#!/usr/bin/env python3
"""What is in the programs of a build, as SPDX 2.3 JSON: sbom.py BUILD >zfacet.spdx.json

zfacet itself, and the shared libraries that its programs, window and library load, with the Debian packages
that they come from. Dates are the commit's, so that the same sources give the same bytes."""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]


def ask(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def libraries(files):
    """Real paths of what the files load, but for each other and the kernel's."""
    found = set()
    for file in files:
        for path in re.findall(r"=> (/\S+)|^\s*(/lib\S+)", ask("ldd", file), re.M):
            found.add(os.path.realpath(path[0] or path[1]))
    return sorted(found - {os.path.realpath(f) for f in files})


def packages_of(paths):
    """(name, version, source package) of the Debian package of each path. dpkg reads the lists of all packages whenever
    it is asked: twice, for all paths at once; it may know a file by its place before /usr was merged."""
    spelled = {name: path for path in paths for name in (re.sub("^/usr", "", path), path)}
    names = {}
    for line in ask("dpkg-query", "-S", *spelled).splitlines():
        packages, _, name = line.rpartition(": ")
        if name in spelled and not packages.startswith("diversion "):
            names[spelled[name]] = packages.split(",")[0]
    fields = ask("dpkg-query", "-W", "-f", "${binary:Package}\t${Package}\t${Version}\t${source:Package}\n", *sorted(set(names.values())))
    known = {}
    for line in fields.splitlines():
        qualified, *rest = line.split("\t")
        known[qualified] = tuple(rest)
        known[qualified.split(":")[0]] = tuple(rest)
    return {path: known.get(names.get(path), (os.path.basename(path), "", "")) for path in paths}


def main():
    build = Path(sys.argv[1])
    names = ["ui/zfacet", "ui/zfacet-qemu", "ui/zfacet_window.so", "ui/late_libraries.so", "ui/library/libzfacet.so.0"]
    files = [str(build / n) for n in names if (build / n).exists()]
    version = re.search(r"project\(zfacet VERSION ([0-9.]+)", (SOURCE / "CMakeLists.txt").read_text())[1] + "-dev"
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or ask("git", "-C", str(SOURCE), "log", "-1", "--format=%ct").strip() or "0"
    created = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    packages = {}
    for path, package in packages_of(libraries(files)).items():
        packages.setdefault(package, []).append(os.path.basename(path))
    document = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"zfacet-{version}",
                "creationInfo": {"created": created, "creators": ["Tool: zfacet .ci/sbom.py"]},
                "packages": [{"SPDXID": "SPDXRef-zfacet", "name": "zfacet", "versionInfo": version, "downloadLocation": "NOASSERTION",
                              "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
                              "copyrightText": "NOASSERTION"}],
                "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                                   "relatedSpdxElement": "SPDXRef-zfacet"}]}
    for (name, number, source), loaded in sorted(packages.items()):
        reference = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)
        document["packages"].append({
            "SPDXID": reference, "name": name, "versionInfo": number, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
            "comment": "loads " + ", ".join(loaded),
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{name}@{number}" + (f"?upstream={source}" if source else "")}]})
        document["relationships"].append({"spdxElementId": "SPDXRef-zfacet", "relationshipType": "DYNAMIC_LINK",
                                          "relatedSpdxElement": reference})
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]
    document["documentNamespace"] = f"https://spdx.org/spdxdocs/zfacet-{version}-{digest}"
    json.dump(document, sys.stdout, indent=2, sort_keys=True)
    print()


main()
