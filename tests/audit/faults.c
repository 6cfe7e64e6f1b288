/* A disk that fails, and a power switch: loaded before the C library (LD_PRELOAD), it counts the
 * calls that a server makes on the files of its audit log, and at the one that HATIDATA_FAULT names
 * does what it says:
 *
 *     kill-before-write:N  kill-within-write:N  kill-after-write:N  kill-before-sync:N
 * kill-after-sync:N kill-before-open:N   kill-after-open:N        the process ends as by kill -9
 *     short-write:N        that call writes half
 *     write-error:N        that call and all after it fail with EIO
 *     full:N               ... with ENOSPC, after half was written
 *     sync-error:N         that fdatasync fails with EIO; later ones succeed, as a kernel's may
 *
 * N counts from 1, a kind of call by itself. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char what[32];
static long when;
static atomic_long writes, syncs, opens;

__attribute__((constructor)) static void read_wish(void)
{
    const char *wish = getenv("HATIDATA_FAULT");
    if (wish && sscanf(wish, "%31[a-z-]:%ld", what, &when) != 2) {
        fprintf(stderr, "faults: HATIDATA_FAULT=%s is no fault\n", wish);
        abort();
    }
}

static bool is_segment(const char *path)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    return strncmp(name, "audit-", 6) == 0 && strstr(name, ".jsonl");
}

static bool is_log(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0 && is_segment(path);
}

static bool is(const char *kind, long count)
{
    return count == when && strcmp(what, kind) == 0;
}

static void end(void)
{
    kill(getpid(), SIGKILL);
    pause();
}

static ssize_t (*real_write(void))(int, const void *, size_t)
{
    return (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
}

ssize_t write(int fd, const void *p, size_t n);
ssize_t write(int fd, const void *p, size_t n)
{
    ssize_t (*real)(int, const void *, size_t) = real_write();
    if (!when || !is_log(fd)) {
        return real(fd, p, n);
    }
    long count = atomic_fetch_add(&writes, 1) + 1;
    if (is("kill-before-write", count)) {
        end();
    }
    if (is("kill-within-write", count)) {
        (void)!real(fd, p, n / 2);
        end();
    }
    if (is("short-write", count)) {
        return real(fd, p, n / 2);
    }
    bool failing = count >= when && (!strcmp(what, "write-error") || !strcmp(what, "full"));
    if (failing) {
        errno = *what == 'f' ? ENOSPC : EIO;
        return is("full", count) && n > 1 ? real(fd, p, n / 2) : -1;
    }
    ssize_t done = real(fd, p, n);
    if (is("kill-after-write", count)) {
        end();
    }
    return done;
}

int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (!when || !is_log(fd)) {
        return real(fd);
    }
    long count = atomic_fetch_add(&syncs, 1) + 1;
    if (is("kill-before-sync", count)) {
        end();
    }
    if (is("sync-error", count)) {
        errno = EIO;
        return -1;
    }
    int done = real(fd);
    if (is("kill-after-sync", count)) {
        end();
    }
    return done;
}

/* A new segment. With large files off_t is the same, and openat64 is what is called. */
static int open_segment(const char *symbol, int dir, const char *path, int flags, mode_t mode)
{
    int (*real)(int, const char *, int, ...) =
        (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, symbol);
    long count =
        when && (flags & O_CREAT) && is_segment(path) ? atomic_fetch_add(&opens, 1) + 1 : 0;
    if (count && is("kill-before-open", count)) {
        end();
    }
    int fd = real(dir, path, flags, mode);
    if (count && is("kill-after-open", count)) {
        end();
    }
    return fd;
}

#define OPENAT(name)                                                                               \
    int name(int dir, const char *path, int flags, ...)                                            \
    {                                                                                              \
        mode_t mode = 0;                                                                           \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
            va_list more;                                                                          \
            va_start(more, flags);                                                                 \
            mode = va_arg(more, mode_t);                                                           \
            va_end(more);                                                                          \
        }                                                                                          \
        return open_segment(#name, dir, path, flags, mode);                                        \
    }
int openat64(int dir, const char *path, int flags, ...);
OPENAT(openat)
OPENAT(openat64)
