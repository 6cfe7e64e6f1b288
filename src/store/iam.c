#include "store/iam.h"

#include "base/clock.h"
#include "base/json.h"
#include "store/change.h"

enum status store_iam_refuse(struct store *s, struct str org_id, struct str actor,
                             const char *action, struct str resource, const struct error *why,
                             struct error *e)
{
    struct buf after = BUF_INIT(0);
    struct json j = JSON_INIT(&after);
    struct change c;

    json_open(&j, '{');
    json_kv_str(&j, "error", str_of(error_info(why->code)->name));
    json_kv_str(&j, "reason", str_of(why->message));
    json_close(&j, '}');
    change_open(&c, s, actor, e);
    change_run(&c,
               "INSERT INTO iam_outbox (org_id, actor, action, resource, before, after, at_us)"
               " VALUES (?1, ?2, ?3, ?4, '', ?5, ?6)",
               "sssssi", org_id, actor, str_of(arena_printf(c.a, "%s.refuse", action)), resource,
               buf_str(&after), clock_wall_us());
    buf_free(&after);
    return change_close(&c);
}

enum status store_iam_take(struct store *s, struct arena *a, struct store_iam **rows, size_t *n,
                           struct error *e)
{
    VEC_OF(struct store_iam) list = {0};
    struct query q;

    *rows = NULL;
    *n = 0;
    if (!s->kind->drains(s)) {
        return OK;
    }
    read_begin(&q, s, e,
               "SELECT id, org_id, actor, action, resource, before, after, at_us FROM iam_outbox"
               " ORDER BY id LIMIT 256",
               "");
    while (query_next(&q)) {
        struct store_iam row = {
            .id = query_int(&q, 0),
            .org_id = query_text(&q, a, 1),
            .actor = query_text(&q, a, 2),
            .action = query_text(&q, a, 3),
            .resource = query_text(&q, a, 4),
            .before = query_text(&q, a, 5),
            .after = query_text(&q, a, 6),
            .at_us = query_int(&q, 7),
        };

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_iam_done(struct store *s, int64_t id, struct error *e)
{
    struct change c;

    change_open(&c, s, STR(""), e);
    change_run(&c, "DELETE FROM iam_outbox WHERE id <= ?1", "i", id);
    return change_close(&c);
}
