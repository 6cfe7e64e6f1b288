/* The audit log over REST: statements and changes, the newest first, and whether the chain holds
 * since a session began.
 *
 * Read from the log's files, on a worker. One request reads a bounded part of them and says where
 * the next goes on; no more than two requests read at once. */
#include "control/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "control/page.h"
#include "control/resources.h"
#include "control/server.h"

enum { READ_MAX = 64 << 20, VERIFY_MAX = 256 << 20, READERS_MAX = 2 };
static const int64_t day_us = (int64_t)86400 * 1000000;

enum status audit_enter(struct call *c, struct error *e)
{
    if (!c->config->audit_dir) {
        return error_set(e, ERR_NOT_HERE, "this server has no audit log");
    }
    if (atomic_fetch_add(&c->control->log_readers, 1) < READERS_MAX) {
        return OK;
    }
    audit_leave(c);
    c->retry_seconds = 1;
    return error_set(e, ERR_RATE_LIMITED, "%d requests read the audit log already", READERS_MAX);
}

void audit_leave(struct call *c)
{
    atomic_fetch_sub(&c->control->log_readers, 1);
}

/* ---- times ---- */

/* A day or a time of RFC 3339 in UTC, as the field's pattern has it. */
static int64_t time_of(struct str text, bool *is_day)
{
    struct tm tm = {0};
    char padded[8] = "000000";
    char copy[32];
    snprintf(copy, sizeof copy, "%.*s", STR_ARG(text));
    *is_day = text.n == 10;
    sscanf(copy, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
           &tm.tm_min, &tm.tm_sec);
    for (size_t i = 20; i < text.n && copy[i] != 'Z'; i++) {
        padded[i - 20] = copy[i];
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm) * 1000000 + strtol(padded, NULL, 10);
}

void audit_same(struct audit_search *s, const char *column, struct str value)
{
    if (value.p && s->same_count < AUDIT_SAME_MAX) {
        s->same[s->same_count].column = column;
        s->same[s->same_count++].value = value;
    }
}

void audit_read_range(struct call *c, struct audit_search *s)
{
    struct str from = given_text(c->query, "start_date"), to = given_text(c->query, "end_date");
    bool is_day = false;
    if (from.p) {
        s->from_us = time_of(from, &is_day);
    }
    if (to.p) {
        int64_t end = time_of(to, &is_day) + (is_day ? day_us : 0);
        s->to_us = end > 0 ? end : 1; /* 0 would be: open */
    }
}

/* ---- pages ---- */

struct reading {
    struct call *c;
    bool (*wants)(const struct call *c, const json_t *entry);
    json_t **rows; /* the newest first */
    uint64_t *seqs;
    size_t n, most;

    /* Of the segment that is being read: the newest of its rows, in a ring. */
    json_t **ring;
    uint64_t *ring_seqs;
    size_t seen;
    bool more; /* a row that is wanted didn't fit */
};

static void take(void *ctx, const struct line *line, struct str text, const json_t *entry)
{
    struct reading *r = ctx;
    size_t room = r->most - r->n, at = room ? r->seen % room : 0;
    (void)text;
    if (!r->wants(r->c, entry)) {
        return;
    }
    if (r->seen >= room) {
        r->more = true;
    }
    if (room) {
        json_decref(r->ring[at]);
        r->ring[at] = json_incref((json_t *)(uintptr_t)entry);
        r->ring_seqs[at] = line->seq;
        r->seen++;
    }
}

/* The ring's rows go behind those of newer segments. */
static bool enough(void *ctx)
{
    struct reading *r = ctx;
    size_t room = r->most - r->n, kept = r->seen < room ? r->seen : room;
    for (size_t i = 0; i < kept; i++) {
        size_t at = (r->seen - 1 - i) % room;
        r->rows[r->n] = r->ring[at];
        r->seqs[r->n++] = r->ring_seqs[at];
        r->ring[at] = NULL;
    }
    r->seen = 0;
    return r->n == r->most;
}

static void write_rows(struct call *c, const struct reading *r)
{
    json_open(&c->json, '[');
    for (size_t i = 0; i < r->n; i++) {
        json_open(&c->json, '{');
        for (const struct field *f = c->route->answer; f->kind != OF_END; f++) {
            const json_t *v = json_object_get(r->rows[i], f->name);
            char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
            json_key(&c->json, f->name);
            json_raw(&c->json, text ? str_of(text) : STR("null"));
            free(text);
        }
        json_close(&c->json, '}');
    }
    json_close(&c->json, ']');
}

/* The cursor is the seq below which the next page begins. */
static void write_page(struct call *c, const struct reading *r, uint64_t left_off)
{
    bool full = r->n == r->most, has_more = r->more || left_off;
    uint64_t next = full ? r->seqs[r->n - 1] : left_off;
    char cursor[24];
    snprintf(cursor, sizeof cursor, "%" PRIu64, next);
    json_open(&c->json, '{');
    json_key(&c->json, "data");
    write_rows(c, r);
    json_key(&c->json, "pagination");
    json_open(&c->json, '{');
    json_kv_str(&c->json, "cursor", has_more ? str_of(cursor) : STR_NULL);
    json_kv_bool(&c->json, "has_more", has_more);
    json_kv_str(&c->json, "total", STR_NULL);
    json_close(&c->json, '}');
    json_close(&c->json, '}');
}

static enum status read_cursor(struct call *c, uint64_t *before, struct error *e)
{
    struct str text = given_text(c->query, "cursor");
    enum { DIGITS_MAX = 19 };
    *before = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.n > DIGITS_MAX || text.p[i] < '0' || text.p[i] > '9') {
            return call_wrong(c, e, "cursor", "of a page of this list");
        }
        *before = *before * 10 + (uint64_t)(text.p[i] - '0');
    }
    return OK;
}

static enum status answer_page(struct call *c, struct audit_search s,
                               bool (*wants)(const struct call *c, const json_t *entry),
                               struct error *e)
{
    size_t most = (size_t)given_int(c->query, "limit", PAGE_STANDARD);
    struct reading r = {.c = c, .wants = wants, .most = most};
    uint64_t left_off = 0;
    s.org_id = c->who->org_id;
    s.engine = c->config->engine;
    s.bytes_max = READ_MAX;
    s.take = take;
    s.enough = enough;
    s.ctx = &r;
    if (read_cursor(c, &s.before, e) != OK || audit_enter(c, e) != OK) {
        return FAIL;
    }
    audit_read_range(c, &s);
    r.rows = ARENA_ARRAY(c->arena, json_t *, most);
    r.ring = ARENA_ARRAY(c->arena, json_t *, most);
    r.seqs = ARENA_ARRAY(c->arena, uint64_t, most);
    r.ring_seqs = ARENA_ARRAY(c->arena, uint64_t, most);
    enum status status = audit_search(c->config->audit_dir, &s, &left_off, e);
    audit_leave(c);
    if (status == OK) {
        write_page(c, &r, left_off);
    }
    for (size_t i = 0; i < most; i++) {
        json_decref(r.rows[i]);
        json_decref(r.ring[i]);
    }
    return status;
}

/* ---- statements ---- */

static bool is_text(const json_t *entry, const char *member, struct str value)
{
    return str_eq(given_text(entry, member), value);
}

/* "orders" is a table of that name in any schema. */
static bool has_table(const json_t *entry, struct str table)
{
    const json_t *list = json_object_get(entry, "tables_accessed");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct str name = {json_string_value(v), json_string_length(v)};
        bool ends = name.n > table.n && name.p[name.n - table.n - 1] == '.' &&
                    str_ieq((struct str){name.p + name.n - table.n, table.n}, table);
        if (ends || str_ieq(name, table)) {
            return true;
        }
    }
    return false;
}

static bool wants_query(const struct call *c, const json_t *entry)
{
    const json_t *q = c->query;
    return is_text(entry, "environment", c->params[0]) &&
           (!given(q, "user_id") || is_text(entry, "user_id", given_text(q, "user_id"))) &&
           (!given(q, "agent_id") || is_text(entry, "agent_id", given_text(q, "agent_id"))) &&
           (!given(q, "table") || has_table(entry, given_text(q, "table"))) &&
           (!given(q, "cache_hit") ||
            given_bool(entry, "cache_hit", false) == given_bool(q, "cache_hit", false)) &&
           json_number_value(json_object_get(entry, "execution_time_ms")) >=
               (double)given_int(q, "min_duration_ms", 0);
}

static enum status list_queries(struct call *c, struct error *e)
{
    struct audit_search s = {.kind = AUDIT_OUTCOME};
    audit_same(&s, "environment", c->params[0]);
    audit_same(&s, "user_id", given_text(c->query, "user_id"));
    audit_same(&s, "agent_id", given_text(c->query, "agent_id"));
    return answer_page(c, s, wants_query, e);
}

/* ---- changes ---- */

/* Of "user:<id>" and "user:<id> via request <id>". */
static bool is_actor(const json_t *entry, struct str user_id)
{
    struct str actor = given_text(entry, "actor"), who = str_cut(&actor, ' ');
    return who.n > 5 && str_eq((struct str){who.p + 5, who.n - 5}, user_id) &&
           !memcmp(who.p, "user:", 5);
}

static bool wants_change(const struct call *c, const json_t *entry)
{
    const json_t *q = c->query;
    return (!given(q, "user_id") || is_actor(entry, given_text(q, "user_id"))) &&
           (!given(q, "action") || is_text(entry, "action", given_text(q, "action")));
}

static enum status list_changes(struct call *c, struct error *e)
{
    struct audit_search s = {.kind = AUDIT_IAM};
    audit_same(&s, "action", given_text(c->query, "action"));
    return answer_page(c, s, wants_change, e);
}

/* ---- one session ---- */

static void write_break(struct json *j, const struct audit_session *s)
{
    json_key(j, "break");
    if (s->chain_valid) {
        json_raw(j, STR("null"));
        return;
    }
    json_open(j, '{');
    json_kv_i64(j, "seq", (int64_t)s->bad_seq);
    json_kv_str(j, "file", str_of(s->bad_file));
    json_kv_i64(j, "line", (int64_t)s->bad_line);
    json_kv_str(j, "reason", str_of(s->reason));
    json_close(j, '}');
}

static enum status verify_session(struct call *c, struct error *e)
{
    struct audit_session s;
    struct json *j = &c->json;
    if (audit_enter(c, e) != OK) {
        return FAIL;
    }
    enum status status =
        audit_verify_session(c->config->audit_dir, c->who->org_id, c->params[0], VERIFY_MAX, &s, e);
    audit_leave(c);
    if (status != OK) {
        return FAIL;
    }
    if (!s.entries && s.chain_valid) {
        return error_set(e, ERR_NOT_FOUND, "the organization has no such session");
    }
    json_open(j, '{');
    json_kv_str(j, "session_id", c->params[0]);
    json_kv_i64(j, "entry_count", (int64_t)s.entries);
    json_kv_bool(j, "chain_valid", s.chain_valid);
    json_kv_str(j, "first_entry_hash", s.entries ? str_of(s.first_hash) : STR_NULL);
    json_kv_str(j, "last_entry_hash", s.entries ? str_of(s.last_hash) : STR_NULL);
    call_time(j, "verified_at", clock_wall_us());
    write_break(j, &s);
    json_close(j, '}');
    return OK;
}

/* ---- routes ---- */

static const struct field queries_query[] = {
    AUDIT_RANGE,
    {"user_id", OF_TEXT, false, 1, 256},
    {"agent_id", OF_TEXT, false, 1, 256},
    {"table", OF_TEXT, false, 1, 256, .help = "that was read or written, with or without schema"},
    {"cache_hit", OF_BOOL},
    {"min_duration_ms", OF_INT, false, 0, INT32_MAX},
    {0}};
static const struct field verdict[] = {{"policy_id", OF_TEXT},
                                       {"policy_name", OF_TEXT},
                                       {"action", OF_TEXT},
                                       {"columns", OF_TEXT},
                                       {0}};
#define ENTRY                                                                                      \
    {"entry_id", OF_TEXT, true}, {"seq", OF_INT, true},                                            \
    {                                                                                              \
        "timestamp", OF_TIME, true                                                                 \
    }
#define HASHES                                                                                     \
    {"prev_hash", OF_TEXT, true},                                                                  \
    {                                                                                              \
        "entry_hash", OF_TEXT, true                                                                \
    }
static const struct field query_answer[] = {
    ENTRY,
    {"query_id", OF_TEXT, true},
    {"request_id", OF_TEXT},
    {"parent_request_id", OF_TEXT},
    {"reasoning_step", OF_TEXT},
    {"session_id", OF_TEXT},
    {"user_id", OF_TEXT, true},
    {"role", OF_TEXT},
    {"grant_id", OF_TEXT},
    {"key_id", OF_TEXT},
    {"agent_id", OF_TEXT},
    {"agent_framework", OF_TEXT},
    {"source_ip", OF_TEXT},
    {"environment", OF_TEXT},
    {"sql_redacted", OF_TEXT, true},
    {"sql_fingerprint", OF_TEXT, true},
    {"parameters", OF_TEXTS, .help = "types of bound values, and what was found in them"},
    {"tables_accessed", OF_TEXTS},
    {"columns_accessed", OF_TEXTS},
    {"columns_masked", OF_TEXTS},
    {"policy_verdicts", OF_ARRAY, .of = verdict},
    {"rows_returned", OF_INT},
    {"execution_time_ms", OF_NUMBER},
    {"credits_consumed", OF_NUMBER},
    {"cache_hit", OF_BOOL},
    {"error_code", OF_TEXT, .help = "null: it went well"},
    HASHES,
    {0}};

static const struct field changes_query[] = {
    AUDIT_RANGE,
    {"user_id", OF_TEXT, false, 1, 256, .help = "who made the change"},
    {"action", OF_TEXT, false, 1, 256, .help = "such as \"key.rotate\""},
    {0}};
static const struct field change_answer[] = {
    ENTRY,
    {"actor", OF_TEXT, true},
    {"action", OF_TEXT, true},
    {"resource", OF_TEXT, true},
    {"before", OF_TEXT, .help = "an object as JSON; null: it didn't exist"},
    {"after", OF_TEXT, .help = "likewise"},
    HASHES,
    {0}};

static const struct field break_answer[] = {
    {"seq", OF_INT, true, .help = "that should stand there; 0: not known"},
    {"file", OF_TEXT, true, .help = "of the log's folder"},
    {"line", OF_INT, true},
    {"reason", OF_TEXT, true},
    {0}};
static const struct field session_answer[] = {
    {"session_id", OF_TEXT, true},
    {"entry_count", OF_INT, true, .help = "up to where the chain breaks"},
    {"chain_valid", OF_BOOL, true,
     .help = "from the segment in which the session began to the end of the log"},
    {"first_entry_hash", OF_TEXT},
    {"last_entry_hash", OF_TEXT},
    {"verified_at", OF_TIME, true},
    {"break", OF_OBJECT, .help = "null: nowhere", .of = break_answer},
    {0}};

#define OF_ENV "/v1/environments/{env}/audit"
const struct route audit_routes[] = {
    {"GET", OF_ENV "/queries", PERMIT_READ_AUDIT, 200, list_queries, "list_audited_queries",
     "Statements that ended, the newest first", .query = queries_query, .answer = query_answer,
     .list = true, .faults = {501}},
    {"GET", OF_ENV "/iam", PERMIT_READ_AUDIT, 200, list_changes, "list_audited_changes",
     "Changes to the organization, the newest first", .query = changes_query,
     .answer = change_answer, .list = true, .faults = {501}},
    {"GET", "/v1/audit/sessions/{session}/verify", PERMIT_READ_AUDIT, 200, verify_session,
     "verify_session", "Does the log's chain hold since the session began?",
     .answer = session_answer, .faults = {501}},
    {0}};
