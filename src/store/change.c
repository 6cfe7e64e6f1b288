#include "store/change.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/iam.h"

static void begin(struct change *c, struct store *s)
{
    c->db = db_borrow(s, c->e);
    c->status = c->db ? c->db->kind->begin(c->db, c->e) : FAIL;
    c->begun = c->status == OK;
}

void change_open(struct change *c, struct store *s, struct str actor, struct error *e)
{
    *c = (struct change){.a = arena_new(0), .actor = actor, .e = e};
    if (s->upstream) {
        error_set(e, ERR_NOT_HERE, "a proxy changes nothing of the control store");
        c->status = error_hint(e, "Do it at the control plane.");
    } else {
        begin(c, s);
    }
}

void change_open_replica(struct change *c, struct store *s, struct error *e)
{
    *c = (struct change){.a = arena_new(0), .e = e};
    begin(c, s);
}

/* That a refusal isn't on record is worse news than the refusal. */
static void note_refusal(const struct change *c, struct store *s)
{
    struct error unwritten = ERROR_INIT;
    bool refused = c->e->code == ERR_DENIED || c->e->code == ERR_CONSTRAINT;

    if (refused && c->action &&
        store_iam_refuse(s, c->org_id, c->actor, c->action, c->resource, c->e, &unwritten) != OK) {
        *c->e = unwritten;
    }
}

static enum status end(struct change *c, bool commits)
{
    if (c->status == OK && commits) {
        c->status = c->db->kind->commit(c->db, c->e);
    }
    if ((c->status != OK || !commits) && c->begun) {
        c->db->kind->rollback(c->db);
    }
    struct store *s = c->db ? c->db->store : NULL;
    db_return(c->db);
    if (c->status != OK && commits && s) {
        note_refusal(c, s);
    }
    arena_free(c->a);
    return c->status;
}

enum status change_close(struct change *c)
{
    return end(c, true);
}

enum status change_cancel(struct change *c)
{
    return end(c, false);
}

bool change_check(struct change *c, enum status status)
{
    if (c->status == OK) {
        c->status = status;
    }
    return c->status == OK;
}

int change_run(struct change *c, const char *sql, const char *kinds, ...)
{
    struct query q;
    va_list args;
    int rows;

    if (c->status != OK) {
        return 0;
    }
    va_start(args, kinds);
    query_begin_v(&q, c->db, c->e, sql, kinds, args);
    va_end(args);
    while (query_next(&q)) {
    }
    rows = query_changed(&q);
    return change_check(c, query_end(&q)) ? rows : 0;
}

/* An object of the row, or its one text where `kinds` is NULL. */
static struct str read_one(struct change *c, const char *kinds, const char *sql, struct str id)
{
    struct str found = STR("");
    struct query q;

    if (c->status != OK) {
        return found;
    }
    query_begin(&q, c->db, c->e, sql, "s", id);
    if (query_next(&q)) {
        found = kinds ? query_object(&q, c->a, kinds) : query_text(&q, c->a, 0);
    }
    change_check(c, query_end(&q));
    return found;
}

struct str change_image(struct change *c, const char *kinds, const char *sql, struct str id)
{
    return read_one(c, kinds, sql, id);
}

struct str change_text(struct change *c, const char *sql, struct str id)
{
    return read_one(c, NULL, sql, id);
}

void change_note(struct change *c, struct str org_id, const char *action, const char *kind,
                 struct str id, struct str before, struct str after)
{
    struct str resource = str_of(arena_printf(c->a, "%s/%.*s", kind, STR_ARG(id)));

    if (c->status != OK && !c->action) {
        c->org_id = arena_str(c->a, org_id);
        c->action = arena_strdup(c->a, str_of(action));
        c->resource = resource;
    }
    change_run(c,
               "INSERT INTO iam_outbox (org_id, actor, action, resource, before, after, at_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
               "ssssssi", org_id, c->actor, str_of(action), resource, before, after,
               clock_wall_us());
}
