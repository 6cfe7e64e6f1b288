/* Policy tests, a file at a time: who asks what, and what must come out (docs/policies.md). Cases
 * without tables of their own ask the data plane's tables, and run nothing; the others run in an
 * installation that is made for them and thrown away. */
#include "control/call.h"
#include "control/resources.h"
#include "control/server.h"
#include "policy/policy.h"
#include "store/org.h"
#include "trial/run.h"

enum { DOCUMENTS_MAX = 10000, TESTERS_MAX = 2 };

static enum status read_policies(struct call *c, struct policy_choice *out, struct error *e)
{
    const json_t *texts = json_object_get(c->body, "documents");
    size_t n = json_array_size(texts);
    struct policy_document *at = ARENA_ARRAY(c->arena, struct policy_document, n);
    *out = (struct policy_choice){given(c->body, "documents"), at, n};
    for (size_t i = 0; i < n; i++) {
        const json_t *text = json_array_get(texts, i);
        if (!json_is_string(text)) {
            return call_wrong(c, e, "documents", "texts, each a policy's JSON");
        }
        at[i].json = (struct str){json_string_value(text), json_string_length(text)};
        if (policy_head_read(at[i].json, c->arena, &at[i], e) != OK ||
            policy_validate(&at[i], e) != OK) {
            return FAIL;
        }
        at[i].id = at[i].name;
        at[i].org_id = c->who->org_id;
    }
    return OK;
}

/* Each such request may hold a worker, and an engine of its own, for a while. */
static enum status enter(struct call *c, struct error *e)
{
    if (!c->control || atomic_fetch_add(&c->control->testers, 1) < TESTERS_MAX) {
        return OK;
    }
    atomic_fetch_sub(&c->control->testers, 1);
    c->retry_seconds = 5;
    return error_set(e, ERR_RATE_LIMITED, "%d policy tests are being run already", TESTERS_MAX);
}

static void leave(struct call *c)
{
    if (c->control) {
        atomic_fetch_sub(&c->control->testers, 1);
    }
}

static enum status check_place(const struct call *c, bool has_tables, struct error *e)
{
    if (!c->config->trials) {
        return error_set(e, ERR_NOT_HERE, "no policy tests are run here");
    }
    if (!has_tables && !c->config->pipeline) {
        error_set(e, ERR_NOT_HERE, "this control plane has no tables to ask for");
        return error_hint(e, "Give the file tables of its own.");
    }
    return OK;
}

static enum status test(struct call *c, struct trial_run *r, struct trial_report *out,
                        struct error *e)
{
    struct pipeline *asked = NULL;
    if (!r->cases->table_count &&
        pipeline_for_asking(c->config->pipeline, r->policies.given, r->policies.at, r->policies.n,
                            &asked, e) != OK) {
        return FAIL;
    }
    r->asked = asked;
    enum status status = trial_run(r, out, e);
    pipeline_free(asked);
    return status;
}

static void write_report(struct json *j, const struct trial_report *report)
{
    json_open(j, '{');
    json_kv_i64(j, "cases", (int64_t)report->cases);
    json_kv_i64(j, "failed", (int64_t)report->failed);
    json_kv_i64(j, "mistakes", (int64_t)report->mistakes);
    json_key(j, "findings");
    json_open(j, '[');
    for (size_t i = 0; i < report->findings.n; i++) {
        json_open(j, '{');
        json_kv_i64(j, "line", report->findings.at[i].line);
        json_kv_str(j, "text", report->findings.at[i].text);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static enum status run(struct call *c, struct error *e)
{
    struct trial_report report = {.a = c->arena};
    struct policy_cases cases;
    struct store_org org;
    struct trial_run r = {
        .site = c->config->trials,
        .org = &org,
        .cases = &cases,
        .environment = given(c->body, "environment") ? given_text(c->body, "environment") : STR(""),
        .stops = c->control ? &c->control->stops : NULL};
    if (policy_cases_read(given_text(c->body, "test"), c->arena, &cases, e) != OK ||
        check_place(c, cases.table_count > 0, e) != OK || read_policies(c, &r.policies, e) != OK ||
        store_org_find(c->config->store, c->who->org_id, c->arena, &org, e) != OK ||
        enter(c, e) != OK) {
        return FAIL;
    }
    enum status status = test(c, &r, &report, e);
    leave(c);
    if (status == OK) {
        write_report(&c->json, &report);
    }
    return status;
}

static const struct field body[] = {
    {"test", OF_SCRIPT, true, 1, STORE_JSON_MAX, .help = "the text of a file of tests"},
    {"documents", OF_ARRAY, false, 0, DOCUMENTS_MAX,
     .help = "texts, each a policy's JSON, to decide by in place of the stored policies"},
    {"environment", OF_TEXT, false, 1, STORE_NAME_MAX,
     .help = "whose tables are there for who says no other"},
    {0}};
static const struct field finding[] = {
    {"line", OF_INT, true, .help = "of the test"}, {"text", OF_SCRIPT, true}, {0}};
static const struct field answer[] = {
    {"cases", OF_INT, true},
    {"failed", OF_INT, true},
    {"mistakes", OF_INT, true, .help = "of the test itself: a table that can't be made"},
    {"findings", OF_ARRAY, true, .of = finding},
    {0}};

const struct route policy_test_routes[] = {
    {"POST", "/v1/organizations/{org}/policy-tests", PERMIT_MANAGE, 200, run, "test_policies",
     "Runs tests of policies; nothing is stored", .body = body, .answer = answer,
     .faults = {408, 422, 501}},
    {0}};
