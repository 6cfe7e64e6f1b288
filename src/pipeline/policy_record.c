/* Which policies are in force, in the audit log: an entry of an organization when this process
 * first decides by its policies, and when it decides by others from then on. A proxy's says when a
 * change reached it; what the change was stands in the IAM trail. */
#include <stdlib.h>
#include <string.h>

#include "audit/hasher.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/statement.h"
#include "store/policies.h"

/* Of ids, versions and whether they are enabled: a policy has a new version with each change. */
static void digest_of(const struct store_policy *rows, size_t n, char out[2 * HASHER_SIZE + 1])
{
    struct hasher *h = hasher_new();
    struct buf text = BUF_INIT(0);
    uint8_t digest[HASHER_SIZE];
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, "%.*s %lld %d\n", STR_ARG(rows[i].id), (long long)rows[i].version,
                   rows[i].enabled);
    }
    hasher_digest(h, buf_str(&text), STR(""), digest);
    text_hex(digest, sizeof digest, out);
    buf_free(&text);
    hasher_free(h);
}

static enum status record(struct pipeline *p, struct str org_id, size_t n, const char *digest,
                          struct error *e)
{
    struct buf after = BUF_INIT(0);
    struct json j = JSON_INIT(&after);
    json_open(&j, '{');
    json_kv_i64(&j, "policies", (int64_t)n);
    json_kv_str(&j, "digest", str_of(digest));
    json_close(&j, '}');
    const struct audit_entry entry = {.kind = AUDIT_SYSTEM,
                                      .action = STR("policies_in_force"),
                                      .resource = STR("policies"),
                                      .org_id = org_id,
                                      .after = buf_str(&after)};
    enum status status = audit_append(p->config.audit, &entry, AUDIT_WRITTEN, e);
    buf_free(&after);
    return status;
}

static enum status record_of_org(struct pipeline *p, const struct store_policy *rows, size_t n,
                                 struct error *e)
{
    char digest[2 * HASHER_SIZE + 1];
    digest_of(rows, n, digest);
    const char *told = map_get(p->policies_told, rows->org_id);
    if (told && strcmp(told, digest) == 0) {
        return OK;
    }
    if (record(p, rows->org_id, n, digest, e) != OK) {
        return FAIL;
    }
    free(map_put(p->policies_told, rows->org_id, mem_strndup(digest, strlen(digest))));
    return OK;
}

static bool has_rows(const struct store_policy *rows, size_t n, struct str org_id)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rows[i].org_id, org_id)) {
            return true;
        }
    }
    return false;
}

/* Organizations whose last policy was removed. */
static enum status record_the_bare(struct pipeline *p, const struct store_policy *rows, size_t n,
                                   struct error *e)
{
    struct str org_id;
    void *told;
    char none[2 * HASHER_SIZE + 1];
    digest_of(NULL, 0, none);
    for (size_t at = 0; map_next(p->policies_told, &at, &org_id, &told);) {
        if (strcmp(told, none) == 0 || has_rows(rows, n, org_id)) {
            continue;
        }
        if (record(p, org_id, 0, none, e) != OK) {
            return FAIL;
        }
        memcpy(told, none, sizeof none);
    }
    return OK;
}

enum status policies_record(struct pipeline *p, const struct store_policy *rows, size_t n,
                            struct error *e)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && str_eq(rows[end].org_id, rows[i].org_id);) {
            end++;
        }
        if (record_of_org(p, rows + i, end - i, e) != OK) {
            return FAIL;
        }
    }
    return record_the_bare(p, rows, n, e);
}
