#include "record.h"

void record_pack(uint8_t r[RECORD_SIZE], const struct guest_state *s, const void *code,
                 size_t length) {
    memset(r, 0, RECORD_SIZE);
    zf_put64(r + RECORD_PSW, s->psw_mask | (uint64_t)s->cc << 44);
    zf_put64(r + RECORD_PSW + 8, GUEST_CODE);
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(r + RECORD_GR + 8 * i, s->gr[i]);
        zf_put32(r + RECORD_AR + 4 * i, s->ar[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        zf_put64(r + RECORD_VR + 16 * i, s->vr[i][0]);
        zf_put64(r + RECORD_VR + 16 * i + 8, s->vr[i][1]);
    }
    zf_put64(r + RECORD_CR0, s->cr[0]);
    zf_put64(r + RECORD_CR8, s->cr[8]);
    zf_put32(r + RECORD_FPC, (uint32_t)s->single[ZF_REGISTER_FPC]);
    memcpy(r + RECORD_CODE, code, length);
    memcpy(r + RECORD_DATA, s->data, GUEST_DATA_SIZE);
}

void record_unpack(const uint8_t r[RECORD_SIZE], struct guest_state *s, struct guest *guest) {
    uint64_t mask = zf_get64(r + RECORD_PSW);
    s->cc = mask >> 44 & 3;
    s->psw_mask = mask & ~ZF_PSW_CC;
    s->psw_addr = zf_get64(r + RECORD_PSW + 8);
    for (unsigned i = 0; i < 16; i++) {
        s->gr[i] = zf_get64(r + RECORD_GR + 8 * i);
        s->ar[i] = zf_get32(r + RECORD_AR + 4 * i);
    }
    for (unsigned i = 0; i < 32; i++) {
        s->vr[i][0] = zf_get64(r + RECORD_VR + 16 * i);
        s->vr[i][1] = zf_get64(r + RECORD_VR + 16 * i + 8);
    }
    s->single[ZF_REGISTER_FPC] = zf_get32(r + RECORD_FPC);
    memcpy(s->data, r + RECORD_DATA, GUEST_DATA_SIZE);
    bool call = zf_get32(r + RECORD_KIND) == 2;
    guest->end = call ? GUEST_SVC : GUEST_PGM;
    guest->svc = r[RECORD_PGM + 3];
    guest->pgm = (struct zf_pgm){
        .code = zf_get16(r + RECORD_PGM + 2),
        .dxc = r[RECORD_DXC + 3],
        .monitor_class = r[RECORD_MONITOR_CLASS + 1],
        .address = zf_get64(r + RECORD_MONITOR_CODE),
    };
}
