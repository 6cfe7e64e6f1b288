/* The organization's policies as one thing: all kinds by name, as text, as files in version control
 * have them; a set applied at once or not at all; the history, and the way back. */
#include "control/call.h"
#include "control/page.h"
#include "control/policy_fit.h"
#include "control/resources.h"
#include "policy/policy.h"
#include "store/history.h"
#include "store/org.h"
#include "store/policies.h"

enum { DOCUMENTS_MAX = 10000 };

static void write_policy(struct json *j, const void *row)
{
    const struct store_policy *p = row;
    struct policy_document d = {.json = p->json};
    json_open(j, '{');
    json_kv_str(j, "id", p->id);
    json_kv_str(j, "name", p->name);
    json_kv_bool(j, "enabled", p->enabled);
    json_kv_bool(j, "shadow", policy_is_shadow(&d));
    json_kv_i64(j, "version", p->version);
    call_time(j, "changed_at", p->changed_us);
    json_kv_str(j, "document", p->json);
    json_close(j, '}');
}

static enum status list(struct call *c, struct error *e)
{
    struct store_policy *rows;
    size_t n = 0;
    if (store_policies(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_policy, id, write_policy);
    return OK;
}

static enum status find(struct call *c, struct store_policy *out, struct error *e)
{
    return store_policy_find(c->config->store, c->who->org_id, c->params[1], c->arena, out, e);
}

static enum status show(struct call *c, struct error *e)
{
    struct store_policy policy;
    if (find(c, &policy, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &policy);
    return OK;
}

/* ---- documents ---- */

static enum status check_environments(struct call *c, const struct policy_document *d,
                                      struct error *e)
{
    struct str *names;
    size_t n = policy_environments(d, c->arena, &names);
    return store_environments_check(c->config->store, c->who->org_id, names, n, e) == OK
               ? policy_fit_check(c, d, names, n, e)
               : error_hint(e,
                            "Policy \"%.*s\" names it; `hatidata org show` lists those that are "
                            "there.",
                            STR_ARG(d->name));
}

/* A document that comes as text. What is wrong with it is told with its name. */
static enum status read_document(struct call *c, struct str text, struct policy_document *out,
                                 struct error *e)
{
    struct error why = ERROR_INIT;
    *out = (struct policy_document){.org_id = c->who->org_id, .json = text};
    if (policy_head_read(text, c->arena, out, &why) == OK && policy_validate(out, &why) == OK) {
        return check_environments(c, out, e);
    }
    error_set(e, why.code, "%s%.*s%s%s",
              out->name.n ? "policy \"" : "a policy: ", STR_ARG(out->name),
              out->name.n ? "\": " : "", why.message);
    e->position = why.position;
    return error_hint(e, "%s", error_advice(&why));
}

static enum status replace(struct call *c, struct error *e)
{
    struct policy_document d;
    struct store_policy stored;
    if (read_document(c, given_text(c->body, "document"), &d, e) != OK) {
        return FAIL;
    }
    if (!str_eq(d.name, c->params[1])) {
        return call_wrong(c, e, "document", "a policy of the name that the path has");
    }
    if (store_policy_set(c->config->store, c->actor, c->who->org_id, d.name, d.json, d.enabled,
                         c->arena, &stored, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &stored);
    return OK;
}

static enum status set_enabled(struct call *c, bool enabled, struct error *e)
{
    return store_policy_enable(c->config->store, c->actor, c->who->org_id, c->params[1], enabled,
                               e) == OK
               ? show(c, e)
               : FAIL;
}

static enum status enable(struct call *c, struct error *e)
{
    return set_enabled(c, true, e);
}

static enum status disable(struct call *c, struct error *e)
{
    return set_enabled(c, false, e);
}

static enum status discard(struct call *c, struct error *e)
{
    struct store_policy there;
    if (find(c, &there, e) != OK ||
        store_policy_remove(c->config->store, c->actor, c->who->org_id, there.id, e) != OK) {
        return FAIL;
    }
    write_policy(&c->json, &there);
    return OK;
}

/* ---- sets ---- */

/* A document that was good when it was stored may be none for this program. */
static enum status check_step(void *ctx, const struct store_policy_step *step, struct error *e)
{
    struct policy_document d = {
        .name = step->name, .json = step->after, .enabled = step->is_enabled};
    struct error why = ERROR_INIT;
    (void)ctx;
    if (step->after.n == 0 || policy_validate(&d, &why) == OK) {
        return OK;
    }
    error_set(e, why.code, "policy \"%.*s\" of that version: %s", STR_ARG(step->name), why.message);
    return error_hint(e, "%s", error_advice(&why));
}

static void read_how(const struct call *c, int64_t *expected, struct store_apply *how)
{
    *expected = given_int(c->body, "expected_version", 0);
    *how = (struct store_apply){
        .dry_run = given_bool(c->body, "dry_run", false),
        .expected = given(c->body, "expected_version") ? expected : NULL,
    };
}

static void write_step(struct json *j, const struct store_policy_step *s)
{
    json_open(j, '{');
    json_kv_str(j, "name", s->name);
    json_kv_str(j, "before", s->before.n ? s->before : STR_NULL);
    json_kv_str(j, "after", s->after.n ? s->after : STR_NULL);
    json_kv_bool(j, "was_enabled", s->was_enabled);
    json_kv_bool(j, "is_enabled", s->is_enabled);
    json_close(j, '}');
}

static enum status answer_applied(struct call *c, const struct store_applied *applied)
{
    struct json *j = &c->json;
    json_open(j, '{');
    json_kv_i64(j, "base_version", applied->base);
    json_key(j, "version");
    if (applied->version) {
        json_i64(j, applied->version);
    } else {
        json_raw(j, STR("null"));
    }
    json_key(j, "steps");
    json_open(j, '[');
    for (size_t i = 0; i < applied->count; i++) {
        write_step(j, &applied->steps[i]);
    }
    json_close(j, ']');
    json_close(j, '}');
    return OK;
}

/* Each name once: which of two documents would hold? */
static enum status check_names(struct call *c, const struct store_policy_wish *wishes, size_t n,
                               struct error *e)
{
    json_t *names = json_object();
    for (size_t i = 0; i < n; i++) {
        json_object_setn_new(names, wishes[i].name.p, wishes[i].name.n, json_true());
    }
    bool twice = json_object_size(names) < n;
    json_decref(names);
    return twice ? call_wrong(c, e, "documents", "of different names") : OK;
}

static enum status read_wishes(struct call *c, struct store_policy_wish **out, size_t *n,
                               struct error *e)
{
    const json_t *documents = json_object_get(c->body, "documents");
    *n = json_array_size(documents);
    *out = ARENA_ARRAY(c->arena, struct store_policy_wish, *n);
    for (size_t i = 0; i < *n; i++) {
        const json_t *text = json_array_get(documents, i);
        struct policy_document d;
        if (!json_is_string(text)) {
            return call_wrong(c, e, "documents", "texts, each a policy's JSON");
        }
        if (read_document(c, (struct str){json_string_value(text), json_string_length(text)}, &d,
                          e) != OK) {
            return FAIL;
        }
        (*out)[i] = (struct store_policy_wish){d.name, d.json, d.enabled};
    }
    return check_names(c, *out, *n, e);
}

static enum status apply(struct call *c, struct error *e)
{
    struct store_policy_wish *wishes;
    struct store_applied applied;
    struct store_apply how;
    int64_t expected;
    size_t n;
    read_how(c, &expected, &how);
    how.prune = given_bool(c->body, "prune", false);
    if (read_wishes(c, &wishes, &n, e) != OK) {
        return FAIL;
    }
    return store_policies_apply(c->config->store, c->actor, c->who->org_id, wishes, n, &how,
                                c->arena, &applied, e) == OK
               ? answer_applied(c, &applied)
               : FAIL;
}

static enum status rollback(struct call *c, struct error *e)
{
    struct store_applied applied;
    struct store_apply how;
    int64_t expected;
    read_how(c, &expected, &how);
    how.check = check_step;
    return store_policies_rollback(c->config->store, c->actor, c->who->org_id,
                                   given_int(c->body, "version", 0), &how, c->arena, &applied,
                                   e) == OK
               ? answer_applied(c, &applied)
               : FAIL;
}

/* ---- the history ---- */

static void write_version(struct json *j, const struct store_policy_version *v, bool document)
{
    json_open(j, '{');
    json_kv_i64(j, "version", v->version);
    call_time(j, "at", v->at_us);
    json_kv_str(j, "actor", v->actor.n ? v->actor : STR_NULL);
    json_kv_str(j, "action", v->action);
    json_kv_str(j, "name", v->name);
    json_kv_str(j, "state",
                !v->json.n   ? STR("gone")
                : v->enabled ? STR("enabled")
                             : STR("disabled"));
    if (document) {
        json_kv_str(j, "document", v->json.n ? v->json : STR_NULL);
    }
    json_close(j, '}');
}

/* A history that isn't whole is given nevertheless, to be looked at, with what is wrong. */
static enum status history(struct call *c, struct error *e)
{
    struct store_policy_version *rows = NULL;
    struct error why = ERROR_INIT;
    struct json *j = &c->json;
    size_t n = 0;
    if (store_history(c->config->store, c->who->org_id, given_text(c->query, "name"), c->arena,
                      &rows, &n, &why) != OK &&
        why.code != ERR_CORRUPT) {
        *e = why;
        return FAIL;
    }
    json_open(j, '{');
    json_key(j, "versions");
    json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        write_version(j, &rows[i], false);
    }
    json_close(j, ']');
    json_kv_str(j, "fault", why.code ? str_of(why.message) : STR_NULL);
    json_kv_str(j, "hint", why.code ? str_of(error_advice(&why)) : STR_NULL);
    json_close(j, '}');
    return OK;
}

/* The policy as of a version: its row that was the newest then. */
static enum status as_of(struct call *c, struct error *e)
{
    struct store_policy_version *rows = NULL, *found = NULL;
    struct str name = c->params[1];
    int64_t version = 0;
    size_t n = 0;
    if (!str_to_i64(c->params[2], &version) || version < 1) {
        return error_set(e, ERR_NOT_FOUND, "there is nothing at this path");
    }
    if (store_history(c->config->store, c->who->org_id, name, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n && rows[i].version <= version; i++) {
        found = &rows[i];
    }
    if (!found || !found->json.n) {
        return error_set(e, ERR_NOT_FOUND, "there was no policy \"%.*s\" then", STR_ARG(name));
    }
    write_version(&c->json, found, true);
    return OK;
}

#define DOCUMENT "a policy's JSON, which is kept as it is written"
#define HOW                                                                                        \
    {"dry_run", OF_BOOL, .help = "tells the steps and changes nothing"},                           \
    {                                                                                              \
        "expected_version", OF_INT, false, 0, INT64_MAX,                                           \
            .help = "409 where the policies are at another version by now"                         \
    }
static const struct field document_body[] = {
    {"document", OF_SCRIPT, true, 1, STORE_JSON_MAX, .help = DOCUMENT}, {0}};
static const struct field apply_body[] = {
    {"documents", OF_ARRAY, true, 0, DOCUMENTS_MAX, .help = "texts, each " DOCUMENT},
    {"prune", OF_BOOL, .help = "policies that aren't among them are removed"},
    HOW,
    {0}};
static const struct field rollback_body[] = {
    {"version", OF_INT, true, 1, INT64_MAX, .help = "as of which they shall be"}, HOW, {0}};
static const struct field history_query[] = {
    {"name", OF_TEXT, false, 1, STORE_NAME_MAX, .help = "of one policy; without it, of all"}, {0}};

static const struct field answer[] = {
    {"id", OF_TEXT, true},
    {"name", OF_TEXT, true},
    {"enabled", OF_BOOL, true},
    {"shadow", OF_BOOL, true, .help = "decides nothing, and tells what it would"},
    {"version", OF_INT, true, .help = "of this policy, from 1"},
    {"changed_at", OF_TIME, true},
    {"document", OF_SCRIPT, true},
    {0}};
static const struct field step_answer[] = {
    {"name", OF_TEXT, true},
    {"before", OF_SCRIPT, .help = "the document; null: there was none"},
    {"after", OF_SCRIPT, .help = "the document; null: there is none"},
    {"was_enabled", OF_BOOL, true},
    {"is_enabled", OF_BOOL, true},
    {0}};
static const struct field applied_answer[] = {
    {"base_version", OF_INT, true, .help = "of all policies, before; 0: none"},
    {"version", OF_INT, .help = "after; null: nothing was changed"},
    {"steps", OF_ARRAY, true, .help = "by name", .of = step_answer},
    {0}};
#define VERSION_ANSWER                                                                             \
    {"version", OF_INT, true}, {"at", OF_TIME, true},                                              \
        {"actor", OF_TEXT, .help = "null: not known"}, {"action", OF_TEXT, true},                  \
        {"name", OF_TEXT, true},                                                                   \
    {                                                                                              \
        "state", OF_TEXT, true, .words = "enabled|disabled|gone"                                   \
    }
static const struct field change_answer[] = {VERSION_ANSWER, {0}};
static const struct field history_answer[] = {
    {"versions", OF_ARRAY, true, .help = "oldest first", .of = change_answer},
    {"fault", OF_TEXT, .help = "what isn't as it was written; null: it is whole"},
    {"hint", OF_TEXT},
    {0}};
static const struct field version_answer[] = {VERSION_ANSWER, {"document", OF_SCRIPT, true}, {0}};

#define SET    "/v1/organizations/{org}/policies"
#define POLICY SET "/{policy}"
const struct route policy_set_routes[] = {
    {"GET", SET, PERMIT_MANAGE, 200, list, "list_all_policies", "Policies of all kinds",
     .answer = answer, .list = true},
    {"POST", SET, PERMIT_MANAGE, 200, apply, "apply_policies",
     "Makes the policies as the documents have them: all of them, or nothing", .body = apply_body,
     .answer = applied_answer},
    {"GET", POLICY, PERMIT_MANAGE, 200, show, "get_any_policy", "A policy of any kind",
     .answer = answer},
    {"PUT", POLICY, PERMIT_MANAGE, 200, replace, "put_policy", "Makes or replaces a policy",
     .body = document_body, .answer = answer},
    {"POST", POLICY "/enable", PERMIT_MANAGE, 200, enable, "enable_policy", "Makes it hold",
     .answer = answer},
    {"POST", POLICY "/disable", PERMIT_MANAGE, 200, disable, "disable_policy",
     "Keeps it, and lets it decide nothing", .answer = answer},
    {"DELETE", POLICY, PERMIT_MANAGE, 200, discard, "discard_policy", "Removes it",
     .answer = answer},
    {"GET", POLICY "/versions/{version}", PERMIT_MANAGE, 200, as_of, "get_policy_version",
     "The policy as it was as of a version of the history", .answer = version_answer},
    {"GET", "/v1/organizations/{org}/policy-history", PERMIT_MANAGE, 200, history,
     "list_policy_history", "What the policies were made into, when and by whom",
     .query = history_query, .answer = history_answer},
    {"POST", "/v1/organizations/{org}/policy-history/rollback", PERMIT_MANAGE, 200, rollback,
     "roll_policies_back", "Makes the policies what they were as of a version",
     .body = rollback_body, .answer = applied_answer},
    {0}};
