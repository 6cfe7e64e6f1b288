#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "audit/anchor_priv.h"
#include "audit/kept.h"
#include "base/mem.h"

/* --- a folder --- */

static enum status folder_open(struct anchor *a, const char *place, const struct anchor_options *o,
                               struct error *e)
{
    (void)o;
    a->dir_fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (a->dir_fd < 0) {
        error_set(e, ERR_CONFIG, "the anchor's folder %s can't be opened: %s", place,
                  strerror(errno));
        return error_hint(e, "Make it, on another disk than the log's.");
    }
    return OK;
}

static void folder_close(struct anchor *a)
{
    if (a->dir_fd >= 0) {
        close(a->dir_fd);
    }
}

/* What the folder has under that name is of the same entries. */
static enum status folder_compare(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    char kept[CHECKPOINT_MAX], name[64];
    snprintf(name, sizeof name, "checkpoint-%018llu", (unsigned long long)size);
    int fd = openat(a->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, kept, sizeof kept) : -1;
    int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    return n < 0 ? error_set(e, ERR_IO, "%s can't be read: %s", name, strerror(why))
                 : anchor_compare(name, (struct str){kept, (size_t)n}, note, e);
}

static enum status folder_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    return kept_put(a->dir_fd, size, note, e) == OK ? folder_compare(a, size, note, e) : FAIL;
}

/* --- the system's log --- */

static enum status syslog_open(struct anchor *a, const char *place, const struct anchor_options *o,
                               struct error *e)
{
    (void)a, (void)o;
    return *place ? error_set(e, ERR_CONFIG, "syslog: takes no place") : OK;
}

/* One line: those of the note with | between them. */
static enum status syslog_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    char *line = mem_strndup(note.p, note.n);
    (void)a, (void)size, (void)e;
    for (char *p = line; *p; p++) {
        *p = *p != '\n' ? *p : p[1] ? '|' : '\0';
    }
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "hatidata audit checkpoint: %s", line);
    free(line);
    return OK;
}

/* --- one of the caller's own --- */

static enum status keeper_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    return a->keeper(a->ctx, size, note, e);
}

struct anchor *anchor_new(const char *name, anchor_keeper *put, void *ctx)
{
    static const struct anchor_kind kind = {.put = keeper_put};
    struct anchor *a = mem_calloc(1, sizeof *a);
    *a = (struct anchor){
        .kind = &kind, .uri = mem_strdup(name), .dir_fd = -1, .keeper = put, .ctx = ctx};
    return a;
}

/* --- any --- */

/* There may be other lines below the root, and another signature. */
enum status anchor_compare(const char *name, struct str kept, struct str note, struct error *e)
{
    struct checkpoint has, ours;
    struct error why = ERROR_INIT;
    if (checkpoint_open(note, NULL, 0, &ours, e) != OK) {
        return FAIL;
    }
    if (checkpoint_open(kept, NULL, 0, &has, &why) == OK && has.size == ours.size &&
        strcmp(has.origin, ours.origin) == 0 && memcmp(has.root, ours.root, sizeof has.root) == 0) {
        return OK;
    }
    error_set(e, ERR_CONFLICT, "%s is another checkpoint of as many entries", name);
    return error_hint(e, "One of the two logs is a fork, or was put back from a copy: verify the "
                         "log against this anchor.");
}

static const struct anchor_kind folder = {"folder:", folder_open, folder_put,
                                          .close = folder_close};
static const struct anchor_kind system_log = {"syslog:", syslog_open, syslog_put};

enum status anchor_open(const char *uri, const struct anchor_options *o, struct anchor **out,
                        struct error *e)
{
    const struct anchor_kind *const kinds[] = {&folder, &system_log, &anchor_s3};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]->scheme);
        if (strncmp(uri, kinds[i]->scheme, n) != 0) {
            continue;
        }
        struct anchor *a = mem_calloc(1, sizeof *a);
        *a = (struct anchor){.kind = kinds[i], .uri = mem_strdup(uri), .dir_fd = -1};
        if (a->kind->open(a, uri + n, o, e) != OK) {
            anchor_close(a);
            return FAIL;
        }
        *out = a;
        return OK;
    }
    error_set(e, ERR_CONFIG, "\"%s\" is no place for checkpoints", uri);
    return error_hint(e, "Write folder:PATH, syslog: or s3://BUCKET/PREFIX.");
}

void anchor_close(struct anchor *a)
{
    if (a) {
        if (a->kind->close) {
            a->kind->close(a);
        }
        free(a->uri);
        free(a);
    }
}

const char *anchor_uri(const struct anchor *a)
{
    return a->uri;
}

enum status anchor_check(struct anchor *a, struct error *e)
{
    return a->kind->check ? a->kind->check(a, e) : OK;
}

enum status anchor_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    return a->kind->put(a, size, note, e);
}

enum status anchor_read(struct anchor *a, const char *log_id, size_t max, struct arena *arena,
                        struct anchor_kept *out, struct error *e)
{
    return a->kind->read ? a->kind->read(a, log_id, max, arena, out, e)
                         : error_set(e, ERR_UNSUPPORTED, "%s can't be read as an anchor", a->uri);
}
