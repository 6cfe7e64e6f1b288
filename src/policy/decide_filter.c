/* Row filters: bound to the table as it is now, with the values of the credential. */
#include "policy/attribute.h"
#include "policy/decide_priv.h"
#include "sql/walk.h"

static enum status refuse_filter(struct deciding *d, const struct filter_rule *rule,
                                 const char *why)
{
    error_set(d->error, ERR_DENIED, "a row filter can't be applied: %s", why);
    return decide_deny(d, rule->policy->id, rule->policy->name);
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
                               struct node *tree, struct row_filter *out)
{
    size_t n = rule->attributes.n;
    struct param_types types = {.at = ARENA_ARRAY(d->arena, const struct type *, n), .n = n};
    node_walk(&tree, take_type, &types);
    if (types.out_of_range) {
        return refuse_filter(d, rule, "its parameters are damaged");
    }
    struct value *values = ARENA_ARRAY(d->arena, struct value, n);
    for (size_t i = 0; i < n; i++) {
        const struct str *text = attribute_find(d->who, rule->attributes.at[i]);
        if (!text) {
            return refuse_filter(d, rule, "your credential lacks an attribute that it needs");
        }
        if (!attribute_value(*text, types.at[i], &values[i])) {
            return refuse_filter(d, rule, "an attribute of your credential has the wrong type");
        }
    }
    out->values = values;
    out->value_count = n;
    return OK;
}

static enum status bind_filter(struct deciding *d, const struct filter_rule *rule,
                               const struct table *t, struct row_filter *out)
{
    struct bind_context ctx = {
        .arena = d->arena,
        .space = principal_space(d->who),
        .dialect = DIALECT_POSTGRES,
        .session_user = d->who->user_email.n ? d->who->user_email : d->who->key_prefix,
        .session_role = str_of(role_name(d->who->role)),
        .database = d->who->environment,
    };
    struct node *tree = node_copy(d->arena, rule->tree);
    struct error why = ERROR_INIT;
    if (sql_bind_filter(&ctx, t, &tree, &why) != OK) {
        return refuse_filter(d, rule, "it doesn't fit the table any more");
    }
    bool is_condition = tree->type && (tree->type->kind == TYPE_BOOL ||
                                       tree->type->kind == TYPE_UNKNOWN /* the engine will tell */);
    if (!is_condition) {
        return refuse_filter(d, rule, "it isn't a condition");
    }
    *out = (struct row_filter){.policy_id = rule->policy->id,
                               .policy_name = rule->policy->name,
                               .text = rule->text,
                               .attributes = rule->attributes.at,
                               .filter = tree};
    return fill_values(d, rule, tree, out);
}

/* Of shadow mode: whether it would filter, or deny, as where an attribute is absent. */
static void try_filter(struct deciding *d, const struct filter_rule *rule,
                       const struct bound_table *t)
{
    struct error why = ERROR_INIT;
    struct deciding probe = *d;
    struct row_filter ignored;
    probe.error = &why;
    probe.notes.at = NULL;
    probe.notes.n = probe.notes.cap = 0;
    bool filters = bind_filter(&probe, rule, t->table, &ignored) == OK;
    decide_would(d, rule->policy->id, rule->policy->name, filters ? "would_filter" : "would_deny",
                 t->table, t->columns_used);
}

enum status decide_filters(struct deciding *d, const struct table_rules *rules,
                           struct table_verdict *v)
{
    VEC_OF(struct row_filter) filters = {0};
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t k = 0; k < rules->at[i]->filters.n; k++) {
            const struct filter_rule *rule = rules->at[i]->filters.at[k];
            struct row_filter f;
            if (!audience_has(&rule->audience, d->who)) {
                continue;
            }
            if (rule->shadow) {
                try_filter(d, rule, v->table);
                continue;
            }
            if (bind_filter(d, rule, v->table->table, &f) != OK) {
                return FAIL;
            }
            VEC_PUSH(d->arena, filters, f);
            decide_note(d, f.policy_id, f.policy_name, "filter", STR_NULL, v->table->table);
        }
    }
    v->filters = filters.at;
    v->filter_count = filters.n;
    return OK;
}
