#!/usr/bin/env python3
"""Compares every verdict of the gate with one computed here, from tests/data and the rules alone.

usage: check_gate.py GATE_DUMP DATA_FOLDER

All instructions, forms and function codes, on all 82 models, under
policy model and audit, and under policy ibc on four hosts. Nothing is shared with the C code.
"""
import csv
import os
import subprocess
import sys
import tempfile

VECTOR = {129, 134, 135, 148, 152, 165, 192, 198, 199}
OWN = {8, 9, 10, 11, 14, 15, 64, 65, 72, 73, 74, 76, 78, 129, 130, 133, 139, 147, 156, 193}
HOSTS = ["-", "gen15a", "z13.2", "z10EC"]
NEWEST = "gen17a-full"


def table(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def level(text):
    return None if text == "-" else tuple(int(part) for part in text.split("."))


def ibc_of(generation, ga):
    return (generation - 10) * 16 + ga if generation >= 10 else 0


class Machine:
    def __init__(self, row):
        self.name = row["name"]
        self.level = (int(row["generation"]), int(row["ga"]))
        self.generation = self.level[0]
        self.set = row["set"]
        self.bits = {int(bit) for bit in row["facilities"].split()}
        self.listed = None if self.set != "listed" else self.codes(row["functions"])
        self.ibc = ibc_of(*self.level)

    @staticmethod
    def codes(text):
        """{(mnemonic, code)} from "kimd:3 plo:0+1+2"."""
        pairs = (word.split(":") for word in text.split())
        return {(mnemonic, int(code)) for mnemonic, codes in pairs for code in codes.split("+")}

    def lowest(self):
        return ibc_of(max(self.generation - 2, 10), 1) if self.generation >= 11 else 0

    def has(self, need):
        return need["bits"] <= self.bits and need["generation"] <= self.generation

    def has_function(self, function):
        if self.listed is not None:
            return (function["mnemonic"], function["code"]) in self.listed
        first = function[self.set]
        return first is not None and first <= self.level


def needs(row):
    text = row["facility"]
    return {"bits": set() if text == "-" else {int(bit) for bit in text.split("&")},
            "generation": int(row["generation"])}


def in_force(model, host):
    if not model.ibc or not host.lowest() or not host.ibc:
        return 0
    return min(max(model.ibc, host.lowest()), host.ibc)


def switched_off(need, model):
    bits = set(need["bits"])
    if bits & VECTOR:
        bits.add(129)
    return bool((bits & OWN) - model.bits)


def verdict(policy, model, host, need):
    """(runs, flagged)"""
    on_model = model.has(need)
    if policy == "model":
        return on_model, False
    if policy == "audit":
        return True, not on_model
    limit = in_force(model, host)
    runs = host.has(need) and not switched_off(need, model)
    if limit and ibc_of(need["generation"], 1) > limit:
        runs = False
    return runs, runs and not on_model


def function_verdict(policy, model, host, function, instruction_runs):
    on_model = model.has_function(function)
    if not instruction_runs:
        return False, False
    if policy == "model":
        return on_model, False
    if policy == "audit":
        return True, not on_model
    limit = in_force(model, host)
    runs = host.has_function(function)
    if function["group"] == "mepochptff" and 139 not in model.bits:
        runs = False
    if limit and ibc_of(*function["full"]) > limit:
        runs = False
    return runs, runs and not on_model


def mask(codes):
    value = 0
    for code in codes:
        value |= 1 << (255 - code)
    return "%064x" % value


class Checker:
    def __init__(self, folder):
        self.rows = {row["mnemonic"]: needs(row) for row in table(folder, "gate_rows.csv")}
        self.forms = table(folder, "gate_forms.csv")
        self.machines = {row["name"]: Machine(row) for row in table(folder, "gate_models.csv")}
        self.functions = {}
        for row in table(folder, "gate_functions.csv"):
            entry = {key: level(row[key]) for key in ("full", "default", "base")}
            entry.update(group=row["group"], mnemonic=row["mnemonic"], code=int(row["code"]))
            self.functions.setdefault(row["mnemonic"], {})[int(row["code"])] = entry
        self.errors = []
        self.checked = 0

    def expect(self, question, what, actual, expected):
        self.checked += 1
        if actual != expected:
            self.errors.append("%s: %s: is %s, should be %s" % (question, what, actual, expected))

    def check_rows(self, question, args, mnemonics, letters):
        seen = set()
        for mnemonic, letter in zip(mnemonics, letters):
            if mnemonic in self.rows:
                seen.add(mnemonic)
                runs, flagged = verdict(*args, self.rows[mnemonic])
                self.expect(question, mnemonic, letter, "f" if flagged else "." if runs else "x")
        self.expect(question, "rows", len(seen), len(self.rows))

    def check_forms(self, question, args, letters):
        for form, letter in zip(self.forms, letters):
            row_runs, row_flagged = verdict(*args, self.rows[form["row"]])
            runs, flagged = verdict(*args, needs(form))
            expected = "R"
            if not row_runs:
                expected = "O"
            elif not runs:
                expected = form["absent"]
            elif flagged or row_flagged:
                expected = "F"
            self.expect(question, form["name"], letter, expected)

    def check_functions(self, question, args, texts):
        for text in texts:
            mnemonic, actual, actual_flagged = text.split(":")
            runs, _ = verdict(*args, self.rows[mnemonic])
            model = args[1]
            codes, flagged = set(), set()
            if runs and mnemonic != "plo":
                codes.add(0)
                if args[0] != "model" and not self.rows[mnemonic]["bits"] <= model.bits:
                    flagged.add(0)
            for code, function in self.functions[mnemonic].items():
                if code == 0 and mnemonic != "plo":
                    continue
                on, odd = function_verdict(*args, function, runs)
                if on:
                    codes.add(code)
                if odd:
                    flagged.add(code)
            self.expect(question, mnemonic + " functions", actual, mask(codes))
            self.expect(question, mnemonic + " flagged", actual_flagged, mask(flagged))

    def questions(self):
        for machine in self.machines.values():
            if not machine.name.endswith("-full"):
                yield "model", machine.name, "-"
                yield "audit", machine.name, "-"
                for host in HOSTS:
                    yield "ibc", machine.name, host

    def run(self, dump):
        questions = list(self.questions())
        with tempfile.NamedTemporaryFile("w", suffix=".words") as words:
            words.write("\n".join(form["word"] for form in self.forms))
            words.flush()
            text = "".join("%s %s %s\n" % question for question in questions)
            result = subprocess.run([dump, words.name], input=text, text=True, check=True,
                                    stdout=subprocess.PIPE)
        lines = result.stdout.splitlines()
        mnemonics = lines[0].split()
        self.expect("dump", "answers", len(lines) - 1, len(questions))
        for question, line in zip(questions, lines[1:]):
            policy, model, host = question
            args = (policy, self.machines[model],
                    self.machines[NEWEST if host == "-" else host])
            rows, forms, *functions = line.split(" ")
            self.expect(question, "forms", len(forms), len(self.forms))
            self.check_rows(question, args, mnemonics, rows)
            self.check_forms(question, args, forms)
            self.check_functions(question, args, functions)


def main():
    checker = Checker(sys.argv[2])
    checker.run(sys.argv[1])
    for error in checker.errors[:40]:
        print(error)
    print("%d verdicts compared, %d differ" % (checker.checked, len(checker.errors)))
    return 1 if checker.errors or checker.checked < 500000 else 0


sys.exit(main())
