/* Checkpoints of proxies' audit logs that this control plane keeps. They are of logs that several
 * organizations share, and tell no more of them than how many entries there are. */
#include "store/checkpoints.h"
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"

static void write_row(struct json *j, const struct store_checkpoint *row)
{
    json_open(j, '{');
    json_kv_str(j, "checkpoint_id", row->id);
    json_kv_str(j, "proxy_id", row->proxy_id);
    json_kv_str(j, "log_id", row->log_id);
    json_kv_i64(j, "entries", row->entries);
    json_kv_str(j, "note", row->note);
    json_kv_bool(j, "refused", row->refused);
    call_time(j, "received_at", row->received_us);
    json_close(j, '}');
}

/* One row more than the page has tells that there is a next one. */
static enum status list(struct call *c, struct error *e)
{
    int64_t most = given_int(c->query, "limit", PAGE_STANDARD);
    struct store_checkpoint *rows;
    struct json *j = &c->json;
    size_t n;
    if (store_checkpoints(c->config->store, given_text(c->query, "log_id"),
                          given_text(c->query, "cursor"), most + 1, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    bool more = n > (size_t)most;
    n = more ? (size_t)most : n;
    json_open(j, '{');
    json_key(j, "data");
    json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        write_row(j, &rows[i]);
    }
    json_close(j, ']');
    json_key(j, "pagination");
    json_open(j, '{');
    json_kv_str(j, "cursor", more ? rows[n - 1].id : STR_NULL);
    json_kv_bool(j, "has_more", more);
    json_kv_str(j, "total", STR_NULL);
    json_close(j, '}');
    json_close(j, '}');
    return OK;
}

static const struct field list_query[] = {
    {"log_id", OF_TEXT, false, 36, 36, .help = "of one log alone"}, {0}};
static const struct field row_answer[] = {
    {"checkpoint_id", OF_TEXT, true},
    {"proxy_id", OF_TEXT, true},
    {"log_id", OF_TEXT, true},
    {"entries", OF_INT, true},
    {"note", OF_TEXT, true, .help = "signed, as docs/audit-format.md has it"},
    {"refused", OF_BOOL, true,
     .help =
         "it contradicted what was kept of its log: that was put back from a copy, or is a fork"},
    {"received_at", OF_TIME, true},
    {0}};

const struct route checkpoint_routes[] = {
    {"GET", "/v1/audit/checkpoints", PERMIT_READ_AUDIT, 200, list, "list_audit_checkpoints",
     "Checkpoints of proxies' audit logs, of each log those of fewer entries first",
     .query = list_query, .answer = row_answer, .list = true},
    {0}};
