/* System V IPC, message queues, data between descriptors, several messages in one call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void shared_memory(void) {
    int id = shmget(IPC_PRIVATE, 10000, 0600);
    char *text = shmat(id, NULL, 0);
    struct shmid_ds status;
    shmctl(id, IPC_STAT, &status);
    printf("segment of %zu, attached %lu, ours %d\n", status.shm_segsz,
           (unsigned long)status.shm_nattch, status.shm_cpid == getpid());
    if (!fork()) {
        strcpy(text, "from the child");
        _exit(0);
    }
    wait(NULL);
    shmctl(id, IPC_RMID, NULL);
    puts(text);
    printf("detached %d, again %d\n", shmdt(text), shmdt(text));
}

static void semaphores(void) {
    int id = semget(IPC_PRIVATE, 3, 0600);
    unsigned short values[3] = {1, 2, 300};
    struct sembuf operations[2] = {{0, -1, 0}, {2, 5, 0}};
    semctl(id, 0, SETALL, values);
    memset(values, 0, sizeof values);
    semctl(id, 0, GETALL, values);
    printf("%d %d %d, done %d", values[0], values[1], values[2], semop(id, operations, 2));
    printf(" -> %d %d\n", semctl(id, 0, GETVAL), semctl(id, 2, GETVAL));
    operations[0].sem_flg = IPC_NOWAIT;
    int result = semop(id, operations, 1);
    printf("would wait: %d %d\n", result, errno == EAGAIN);
    semctl(id, 0, IPC_RMID);
}

static void messages(void) {
    int id = msgget(IPC_PRIVATE, 0600);
    struct {
        long type;
        char text[20];
    } message = {7, "hello"};
    struct msqid_ds status;
    msgsnd(id, &message, 6, 0);
    msgctl(id, IPC_STAT, &status);
    memset(&message, 0, sizeof message);
    long got = msgrcv(id, &message, sizeof message.text, 0, 0);
    printf("%ld of type %ld: %s, waiting %lu\n", got, message.type, message.text,
           (unsigned long)status.msg_qnum);
    msgctl(id, IPC_RMID, NULL);
}

static void queue(void) {
    struct mq_attr attributes = {0, 4, 32, 0};
    char name[32], text[32] = "";
    unsigned priority = 0;
    snprintf(name, sizeof name, "/guest%d", (int)getpid());
    mqd_t id = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
    mq_send(id, "queued", 7, 3);
    long got = mq_receive(id, text, sizeof text, &priority);
    printf("%ld: %s, priority %u\n", got, text, priority);
    mq_unlink(name);
}

static void pipes(void) {
    int from[2], to[2];
    char text[20] = "";
    struct iovec gift = {"gift", 4};
    if (pipe(from) || pipe(to) || write(from[1], "spliced", 7) != 7) {
        return;
    }
    long moved = splice(from[0], NULL, to[1], NULL, 7, 0);
    long got = read(to[0], text, sizeof text);
    printf("splice %ld %ld %s\n", moved, got, text);
    moved = vmsplice(from[1], &gift, 1, 0);
    memset(text, 0, sizeof text);
    got = read(from[0], text, sizeof text);
    printf("vmsplice %ld %ld %s\n", moved, got, text);
}

static void several(void) {
    int pair[2];
    char text[2][9] = {""};
    struct iovec out[2] = {{"one", 3}, {"three", 5}}, in[2] = {{text[0], 8}, {text[1], 8}};
    struct mmsghdr sent[2] = {{{0, 0, &out[0], 1, 0, 0, 0}, 0}, {{0, 0, &out[1], 1, 0, 0, 0}, 0}};
    struct mmsghdr got[2] = {{{0, 0, &in[0], 1, 0, 0, 0}, 0}, {{0, 0, &in[1], 1, 0, 0, 0}, 0}};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    int count = sendmmsg(pair[0], sent, 2, 0);
    printf("sendmmsg %d: %u %u\n", count, sent[0].msg_len, sent[1].msg_len);
    count = recvmmsg(pair[1], got, 2, 0, NULL);
    printf("recvmmsg %d: %s %s\n", count, text[0], text[1]);
}

int main(void) {
    shared_memory();
    semaphores();
    messages();
    queue();
    pipes();
    several();
    printf("pidfd %d\n", syscall(SYS_pidfd_open, getpid(), 0) >= 0);
    return 0;
}
