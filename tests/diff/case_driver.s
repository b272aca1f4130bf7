# Runs the records of cases one after the other on a bare machine: loads the state, enters the
# instruction, and takes the state back at the interruption after it. Ends in a disabled wait.
# Low storage: 800 the record, 810 the PSW to load, 880 general registers.
        .machine "z16"
        .text
        .globl _start
_start: larl    1,program
        stg     1,0x1d8
        larl    1,call
        stg     1,0x1c8
        larl    2,newmask
        lg      1,0(2)
        stg     1,0x1d0
        stg     1,0x1c0
        larl    12,records
run:    larl    13,end
        clgr    12,13
        jhe     done
        stg     12,0x800
        larl    1,control0
        lctlg   0,0,0(1)
        lghi    2,0x2000
        xc      0(256,2),0(2)
        mvc     0(64,2),752(12)
        lghi    2,0x7fff
        la      2,1(2)
        lghi    3,0x4000
        la      4,832(12)
        lgr     5,3
        mvcl    2,4
        llilf   2,0xff000
        lghi    3,0x1000
        lgr     5,3
        mvcl    2,4
        vlm     0,15,240(12)
        vlm     16,31,496(12)
        lfpc    224(12)
        lctlg   8,8,216(12)
        lctlg   0,0,208(12)
        lam     0,15,144(12)
        mvc     0x810(16,0),0(12)
        lmg     0,15,16(12)
        lpswe   0x810
program:
        stmg    0,15,0x880
        lg      12,0x800
        mvc     0(16,12),0x150(0)
        mvc     752(8,12),0x8c(0)
        mvhi    772(12),1
        j       save
call:   stmg    0,15,0x880
        lg      12,0x800
        mvc     0(16,12),0x140(0)
        mvc     752(4,12),0x88(0)
        mvhi    772(12),2
save:   mvc     760(8,12),0xb0(0)
        mvc     768(4,12),0x94(0)
        mvc     16(128,12),0x880(0)
        stam    0,15,144(12)
        larl    1,control0
        lctlg   0,0,0(1)
        stfpc   224(12)
        vstm    0,15,240(12)
        vstm    16,31,496(12)
        la      2,832(12)
        lghi    3,0x4000
        lghi    4,0x7fff
        la      4,1(4)
        lgr     5,3
        mvcl    2,4
        lghi    3,0x1000
        llilf   4,0xff000
        lgr     5,3
        mvcl    2,4
        agfi    12,21312
        j       run
done:   larl    1,wait
        lpswe   0(1)
        .balign 8
newmask: .quad  0x0000000180000000
control0: .quad 0x60000
wait:   .quad   0x0002000180000000, 0
        .balign 64
        .globl  records
records: .incbin "records.bin"
end:
