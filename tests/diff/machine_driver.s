# Runs the records of machine_records.c one after the other on a bare machine: sets prefix, storage keys,
# translation tables, storage and registers, enters the instruction, and takes all back at the interruption
# after it. Ends in a disabled wait. Real 800 holds the record, 880 general registers.
        .machine "z16"
        .set    AREA, 0x10000           # the other prefix area
        .set    SEGMENTS, 0x40000
        .set    PAGES, 0x44000
        .set    REGIONS, 0x48000
        .set    R_PSW, 0
        .set    R_GR, 16
        .set    R_CR, 144
        .set    R_PREFIX, 272
        .set    R_CODE, 280
        .set    R_KEYS, 312
        .set    R_PAGES, 344
        .set    R_SEGMENT, 600
        .set    R_REGION, 608
        .set    R_LOW, 640
        .set    R_SECOND, 1152
        .set    R_DATA, 1664
        .set    SIZE, 1664 + 0x5000
        .text
        .globl _start
_start: larl    2,control0              # all other registers are zero
        lctlg   0,0,0(2)
        llilf   2,SEGMENTS              # every entry of the tables but the first is invalid
        lghi    3,0x400
        lghi    4,0x20
1:      stg     4,0(2)
        stg     4,0x2000(2)
        la      2,8(2)
        brctg   3,1b
        larl    12,records
run:    larl    13,end
        clgr    12,13
        jhe     done
        lghi    2,0                     # low storage of both areas
        brasl   14,low
        llilf   2,AREA
        brasl   14,low
        llilf   2,PAGES
        mvc     0(256,2),R_PAGES(12)
        llilf   2,SEGMENTS
        mvc     0(8,2),R_SEGMENT(12)
        llilf   2,REGIONS
        mvc     0(8,2),R_REGION(12)
        lghi    2,0x7fff
        la      2,1(2)
        lghi    3,0x5000
        la      4,R_DATA(12)
        lgr     5,3
        mvcl    2,4
        lghi    2,0x6000
        xc      0(256,2),0(2)
        mvc     0(32,2),R_CODE(12)
        lghi    2,0                     # keys of the first pages
        lghi    3,32
        la      4,R_KEYS(12)
2:      llgc    5,0(4)
        sske    5,2
        la      2,4095(2)
        la      2,1(2)
        la      4,1(4)
        brctg   3,2b
        ptlb
        larl    1,zero
        sckc    0(1)
        spx     R_PREFIX+4(12)
        mvc     0x810(16,0),R_PSW(12)
        lctlg   0,15,R_CR(12)
        lmg     0,15,R_GR(12)
        lpswe   0x810
taken:  stmg    0,15,0x880
        stctg   0,15,0x900
        larl    1,control0
        lctlg   0,0,0(1)
        lg      12,0x800
        mvc     R_GR(128,12),0x880(0)
        mvc     R_CR(128,12),0x900(0)
        mvc     R_LOW(256,12),0(0)
        mvc     R_LOW+256(256,12),256(0)
        stpx    0x818
        mvc     R_PREFIX+4(4,12),0x818(0)
        larl    1,zero
        spx     0(1)
        lghi    2,0x1000
        lg      3,R_PREFIX(12)
        agr     2,3
        mvc     R_SECOND(256,12),0(2)
        mvc     R_SECOND+256(256,12),256(2)
        lghi    2,0
        lghi    3,32
        la      4,R_KEYS(12)
3:      iske    5,2
        stc     5,0(4)
        la      2,4095(2)
        la      2,1(2)
        la      4,1(4)
        brctg   3,3b
        la      2,R_DATA(12)
        lghi    3,0x5000
        lghi    4,0x7fff
        la      4,1(4)
        lgr     5,3
        mvcl    2,4
        llilf   2,PAGES
        mvc     R_PAGES(256,12),0(2)
        agfi    12,SIZE
        j       run
low:    xc      0(256,2),0(2)
        xc      256(256,2),256(2)
        xc      0x200(256,2),0x200(2)
        lay     3,0x1000(2)
        xc      0(256,3),0(3)
        xc      256(256,3),256(3)
        xc      512(256,3),512(3)
        larl    3,new
        mvc     0x1a0(96,2),0(3)
        stg     12,0x800(2)
        br      14
done:   larl    1,wait
        lpswe   0(1)
        .balign 8
control0: .quad 0x60000
zero:   .quad   0
new:    .rept   6
        .quad   0x0000000180000000, taken
        .endr
wait:   .quad   0x0002000180000000, 0
        .balign 64
        .globl  records
records: .incbin "records.bin"
end:
