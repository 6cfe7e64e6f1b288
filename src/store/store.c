/* Opening and closing the store, whichever database it is in; and its version. */
#include "store/store.h"

#include <stdlib.h>

#include "base/cond.h"
#include "base/mem.h"
#include "store/db_postgres.h"
#include "store/db_sqlite.h"
#include "store/snapshot.h"
#include "store/upstream.h"

/* libpq's two names of a URI (PostgreSQL manual, 34.1.1.2). */
bool store_is_remote(const char *where)
{
    struct str s = str_of(where);

    return str_starts(s, "postgresql://") || str_starts(s, "postgres://");
}

static void init_lock(struct store *s)
{
    pthread_mutex_init(&s->lock, NULL);
    cond_init(&s->returned);
}

static enum status open_as(const struct db_kind *kind, const char *where,
                           const struct store_upstream *u, struct store **out, struct error *e)
{
    struct store *s = mem_alloc(sizeof *s);

    *s = (struct store){.kind = kind, .upstream = u};
    init_lock(s);
    if (s->kind->open(s, where, e) != OK) {
        store_close(s);
        return FAIL;
    }
    *out = s;
    return OK;
}

enum status store_open(const char *where, struct store **out, struct error *e)
{
    return open_as(store_is_remote(where) ? &db_postgres : &db_sqlite, where, NULL, out, e);
}

enum status store_open_replica(const char *path, const struct store_upstream *u, struct store **out,
                               struct error *e)
{
    return open_as(&db_sqlite, path, u, out, e);
}

void store_close(struct store *s)
{
    if (!s) {
        return;
    }
    while (s->idle_count > 0) {
        s->kind->disconnect(s->idle[--s->idle_count]);
    }
    if (s->own) {
        s->kind->close(s);
    }
    pthread_cond_destroy(&s->returned);
    pthread_mutex_destroy(&s->lock);
    mem_wipe(s->seal_key, sizeof s->seal_key);
    free(s);
}

/* A replica asks nobody here: it is closed before it is used. */
static enum status fill(struct store *s, const char *path, struct error *e)
{
    static const struct store_upstream nobody;
    struct str id = STR("copy");
    struct arena *a = arena_new(0);
    struct buf text = BUF_INIT(0);
    struct store *copy = NULL;
    struct snapshot now;
    bool changed;
    enum status status =
        snapshot_read(s, a, &now, e) == OK ? store_open_replica(path, &nobody, &copy, e) : FAIL;
    if (status == OK) {
        snapshot_write(&now, id, NULL, &text);
        status = snapshot_apply(copy, id, buf_str(&text), &changed, e);
    }
    store_close(copy);
    buf_free(&text);
    arena_free(a);
    return status;
}

enum status store_copy(struct store *s, const char *path, struct error *e)
{
    if (!s->kind->copy) {
        return fill(s, path, e);
    }
    struct db *db = db_borrow(s, e);
    enum status status = db ? s->kind->copy(db, path, e) : FAIL;
    db_return(db);
    return status;
}

enum status store_version(struct store *s, uint64_t *out, struct error *e)
{
    struct db_versions now = {0};
    enum status status = s->kind->versions(s, &now, e);

    *out = now.version;
    return status;
}

enum status store_rights_version(struct store *s, uint64_t *out, struct error *e)
{
    struct db_versions now = {0};
    enum status status = s->kind->versions(s, &now, e);

    *out = now.rights;
    return status;
}

enum status store_position(struct store *s, uint64_t *out, struct error *e)
{
    struct db_versions now = {0};
    enum status status = s->kind->versions(s, &now, e);

    *out = now.position;
    return status;
}
