#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/audit.h"
#include "command/remote.h"

enum { KEYS_MAX = 64, KEY_FILE_MAX = 64 * 1024, WITNESSES_MAX = 100000 };

enum status audit_file(const char *path, size_t max, struct arena *a, struct str *out,
                       struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max) {
        error_set(e, ERR_IO, "%s is not a file of at most %zu bytes", path, max);
    } else {
        char *text = arena_alloc(a, (size_t)st.st_size + 1);
        ssize_t n = read(fd, text, (size_t)st.st_size);
        close(fd);
        *out = (struct str){text, n > 0 ? (size_t)n : 0};
        return n >= 0 ? OK : error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return FAIL;
}

/* --- keys --- */

static enum status add_key(struct note_key *keys, size_t *n, struct str text, struct error *e)
{
    if (*n == KEYS_MAX) {
        return error_set(e, ERR_BAD_VALUE, "at most %d keys can be given", KEYS_MAX);
    }
    return note_key_read(text, &keys[(*n)++], e);
}

static enum status add_key_file(struct note_key *keys, size_t *n, const char *path, struct arena *a,
                                struct error *e)
{
    struct str rest;
    if (audit_file(path, KEY_FILE_MAX, a, &rest, e) != OK) {
        return FAIL;
    }
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct str line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        size_t taken = line.n + (end ? 1 : 0);
        rest = (struct str){rest.p + taken, rest.n - taken};
        if (line.n > 0 && add_key(keys, n, line, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status read_keys(struct audit_given *g, struct arena *a, struct error *e)
{
    struct note_key *keys = arena_alloc(a, KEYS_MAX * sizeof *keys);
    size_t n = 0;
    for (size_t i = 0; i < g->keys.n; i++) {
        const char *one = g->keys.at[i];
        enum status status = access(one, F_OK) == 0 ? add_key_file(keys, &n, one, a, e)
                                                    : add_key(keys, &n, str_of(one), e);
        if (status != OK) {
            return FAIL;
        }
    }
    g->known.keys = keys;
    g->known.key_count = n;
    return OK;
}

/* --- checkpoints --- */

struct witnesses {
    struct audit_witness *at;
    size_t n;
    const struct audit_known *known;
    struct arena *a;
};

static enum status add_note(struct witnesses *w, const char *name, struct str note, struct error *e)
{
    struct audit_witness *one = &w->at[w->n];
    struct error why = ERROR_INIT;
    if (w->n == WITNESSES_MAX) {
        return error_set(e, ERR_BAD_VALUE, "at most %d checkpoints can be given", WITNESSES_MAX);
    }
    if (checkpoint_open(note, w->known->keys, w->known->key_count, &one->checkpoint, &why) != OK) {
        return error_set(e, why.code, "%s: %s", name, why.message);
    }
    one->name = arena_strdup(w->a, str_of(name));
    w->n++;
    return OK;
}

static enum status add_file(struct witnesses *w, const char *path, struct error *e)
{
    struct str note;
    return audit_file(path, CHECKPOINT_MAX, w->a, &note, e) == OK ? add_note(w, path, note, e)
                                                                  : FAIL;
}

/* An anchor that has nothing of this log contradicts it: another log was put in its place, or
 * another anchor is meant. */
static enum status add_kept(struct witnesses *w, const char *uri, const char *log_id,
                            const struct anchor_kept *kept, struct error *e)
{
    enum status status = OK;
    if (kept->n == 0) {
        return error_set(e, ERR_NOT_FOUND, "%s has no checkpoint of this log, %s", uri, log_id);
    }
    for (size_t i = 0; status == OK && i < kept->n; i++) {
        status = add_note(w, kept->names[i], kept->notes[i], e);
    }
    return status;
}

static enum status add_anchor(struct witnesses *w, const char *uri, const char *log_id,
                              const struct anchor_options *o, struct error *e)
{
    struct anchor_kept kept = {.n = 0};
    struct anchor *anchor = NULL;
    enum status status = anchor_open(uri, o, &anchor, e);
    if (status == OK) {
        status = anchor_read(anchor, log_id, WITNESSES_MAX, w->a, &kept, e);
    }
    anchor_close(anchor);
    return status == OK ? add_kept(w, uri, log_id, &kept, e) : FAIL;
}

/* A page of what the control plane keeps of the log; `*cursor` is that of the next, NULL: there is
 * none. */
static enum status add_page(struct witnesses *w, struct remote *r, const char *log_id,
                            const char **cursor, struct error *e)
{
    const char *path = arena_printf(w->a, "/v1/audit/checkpoints?limit=200&log_id=%s%s%s", log_id,
                                    *cursor ? "&cursor=" : "", *cursor ? *cursor : "");
    struct remote_answer answer = {.json = NULL};
    struct remote_fault fault;
    enum status status = remote_call(r, "GET", path, STR_NULL, &answer, e);
    if (status == OK) {
        status = remote_judge(r, &answer, &fault, e);
    }
    const json_t *rows = json_object_get(answer.json, "data"), *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "checkpoint_id"));
        const char *name = arena_printf(w->a, "checkpoint %s of the control plane", id ? id : "");
        struct str note = str_of(json_string_value(json_object_get(row, "note")));
        if (status == OK) {
            status = add_note(w, name, arena_str(w->a, note), e);
        }
    }
    const char *next =
        json_string_value(json_object_get(json_object_get(answer.json, "pagination"), "cursor"));
    *cursor = status == OK && next ? arena_strdup(w->a, str_of(next)) : NULL;
    json_decref(answer.json);
    return status;
}

/* Those that it refused, too: no log agrees with both sides of a contradiction. */
static enum status add_control(struct witnesses *w, const char *log_id, struct error *e)
{
    struct remote *r = NULL;
    const char *cursor = NULL;
    size_t before = w->n;
    enum status status = remote_open(NULL, w->a, &r, e);
    do {
        status = status == OK ? add_page(w, r, log_id, &cursor, e) : FAIL;
    } while (cursor);
    remote_close(r);
    return status == OK && w->n == before
               ? error_set(e, ERR_NOT_FOUND, "the control plane has no checkpoint of this log, %s",
                           log_id)
               : status;
}

static enum status add_anchors(struct witnesses *w, const struct audit_given *g, const char *path,
                               struct error *e)
{
    char log_id[ID_UUID_SIZE];
    enum status status = g->anchors.n ? audit_log_id(path, log_id, e) : OK;
    for (size_t i = 0; status == OK && i < g->anchors.n; i++) {
        const char *one = g->anchors.at[i];
        status = strcmp(one, "control") == 0 ? add_control(w, log_id, e)
                                             : add_anchor(w, one, log_id, &g->options, e);
    }
    return status;
}

/* What an anchor keeps in a folder; a file that it was writing, whose name begins with a point, is
 * passed over. */
static enum status add_folder(struct witnesses *w, const char *path, struct error *e)
{
    DIR *dir = opendir(path);
    enum status status = OK;
    size_t before = w->n;
    if (!dir) {
        return error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    }
    for (struct dirent *d; status == OK && (d = readdir(dir));) {
        if (d->d_name[0] != '.') {
            status = add_file(w, arena_printf(w->a, "%s/%s", path, d->d_name), e);
        }
    }
    closedir(dir);
    if (status == OK && w->n == before) {
        error_set(e, ERR_NOT_FOUND, "%s has no checkpoint", path);
        return error_hint(e, "Its files were removed, or another folder is meant.");
    }
    return status;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct audit_witness *)a)->checkpoint.size;
    uint64_t y = ((const struct audit_witness *)b)->checkpoint.size;
    return x < y ? -1 : x > y;
}

static enum status read_witnesses(struct audit_given *g, const char *path, struct arena *a,
                                  struct error *e)
{
    struct witnesses w = {.known = &g->known, .a = a};
    w.at = calloc(WITNESSES_MAX + 1, sizeof *w.at);
    enum status status = w.at ? OK : error_set(e, ERR_IO, "there is not enough memory");
    for (size_t i = 0; status == OK && i < g->checkpoints.n; i++) {
        struct stat st;
        bool folder = stat(g->checkpoints.at[i], &st) == 0 && S_ISDIR(st.st_mode);
        status = folder ? add_folder(&w, g->checkpoints.at[i], e)
                        : add_file(&w, g->checkpoints.at[i], e);
    }
    if (status == OK) {
        status = add_anchors(&w, g, path, e);
    }
    if (status == OK && w.n) {
        struct audit_witness *kept = arena_alloc(a, w.n * sizeof *kept);
        qsort(w.at, w.n, sizeof *w.at, by_size);
        memcpy(kept, w.at, w.n * sizeof *kept);
        g->known.witnesses = kept;
        g->known.witness_count = w.n;
    }
    free(w.at);
    return status;
}

enum status audit_given_read(struct audit_given *g, const char *path, struct arena *a,
                             struct error *e)
{
    return read_keys(g, a, e) == OK && read_witnesses(g, path, a, e) == OK ? OK : FAIL;
}
