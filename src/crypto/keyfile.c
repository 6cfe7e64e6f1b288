/* A new file is written beside its name, made durable, then linked to the name: link(2) fails where
 * the name is taken, so nobody's key is ever overwritten and no half-written key is ever seen. */
#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/mem.h"

static enum status check_private(const char *path, int fd, struct error *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return error_set(e, ERR_KEY, "%s is not a regular file", path);
    }
    if (st.st_uid != geteuid()) {
        error_set(e, ERR_KEY, "%s belongs to user %u, not to user %u who runs this program", path,
                  (unsigned)st.st_uid, (unsigned)geteuid());
        return error_hint(e, "Run as the file's owner, or: chown %u %s", (unsigned)geteuid(), path);
    }
    if (st.st_mode & 077) {
        error_set(e, ERR_KEY, "%s has mode %04o: others than its owner may use it", path,
                  (unsigned)st.st_mode & 07777);
        return error_hint(e, "chmod 600 %s, and replace the key if others may have read it", path);
    }
    return OK;
}

static enum status read_all(const char *path, int fd, void *out, size_t max, size_t *n,
                            struct error *e)
{
    char beyond;

    *n = 0;
    for (;;) {
        bool full = *n == max;
        ssize_t got = full ? read(fd, &beyond, 1) : read(fd, (char *)out + *n, max - *n);

        if (got == 0) {
            return OK;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        }
        if (full) {
            return error_set(e, ERR_CORRUPT, "%s is longer than %zu bytes", path, max);
        }
        *n += (size_t)got;
    }
}

enum status keyfile_read(const char *path, void *out, size_t max, size_t *n, struct error *e)
{
    /* Non-blocking, so that a FIFO in the file's place can't hang the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum status status;

    if (fd < 0 && errno == ENOENT) {
        return error_set(e, ERR_NOT_FOUND, "%s: no such file", path);
    }
    if (fd < 0) {
        return error_set(e, ERR_KEY, "%s: %s", path,
                         errno == ELOOP ? "is a symbolic link" : strerror(errno));
    }
    status = check_private(path, fd, e);
    if (status == OK) {
        status = read_all(path, fd, out, max, n, e);
    }
    close(fd);
    return status;
}

static bool write_durably(int fd, struct str content)
{
    while (content.n) {
        ssize_t put = write(fd, content.p, content.n);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        content.p += put;
        content.n -= (size_t)put;
    }
    return fsync(fd) == 0;
}

static bool sync_folder_of(const char *path)
{
    char *copy = mem_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        close(fd);
    }
    free(copy);
    return done;
}

static enum status write_file(const char *path, unsigned mode, struct str content, bool replaces,
                              struct error *e)
{
    enum { SUFFIX = 10 };
    size_t n = strlen(path);
    char *aside = mem_alloc(n + 1 + SUFFIX + 1);
    enum status status = OK;
    int fd;

    memcpy(aside, path, n);
    aside[n] = '.';
    id_alnum(aside + n + 1, SUFFIX);
    fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        status = error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!write_durably(fd, content) || fchmod(fd, mode) != 0) {
        status =
            error_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "%s: %s", path, strerror(errno));
    } else if ((replaces ? rename(aside, path) : link(aside, path)) != 0) {
        status = errno == EEXIST ? error_set(e, ERR_EXISTS, "%s exists already", path)
                                 : error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    close(fd);
    unlink(aside);
    if (status == OK && !sync_folder_of(path)) {
        status = error_set(e, ERR_IO, "%s: its folder can't be made durable", path);
    }
out:
    free(aside);
    return status;
}

enum status keyfile_create(const char *path, unsigned mode, struct str content, struct error *e)
{
    return write_file(path, mode, content, false, e);
}

enum status keyfile_replace(const char *path, struct str content, struct error *e)
{
    return write_file(path, 0600, content, true, e);
}
