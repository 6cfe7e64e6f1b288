/* One credential is put together, from the store where there is a holder, and then read as at a
 * login: there is no second way of making a principal. */
#include "trial/asker.h"

#include "base/clock.h"
#include "identity/cidr.h"
#include "identity/grant.h"
#include "identity/key_rules.h"
#include "store/key.h"
#include "wire/datetime.h"

struct reading {
    struct store *s;
    const struct store_org *org;
    struct arena *a;
    struct error *e;
    struct store_credential c;
    VEC_OF(struct store_pair) attributes; /* that attr.NAME= said: before all others */
    struct str ip, user, email;
    enum role granted; /* of granted=; ROLE_NONE: not said */
    bool has_scopes;
    int64_t at_us;
};

struct word {
    struct str text, name, value; /* name=value; value.p NULL: no "=" */
    size_t offset;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word, its quotes taken off: attr.name="Ann Lee". False at the end, and after a mistake.
 */
static bool next_word(struct reading *r, struct str words, size_t *at, struct word *out,
                      enum status *status)
{
    while (*at < words.n && is_space(words.p[*at])) {
        ++*at;
    }
    char *text = ARENA_ARRAY(r->a, char, words.n - *at + 1);
    bool quoted = false;
    size_t n = 0;
    *out = (struct word){.offset = *at};
    for (; *at < words.n && (quoted || !is_space(words.p[*at])); ++*at) {
        if (words.p[*at] == '"') {
            quoted = !quoted;
        } else {
            text[n++] = words.p[*at];
        }
    }
    if (quoted) {
        *status = error_at(r->e, ERR_VALIDATION, out->offset, "a quote \" has no end");
    }
    out->text = out->value = (struct str){text, n};
    out->name = str_cut(&out->value, '=');
    return !quoted && *at > out->offset;
}

static enum status wrong(struct reading *r, const struct word *w, const char *what)
{
    return error_at(r->e, ERR_VALIDATION, w->offset, "%.60s: %s",
                    arena_strdup(r->a, w->value.p ? w->name : w->text), what);
}

static enum status read_holder(struct reading *r, const struct word *w)
{
    if (str_starts(w->text, "hd_")) {
        if (store_credential_find(r->s, w->text, r->a, &r->c, r->e) != OK ||
            !str_eq(r->c.key.org_id, r->org->id)) {
            error_at(r->e, ERR_NOT_FOUND, w->offset,
                     "the organization has no key with this prefix");
            return error_hint(r->e, "`hatidata key list` shows the prefixes.");
        }
        r->has_scopes = true;
        return OK;
    }
    if (store_user_find(r->s, r->org->id, w->text, r->a, &r->c.user, r->e) != OK) {
        r->e->position = (int64_t)w->offset;
        return FAIL;
    }
    r->c.key.user_id = r->c.user.id;
    return store_grant_of(r->s, r->org->id, r->c.user.id, r->a, &r->c.grant, r->e);
}

static enum status read_scopes(struct reading *r, const struct word *w)
{
    enum scope scope;
    r->c.key.scopes = list_of_words(r->a, w->value);
    r->has_scopes = true;
    for (size_t i = 0; i < r->c.key.scopes.n; i++) {
        if (!scope_parse(r->c.key.scopes.at[i], &scope)) {
            wrong(r, w, "not a scope");
            return error_hint(r->e, "Scopes are query:read, query:write, schema:read, "
                                    "schema:write, agent:*, admin.");
        }
    }
    return OK;
}

/* A grant ends where its user gets another role of his own. */
static enum status read_role(struct reading *r, const struct word *w)
{
    enum role role;
    if (!role_parse(w->value, &role)) {
        wrong(r, w, "not a role");
        return error_hint(r->e, "Roles are owner, admin, analyst, auditor, developer, "
                                "service_account.");
    }
    if (str_is(w->name, "granted")) {
        r->granted = role;
        return role != ROLE_OWNER ? OK : wrong(r, w, "nobody is made an owner for a time");
    }
    r->c.key.role = r->c.user.role = w->value;
    r->c.grant = (struct store_grant){0};
    return OK;
}

/* Without a zone it would mean one time here and another there. */
static enum status read_time(struct reading *r, const struct word *w)
{
    struct str clock = {w->value.p, w->value.n > 11 ? w->value.n - 11 : 0};
    clock.p += clock.n ? 11 : 0;
    bool zoned = memchr(clock.p, 'Z', clock.n) || memchr(clock.p, '+', clock.n) ||
                 memchr(clock.p, '-', clock.n);
    if (!zoned || !datetime_read_zoned(w->value, NULL, &r->at_us) || r->at_us <= 0 ||
        stamp_is_future(r->at_us)) {
        return wrong(r, w, "must be as in 2026-01-31T08:00:00Z or 2026-01-31T08:00:00+01:00");
    }
    return OK;
}

static enum status read_field(struct reading *r, const struct word *w)
{
    struct store_key *key = &r->c.key;
    const struct {
        const char *name;
        struct str *text;
        struct store_list *list;
    } fields[] = {
        {"user", &r->user, NULL},
        {"email", &r->email, NULL},
        {"env", &key->environment, NULL},
        {"agent", &key->agent_id, NULL},
        {"framework", &key->agent_framework, NULL},
        {"ip", &r->ip, NULL},
        {"schemas", NULL, &key->allowed_schemas},
        {"tables", NULL, &key->allowed_tables},
    };
    if (str_starts(w->name, "attr.") && w->name.n > 5) {
        struct store_pair pair = {{w->name.p + 5, w->name.n - 5}, w->value};
        VEC_PUSH(r->a, r->attributes, pair);
        return OK;
    }
    if (str_is(w->name, "at")) {
        return read_time(r, w);
    }
    if (!w->value.n) {
        return wrong(r, w, "is empty");
    }
    if (str_is(w->name, "role") || str_is(w->name, "granted")) {
        return read_role(r, w);
    }
    if (str_is(w->name, "scopes")) {
        return read_scopes(r, w);
    }
    if (str_is(w->name, "ip") && !cidr_holds(w->value, w->value)) {
        return wrong(r, w, "not an address");
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (str_is(w->name, fields[i].name)) {
            if (fields[i].text) {
                *fields[i].text = w->value;
            } else {
                *fields[i].list = list_of_words(r->a, w->value);
            }
            return OK;
        }
    }
    wrong(r, w, "no field of a principal");
    return error_hint(r->e,
                      "The fields are role, granted, scopes, user, email, env, agent, framework, "
                      "schemas, tables, attr.NAME, ip and at.");
}

static enum status read_words(struct reading *r, struct str words)
{
    VEC_OF(struct str) names = {0};
    enum status status = OK;
    struct word w;
    size_t at = 0;
    for (bool first = true; status == OK && next_word(r, words, &at, &w, &status); first = false) {
        if (!w.value.p && !first) {
            status = wrong(r, &w, "must be as in NAME=VALUE; a user or key stands first");
        }
        for (size_t i = 0; status == OK && i < names.n; i++) {
            status = str_eq(names.at[i], w.name) ? wrong(r, &w, "is given twice") : OK;
        }
        VEC_PUSH(r->a, names, w.name);
        if (status == OK) {
            status = w.value.p ? read_field(r, &w) : read_holder(r, &w);
        }
    }
    return status;
}

/* What can't be of one credential. */
static enum status check_whole(struct reading *r)
{
    struct store_key *key = &r->c.key;
    if (store_environment_check(r->s, r->org->id, key->environment, r->e) != OK) {
        return FAIL;
    }
    bool is_agent = key->agent_id.n != 0, is_user = key->user_id.n || r->user.n || r->email.n;
    if (is_agent && is_user) {
        return error_set(r->e, ERR_VALIDATION, "a principal is a user or an agent, not both");
    }
    if (key->agent_framework.n && !is_agent) {
        return error_set(r->e, ERR_VALIDATION, "framework: an agent's alone; give agent=NAME too");
    }
    if (!key->role.n && !r->c.user.role.n) {
        return error_set(r->e, ERR_VALIDATION,
                         "a principal needs a user, the prefix of a key, or role=ROLE");
    }
    if (r->granted && (is_agent || str_is(r->c.user.role, "service_account"))) {
        return error_set(r->e, ERR_VALIDATION,
                         "granted: a grant is for a person, not for an agent or service account");
    }
    return OK;
}

static bool is_said(const struct reading *r, struct str name)
{
    for (size_t i = 0; i < r->attributes.n; i++) {
        if (str_eq(r->attributes.at[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* The key's attributes stand before the user's, so ours join the key's. */
static void join_attributes(struct reading *r)
{
    struct store_pairs old = r->c.key.attributes;
    for (size_t i = 0; i < old.n; i++) {
        if (!is_said(r, old.at[i].name)) {
            VEC_PUSH(r->a, r->attributes, old.at[i]);
        }
    }
    r->c.key.attributes = (struct store_pairs){r->attributes.at, r->attributes.n};
}

/* The role that he acts with: of the grant that is in force for him then, or as if granted. */
static void set_acting_role(const struct reading *r, int64_t now_us, struct principal *p)
{
    const struct store_grant *g = &r->c.grant;
    if (r->granted) {
        p->role = r->granted;
    } else if (g->id.n && g->expires_us > now_us && g->left_us > 0 &&
               role_parse(g->role, &p->role)) {
        p->grant_id = g->id;
    }
}

static enum status make(struct reading *r, struct asker *out)
{
    struct store_key *key = &r->c.key;
    bool is_agent = key->agent_id.n != 0, has_user = key->user_id.n != 0;
    if (!r->has_scopes) {
        struct str role = has_user ? r->c.user.role : key->role;
        key->scopes = list_of_words(r->a, str_of(key_default_scopes(is_agent, role)));
    }
    if (!is_agent && !has_user) { /* somebody of that role */
        key->user_id = r->c.user.id = STR("?");
        r->c.user.active = true;
    }
    join_attributes(r);
    int64_t now_us = r->at_us ? r->at_us : clock_wall_us();
    const char *refusal = grant_refusal(&r->c, now_us, r->ip);
    if (refusal) {
        return error_set(r->e, ERR_DENIED, "%s", refusal);
    }
    struct principal *p = grant_principal(&r->c, r->ip, r->a);
    p->user_id = r->user.n ? r->user : is_agent || has_user ? p->user_id : STR("");
    p->user_email = r->email.n ? r->email : p->user_email;
    set_acting_role(r, now_us, p);
    *out = (struct asker){p, r->at_us};
    return OK;
}

enum status asker_read(struct store *s, const struct store_org *org, struct str environment,
                       struct str words, struct arena *a, struct asker *out, struct error *e)
{
    struct reading r = {.s = s, .org = org, .a = a, .e = e};
    r.c.org_name = org->name;
    r.c.key.org_id = org->id;
    r.c.key.environment = environment.n ? environment : STR(STORE_DEFAULT_ENVIRONMENT);
    if (read_words(&r, words) != OK || check_whole(&r) != OK) {
        return FAIL;
    }
    return make(&r, out);
}
