"""Asks whether a model has an instruction, and why not: permitted.py z13 (it asks for MSGRKC)"""
import sys

import zfacet

try:
    model = zfacet.Model(sys.argv[1])
except zfacet.Error as error:
    sys.exit(f"permitted: {error}")
verdict = zfacet.Gate(model).check(bytes.fromhex("b9ed4033"))
print(f"{model.name}: {verdict.outcome}")
if not verdict.permitted:
    print(f"{verdict.why}; first on {verdict.first}")
sys.exit(0 if verdict.permitted else 3)
