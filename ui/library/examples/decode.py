"""Decodes an instruction word: decode.py B9ED4033"""
import sys

import zfacet

try:
    insn = zfacet.decode(bytes.fromhex(sys.argv[1]))
except zfacet.Error as error:
    sys.exit(f"decode: {error}")
if insn.known:
    print(f"{insn.text}: {insn.name}, format {insn.format}, since {insn.first}")
    if insn.facility >= 0:
        print(f"needs facility {insn.facility} ({insn.facility_name})")
else:
    print(f"no instruction of {insn.length} bytes")
