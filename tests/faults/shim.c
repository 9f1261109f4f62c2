/* Preloaded before libc: fails a chosen write, sync, rename, creation or truncation below a folder.
 *
 * fault_arm(folder, at, error, lasting): the at-th such call from now on fails with that errno, and
 * with lasting set all later ones as well; an error of -1 kills the process instead, with SIGKILL.
 * fault_count() says how many there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[PATH_MAX];
static int at, error_number, lasting, count;

void fault_arm(const char *path, int n, int number, int keep) {
    strncpy(folder, path, sizeof folder - 1);
    at = n;
    error_number = number;
    lasting = keep;
    count = 0;
}

int fault_count(void) { return count; }

static int fails(const char *path) {
    if (!folder[0] || strncmp(path, folder, strlen(folder)) != 0)
        return 0;
    int now = __sync_add_and_fetch(&count, 1);
    if (at && now == at && error_number < 0)
        kill(getpid(), SIGKILL);
    if (at && (now == at || (lasting && now > at))) {
        errno = error_number;
        return 1;
    }
    return 0;
}

static int fails_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return 0;
    path[n] = 0;
    return fails(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t n) {
    return fails_fd(fd) ? -1 : NEXT(write)(fd, data, n);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t where) {
    return fails_fd(fd) ? -1 : NEXT(pwrite)(fd, data, n, where);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t where) {
    return fails_fd(fd) ? -1 : NEXT(pwrite64)(fd, data, n, where);
}
int fsync(int fd) { return fails_fd(fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails_fd(fd) ? -1 : NEXT(fdatasync)(fd); }
int ftruncate(int fd, off_t n) { return fails_fd(fd) ? -1 : NEXT(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { return fails_fd(fd) ? -1 : NEXT(ftruncate64)(fd, n); }
int rename(const char *from, const char *to) { return fails(to) ? -1 : NEXT(rename)(from, to); }
int renameat(int a, const char *from, int b, const char *to) {
    return fails(to) ? -1 : NEXT(renameat)(a, from, b, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    return fails(to) ? -1 : NEXT(renameat2)(a, from, b, to, flags);
}
int symlink(const char *to, const char *at) { return fails(at) ? -1 : NEXT(symlink)(to, at); }
int mkdir(const char *path, mode_t mode) { return fails(path) ? -1 : NEXT(mkdir)(path, mode); }

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                  \
        va_end(rest);                                                                              \
        if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && fails(path))                                \
            return -1;                                                                             \
        return NEXT(name)(path, flags, mode);                                                      \
    }
OPEN(open)
OPEN(open64)
