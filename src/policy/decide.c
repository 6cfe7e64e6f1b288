/* The decision: one pass over the statement's tables, in the order that policy.h promises. It reads
 * the rules of those tables only, keeps nothing, and fails closed: whatever isn't known denies. */
#include "base/buf.h"
#include "policy/attribute.h"
#include "policy/rules.h"
#include "sql/walk.h"

struct deciding {
    const struct org_rules *org; /* NULL: no policies */
    const struct principal *who;
    const struct binding *binding;
    int64_t now_us;
    struct arena *arena;
    struct decision *decision;
    VEC_OF(struct verdict_note) notes;
    struct error *error;
};

static void note(struct deciding *d, struct str id, struct str name, const char *action,
                 struct str columns)
{
    struct verdict_note n = {id, name, str_of(action), columns};
    VEC_PUSH(d->arena, d->notes, n);
}

/* Who manages policies is told which one it was. */
static enum status name_policy(struct deciding *d, struct str name)
{
    if (name.n && (d->who->role == ROLE_OWNER || d->who->role == ROLE_ADMIN)) {
        return error_hint(d->error, "Policy \"%.*s\".", STR_ARG(name));
    }
    return FAIL;
}

static enum status deny(struct deciding *d, struct str id, struct str name)
{
    note(d, id, name, "deny", STR_NULL);
    return name_policy(d, name);
}

/* ---- role and scope ---- */

static const char *const verbs[ACTION_COUNT] = {
    [ACTION_QUERY] = "read data",     [ACTION_WRITE] = "change data",
    [ACTION_DELETE] = "delete rows",  [ACTION_DDL] = "change the schema",
    [ACTION_READ_SCHEMA] = "read the schema", [ACTION_READ_AUDIT] = "read the audit log",
    [ACTION_MANAGE] = "manage the organization", [ACTION_BILLING] = "see billing",
};

static const char *const scopes_wanted[ACTION_COUNT] = {
    [ACTION_QUERY] = "query:read",       [ACTION_WRITE] = "query:write",
    [ACTION_DELETE] = "query:write",     [ACTION_DDL] = "schema:write",
    [ACTION_READ_SCHEMA] = "schema:read", [ACTION_READ_AUDIT] = "admin",
    [ACTION_MANAGE] = "admin",           [ACTION_BILLING] = "admin",
};

static enum status check_action(struct deciding *d, enum action action)
{
    if (policy_role_may(d->who, action)) {
        return OK;
    }
    struct principal unscoped = *d->who;
    unscoped.scopes = ~0u;
    if (d->who->role == ROLE_AUDITOR) {
        error_set(d->error, ERR_DENIED, "the role auditor may only read the audit log");
    } else if (policy_role_may(&unscoped, action)) {
        error_set(d->error, ERR_DENIED, "the key may not %s: it lacks the scope %s",
                  verbs[action], scopes_wanted[action]);
    } else {
        error_set(d->error, ERR_DENIED, "the role %s may not %s", role_name(d->who->role),
                  verbs[action]);
    }
    return deny(d, STR_NULL, STR("role"));
}

static enum action main_action(const struct binding *b)
{
    switch (b->kind) {
    case STATEMENT_QUERY:
    case STATEMENT_EXPLAIN:
    case STATEMENT_COPY_OUT:
        return ACTION_QUERY;
    case STATEMENT_INSERT:
    case STATEMENT_UPDATE:
    case STATEMENT_COPY_IN:
        return ACTION_WRITE;
    case STATEMENT_DELETE:
        return ACTION_DELETE;
    case STATEMENT_DDL:
        return ACTION_DDL;
    }
    return ACTION_MANAGE; /* nothing that a statement may do */
}

/* Does the statement read this occurrence? A target whose columns are looked at is read too. */
static bool is_read(const struct bound_table *t)
{
    bool read = !t->written;
    for (size_t i = 0; !read && i < t->table->column_count; i++) {
        read = t->columns_used[i];
    }
    return read;
}

static enum status check_actions(struct deciding *d)
{
    const struct binding *b = d->binding;
    bool reads = b->output_count > 0;
    for (size_t i = 0; !reads && i < b->table_count; i++) {
        reads = is_read(b->tables[i]);
    }
    if (check_action(d, main_action(b)) != OK) {
        return FAIL;
    }
    return reads ? check_action(d, ACTION_QUERY) : OK;
}

/* ---- which tables at all ---- */

/* The text of a table that isn't there, with the name as the client wrote it. */
static enum status refuse_table(struct deciding *d, const struct table *t, const struct node *ref)
{
    struct buf name = BUF_INIT(400);
    size_t offset = 0;
    const struct node *written = ref && ref->kind == NODE_TABLE_REF
                                     ? node_table_ref_const(ref)->name
                                     : NULL;
    const struct node_list *parts = written ? &node_name_const(written)->parts : NULL;
    for (size_t i = 0; parts && i < parts->n; i++) {
        buf_puts(&name, i ? "." : "");
        buf_put_str(&name, node_ident_const(parts->at[i])->text);
        offset = written->offset;
    }
    if (!parts) {
        buf_put_str(&name, t->name);
    }
    struct str text = buf_str(&name);
    error_set(d->error, ERR_UNKNOWN_TABLE, "relation \"%.*s\" does not exist", STR_ARG(text));
    if (written) {
        d->error->position = (int64_t)offset;
    }
    buf_free(&name);
    return deny(d, STR_NULL, STR("allowed tables"));
}

/* Shared tables belong to the operator: their schema to nobody here, common ones not even to write. */
static enum status check_shared(struct deciding *d, const struct table *t, bool written, bool ddl)
{
    if (t->scope == SCOPE_PRIVATE || (!ddl && !(written && t->scope == SCOPE_COMMON))) {
        return OK;
    }
    error_set(d->error, ERR_DENIED, "\"%.*s\" is shared between organizations: %s",
              STR_ARG(t->qualified),
              ddl ? "only an operator changes its schema" : "it can only be read");
    return deny(d, STR_NULL, STR("shared table"));
}

static enum status check_table(struct deciding *d, const struct table *t, const struct node *ref,
                               bool written, bool ddl)
{
    if (!policy_may_touch(d->who, t) ||
        (t->scope == SCOPE_PRIVATE && !str_eq(t->org_id, d->who->org_id))) {
        return refuse_table(d, t, ref);
    }
    if (t->scope == SCOPE_TENANT &&
        (t->tenant_column < 0 || (size_t)t->tenant_column >= t->column_count)) {
        return refuse_table(d, t, ref);
    }
    return check_shared(d, t, written, ddl);
}

static enum status check_tables(struct deciding *d)
{
    const struct binding *b = d->binding;
    for (size_t i = 0; i < b->table_count; i++) {
        const struct bound_table *t = b->tables[i];
        if (check_table(d, t->table, t->ref, t->written, false) != OK) {
            return FAIL;
        }
    }
    if (b->kind != STATEMENT_DDL) {
        return OK;
    }
    bool limited = d->who->allowed_schema_count || d->who->allowed_table_count;
    if (!b->ddl_table && limited) {
        error_set(d->error, ERR_DENIED, "a key that is limited to some tables may not create others");
        return deny(d, STR_NULL, STR("allowed tables"));
    }
    return b->ddl_table ? check_table(d, b->ddl_table, NULL, false, true) : OK;
}

/* ---- ABAC ---- */

/* What the rules said so far of one action on one resource. */
struct hearing {
    struct facts facts;
    const struct policy_label *offered, *granted; /* an allow rule named it; one of them held */
};

static enum status hear(struct deciding *d, struct hearing *h, const struct bucket *b)
{
    for (size_t i = 0; b && i < b->abac.n; i++) {
        const struct abac_rule *rule = b->abac.at[i];
        if (!(rule->actions >> h->facts.action & 1)) {
            continue;
        }
        enum truth t = conditions_hold(rule->conditions, rule->condition_count, &h->facts);
        if (rule->deny && t != NO) {
            error_set(d->error, ERR_DENIED, "a policy denies to %s here", verbs[h->facts.action]);
            return deny(d, rule->policy->id, rule->policy->name);
        }
        if (!rule->deny) {
            h->offered = h->offered ? h->offered : rule->policy;
            h->granted = t == YES && !h->granted ? rule->policy : h->granted;
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
        error_set(d->error, ERR_DENIED, "no policy allows to %s here", verbs[action]);
        return deny(d, h.offered->id, h.offered->name);
    }
    if (h.granted) {
        note(d, h.granted->id, h.granted->name, "allow", STR_NULL);
    }
    return OK;
}

static enum status hear_table(struct deciding *d, const struct bound_table *t,
                              const struct table_rules *rules)
{
    if (t->written && hear_all(d, main_action(d->binding), t->table, rules, NULL) != OK) {
        return FAIL;
    }
    return is_read(t) ? hear_all(d, ACTION_QUERY, t->table, rules, t->columns_used) : OK;
}

/* What the statement does beside its tables: a query of none, a change of schema. */
static enum status hear_statement(struct deciding *d, const struct table_rules *ddl)
{
    const struct binding *b = d->binding;
    if (!d->org || (b->table_count > 0 && b->kind != STATEMENT_DDL)) {
        return OK;
    }
    return hear_all(d, main_action(b), b->ddl_table, ddl, NULL);
}

/* ---- row filters ---- */

static enum status refuse_filter(struct deciding *d, const struct filter_rule *rule,
                                 const char *why)
{
    error_set(d->error, ERR_DENIED, "a row filter can't be applied: %s", why);
    return deny(d, rule->policy->id, rule->policy->name);
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
        .org_id = d->who->org_id,
        .dialect = DIALECT_POSTGRES,
        .session_user = d->who->user_email.n ? d->who->user_email : d->who->user_id,
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
    *out = (struct row_filter){
        .policy_id = rule->policy->id, .policy_name = rule->policy->name, .filter = tree};
    return fill_values(d, rule, tree, out);
}

static enum status decide_filters(struct deciding *d, const struct table_rules *rules,
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
            if (bind_filter(d, rule, v->table->table, &f) != OK) {
                return FAIL;
            }
            VEC_PUSH(d->arena, filters, f);
            note(d, f.policy_id, f.policy_name, "filter", STR_NULL);
        }
    }
    v->filters = filters.at;
    v->filter_count = filters.n;
    return OK;
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
            last->columns = str_of(arena_printf(d->arena, "%.*s,%.*s", STR_ARG(last->columns),
                                                STR_ARG(column)));
        } else {
            note(d, m->policy_id, m->policy_name, "mask", column);
        }
    }
}

static enum status collect_masks(struct deciding *d, const struct table_rules *rules,
                                 const struct table *t, const struct mask **out)
{
    struct mask *masks = ARENA_ARRAY(d->arena, struct mask, t->column_count);
    const struct mask *missing = NULL;
    *out = masks;
    if (masks_collect(d->org, rules, d->who, t, masks, &missing) != OK) {
        error_set(d->error, ERR_DENIED,
                  "a mask of \"%.*s\" names a column that the table doesn't have",
                  STR_ARG(t->qualified));
        return deny(d, missing->policy_id, missing->policy_name);
    }
    return OK;
}

/* ---- the whole ---- */

static enum status decide_table(struct deciding *d, struct table_verdict *v)
{
    const struct table *t = v->table->table;
    struct table_rules rules;
    table_rules_find(d->org, t, d->arena, &rules);
    v->tenant_scoped = t->scope == SCOPE_TENANT;
    if (d->org && hear_table(d, v->table, &rules) != OK) {
        return FAIL;
    }
    if (decide_filters(d, &rules, v) != OK || collect_masks(d, &rules, t, &v->masks) != OK) {
        return FAIL;
    }
    note_masks(d, v);
    return OK;
}

/* Does a mask or row filter of the table concern who asks? */
static enum status rules_bind(struct deciding *d, const struct table_rules *rules,
                              const struct table *t, bool *out)
{
    const struct mask *masks;
    if (collect_masks(d, rules, t, &masks) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        *out |= masks[i].function != MASK_NONE;
    }
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t k = 0; k < rules->at[i]->filters.n; k++) {
            *out |= audience_has(&rules->at[i]->filters.at[k]->audience, d->who);
        }
    }
    return OK;
}

/* Renaming or dropping what a rule names would slip out of the rule: whom the table's rules bind
 * doesn't change its schema. */
static enum status decide_ddl(struct deciding *d)
{
    const struct table *t = d->binding->ddl_table;
    struct table_rules rules = {0};
    if (t) {
        table_rules_find(d->org, t, d->arena, &rules);
    }
    if (hear_statement(d, &rules) != OK) {
        return FAIL;
    }
    bool is_bound = false;
    if (t && rules_bind(d, &rules, t, &is_bound) != OK) {
        return FAIL;
    }
    if (!is_bound) {
        return OK;
    }
    error_set(d->error, ERR_DENIED, "\"%.*s\" has masks or row filters that apply to you: its "
                                    "schema can only be changed by someone exempt from them",
              STR_ARG(t->qualified));
    return deny(d, STR_NULL, STR("protected table"));
}

static enum status decide(struct deciding *d, struct table_verdict *tables)
{
    const struct binding *b = d->binding;
    if (check_actions(d) != OK || check_tables(d) != OK) {
        return FAIL;
    }
    if (d->org && d->org->is_damaged) {
        error_set(d->error, ERR_DENIED, "a policy of the organization can't be read");
        return deny(d, STR_NULL, d->org->damaged_policy);
    }
    if (decide_ddl(d) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < b->table_count; i++) {
        tables[i].table = b->tables[i];
        if (decide_table(d, &tables[i]) != OK) {
            return FAIL;
        }
    }
    struct decision whole = {.tables = tables, .table_count = b->table_count};
    if (masks_check_uses(&whole, b, d->error) != OK) {
        note(d, STR_NULL, STR("masked use"), "deny", STR_NULL);
        return FAIL;
    }
    *d->decision = whole;
    return OK;
}

enum status policy_decide(const struct policy_snapshot *s, const struct policy_request *r,
                          struct arena *a, struct decision **out, struct error *e)
{
    struct error own = ERROR_INIT;
    struct deciding d = {
        .org = snapshot_org(s, r->principal->org_id),
        .who = r->principal,
        .binding = r->binding,
        .now_us = r->now_us,
        .arena = a,
        .decision = ARENA_NEW(a, struct decision),
        .error = &own,
    };
    struct table_verdict *tables = ARENA_ARRAY(a, struct table_verdict, r->binding->table_count);
    enum status status = decide(&d, tables);
    if (status != OK && e) {
        *e = own;
    }
    d.decision->notes = d.notes.at;
    d.decision->note_count = d.notes.n;
    *out = d.decision;
    return status;
}
