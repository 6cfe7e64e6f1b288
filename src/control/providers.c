/* Identity providers of the organization, to see and to end. They are added by the operator of the
 * installation alone: a configuration names addresses that the server itself will ask, and those
 * aren't a tenant's to choose. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "identity/provider.h"
#include "store/federation.h"

static void write_provider(struct json *j, const void *row)
{
    const struct store_provider *p = row;
    json_open(j, '{');
    json_kv_str(j, "id", p->id);
    json_kv_str(j, "name", p->name);
    json_kv_str(j, "issuer", p->issuer);
    json_kv_str(j, "configuration", p->json);
    call_time(j, "created_at", p->created_us);
    json_close(j, '}');
}

static enum status list(struct call *c, struct error *e)
{
    struct store_provider *rows;
    size_t n = 0;
    if (store_providers(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_provider, id, write_provider);
    return OK;
}

static enum status find(struct call *c, struct store_provider *out, struct error *e)
{
    struct store_provider *rows;
    size_t n = 0;
    if (store_providers(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rows[i].name, c->params[1]) || str_eq(rows[i].id, c->params[1])) {
            *out = rows[i];
            return OK;
        }
    }
    return error_set(e, ERR_NOT_FOUND, "the organization has no identity provider \"%.*s\"",
                     STR_ARG(c->params[1]));
}

static enum status show(struct call *c, struct error *e)
{
    struct store_provider p = {0};
    if (find(c, &p, e) != OK) {
        return FAIL;
    }
    write_provider(&c->json, &p);
    return OK;
}

static enum status add(struct call *c, struct error *e)
{
    struct store_provider row = {.org_id = c->who->org_id,
                                 .name = given_text(c->body, "name"),
                                 .json = given_text(c->body, "configuration")};
    struct provider p;
    if (provider_read(row.json, c->arena, &p, e) != OK) {
        return FAIL;
    }
    row.issuer = p.issuer;
    if (store_provider_add(c->config->store, c->actor, &row, p.audiences, c->arena, e) != OK) {
        return FAIL;
    }
    write_provider(&c->json, &row);
    return OK;
}

static enum status discard(struct call *c, struct error *e)
{
    struct store_provider p = {0};
    if (find(c, &p, e) != OK ||
        store_provider_remove(c->config->store, c->actor, c->who->org_id, p.id, e) != OK) {
        return FAIL;
    }
    write_provider(&c->json, &p);
    return OK;
}

static const struct field body[] = {
    {"name", OF_TEXT, true, 1, STORE_NAME_MAX, .pattern = FIELD_NAME},
    {"configuration", OF_SCRIPT, true, 2, STORE_JSON_MAX,
     .help = "JSON, as docs/federation.md says"},
    {0}};
static const struct field answer[] = {
    {"id", OF_TEXT, true},
    {"name", OF_TEXT, true},
    {"issuer", OF_TEXT, true, .help = "as tokens name it, or aws"},
    {"configuration", OF_SCRIPT, true, .help = "the JSON, as it was added"},
    {"created_at", OF_TIME, true},
    {0}};

#define PROVIDERS "/v1/organizations/{org}/identity-providers"
const struct route provider_routes[] = {
    {"GET", PROVIDERS, PERMIT_MANAGE, 200, list, "list_identity_providers",
     "Identity providers of the organization", .answer = answer, .list = true, .operators = true},
    {"POST", PROVIDERS, PERMIT_OPERATOR, 201, add, "add_identity_provider",
     "Adds a provider, whose addresses the server will ask", .body = body, .answer = answer},
    {"GET", PROVIDERS "/{provider}", PERMIT_MANAGE, 200, show, "get_identity_provider",
     "An identity provider, by name or id", .answer = answer, .operators = true},
    {"DELETE", PROVIDERS "/{provider}", PERMIT_MANAGE, 200, discard, "remove_identity_provider",
     "Removes it; what was let in by it is out", .answer = answer, .operators = true},
    {0}};
