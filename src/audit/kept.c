#include "audit/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/segment.h"

static void name_of(uint64_t size, char out[64])
{
    snprintf(out, 64, "checkpoint-%018llu", (unsigned long long)size);
}

/* --- its text --- */

static void write_rule(const struct kept *k, struct buf *out)
{
    char last[SEGMENT_NAME_SIZE];
    segment_name(k->through, last);
    buf_printf(out, "expired %s through %s after %u days\n", k->when, last, k->days);
}

void kept_write(const struct kept *k, struct buf *out)
{
    checkpoint_write(&k->checkpoint, out);
    write_rule(k, out);
}

/* The line is read loosely, and then must be what it would be written as. */
static bool read_rule(struct str text, struct kept *out)
{
    char line[160], last[SEGMENT_NAME_SIZE];
    struct buf again = BUF_INIT(0);
    for (int i = 0; i < 3; i++) {
        (void)str_cut(&text, '\n');
    }
    snprintf(line, sizeof line, "%.*s", STR_ARG(text));
    bool read = sscanf(line, "expired %27s through %31s after %9u days\n", out->when, last,
                       &out->days) == 3;
    out->through = read ? segment_number(last) : 0;
    if (out->through) {
        write_rule(out, &again);
    }
    bool same = out->through && str_eq(buf_str(&again), text);
    buf_free(&again);
    return same && line_time(str_of(out->when)) != 0;
}

enum status kept_read(struct str note, const struct note_key *keys, size_t count, struct kept *out,
                      struct error *e)
{
    out->note = note;
    if (checkpoint_open(note, keys, count, &out->checkpoint, e) != OK) {
        return FAIL;
    }
    return read_rule(note_text(note), out)
               ? OK
               : error_set(e, ERR_CORRUPT, "this is not a checkpoint of expired entries");
}

/* --- the folder --- */

static enum status read_file(int dir_fd, const char *file, struct arena *a, struct str *note,
                             struct error *e)
{
    char *text = arena_alloc(a, CHECKPOINT_MAX + 1);
    struct stat st;
    int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                    ? read(fd, text, CHECKPOINT_MAX + 1)
                    : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0 || n > CHECKPOINT_MAX) {
        return error_set(e, ERR_IO, "%s can't be read", file);
    }
    *note = (struct str){text, (size_t)n};
    return OK;
}

static enum status take_file(int dir_fd, const char *name, const struct note_key *keys,
                             size_t count, struct arena *a, struct kept *out, struct error *e)
{
    struct error why = ERROR_INIT;
    struct str note;
    char due[64];
    snprintf(out->name, sizeof out->name, "%s", name);
    if (read_file(dir_fd, name, a, &note, e) != OK) {
        return FAIL;
    }
    if (kept_read(note, keys, count, out, &why) != OK) {
        return error_set(e, why.code, "%s: %s", name, why.message);
    }
    name_of(out->checkpoint.size, due);
    return strcmp(name, due) == 0
               ? OK
               : error_set(e, ERR_CORRUPT, "%s: its checkpoint belongs into %s", name, due);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct kept *)a)->checkpoint.size;
    uint64_t y = ((const struct kept *)b)->checkpoint.size;
    return x < y ? -1 : x > y;
}

enum status kept_list(int dir_fd, const struct note_key *keys, size_t count, struct arena *a,
                      struct kept **out, size_t *n, struct error *e)
{
    VEC_OF(struct kept) list = {0};
    enum status status = OK;
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0) {
            close(fd);
        }
        return error_set(e, ERR_IO, "the audit folder can't be read: %s", strerror(errno));
    }
    for (struct dirent *d; status == OK && (d = readdir(dir));) {
        struct kept one = {0};
        if (strncmp(d->d_name, "checkpoint-", 11) == 0) {
            status = take_file(dir_fd, d->d_name, keys, count, a, &one, e);
            VEC_PUSH(a, list, one);
        }
    }
    closedir(dir);
    if (list.n) {
        qsort(list.at, list.n, sizeof *list.at, by_size);
    }
    *out = list.at;
    *n = list.n;
    return status;
}

enum status kept_through(int dir_fd, unsigned *out, struct error *e)
{
    struct arena *a = arena_new(0);
    struct kept *kept;
    size_t n = 0;
    enum status status = kept_list(dir_fd, NULL, 0, a, &kept, &n, e);
    *out = status == OK && n > 0 ? kept[n - 1].through : 0;
    arena_free(a);
    return status;
}

static bool write_file(int fd, struct str note)
{
    return write(fd, note.p, note.n) == (ssize_t)note.n && fsync(fd) == 0;
}

enum status kept_put(int dir_fd, uint64_t size, struct str note, struct error *e)
{
    char name[64], part[80];
    struct stat st;
    name_of(size, name);
    snprintf(part, sizeof part, ".%s.part", name);
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        return OK;
    }
    (void)unlinkat(dir_fd, part, 0); /* of one who ended here: read-only, it could not be opened */
    int fd = openat(dir_fd, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
    bool done = fd >= 0 && write_file(fd, note);
    int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (done && (linkat(dir_fd, part, dir_fd, name, 0) != 0 || fsync(dir_fd) != 0)) {
        why = errno;
        done = why == EEXIST;
    }
    (void)unlinkat(dir_fd, part, 0);
    return done ? OK : error_set(e, ERR_IO, "the checkpoint can't be written: %s", strerror(why));
}
