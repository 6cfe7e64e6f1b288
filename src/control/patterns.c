/* The organization's own patterns of redaction. */
#include "store/patterns.h"
#include "audit/pattern.h"
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"

static void write_pattern(struct json *j, const void *row)
{
    const struct store_pattern *p = row;
    json_open(j, '{');
    json_kv_str(j, "name", p->name);
    json_kv_str(j, "pattern", p->text);
    call_time(j, "created_at", p->created_us);
    json_close(j, '}');
}

static enum status list(struct call *c, struct error *e)
{
    struct store_pattern *rows;
    size_t n = 0;
    if (store_patterns(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_pattern, name, write_pattern);
    return OK;
}

static enum status set(struct call *c, struct error *e)
{
    struct store_pattern row = {.name = c->params[1], .text = given_text(c->body, "pattern")};
    if (pattern_check(row.name, row.text, e) != OK ||
        store_pattern_set(c->config->store, c->actor, c->who->org_id, row.name, row.text,
                          PATTERNS_MAX, e) != OK) {
        return FAIL;
    }
    write_pattern(&c->json, &row);
    return OK;
}

static enum status unset(struct call *c, struct error *e)
{
    if (store_pattern_remove(c->config->store, c->actor, c->who->org_id, c->params[1], e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "name", c->params[1]);
    json_close(&c->json, '}');
    return OK;
}

static const struct field body[] = {
    {"pattern", OF_TEXT, true, 1, PATTERN_TEXT_MAX,
     .help = "regular expression (PCRE2, without back references and looking around)"},
    {0}};
static const struct field answer[] = {
    {"name", OF_TEXT, true}, {"pattern", OF_TEXT}, {"created_at", OF_TIME}, {0}};

#define PATTERNS "/v1/organizations/{org}/redaction-patterns"
const struct route pattern_routes[] = {
    {"GET", PATTERNS, PERMIT_MANAGE, 200, list, "list_redaction_patterns",
     "Patterns that are redacted in the audit log besides the built-in ones", .answer = answer,
     .list = true},
    {"PUT", PATTERNS "/{pattern}", PERMIT_MANAGE, 200, set, "set_redaction_pattern",
     "Adds or changes a pattern", .body = body, .answer = answer},
    {"DELETE", PATTERNS "/{pattern}", PERMIT_MANAGE, 200, unset, "remove_redaction_pattern",
     "Removes a pattern", .answer = answer},
    {0}};
