#!/usr/bin/env python3
"""Whether files that zfacet check wrote are what they should be.

usage: formats.py json|sarif|junit|html FILE [SCHEMA]

JSON is validated against our schema; of SARIF 2.1.0, what its schema requires of the members used, and all of the
schema that its authors publish (sarif-schema-2.1.0.json) when SCHEMA names a copy; JUnit is XML whose
counts are right; HTML has each element closed and refers to nothing outside.
"""
import html.parser
import json
import sys
import xml.etree.ElementTree as ET


def check_json(path, schema):
    import jsonschema
    with open(path) as file, open(schema) as rules:
        jsonschema.Draft202012Validator(json.load(rules)).validate(json.load(file))


# What the SARIF schema requires of an object, and which other members it may have of those that are used here.
SARIF = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "invocations"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"shortDescription"}),
    "result": ({"message"}, {"ruleId", "level", "locations", "occurrenceCount", "stacks", "suppressions", "baselineState"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
    "physicalLocation": (set(), {"artifactLocation", "region", "address"}),
    "region": (set(), {"startLine"}),
    "address": (set(), {"absoluteAddress", "kind"}),
    "logicalLocation": (set(), {"name", "kind"}),
    "stack": ({"frames"}, set()),
    "frame": (set(), {"location"}),
    "suppression": ({"kind"}, {"justification"}),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications"}),
    "notification": ({"message"}, {"level"}),
    "message": (set(), {"text"}),
    "artifactLocation": (set(), {"uri"}),
}
KINDS = {"runs": "run", "rules": "rule", "results": "result", "locations": "location", "logicalLocations": "logicalLocation",
         "stacks": "stack", "frames": "frame", "suppressions": "suppression", "invocations": "invocation",
         "toolExecutionNotifications": "notification", "shortDescription": "message"}
LEVELS = {"none", "note", "warning", "error"}


def check_object(kind, value):
    required, optional = SARIF[kind]
    assert required <= set(value), f"{kind} lacks {required - set(value)}"
    assert set(value) <= required | optional, f"{kind} has {set(value) - required - optional}"
    assert value.get("level", "error") in LEVELS
    for key, inner in value.items():
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, dict):
                check_object(KINDS.get(key, key), item)
    if kind == "region":
        assert value["startLine"] >= 1
    if kind == "artifactLocation":
        assert " " not in value["uri"] and value["uri"]


def check_sarif(path, schema=None):
    with open(path) as file:
        log = json.load(file)
    if schema:
        import jsonschema
        with open(schema) as rules:
            jsonschema.Draft4Validator(json.load(rules)).validate(log)
    assert log["version"] == "2.1.0"
    check_object("log", log)
    run = log["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["results"], "no results"
    assert all(result["ruleId"] in rules for result in run["results"])


def check_junit(path):
    root = ET.parse(path).getroot()
    assert root.tag == "testsuites"
    for suite in root:
        assert int(suite.get("tests")) == len(suite)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        assert not {name for name, value in attrs} & {"src", "href"}, "refers to something outside"
        assert tag not in ("script", "link", "img", "iframe")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def check_html(path):
    page = Page()
    with open(path) as file:
        page.feed(file.read())
    assert not page.open


def main():
    kind, *arguments = sys.argv[1:]
    {"json": check_json, "sarif": check_sarif, "junit": check_junit, "html": check_html}[kind](*arguments)


main()
