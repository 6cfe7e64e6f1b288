#include "store/signin.h"

#include "base/id.h"
#include "store/change.h"
#include "store/credentialrow.h"

#define SIGN_IN_IMAGE                                                                              \
    "sssbii", "SELECT id, user_id, environment, second_factor, created_us, ends_us FROM sign_ins"  \
              " WHERE id = ?1"

/* The credential's part of a key, with the columns id, environment, second factor missing. */
#define SIGNED_IN_COLUMNS " u.org_id, u.id, o.require_factor, " CREDENTIAL_COLUMNS
#define SIGNED_IN_HOLDER                                                                           \
    " JOIN users u ON u.id = x.user_id JOIN organizations o ON o.id = u.org_id" CREDENTIAL_GRANT
enum { SIGNED_IN_OWN = 2 /* columns before these */, SIGNED_IN_SHARED = 3 };

static struct str image_from(struct change *c, struct str id, struct str source_ip)
{
    struct str image = change_image(c, SIGN_IN_IMAGE, id);

    if (image.n == 0) {
        return image;
    }
    return str_of(arena_printf(c->a, "%.*s,\"source_ip\":\"%.*s\"}", (int)image.n - 1, image.p,
                               STR_ARG(source_ip)));
}

static struct str user_actor(struct arena *a, struct str user_id)
{
    return str_of(arena_printf(a, "user:%.*s", STR_ARG(user_id)));
}

enum status store_sign_in_start(struct store *s, struct str source_ip, struct store_sign_in *row,
                                struct arena *a, struct error *e)
{
    char id[ID_UUID_SIZE];
    struct change c;

    id_uuid(id);
    row->id = arena_str(a, str_of(id));
    change_open(&c, s, user_actor(a, row->user_id), e);
    change_run(&c,
               "INSERT INTO sign_ins (id, user_id, password_id, org_id, environment,"
               " second_factor, selector, secret, created_us, refresh_us, ends_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
               "sssssissiii", row->id, row->user_id, row->password_id, row->org_id,
               row->environment, (int64_t)row->second_factor, row->selector, row->secret,
               row->created_us, row->refresh_us, row->ends_us);
    change_note(&c, row->org_id, "sign-in.start", "sign-in", row->id, STR(""),
                image_from(&c, row->id, source_ip));
    return change_close(&c);
}

static void end(struct change *c, struct str org_id, const char *action, struct str id)
{
    struct str before = change_image(c, SIGN_IN_IMAGE, id);

    if (change_run(c, "DELETE FROM sign_ins WHERE id = ?1", "s", id) == 1) {
        change_note(c, org_id, action, "sign-in", id, before, STR(""));
    }
}

/* The row that a selector finds, where it holds at all. */
static bool find_by_selector(struct change *c, struct str selector, int64_t now_us,
                             struct store_sign_in *out)
{
    struct query q;
    bool found;

    if (c->status != OK) {
        return false;
    }
    query_begin(&q, c->db, c->e,
                "SELECT x.id, x.org_id, x.user_id, x.environment, x.second_factor, x.secret,"
                " x.created_us, x.ends_us, u.role FROM sign_ins x JOIN users u ON u.id = x.user_id"
                " WHERE x.selector = ?1 AND x.refresh_us > ?2 AND u.status = 'active'",
                "si", selector, now_us);
    found = query_next(&q);
    if (found) {
        *out = (struct store_sign_in){.id = query_text(&q, c->a, 0),
                                      .org_id = query_text(&q, c->a, 1),
                                      .user_id = query_text(&q, c->a, 2),
                                      .environment = query_text(&q, c->a, 3),
                                      .second_factor = query_int(&q, 4) != 0,
                                      .secret = query_text(&q, c->a, 5),
                                      .created_us = query_int(&q, 6),
                                      .ends_us = query_int(&q, 7),
                                      .role = query_text(&q, c->a, 8)};
    } else if (q.status == OK) {
        q.status = error_set(c->e, ERR_NOT_FOUND, "there is no such sign-in");
    }
    return change_check(c, query_end(&q)) && found;
}

static void copy_out(const struct store_sign_in *row, struct arena *a, struct store_sign_in *out)
{
    *out = *row;
    out->id = arena_str(a, row->id);
    out->org_id = arena_str(a, row->org_id);
    out->user_id = arena_str(a, row->user_id);
    out->environment = arena_str(a, row->environment);
    out->role = arena_str(a, row->role);
    out->secret = STR_NULL;
}

enum status store_sign_in_refresh(struct store *s, struct str selector, struct str secret,
                                  struct str fresh, int64_t now_us, int64_t refresh_us,
                                  struct arena *a, struct store_sign_in *out, struct error *e)
{
    struct store_sign_in row;
    bool reused = false;
    struct change c;

    change_open(&c, s, STR(""), e);
    if (find_by_selector(&c, selector, now_us, &row)) {
        c.actor = user_actor(c.a, row.user_id);
        row.refresh_us = refresh_us < row.ends_us ? refresh_us : row.ends_us;
        reused = !str_same_secret(row.secret, secret);
        if (reused) {
            end(&c, row.org_id, "sign-in.reuse", row.id);
        } else {
            change_run(&c, "UPDATE sign_ins SET secret = ?2, refresh_us = ?3 WHERE id = ?1", "ssi",
                       row.id, fresh, row.refresh_us);
        }
        copy_out(&row, a, out);
    }
    if (change_close(&c) != OK) {
        return FAIL;
    }
    return reused ? error_set(e, ERR_REVOKED, "the refresh token was used before") : OK;
}

enum status store_sign_in_end(struct store *s, struct str actor, struct str id, struct error *e)
{
    struct change c;

    change_open(&c, s, actor, e);
    end(&c, change_text(&c, "SELECT org_id FROM sign_ins WHERE id = ?1", id), "sign-in.end", id);
    return change_close(&c);
}

enum status store_sign_in_sweep(struct store *s, int64_t now_us, struct error *e)
{
    struct query q;
    struct change c;
    bool any;

    read_begin(&q, s, e,
               "SELECT 1 FROM sign_ins WHERE refresh_us <= ?1"
               " UNION ALL SELECT 1 FROM invitations WHERE expires_us <= ?1 LIMIT 1",
               "i", now_us);
    any = query_next(&q);
    if (read_end(&q) != OK || !any) {
        return q.status;
    }
    change_open(&c, s, STR(""), e);
    change_run(&c, "DELETE FROM sign_ins WHERE refresh_us <= ?1", "i", now_us);
    change_run(&c, "DELETE FROM invitations WHERE expires_us <= ?1", "i", now_us);
    return change_close(&c);
}

/* What a person may do is what his role may: as a key that has every scope. */
static void read_signed_in(struct query *q, struct arena *a, struct store_credential *out)
{
    static const struct str scopes[] = {{"query:read", 10},
                                        {"query:write", 11},
                                        {"schema:read", 11},
                                        {"schema:write", 12},
                                        {"admin", 5}};

    out->key = (struct store_key){.id = query_text(q, a, 0),
                                  .environment = query_text(q, a, 1),
                                  .org_id = query_text(q, a, SIGNED_IN_OWN),
                                  .user_id = query_text(q, a, SIGNED_IN_OWN + 1),
                                  .scopes = {scopes, sizeof scopes / sizeof *scopes}};
    out->factor_required = query_int(q, SIGNED_IN_OWN + 2) != 0;
    credential_read(q, a, SIGNED_IN_OWN + SIGNED_IN_SHARED, out);
}

static enum status read_credential(struct query *q, struct arena *a, struct store_credential *out,
                                   struct error *e)
{
    *out = (struct store_credential){0};
    if (query_next(q)) {
        read_signed_in(q, a, out);
    } else if (q->status == OK) {
        q->status = error_set(e, ERR_NOT_FOUND, "there is no such sign-in");
    }
    return read_end(q);
}

enum status store_sign_in_credential(struct store *s, struct str id, struct arena *a,
                                     struct store_credential *out, struct error *e)
{
    struct query q;

    read_begin(&q, s, e,
               "SELECT x.id, x.environment," SIGNED_IN_COLUMNS " FROM sign_ins x" SIGNED_IN_HOLDER
               " WHERE x.id = ?1 AND (x.second_factor = 1 OR o.require_factor = 0)",
               "s", id);
    return read_credential(&q, a, out, e);
}

enum status store_password_credential(struct store *s, struct str password_id,
                                      struct str environment, struct arena *a,
                                      struct store_credential *out, struct error *e)
{
    struct query q;

    read_begin(&q, s, e,
               "SELECT x.id, n.name," SIGNED_IN_COLUMNS " FROM passwords x" SIGNED_IN_HOLDER
               " JOIN environments n ON n.org_id = u.org_id AND n.name = ?2 WHERE x.id = ?1",
               "ss", password_id, environment);
    return read_credential(&q, a, out, e);
}

enum status store_refusals_note(struct store *s, const struct store_refusal *rows, size_t n,
                                struct error *e)
{
    struct change c;

    change_open(&c, s, STR("hatidata"), e);
    for (size_t i = 0; i < n; i++) {
        char *what =
            arena_printf(c.a, "{\"source_ip\":\"%.*s\",\"reason\":\"%s\",\"count\":%lld}",
                         STR_ARG(rows[i].source_ip), rows[i].why, (long long)rows[i].count);

        change_note(&c, rows[i].org_id, "sign-in.refuse", "user", rows[i].user_id, STR(""),
                    str_of(what));
    }
    return change_close(&c);
}
