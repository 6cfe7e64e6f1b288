#include "store/operators.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"

#define KEY_COLUMNS                                                                                \
    "SELECT id, name, prefix, hash, ip_allowlist, created_us, expires_us, revoked_us"              \
    " FROM operator_keys "
#define KEY_IMAGE                                                                                  \
    "sssjib", "SELECT id, name, prefix, ip_allowlist, expires_us, revoked_us <> 0 AS revoked"      \
              " FROM operator_keys WHERE id = ?1"

static void read_key(struct query *q, struct arena *a, struct store_operator_key *out)
{
    out->id = query_text(q, a, 0);
    out->name = query_text(q, a, 1);
    out->prefix = query_text(q, a, 2);
    out->hash = query_text(q, a, 3);
    out->ip_allowlist = query_list(q, a, 4);
    out->created_us = query_int(q, 5);
    out->expires_us = query_int(q, 6);
    out->revoked_us = query_int(q, 7);
}

enum status store_operator_key_add(struct store *s, struct str actor,
                                   struct store_operator_key *key, struct arena *a, struct error *e)
{
    char id[ID_UUID_SIZE];
    struct change c;
    if (check_name("the key's name", key->name, e) != OK ||
        check_list("IP allow-list", key->ip_allowlist, e) != OK) {
        return FAIL;
    }
    id_uuid(id);
    key->id = arena_str(a, str_of(id));
    key->created_us = clock_wall_us();
    change_open(&c, s, actor, e);
    change_run(&c,
               "INSERT INTO operator_keys (id, name, prefix, hash, ip_allowlist, created_us,"
               " expires_us, revoked_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
               "sssssii", key->id, key->name, key->prefix, key->hash,
               list_json(c.a, key->ip_allowlist), key->created_us, key->expires_us);
    change_note(&c, STR(""), "operator-key.create", "operator-key", key->id, STR(""),
                change_image(&c, KEY_IMAGE, key->id));
    return change_close(&c);
}

enum status store_operator_key_find(struct store *s, struct str prefix, struct arena *a,
                                    struct store_operator_key *out, struct error *e)
{
    struct query q;
    *out = (struct store_operator_key){0};
    read_begin(&q, s, e, KEY_COLUMNS "WHERE prefix = ?1", "s", prefix);
    if (query_next(&q)) {
        read_key(&q, a, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "there is no such key");
    }
    return read_end(&q);
}

enum status store_operator_keys(struct store *s, struct arena *a, struct store_operator_key **rows,
                                size_t *n, struct error *e)
{
    VEC_OF(struct store_operator_key) list = {0};
    struct query q;
    read_begin(&q, s, e, KEY_COLUMNS "ORDER BY created_us, id", "");
    while (query_next(&q)) {
        struct store_operator_key row;
        read_key(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_operator_key_revoke(struct store *s, struct str actor, struct str which,
                                      struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    struct str id = change_text(&c,
                                "SELECT id FROM operator_keys WHERE ?1 IN (id, prefix)"
                                " OR (name = ?1 AND revoked_us = 0)",
                                which);
    struct str before = change_image(&c, KEY_IMAGE, id);
    if (c.status == OK && !id.n) {
        c.status =
            error_set(e, ERR_NOT_FOUND, "there is no operator's key \"%.*s\"", STR_ARG(which));
    }
    change_run(&c, "UPDATE operator_keys SET revoked_us = ?2 WHERE id = ?1 AND revoked_us = 0",
               "si", id, clock_wall_us());
    change_note(&c, STR(""), "operator-key.revoke", "operator-key", id, before,
                change_image(&c, KEY_IMAGE, id));
    return change_close(&c);
}
