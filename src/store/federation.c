#include "store/federation.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"
#include "store/credentialrow.h"

enum { AUDIENCES_MAX = 16, ISSUER_MAX = 512 };

#define PROVIDER_COLUMNS "p.id, p.org_id, p.name, p.issuer, p.json, p.created_us"
#define PROVIDER_IMAGE                                                                             \
    "sssj", "SELECT id, name, issuer, json AS configuration FROM identity_providers WHERE id = ?1"

static void read_provider(struct query *q, struct arena *a, struct store_provider *out)
{
    out->id = query_text(q, a, 0);
    out->org_id = query_text(q, a, 1);
    out->name = query_text(q, a, 2);
    out->issuer = query_text(q, a, 3);
    out->json = query_text(q, a, 4);
    out->created_us = query_int(q, 5);
}

static enum status check_provider(const struct store_provider *p, struct store_list audiences,
                                  struct error *e)
{
    if (check_name("the provider's name", p->name, e) != OK ||
        check_list("audiences", audiences, e) != OK) {
        return FAIL;
    }
    if (audiences.n < 1 || audiences.n > AUDIENCES_MAX || p->issuer.n < 1 ||
        p->issuer.n > ISSUER_MAX || p->json.n > STORE_JSON_MAX) {
        return error_set(e, ERR_VALIDATION,
                         "a provider has an issuer of at most %d bytes, 1 to %d audiences, and a "
                         "configuration of at most %d bytes",
                         ISSUER_MAX, AUDIENCES_MAX, STORE_JSON_MAX);
    }
    return OK;
}

static void add_audience(struct change *c, const struct store_provider *p, struct str audience)
{
    if (change_run(c,
                   "INSERT INTO identity_audiences (issuer, audience, provider_id)"
                   " VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                   "sss", p->issuer, audience, p->id) == 0 &&
        c->status == OK) {
        error_set(c->e, ERR_EXISTS,
                  "tokens of that issuer for the audience \"%.*s\" are another provider's",
                  STR_ARG(audience));
        c->status = error_hint(c->e, "Give each provider an audience of its own.");
    }
}

enum status store_provider_add(struct store *s, struct str actor, struct store_provider *p,
                               struct store_list audiences, struct arena *a, struct error *e)
{
    char id[ID_UUID_SIZE];
    struct change c;

    if (check_provider(p, audiences, e) != OK) {
        return FAIL;
    }
    id_uuid(id);
    p->id = arena_str(a, str_of(id));
    p->created_us = clock_wall_us();
    change_open(&c, s, actor, e);
    change_run(&c,
               "INSERT INTO identity_providers (id, org_id, name, issuer, json, created_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
               "sssssi", p->id, p->org_id, p->name, p->issuer, p->json, p->created_us);
    for (size_t i = 0; i < audiences.n; i++) {
        add_audience(&c, p, audiences.at[i]);
    }
    change_note(&c, p->org_id, "provider.add", "provider", p->id, STR(""),
                change_image(&c, PROVIDER_IMAGE, p->id));
    return change_close(&c);
}

enum status store_providers(struct store *s, struct str org_id, struct arena *a,
                            struct store_provider **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_provider) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT " PROVIDER_COLUMNS " FROM identity_providers p WHERE org_id = ?1"
               " ORDER BY name",
               "s", org_id);
    while (query_next(&q)) {
        struct store_provider row;

        read_provider(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

static struct str find_id(struct change *c, struct str org_id, struct str id_or_name)
{
    struct str id = STR("");
    struct query q;

    if (c->status != OK) {
        return id;
    }
    query_begin(&q, c->db, c->e,
                "SELECT id FROM identity_providers WHERE org_id = ?1 AND ?2 IN (id, name)", "ss",
                org_id, id_or_name);
    if (query_next(&q)) {
        id = query_text(&q, c->a, 0);
    }
    change_check(c, query_end(&q));
    return id;
}

enum status store_provider_remove(struct store *s, struct str actor, struct str org_id,
                                  struct str id_or_name, struct error *e)
{
    struct str id, before;
    struct change c;

    change_open(&c, s, actor, e);
    id = find_id(&c, org_id, id_or_name);
    before = change_image(&c, PROVIDER_IMAGE, id);
    if (c.status == OK && id.n == 0) {
        c.status = error_set(e, ERR_NOT_FOUND, "the organization has no identity provider \"%.*s\"",
                             STR_ARG(id_or_name));
    }
    change_run(&c, "DELETE FROM identity_audiences WHERE provider_id = ?1", "s", id);
    change_run(&c, "DELETE FROM identity_providers WHERE id = ?1", "s", id);
    change_note(&c, org_id, "provider.remove", "provider", id, before, STR(""));
    return change_close(&c);
}

enum status store_provider_find(struct store *s, struct str issuer, struct str audience,
                                struct arena *a, struct store_provider *out, struct error *e)
{
    struct query q;

    read_begin(&q, s, e,
               "SELECT " PROVIDER_COLUMNS " FROM identity_audiences d"
               " JOIN identity_providers p ON p.id = d.provider_id AND p.issuer = d.issuer"
               " WHERE d.issuer = ?1 AND d.audience = ?2",
               "ss", issuer, audience);
    if (query_next(&q)) {
        read_provider(&q, a, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "no provider has such tokens");
    }
    return read_end(&q);
}

enum status store_federated_find(struct store *s, struct str provider_id, struct str user_id,
                                 struct arena *a, struct store_credential *out, struct error *e)
{
    struct query q;

    *out = (struct store_credential){0};
    read_begin(&q, s, e,
               "SELECT " CREDENTIAL_COLUMNS
               " FROM identity_providers p JOIN organizations o ON o.id = p.org_id"
               " JOIN users u ON u.org_id = p.org_id AND u.id = ?2" CREDENTIAL_GRANT
               " WHERE p.id = ?1",
               "ss", provider_id, user_id);
    if (query_next(&q)) {
        out->key.user_id = user_id;
        credential_read(&q, a, 0, out);
        out->key.user_id = out->user.id;
        out->key.org_id = out->user.org_id;
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the identity provider or its user is gone");
    }
    return read_end(&q);
}

static bool was_removed(struct change *c, struct str org_id, struct str email)
{
    struct query q;
    bool removed;

    query_begin(&q, c->db, c->e, "SELECT 1 FROM removed_users WHERE org_id = ?1 AND email = ?2",
                "ss", org_id, email);
    removed = query_next(&q);
    return change_check(c, query_end(&q)) && removed;
}

/* In the change that looked for him: nobody can come, or be removed, in between. */
static void add_once(struct change *c, struct str org_id, struct str email, struct str role,
                     struct arena *a, struct store_user *out)
{
    struct error why = ERROR_INIT;

    if (c->status != OK || user_find(c->db, org_id, email, a, out, &why) == OK) {
        return; /* failed, or another login of his came first */
    }
    if (why.code != ERR_NOT_FOUND) {
        *c->e = why;
        c->status = FAIL;
    } else if (was_removed(c, org_id, email)) {
        c->status = error_set(c->e, ERR_NOT_FOUND, "the user was removed");
    } else {
        change_user_add(c, org_id, email, role, (struct store_pairs){0}, a, out);
    }
}

enum status store_federated_user(struct store *s, struct str actor, struct str org_id,
                                 struct str email, struct str role, bool provision, struct arena *a,
                                 struct store_user *out, struct error *e)
{
    struct error why = ERROR_INIT;
    struct change c;

    if (check_email(email, a, &email, e) != OK || check_role(role, e) != OK) {
        return FAIL;
    }
    if (store_user_find(s, org_id, email, a, out, &why) == OK) { /* nearly always: no change */
        return OK;
    }
    if (why.code != ERR_NOT_FOUND || !provision) {
        *e = why;
        return FAIL;
    }
    change_open(&c, s, actor, e);
    add_once(&c, org_id, email, role, a, out);
    return change_close(&c);
}
