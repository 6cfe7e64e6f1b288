/* The end of just-in-time grants, where nobody said it: time, or people who are no longer there.
 * The trail gets it once, from whoever comes first: the row's status moves in the same transaction.
 */
#include "store/jit.h"

#include "store/jitrow.h"

/* Two parts, so that each is read from its small index of rows that aren't history yet. */
#define DUE                                                                                        \
    "SELECT id, org_id, CASE WHEN expires_us <= ?1 OR left_us = 0 THEN 'expired'"                  \
    " ELSE 'revoked' END FROM jit_requests WHERE status = 'approved'"                              \
    " AND (expires_us <= ?1 OR left_us = 0 OR id NOT IN (SELECT id FROM jit_in_force))"            \
    " UNION ALL "                                                                                  \
    "SELECT id, org_id, CASE WHEN requested_us + ?2 <= ?1 THEN 'expired' ELSE 'revoked' END"       \
    " FROM jit_requests j WHERE status = 'requested' AND (requested_us + ?2 <= ?1"                 \
    "  OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = j.user_id AND u.org_id = j.org_id"        \
    "   AND u.status = 'active' AND u.role = j.base_role))"

static const int64_t request_us = (int64_t)STORE_JIT_REQUEST_HOURS * 3600 * 1000000;

struct due {
    struct str id, org_id, to;
};

static void end(struct change *c, const struct due *d, int64_t now_us)
{
    struct str before = change_image(c, JIT_IMAGE, d->id);

    change_run(c, "UPDATE jit_requests SET status = ?2, ended_us = ?3 WHERE id = ?1", "ssi", d->id,
               d->to, now_us);
    change_note(c, d->org_id, str_is(d->to, "expired") ? "jit.expire" : "jit.revoke", "jit", d->id,
                before, change_image(c, JIT_IMAGE, d->id));
}

void jit_sweep(struct change *c, int64_t now_us)
{
    VEC_OF(struct due) list = {0};
    struct query q;

    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e, DUE, "ii", now_us, request_us);
    while (query_next(&q)) {
        struct due d = {query_text(&q, c->a, 0), query_text(&q, c->a, 1), query_text(&q, c->a, 2)};

        VEC_PUSH(c->a, list, d);
    }
    change_check(c, query_end(&q));
    for (size_t i = 0; i < list.n; i++) {
        end(c, &list.at[i], now_us);
    }
}

enum status store_jit_sweep(struct store *s, struct str actor, int64_t now_us, struct error *e)
{
    struct change c;
    struct query q;
    bool any;

    read_begin(&q, s, e, DUE " LIMIT 1", "ii", now_us, request_us);
    any = query_next(&q);
    if (read_end(&q) != OK) {
        return FAIL;
    }
    if (!any) {
        return OK;
    }
    change_open(&c, s, actor, e);
    jit_sweep(&c, now_us);
    return change_close(&c);
}
