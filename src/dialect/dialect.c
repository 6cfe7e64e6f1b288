/* One pass over the tree, children first, so that a rule sees operands that are our own SQL
 * already. */
#include "dialect/dialect.h"

#include <string.h>

#include "dialect/rules.h"
#include "sql/function.h"
#include "sql/walk.h"

enum { MOST_ADDED_NODES = 100000 };

static void note(struct rewriting *r, const char *name, const char *says)
{
    struct dialect_trace *t = r->trace;
    if (!t) {
        return;
    }
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->at[i].name, name) == 0) {
            return;
        }
    }
    VEC_PUSH(r->a, *t, ((struct dialect_rule){name, says}));
}

/* One part, or pg_catalog and one. */
static struct str function_name(const struct node *n)
{
    const struct node_list *parts = &node_name_const(node_func_const(n)->name)->parts;
    bool is_plain =
        parts->n == 1 || (parts->n == 2 && str_iis(node_ident(parts->at[0])->text, "pg_catalog"));
    return is_plain ? node_ident(parts->at[parts->n - 1])->text : STR_NULL;
}

/* pg_catalog.f() is PostgreSQL's in every dialect: its clients write it in all of them. */
static enum dialect dialect_of_call(const struct rewriting *r, const struct node *n)
{
    bool is_qualified = node_name_const(node_func_const(n)->name)->parts.n > 1;
    return is_qualified ? DIALECT_POSTGRES : r->dialect;
}

static bool has_modifiers(const struct node_func *f)
{
    return f->star || f->distinct || f->nulls || f->order.n || f->within_group.n || f->filter ||
           f->over;
}

/* DISTINCT, FILTER, OVER ... belong to the call that stands in the place of this one. */
static void move_modifiers(struct rewriting *r, const struct node_func *from, struct node *n)
{
    if (!has_modifiers(from)) {
        return;
    }
    if (n->kind != NODE_FUNC) {
        struct str name = function_name(&from->base);
        rule_fail(r, &from->base, ERR_BAD_SQL, "%.*s() is not an aggregate function",
                  STR_ARG(name));
        return;
    }
    struct node_func *to = node_func(n);
    to->star |= from->star;
    to->distinct |= from->distinct;
    to->nulls = from->nulls ? from->nulls : to->nulls;
    to->order = from->order.n ? from->order : to->order;
    to->within_group = from->within_group.n ? from->within_group : to->within_group;
    to->filter = from->filter ? from->filter : to->filter;
    to->over = from->over ? from->over : to->over;
}

static struct node *fill(struct rewriting *r, const struct rule_entry *entry, struct node_func *f)
{
    for (uint32_t i = 0; i < f->args.n; i++) {
        const struct node *arg = f->args.at[i];
        if (arg->kind == NODE_NAMED_ARG || arg->kind == NODE_STAR) {
            rule_fail(r, arg, ERR_UNSUPPORTED, "this argument of %s() is not supported",
                      entry->rule->name);
            return &f->base;
        }
    }
    struct node *out = rule_fill(r, &entry->template, &f->base, f->args.n, f->args.at);
    move_modifiers(r, f, out);
    return out;
}

static bool takes(const struct function_rule *rule, const struct node_func *f)
{
    return (int)f->args.n >= rule->least && (rule->most < 0 || (int)f->args.n <= rule->most);
}

static struct node *apply_functions(struct rewriting *r, struct node *n)
{
    struct node_func *f = node_func(n);
    const struct rule_entry *first = rules_of_call(dialect_of_call(r, n), function_name(n));
    bool some_take = !first;
    for (const struct rule_entry *entry = first; entry && entry->rule; entry++) {
        if (!takes(entry->rule, f)) {
            continue;
        }
        some_take = true;
        struct node *out = entry->rule->apply ? entry->rule->apply(r, f) : fill(r, entry, f);
        if (out != n) {
            note(r, entry->rule->name, entry->rule->says);
        }
        if (out != n || r->failed) {
            return out;
        }
    }
    if (!some_take && !function_find(function_name(n))) {
        rule_fail(r, n, ERR_UNKNOWN_FUNCTION, "%s() doesn't take %u argument%s", first->rule->name,
                  f->args.n, f->args.n == 1 ? "" : "s");
    }
    return n;
}

static struct node *apply_nodes(struct rewriting *r, struct node *n)
{
    const struct node_rule *const *rules = rules_of_kind(r->dialect, n->kind);
    for (; rules && *rules; rules++) {
        struct node *out = (*rules)->apply(r, n);
        if (out != n) {
            note(r, (*rules)->name, (*rules)->says);
        }
        if (out != n || r->failed) {
            return out;
        }
    }
    return n;
}

/* * LIKE 'a%' chooses columns by their names: no condition, so no rule makes one of it. */
static bool is_name_pattern(const struct node *n)
{
    return n->kind == NODE_LIKE && !node_like_const(n)->operand;
}

static struct node *apply(struct rewriting *r, struct node *n)
{
    if (is_name_pattern(n)) {
        return n;
    }
    struct node *out = n->kind == NODE_FUNC ? apply_functions(r, n) : n;
    return out == n && !r->failed ? apply_nodes(r, n) : out;
}

/* An output that is a call is called as the function, whatever a rule makes of it. */
static enum walk name_output(struct node **n, void *ctx)
{
    struct rewriting *r = ctx;
    if ((*n)->kind == NODE_SELECT) {
        struct node_list *targets = &node_select(*n)->targets;
        for (uint32_t i = 0; i < targets->n; i++) {
            struct node_target *t = node_target(targets->at[i]);
            if (!t->alias && t->expr->kind == NODE_FUNC &&
                rules_of_call(r->dialect, function_name(t->expr))) {
                t->alias = make_ident(r->a, arena_lower(r->a, function_name(t->expr)));
            }
        }
    }
    return WALK_ON;
}

/* The depth of a tree from the parser is bounded (parse.h). */
static void visit(struct rewriting *r, struct node **n);

static void visit_list(struct rewriting *r, struct node_list *l)
{
    for (uint32_t i = 0; i < l->n && !r->failed; i++) {
        visit(r, &l->at[i]);
    }
}

static void visit(struct rewriting *r, struct node **n)
{
    if (!*n || r->failed) {
        return;
    }
    for (const struct node_member *f = node_members((*n)->kind); f->kind != FIELD_END; f++) {
        if (f->kind == FIELD_NODE) {
            visit(r, node_child(*n, f));
        } else if (f->kind == FIELD_NODES) {
            visit_list(r, node_children(*n, f));
        }
    }
    if (r->failed) {
        return;
    }
    *n = apply(r, *n);
    if (r->added > MOST_ADDED_NODES) {
        rule_fail(r, *n, ERR_STATEMENT_TOO_COMPLEX,
                  "calls within calls make the statement too complex");
    }
}

enum status dialect_name_outputs(struct arena *a, enum dialect dialect, struct node **stmt,
                                 struct error *e)
{
    struct error own = ERROR_INIT;
    struct rewriting r = {.a = a, .dialect = dialect, .e = e ? e : &own};
    if (dialect == DIALECT_DUCKDB) {
        duckdb_name_outputs(&r, stmt);
    } else {
        (void)node_walk(stmt, name_output, &r);
    }
    return r.failed ? FAIL : OK;
}

enum status dialect_normalize(struct arena *a, enum dialect dialect, struct node **stmt,
                              struct dialect_trace *trace, struct error *e)
{
    struct error own = ERROR_INIT;
    struct rewriting r = {.a = a, .dialect = dialect, .e = e ? e : &own, .trace = trace};
    visit(&r, stmt);
    return r.failed ? FAIL : OK;
}
