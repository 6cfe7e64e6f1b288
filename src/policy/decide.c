/* The decision: one pass over the statement's tables, in the order that policy.h promises. It reads
 * the rules of those tables only, keeps nothing, and fails closed: whatever isn't known denies. */
#include "policy/decide_priv.h"

void decide_note(struct deciding *d, struct str id, struct str name, const char *action,
                 struct str columns, const struct table *t)
{
    struct verdict_note n = {id, name, str_of(action), columns, t ? t->qualified : STR_NULL};
    VEC_PUSH(d->arena, d->notes, n);
}

enum status decide_name_policies(struct deciding *d, const char *names)
{
    return policy_role_may(d->who, ACTION_MANAGE) ? error_hint(d->error, "%s.", names) : FAIL;
}

enum status decide_deny(struct deciding *d, struct str id, struct str name)
{
    decide_note(d, id, name, "deny", STR_NULL, NULL);
    return name.n
               ? decide_name_policies(d, arena_printf(d->arena, "Policy \"%.*s\"", STR_ARG(name)))
               : FAIL;
}

/* ---- ABAC ---- */

/* What the rules said so far of one action on one resource. */
struct hearing {
    struct facts facts;
    const struct policy_label *offered, *granted; /* an allow rule named it; one of them held */
    const struct policy_label *would_offer, *would_grant; /* of shadow mode */
};

static void hear_allow(struct hearing *h, const struct abac_rule *rule, bool holds)
{
    const struct policy_label **offered = rule->shadow ? &h->would_offer : &h->offered;
    const struct policy_label **granted = rule->shadow ? &h->would_grant : &h->granted;
    *offered = *offered ? *offered : rule->policy;
    *granted = holds && !*granted ? rule->policy : *granted;
}

static void would_deny(struct deciding *d, const struct hearing *h, const struct policy_label *p)
{
    decide_would(d, p->id, p->name, "would_deny", h->facts.table, h->facts.columns_used);
}

static enum status hear(struct deciding *d, struct hearing *h, const struct bucket *b)
{
    for (size_t i = 0; b && i < b->abac.n; i++) {
        const struct abac_rule *rule = b->abac.at[i];
        if (!(rule->actions >> h->facts.action & 1) ||
            !environments_have(&rule->environments, d->who)) {
            continue;
        }
        enum truth t = conditions_hold(rule->conditions, rule->condition_count, &h->facts);
        if (rule->deny && t != NO && rule->shadow) {
            would_deny(d, h, rule->policy);
        } else if (rule->deny && t != NO) {
            error_set(d->error, ERR_DENIED, "a policy denies to %s here",
                      decide_verb(h->facts.action));
            return decide_deny(d, rule->policy->id, rule->policy->name);
        }
        if (!rule->deny) {
            hear_allow(h, rule, t == YES);
        }
    }
    return OK;
}

static enum status hear_all(struct deciding *d, enum action action, const struct table *t,
                            const struct table_rules *rules, const bool *columns_used)
{
    struct hearing h = {.facts = {d->who, action, t, columns_used, d->now_us}};
    if (hear(d, &h, &d->org->everything) != OK) {
        return FAIL;
    }
    bool names_table = t || action == ACTION_DDL; /* what CREATE makes is a table too */
    if (names_table && hear(d, &h, &d->org->any_table) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < rules->count; i++) {
        if (hear(d, &h, rules->at[i]) != OK) {
            return FAIL;
        }
    }
    if (h.offered && !h.granted) {
        error_set(d->error, ERR_DENIED, "no policy allows to %s here", decide_verb(action));
        return decide_deny(d, h.offered->id, h.offered->name);
    }
    if (h.would_offer && !h.granted && !h.would_grant) {
        would_deny(d, &h, h.would_offer);
    }
    if (h.granted) {
        decide_note(d, h.granted->id, h.granted->name, "allow", STR_NULL, t);
    }
    return OK;
}

static enum status hear_table(struct deciding *d, const struct bound_table *t,
                              const struct table_rules *rules)
{
    const struct binding *b = d->binding;
    if (t->written && hear_all(d, policy_main_action(b), t->table, rules, NULL) != OK) {
        return FAIL;
    }
    if (t->written && b->also_deletes && hear_all(d, ACTION_DELETE, t->table, rules, NULL) != OK) {
        return FAIL;
    }
    return decide_is_read(t) ? hear_all(d, ACTION_QUERY, t->table, rules, t->columns_used) : OK;
}

/* What a statement does that names no table: a query of none, making something new. */
static enum status hear_statement(struct deciding *d)
{
    const struct binding *b = d->binding;
    bool names_none = b->kind == STATEMENT_DDL ? b->ddl_table_count == 0 : b->table_count == 0;
    return d->org && names_none
               ? hear_all(d, policy_main_action(b), NULL, &(struct table_rules){0}, NULL)
               : OK;
}

/* ---- masks ---- */

static void note_masks(struct deciding *d, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    for (size_t i = 0; i < t->column_count; i++) {
        const struct mask *m = &v->masks[i];
        if (m->function == MASK_NONE || !v->table->columns_used[i]) {
            continue;
        }
        struct str column = str_of(arena_printf(d->arena, "%.*s.%.*s", STR_ARG(t->qualified),
                                                STR_ARG(t->columns[i].name)));
        struct verdict_note *last = d->notes.n ? &d->notes.at[d->notes.n - 1] : NULL;
        if (last && str_is(last->action, "mask") && str_eq(last->policy_id, m->policy_id)) {
            last->columns = str_of(
                arena_printf(d->arena, "%.*s,%.*s", STR_ARG(last->columns), STR_ARG(column)));
        } else {
            decide_note(d, m->policy_id, m->policy_name, "mask", column, t);
        }
    }
}

static void note_usages(struct deciding *d, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    for (size_t i = 0; i < t->column_count; i++) {
        const struct usage *u = &v->usages[i];
        if (u->kind != USAGE_FREE && v->table->columns_used[i]) {
            const char *column = arena_printf(d->arena, "%.*s.%.*s", STR_ARG(t->qualified),
                                              STR_ARG(t->columns[i].name));
            decide_note(d, u->policy_id, u->policy_name, "limit", str_of(column), t);
        }
    }
}

static enum status collect_masks(struct deciding *d, const struct table_rules *rules,
                                 const struct table *t, struct column_rules *out,
                                 struct column_rules *shadow)
{
    masks_collect(d->org, rules, d->who, t, d->arena, out, shadow);
    if (shadow->missing) {
        const struct mask *would_miss = &shadow->missing->mask;
        decide_would(d, would_miss->policy_id, would_miss->policy_name, "would_deny", t, NULL);
    }
    if (out->missing) {
        const struct mask *missing = &out->missing->mask;
        error_set(d->error, ERR_DENIED,
                  "a mask of \"%.*s\" names a column that the table doesn't have",
                  STR_ARG(t->qualified));
        return decide_deny(d, missing->policy_id, missing->policy_name);
    }
    return OK;
}

/* ---- the whole ---- */

static enum status decide_table(struct deciding *d, struct table_verdict *v)
{
    const struct table *t = v->table->table;
    struct table_rules rules;
    table_rules_find(d->org, t, d->arena, &rules);
    v->tenant_scoped = t->scope == SCOPE_TENANT || t->scope == SCOPE_AUDIT;
    if (d->org && hear_table(d, v->table, &rules) != OK) {
        return FAIL;
    }
    struct column_rules columns, shadow;
    if (decide_filters(d, &rules, v) != OK ||
        collect_masks(d, &rules, t, &columns, &shadow) != OK) {
        return FAIL;
    }
    v->masks = columns.masks;
    v->usages = columns.usages;
    v->shadow_masks = shadow.masks;
    v->shadow_usages = shadow.usages;
    note_masks(d, v);
    note_usages(d, v);
    if (v->shadow_masks) {
        decide_would_mask(d, v);
    }
    return OK;
}

/* A row filter that concerns who asks. One of shadow mode would deny what it is asked for here. */
static bool filter_binds(struct deciding *d, const struct filter_rule *rule, const struct table *t)
{
    bool concerns = filter_concerns(rule, d->who);
    if (concerns && rule->shadow) {
        decide_would(d, rule->policy->id, rule->policy->name, "would_deny", t, NULL);
    }
    return concerns && !rule->shadow;
}

/* Does a mask or row filter of the table concern who asks? */
static enum status rules_bind(struct deciding *d, const struct table_rules *rules,
                              const struct table *t, bool *out)
{
    struct column_rules columns, shadow;
    if (collect_masks(d, rules, t, &columns, &shadow) != OK) {
        return FAIL;
    }
    *out |= column_rules_any(t, columns.masks, columns.usages);
    if (shadow.masks) {
        decide_would_protect(d, t, &columns, &shadow);
    }
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t k = 0; k < rules->at[i]->filters.n; k++) {
            *out |= filter_binds(d, rules->at[i]->filters.at[k], t);
        }
    }
    return OK;
}

/* Is something with the table denied to who asks? Then so is its schema: under another name the
 * rule would not find it. */
static enum status hear_use(struct deciding *d, const struct table *t,
                            const struct table_rules *rules)
{
    static const enum action uses[] = {ACTION_QUERY, ACTION_WRITE, ACTION_DELETE};
    for (size_t i = 0; d->org && i < sizeof uses / sizeof *uses; i++) {
        if (hear_all(d, uses[i], t, rules, NULL) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static bool mask_binds(struct deciding *d, const struct mask_rule *rule, const struct table *t)
{
    bool concerns = audience_has(&rule->audience, d->who);
    if (concerns && rule->shadow) {
        decide_would(d, rule->mask.policy_id, rule->mask.policy_name, "would_deny", t, NULL);
    }
    return concerns && !rule->shadow;
}

/* A view is bound again for each reader, and rules apply to the tables beneath it. A mask or filter
 * of the view itself has no place to act: whom it concerns doesn't read the view. */
static enum status decide_view(struct deciding *d, const struct table *view)
{
    struct table_rules rules;
    bool concerns = false;
    table_rules_find(d->org, view, d->arena, &rules);
    if (hear_all(d, ACTION_QUERY, view, &rules, NULL) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < rules.count; i++) {
        for (size_t k = 0; k < rules.at[i]->masks.n; k++) {
            concerns |= mask_binds(d, rules.at[i]->masks.at[k], view);
        }
        for (size_t k = 0; k < rules.at[i]->filters.n; k++) {
            concerns |= filter_binds(d, rules.at[i]->filters.at[k], view);
        }
    }
    if (!concerns) {
        return OK;
    }
    error_set(d->error, ERR_DENIED,
              "a mask or row filter names the view \"%.*s\", and can only act "
              "on the tables beneath it",
              STR_ARG(view->qualified));
    return decide_deny(d, STR_NULL, STR("rule of a view"));
}

/* Renaming or dropping what a rule names would slip out of the rule: whom the table's rules bind
 * doesn't change its schema. */
static enum status decide_ddl(struct deciding *d, const struct table *t)
{
    struct table_rules rules;
    bool is_bound = false;
    table_rules_find(d->org, t, d->arena, &rules);
    if ((d->org && hear_all(d, ACTION_DDL, t, &rules, NULL) != OK) ||
        hear_use(d, t, &rules) != OK || rules_bind(d, &rules, t, &is_bound) != OK) {
        return FAIL;
    }
    if (!is_bound) {
        return decide_read_by_filters(d, t);
    }
    error_set(d->error, ERR_DENIED,
              "\"%.*s\" has masks or row filters that apply to you: its "
              "schema can only be changed by someone exempt from them",
              STR_ARG(t->qualified));
    return decide_deny(d, STR_NULL, STR("protected table"));
}

/* A table of one's own making under a name that a hash mask looks for would show the digests of
 * values of one's choice. */
static enum status decide_made(struct deciding *d, const struct table *t)
{
    struct table_rules rules;
    struct column_rules enforced, shadow;
    table_rules_find(d->org, t, d->arena, &rules);
    masks_collect(d->org, &rules, d->who, t, d->arena, &enforced, &shadow);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct mask *m = &enforced.masks[i];
        if (m->function == MASK_HASH) {
            error_set(d->error, ERR_DENIED,
                      "a column of the name \"%.*s\" would be hashed for you, who would make it",
                      STR_ARG(t->columns[i].name));
            return decide_deny(d, m->policy_id, m->policy_name);
        }
    }
    return decide_read_by_filters(d, t);
}

static enum status decide_schema(struct deciding *d)
{
    const struct binding *b = d->binding;
    if (hear_statement(d) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < b->ddl_table_count; i++) {
        if (decide_ddl(d, b->ddl_tables[i]) != OK) {
            return FAIL;
        }
    }
    for (size_t i = 0; i < b->made_count; i++) {
        if (decide_made(d, b->made[i]) != OK) {
            return FAIL;
        }
    }
    return OK;
}

enum status decide_binding(struct deciding *d)
{
    const struct binding *b = d->binding;
    struct table_verdict *tables = ARENA_ARRAY(d->arena, struct table_verdict, b->table_count);
    if (decide_actions(d) != OK || decide_touch(d) != OK) {
        return FAIL;
    }
    if (d->org && d->org->is_damaged) {
        error_set(d->error, ERR_DENIED, "a policy of the organization can't be read");
        return decide_deny(d, STR_NULL, d->org->damaged_policy);
    }
    if (decide_schema(d) != OK) {
        return FAIL;
    }
    for (size_t i = 0; d->org && i < b->view_count; i++) {
        if (decide_view(d, b->views[i].table) != OK) {
            return FAIL;
        }
    }
    for (size_t i = 0; i < b->table_count; i++) {
        tables[i].table = b->tables[i];
        if (decide_table(d, &tables[i]) != OK) {
            return FAIL;
        }
    }
    struct decision whole = {.tables = tables, .table_count = b->table_count};
    const struct usage *by;
    if (usage_check(&whole, b, &by, d->error) != OK) {
        decide_note(d, by ? by->policy_id : STR_NULL, by ? by->policy_name : STR("denied use"),
                    "deny", STR_NULL, NULL);
        return FAIL;
    }
    if (masks_check_uses(&whole, b, &whole.masks_at_reference, d->error) != OK) {
        decide_note(d, STR_NULL, STR("masked use"), "deny", STR_NULL, NULL);
        return FAIL;
    }
    decide_would_use(d, &whole);
    *d->decision = whole;
    return OK;
}

enum status policy_decide(const struct policy_snapshot *s, const struct policy_request *r,
                          struct arena *a, struct decision **out, struct error *e)
{
    struct error own = ERROR_INIT;
    struct reads_met met = {0};
    struct deciding d = {
        .org = snapshot_org(s, r->principal->org_id),
        .who = r->principal,
        .binding = r->binding,
        .catalog = r->catalog,
        .now_us = r->now_us,
        .arena = a,
        .decision = ARENA_NEW(a, struct decision),
        .met = &met,
        .error = &own,
    };
    enum status status = decide_binding(&d);
    if (status != OK && e) {
        *e = own;
    }
    d.decision->reads = status == OK ? met.list.at : NULL;
    d.decision->read_count = status == OK ? met.list.n : 0;
    d.decision->notes = d.notes.at;
    d.decision->note_count = d.notes.n;
    *out = d.decision;
    return status;
}
