#include "store/signkeys.h"

#include "store/change.h"

enum status store_signing_keys(struct store *s, struct arena *a, struct store_signing_key **rows,
                               size_t *n, struct error *e)
{
    VEC_OF(struct store_signing_key) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT id, sealed, public, from_us, until_us FROM signing_keys ORDER BY from_us",
               "");
    while (query_next(&q)) {
        struct store_signing_key row = {query_text(&q, a, 0), query_text(&q, a, 1),
                                        query_text(&q, a, 2), query_int(&q, 3), query_int(&q, 4)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_signing_key_add(struct store *s, const struct store_signing_key *row,
                                  struct error *e)
{
    struct change c;

    change_open(&c, s, STR("hatidata"), e);
    if (change_run(&c,
                   "INSERT INTO signing_keys (id, sealed, public, from_us, until_us)"
                   " SELECT ?1, ?2, ?3, ?4, ?5"
                   " WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE until_us > ?4)",
                   "sssii", row->id, row->sealed, row->public_key, row->from_us,
                   row->until_us) == 1) {
        change_note(&c, STR(""), "signing-key.add", "signing-key", row->id, STR(""),
                    change_image(&c, "ii",
                                 "SELECT from_us, until_us FROM signing_keys WHERE id = ?1",
                                 row->id));
    }
    return change_close(&c);
}

enum status store_signing_keys_end(struct store *s, struct str actor, int64_t at_us,
                                   struct error *e)
{
    struct change c;

    change_open(&c, s, actor, e);
    change_run(&c, "DELETE FROM signing_keys WHERE from_us >= ?1", "i", at_us);
    change_run(&c, "UPDATE signing_keys SET until_us = ?1 WHERE until_us > ?1", "i", at_us);
    change_note(&c, STR(""), "signing-key.rotate", "signing-key", STR("all"), STR(""), STR(""));
    return change_close(&c);
}

enum status store_signing_keys_sweep(struct store *s, int64_t ended_before_us, struct error *e)
{
    struct query q;
    struct change c;
    bool any;

    read_begin(&q, s, e, "SELECT 1 FROM signing_keys WHERE until_us < ?1", "i", ended_before_us);
    any = query_next(&q);
    if (read_end(&q) != OK || !any) {
        return q.status;
    }
    change_open(&c, s, STR("hatidata"), e);
    change_run(&c, "DELETE FROM signing_keys WHERE until_us < ?1", "i", ended_before_us);
    return change_close(&c);
}
