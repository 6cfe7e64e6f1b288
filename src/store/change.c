#include "store/change.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/iam.h"

void change_open(struct change *c, struct store *s, struct str actor, struct error *e)
{
    store_lock(s);
    *c = (struct change){.s = s, .a = arena_new(0), .actor = actor, .e = e};
    c->status = db_exec(s->db, "BEGIN IMMEDIATE", e);
    c->begun = c->status == OK;
}

/* That a refusal isn't on record is worse news than the refusal. */
static void note_refusal(struct change *c)
{
    struct error unwritten = ERROR_INIT;
    bool refused = c->e->code == ERR_DENIED || c->e->code == ERR_CONSTRAINT;

    if (refused && c->action &&
        store_iam_refuse(c->s, c->org_id, c->actor, c->action, c->resource, c->e, &unwritten) !=
            OK) {
        *c->e = unwritten;
    }
}

static enum status end(struct change *c, bool commits)
{
    if (c->status == OK && commits) {
        c->status = db_exec(c->s->db, "COMMIT", c->e);
    }
    if ((c->status != OK || !commits) && c->begun) {
        (void)sqlite3_exec(c->s->db, "ROLLBACK", NULL, NULL, NULL);
    }
    store_unlock(c->s);
    if (c->status != OK && commits) {
        note_refusal(c);
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

    if (c->status != OK) {
        return 0;
    }
    va_start(args, kinds);
    query_begin_v(&q, c->s, c->e, sql, kinds, args);
    va_end(args);
    while (query_next(&q)) {
    }
    return change_check(c, query_end(&q)) ? sqlite3_changes(c->s->db) : 0;
}

struct str change_image(struct change *c, const char *sql, struct str id)
{
    struct str image = STR("");
    struct query q;

    if (c->status != OK) {
        return image;
    }
    query_begin(&q, c->s, c->e, sql, "s", id);
    if (query_next(&q)) {
        image = query_text(&q, c->a, 0);
    }
    change_check(c, query_end(&q));
    return image;
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
