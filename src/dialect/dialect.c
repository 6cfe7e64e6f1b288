/* One pass over the tree, children first, so that a rule sees operands that are our own SQL
 * already. */
#include "dialect/dialect.h"

#include <string.h>

#include "dialect/rules.h"

enum { MOST_ADDED_NODES = 100000 };

static void note(struct rewriting *r, const char *name)
{
    struct dialect_trace *t = r->trace;
    for (size_t i = 0; t && i < t->n; i++) {
        if (strcmp(t->names[i], name) == 0) {
            return;
        }
    }
    if (t && t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 16;
        const char **names = ARENA_ARRAY(r->a, const char *, cap);
        for (size_t i = 0; i < t->n; i++) {
            names[i] = t->names[i];
        }
        t->names = names;
        t->cap = cap;
    }
    if (t) {
        t->names[t->n++] = name;
    }
}

static struct str function_name(const struct node *n)
{
    const struct node_list *parts = &node_name_const(node_func_const(n)->name)->parts;
    return parts->n == 1 ? node_ident(parts->at[0])->text : STR_NULL;
}

static struct node *apply_function(struct rewriting *r, const struct function_rule *rule,
                                   struct node *n)
{
    struct node_func *f = node_func(n);
    int count = (int)f->args.n;
    if (count < rule->least || (rule->most >= 0 && count > rule->most)) {
        rule_fail(r, n, ERR_UNKNOWN_FUNCTION, "%s() doesn't take %d argument%s", rule->name, count,
                  count == 1 ? "" : "s");
        return n;
    }
    struct node *out = rule->apply(r, f);
    if (out != n) {
        note(r, rule->name);
    }
    return out;
}

static struct node *apply_functions(struct rewriting *r, const struct function_rule *rules,
                                    struct node *n)
{
    struct str name = function_name(n);
    for (const struct function_rule *rule = rules; rule && rule->name && name.n; rule++) {
        if (str_iis(name, rule->name)) {
            struct node *out = apply_function(r, rule, n);
            if (out != n || r->failed) {
                return out;
            }
        }
    }
    return n;
}

static struct node *apply_nodes(struct rewriting *r, const struct node_rule *rules, struct node *n)
{
    for (const struct node_rule *rule = rules; rule && rule->name; rule++) {
        if (rule->kind != n->kind) {
            continue;
        }
        struct node *out = rule->apply(r, n);
        if (out != n) {
            note(r, rule->name);
            return out;
        }
        if (r->failed) {
            return n;
        }
    }
    return n;
}

static struct node *apply(struct rewriting *r, struct node *n)
{
    for (const struct rule_table *t = rules_of(r->dialect); t->functions || t->nodes; t++) {
        struct node *out = n->kind == NODE_FUNC ? apply_functions(r, t->functions, n) : n;
        out = out == n && !r->failed ? apply_nodes(r, t->nodes, n) : out;
        if (out != n || r->failed) {
            return out;
        }
    }
    return n;
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

enum status dialect_normalize(struct arena *a, enum dialect dialect, struct node **stmt,
                              struct dialect_trace *trace, struct error *e)
{
    struct error own = ERROR_INIT;
    struct rewriting r = {.a = a, .dialect = dialect, .e = e ? e : &own, .trace = trace};
    if (dialect == DIALECT_DUCKDB) {
        duckdb_name_outputs(&r, stmt);
    }
    visit(&r, stmt);
    return r.failed ? FAIL : OK;
}
