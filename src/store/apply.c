/* From wishes to steps, and from steps to rows. A step is planned and taken in one transaction, so
 * that what two administrators apply at once comes out as one after the other. */
#include "store/apply.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "store/check.h"
#include "store/history_write.h"
#include "store/rowjson.h"

struct applying {
    struct change *c;
    struct str org_id;
    const struct store_apply *how;
    struct map *stored; /* name to struct store_policy */
    VEC_OF(struct store_policy) rows;
    VEC_OF(struct store_policy_step) steps;
    int64_t version;
};

static void read_stored(struct applying *t)
{
    struct change *c = t->c;
    struct query q;
    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e, POLICY_COLUMNS "WHERE org_id = ?1", "s", t->org_id);
    while (query_next(&q)) {
        struct store_policy row;
        policy_read(&q, c->a, &row);
        VEC_PUSH(c->a, t->rows, row);
    }
    change_check(c, query_end(&q));
    for (size_t i = 0; i < t->rows.n; i++) {
        map_put(t->stored, t->rows.at[i].name, &t->rows.at[i]);
    }
}

static void plan_wish(struct applying *t, const struct store_policy_wish *w)
{
    const struct store_policy *old = map_get(t->stored, w->name);
    bool same = old ? w->json.n && old->enabled == w->enabled && rowjson_same(old->json, w->json)
                    : w->json.n == 0;
    if (same) {
        return;
    }
    struct store_policy_step step = {.name = w->name,
                                     .before = old ? old->json : STR(""),
                                     .after = w->json,
                                     .was_enabled = old && old->enabled,
                                     .is_enabled = w->json.n && w->enabled};
    VEC_PUSH(t->c->a, t->steps, step);
}

/* What is stored and no wish names. */
static void plan_prune(struct applying *t, const struct store_policy_wish *wishes, size_t n)
{
    struct map *wished = map_new();
    for (size_t i = 0; i < n; i++) {
        map_put(wished, wishes[i].name, t);
    }
    for (size_t i = 0; i < t->rows.n; i++) {
        if (!map_get(wished, t->rows.at[i].name)) {
            plan_wish(t, &(struct store_policy_wish){.name = t->rows.at[i].name});
        }
    }
    map_free(wished, NULL);
}

static int by_name(const void *x, const void *y)
{
    const struct store_policy_step *a = x, *b = y;
    return str_cmp(a->name, b->name);
}

static void plan(struct applying *t, const struct store_policy_wish *wishes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        plan_wish(t, &wishes[i]);
    }
    if (t->how->prune) {
        plan_prune(t, wishes, n);
    }
    if (t->steps.n > 1) {
        qsort(t->steps.at, t->steps.n, sizeof *t->steps.at, by_name);
    }
}

static void write_row(struct applying *t, const struct store_policy_step *step, struct str id)
{
    if (step->after.n == 0) {
        change_run(t->c, "DELETE FROM policies WHERE id = ?1", "s", id);
        return;
    }
    change_run(t->c,
               "INSERT INTO policies (id, org_id, name, json, enabled, version, changed_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT (id) DO UPDATE SET json = ?4,"
               " enabled = ?5, version = policies.version + 1, changed_us = ?6",
               "ssssii", id, t->org_id, step->name, step->after, (int64_t)step->is_enabled,
               clock_wall_us());
}

/* The row, its history and its trail. */
static void take_step(struct applying *t, const struct store_policy_step *step)
{
    const struct store_policy *old = map_get(t->stored, step->name);
    const char *kind = !old ? "create" : step->after.n == 0 ? "remove" : "change";
    const char *action = t->how->action ? t->how->action : kind;
    struct change *c = t->c;
    char new_id[ID_UUID_SIZE];
    id_uuid(new_id);
    struct str id = old ? old->id : arena_str(c->a, str_of(new_id));
    struct str before = change_image(c, POLICY_IMAGE, id);
    struct store_policy_version row = {.version = t->version,
                                       .actor = c->actor,
                                       .action = str_of(action),
                                       .policy_id = id,
                                       .name = step->name,
                                       .json = step->after,
                                       .enabled = step->is_enabled};
    write_row(t, step, id);
    history_add(c, t->org_id, &row);
    if (str_starts(row.action, "rollback")) {
        action = kind; /* the trail has an entry of the rollback itself */
    }
    change_note(c, t->org_id, arena_printf(c->a, "policy.%s", action), "policy", id, before,
                change_image(c, POLICY_IMAGE, id));
}

static void check_expected(struct applying *t)
{
    const int64_t *expected = t->how->expected;
    if (t->c->status == OK && expected && *expected != t->version - 1) {
        error_set(t->c->e, ERR_CONFLICT, "the policies are at version %lld by now, not at %lld",
                  (long long)(t->version - 1), (long long)*expected);
        change_check(t->c,
                     error_hint(t->c->e, "Look at what has changed (`hatidata policy history`,"
                                         " `hatidata policy diff`), then try again."));
    }
}

void policies_change(struct change *c, struct str org_id, const struct store_policy_wish *wishes,
                     size_t n, const struct store_apply *how, struct store_applied *out)
{
    struct applying t = {.c = c, .org_id = org_id, .how = how, .stored = map_new()};
    t.version = history_begin(c, org_id);
    check_expected(&t);
    read_stored(&t);
    plan(&t, wishes, n);
    for (size_t i = 0; how->check && c->status == OK && i < t.steps.n; i++) {
        change_check(c, how->check(how->ctx, &t.steps.at[i], c->e));
    }
    for (size_t i = 0; !how->dry_run && c->status == OK && i < t.steps.n; i++) {
        take_step(&t, &t.steps.at[i]);
    }
    if (out) {
        *out = (struct store_applied){.steps = t.steps.at,
                                      .count = t.steps.n,
                                      .base = t.version - 1,
                                      .version = t.steps.n && !how->dry_run ? t.version : 0};
    }
    map_free(t.stored, NULL);
}

/* The steps outlive the change. */
static enum status end(struct change *c, const struct store_apply *how, struct arena *a,
                       struct store_applied *out)
{
    struct store_policy_step *steps = ARENA_ARRAY(a, struct store_policy_step, out->count);
    for (size_t i = 0; i < out->count; i++) {
        steps[i] = out->steps[i];
        steps[i].name = arena_str(a, steps[i].name);
        steps[i].before = arena_str(a, steps[i].before);
        steps[i].after = arena_str(a, steps[i].after);
    }
    out->steps = steps;
    return how->dry_run ? change_cancel(c) : change_close(c);
}

static enum status check_wish(const struct store_policy_wish *w, struct error *e)
{
    if (check_name("the policy's name", w->name, e) != OK) {
        return FAIL;
    }
    if (w->json.n > STORE_JSON_MAX) {
        return error_set(e, ERR_VALIDATION, "the policy is longer than %d bytes", STORE_JSON_MAX);
    }
    return OK;
}

enum status store_policies_apply(struct store *s, struct str actor, struct str org_id,
                                 const struct store_policy_wish *wishes, size_t n,
                                 const struct store_apply *how, struct arena *a,
                                 struct store_applied *out, struct error *e)
{
    struct change c;
    for (size_t i = 0; i < n; i++) {
        if (check_wish(&wishes[i], e) != OK) {
            return FAIL;
        }
    }
    change_open(&c, s, actor, e);
    policies_change(&c, org_id, wishes, n, how, out);
    return end(&c, how, a, out);
}

static struct str number_image(struct change *c, const char *name, int64_t value)
{
    return str_of(arena_printf(c->a, "{\"%s\":%lld}", name, (long long)value));
}

enum status store_policies_rollback(struct store *s, struct str actor, struct str org_id,
                                    int64_t version, const struct store_apply *how, struct arena *a,
                                    struct store_applied *out, struct error *e)
{
    struct store_policy_wish *wishes = NULL;
    struct store_apply all = *how;
    struct change c;
    size_t n = 0;
    change_open(&c, s, actor, e);
    all.prune = true;
    all.action = arena_printf(c.a, "rollback to %lld", (long long)version);
    history_at(&c, org_id, version, &wishes, &n);
    policies_change(&c, org_id, wishes, n, &all, out);
    if (out->version) {
        change_note(&c, org_id, "policy.rollback", "policies", org_id,
                    number_image(&c, "version", out->version - 1),
                    str_of(arena_printf(c.a, "{\"version\":%lld,\"as_of\":%lld}",
                                        (long long)out->version, (long long)version)));
    }
    return end(&c, how, a, out);
}
