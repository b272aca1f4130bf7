"""Compares two models: compare.py z13 z14"""
import sys

import zfacet

try:
    first, second = (zfacet.Model(text) for text in sys.argv[1:3])
except zfacet.Error as error:
    sys.exit(f"compare: {error}")
c = zfacet.compare(first, second)
print(f"{first.name} is {c.result} to {second.name}; a guest {'may' if c.may_move else 'may not'} move")
for name in c.only_second:
    print(f"only {second.name}: {name}")
