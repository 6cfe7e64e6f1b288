#include "store/history.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/history_write.h"

#define ROW_COLUMNS                                                                                \
    "SELECT version, at_us, actor, action, policy_id, name, json, enabled, seal"                   \
    " FROM policy_versions "
/* The newest row of each policy of ?1. */
#define NEWEST "SELECT max(id) AS id FROM policy_versions WHERE org_id = ?1 GROUP BY name"
/* The policy as its newest row has it. */
#define KNOWN_IMAGE                                                                                \
    "ssbisj",                                                                                      \
        "SELECT policy_id AS id, name, enabled, version AS history, seal, json AS document"        \
        " FROM policy_versions WHERE policy_id = ?1 ORDER BY policy_versions.id DESC LIMIT 1"

enum { SEAL_SIZE = DIGEST_SIZE * 2 + 1 };

void store_seal_with(struct store *s, const uint8_t key[STORE_SEAL_KEY_SIZE])
{
    memcpy(s->seal_key, key, sizeof s->seal_key);
    s->has_seal_key = true;
}

/* Length before bytes: no two rows make the same text. */
static void put(struct buf *b, struct str s)
{
    buf_printf(b, "%zu:", s.n);
    buf_put_str(b, s);
}

static void make_seal(const struct store *s, struct str before, struct str org_id,
                      const struct store_policy_version *row, char out[SEAL_SIZE])
{
    const struct str texts[] = {before,         org_id,    row->actor, row->action,
                                row->policy_id, row->name, row->json};
    struct buf b = BUF_INIT(0);
    uint8_t digest[DIGEST_SIZE];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(&b, texts[i]);
    }
    buf_printf(&b, "%" PRId64 " %" PRId64 " %d", row->version, row->at_us, row->enabled);
    digest_hmac(s->seal_key, buf_str(&b), digest);
    text_hex(digest, sizeof digest, out);
    buf_free(&b);
}

static struct store_policy_version read_row(struct query *q, struct arena *a)
{
    return (struct store_policy_version){
        .version = query_int(q, 0),
        .at_us = query_int(q, 1),
        .actor = query_text(q, a, 2),
        .action = query_text(q, a, 3),
        .policy_id = query_text(q, a, 4),
        .name = query_text(q, a, 5),
        .json = query_text(q, a, 6),
        .enabled = query_int(q, 7) != 0,
    };
}

static enum status need_key(const struct store *s, struct error *e)
{
    return s->has_seal_key ? OK
                           : error_set(e, ERR_KEY, "the key of the policies' history isn't there");
}

/* All rows of the organization, checked; ERR_CORRUPT comes after the last. */
static enum status read_all(struct db *db, struct str org_id, struct arena *a,
                            struct store_policy_version **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_policy_version) list = {0};
    struct str before = STR("");
    struct query q;
    int64_t bad = 0;
    if (!db || need_key(db->store, e) != OK) {
        return FAIL;
    }
    query_begin(&q, db, e, ROW_COLUMNS "WHERE org_id = ?1 ORDER BY id", "s", org_id);
    while (query_next(&q)) {
        struct store_policy_version row = read_row(&q, a);
        char seal[SEAL_SIZE];
        make_seal(db->store, before, org_id, &row, seal);
        before = query_text(&q, a, 8);
        bad = bad || str_is(before, seal) ? bad : row.version;
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    if (query_end(&q) == OK && bad) {
        error_set(e, ERR_CORRUPT, "version %" PRId64 " of the policies isn't as it was written",
                  bad);
        return error_hint(e, "Compare it with the IAM entries of the audit log; put the policies "
                             "right with `hatidata policy apply`.");
    }
    return q.status;
}

enum status store_history(struct store *s, struct str org_id, struct str name, struct arena *a,
                          struct store_policy_version **rows, size_t *n, struct error *e)
{
    size_t kept = 0;
    struct db *db = db_borrow(s, e);
    *n = 0;
    enum status status = read_all(db, org_id, a, rows, n, e);
    db_return(db);
    for (size_t i = 0; i < *n; i++) {
        if (!name.n || str_eq((*rows)[i].name, name)) {
            (*rows)[kept++] = (*rows)[i];
        }
    }
    *n = kept;
    return status;
}

static struct str last_seal(struct change *c, struct str org_id)
{
    return change_text(
        c, "SELECT seal FROM policy_versions WHERE org_id = ?1 ORDER BY id DESC LIMIT 1", org_id);
}

static int64_t last_version(struct change *c, struct str org_id)
{
    int64_t version = 0;
    struct str text =
        change_text(c, "SELECT max(version) FROM policy_versions WHERE org_id = ?1", org_id);
    return str_to_i64(text, &version) ? version : 0;
}

void history_add(struct change *c, struct str org_id, const struct store_policy_version *row)
{
    struct store_policy_version full = *row;
    char seal[SEAL_SIZE];
    full.at_us = clock_wall_us();
    make_seal(c->db->store, last_seal(c, org_id), org_id, &full, seal);
    change_run(c,
               "INSERT INTO policy_versions (org_id, version, at_us, actor, action, policy_id,"
               " name, json, enabled, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
               "siisssssis", org_id, full.version, full.at_us, full.actor, full.action,
               full.policy_id, full.name, full.json, (int64_t)full.enabled, str_of(seal));
}

/* Policies that differ from their newest row, and newest rows whose policy is gone. */
static size_t find_strays(struct change *c, struct str org_id, struct store_policy_version **out)
{
    VEC_OF(struct store_policy_version) list = {0};
    struct query q;
    *out = NULL;
    if (c->status != OK) {
        return 0;
    }
    query_begin(&q, c->db, c->e,
                "SELECT p.id, p.name, p.json, p.enabled FROM policies p"
                " LEFT JOIN (SELECT * FROM policy_versions WHERE id IN (" NEWEST ")) h"
                " ON h.name = p.name WHERE p.org_id = ?1 AND (h.json IS DISTINCT FROM p.json OR"
                " h.enabled IS DISTINCT FROM p.enabled OR h.policy_id IS DISTINCT FROM p.id)"
                " UNION ALL SELECT h.policy_id, h.name, '', 0 FROM policy_versions h"
                " WHERE h.id IN (" NEWEST ") AND h.json <> '' AND NOT EXISTS"
                " (SELECT 1 FROM policies p WHERE p.org_id = ?1 AND p.name = h.name) ORDER BY 2",
                "s", org_id);
    while (query_next(&q)) {
        struct store_policy_version row = {.action = STR("found"),
                                           .actor = STR(""),
                                           .policy_id = query_text(&q, c->a, 0),
                                           .name = query_text(&q, c->a, 1),
                                           .json = query_text(&q, c->a, 2),
                                           .enabled = query_int(&q, 3) != 0};
        VEC_PUSH(c->a, list, row);
    }
    change_check(c, query_end(&q));
    *out = list.at;
    return list.n;
}

int64_t history_begin(struct change *c, struct str org_id)
{
    struct store_policy_version *strays;
    if (!change_check(c, c->status == OK ? need_key(c->db->store, c->e) : FAIL)) {
        return 0;
    }
    int64_t version = last_version(c, org_id) + 1;
    size_t n = find_strays(c, org_id, &strays);
    for (size_t i = 0; i < n; i++) {
        struct str before = change_image(c, KNOWN_IMAGE, strays[i].policy_id);
        strays[i].version = version;
        history_add(c, org_id, &strays[i]);
        change_note(c, org_id, "policy.found", "policy", strays[i].policy_id, before,
                    change_image(c, POLICY_IMAGE, strays[i].policy_id));
    }
    return n ? version + 1 : version;
}

void history_at(struct change *c, struct str org_id, int64_t version,
                struct store_policy_wish **wishes, size_t *n)
{
    struct store_policy_version *rows;
    size_t row_count;
    *n = 0;
    if (!change_check(c, c->status == OK ? read_all(c->db, org_id, c->a, &rows, &row_count, c->e)
                                         : FAIL)) {
        return;
    }
    *wishes = ARENA_ARRAY(c->a, struct store_policy_wish, row_count);
    struct map *latest = map_new();
    bool known = false;
    for (size_t i = 0; i < row_count && rows[i].version <= version; i++) {
        struct store_policy_wish *w = map_get(latest, rows[i].name);
        if (!w) {
            w = &(*wishes)[(*n)++];
            map_put(latest, rows[i].name, w);
        }
        *w = (struct store_policy_wish){rows[i].name, rows[i].json, rows[i].enabled};
        known |= rows[i].version == version;
    }
    map_free(latest, NULL);
    if (!known) {
        change_check(
            c, error_set(c->e, ERR_NOT_FOUND, "the policies have no version %" PRId64, version));
    }
}
