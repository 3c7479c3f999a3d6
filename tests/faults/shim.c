/* Records, in order, what a program does to the files below SHIM_ROOT, into the file SHIM_LOG: every write with its
 * bytes, every truncation, sync, creation, removal and renaming. From such a log the disk can be rebuilt as a power
 * cut at any moment may leave it. With SHIM_FAIL="call:number:errno" (call: write, sync) that call and all later ones
 * of its kind fail instead, as on a full or broken disk.
 *
 * Preloaded (LD_PRELOAD) into a program with one thread. A record: op (1 byte), offset (8), length of path (4),
 * length of data (4), path, data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 1024
static char *watched[MAX_FD];
static const char *root;
static int log_fd = -1, fail_errno, fail_at, fail_seen;
static char fail_call;

__attribute__((constructor)) static void begin(void) {
    root = getenv("SHIM_ROOT");
    const char *log = getenv("SHIM_LOG"), *fail = getenv("SHIM_FAIL");
    if (root && log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char call[16];
    if (fail && sscanf(fail, "%15[a-z]:%d:%d", call, &fail_at, &fail_errno) == 3) fail_call = call[0];
}

static void record(char op, int64_t offset, const char *path, const void *data, uint32_t size) {
    if (log_fd < 0) return;
    uint32_t length = strlen(path);
    char head[17];
    head[0] = op;
    memcpy(head + 1, &offset, 8);
    memcpy(head + 9, &length, 4);
    memcpy(head + 13, &size, 4);
    struct iovec parts[3] = {{head, 17}, {(void *)path, length}, {(void *)data, size}};
    if (syscall(SYS_writev, log_fd, parts, 3) != (long)(17 + length + size)) abort();
}

static int below(const char *path) { return root && path && strncmp(path, root, strlen(root)) == 0; }

static const char *of(int fd) { return fd >= 0 && fd < MAX_FD ? watched[fd] : NULL; }

static int failing(char call) {
    if (call != fail_call || ++fail_seen < fail_at) return 0;
    errno = fail_errno;
    return 1;
}

static int opened(int directory, const char *path, int flags, mode_t mode) {
    int mine = below(path), existed = mine && access(path, F_OK) == 0;
    int fd = syscall(SYS_openat, directory, path, flags, mode);
    if (fd < 0 || fd >= MAX_FD || !mine) return fd;
    watched[fd] = strdup(path);
    if (!existed) record('C', 0, path, NULL, 0);
    else if (flags & O_TRUNC) record('T', 0, path, NULL, 0);
    return fd;
}

#define MODE(flags) ({ mode_t m = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, flags); m = va_arg(v, mode_t); va_end(v); } m; })
int open(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags, MODE(flags)); }
int open64(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags | O_LARGEFILE, MODE(flags)); }
int openat(int at, const char *path, int flags, ...) { return opened(at, path, flags, MODE(flags)); }
int openat64(int at, const char *path, int flags, ...) { return opened(at, path, flags | O_LARGEFILE, MODE(flags)); }

int close(int fd) {
    if (of(fd)) {
        free(watched[fd]);
        watched[fd] = NULL;
    }
    return syscall(SYS_close, fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    if (of(fd) && failing('w')) return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, data, size, offset);
    if (of(fd) && done > 0) record('W', offset, of(fd), data, done);
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

ssize_t write(int fd, const void *data, size_t size) {
    if (!of(fd)) return syscall(SYS_write, fd, data, size);
    if (failing('w')) return -1;
    off64_t offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    ssize_t done = syscall(SYS_write, fd, data, size);
    if (done > 0) record('W', offset, of(fd), data, done);
    return done;
}

int ftruncate64(int fd, off64_t size) {
    int done = syscall(SYS_ftruncate, fd, size);
    if (of(fd) && done == 0) record('T', size, of(fd), NULL, 0);
    return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, long call) {
    if (of(fd) && failing('s')) return -1;
    int done = syscall(call, fd);
    if (of(fd) && done == 0) record('S', 0, of(fd), NULL, 0);
    return done;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int unlink(const char *path) {
    int done = syscall(SYS_unlink, path);
    if (done == 0 && below(path)) record('U', 0, path, NULL, 0);
    return done;
}

int rename(const char *from, const char *to) {
    int done = syscall(SYS_rename, from, to);
    if (done == 0 && below(from)) record('R', 0, from, to, strlen(to));
    return done;
}

/* What this record cannot follow must not happen unseen. */
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    if (of(fd)) abort();
    return syscall(SYS_pwritev, fd, parts, count, offset, 0);
}
int fallocate(int fd, int mode, off_t offset, off_t size) {
    if (of(fd)) abort();
    return syscall(SYS_fallocate, fd, mode, offset, size);
}
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset) {
    if (of(fd) && (flags & 1) && (protection & 2)) abort();
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    return mmap64(at, size, protection, flags, fd, offset);
}
