/* What the sub-queries of row filters read. Each is decided on as a query of the caller's own, as
 * PostgreSQL does: his row filters, tenancy, masks and denials hold within it. What it is refused
 * for is told to nobody, since he wrote none of it. */
#include "base/buf.h"
#include "policy/decide_priv.h"
#include "sql/walk.h"

/* ---- filters that read each other ---- */

static bool is_within(const struct deciding *d, const struct table *t)
{
    const struct reading *r = d->within;
    while (r && r->table != t) {
        r = r->around;
    }
    return r != NULL;
}

unsigned decide_depth(const struct deciding *d)
{
    unsigned depth = 0;
    for (const struct reading *r = d->within; r; r = r->around) {
        depth++;
    }
    return depth;
}

/* A filter with a sub-query over a table that is being read for such a filter of its own. */
static enum status refuse_circle(struct deciding *d, const struct policy_label *policy)
{
    struct buf names = BUF_INIT(2000);
    buf_printf(&names, "Policy \"%.*s\"", STR_ARG(policy->name));
    for (const struct reading *r = d->within; r; r = r->around) {
        buf_printf(&names, ", within \"%.*s\"", STR_ARG(r->policy->name));
    }
    (void)decide_refuse_filter(d, policy,
                               "what it reads is filtered by what reads it, without end");
    struct str all = buf_str(&names);
    (void)decide_name_policies(d, arena_strdup(d->arena, all));
    buf_free(&names);
    return FAIL;
}

static enum status check_bounds(struct deciding *d, const struct policy_label *policy,
                                const struct table *t)
{
    if (is_within(d, t)) {
        return refuse_circle(d, policy);
    }
    if (decide_depth(d) >= POLICY_FILTER_DEPTH) {
        return decide_refuse_filter(d, policy, "too many filters read each other");
    }
    return d->met->list.n < POLICY_FILTER_READS
               ? OK
               : decide_refuse_filter(d, policy, "the statement meets too many with sub-queries");
}

/* ---- the decision ---- */

enum status decide_reads(struct deciding *d, const struct filter_rule *rule, const struct table *t,
                         struct row_filter *f)
{
    const struct binding *b = f->bound.reads;
    if (b->view_count) {
        return decide_refuse_filter(d, rule->policy, "it reads a view, and may read tables alone");
    }
    if (check_bounds(d, rule->policy, t) != OK) {
        return FAIL;
    }
    struct reading here = {t, rule->policy, d->within};
    struct error why = ERROR_INIT;
    struct deciding inner = *d;
    inner.binding = b;
    inner.within = &here;
    inner.error = &why;
    inner.decision = ARENA_NEW(d->arena, struct decision);
    struct filter_reads *reads = ARENA_NEW(d->arena, struct filter_reads);
    *reads = (struct filter_reads){b, inner.decision, decide_depth(d)};
    VEC_PUSH(d->arena, d->met->list, reads);
    enum status status = b->table_count ? decide_binding(&inner) : OK;
    d->notes.at = inner.notes.at;
    d->notes.n = inner.notes.n;
    d->notes.cap = inner.notes.cap;
    if (status == OK) {
        f->reads = reads;
        return OK;
    }
    if (!d->met->is_told) {
        return decide_refuse_filter(d, rule->policy, "it reads what you may not");
    }
    *d->error = why;
    return FAIL;
}

/* ---- schemas of what is read ---- */

struct naming {
    const struct table *table;
    struct str database; /* of the caller */
    bool found;
};

static struct str part_of(const struct node_list *parts, uint32_t from_last)
{
    return node_ident_const(parts->at[parts->n - 1 - from_last])->text;
}

/* Is the table one that the name may mean? Of another database its schema is "database.schema". */
static bool may_mean(const struct naming *n, const struct node_list *parts)
{
    struct str schema = parts->n > 1 ? part_of(parts, 1) : STR(CATALOG_PUBLIC_SCHEMA);
    struct str theirs = sql_bare_schema(n->table->schema);
    bool is_qualified = parts->n > 2 && !str_ieq(part_of(parts, 2), n->database);
    bool is_elsewhere = theirs.n != n->table->schema.n;
    return str_ieq(part_of(parts, 0), n->table->name) && str_ieq(schema, theirs) &&
           is_qualified == is_elsewhere;
}

static enum walk find_name(struct node **n, void *ctx)
{
    struct naming *naming = ctx;
    if ((*n)->kind == NODE_TABLE_REF) {
        const struct node *name = node_table_ref_const(*n)->name;
        naming->found |= may_mean(naming, &node_name_const(name)->parts);
    }
    return naming->found ? WALK_STOP : WALK_ON;
}

static bool names_table(struct deciding *d, const struct filter_condition *c, const struct table *t)
{
    struct naming n = {.table = t, .database = d->who->environment};
    struct node *tree = c->has_query ? node_copy(d->arena, c->tree) : NULL;
    node_walk(&tree, find_name, &n);
    return n.found;
}

/* A table of his making, under a name that a filter looks for, would say which rows he sees. */
enum status decide_read_by_filters(struct deciding *d, const struct table *t)
{
    for (size_t i = 0; d->org && i < d->org->reading.n; i++) {
        const struct filter_rule *rule = d->org->reading.at[i];
        if (!filter_concerns(rule, d->who) ||
            !(names_table(d, &rule->old, t) || names_table(d, &rule->fresh, t))) {
            continue;
        }
        if (rule->shadow) {
            decide_would(d, rule->policy->id, rule->policy->name, "would_deny", t, NULL);
            continue;
        }
        error_set(d->error, ERR_DENIED,
                  "a row filter that applies to you reads \"%.*s\": it can only be made or changed "
                  "by someone exempt from the filter",
                  STR_ARG(t->qualified));
        return decide_deny(d, rule->policy->id, rule->policy->name);
    }
    return OK;
}
