/* What was done with a key, and when last: counted from the audit log. */
#include <string.h>

#include "base/clock.h"
#include "control/audit.h"
#include "control/key.h"
#include "meter/period.h"

enum { USAGE_READ_MAX = 256 << 20 };

struct usage {
    struct str key_id;
    int64_t queries, failed, rows;
    double credits;
    char last[CLOCK_TEXT_SIZE]; /* "": never */
};

static void add_use(void *ctx, const struct line *line, struct str text, const json_t *entry)
{
    struct usage *u = ctx;
    (void)text;
    if (!str_eq(given_text(entry, "key_id"), u->key_id)) {
        return;
    }
    u->queries++;
    u->failed += given(entry, "error_code");
    u->rows += given_int(entry, "rows_returned", 0);
    u->credits += json_number_value(json_object_get(entry, "credits_consumed"));
    if (memcmp(u->last, line->timestamp.p, LINE_TIME_TEXT) < 0) {
        memcpy(u->last, line->timestamp.p, LINE_TIME_TEXT);
    }
}

static bool never_enough(void *ctx)
{
    (void)ctx;
    return false;
}

static void write_usage(struct call *c, const struct store_key *key, const struct usage *u,
                        const struct audit_search *s, bool complete)
{
    struct json *j = &c->json;
    json_open(j, '{');
    json_kv_str(j, "key_id", key->id);
    json_kv_str(j, "agent_name", key->agent_id.n ? key->agent_id : STR_NULL);
    json_kv_str(j, "user_id", key->user_id.n ? key->user_id : STR_NULL);
    call_time(j, "from", s->from_us);
    call_time(j, "to", s->to_us);
    json_kv_bool(j, "complete", complete);
    json_kv_i64(j, "total_queries", u->queries);
    json_kv_i64(j, "failed_queries", u->failed);
    json_kv_i64(j, "rows_returned", u->rows);
    json_kv_f64(j, "total_credits", u->credits);
    json_kv_str(j, "last_used_at", u->last[0] ? str_of(u->last) : STR_NULL);
    json_close(j, '}');
}

/* Counted from the audit log; this month's without a range. */
enum status key_usage(struct call *c, bool agents, struct error *e)
{
    struct store_key key;
    struct usage u = {0};
    struct audit_search s = {.org_id = c->who->org_id,
                             .kind = AUDIT_OUTCOME,
                             .from_us = period_at(clock_wall_us()).start_us,
                             .engine = c->config->engine,
                             .bytes_max = USAGE_READ_MAX,
                             .take = add_use,
                             .enough = never_enough,
                             .ctx = &u};
    uint64_t left_off = 0;
    if (key_of_path(c, 1, agents, &key, e) != OK || audit_enter(c, e) != OK) {
        return FAIL;
    }
    u.key_id = key.id;
    audit_read_range(c, &s);
    audit_same(&s, "key_id", u.key_id);
    enum status status = audit_search(c->config->audit_dir, &s, &left_off, e);
    audit_leave(c);
    if (status == OK) {
        write_usage(c, &key, &u, &s, !left_off);
    }
    return status;
}

const struct field key_usage_query[] = {AUDIT_RANGE, {0}};
const struct field key_usage_answer[] = {
    {"key_id", OF_TEXT, true},
    {"agent_name", OF_TEXT, .help = "null: a user's key"},
    {"user_id", OF_TEXT, .help = "null: an agent's key"},
    {"from", OF_TIME, true},
    {"to", OF_TIME, .help = "null: now"},
    {"complete", OF_BOOL, true, .help = "false: the log is too long to be counted at once"},
    {"total_queries", OF_INT, true, .help = "that ended, well or not"},
    {"failed_queries", OF_INT, true},
    {"rows_returned", OF_INT, true},
    {"total_credits", OF_NUMBER, true},
    {"last_used_at", OF_TIME, .help = "null: not within the range"},
    {0}};
