#include "command/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/mem.h"

enum { FILE_MAX = 1 << 20 };
#define FILE_NAME "sign-in.json"
#define LOCK_NAME "sign-in.lock"

static const struct {
    const char *name;
    size_t at;
} texts[] = {
    {"url", offsetof(struct saved, url)},
    {"ca", offsetof(struct saved, ca)},
    {"fingerprint", offsetof(struct saved, fingerprint)},
    {"user", offsetof(struct saved, user)},
    {"organization_id", offsetof(struct saved, organization_id)},
    {"organization", offsetof(struct saved, organization)},
    {"environment", offsetof(struct saved, environment)},
    {"refresh_token", offsetof(struct saved, refresh_token)},
    {"access_token", offsetof(struct saved, access_token)},
    {"api_key_file", offsetof(struct saved, api_key_file)},
};

/* A relative $XDG_CONFIG_HOME is none (XDG Base Directory Specification). */
static const char *folder(struct arena *a)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/') {
        return arena_printf(a, "%s/hatidata", config);
    }
    return arena_printf(a, "%s/.config/hatidata", home && *home ? home : "");
}

const char *saved_path(struct arena *a)
{
    return arena_printf(a, "%s/" FILE_NAME, folder(a));
}

bool saved_exists(void)
{
    struct arena *a = arena_new(0);
    bool there = access(saved_path(a), F_OK) == 0;
    arena_free(a);
    return there;
}

enum status saved_check_private(int fd, const char *path, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (st.st_uid != geteuid()) {
        return error_set(e, ERR_VALIDATION, "%s: it belongs to another user", path);
    }
    if (st.st_mode & 077) {
        error_set(e, ERR_VALIDATION, "%s: others may read it", path);
        return error_hint(e, "chmod %s %s", S_ISDIR(st.st_mode) ? "700" : "600", path);
    }
    return OK;
}

/* By errno. */
static enum status no_sign_in(const char *path, struct error *e)
{
    error_set(e, errno == ENOENT ? ERR_AUTH_REQUIRED : ERR_IO, "no sign-in is saved: %s: %s", path,
              strerror(errno));
    return error_hint(e, "Sign in with: hatidata login https://HOST:8443 --user E-MAIL");
}

/* The folder, checked. -1 after an error. */
static int open_folder(struct arena *a, struct error *e)
{
    const char *path = folder(a);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        (void)!no_sign_in(path, e);
    } else if (saved_check_private(fd, path, e) != OK) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* With what is above it, each for the user alone. */
static enum status make_folder(struct arena *a, struct error *e)
{
    char *path = arena_strdup(a, str_of(folder(a)));
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) {
            *slash = '\0';
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return error_set(e, ERR_IO, "%s: can't make the folder: %s", path, strerror(errno));
        }
        if (!slash) {
            return OK;
        }
        *slash = '/';
    }
}

enum status saved_prepare(struct error *e)
{
    struct arena *a = arena_new(0);
    int fd = make_folder(a, e) == OK ? open_folder(a, e) : -1;
    arena_free(a);
    if (fd < 0) {
        return FAIL;
    }
    close(fd);
    return OK;
}

/* ---- reading ---- */

static enum status read_all(int fd, const char *path, struct buf *out, struct error *e)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        buf_put(out, piece, (size_t)n);
    }
    mem_wipe(piece, sizeof piece);
    if (n < 0) {
        return error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    return OK;
}

static enum status parse(struct str text, const char *path, struct arena *a, struct saved *out,
                         struct error *e)
{
    json_t *root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);
    *out = (struct saved){0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *value = json_string_value(json_object_get(root, texts[i].name));
        *(const char **)(void *)((char *)out + texts[i].at) =
            value ? arena_strdup(a, str_of(value)) : NULL;
    }
    out->access_ends = json_integer_value(json_object_get(root, "access_ends"));
    json_decref(root);
    if (!out->url || !out->organization_id || !out->environment ||
        !out->refresh_token == !out->api_key_file) {
        error_set(e, ERR_VALIDATION, "%s: it is no saved sign-in", path);
        return error_hint(e, "Remove it, and sign in again with `hatidata login`.");
    }
    return OK;
}

enum status saved_load(struct arena *a, struct saved *out, struct error *e)
{
    const char *path = saved_path(a);
    struct buf text = BUF_INIT(FILE_MAX);
    enum status status = FAIL;
    int dir = open_folder(a, e), fd;
    if (dir < 0) {
        return FAIL;
    }
    fd = openat(dir, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    close(dir);
    if (fd < 0) {
        return no_sign_in(path, e);
    }
    if (saved_check_private(fd, path, e) == OK && read_all(fd, path, &text, e) == OK) {
        status = parse(buf_str(&text), path, a, out, e);
    }
    close(fd);
    mem_wipe(text.p, text.n);
    buf_free(&text);
    return status;
}

/* ---- writing ---- */

static char *print(const struct saved *s)
{
    json_t *root = json_object();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *value = *(const char *const *)(const void *)((const char *)s + texts[i].at);
        if (value) {
            json_object_set_new(root, texts[i].name, json_string(value));
        }
    }
    json_object_set_new(root, "access_ends", json_integer(s->access_ends));
    char *text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    return text;
}

static bool write_all(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* Under another name first: a command that is killed leaves the old file whole. */
static bool replace(int dir, const char *text)
{
    char name[ID_UUID_SIZE + 8];
    id_uuid(name);
    strcat(name, ".new");
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    done = done && renameat(dir, name, dir, FILE_NAME) == 0 && fsync(dir) == 0;
    if (!done && fd >= 0) {
        int why = errno;
        unlinkat(dir, name, 0);
        errno = why;
    }
    return done;
}

enum status saved_store(const struct saved *s, struct error *e)
{
    struct arena *a = arena_new(0);
    int dir = open_folder(a, e);
    enum status status = dir < 0 ? FAIL : OK;
    if (status == OK) {
        char *text = print(s);
        if (!text || !replace(dir, text)) {
            status = error_set(e, ERR_IO, "%s: the sign-in can't be saved: %s", saved_path(a),
                               strerror(errno));
        }
        if (text) {
            mem_wipe(text, strlen(text));
            free(text);
        }
        close(dir);
    }
    arena_free(a);
    return status;
}

enum status saved_remove(struct error *e)
{
    struct arena *a = arena_new(0);
    const char *path = saved_path(a);
    enum status status = unlink(path) == 0 || errno == ENOENT
                             ? OK
                             : error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    arena_free(a);
    return status;
}

enum status saved_lock(int *lock, struct error *e)
{
    struct arena *a = arena_new(0);
    int dir = open_folder(a, e);
    *lock = -1;
    if (dir >= 0) {
        *lock = openat(dir, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        close(dir);
        while (*lock >= 0 && flock(*lock, LOCK_EX) != 0) {
            if (errno != EINTR) {
                close(*lock);
                *lock = -1;
            }
        }
        if (*lock < 0) {
            error_set(e, ERR_IO, "%s/" LOCK_NAME ": %s", folder(a), strerror(errno));
        }
    }
    arena_free(a);
    return *lock < 0 ? FAIL : OK;
}

void saved_unlock(int lock)
{
    if (lock >= 0) {
        close(lock); /* and with it the lock */
    }
}
