#include "store/snapshot.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "store/change.h"

/* What is replicated. `kinds` has a letter a column: 's' a text, 'm' a text that may be NULL, 'i' a
 * number; `sources` is read for the columns where that isn't what they are themselves. */
static const struct table {
    const char *name, *where, *kinds, *columns, *sources;
} tables[SNAPSHOT_TABLES] = {
    {"meta", "WHERE name IN ('version', 'grants', 'snapshot')", "si", "name, value", NULL},
    {"organizations", "", "ssii", "id, name, created_us, require_factor", NULL},
    {"environments", "", "ssi", "org_id, name, created_us", NULL},
    {"users", "", "ssssssi", "id, org_id, email, role, status, attributes, created_us", NULL},
    {"api_keys", "", "sssmmmmsssssssssiii",
     "id, org_id, environment, user_id, agent_id, agent_framework, role, name, prefix, hash,"
     " scopes, allowed_schemas, allowed_tables, ip_allowlist, attributes, description, created_us,"
     " expires_us, revoked_us",
     NULL},
    {"policies", "", "ssssiii", "id, org_id, name, json, enabled, version, changed_us", NULL},
    {"quotas", "", "siii", "org_id, monthly_millicredits, max_concurrent, max_rows", NULL},
    {"limits", "", "ssii", "org_id, role, statement_ms, max_rows", NULL},
    {"redaction_patterns", "", "sssi", "org_id, name, pattern, created_us", NULL},
    {"shared_tables", "", "ssi", "name, tenant_column, created_us", NULL},
    {"tags", "", "sssss", "org_id, schema_name, table_name, column_name, tag", NULL},
    {"jit_requests", "WHERE status IN ('requested', 'approved')", "ssssssisimiiii",
     "id, org_id, user_id, role, base_role, reason, minutes, status, requested_us, decided_by,"
     " decided_us, expires_us, left_us, ended_us",
     NULL},
    {"identity_providers", "", "sssssi", "id, org_id, name, issuer, json, created_us", NULL},
    {"passwords", "", "sssi", "id, user_id, hash, set_us", "id, user_id, '', set_us"},
    {"sign_ins", "", "sssssissiii",
     "id, user_id, password_id, org_id, environment, second_factor, selector, secret, created_us,"
     " refresh_us, ends_us",
     "id, user_id, password_id, org_id, environment, second_factor, id, '', created_us, ends_us,"
     " ends_us"},
    {"signing_keys", "", "sssii", "id, sealed, public, from_us, until_us",
     "id, '', public, from_us, until_us"},
};

/* ---- reading ---- */

static void digest_of(struct str rows, char out[SNAPSHOT_DIGEST_SIZE])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(rows.p, rows.n, digest, &n, EVP_sha256(), NULL) != 1) {
        abort(); /* as crypto/digest.h has it */
    }
    text_hex(digest, n, out);
}

static const char *select_of(const struct table *t, struct arena *a)
{
    return arena_printf(a, "SELECT %s FROM %s %s", t->sources ? t->sources : t->columns, t->name,
                        t->where);
}

static struct str row_text(struct query *q, const struct table *t, struct arena *a)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    json_open(&j, '[');
    for (int i = 0; t->kinds[i]; i++) {
        if (t->kinds[i] == 'i') {
            json_i64(&j, query_int(q, i));
        } else {
            json_str(&j, query_text(q, a, i));
        }
    }
    json_close(&j, ']');
    struct str row = arena_str(a, buf_str(&text));
    buf_free(&text);
    return row;
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Sorted here: databases don't agree on the order of texts, and the digest must be the same. */
static enum status read_table(struct db *db, const struct table *t, struct arena *a,
                              struct snapshot_table *out, struct error *e)
{
    struct arena *scratch = arena_new(0);
    VEC_OF(struct str) rows = {0};
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    struct query q;
    query_begin(&q, db, e, select_of(t, scratch), "");
    while (query_next(&q)) {
        struct str row = row_text(&q, t, scratch);
        VEC_PUSH(scratch, rows, row);
    }
    enum status status = query_end(&q);
    if (rows.n) {
        qsort(rows.at, rows.n, sizeof *rows.at, by_text);
    }
    json_open(&j, '[');
    for (size_t i = 0; i < rows.n; i++) {
        json_raw(&j, rows.at[i]);
    }
    json_close(&j, ']');
    out->name = t->name;
    out->rows = arena_str(a, buf_str(&text));
    digest_of(out->rows, out->digest);
    buf_free(&text);
    arena_free(scratch);
    return status;
}

/* The counters, none of which ever goes back. */
enum { COUNTERS = 3 };
struct counters {
    int64_t at[COUNTERS], sum;
};

static enum status read_counters(struct db *db, struct counters *out, struct error *e)
{
    struct query q;
    *out = (struct counters){{0}, 0};
    query_begin(&q, db, e,
                "SELECT value FROM meta WHERE name IN ('version', 'grants', 'snapshot')"
                " ORDER BY name",
                "");
    for (int i = 0; i < COUNTERS && query_next(&q); i++) {
        out->at[i] = query_int(&q, 0);
        out->sum += out->at[i];
    }
    return query_end(&q);
}

static enum status read_all(struct db *db, struct arena *a, struct snapshot *out, struct error *e)
{
    struct counters now;
    if (read_counters(db, &now, e) != OK) {
        return FAIL;
    }
    out->position = (uint64_t)now.sum;
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        if (read_table(db, &tables[i], a, &out->at[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

enum status snapshot_read(struct store *s, struct arena *a, struct snapshot *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = db ? db->kind->begin(db, e) : FAIL;
    if (status == OK) {
        status = read_all(db, a, out, e);
        db->kind->rollback(db); /* nothing was changed */
    }
    db_return(db);
    return status;
}

/* ---- the document ---- */

static bool is_held(const struct snapshot_table *t, const json_t *held)
{
    const char *digest = json_string_value(json_object_get(held, t->name));
    return digest && strcmp(digest, t->digest) == 0;
}

bool snapshot_is_held(const struct snapshot *p, const json_t *held)
{
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        if (!is_held(&p->at[i], held)) {
            return false;
        }
    }
    return true;
}

void snapshot_write(const struct snapshot *p, struct str store_id, const json_t *held,
                    struct buf *out)
{
    struct json j = JSON_INIT(out);
    json_open(&j, '{');
    json_kv_i64(&j, "format", SNAPSHOT_FORMAT);
    json_kv_str(&j, "store", store_id);
    json_kv_i64(&j, "position", (int64_t)p->position);
    json_key(&j, "tables");
    json_open(&j, '{');
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        if (!is_held(&p->at[i], held)) {
            json_key(&j, p->at[i].name);
            json_open(&j, '{');
            json_kv_str(&j, "digest", str_of(p->at[i].digest));
            json_key(&j, "rows");
            json_raw(&j, p->at[i].rows);
            json_close(&j, '}');
        }
    }
    json_close(&j, '}');
    json_close(&j, '}');
}

/* ---- making a replica that ---- */

static enum status malformed(struct error *e, const char *what)
{
    return error_set(e, ERR_VALIDATION, "the control plane's snapshot can't be used: %s", what);
}

/* SQLite takes the rows apart; its strict tables refuse what isn't a row of theirs. */
static const char *insert_of(const struct table *t, struct arena *a)
{
    const char *values = "";
    for (int i = 0; t->kinds[i]; i++) {
        const char *one = t->kinds[i] == 'm' ? "%s%s nullif(json_extract(value, '$[%d]'), '')"
                                             : "%s%s json_extract(value, '$[%d]')";
        values = arena_printf(a, one, values, i ? "," : "", i);
    }
    return arena_printf(a, "INSERT INTO %s (%s) SELECT %s FROM json_each(?1)", t->name, t->columns,
                        values);
}

static void replace_table(struct change *c, const struct table *t, const json_t *sent)
{
    const char *digest = json_string_value(json_object_get(sent, "digest"));
    char *rows = json_dumps(json_object_get(sent, "rows"), JSON_COMPACT);
    struct snapshot_table now;
    if (!digest || !rows) {
        change_check(c, malformed(c->e, "a table has no rows or no digest"));
        free(rows);
        return;
    }
    change_run(c, arena_printf(c->a, "DELETE FROM %s %s", t->name, t->where), "");
    change_run(c, insert_of(t, c->a), "s", str_of(rows));
    free(rows);
    if (c->status != OK || !change_check(c, read_table(c->db, t, c->a, &now, c->e))) {
        return;
    }
    if (strcmp(now.digest, digest) != 0) {
        change_check(c, malformed(c->e, "the rows of a table aren't those of its digest"));
    }
}

/* No counter ever goes back: one that does is of a store that was restored, or of somebody who
 * sends what was sent before. */
static void check_forward(struct change *c, struct counters before, int64_t position)
{
    struct counters now = {{0}, 0};
    change_check(c, c->status == OK ? read_counters(c->db, &now, c->e) : FAIL);
    for (int i = 0; i < COUNTERS && c->status == OK; i++) {
        if (now.at[i] < before.at[i]) {
            error_set(c->e, ERR_DENIED,
                      "the control plane's snapshot is older than what is held here");
            error_hint(c->e,
                       "Where the control store was restored from a backup, enrol the proxy anew.");
            change_check(c, FAIL);
        }
    }
    if (c->status == OK && now.sum != position) {
        change_check(c, malformed(c->e, "its position isn't that of its counters"));
    }
}

static void apply(struct change *c, const json_t *document)
{
    const json_t *sent = json_object_get(document, "tables"),
                 *position = json_object_get(document, "position");
    struct counters before = {{0}, 0};
    size_t known = 0;
    change_check(c, c->status == OK ? read_counters(c->db, &before, c->e) : FAIL);
    if (c->status == OK && (!json_is_object(sent) || !json_is_integer(position))) {
        change_check(c, malformed(c->e, "it has no tables or no position"));
    }
    for (int i = 0; i < SNAPSHOT_TABLES && c->status == OK; i++) {
        const json_t *table = json_object_get(sent, tables[i].name);
        if (table) {
            known++;
            replace_table(c, &tables[i], table);
        }
    }
    if (c->status == OK && known != json_object_size(sent)) {
        change_check(c, malformed(c->e, "it has a table that isn't known here"));
    }
    check_forward(c, before, json_integer_value(position));
}

static enum status check_origin(const json_t *document, struct str store_id, struct error *e)
{
    const char *store = json_string_value(json_object_get(document, "store"));
    if (!store || json_integer_value(json_object_get(document, "format")) != SNAPSHOT_FORMAT) {
        return malformed(e, "it isn't of the format that this program reads");
    }
    return str_is(store_id, store)
               ? OK
               : error_set(e, ERR_DENIED, "the snapshot is of another control store");
}

enum status snapshot_apply(struct store *replica, struct str store_id, struct str document,
                           bool *changed, struct error *e)
{
    json_t *root = json_loadb(document.p, document.n, JSON_REJECT_DUPLICATES, NULL);
    struct change c;
    if (!json_is_object(root)) {
        json_decref(root);
        return malformed(e, "it isn't a JSON object");
    }
    enum status status = check_origin(root, store_id, e);
    if (status == OK) {
        change_open_replica(&c, replica, e);
        apply(&c, root);
        status = change_close(&c);
        *changed = json_object_size(json_object_get(root, "tables")) > 0;
    }
    json_decref(root);
    return status;
}
