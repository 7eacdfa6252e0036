/*
 * Runs a command and has one of its calls to the disk fail.
 *
 *     faulty <how> <n> <log> <command> [<argument>...]
 *
 *     count 0     nothing fails; the log says what was called
 *     enospc n    the n-th call fails: no space left (from 1)
 *     eio n       the n-th call fails: input/output error
 *     full n      from the n-th call on, whatever takes space fails: a full disk
 *     short n     the n-th call, a write, writes half
 *     kill n      at the n-th call the command and all that it started are killed
 *     one n       at the n-th call only the process that makes it is killed
 *     start n     the n-th program that is started is killed before it does anything
 *     end n       the n-th program that was started and ends with success is killed when it has done all, before it can say so
 *
 * Calls are those that change a file system: writes to regular files, fsync, rename, link, symlink, unlink, truncate, mkdir, and open
 * with O_CREAT, of the command and of everything that it starts. The kernel asks this program about each of them (seccomp user
 * notification, Linux 5.5), so static programs and raw system calls are seen as well; no privilege is needed.
 *
 * Exit code: that of the command, 137 if it was killed, 99 if this program itself cannot work here.
 * Log: `<n> <call> <program> <path>` for each call, `start <n> ...` and `end <n> ...` for each program.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "say here what the audit architecture is"
#endif

/* What a call does. */
enum what { WRITE, SYNC, NAME, SPACE, CREATE, REMOVE, START, END };

/* A call: where its file descriptor or path stands among the arguments (-1: none), and where its flags stand. */
struct call {
    int number;
    const char *name;
    enum what what;
    int fd, path, flags;
};

static const struct call calls[] = {
    {__NR_write, "write", WRITE, 0, -1, -1},
    {__NR_pwrite64, "pwrite", WRITE, 0, -1, -1},
    {__NR_writev, "writev", WRITE, 0, -1, -1},
    {__NR_copy_file_range, "copy_file_range", SPACE, 2, -1, -1},
    {__NR_sendfile, "sendfile", SPACE, 0, -1, -1},
    {__NR_fsync, "fsync", SYNC, 0, -1, -1},
    {__NR_fdatasync, "fdatasync", SYNC, 0, -1, -1},
    {__NR_ftruncate, "ftruncate", SPACE, 0, -1, -1},
    {__NR_mkdirat, "mkdir", CREATE, -1, 1, -1},
    {__NR_openat, "open", CREATE, -1, 1, 2},
    {__NR_renameat2, "rename", NAME, -1, 3, -1},
    {__NR_linkat, "link", CREATE, -1, 3, -1},
    {__NR_symlinkat, "symlink", CREATE, -1, 2, -1},
    {__NR_unlinkat, "unlink", REMOVE, -1, 1, -1},
#ifdef __NR_renameat
    {__NR_renameat, "rename", NAME, -1, 3, -1},
#endif
#ifdef __NR_open
    {__NR_open, "open", CREATE, -1, 0, 1},
    {__NR_creat, "open", CREATE, -1, 0, -1},
    {__NR_mkdir, "mkdir", CREATE, -1, 0, -1},
    {__NR_rename, "rename", NAME, -1, 1, -1},
    {__NR_link, "link", CREATE, -1, 1, -1},
    {__NR_symlink, "symlink", CREATE, -1, 1, -1},
    {__NR_unlink, "unlink", REMOVE, -1, 0, -1},
    {__NR_rmdir, "rmdir", REMOVE, -1, 0, -1},
#endif
    {__NR_execve, "start", START, -1, 0, -1},
    {__NR_exit_group, "end", END, -1, -1, -1},
};
#define CALLS (sizeof calls / sizeof *calls)

static const char *how;
static long wanted, seen, started, ended;
static FILE *said;

static void give_up(const char *what) {
    fprintf(stderr, "faulty: %s: %s\n", what, strerror(errno));
    _exit(99);
}

/* Installs the filter in the child and gives the end where the kernel asks. */
static int listen_here(void) {
    struct sock_filter code[8 * CALLS + 8];
    size_t n = 0;
#define PUT(...) code[n++] = (struct sock_filter)__VA_ARGS__
    PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
    PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    for (size_t i = 0; i < CALLS; i++) {
        if (calls[i].flags < 0) {
            PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1));
            PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
            continue;
        }
        PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 4));
        PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * calls[i].flags));
        PUT(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 0, 1));
        PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
        PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        give_up("no_new_privs");
    int listener = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (listener < 0)
        give_up("seccomp");
    return listener;
}

/* Hands a file descriptor over a socket. */
static void send_fd(int socket, int fd) {
    char byte = 0, room[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET, head->cmsg_type = SCM_RIGHTS, head->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
    if (sendmsg(socket, &message, 0) != 1)
        give_up("sendmsg");
}

static int receive_fd(int socket) {
    int fd = -1;
    char byte, room[CMSG_SPACE(sizeof fd)];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
        _exit(99);
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

/* A text of another process, as far as it can be read. */
static void text_of(pid_t pid, uint64_t at, char *out, size_t size) {
    memset(out, 0, size);
    /* Not beyond the page: the next one may not be there. */
    size_t page = 4096 - at % 4096, most = page < size - 1 ? page : size - 1;
    struct iovec here = {out, most}, there = {(void *)(uintptr_t)at, most};
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) < 0)
        out[0] = 0;
    if (most == page && strlen(out) == page && page < size - 1) {
        here = (struct iovec){out + page, size - 1 - page}, there = (struct iovec){(void *)(uintptr_t)(at + page), size - 1 - page};
        process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
}

static void line_of(const char *form, pid_t pid, const char *name, char *out, size_t size) {
    char path[64];
    snprintf(path, sizeof path, form, pid);
    out[0] = 0;
    FILE *file = fopen(path, "r");
    char line[512];
    size_t long_name = strlen(name);
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, long_name)) {
            snprintf(out, size, "%s", line + long_name);
            out[strcspn(out, "\n")] = 0;
            break;
        }
    if (file)
        fclose(file);
}

static pid_t group_of(pid_t thread) {
    char number[32];
    line_of("/proc/%d/status", thread, "Tgid:", number, sizeof number);
    return atoi(number);
}

/* Kills all that came of us. Each round takes those that can be seen; a process that is gone cannot start another one. */
static void kill_all(void) {
    for (int found = 1, round = 0; found && round < 1000; round++) {
        found = 0;
        DIR *all = opendir("/proc");
        for (struct dirent *entry; (entry = readdir(all));) {
            pid_t pid = atoi(entry->d_name);
            for (pid_t up = pid; up > 1;) {
                char number[32];
                line_of("/proc/%d/status", up, "PPid:", number, sizeof number);
                up = atoi(number);
                if (up != getpid())
                    continue;
                line_of("/proc/%d/status", pid, "State:", number, sizeof number);
                if (strchr(number, 'Z'))
                    break;
                kill(pid, SIGKILL);
                found = 1;
                break;
            }
        }
        closedir(all);
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
    fclose(said);
    _exit(137);
}

/* Writes half of what is to be written, in the name of the process. Bytes, or -1 if it cannot be done. */
static ssize_t half(const struct seccomp_notif *asked) {
    size_t length = asked->data.args[2];
    if (asked->data.nr == __NR_writev || length < 2)
        return -1;
    length /= 2;
    char *bytes = malloc(length);
    struct iovec here = {bytes, length}, there = {(void *)(uintptr_t)asked->data.args[1], length};
    int process = syscall(SYS_pidfd_open, group_of(asked->pid), 0);
    int fd = syscall(SYS_pidfd_getfd, process, (int)asked->data.args[0], 0);
    ssize_t done = -1;
    if (fd >= 0 && process_vm_readv(asked->pid, &here, 1, &there, 1, 0) == (ssize_t)length)
        done = asked->data.nr == __NR_write ? write(fd, bytes, length) : pwrite(fd, bytes, length, asked->data.args[3]);
    close(fd), close(process), free(bytes);
    return done;
}

static int is(const char *word) { return !strcmp(how, word); }

/* The error of a call, or 0 to let it go on; a number above 0 is what it gives back. */
static long judge(const struct seccomp_notif *asked, const struct call *call) {
    char path[1024] = "", program[64];
    line_of("/proc/%d/status", asked->pid, "Name:\t", program, sizeof program);
    if (call->fd >= 0) {
        char link[64];
        struct stat about;
        snprintf(link, sizeof link, "/proc/%d/fd/%d", asked->pid, (int)asked->data.args[call->fd]);
        if (stat(link, &about) || !S_ISREG(about.st_mode)) {
            if (call->what != SYNC)
                return 0;
        }
        ssize_t length = readlink(link, path, sizeof path - 1);
        path[length < 0 ? 0 : length] = 0;
    } else if (call->path >= 0) {
        text_of(asked->pid, asked->data.args[call->path], path, sizeof path);
    }
    if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6))
        return 0;
    if (call->what == START) {
        struct stat about;
        /* A search along PATH tries more than there is; the command itself is not one of those that it starts. */
        if (path[0] == '/' && stat(path, &about))
            return 0;
        if (started++ == 0)
            return 0;
        fprintf(said, "start %ld %s %s\n", started - 1, program, path);
        if (is("start") && started - 1 == wanted)
            kill(group_of(asked->pid), SIGKILL);
        return 0;
    }
    if (call->what == END) {
        if (asked->data.args[0] != 0)
            return 0;
        fprintf(said, "end %ld %s\n", ++ended, program);
        if (is("end") && ended == wanted)
            kill(group_of(asked->pid), SIGKILL);
        return 0;
    }
    fprintf(said, "%ld %s %s %s\n", ++seen, call->name, program, path);
    if (is("full") && seen >= wanted && call->what != REMOVE && call->what != SYNC)
        return -ENOSPC;
    if (seen != wanted)
        return 0;
    if (is("enospc"))
        return -ENOSPC;
    if (is("eio"))
        return -EIO;
    if (is("kill"))
        kill_all();
    if (is("one"))
        kill(group_of(asked->pid), SIGKILL);
    if (is("short") && call->what == WRITE) {
        ssize_t done = half(asked);
        return done > 0 ? done : 0;
    }
    return 0;
}

static void answer(int listener) {
    struct seccomp_notif asked = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked))
        return;
    long verdict = 0;
    for (size_t i = 0; i < CALLS; i++)
        if (calls[i].number == asked.data.nr) {
            verdict = judge(&asked, &calls[i]);
            break;
        }
    struct seccomp_notif_resp reply = {.id = asked.id};
    if (verdict < 0)
        reply.error = verdict;
    else if (verdict > 0)
        reply.val = verdict;
    else
        reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    /* Whoever asked may be dead by now. */
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

int main(int count, char **words) {
    if (count < 5) {
        fprintf(stderr, "usage: faulty <how> <n> <log> <command> [<argument>...]\n");
        return 99;
    }
    how = words[1], wanted = atol(words[2]), said = fopen(words[3], "w");
    int ends[2];
    if (!said || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        give_up(words[3]);
    /* Orphans come to us, so that we know when all are gone. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    pid_t child = fork();
    if (child == 0) {
        fcntl(fileno(said), F_SETFD, FD_CLOEXEC);
        int listener = listen_here();
        send_fd(ends[1], listener);
        close(listener);
        execvp(words[4], words + 4);
        _exit(127);
    }
    close(ends[1]);
    int listener = receive_fd(ends[0]), code = -1;
    for (;;) {
        struct pollfd asked = {listener, POLLIN, 0};
        poll(&asked, 1, 50);
        if (asked.revents & POLLIN)
            answer(listener);
        int status;
        for (pid_t gone; (gone = waitpid(-1, &status, WNOHANG)) != 0;) {
            if (gone < 0) {
                fclose(said);
                return code;
            }
            if (gone == child)
                code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
    }
}
