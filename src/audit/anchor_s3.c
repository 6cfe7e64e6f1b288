/* An object store as an anchor. Checkpoints are objects under lock, so that not even who has our
 * credentials can change or delete one; he can write a newer version over it or hide it, and so all
 * versions are read. */
#include <stdio.h>
#include <stdlib.h>

#include "audit/anchor_priv.h"
#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/s3.h"

enum { TIMEOUT_MS = 10000, KEY_SIZE = 1200, PREFIX_MAX = 512 };

/* "//BUCKET/PREFIX" */
static enum status open_s3(struct anchor *a, const char *place, const struct anchor_options *o,
                           struct error *e)
{
    struct str rest = str_of(strncmp(place, "//", 2) == 0 ? place + 2 : "");
    struct str bucket = str_cut(&rest, '/');
    char *name = mem_strndup(bucket.p, bucket.n);
    while (rest.n && rest.p[rest.n - 1] == '/') {
        rest.n--;
    }
    a->prefix = mem_calloc(1, rest.n + 2);
    if (rest.n) {
        memcpy(a->prefix, rest.p, rest.n);
        a->prefix[rest.n] = '/';
    }
    a->keep_ms = o->keep_ms;
    const struct s3_config c = {.bucket = name,
                                .region = o->s3_region,
                                .endpoint = o->s3_endpoint,
                                .ca_file = o->s3_ca,
                                .timeout_ms = TIMEOUT_MS};
    enum status status = s3_new(&c, &a->s3, e);
    free(name);
    if (status == OK && (rest.n > PREFIX_MAX || !s3_is_key(a->prefix))) {
        error_set(e, ERR_CONFIG, "\"%s\" has a prefix that can't be used", a->uri);
        return error_hint(e, "Write letters, digits, '.', '_', '-' and '/'.");
    }
    return status;
}

static void close_s3(struct anchor *a)
{
    s3_free(a->s3);
    free(a->prefix);
}

static enum status check_s3(struct anchor *a, struct error *e)
{
    if (s3_is_locking(a->s3, &a->locking, e) != OK) {
        return FAIL;
    }
    if (!a->locking) {
        error_set(e, ERR_CONFIG, "object lock isn't on for the bucket of %s", a->uri);
        return error_hint(e, "Make a bucket with object lock: without it, who has this server's "
                             "credentials could delete its checkpoints.");
    }
    return OK;
}

static enum status compare(struct anchor *a, const char *key, struct str note, struct error *e)
{
    struct buf kept = BUF_INIT(CHECKPOINT_MAX);
    enum status status = s3_get(a->s3, key, NULL, &kept, e);
    if (status == OK) {
        status = anchor_compare(key, buf_str(&kept), note, e);
    }
    buf_free(&kept);
    return status;
}

static enum status key_of(const struct anchor *a, uint64_t size, struct str note,
                          char key[KEY_SIZE], struct error *e)
{
    struct checkpoint c;
    if (checkpoint_open(note, NULL, 0, &c, e) != OK) {
        return FAIL;
    }
    const char *log_id = checkpoint_log_of(&c);
    if (!log_id) {
        return error_set(e, ERR_CORRUPT, "the checkpoint's origin is no log of ours");
    }
    snprintf(key, KEY_SIZE, "%s%s/checkpoint-%018llu", a->prefix, log_id, (unsigned long long)size);
    return OK;
}

static enum status put_s3(struct anchor *a, uint64_t size, struct str note, struct error *e)
{
    char key[KEY_SIZE];
    if ((!a->locking && check_s3(a, e) != OK) || key_of(a, size, note, key, e) != OK) {
        return FAIL;
    }
    struct error why = ERROR_INIT;
    if (s3_put_locked(a->s3, key, note, clock_wall_us() + a->keep_ms * 1000, &why) == OK) {
        return OK;
    }
    if (why.code == ERR_EXISTS) {
        return compare(a, key, note, e);
    }
    *e = why;
    return FAIL;
}

static enum status read_one(struct anchor *a, const struct s3_version *v, struct arena *arena,
                            struct anchor_kept *out, struct error *e)
{
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    if (!s3_is_key(v->key)) {
        return error_set(e, ERR_CORRUPT, "the anchor has an object that is no checkpoint");
    }
    enum status status = s3_get(a->s3, v->key, v->version, &note, e);
    if (status == OK) {
        out->names[out->n] =
            arena_printf(arena, "%s of %s (version %s)", v->key, a->uri, v->version);
        out->notes[out->n++] = arena_str(arena, buf_str(&note));
    }
    buf_free(&note);
    return status;
}

static enum status read_s3(struct anchor *a, const char *log_id, size_t max, struct arena *arena,
                           struct anchor_kept *out, struct error *e)
{
    struct s3_versions found;
    const char *folder = arena_printf(arena, "%s%s/", a->prefix, log_id);
    if (s3_list_versions(a->s3, folder, max, arena, &found, e) != OK) {
        return FAIL;
    }
    *out = (struct anchor_kept){.names = arena_alloc(arena, (found.n + 1) * sizeof *out->names),
                                .notes = arena_alloc(arena, (found.n + 1) * sizeof *out->notes)};
    for (size_t i = 0; i < found.n; i++) {
        if (read_one(a, &found.at[i], arena, out, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

const struct anchor_kind anchor_s3 = {"s3:", open_s3, put_s3, check_s3, read_s3, close_s3};
