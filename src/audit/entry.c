#include "audit/entry.h"

#include <stdio.h>

#include "audit/fingerprint.h"
#include "audit/redact.h"
#include "audit/redact_text.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"

/* The longest prefix of at most `max` bytes that doesn't end within a UTF-8 sequence. */
static struct str prefix(struct str s, size_t max)
{
    if (s.n <= max) {
        return s;
    }
    size_t n = max;
    while (n > 0 && max - n < 4 && ((unsigned char)s.p[n] & 0xC0) == 0x80) {
        n--;
    }
    return (struct str){s.p, n};
}

/* A string, cut with a marker that gives its full length. */
static void put_cut(struct json *j, struct str s, size_t max)
{
    if (s.n <= max) {
        json_str(j, (struct str){s.p ? s.p : "", s.n});
        return;
    }
    struct buf cut = BUF_INIT(0);
    buf_put_str(&cut, prefix(s, max));
    buf_printf(&cut, "<cut: %zu bytes in all>", s.n);
    json_str(j, buf_str(&cut));
    buf_free(&cut);
}

static void put_text(struct json *j, const char *key, struct str s, size_t max)
{
    if (s.n) {
        json_key(j, key);
        put_cut(j, s, max);
    }
}

/* Words of a client's own. */
static void put_redacted(struct json *j, const char *key, struct str s,
                         const struct pattern_set *own)
{
    struct buf clean = BUF_INIT(0);
    (void)redact_text(s, true, own, &clean);
    put_text(j, key, buf_str(&clean), ENTRY_ID_MAX);
    buf_free(&clean);
}

/* As put_text, but there even when it is empty. */
static void put_required(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    put_cut(j, s, ENTRY_ID_MAX);
}

static void put_list(struct json *j, const char *key, const struct str *texts, size_t n,
                     size_t total)
{
    size_t shown = n < ENTRY_LIST_MAX ? n : ENTRY_LIST_MAX;
    if (n == 0) {
        return;
    }
    json_key(j, key);
    json_open(j, '[');
    for (size_t i = 0; i < shown; i++) {
        put_cut(j, texts[i], ENTRY_ID_MAX);
    }
    json_close(j, ']');
    if (shown < total) {
        char cut[64];
        snprintf(cut, sizeof cut, "%s_total", key);
        json_kv_i64(j, cut, (int64_t)total);
    }
}

/* Of tables and columns, which whoever made them may have called as he liked. */
static void put_names(struct json *j, const char *key, const struct str *names, size_t n,
                      const struct pattern_set *own)
{
    size_t shown = n < ENTRY_LIST_MAX ? n : ENTRY_LIST_MAX, ends[ENTRY_LIST_MAX + 1] = {0};
    struct str texts[ENTRY_LIST_MAX];
    struct buf clean = BUF_INIT(0);
    for (size_t i = 0; i < shown; i++) {
        (void)redact_text(names[i], true, own, &clean);
        ends[i + 1] = clean.n;
    }
    for (size_t i = 0; i < shown; i++) {
        texts[i] = (struct str){(const char *)clean.p + ends[i], ends[i + 1] - ends[i]};
    }
    put_list(j, key, texts, shown, n);
    buf_free(&clean);
}

static void put_verdicts(struct json *j, const struct audit_verdict *v, size_t n)
{
    size_t shown = n < ENTRY_LIST_MAX ? n : ENTRY_LIST_MAX;
    if (n == 0) {
        return;
    }
    json_key(j, "policy_verdicts");
    json_open(j, '[');
    for (size_t i = 0; i < shown; i++) {
        json_open(j, '{');
        put_required(j, "policy_id", v[i].policy_id);
        put_required(j, "policy_name", v[i].policy_name);
        put_required(j, "action", v[i].action);
        put_text(j, "columns", v[i].columns, ENTRY_TEXT_MAX);
        json_close(j, '}');
    }
    json_close(j, ']');
    if (shown < n) {
        json_kv_i64(j, "policy_verdicts_total", (int64_t)n);
    }
}

/* What is looked at of a statement. The cut could halve a secret so that redaction doesn't see it,
 * but then the half stands at the end, and entry_write_text() drops the end. */
static struct str readable(struct str sql)
{
    return (struct str){sql.p, sql.n < ENTRY_SQL_READ_MAX ? sql.n : ENTRY_SQL_READ_MAX};
}

/* sql_redacted, and for one that was cut the full length. */
void entry_write_text(struct buf *out, const struct audit_entry *e, const struct pattern_set *own,
                      const uint8_t key[32])
{
    const struct redact_rules rules = {.snowflake = e->is_snowflake,
                                       .own = own,
                                       .columns = {.names = e->insert_columns,
                                                   .count = e->insert_column_count,
                                                   .unknown = e->is_unbound}};
    struct str sql = e->sql;
    struct json json = JSON_INIT(out), *j = &json;
    struct buf clean = BUF_INIT(0);
    redact_sql(readable(sql), &rules, &clean);
    bool cut = sql.n > ENTRY_SQL_READ_MAX;
    if (cut) {
        clean.n -= clean.n < ENTRY_END_DROPPED ? clean.n : ENTRY_END_DROPPED;
    }
    cut = cut || clean.n > ENTRY_SQL_MAX;
    if (cut) {
        clean.n = prefix(buf_str(&clean), ENTRY_SQL_MAX).n;
        buf_puts(&clean, "<cut>");
    }
    json_kv_str(j, "sql_redacted", buf_str(&clean));
    if (cut) {
        json_kv_i64(j, "sql_bytes", (int64_t)sql.n);
    }
    buf_free(&clean);
    char print[FINGERPRINT_TEXT];
    fingerprint_sql(key, sql, rules.snowflake, print);
    json_kv_str(j, "sql_fingerprint", str_of(print));
}

/* Members that were written before. */
static void put_members(struct json *j, struct str members)
{
    if (j->comma) {
        buf_u8(j->out, ',');
    }
    buf_put_str(j->out, members);
    j->comma = true;
}

static void put_sql(struct json *j, const struct audit_entry *e, const struct pattern_set *own,
                    const uint8_t key[32])
{
    if (e->text.n) {
        put_members(j, e->text);
        return;
    }
    struct buf text = BUF_INIT(0);
    entry_write_text(&text, e, own, key);
    put_members(j, buf_str(&text));
    buf_free(&text);
}

static void put_who(struct json *j, const struct audit_entry *e, const struct pattern_set *own)
{
    put_redacted(j, "request_id", e->request_id, own);
    put_redacted(j, "parent_request_id", e->parent_request_id, own);
    put_redacted(j, "reasoning_step", e->reasoning_step, own);
    put_text(j, "session_id", e->session_id, ENTRY_ID_MAX);
    if (e->kind == AUDIT_INTENT || e->kind == AUDIT_OUTCOME) {
        put_required(j, "user_id", e->user_id);
        put_required(j, "org_id", e->org_id);
    } else {
        put_text(j, "user_id", e->user_id, ENTRY_ID_MAX);
        put_text(j, "org_id", e->org_id, ENTRY_ID_MAX);
    }
    put_text(j, "role", e->role, ENTRY_ID_MAX);
    put_text(j, "grant_id", e->grant_id, ENTRY_ID_MAX);
    put_text(j, "key_id", e->key_id, ENTRY_ID_MAX);
    put_text(j, "environment", e->environment, ENTRY_ID_MAX);
    put_text(j, "agent_id", e->agent_id, ENTRY_ID_MAX);
    put_text(j, "agent_framework", e->agent_framework, ENTRY_ID_MAX);
    put_text(j, "source_ip", e->source_ip, ENTRY_ID_MAX);
}

static void put_result(struct json *j, const struct audit_entry *e)
{
    json_kv_i64(j, "rows_returned", e->rows_returned);
    json_kv_f64(j, "execution_time_ms", (double)e->execution_time_us / 1000);
    json_kv_f64(j, "credits_consumed", e->credits_consumed);
    json_kv_bool(j, "cache_hit", e->cache_hit);
}

static void put_change(struct json *j, const struct audit_entry *e)
{
    bool iam = e->kind == AUDIT_IAM;
    if (iam) {
        put_required(j, "actor", e->actor);
    } else {
        put_text(j, "actor", e->actor, ENTRY_ID_MAX);
    }
    if (iam || e->kind == AUDIT_SYSTEM) {
        put_required(j, "action", e->action);
    } else {
        put_text(j, "action", e->action, ENTRY_ID_MAX);
    }
    if (iam) {
        put_required(j, "resource", e->resource);
    } else {
        put_text(j, "resource", e->resource, ENTRY_ID_MAX);
    }
    put_text(j, "before", e->before, ENTRY_TEXT_MAX);
    put_text(j, "after", e->after, ENTRY_TEXT_MAX);
}

static struct str put_entry_id(struct json *j, char id[ID_UUID_SIZE])
{
    id_uuid(id);
    json_kv_str(j, "entry_id", str_of(id));
    return str_of(id);
}

void entry_write(struct buf *out, const struct audit_entry *e, const struct pattern_set *own,
                 const uint8_t key[32])
{
    struct json j = JSON_INIT(out);
    char id[ID_UUID_SIZE];
    bool statement = e->kind == AUDIT_INTENT || e->kind == AUDIT_OUTCOME;
    put_entry_id(&j, id);
    if (statement) {
        put_required(&j, "query_id",
                     e->query_id); /* right after entry_id: recovery reads it there */
    } else {
        put_text(&j, "query_id", e->query_id, ENTRY_ID_MAX);
    }
    put_who(&j, e, own);
    put_change(&j, e);
    if (statement || e->sql.n || e->text.n) {
        put_sql(&j, e, own, key);
    }
    put_list(&j, "parameters", e->parameters, e->parameter_count, e->parameter_count);
    put_names(&j, "tables_accessed", e->tables_accessed, e->table_count, own);
    put_names(&j, "columns_accessed", e->columns_accessed, e->column_count, own);
    put_names(&j, "columns_masked", e->columns_masked, e->masked_count, own);
    put_verdicts(&j, e->verdicts, e->verdict_count);
    if (e->kind == AUDIT_OUTCOME) {
        put_result(&j, e);
    }
    put_text(&j, "error_code", e->error_code, ENTRY_ID_MAX);
}

static void put_whole(struct json *j, const char *name, struct str s)
{
    if (s.n > 0) {
        json_kv_str(j, name, s);
    }
}

void entry_write_system(struct buf *out, const struct entry_system *entry)
{
    struct json j = JSON_INIT(out);
    char id[ID_UUID_SIZE];
    put_entry_id(&j, id);
    json_kv_str(&j, "action", str_of(entry->action));
    put_text(&j, "resource", entry->resource, ENTRY_ID_MAX);
    put_text(&j, "before", entry->before, ENTRY_TEXT_MAX);
    put_text(&j, "after", entry->after, ENTRY_TEXT_MAX);
    put_whole(&j, "log", entry->log);
    put_whole(&j, "tree", entry->tree);
    put_whole(&j, "age", entry->age);
    put_whole(&j, "iam_seq", entry->iam_seq);
    put_whole(&j, "iam", entry->iam);
    put_whole(&j, "checkpoint", entry->checkpoint);
    put_list(&j, "query_ids", entry->names, entry->count, entry->total);
}
