#include "store/proxies.h"

#include "base/clock.h"
#include "store/change.h"

#define PROXY_IMAGE "sii", "SELECT name, ends_us, revoked_us FROM proxies WHERE id = ?1"

/* ---- the authority ---- */

enum status store_authority_find(struct store *s, struct arena *a, struct store_authority *out,
                                 struct error *e)
{
    struct query q;
    read_begin(&q, s, e, "SELECT id, certificate, sealed FROM plane_authority", "");
    if (query_next(&q)) {
        *out = (struct store_authority){query_text(&q, a, 0), query_text(&q, a, 1),
                                        query_text(&q, a, 2)};
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the store has no authority of the planes");
    }
    return read_end(&q);
}

enum status store_authority_add(struct store *s, struct str actor,
                                const struct store_authority *row, struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    if (change_run(&c,
                   "INSERT INTO plane_authority (one, id, certificate, sealed, created_us)"
                   " VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT (one) DO NOTHING",
                   "sssi", row->id, row->certificate, row->sealed, clock_wall_us()) == 1) {
        change_note(&c, STR(""), "authority.add", "authority", row->id, STR(""), STR(""));
    }
    return change_close(&c);
}

/* ---- proxies ---- */

static bool name_is_taken(struct change *c, struct str name)
{
    struct query q;
    if (c->status != OK) {
        return false;
    }
    query_begin(&q, c->db, c->e, "SELECT 1 FROM proxies WHERE name = ?1 AND revoked_us = 0", "s",
                name);
    bool taken = query_next(&q);
    return change_check(c, query_end(&q)) && taken;
}

enum status store_proxy_token(struct store *s, struct str actor, struct str digest, struct str name,
                              int64_t expires_us, struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    if (name_is_taken(&c, name)) {
        change_check(&c, error_set(e, ERR_EXISTS, "there is a proxy of that name"));
    }
    change_run(&c, "DELETE FROM proxy_tokens WHERE expires_us <= ?1", "i", clock_wall_us());
    change_run(&c, "INSERT INTO proxy_tokens (digest, name, expires_us) VALUES (?1, ?2, ?3)", "ssi",
               digest, name, expires_us);
    change_note(
        &c, STR(""), "proxy.token", "proxy", name, STR(""),
        change_image(&c, "i", "SELECT expires_us FROM proxy_tokens WHERE digest = ?1", digest));
    return change_close(&c);
}

enum status store_proxy_enrol(struct store *s, struct str digest, int64_t now_us, struct arena *a,
                              struct store_proxy *row, struct error *e)
{
    struct change c;
    change_open(&c, s, STR(""), e);
    row->enrolled_us = now_us;
    row->name =
        arena_str(a, change_text(&c, "SELECT name FROM proxy_tokens WHERE digest = ?1", digest));
    if (change_run(&c, "DELETE FROM proxy_tokens WHERE digest = ?1 AND expires_us > ?2", "si",
                   digest, now_us) != 1 &&
        c.status == OK) {
        change_check(&c, error_set(e, ERR_AUTH, "the token is unknown, used, or over"));
    }
    if (name_is_taken(&c, row->name)) {
        change_check(&c, error_set(e, ERR_EXISTS, "there is a proxy of that name"));
    }
    c.actor = str_of(arena_printf(c.a, "proxy:%.*s by token", STR_ARG(row->id)));
    change_run(&c,
               "INSERT INTO proxies (id, name, enrolled_us, ends_us, revoked_us)"
               " VALUES (?1, ?2, ?3, ?4, 0)",
               "ssii", row->id, row->name, now_us, row->ends_us);
    change_note(&c, STR(""), "proxy.enrol", "proxy", row->id, STR(""),
                change_image(&c, PROXY_IMAGE, row->id));
    return change_close(&c);
}

static enum status revoked(struct error *e)
{
    error_set(e, ERR_REVOKED, "this proxy was revoked, or this control plane doesn't know it");
    return error_hint(e, "Enrol it anew with a token of `hatidata proxy token`.");
}

enum status store_proxy_check(struct store *s, struct str id, struct error *e)
{
    struct query q;
    read_begin(&q, s, e, "SELECT 1 FROM proxies WHERE id = ?1 AND revoked_us = 0", "s", id);
    bool known = query_next(&q);
    if (read_end(&q) != OK) {
        return FAIL;
    }
    return known ? OK : revoked(e);
}

enum status store_proxy_renew(struct store *s, struct str id, int64_t ends_us, struct error *e)
{
    struct change c;
    change_open(&c, s, STR(""), e);
    c.actor = str_of(arena_printf(c.a, "proxy:%.*s", STR_ARG(id)));
    struct str before = change_image(&c, PROXY_IMAGE, id);
    if (change_run(&c, "UPDATE proxies SET ends_us = ?2 WHERE id = ?1 AND revoked_us = 0", "si", id,
                   ends_us) != 1 &&
        c.status == OK) {
        change_check(&c, revoked(e));
    }
    change_note(&c, STR(""), "proxy.renew", "proxy", id, before, change_image(&c, PROXY_IMAGE, id));
    return change_close(&c);
}

enum status store_proxy_usage(struct store *s, struct str id, struct str document, int64_t now_us,
                              struct error *e)
{
    struct change c;
    change_open(&c, s, STR(""), e);
    change_run(&c, "UPDATE proxies SET usage = ?2, usage_us = ?3 WHERE id = ?1", "ssi", id,
               document, now_us);
    return change_close(&c);
}

enum status store_proxy_revoke(struct store *s, struct str actor, struct str id_or_name,
                               struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    struct str id = change_text(
        &c, "SELECT id FROM proxies WHERE id = ?1 OR (name = ?1 AND revoked_us = 0) LIMIT 1",
        id_or_name);
    if (!id.n && c.status == OK) {
        change_check(&c, error_set(e, ERR_NOT_FOUND, "there is no such proxy"));
    }
    struct str before = change_image(&c, PROXY_IMAGE, id);
    change_run(&c, "UPDATE proxies SET revoked_us = ?2 WHERE id = ?1 AND revoked_us = 0", "si", id,
               clock_wall_us());
    change_note(&c, STR(""), "proxy.revoke", "proxy", id, before,
                change_image(&c, PROXY_IMAGE, id));
    return change_close(&c);
}

enum status store_proxies(struct store *s, struct arena *a, struct store_proxy **rows, size_t *n,
                          struct error *e)
{
    VEC_OF(struct store_proxy) list = {0};
    struct query q;
    read_begin(&q, s, e,
               "SELECT id, name, enrolled_us, ends_us, revoked_us, usage, usage_us FROM proxies"
               " ORDER BY enrolled_us, id",
               "");
    while (query_next(&q)) {
        struct store_proxy row = {query_text(&q, a, 0), query_text(&q, a, 1), query_int(&q, 2),
                                  query_int(&q, 3),     query_int(&q, 4),     query_text(&q, a, 5),
                                  query_int(&q, 6)};
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}
