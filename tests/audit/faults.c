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
 *     kill-before-keep:N   kill-after-keep:N     around the checkpoint that stays for old segments
 *     kill-before-unlink:N kill-after-unlink:N   around the end of a segment
 *
 * N counts from 1, a kind of call by itself.
 *
 * HATIDATA_CLOCK names a file with two 64-bit numbers: seconds that all clocks are ahead, and those
 * that the wall clock alone is. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static char what[32];
static long when;
static atomic_long writes, syncs, opens, keeps, unlinks;
static const volatile int64_t *clocks; /* NULL: they are right */

static void open_clocks(void)
{
    const char *path = getenv("HATIDATA_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, 2 * sizeof *clocks, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    clocks = at != MAP_FAILED ? at : NULL;
    if (fd >= 0) {
        close(fd);
    }
}

__attribute__((constructor)) static void read_wish(void)
{
    const char *wish = getenv("HATIDATA_FAULT");
    if (wish && sscanf(wish, "%31[a-z-]:%ld", what, &when) != 2) {
        fprintf(stderr, "faults: HATIDATA_FAULT=%s is no fault\n", wish);
        abort();
    }
    open_clocks();
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int done = (int)syscall(SYS_clock_gettime, id, t);
    if (clocks && (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME)) {
        t->tv_sec += clocks[0] + (id == CLOCK_REALTIME ? clocks[1] : 0);
    }
    return done;
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

static bool is_expiry(int dir, const char *path)
{
    char text[4096];
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
    return strstr(text, "\nexpired ") != NULL;
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

static void end_at(const char *before_or_after, const char *call, long count)
{
    char kind[32];
    snprintf(kind, sizeof kind, "kill-%s-%s", before_or_after, call);
    if (count && is(kind, count)) {
        end();
    }
}

int unlinkat(int dir, const char *path, int flags)
{
    int (*real)(int, const char *, int) =
        (int (*)(int, const char *, int))dlsym(RTLD_NEXT, "unlinkat");
    long count = when && is_segment(path) ? atomic_fetch_add(&unlinks, 1) + 1 : 0;
    end_at("before", "unlink", count);
    int done = real(dir, path, flags);
    end_at("after", "unlink", count);
    return done;
}

/* Anchors in folders keep checkpoints the same way: those of expired entries alone count. */
int linkat(int from, const char *path, int to, const char *name, int flags)
{
    int (*real)(int, const char *, int, const char *, int) =
        (int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat");
    long count = when && is_expiry(from, path) ? atomic_fetch_add(&keeps, 1) + 1 : 0;
    end_at("before", "keep", count);
    int done = real(from, path, to, name, flags);
    end_at("after", "keep", count);
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
