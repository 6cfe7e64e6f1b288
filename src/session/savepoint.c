/* Savepoints. The engine has none: it undoes a whole transaction or nothing. So of ROLLBACK TO this
 * much is real, and all else is refused, never swallowed:
 *
 *   - nothing was written since the savepoint: nothing is to be undone in the engine;
 *   - nothing was written before it: the engine's transaction is rolled back and begun anew, which
 *     undoes just what came after the savepoint. Statements then see the data of that moment.
 *
 * SAVEPOINT and RELEASE change nothing by themselves. Settings go back as in PostgreSQL, and
 * cursors and portals that were opened since are closed. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/state.h"

enum { SAVEPOINTS_MAX = 1000 };

struct savepoint {
    struct savepoint *before;
    char *name;
    uint64_t writes; /* of the transaction, up to here */
    uint64_t opened; /* cursors and portals of the session, up to here */
    bool read_only;
    struct settings_mark *settings;
    size_t bytes; /* of them, which statement_bytes counts */
};

static void pop(struct session *s)
{
    struct savepoint *top = s->savepoints;
    s->savepoints = top->before;
    s->statement_bytes -= top->bytes;
    settings_mark_free(top->settings);
    free(top->name);
    free(top);
    s->savepoint_count--;
}

void savepoints_drop(struct session *s)
{
    while (s->savepoints) {
        pop(s);
    }
    s->has_lost_savepoint = false;
}

enum status savepoint_set(struct session *s, struct str name, struct error *e)
{
    if (s->block == BLOCK_NONE) {
        return error_set(e, ERR_NO_TRANSACTION, "SAVEPOINT can only be used in transaction blocks");
    }
    if (s->savepoint_count == SAVEPOINTS_MAX) {
        return error_set(e, ERR_TOO_LARGE, "a transaction may have %d savepoints", SAVEPOINTS_MAX);
    }
    size_t bytes = settings_mark_size(s->settings);
    if (s->statement_bytes + bytes > STATEMENT_BYTES_MAX) {
        error_set(e, ERR_TOO_LARGE, "savepoints keep the session's parameters, which pass %d bytes",
                  STATEMENT_BYTES_MAX);
        return error_hint(e, "Release some of them.");
    }
    struct savepoint *p = mem_alloc(sizeof *p);
    p->before = s->savepoints;
    p->name = mem_strndup(name.p, name.n);
    p->writes = governor_writes(s->governor);
    p->opened = s->opened;
    p->read_only = s->read_only;
    p->settings = settings_mark_new(s->settings);
    s->savepoints = p;
    s->savepoint_count++;
    p->bytes = bytes;
    s->statement_bytes += bytes;
    return OK;
}

/* The newest of the name. */
static enum status find(const struct session *s, const char *verb, struct str name,
                        struct savepoint **out, struct error *e)
{
    if (s->block == BLOCK_NONE) {
        return error_set(e, ERR_NO_TRANSACTION, "%s can only be used in transaction blocks", verb);
    }
    struct savepoint *p = s->savepoints;
    while (p && !str_is(name, p->name)) {
        p = p->before;
    }
    *out = p;
    return p ? OK
             : error_set(e, ERR_UNKNOWN_SAVEPOINT, "savepoint \"%.*s\" does not exist",
                         name.n > 64 ? 64 : (int)name.n, name.p);
}

enum status savepoint_release(struct session *s, struct str name, struct error *e)
{
    struct savepoint *p;
    if (find(s, "RELEASE SAVEPOINT", name, &p, e)) {
        return FAIL;
    }
    while (s->savepoints != p) {
        pop(s);
    }
    pop(s);
    return OK;
}

static enum status undo_since(struct session *s, const struct savepoint *p, struct error *e)
{
    bool failed = s->block == BLOCK_FAILED;
    if (!failed && governor_writes(s->governor) == p->writes) {
        return OK;
    }
    if (p->writes > 0) {
        s->has_lost_savepoint = true;
        error_set(e, ERR_UNSUPPORTED,
                  "this transaction had written before the savepoint \"%s\": it can't be undone "
                  "in part",
                  p->name);
        return error_hint(e, "Send ROLLBACK, and do it again without what failed; or commit "
                             "before what may fail.");
    }
    if (!failed && governor_rollback(s->governor, e)) {
        return FAIL;
    }
    return governor_begin(s->governor, p->read_only, e);
}

enum status savepoint_rollback(struct session *s, struct str name, struct error *e)
{
    struct savepoint *p;
    if (find(s, "ROLLBACK TO SAVEPOINT", name, &p, e) || undo_since(s, p, e)) {
        return FAIL;
    }
    while (s->savepoints != p) {
        pop(s);
    }
    s->block = BLOCK_OPEN;
    s->read_only = p->read_only;
    settings_return(s->settings, p->settings);
    cursor_drop_since(s, p->opened);
    extended_drop_portals_since(s, p->opened);
    return OK;
}
