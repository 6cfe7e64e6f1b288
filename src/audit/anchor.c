#include "audit/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "audit/kept.h"
#include "base/mem.h"

struct anchor {
    const struct anchor_kind *kind;
    char *uri;
    int dir_fd; /* of a folder; -1 */
};

struct anchor_kind {
    const char *scheme;
    enum status (*open)(struct anchor *a, const char *place, struct error *e);
    enum status (*put)(struct anchor *a, uint64_t size, struct str note, struct error *e);
};

/* --- a folder --- */

static enum status folder_open(struct anchor *a, const char *place, struct error *e)
{
    a->dir_fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (a->dir_fd < 0) {
        error_set(e, ERR_CONFIG, "the anchor's folder %s can't be opened: %s", place,
                  strerror(errno));
        return error_hint(e, "Make it, on another disk than the log's.");
    }
    return OK;
}

static enum status folder_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    return kept_put(a->dir_fd, size, note, e);
}

/* --- the system's log --- */

static enum status syslog_open(struct anchor *a, const char *place, struct error *e)
{
    (void)a;
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

static const struct anchor_kind kinds[] = {
    {"folder:", folder_open, folder_put},
    {"syslog:", syslog_open, syslog_put},
};

enum status anchor_open(const char *uri, struct anchor **out, struct error *e)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].scheme);
        if (strncmp(uri, kinds[i].scheme, n) != 0) {
            continue;
        }
        struct anchor *a = mem_calloc(1, sizeof *a);
        *a = (struct anchor){.kind = &kinds[i], .uri = mem_strndup(uri, strlen(uri)), .dir_fd = -1};
        if (a->kind->open(a, uri + n, e) != OK) {
            anchor_close(a);
            return FAIL;
        }
        *out = a;
        return OK;
    }
    error_set(e, ERR_CONFIG, "\"%s\" is no place for checkpoints", uri);
    return error_hint(e, "Write folder:PATH or syslog:.");
}

void anchor_close(struct anchor *a)
{
    if (a) {
        if (a->dir_fd >= 0) {
            close(a->dir_fd);
        }
        free(a->uri);
        free(a);
    }
}

const char *anchor_uri(const struct anchor *a)
{
    return a->uri;
}

enum status anchor_put(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    return a->kind->put(a, size, note, e);
}
