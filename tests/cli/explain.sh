#!/bin/sh
# What 'zfacet explain' says and executes: explain.sh ZFACET IMAGES
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

expect explain_operation 0 "operation   Adds operand 2 to operand 1, signed, 64 bits" explain agr
expect explain_alias 0 "operation   Branches to the address in operand 2" explain br
expect explain_cc_json 0 '"cc": "0 equal, 1 operand 1 low, 2 operand 1 high"' explain --json cgr
expect explain_execute_order 0 "exceptions  specification" explain ex
expect explain_execute 0 "^ *those of the target$" explain ex
expect explain_short 2 "'5a10' begins as a, an instruction of 4 bytes; give 8 hexadecimal digits" explain 5a10
expect explain_long 2 "'07fe07fe' begins as bcr, an instruction of 2 bytes; give 4" explain 07fe07fe
expect explain_no_opcode 2 "no instruction begins with 'b2fe0000'" explain b2fe0000
expect explain_no_byte 2 "no instruction begins with 'ffff'" explain ffff
expect explain_one_byte 2 "'e7' is the beginning of several instructions; give 12 hexadecimal" explain e7
expect explain_opcode_late 2 "'eb00' is the beginning of several instructions" explain eb00
expect explain_word_zero 2 "no instruction begins with '0000'" explain 0000
expect try_agr 0 "  after       gr2=0000000000000000 cc=0$" explain agr --try r1=-1,r2=1
expect try_overflow 0 "gr2=8000000000000000 cc=3" explain agr --try r1=0x7fffffffffffffff,r2=1
expect try_pair 0 "gr2=0000000000000001 gr3=0000000000000003 cc=0" explain dsgr --try r1+1=7,r2=2
expect try_divide 0 "fixed-point-divide exception (0009)" explain dsgr --try r1+1=7
expect try_storage 0 "s1=00000000000000ff" explain xc --try s1=0xf0,s2=0x0f
expect try_float 0 "fpr0=4008000000000000 (3) cc=2" explain adbr --try r1=0x3ff0000000000000,r2=0x4000000000000000
expect try_vector 0 "vr1=00000000000000050000000000000005" explain va --try v2=0x00000000000000020000000000000002,v3=0x00000000000000030000000000000003,m4=3
expect try_branch 0 "branches to 0x10010" explain brct --try r1=2
expect try_nothing 2 "give a number, such as -1" explain agr --try r1=x
expect try_alias 0 "branches to 0x1234$" explain br --try r2=0x1234
expect try_alias_mask 0 "try         vfasb %v1,%v2,%v3$" explain vfasb --try v2=0x3f800000
expect try_alias_condition 0 "try         jne 0x10010$" explain jne --try cc=1
expect try_model 2 "one instruction" explain z14 --try r1=0
expect try_shift 0 "after       gr2=0000000000000010 cc=0$" explain sllg --try r3=1,d2=4
expect try_displacement 0 "s1=55000000000000000000000000000000 cc=0$" explain mvi --try i2=0x55,d1=0xfff
expect try_displacement_before 0 "after       gr2=0000000000000007 cc=0$" explain lg --try s2=7,d2=-8
expect try_displacement_size 2 "d2 has 12 bits" explain l --try d2=4096
expect try_displacement_sign 2 "d2 has 12 bits" explain l --try d2=-1
expect try_displacement_long 2 "d2 has 20 bits" explain lg --try d2=0x80000
expect try_outside 2 "invalid --try 's2=7'" explain lg --try s2=7,d2=-0x80000
expect try_byte 0 "after       s1=0f000000000000000000000000000000 cc=1$" explain ni --try s1=0xff,i2=0xf
expect try_word 0 "after       gr2=0000000000000005 cc=0$" explain l --try s2=5
expect try_word_negative 0 "after       gr2=fffffffffffffffe cc=0$" explain lgf --try s2=-2
expect try_too_large 0 "after       gr2=0000000012345678 cc=0$" explain l --try s2=0x1234567800000000
expect try_16_bytes 0 "vr1=00000000000000000000000000000001" explain vl --try s2=1
expect try_length 0 "s1=01020304000000000000000000000000 cc=0$" explain mvc --try s2=0x01020304,l1=3
expect try_two_lengths 0 "s1=579c00000000000000000000000000" explain ap --try s1=0x123c,s2=0x456c,l1=1,l2=1
expect word_blanks 0 "msgrkc %r3,%r3,%r4: instruction b9ed4033" explain "B9 ed 40 33"
expect word_bytes 0 "msgrkc %r3,%r3,%r4: instruction b9ed4033" explain b9 ed 40 33
expect word_bytes_not 0 "^ed: EDIT" explain ed 18
expect word_operands 2 "did you mean 'agr'?" explain "agr %r1,%r2"
expect try_implied_register 2 "invalid --try 'r3=5'; give NAME=NUMBER, NAME one of r1, r2, gr0" explain notgr --try r3=5
expect try_implied_mask 2 "invalid --try 'm1=4'; give NAME=NUMBER, NAME one of r2, gr0" explain br --try m1=4
expect try_implied_not 0 "try         adtra %f0,%f4,%f8,1$" explain adtra --try m4=1
expect try_address 2 "invalid --try 's2=4'; give NAME=NUMBER, NAME one of r1, r3, d2, gr0" explain sllg --try s2=4
expect try_address_copied 0 "s2=34780000000000010000000000000000" explain stcm --try r1=0x12345678,m3=5,s2=1
expect try_pair_float 2 "NAME one of r1, r1+2, r2, r2+2, gr0" explain axbr --try r1+1=3
expect try_decimal 0 "fpr0=22300000000001f5 (3.75) cc=2$" explain adtr --try r2=1.50dd,r3=2.25
expect try_binary 0 "fpr0=400e000000000000 (3.75) cc=2$" explain adbr --try r1=1.5,r2=2.25
expect try_binary_integer 0 "fpr0=3ff6a09e667f3bcd (1.4142135623730951) cc=0$" explain sqdbr --try r2=2
expect try_hexadecimal 0 "fpr0=4120000000000000 (2) cc=2$" explain aer --try r1=1.5,r2=.5
expect try_extended 0 "before      fpr0=3fff800000000000 fpr2=0000000000000000 (1.5)\|before      fpr0=3fff800000000000 (1.5) cc=0" explain axbr --try r1=1.5
expect try_extended_pair 0 "fpr0=3ffd333333333333 fpr2=3333333333333334 (0.3" explain axbr --try r1=0.1,r2=0.2
expect try_elements 0 "vr1=40800000000000000000000000000000" explain vfasb --try v2=1.5eb,v3=2.5eb
expect try_float_storage 0 "fpr0=4010000000000000 (4) cc=2$" explain adb --try r1=1.5,s2=2.5
expect try_float_general 0 "fpr0=3ff8000000000000 cc=0$" explain ldgr --try r2=1.5db
expect try_packed 0 "after       s1=000000000000333d0000000000000000 cc=1$" explain ap --try s1=123p,s2=-456p
expect try_packed_vector 0 "vr1=0000000000000000000000000000099c" explain vap --try v2=123p,v3=-24p,i4=15
expect try_format 2 "invalid --try 'r1=1.5'; give a number, such as -1 or 0x1f, floating point" explain mdebr --try r1=1.5
expect try_range 2 "invalid --try 'r1=1e400'" explain adbr --try r1=1e400
refuse try_wrong_alone "ADD (64)" explain agr --try r9=1
refuse nearest_letter "did you mean" explain f
expect word_no_operands 0 "^pr: instruction 0101$" explain 0101
expect word_no_operands_json 0 '"text": "pr",$' explain --json 0101
expect try_no_operands 0 "^  try         palb$" explain palb --try cc=1
expect try_call 0 "after       supervisor-call interruption (0004)$" explain svc --try i1=4
expect explain_later 0 "certificate store" explain cstore
expect explain_later_sipl 0 "secure IPL: signatures" explain sipl
expect explain_later_json 0 '"kind": "later-feature"' explain --json sclaf
expect explain_named 0 "all that the newest machine can have" explain max
expect explain_json 0 '"kind": "instruction"' explain --json msgrkc
expect explain_json_two 0 '"kind": "facility"' explain vx --json
expect explain_json_group 0 '"kind": "group"' explain --json msa4
expect explain_json_model 0 '"kind": "model"' explain --json z13
expect explain_json_code 0 '"text": "vfasb %v1,%v2,%v3"' explain --json e712300020e3
expect explain_json_alias 0 '"alias_of": "brc"' explain --json je
expect explain_json_function 0 '"of": "kma"' explain --json kma-gcm-aes-128
expect explain_json_none 2 "'nonesuch9' is not a mnemonic" explain --json lgr nonesuch9
refuse explain_json_half "lgr" explain --json lgr nonesuch9
expect explain_option 2 "jsn" explain --jsn lgr
expect explain_long 2 "is not a mnemonic" explain "lgr$(printf '%0200d' 0)"
expect try_rr 0 'try  *ar %r2,%r4' explain ar --try r1=1,r2=2
refuse explain_empty "did you mean" explain ""
# digits alone where the instruction does not say the format, or not of this operand
expect try_ambiguous 2 "does not say the format: give 1.5eb, db or lb" explain may --try r1=1,r3=2,s2=3
expect try_ambiguous_number 2 "does not say the format" explain adbr --try r2=1,fr4=2
expect try_format_given 0 "(7) cc=0" explain may --try r1=1dh,r3=2,s2=3
expect try_biased 0 "(1.5e+3)" explain iedtr --try r3=1.5dd,r2=400
expect try_packed_source 0 "(123)" explain cdpt --try s2=123p,m3=8
expect try_blank 2 "give a number" explain adbr --try "r2=1e 5"
for row in vesl vesra vesrl verll sigp diag ecag tabort lra tprot; do
    expect "try_number_$row" 2 "invalid --try 's2=5'" explain $row --try s2=5
done
expect try_target 0 "gr2=0000000000000005" explain ex --try s2=0x1821000000000000,gr1=5
finish
