#include "store/retention.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/retention.h"
#include "store/change.h"

#define DAYS_IMAGE "i", "SELECT days FROM retentions WHERE org_id = ?1"
#define HOLD_IMAGE "sssi", "SELECT id, reason, placed_by, placed_us FROM legal_holds WHERE id = ?1"

enum status store_retention_get(struct store *s, struct str org_id, int64_t *days, struct error *e)
{
    struct query q;

    read_begin(&q, s, e, "SELECT days FROM retentions WHERE org_id = ?1", "s", org_id);
    *days = query_next(&q) ? query_int(&q, 0) : 0;
    return read_end(&q);
}

enum status store_retention_set(struct store *s, struct str actor, struct str org_id, int64_t days,
                                struct error *e)
{
    struct str before;
    struct change c;

    if (days < RETENTION_LAW_DAYS || days > RETENTION_MAX_DAYS) {
        return error_set(e, ERR_VALIDATION, "entries are kept for %d to %d days",
                         RETENTION_LAW_DAYS, RETENTION_MAX_DAYS);
    }
    change_open(&c, s, actor, e);
    before = change_image(&c, DAYS_IMAGE, org_id);
    change_run(&c,
               "INSERT INTO retentions (org_id, days) VALUES (?1, ?2)"
               " ON CONFLICT (org_id) DO UPDATE SET days = ?2",
               "si", org_id, days);
    change_note(&c, org_id, "retention.set", "retention", org_id, before,
                change_image(&c, DAYS_IMAGE, org_id));
    return change_close(&c);
}

enum status store_holds(struct store *s, struct str org_id, struct arena *a,
                        struct store_hold **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_hold) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT id, org_id, reason, placed_by, placed_us FROM legal_holds"
               " WHERE org_id = ?1 ORDER BY placed_us, id",
               "s", org_id);
    while (query_next(&q)) {
        struct store_hold row = {query_text(&q, a, 0), query_text(&q, a, 1), query_text(&q, a, 2),
                                 query_text(&q, a, 3), query_int(&q, 4)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

static enum status check_reason(struct str reason, struct error *e)
{
    return reason.n > 0 && reason.n <= STORE_HOLD_REASON_MAX
               ? OK
               : error_set(e, ERR_VALIDATION, "a legal hold needs a reason of at most %d bytes",
                           STORE_HOLD_REASON_MAX);
}

enum status store_hold_place(struct store *s, struct str actor, struct str org_id,
                             struct str reason, struct arena *a, struct store_hold *out,
                             struct error *e)
{
    char id[ID_UUID_SIZE];
    struct change c;

    if (check_reason(reason, e) != OK) {
        return FAIL;
    }
    id_uuid(id);
    *out = (struct store_hold){.id = arena_str(a, str_of(id)),
                               .org_id = org_id,
                               .reason = arena_str(a, reason),
                               .placed_by = arena_str(a, actor),
                               .placed_us = clock_wall_us()};
    change_open(&c, s, actor, e);
    change_run(&c,
               "INSERT INTO legal_holds (id, org_id, reason, placed_by, placed_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5)",
               "ssssi", out->id, org_id, reason, actor, out->placed_us);
    change_note(&c, org_id, "hold.place", "hold", out->id, STR(""),
                change_image(&c, HOLD_IMAGE, out->id));
    return change_close(&c);
}

/* What is after a hold is the reason that it was lifted for. */
static struct str lifted_image(struct change *c, struct str reason)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);

    json_open(&j, '{');
    json_kv_str(&j, "lifted_because", reason);
    json_close(&j, '}');
    struct str image = arena_str(c->a, buf_str(&text));
    buf_free(&text);
    return image;
}

enum status store_hold_lift(struct store *s, struct str actor, struct str org_id, struct str id,
                            struct str reason, struct error *e)
{
    struct str before;
    struct change c;

    if (check_reason(reason, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    before = change_image(&c, HOLD_IMAGE, id);
    int n =
        change_run(&c, "DELETE FROM legal_holds WHERE id = ?1 AND org_id = ?2", "ss", id, org_id);
    if (c.status == OK && n == 0) {
        (void)change_check(&c,
                           error_set(e, ERR_NOT_FOUND,
                                     "the organization has no legal hold \"%.*s\"", STR_ARG(id)));
    }
    change_note(&c, org_id, "hold.lift", "hold", id, before,
                c.status == OK ? lifted_image(&c, reason) : STR(""));
    return change_close(&c);
}

enum status store_retention_demand(struct store *s, int64_t *days, bool *held, struct error *e)
{
    struct query q;

    *days = 0;
    *held = true;
    read_begin(&q, s, e,
               "SELECT coalesce((SELECT max(days) FROM retentions), 0),"
               " (SELECT count(*) FROM legal_holds)",
               "");
    if (query_next(&q)) {
        *days = query_int(&q, 0);
        *held = query_int(&q, 1) > 0;
    }
    return read_end(&q);
}
