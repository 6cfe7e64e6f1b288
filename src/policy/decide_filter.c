/* Row filters: bound to the table as it is now, with the values of the credential. */
#include "policy/attribute.h"
#include "policy/decide_priv.h"
#include "sql/walk.h"

enum status decide_refuse_filter(struct deciding *d, const struct policy_label *policy,
                                 const char *why)
{
    d->met->is_told = true;
    error_set(d->error, ERR_DENIED, "a row filter can't be applied: %s", why);
    return decide_deny(d, policy->id, policy->name);
}

struct param_types {
    const struct type **at;
    size_t n;
    bool out_of_range;
};

static enum walk take_type(struct node **n, void *ctx)
{
    struct param_types *p = ctx;
    if ((*n)->kind == NODE_PARAM) {
        int32_t number = node_param(*n)->number;
        if (number < 1 || (size_t)number > p->n) {
            p->out_of_range = true;
            return WALK_STOP;
        }
        p->at[number - 1] = (*n)->type;
    }
    return WALK_ON;
}

/* The values for a bound filter's parameters. */
static enum status fill_values(struct deciding *d, const struct filter_rule *rule,
                               const struct filter_condition *c, struct node *tree,
                               struct row_filter *out)
{
    size_t n = c->attributes.n;
    struct param_types types = {.at = ARENA_ARRAY(d->arena, const struct type *, n), .n = n};
    node_walk(&tree, take_type, &types);
    if (types.out_of_range) {
        return decide_refuse_filter(d, rule->policy, "its parameters are damaged");
    }
    struct value *values = ARENA_ARRAY(d->arena, struct value, n);
    for (size_t i = 0; i < n; i++) {
        const struct str *text = attribute_find(d->who, c->attributes.at[i]);
        if (!text) {
            return decide_refuse_filter(d, rule->policy,
                                        "your credential lacks an attribute that it needs");
        }
        if (!attribute_value(*text, types.at[i], &values[i])) {
            return decide_refuse_filter(d, rule->policy,
                                        "an attribute of your credential has the wrong type");
        }
    }
    out->values = values;
    out->value_count = n;
    return OK;
}

static bool may_see(const void *caller, const struct table *t)
{
    return policy_may_touch(caller, t);
}

/* Names in a filter mean the same whoever asks: neither a search path nor temporary tables count.
 * `shown`: a decision on what its sub-queries read, where it shows columns in other types. */
static enum status bind_once(struct deciding *d, const struct filter_rule *rule,
                             const struct filter_condition *c, const struct table *t,
                             const struct decision *shown, struct node **tree,
                             struct row_filter *out)
{
    struct bind_context ctx = {
        .arena = d->arena,
        .catalog = d->catalog,
        .space = principal_space(d->who),
        .may_see = may_see,
        .caller = d->who,
        .dialect = DIALECT_POSTGRES,
        .session_user = d->who->user_email.n ? d->who->user_email : d->who->key_prefix,
        .session_role = str_of(role_name(d->who->role)),
        .database = d->who->environment,
        .shown_type = shown ? decision_shown_type : NULL,
        .shown = shown,
    };
    struct error why = ERROR_INIT;
    *tree = node_copy(d->arena, c->tree);
    if (!d->catalog && c->has_query) {
        return decide_refuse_filter(d, rule->policy, "there is no catalog for its sub-query");
    }
    if (sql_bind_filter(&ctx, t, decide_depth(d), tree, &out->bound, &why) != OK) {
        return decide_refuse_filter(d, rule->policy,
                                    c->has_query
                                        ? "it doesn't fit its tables any more, or reads what you "
                                          "may not"
                                        : "it doesn't fit the table any more");
    }
    return out->bound.reads ? decide_reads(d, rule, t, out) : OK;
}

static enum status bind_filter(struct deciding *d, const struct filter_rule *rule,
                               const struct filter_condition *c, const struct table *t,
                               struct row_filter *out)
{
    struct node *tree;
    size_t noted = d->notes.n, met = d->met->list.n;
    *out = (struct row_filter){0};
    if (bind_once(d, rule, c, t, NULL, &tree, out) != OK) {
        return FAIL;
    }
    if (out->reads && decision_changes_types(out->reads->decision)) {
        d->notes.n = noted;
        d->met->list.n = met;
        if (bind_once(d, rule, c, t, out->reads->decision, &tree, out) != OK) {
            return FAIL;
        }
    }
    bool is_condition = tree->type && (tree->type->kind == TYPE_BOOL ||
                                       tree->type->kind == TYPE_UNKNOWN /* the engine will tell */);
    if (!is_condition) {
        return decide_refuse_filter(d, rule->policy, "it isn't a condition");
    }
    out->policy_id = rule->policy->id;
    out->policy_name = rule->policy->name;
    out->text = c->text;
    out->attributes = c->attributes.at;
    out->filter = tree;
    out->is_check = c == &rule->fresh;
    out->is_any = rule->is_any;
    return fill_values(d, rule, c, tree, out);
}

/* ---- which of them ---- */

bool filter_concerns(const struct filter_rule *rule, const struct principal *p)
{
    const struct audience *w = &rule->audience;
    return audience_has(w, p) ||
           (rule->is_any && !audience_exempts(w, p) && environments_have(&w->environments, p));
}

bool row_conditions_none(const struct row_conditions *c)
{
    return c->n == 0 && !c->is_closed;
}

static bool has_condition(const struct row_conditions *c, const struct row_filter *f)
{
    bool found = false;
    for (size_t i = 0; i < c->n; i++) {
        found |= c->at[i] == f;
    }
    return found;
}

bool row_conditions_imply(const struct row_conditions *c, const struct row_conditions *other)
{
    bool implies = !other->is_closed || c->is_closed;
    for (size_t i = 0; i < other->n && implies; i++) {
        implies = other->at[i]->is_any || has_condition(c, other->at[i]);
    }
    for (size_t i = 0; i < c->n && implies && other->is_closed; i++) {
        implies = !c->at[i]->is_any || has_condition(other, c->at[i]);
    }
    return implies;
}

bool verdict_is_filtered(const struct table_verdict *v)
{
    bool any = false;
    for (int use = 0; use < ROW_USES; use++) {
        any |= !row_conditions_none(&v->rows[use]);
    }
    return any;
}

/* What the statement may do with rows of this occurrence. SELECTED is always among it: keys tell of
 * rows that are hidden, whether the statement looks at rows or not. */
static unsigned uses_of(const struct binding *b, const struct bound_table *t)
{
    const unsigned selected = 1u << ROWS_SELECTED;
    if (!t->written) {
        return selected;
    }
    switch (b->kind) {
    case STATEMENT_DELETE:
        return selected | 1u << ROWS_DELETED;
    case STATEMENT_UPDATE:
        return selected | 1u << ROWS_UPDATED | 1u << ROWS_CHANGED;
    case STATEMENT_COPY_IN:
        return selected | 1u << ROWS_INSERTED;
    default: /* INSERT may update or delete too, and MERGE do anything */
        return (1u << ROW_USES) - 1;
    }
}

/* Of new rows a rule without a condition of its own says what it says of others. */
static const struct filter_condition *condition_of(const struct filter_rule *rule, enum row_use use)
{
    bool fresh = use == ROWS_INSERTED || use == ROWS_CHANGED;
    return fresh && rule->fresh.tree ? &rule->fresh : &rule->old;
}

/* Of shadow mode: whether it would filter, or deny, as where an attribute is absent. */
static void try_filter(struct deciding *d, const struct filter_rule *rule, unsigned uses,
                       const struct bound_table *t)
{
    struct error why = ERROR_INIT;
    struct deciding probe = *d;
    struct reads_met aside = {0};
    struct row_filter ignored;
    bool filters = true;
    probe.error = &why;
    probe.met = &aside;
    probe.notes.at = NULL;
    probe.notes.n = probe.notes.cap = 0;
    for (int use = 0; use < ROW_USES; use++) {
        bool asked = rule->uses & uses & 1u << use && audience_has(&rule->audience, d->who);
        filters = filters && (!asked || bind_filter(&probe, rule, condition_of(rule, use), t->table,
                                                    &ignored) == OK);
    }
    decide_would(d, rule->policy->id, rule->policy->name, filters ? "would_filter" : "would_deny",
                 t->table, t->columns_used);
}

struct choosing {
    struct deciding *d;
    struct table_verdict *verdict;
    unsigned uses;
    struct {
        VEC_OF(const struct row_filter *) list;
        bool is_closed;
    } rows[ROW_USES];
    VEC_OF(const struct row_filter *) each;
};

/* Puts a condition of the rule, bound once, among those of each use that it speaks of. */
static enum status choose(struct choosing *c, const struct filter_rule *rule,
                          const struct filter_condition *condition)
{
    struct deciding *d = c->d;
    struct row_filter *f = NULL;
    bool acts = false;
    for (int use = 0; use < ROW_USES; use++) {
        if (!(rule->uses & c->uses & 1u << use) || condition_of(rule, use) != condition) {
            continue;
        }
        if (!f) {
            f = ARENA_NEW(d->arena, struct row_filter);
            if (bind_filter(d, rule, condition, c->verdict->table->table, f) != OK) {
                return FAIL;
            }
        }
        VEC_PUSH(d->arena, c->rows[use].list, f);
        acts |= use != ROWS_SELECTED || c->verdict->looks_at_rows;
    }
    if (acts) {
        VEC_PUSH(d->arena, c->each, f);
    }
    return OK;
}

static enum status choose_rule(struct choosing *c, const struct filter_rule *rule)
{
    struct deciding *d = c->d;
    size_t before = c->each.n;
    if (!filter_concerns(rule, d->who)) {
        return OK;
    }
    if (rule->shadow) {
        if (rule->uses & c->uses || rule->is_any) {
            try_filter(d, rule, c->uses, c->verdict->table);
        }
        return OK;
    }
    if (audience_has(&rule->audience, d->who) &&
        (choose(c, rule, &rule->old) != OK || choose(c, rule, &rule->fresh) != OK)) {
        return FAIL;
    }
    for (int use = 0; use < ROW_USES; use++) {
        c->rows[use].is_closed |= rule->is_any && c->uses >> use & 1;
    }
    if (c->each.n > before || rule->is_any) {
        decide_note(d, rule->policy->id, rule->policy->name, "filter", STR_NULL,
                    c->verdict->table->table);
    }
    return OK;
}

enum status decide_filters(struct deciding *d, const struct table_rules *rules,
                           struct table_verdict *v)
{
    const struct bound_table *t = v->table;
    struct choosing c = {.d = d, .verdict = v, .uses = uses_of(d->binding, t)};
    v->looks_at_rows = decide_is_read(t) || t->rowid_used || d->binding->kind == STATEMENT_MERGE;
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t k = 0; k < rules->at[i]->filters.n; k++) {
            if (choose_rule(&c, rules->at[i]->filters.at[k]) != OK) {
                return FAIL;
            }
        }
    }
    for (int use = 0; use < ROW_USES; use++) {
        v->rows[use] =
            (struct row_conditions){c.rows[use].list.at, c.rows[use].list.n, c.rows[use].is_closed};
    }
    v->filters = c.each.at;
    v->filter_count = c.each.n;
    return OK;
}
