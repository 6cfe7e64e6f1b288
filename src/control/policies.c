/* Policies of the organization: documents as docs/policies.md has them, checked as files are. Masks
 * and row filters under one path, attribute rules under another. A path's environment says whose
 * policies are meant by who may come here; a document says itself which environments it is for. */
#include <stdlib.h>

#include "control/call.h"
#include "control/page.h"
#include "control/policy_fit.h"
#include "control/resources.h"
#include "policy/policy.h"
#include "store/org.h"
#include "store/policies.h"

static bool is_abac(struct str json)
{
    json_t *document = json_loadb(json.p, json.n, 0, NULL);
    struct str type = given_text(document, "type");
    bool abac = type.n ? str_is(type, "abac") : given(document, "effect");
    json_decref(document);
    return abac;
}

/* The document with its id, version and state around it. */
static void write_policy(struct json *j, const void *row)
{
    const struct store_policy *p = row;
    json_open(j, '{');
    json_kv_str(j, "id", p->id);
    json_kv_str(j, "name", p->name);
    json_kv_bool(j, "enabled", p->enabled);
    json_kv_i64(j, "version", p->version);
    call_time(j, "changed_at", p->changed_us);
    json_key(j, "policy");
    json_raw(j, p->json);
    json_close(j, '}');
}

static enum status list_kind(struct call *c, bool abac, struct error *e)
{
    struct store_policy *rows;
    size_t n = 0, kept = 0;
    if (store_policies(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_abac(rows[i].json) == abac) {
            rows[kept++] = rows[i];
        }
    }
    PAGE_ANSWER(c, rows, kept, struct store_policy, id, write_policy);
    return OK;
}

static enum status find_kind(struct call *c, bool abac, struct store_policy *out, struct error *e)
{
    if (store_policy_find(c->config->store, c->who->org_id, c->params[1], c->arena, out, e) != OK) {
        return FAIL;
    }
    return is_abac(out->json) == abac
               ? OK
               : error_set(e, ERR_NOT_FOUND, "there is no such policy under this path");
}

static enum status show_kind(struct call *c, bool abac, struct error *e)
{
    struct store_policy policy;
    if (find_kind(c, abac, &policy, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &policy);
    return OK;
}

/* null is as if the field weren't there, in a document, too. */
static void leave_nulls_out(json_t *body)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(body, next, name, value)
    {
        if (json_is_null(value)) {
            json_object_del(body, name);
        }
    }
}

/* The body as a document of this name, which must be good. */
static enum status read_document(struct call *c, struct str name, bool abac,
                                 struct policy_document *out, struct error *e)
{
    leave_nulls_out(c->body);
    char *text = json_dumps(c->body, JSON_COMPACT);
    struct str *environments;
    *out = (struct policy_document){.org_id = c->who->org_id,
                                    .name = name,
                                    .json = arena_str(c->arena, str_of(text)),
                                    .enabled = given_bool(c->body, "enabled", true)};
    free(text);
    if (is_abac(out->json) != abac) {
        return call_wrong(c, e, "type",
                          abac ? "abac here; masks and row filters are under policies"
                               : "column_masking or row_level_security here; attribute rules are "
                                 "under abac-policies");
    }
    if (policy_validate(out, e) != OK) {
        return FAIL;
    }
    size_t n = policy_environments(out, c->arena, &environments);
    return store_environments_check(c->config->store, c->who->org_id, environments, n, e) == OK
               ? policy_fit_check(c, out, environments, n, e)
               : call_wrong(c, e, "environments", "names of environments that are there");
}

static enum status store_and_show(struct call *c, const struct policy_document *d, struct error *e)
{
    struct store_policy stored;
    if (store_policy_set(c->config->store, c->actor, c->who->org_id, d->name, d->json, d->enabled,
                         c->arena, &stored, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &stored);
    return OK;
}

static enum status create_kind(struct call *c, bool abac, struct error *e)
{
    struct str name = given_text(c->body, "name");
    struct error absent = ERROR_INIT;
    struct policy_document document;
    struct store_policy there;
    if (read_document(c, name, abac, &document, e) != OK) {
        return FAIL;
    }
    if (store_policy_find(c->config->store, c->who->org_id, name, c->arena, &there, &absent) ==
        OK) {
        return error_set(e, ERR_EXISTS, "there is a policy \"%.*s\"; PUT changes it",
                         STR_ARG(name));
    }
    return store_and_show(c, &document, e);
}

static enum status replace_kind(struct call *c, bool abac, struct error *e)
{
    struct policy_document document;
    struct store_policy there;
    if (find_kind(c, abac, &there, e) != OK) {
        return FAIL;
    }
    if (!str_eq(given_text(c->body, "name"), there.name)) {
        return call_wrong(c, e, "name", "the policy's own: a policy isn't renamed");
    }
    return read_document(c, there.name, abac, &document, e) == OK ? store_and_show(c, &document, e)
                                                                  : FAIL;
}

static enum status discard_kind(struct call *c, bool abac, struct error *e)
{
    struct store_policy there;
    if (find_kind(c, abac, &there, e) != OK ||
        store_policy_remove(c->config->store, c->actor, c->who->org_id, there.id, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &there);
    return OK;
}

#define BOTH(verb)                                                                                 \
    static enum status verb(struct call *c, struct error *e)                                       \
    {                                                                                              \
        return verb##_kind(c, false, e);                                                           \
    }                                                                                              \
    static enum status verb##_abac(struct call *c, struct error *e)                                \
    {                                                                                              \
        return verb##_kind(c, true, e);                                                            \
    }
BOTH(list)
BOTH(show)
BOTH(create)
BOTH(replace)
BOTH(discard)

#define HEAD(types)                                                                                \
    {"name", OF_TEXT, true, 1, STORE_NAME_MAX, .pattern = FIELD_NAME},                             \
        {"type", OF_TEXT, false, 1, 32, types}, {"enabled", OF_BOOL, .help = "true without it"},   \
        {"mode", OF_TEXT, false, 1, 16, "enforce|shadow"},                                         \
    {                                                                                              \
        "environments", OF_TEXTS, false, 1, STORE_LIST_MAX, .help = "without it, all"              \
    }
static const struct field body[] = {
    HEAD("column_masking|row_level_security"), {"rules", OF_ARRAY, true, 1, POLICY_RULES_MAX}, {0}};
static const struct field abac_body[] = {
    HEAD("abac"),
    {"effect", OF_TEXT, true, 1, 8, "deny|allow"},
    {"conditions", OF_OBJECT, .help = "{attribute: {operator: value}}"},
    {"actions", OF_TEXTS, false, 0, POLICY_LIST_MAX},
    {"resources", OF_TEXTS, false, 0, POLICY_LIST_MAX},
    {0}};
static const struct field answer[] = {
    {"id", OF_TEXT, true},
    {"name", OF_TEXT, true},
    {"enabled", OF_BOOL, true},
    {"version", OF_INT, true},
    {"changed_at", OF_TIME, true},
    {"policy", OF_OBJECT, true, .help = "the document, as docs/policies.md has it"},
    {0}};

#define POLICIES "/v1/environments/{env}/policies"
#define ABAC     "/v1/environments/{env}/abac-policies"
const struct route policy_routes[] = {
    {"GET", POLICIES, PERMIT_MANAGE, 200, list, "list_policies", "Masks and row filters",
     .answer = answer, .list = true},
    {"POST", POLICIES, PERMIT_MANAGE, 201, create, "create_policy", "Adds a mask or row filter",
     .body = body, .answer = answer},
    {"GET", POLICIES "/{policy}", PERMIT_MANAGE, 200, show, "get_policy", "A policy, by name or id",
     .answer = answer},
    {"PUT", POLICIES "/{policy}", PERMIT_MANAGE, 200, replace, "replace_policy", "Changes a policy",
     .body = body, .answer = answer},
    {"DELETE", POLICIES "/{policy}", PERMIT_MANAGE, 200, discard, "remove_policy",
     "Removes a policy", .answer = answer},
    {"GET", ABAC, PERMIT_MANAGE, 200, list_abac, "list_abac_policies", "Attribute rules",
     .answer = answer, .list = true},
    {"POST", ABAC, PERMIT_MANAGE, 201, create_abac, "create_abac_policy", "Adds an attribute rule",
     .body = abac_body, .answer = answer},
    {"GET", ABAC "/{policy}", PERMIT_MANAGE, 200, show_abac, "get_abac_policy",
     "An attribute rule, by name or id", .answer = answer},
    {"PUT", ABAC "/{policy}", PERMIT_MANAGE, 200, replace_abac, "replace_abac_policy",
     "Changes an attribute rule", .body = abac_body, .answer = answer},
    {"DELETE", ABAC "/{policy}", PERMIT_MANAGE, 200, discard_abac, "remove_abac_policy",
     "Removes an attribute rule", .answer = answer},
    {0}};
