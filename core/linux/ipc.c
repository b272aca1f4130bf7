/*
 * System V shared memory, semaphores and messages. Identifiers are the host's; its structures are
 * turned into the guest's. glibc calls each by a number of its own, older programs all of them
 * through `ipc`.
 */
#include "guest.h"

#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    PERM_SIZE = 48,
    SHMID_SIZE = PERM_SIZE + 64,
    MSQID_SIZE = PERM_SIZE + 72,
    SEMID_SIZE = PERM_SIZE + 40,
    SHMINFO_SIZE = 72,
    IPC_INFO_WORDS = 10, /* struct seminfo, less for messages */
    IPC_VERSION_64 = 0x100,
    SEMAPHORES_LIMIT = 32000,
    OPERATIONS_LIMIT = 500,
    MESSAGE_LIMIT = 1 << 20,
#ifndef SHM_STAT_ANY
    SHM_STAT_ANY = 15,
#endif
    SHM_REMAP_BIT = 040000,
    SHM_EXEC_BIT = 0100000,
};

static void put_perm(uint8_t *out, const struct ipc_perm *perm) {
    const uint32_t words[] = {
        (uint32_t)perm->__key, perm->uid, perm->gid, perm->cuid, perm->cgid, perm->mode};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        zf_put32(out + 4 * i, words[i]);
    }
    zf_put16(out + 26, perm->__seq);
}

/* What the guest may set: owner and mode. */
static void get_perm(const uint8_t *in, struct ipc_perm *perm) {
    perm->uid = zf_get32(in + 4);
    perm->gid = zf_get32(in + 8);
    perm->mode = (unsigned short)zf_get32(in + 20);
}

static void put_words(uint8_t *out, const uint64_t *words, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        zf_put64(out + 8 * i, words[i]);
    }
}

/* Shared memory: what is attached is part of the map, and is let go when it is unmapped. */

static bool note_segment(struct zf_linux *process, uint64_t address, uint64_t length) {
    size_t size = (process->segment_count + 1) * sizeof *process->segments;
    struct zf_segment *segments = realloc(process->segments, size);
    if (segments) {
        segments[process->segment_count++] = (struct zf_segment){address, length};
        process->segments = segments;
    }
    return segments;
}

/* The length of the segment at `address`, which is forgotten; 0: none is there. */
static uint64_t take_segment(struct zf_linux *process, uint64_t address) {
    for (unsigned i = 0; i < process->segment_count; i++) {
        if (process->segments[i].address == address) {
            uint64_t length = process->segments[i].length;
            process->segments[i] = process->segments[--process->segment_count];
            return length;
        }
    }
    return 0;
}

int64_t zf_sys_shmget(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(shmget((key_t)a[0], a[1], (int)a[2]));
}

/* Where a segment goes: at `address`, if it has one; -errno. */
static int64_t place_segment(const struct zf_task *task, uint64_t address, uint64_t length,
                             uint64_t flags) {
    struct zf_linear_range next;
    bool replaces = flags & SHM_REMAP_BIT;
    if (!address) {
        uint64_t at = replaces ? 0 : zf_place_for(task, 0, length);
        return at ? (int64_t)at : replaces ? -EINVAL : -ENOMEM;
    }
    if (address & ~ZF_PAGE_MASK && !(flags & SHM_RND)) {
        return -EINVAL;
    }
    address &= ZF_PAGE_MASK;
    if ((!address && replaces) || length > task->machine->storage.size ||
        address > task->machine->storage.size - length) {
        return -EINVAL;
    }
    if (zf_linear_next(&task->machine->storage, address, &next) && next.start < address + length &&
        !replaces) {
        return -EINVAL;
    }
    return zf_linear_any(&task->machine->storage, address, length, ZF_PROT_SEALED)
               ? -EPERM
               : (int64_t)address;
}

/* args: identifier, address, flags */
int64_t zf_sys_shmat(struct zf_task *task, const uint64_t *a) {
    struct shmid_ds status;
    const uint64_t flags = a[2];
    if (shmctl((int)a[0], IPC_STAT, &status)) {
        return -errno;
    }
    uint64_t length = (status.shm_segsz + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    int64_t place = place_segment(task, a[1], length, flags);
    if (place < 0) {
        return place;
    }
    uint64_t at = (uint64_t)place;
    unsigned prot = ZF_PROT_READ | ZF_PROT_SHARED | (flags & SHM_RDONLY ? 0 : ZF_PROT_WRITE) |
                    (flags & SHM_EXEC_BIT ? ZF_PROT_EXEC : 0);
    if (!zf_linear_map(&task->machine->storage, at, length, prot, -1, 0)) {
        return -ENOMEM;
    }
    void *host = shmat((int)a[0], task->machine->storage.ram + at, (int)flags | SHM_REMAP_BIT);
    int error = host == (void *)-1 ? errno : ENOMEM;
    if (host == (void *)-1 || !note_segment(task->process, at, length)) {
        zf_linear_unmap(&task->machine->storage, at, length);
        return -error;
    }
    return (int64_t)at;
}

int64_t zf_sys_shmdt(struct zf_task *task, const uint64_t *a) {
    uint64_t length = take_segment(task->process, a[0]);
    /* what replaces the segment in the map detaches it */
    return length && zf_linear_unmap(&task->machine->storage, a[0], length) ? 0 : -EINVAL;
}

static int64_t put_shmid(struct zf_task *task, uint64_t address, const struct shmid_ds *host,
                         int64_t result) {
    uint8_t *out = zf_guest_out(task, address, SHMID_SIZE);
    if (!out) {
        return -EFAULT;
    }
    const uint64_t words[] = {host->shm_segsz, (uint64_t)host->shm_atime, (uint64_t)host->shm_dtime,
                              (uint64_t)host->shm_ctime};
    memset(out, 0, SHMID_SIZE);
    put_perm(out, &host->shm_perm);
    put_words(out + PERM_SIZE, words, 4);
    zf_put32(out + PERM_SIZE + 32, (uint32_t)host->shm_cpid);
    zf_put32(out + PERM_SIZE + 36, (uint32_t)host->shm_lpid);
    zf_put64(out + PERM_SIZE + 40, host->shm_nattch);
    return result;
}

static int64_t shm_info(struct zf_task *task, int id, int command, uint64_t address) {
    uint64_t words[SHMINFO_SIZE / 8] = {0};
    int64_t result = zf_host_result(shmctl(id, command, (void *)words));
    uint8_t *out = zf_guest_out(task, address, SHMINFO_SIZE);
    if (result < 0 || !out) {
        return result < 0 ? result : -EFAULT;
    }
    put_words(out, words, SHMINFO_SIZE / 8);
    if (command == SHM_INFO) { /* begins with a word, not a doubleword */
        zf_put32(out, (uint32_t)words[0]);
        zf_put32(out + 4, 0);
    }
    return result;
}

int64_t zf_sys_shmctl(struct zf_task *task, const uint64_t *a) {
    struct shmid_ds host;
    int id = (int)a[0], command = (int)a[1] & ~IPC_VERSION_64;
    const uint8_t *in;
    switch (command) {
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY: {
        int64_t result = zf_host_result(shmctl(id, command, &host));
        return result < 0 ? result : put_shmid(task, a[2], &host, result);
    }
    case IPC_SET:
        in = zf_guest_in(task, a[2], SHMID_SIZE);
        if (!in) {
            return -EFAULT;
        }
        get_perm(in, &host.shm_perm);
        return zf_host_result(shmctl(id, command, &host));
    case IPC_INFO:
    case SHM_INFO:
        return shm_info(task, id, command, a[2]);
    default:
        return zf_host_result(shmctl(id, command, NULL));
    }
}

/* Semaphores */

int64_t zf_sys_semget(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(semget((key_t)a[0], (int)a[1], (int)a[2]));
}

/* args: identifier, operations, how many, time limit */
int64_t zf_sys_semtimedop(struct zf_task *task, const uint64_t *a) {
    struct sembuf operations[OPERATIONS_LIMIT];
    struct timespec limit;
    if (a[2] > OPERATIONS_LIMIT) {
        return -E2BIG;
    }
    const uint8_t *in = zf_guest_in(task, a[1], 6 * a[2]);
    if (!in || (a[3] && !zf_get_timespec(task, a[3], &limit))) {
        return -EFAULT;
    }
    for (uint64_t i = 0; i < a[2]; i++, in += 6) {
        operations[i] =
            (struct sembuf){zf_get16(in), (short)zf_get16(in + 2), (short)zf_get16(in + 4)};
    }
    return zf_host_result(semtimedop((int)a[0], operations, a[2], a[3] ? &limit : NULL));
}

static int64_t sem_status(struct zf_task *task, int id, int number, int command, uint64_t address) {
    struct semid_ds host;
    int64_t result = zf_host_result(semctl(id, number, command, &host));
    uint8_t *out = zf_guest_out(task, address, SEMID_SIZE);
    if (result < 0 || !out) {
        return result < 0 ? result : -EFAULT;
    }
    const uint64_t words[] = {(uint64_t)host.sem_otime, (uint64_t)host.sem_ctime, host.sem_nsems};
    memset(out, 0, SEMID_SIZE);
    put_perm(out, &host.sem_perm);
    put_words(out + PERM_SIZE, words, 3);
    return result;
}

/* GETALL and SETALL: the values of a set, halfwords. */
static int64_t sem_values(struct zf_task *task, int id, int command, uint64_t address) {
    struct semid_ds status;
    unsigned short values[SEMAPHORES_LIMIT];
    if (semctl(id, 0, IPC_STAT, &status)) {
        return -errno;
    }
    uint64_t size = 2 * (uint64_t)status.sem_nsems;
    if (command == SETALL) {
        const uint8_t *in = zf_guest_in(task, address, size);
        for (uint64_t i = 0; in && i < status.sem_nsems; i++) {
            values[i] = zf_get16(in + 2 * i);
        }
        return in ? zf_host_result(semctl(id, 0, SETALL, values)) : -EFAULT;
    }
    uint8_t *out = zf_guest_out(task, address, size);
    if (!out || semctl(id, 0, GETALL, values)) {
        return out ? -errno : -EFAULT;
    }
    for (uint64_t i = 0; i < status.sem_nsems; i++) {
        zf_put16(out + 2 * i, values[i]);
    }
    return 0;
}

static int64_t ipc_info(struct zf_task *task, uint64_t address, const int *words, int64_t result) {
    uint8_t *out = zf_guest_out(task, address, 4 * IPC_INFO_WORDS);
    if (result < 0 || !out) {
        return result < 0 ? result : -EFAULT;
    }
    for (unsigned i = 0; i < IPC_INFO_WORDS; i++) {
        zf_put32(out + 4 * i, (uint32_t)words[i]);
    }
    return result;
}

int64_t zf_sys_semctl(struct zf_task *task, const uint64_t *a) {
    int id = (int)a[0], number = (int)a[1], command = (int)a[2] & ~IPC_VERSION_64;
    int words[IPC_INFO_WORDS] = {0};
    struct semid_ds host;
    const uint8_t *in;
    switch (command) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        return sem_status(task, id, number, command, a[3]);
    case IPC_SET:
        in = zf_guest_in(task, a[3], SEMID_SIZE);
        if (!in) {
            return -EFAULT;
        }
        get_perm(in, &host.sem_perm);
        return zf_host_result(semctl(id, number, command, &host));
    case GETALL:
    case SETALL:
        return sem_values(task, id, command, a[3]);
    case IPC_INFO:
    case SEM_INFO:
        return ipc_info(task, a[3], words, zf_host_result(semctl(id, number, command, words)));
    case SETVAL: /* the word of a union that is passed as a doubleword is its first */
        return zf_host_result(semctl(id, number, SETVAL, (int)(a[3] >> 32)));
    default:
        return zf_host_result(semctl(id, number, command, (int)a[3]));
    }
}

/* Messages: a doubleword for the type, then the text. */

int64_t zf_sys_msgget(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(msgget((key_t)a[0], (int)a[1]));
}

/* args: identifier, message, size, flags */
int64_t zf_sys_msgsnd(struct zf_task *task, const uint64_t *a) {
    if (a[2] > MESSAGE_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[1], 8 + a[2]);
    uint8_t *message = in ? malloc(8 + a[2]) : NULL;
    if (!message) {
        return in ? -ENOMEM : -EFAULT;
    }
    uint64_t type = zf_get64(in);
    memcpy(message, &type, 8);
    memcpy(message + 8, in + 8, a[2]);
    int64_t result = zf_host_result(msgsnd((int)a[0], message, a[2], (int)a[3]));
    free(message);
    return result;
}

/* args: identifier, message, size, type, flags */
int64_t zf_sys_msgrcv(struct zf_task *task, const uint64_t *a) {
    uint64_t size = a[2] > MESSAGE_LIMIT ? MESSAGE_LIMIT : a[2], type;
    uint8_t *out = (int64_t)a[2] < 0 ? NULL : zf_guest_out(task, a[1], 8 + size);
    uint8_t *message = out ? malloc(8 + size) : NULL;
    if (!message) {
        return (int64_t)a[2] < 0 ? -EINVAL : out ? -ENOMEM : -EFAULT;
    }
    int64_t got = zf_host_result(msgrcv((int)a[0], message, size, (long)a[3], (int)a[4]));
    if (got >= 0) {
        memcpy(&type, message, 8);
        zf_put64(out, type);
        memcpy(out + 8, message + 8, (size_t)got);
    }
    free(message);
    return got;
}

static int64_t put_msqid(struct zf_task *task, uint64_t address, const struct msqid_ds *host,
                         int64_t result) {
    uint8_t *out = zf_guest_out(task, address, MSQID_SIZE);
    if (!out) {
        return -EFAULT;
    }
    const uint64_t words[] = {(uint64_t)host->msg_stime,
                              (uint64_t)host->msg_rtime,
                              (uint64_t)host->msg_ctime,
                              host->__msg_cbytes,
                              host->msg_qnum,
                              host->msg_qbytes};
    memset(out, 0, MSQID_SIZE);
    put_perm(out, &host->msg_perm);
    put_words(out + PERM_SIZE, words, 6);
    zf_put32(out + PERM_SIZE + 48, (uint32_t)host->msg_lspid);
    zf_put32(out + PERM_SIZE + 52, (uint32_t)host->msg_lrpid);
    return result;
}

int64_t zf_sys_msgctl(struct zf_task *task, const uint64_t *a) {
    int id = (int)a[0], command = (int)a[1] & ~IPC_VERSION_64;
    int words[IPC_INFO_WORDS] = {0};
    struct msqid_ds host;
    const uint8_t *in;
    switch (command) {
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY: {
        int64_t result = zf_host_result(msgctl(id, command, &host));
        return result < 0 ? result : put_msqid(task, a[2], &host, result);
    }
    case IPC_SET:
        in = zf_guest_in(task, a[2], MSQID_SIZE);
        if (!in) {
            return -EFAULT;
        }
        get_perm(in, &host.msg_perm);
        host.msg_qbytes = zf_get64(in + PERM_SIZE + 40);
        return zf_host_result(msgctl(id, command, &host));
    case IPC_INFO:
    case MSG_INFO:
        return ipc_info(task, a[2], words, zf_host_result(msgctl(id, command, (void *)words)));
    default:
        return zf_host_result(msgctl(id, command, NULL));
    }
}

/* The calls in one, as they are numbered in it. args: call, first, second, third, pointer */

static int64_t ipc_msgrcv(struct zf_task *task, const uint64_t *a) {
    uint64_t pointer, type;
    if (a[0] >> 16) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[4], 16);
    if (!in) {
        return -EFAULT;
    }
    pointer = zf_get64(in);
    type = zf_get64(in + 8);
    return zf_sys_msgrcv(task, (const uint64_t[]){a[1], pointer, a[2], type, a[3]});
}

static int64_t ipc_semctl(struct zf_task *task, const uint64_t *a) {
    const uint8_t *in = zf_guest_in(task, a[4], 8);
    if (!in) {
        return -EFAULT;
    }
    return zf_sys_semctl(task, (const uint64_t[]){a[1], a[2], a[3], zf_get64(in)});
}

static int64_t ipc_shmat(struct zf_task *task, const uint64_t *a) {
    int64_t at = zf_sys_shmat(task, (const uint64_t[]){a[1], a[4], a[2]});
    if (at < 0 && at > -4096) {
        return at;
    }
    return zf_guest_put64(task, a[3], (uint64_t)at) ? 0 : -EFAULT;
}

int64_t zf_sys_ipc(struct zf_task *task, const uint64_t *a) {
    switch ((uint32_t)a[0] & 0xffff) {
    case 1:
        return zf_sys_semtimedop(task, (const uint64_t[]){a[1], a[4], a[2], 0});
    case 2:
        return zf_sys_semget(task, (const uint64_t[]){a[1], a[2], a[3]});
    case 3:
        return ipc_semctl(task, a);
    case 4:
        return zf_sys_semtimedop(task, (const uint64_t[]){a[1], a[4], a[2], a[3]});
    case 11:
        return zf_sys_msgsnd(task, (const uint64_t[]){a[1], a[4], a[2], a[3]});
    case 12:
        return ipc_msgrcv(task, a);
    case 13:
        return zf_sys_msgget(task, (const uint64_t[]){a[1], a[2]});
    case 14:
        return zf_sys_msgctl(task, (const uint64_t[]){a[1], a[2], a[4]});
    case 21:
        return ipc_shmat(task, a);
    case 22:
        return zf_sys_shmdt(task, &a[4]);
    case 23:
        return zf_sys_shmget(task, (const uint64_t[]){a[1], a[2], a[3]});
    case 24:
        return zf_sys_shmctl(task, (const uint64_t[]){a[1], a[2], a[4]});
    default:
        return -ENOSYS;
    }
}
