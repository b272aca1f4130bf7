"""Runs a guest on a model and tells what it used that the model lacks: run.py z13 rom:z14-on-z13"""
import sys

import zfacet


def found(finding):
    print(f"{finding.kind} at {finding.address:#x}: {finding.text} ({finding.why})")


def wrote(text):
    print(text.decode(), end="")


try:
    gate = zfacet.Gate(zfacet.Model(sys.argv[1]))
    run = zfacet.Run(gate, sys.argv[2], on_finding=found, on_output=wrote)
except zfacet.Error as error:
    sys.exit(f"run: {error}")
end = run.go()
print(f"{end.how}, r2 = {run.register(2)}")
