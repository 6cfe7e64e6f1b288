/* What use of a column a rule leaves. `deny` leaves none. `min_group` leaves sums, averages and
 * counts over groups, which the pipeline sees to be large enough. `no_projection` leaves places
 * that look at a value without giving it on: predicates, joins, grouping, ordering, counts. Where
 * several meet, all hold. */
#include "policy/rules.h"

/* Of two groups by one key the larger is asked for. */
static void add_group(struct usage *u, const struct min_group *group, struct arena *a)
{
    struct min_group *g = ARENA_NEW(a, struct min_group);
    *g = (struct min_group){group->size, group->key, NULL};
    for (const struct min_group *other = u->groups; other; other = other->next) {
        if (other->key == g->key) {
            g->size = other->size > g->size ? other->size : g->size;
            continue;
        }
        struct min_group *kept = ARENA_NEW(a, struct min_group);
        *kept = (struct min_group){other->size, other->key, g->next};
        g->next = kept;
    }
    u->groups = g;
}

void usage_tighten(struct usage *u, const struct usage *other, struct arena *a)
{
    if (other->kind > u->kind) {
        u->kind = other->kind;
        u->policy_id = other->policy_id;
        u->policy_name = other->policy_name;
    }
    u->no_projection |= other->no_projection;
    for (const struct min_group *g = other->groups; g; g = g->next) {
        add_group(u, g, a);
    }
}

enum status usage_of_rule(const struct mask_rule *rule, const struct table *t, struct arena *a,
                          struct usage *out)
{
    *out = rule->usage;
    out->no_projection = out->kind == USAGE_NO_PROJECTION;
    if (out->kind != USAGE_MIN_GROUP) {
        return OK;
    }
    const struct min_group g = {rule->group_size,
                                rule->group_key.n ? table_column(t, rule->group_key) : -1, NULL};
    add_group(out, &g, a);
    return rule->group_key.n && g.key < 0 ? FAIL : OK;
}

/* A check under way. */
struct checking {
    const struct decision *decision;
    const struct binding *binding;
    const struct usage *by;
    struct error *error;
};

/* Sets the error: does it name the column? A statement that reaches one through a view never named
 * it, and needn't know its name. */
static bool explain(struct checking *c, const struct table_verdict *v, const struct origin *o,
                    const char *why)
{
    size_t column = (size_t)o->column;
    struct str name = v->table->table->columns[column].name;
    c->by = &v->usages[column];
    if (v->table->in_view) {
        error_set(c->error, ERR_MASKED_USE,
                  "a view or function in this statement uses a column that %s", why);
        (void)refusal_point_at(c->binding, o, c->error);
        (void)error_hint(c->error, "Read the tables beneath it, without that column.");
        return false;
    }
    error_set(c->error, ERR_MASKED_USE, "column \"%.*s\" %s", STR_ARG(name), why);
    (void)refusal_point_at(c->binding, o, c->error);
    return true;
}

static enum status refuse_denied(struct checking *c, const struct table_verdict *v,
                                 const struct origin *o)
{
    struct str name = o->table->columns[o->column].name;
    if (!explain(c, v, o, "may not be used by you")) {
        return FAIL;
    }
    return c->binding->selects_star
               ? error_hint(c->error, "Leave it out: SELECT * EXCLUDE (%.*s).", STR_ARG(name))
               : error_hint(c->error, "Leave it out.");
}

static enum status check_denied(struct checking *c, const struct table_verdict *v)
{
    for (size_t i = 0; i < v->table->table->column_count; i++) {
        bool is_used = v->table->columns_used[i] ||
                       (v->table->columns_written && v->table->columns_written[i]);
        if (is_used && v->usages[i].kind == USAGE_DENIED) {
            struct origin o = {.table = v->table->table, .column = (int)i};
            return refuse_denied(c, v, &o);
        }
    }
    return OK;
}

/* The verdict on an origin's table that has a rule for the column; NULL where it has none, or
 * where the table is none of the decision's: *known turns false. */
static const struct table_verdict *ruled(const struct decision *d, const struct origin *o,
                                         bool *known)
{
    const struct table_verdict *found = NULL;
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table_verdict *v = &d->tables[i];
        if (v->table->table == o->table && o->column >= 0 &&
            (size_t)o->column < o->table->column_count && (!found || found->table->in_view)) {
            found = v;
        }
    }
    *known &= found != NULL;
    return found && found->usages[o->column].kind != USAGE_FREE ? found : NULL;
}

static enum status refuse_projection(struct checking *c, const struct table_verdict *v,
                                     const struct origin *o)
{
    if (!explain(c, v, o, "can't be shown to you, nor what is made of it")) {
        return FAIL;
    }
    return error_hint(c->error,
                      "It can be counted, and used in WHERE, joins, GROUP BY and ORDER BY.%s",
                      c->binding->selects_star ? " Leave it out of * with EXCLUDE." : "");
}

static enum status refuse_alone(struct checking *c, const struct table_verdict *v,
                                const struct origin *o)
{
    struct str name = o->table->columns[o->column].name;
    if (!explain(c, v, o, "can only be seen by you in groups")) {
        return FAIL;
    }
    return error_hint(c->error,
                      "Ask for sum(%.*s), avg(%.*s) or count(%.*s), of the column itself, over its "
                      "table or what only passes it on.%s",
                      STR_ARG(name), STR_ARG(name), STR_ARG(name),
                      c->binding->selects_star ? " Leave it out of * with EXCLUDE." : "");
}

/* What a rule takes away: of the statement's uses, and of the ways of an output. */
struct denied {
    unsigned showing, alone;
};
/* A window numbers rows by the value, a function in FROM makes rows of it. */
static const struct denied denied_uses = {USE_WINDOW | USE_WRITE | USE_ROWS, USE_OF_VALUE};
static const struct denied denied_ways = {ORIGIN_COPIED | ORIGIN_DERIVED | ORIGIN_AGGREGATED |
                                              ORIGIN_SUMMED,
                                          ORIGIN_COPIED | ORIGIN_DERIVED | ORIGIN_AGGREGATED};

static enum status check_origin(struct checking *c, const struct origin *o,
                                const struct denied *denied)
{
    bool known = true;
    const struct table_verdict *v = ruled(c->decision, o, &known);
    if (!known) {
        return masks_refuse_unknown(c->error);
    }
    const struct usage *u = v ? &v->usages[o->column] : NULL;
    if (u && u->kind == USAGE_DENIED) {
        return refuse_denied(c, v, o);
    }
    if (u && u->groups && o->how & denied->alone) {
        return refuse_alone(c, v, o);
    }
    return u && u->no_projection && o->how & denied->showing ? refuse_projection(c, v, o) : OK;
}

static enum status check_lineage(struct checking *c, const struct lineage *l,
                                 const struct denied *denied)
{
    if (l->is_unknown) {
        return masks_refuse_unknown(c->error);
    }
    for (size_t i = 0; i < l->n; i++) {
        if (check_origin(c, &l->at[i], denied) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* What a view gives is decided when it is read, by who reads it. */
static enum status check_values(struct checking *c)
{
    const struct binding *b = c->binding;
    if (b->view_definition.n) {
        return OK;
    }
    if (check_lineage(c, b->uses, &denied_uses) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < b->output_count; i++) {
        if (check_lineage(c, b->outputs[i].origins, &denied_ways) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static bool has_usages(const struct table_verdict *v)
{
    bool any = false;
    for (size_t i = 0; i < v->table->table->column_count; i++) {
        any |= v->usages[i].kind != USAGE_FREE;
    }
    return any;
}

enum status usage_check(const struct decision *d, const struct binding *b, const struct usage **by,
                        struct error *e)
{
    struct checking c = {.decision = d, .binding = b, .error = e};
    bool any = false;
    enum status status = OK;
    for (size_t i = 0; i < d->table_count && status == OK; i++) {
        any |= has_usages(&d->tables[i]);
        status = check_denied(&c, &d->tables[i]);
    }
    status = any && status == OK ? check_values(&c) : status;
    *by = c.by;
    return status;
}
