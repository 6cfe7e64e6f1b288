#include "store/jit.h"

#include "base/id.h"
#include "store/check.h"
#include "store/jitrow.h"
#include "store/upstream.h"

#define JIT_COLUMNS                                                                                \
    "SELECT j.id, j.org_id, j.user_id, j.role, j.reason, j.minutes, j.base_role, j.status,"        \
    " u.email, j.decided_by, j.requested_us, j.decided_us, j.expires_us, j.left_us, j.ended_us"    \
    " FROM jit_requests j LEFT JOIN users u ON u.id = j.user_id AND u.org_id = j.org_id "

static const int64_t minute_us = 60 * 1000000, day_us = (int64_t)86400 * 1000000;

static void read_jit(struct query *q, struct arena *a, struct store_jit *out)
{
    out->id = query_text(q, a, 0);
    out->org_id = query_text(q, a, 1);
    out->user_id = query_text(q, a, 2);
    out->role = query_text(q, a, 3);
    out->reason = query_text(q, a, 4);
    out->minutes = query_int(q, 5);
    out->base_role = query_text(q, a, 6);
    out->status = query_text(q, a, 7);
    out->user_email = query_text(q, a, 8);
    out->decided_by = query_text(q, a, 9);
    out->requested_us = query_int(q, 10);
    out->decided_us = query_int(q, 11);
    out->expires_us = query_int(q, 12);
    out->left_us = query_int(q, 13);
    out->ended_us = query_int(q, 14);
}

static enum status find(struct db *db, struct str org_id, struct str id, struct arena *a,
                        struct store_jit *out, struct error *e)
{
    struct query q;

    query_begin(&q, db, e, JIT_COLUMNS "WHERE j.org_id = ?1 AND j.id = ?2", "ss", org_id, id);
    if (query_next(&q)) {
        read_jit(&q, a, out);
    } else if (q.status == OK) {
        q.status =
            error_set(e, ERR_NOT_FOUND, "the organization has no request \"%.*s\"", STR_ARG(id));
    }
    return query_end(&q);
}

enum status store_jit_find(struct store *s, struct str org_id, struct str id, struct arena *a,
                           struct store_jit *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = find(db, org_id, id, a, out, e);

    db_return(db);
    return status;
}

enum status store_jits(struct store *s, struct str org_id, struct arena *a, struct store_jit **rows,
                       size_t *n, struct error *e)
{
    VEC_OF(struct store_jit) list = {0};
    struct query q;

    read_begin(&q, s, e, JIT_COLUMNS "WHERE j.org_id = ?1 ORDER BY j.requested_us, j.id", "s",
               org_id);
    while (query_next(&q)) {
        struct store_jit row;

        read_jit(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

/* ---- people ---- */

struct person {
    bool found, active;
    struct str role, email;
};

/* By id: an e-mail could be another's tomorrow. */
static struct person person_of(struct change *c, struct str org_id, struct str user_id)
{
    struct person p = {0};
    struct query q;

    if (c->status != OK) {
        return p;
    }
    query_begin(&q, c->db, c->e,
                "SELECT role, email, status = 'active' FROM users WHERE org_id = ?1 AND id = ?2",
                "ss", org_id, user_id);
    p.found = query_next(&q);
    if (p.found) {
        p.role = query_text(&q, c->a, 0);
        p.email = query_text(&q, c->a, 1);
        p.active = query_int(&q, 2) != 0;
    }
    change_check(c, query_end(&q));
    return p;
}

static bool manages(const struct person *p)
{
    return p->found && p->active && (str_is(p->role, "owner") || str_is(p->role, "admin"));
}

/* Two accounts of one mailbox ("ann@" and "ann+2@", RFC 5233) are one person. */
static bool same_mailbox(struct str a, struct str b)
{
    struct str a_local = str_cut(&a, '@'), b_local = str_cut(&b, '@');

    return str_eq(a, b) && str_eq(str_cut(&a_local, '+'), str_cut(&b_local, '+'));
}

static void deny(struct change *c, const char *why)
{
    if (c->status == OK) {
        c->status = error_set(c->e, ERR_DENIED, "%s", why);
    }
}

static void check_decider(struct change *c, const struct store_jit *r, struct str decider_id)
{
    struct person decider = person_of(c, r->org_id, decider_id);

    if (str_eq(decider_id, r->user_id) ||
        (decider.found && same_mailbox(decider.email, r->user_email))) {
        deny(c, "nobody decides on a request of his own");
        if (c->status != OK) {
            error_hint(c->e, "Another owner or admin must; withdraw it with revoke.");
        }
    } else if (!manages(&decider)) {
        deny(c, "only an active owner or admin of the organization decides on requests");
    } else if (str_is(r->role, "admin") && !str_is(decider.role, "owner")) {
        deny(c, "only an owner makes an admin");
    }
}

/* ---- request ---- */

static enum status check_minutes(int64_t minutes, int64_t most, struct error *e)
{
    if (minutes < 1 || minutes > most || minutes > STORE_JIT_MINUTES_MAX) {
        return error_set(e, ERR_VALIDATION, "a grant lasts 1 to %lld minutes",
                         (long long)(most < STORE_JIT_MINUTES_MAX ? most : STORE_JIT_MINUTES_MAX));
    }
    return OK;
}

static enum status check_request(const struct store_jit *r, int64_t minutes_max, struct error *e)
{
    if (check_role(r->role, e) != OK || check_sentence("the reason", r->reason, e) != OK) {
        return FAIL;
    }
    if (str_is(r->role, "owner")) {
        return error_set(e, ERR_VALIDATION, "nobody is made an owner for a time");
    }
    return check_minutes(r->minutes, minutes_max, e);
}

/* Who asks, and whether he may. */
static void check_asker(struct change *c, struct store_jit *r)
{
    struct person asker = person_of(c, r->org_id, r->user_id);

    if (c->status != OK) {
        return;
    }
    if (!asker.found || !asker.active) {
        c->status = error_set(c->e, ERR_NOT_FOUND, "the organization has no such active user");
    } else if (str_is(asker.role, "service_account")) {
        deny(c, "a grant is for a person, not for a service account");
    } else if (str_eq(asker.role, r->role)) {
        c->status = error_set(c->e, ERR_VALIDATION, "the user has the role %.*s", STR_ARG(r->role));
    }
    r->base_role = asker.role;
    r->user_email = asker.email;
}

static void check_number(struct change *c, const struct store_jit *r)
{
    struct query q;
    int64_t open = 0, today = 0;

    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e,
                "SELECT count(*) FILTER (WHERE status = 'requested' AND role = ?3),"
                " count(*) FILTER (WHERE requested_us > ?4)"
                " FROM jit_requests WHERE org_id = ?1 AND user_id = ?2",
                "sssi", r->org_id, r->user_id, r->role, r->requested_us - day_us);
    if (query_next(&q)) {
        open = query_int(&q, 0);
        today = query_int(&q, 1);
    }
    if (!change_check(c, query_end(&q))) {
        return;
    }
    if (open > 0) {
        c->status = error_set(c->e, ERR_EXISTS, "there is an open request for that role");
        error_hint(c->e, "Withdraw it first with revoke.");
    } else if (today >= STORE_JIT_REQUESTS_A_DAY) {
        c->status = error_set(c->e, ERR_DENIED, "a user may make %d requests a day",
                              STORE_JIT_REQUESTS_A_DAY);
        error_hint(c->e, "Wait, or ask an administrator for the role.");
    }
}

enum status store_jit_request(struct store *s, struct str actor, struct store_jit *r,
                              int64_t minutes_max, int64_t now_us, struct arena *a, struct error *e)
{
    struct str org_id = r->org_id;
    char id[ID_UUID_SIZE];
    struct change c;

    if (s->upstream) {
        return s->upstream->jit_request(s->upstream->ctx, actor, r, a, e);
    }
    if (check_request(r, minutes_max, e) != OK) {
        return FAIL;
    }
    id_uuid(id);
    r->id = arena_str(a, str_of(id));
    r->requested_us = now_us;
    change_open(&c, s, actor, e);
    jit_sweep(&c, now_us);
    check_asker(&c, r);
    check_number(&c, r);
    change_run(&c,
               "INSERT INTO jit_requests (id, org_id, user_id, role, base_role, reason, minutes,"
               " status, requested_us, decided_us, expires_us, left_us, ended_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'requested', ?8, 0, 0, 0, 0)",
               "ssssssii", r->id, org_id, r->user_id, r->role, r->base_role, r->reason, r->minutes,
               now_us);
    change_note(&c, org_id, "jit.request", "jit", r->id, STR(""),
                change_image(&c, JIT_IMAGE, r->id));
    change_check(&c, c.status == OK ? find(c.db, org_id, r->id, a, r, e) : FAIL);
    return change_close(&c);
}

/* ---- decisions ---- */

static void conclude(struct change *c, const struct store_jit *r, const char *action,
                     struct str before, int changed)
{
    if (c->status == OK && changed == 0) {
        c->status =
            error_set(c->e, ERR_CONSTRAINT, "the request is %.*s already", STR_ARG(r->status));
    }
    change_note(c, r->org_id, action, "jit", r->id, before, change_image(c, JIT_IMAGE, r->id));
}

/* Opens the change with what is over out of the way, and the request as it is then. */
static bool open_request(struct change *c, struct store *s, struct str actor, struct str org_id,
                         struct str id, int64_t now_us, struct store_jit *r, struct error *e)
{
    *r = (struct store_jit){0};
    change_open(c, s, actor, e);
    jit_sweep(c, now_us);
    return change_check(c, c->status == OK ? find(c->db, org_id, id, c->a, r, e) : FAIL);
}

/* A second look, by the one rule that all sessions are held to. */
static void check_in_force(struct change *c, struct str id)
{
    if (c->status == OK &&
        change_text(c, "SELECT 'yes' FROM jit_in_force WHERE id = ?1", id).n == 0) {
        deny(c, "the grant could not be in force: the user's own role has changed");
    }
}

static void check_one_grant(struct change *c, const struct store_jit *r)
{
    if (c->status == OK && change_text(c,
                                       "SELECT id FROM jit_requests WHERE user_id = ?1"
                                       " AND status = 'approved'",
                                       r->user_id)
                                   .n > 0) {
        c->status = error_set(c->e, ERR_CONSTRAINT, "the user has a running grant");
        error_hint(c->e, "Revoke it first, or wait for its end.");
    }
}

enum status store_jit_approve(struct store *s, struct str actor, struct str org_id, struct str id,
                              struct str decider_id, int64_t minutes_max, int64_t now_us,
                              struct error *e)
{
    struct store_jit r;
    struct change c;

    if (s->upstream) {
        return s->upstream->jit_decide(s->upstream->ctx, STORE_JIT_APPROVE, actor, org_id, id,
                                       decider_id, e);
    }
    if (open_request(&c, s, actor, org_id, id, now_us, &r, e)) {
        struct str before = change_image(&c, JIT_IMAGE, r.id);
        bool open = str_is(r.status, "requested");

        check_decider(&c, &r, decider_id);
        if (open) {
            check_one_grant(&c, &r);
            change_check(&c, c.status == OK ? check_minutes(r.minutes, minutes_max, e) : FAIL);
        }
        conclude(&c, &r, "jit.approve", before,
                 change_run(&c,
                            "UPDATE jit_requests SET status = 'approved', decided_by = ?2,"
                            " decided_us = ?3, expires_us = ?3 + minutes * ?4,"
                            " left_us = minutes * ?4 WHERE id = ?1 AND status = 'requested'",
                            "ssii", r.id, decider_id, now_us, minute_us));
        check_in_force(&c, r.id);
    }
    return change_close(&c);
}

enum status store_jit_deny(struct store *s, struct str actor, struct str org_id, struct str id,
                           struct str decider_id, int64_t now_us, struct error *e)
{
    struct store_jit r;
    struct change c;

    if (s->upstream) {
        return s->upstream->jit_decide(s->upstream->ctx, STORE_JIT_DENY, actor, org_id, id,
                                       decider_id, e);
    }
    if (open_request(&c, s, actor, org_id, id, now_us, &r, e)) {
        struct str before = change_image(&c, JIT_IMAGE, r.id);

        check_decider(&c, &r, decider_id);
        conclude(&c, &r, "jit.deny", before,
                 change_run(&c,
                            "UPDATE jit_requests SET status = 'denied', decided_by = ?2,"
                            " decided_us = ?3, ended_us = ?3 WHERE id = ?1"
                            " AND status = 'requested'",
                            "ssi", r.id, decider_id, now_us));
    }
    return change_close(&c);
}

enum status store_jit_revoke(struct store *s, struct str actor, struct str org_id, struct str id,
                             struct str user_id, int64_t now_us, struct error *e)
{
    struct store_jit r;
    struct change c;

    if (s->upstream) {
        return s->upstream->jit_decide(s->upstream->ctx, STORE_JIT_REVOKE, actor, org_id, id,
                                       user_id, e);
    }
    if (open_request(&c, s, actor, org_id, id, now_us, &r, e)) {
        struct str before = change_image(&c, JIT_IMAGE, r.id);
        struct person by = person_of(&c, org_id, user_id);

        if (user_id.n > 0 && !str_eq(user_id, r.user_id) && !manages(&by)) {
            deny(&c, "a grant is revoked by its user or by an owner or admin");
        }
        conclude(&c, &r, "jit.revoke", before,
                 change_run(&c,
                            "UPDATE jit_requests SET status = 'revoked', ended_us = ?2"
                            " WHERE id = ?1 AND status IN ('requested', 'approved')",
                            "si", r.id, now_us));
    }
    return change_close(&c);
}

/* ---- what runs ---- */

#define GRANT_COLUMNS "SELECT id, role, expires_us, left_us FROM jit_in_force "

static struct store_grant read_grant(struct query *q, struct arena *a)
{
    return (struct store_grant){query_text(q, a, 0), query_text(q, a, 1), query_int(q, 2),
                                query_int(q, 3)};
}

enum status store_grant_of(struct store *s, struct str org_id, struct str user_id, struct arena *a,
                           struct store_grant *out, struct error *e)
{
    struct query q;

    *out = (struct store_grant){0};
    read_begin(&q, s, e, GRANT_COLUMNS "WHERE org_id = ?1 AND user_id = ?2", "ss", org_id, user_id);
    if (query_next(&q)) {
        *out = read_grant(&q, a);
    }
    return read_end(&q);
}

enum status store_grants(struct store *s, struct arena *a, struct store_grant **rows, size_t *n,
                         struct error *e)
{
    VEC_OF(struct store_grant) list = {0};
    struct query q;

    read_begin(&q, s, e, GRANT_COLUMNS, "");
    while (query_next(&q)) {
        struct store_grant row = read_grant(&q, a);

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_grant_left(struct store *s, struct str id, int64_t left_us, struct error *e)
{
    struct change c;

    change_open(&c, s, STR(""), e);
    change_run(&c,
               "UPDATE jit_requests SET left_us = ?2 WHERE id = ?1 AND status = 'approved'"
               " AND left_us > ?2",
               "si", id, left_us > 0 ? left_us : 0);
    return change_close(&c);
}
