/* A disk that fails, and a power switch: loaded before the C library (LD_PRELOAD), it counts one
 * kind of call that a server makes on one kind of its files, and at the Nth does what
 * HATIDATA_FAULT says:
 *
 *     kill-before-CALL:N  kill-after-CALL:N      the process ends as by kill -9
 *     kill-within-write:N                        ... when half is written, of the database's
 *                                                whole pages: the kernel copies no less
 *     lose-...                                   as kill-..., and the power fails: of the log's
 * segments what wasn't synced is gone, and a new one whose folder wasn't short-write:N        that
 * call writes half write-error:N        that call and all after it fail with EIO full:N ... with
 * ENOSPC, after half was written stuck:N              ... and what was written can't be taken back
 *     sync-error:N         that sync fails with EIO; later ones succeed, as a kernel's may
 *     open-error:N         that file can't be made for lack of space, nor any later one
 *
 * CALL is write, sync, open (of a new file), link, rename, unlink, or keep: the link of a
 * checkpoint that stays for expired segments. With @FILES before the colon it is about other files
 * than the audit log's segments: wal and database (the engine's), columns, anchor, store (the
 * control store's WAL); or, of the writes to the log, those with an intent, an outcome or a
 * checkpoint.
 *
 * HATIDATA_CLOCK names a file with two 64-bit numbers: seconds that all clocks are ahead, and those
 * that the wall clock alone is. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static char what[32], call_wanted[16], files_wanted[16] = "log";
static long when;
static atomic_long calls;
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

/* Of which call a fault is: kill-before-CALL and the like, or as named here. */
static bool read_call(void)
{
    static const char *const calls_of[][2] = {
        {"short-write", "write"}, {"write-error", "write"}, {"full", "write"},
        {"stuck", "write"},       {"sync-error", "sync"},   {"open-error", "open"},
    };
    for (size_t i = 0; i < sizeof calls_of / sizeof *calls_of; i++) {
        if (strcmp(what, calls_of[i][0]) == 0) {
            snprintf(call_wanted, sizeof call_wanted, "%s", calls_of[i][1]);
            return true;
        }
    }
    return sscanf(what, "kill-%*[a-z]-%15[a-z]", call_wanted) == 1 ||
           sscanf(what, "lose-%*[a-z]-%15[a-z]", call_wanted) == 1;
}

__attribute__((constructor)) static void read_wish(void)
{
    const char *wish = getenv("HATIDATA_FAULT");
    if (wish && ((sscanf(wish, "%31[a-z-]:%ld", what, &when) != 2 &&
                  sscanf(wish, "%31[a-z-]@%15[a-z]:%ld", what, files_wanted, &when) != 3) ||
                 !read_call())) {
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

/* --- which files --- */

static const char *name_of(const char *path)
{
    const char *name = strrchr(path, '/');
    return name ? name + 1 : path;
}

static const char *files_of(const char *path)
{
    const char *name = name_of(path);
    if (strstr(path, "/columns/audit-")) {
        return "columns";
    }
    if (strncmp(name, "audit-", 6) == 0 && strstr(name, ".jsonl")) {
        return "log";
    }
    if (strncmp(name, ".checkpoint-", 12) == 0 || strncmp(name, "checkpoint-", 11) == 0) {
        return "anchor";
    }
    return strcmp(name, "hati.duckdb.wal") == 0  ? "wal"
           : strcmp(name, "hati.duckdb") == 0    ? "database"
           : strcmp(name, "control.db-wal") == 0 ? "store"
                                                 : "";
}

static bool path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static const char *files_of_fd(int fd)
{
    char path[PATH_MAX];
    (void)path_of(fd, path);
    return files_of(path);
}

/* Whether these lines of the log have what is wanted of them. */
static bool has_entry(const void *p, size_t n)
{
    static const char *const marks[][2] = {
        {"intent", "\"kind\":\"intent\""},
        {"outcome", "\"kind\":\"outcome\""},
        {"checkpoint", "\"action\":\"checkpoint\""},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strcmp(files_wanted, marks[i][0]) == 0) {
            return memmem(p, n, marks[i][1], strlen(marks[i][1])) != NULL;
        }
    }
    return false;
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

/* --- which call --- */

static bool is_wanted(const char *call)
{
    return when && strcmp(call, call_wanted) == 0;
}

/* The number of a call of the wanted kind, from 1; 0 for others. */
static long count(const char *call, const char *files)
{
    return is_wanted(call) && strcmp(files, files_wanted) == 0 ? atomic_fetch_add(&calls, 1) + 1
                                                               : 0;
}

static bool is(const char *fault, long nth)
{
    return nth && nth == when && strcmp(what, fault) == 0;
}

static bool is_since(const char *fault, long nth)
{
    return nth && nth >= when && strcmp(what, fault) == 0;
}

#define REAL(symbol, type) ((type)dlsym(RTLD_NEXT, symbol))

/* --- what the disk has for sure --- */

/* Each segment that this process opened for writing. What an earlier one left is taken as kept. */
static struct kept {
    char path[PATH_MAX];
    off_t synced;
    bool is_named; /* its folder was synced since it was made */
} kept[256];
static size_t kept_count;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static bool loses(void)
{
    return strncmp(what, "lose-", 5) == 0;
}

static off_t size_of(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 ? s.st_size : 0;
}

static void keep_from(int fd, bool is_new)
{
    pthread_mutex_lock(&kept_lock);
    struct kept *k = kept_count < sizeof kept / sizeof *kept ? &kept[kept_count] : NULL;
    if (k && path_of(fd, k->path)) {
        k->synced = size_of(fd);
        k->is_named = !is_new;
        kept_count++;
    }
    pthread_mutex_unlock(&kept_lock);
}

/* `fd` was synced when it had `size` bytes: a segment, or the folder of some. */
static void note_sync(int fd, off_t size)
{
    char path[PATH_MAX];
    size_t n = path_of(fd, path) ? strlen(path) : 0;
    pthread_mutex_lock(&kept_lock);
    for (size_t i = 0; n && i < kept_count; i++) {
        struct kept *k = &kept[i];
        if (strcmp(k->path, path) == 0) {
            k->synced = size > k->synced ? size : k->synced;
        } else if (strncmp(k->path, path, n) == 0 && strrchr(k->path, '/') == k->path + n) {
            k->is_named = true;
        }
    }
    pthread_mutex_unlock(&kept_lock);
}

static void lose(void)
{
    pthread_mutex_lock(&kept_lock); /* for ever: no sync ends any more */
    for (size_t i = 0; i < kept_count; i++) {
        if (kept[i].is_named) {
            (void)!truncate(kept[i].path, kept[i].synced);
        } else {
            syscall(SYS_unlinkat, AT_FDCWD, kept[i].path, 0);
        }
    }
}

static void end(void)
{
    if (loses()) {
        lose();
    }
    kill(getpid(), SIGKILL);
    pause();
}

/* At "before-" or "after-". */
static void end_at(const char *place, long nth)
{
    bool ends = strncmp(what, "kill-", 5) == 0 || loses();
    if (nth && nth == when && ends && strncmp(what + 5, place, strlen(place)) == 0) {
        end();
    }
}

/* --- writing --- */

struct writing {
    int fd;
    const void *p;
    size_t n;
    const char *symbol;
    off_t at; /* of pwrite() */
};

static ssize_t real_write(const struct writing *w, size_t n)
{
    return *w->symbol == 'p'
               ? REAL(w->symbol, ssize_t(*)(int, const void *, size_t, off_t))(w->fd, w->p, n,
                                                                               w->at)
               : REAL(w->symbol, ssize_t(*)(int, const void *, size_t))(w->fd, w->p, n);
}

static ssize_t write_or_fail(const struct writing *w)
{
    if (!is_wanted("write")) {
        return real_write(w, w->n);
    }
    const char *files = files_of_fd(w->fd);
    if (strcmp(files, "log") == 0 && has_entry(w->p, w->n)) {
        files = files_wanted;
    }
    long nth = count("write", files);
    end_at("before-", nth);
    if (is("kill-within-write", nth) || is("lose-within-write", nth)) {
        size_t half = w->n / 2;
        (void)!real_write(w, strcmp(files, "database") == 0 ? half / PAGE * PAGE : half);
        end();
    }
    bool full = is_since("full", nth) || is_since("stuck", nth);
    if (is("short-write", nth) || (full && nth == when && w->n > 1)) {
        return real_write(w, w->n / 2);
    }
    if (full || is_since("write-error", nth)) {
        errno = full ? ENOSPC : EIO;
        return -1;
    }
    ssize_t done = real_write(w, w->n);
    end_at("after-", nth);
    return done;
}

ssize_t write(int fd, const void *p, size_t n)
{
    return write_or_fail(&(struct writing){fd, p, n, "write", 0});
}

/* With large files off_t is the same for all, and a caller has either symbol. */
ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return write_or_fail(&(struct writing){fd, p, n, "pwrite", at});
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
    return write_or_fail(&(struct writing){fd, p, n, "pwrite64", at});
}

static int truncate_or_fail(const char *symbol, int fd, off_t size)
{
    if (strcmp(what, "stuck") == 0 && strcmp(files_of_fd(fd), files_wanted) == 0) {
        errno = EIO;
        return -1;
    }
    return REAL(symbol, int (*)(int, off_t))(fd, size);
}

int ftruncate(int fd, off_t size)
{
    return truncate_or_fail("ftruncate", fd, size);
}

int ftruncate64(int fd, off_t size);
int ftruncate64(int fd, off_t size)
{
    return truncate_or_fail("ftruncate64", fd, size);
}

static int sync_or_fail(const char *symbol, int fd)
{
    long nth = is_wanted("sync") ? count("sync", files_of_fd(fd)) : 0;
    end_at("before-", nth);
    if (is("sync-error", nth)) {
        errno = EIO;
        return -1;
    }
    off_t size = loses() ? size_of(fd) : 0; /* what comes meanwhile may not be in it */
    int done = REAL(symbol, int (*)(int))(fd);
    if (loses() && done == 0) {
        note_sync(fd, size);
    }
    end_at("after-", nth);
    return done;
}

int fsync(int fd)
{
    return sync_or_fail("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_or_fail("fdatasync", fd);
}

/* --- names --- */

int unlink(const char *path)
{
    long nth = count("unlink", files_of(path));
    end_at("before-", nth);
    int done = REAL("unlink", int (*)(const char *))(path);
    end_at("after-", nth);
    return done;
}

int remove(const char *path)
{
    long nth = count("unlink", files_of(path));
    end_at("before-", nth);
    int done = REAL("remove", int (*)(const char *))(path);
    end_at("after-", nth);
    return done;
}

int unlinkat(int dir, const char *path, int flags)
{
    long nth = count("unlink", files_of(path));
    end_at("before-", nth);
    int done = REAL("unlinkat", int (*)(int, const char *, int))(dir, path, flags);
    end_at("after-", nth);
    return done;
}

int rename(const char *from, const char *to)
{
    long nth = count("rename", files_of(to));
    end_at("before-", nth);
    int done = REAL("rename", int (*)(const char *, const char *))(from, to);
    end_at("after-", nth);
    return done;
}

/* Anchors in folders keep checkpoints the same way: those of expired entries alone are "keep". */
int linkat(int from, const char *path, int to, const char *name, int flags)
{
    long nth = is_wanted("keep") ? is_expiry(from, path) ? count("keep", "log") : 0
                                 : count("link", files_of(path));
    end_at("before-", nth);
    int done = REAL("linkat", int (*)(int, const char *, int, const char *, int))(from, path, to,
                                                                                  name, flags);
    end_at("after-", nth);
    return done;
}

/* A new file. */
static int open_or_fail(const char *symbol, int dir, const char *path, int flags, mode_t mode)
{
    long nth = flags & O_CREAT ? count("open", files_of(path)) : 0;
    end_at("before-", nth);
    if (is_since("open-error", nth)) {
        errno = ENOSPC;
        return -1;
    }
    bool is_kept = loses() && (flags & O_ACCMODE) != O_RDONLY && strcmp(files_of(path), "log") == 0;
    bool is_new = is_kept && faccessat(dir, path, F_OK, 0) != 0;
    int fd = strncmp(symbol, "openat", 6) == 0
                 ? REAL(symbol, int (*)(int, const char *, int, ...))(dir, path, flags, mode)
                 : REAL(symbol, int (*)(const char *, int, ...))(path, flags, mode);
    if (is_kept && fd >= 0) {
        keep_from(fd, is_new);
    }
    end_at("after-", nth);
    return fd;
}

#define MODE(flags, mode)                                                                          \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                           \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode = va_arg(more, mode_t);                                                               \
        va_end(more);                                                                              \
    }
#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        MODE(flags, mode)                                                                          \
        return open_or_fail(#name, AT_FDCWD, path, flags, mode);                                   \
    }
#define OPENAT(name)                                                                               \
    int name(int dir, const char *path, int flags, ...)                                            \
    {                                                                                              \
        MODE(flags, mode)                                                                          \
        return open_or_fail(#name, dir, path, flags, mode);                                        \
    }
int open64(const char *path, int flags, ...);
int openat64(int dir, const char *path, int flags, ...);
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
