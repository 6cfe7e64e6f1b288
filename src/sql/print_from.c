/* FROM. For the engine a table that the binder resolved stands under its engine name, aliased to
 * the name that the statement gave it; one that it didn't resolve is a name of WITH, a single part.
 */
#include "catalog/audit_log.h"
#include "sql/bind.h"
#include "sql/print_priv.h"

static void print_columns(struct printer *pr, const struct node_list *columns)
{
    if (columns->n) {
        print_idents(pr, columns);
    }
}

void print_alias(struct printer *pr, const struct node *alias, const struct node_list *columns)
{
    if (alias) {
        print_puts(pr, " AS ");
        print_ident(pr, alias);
        print_columns(pr, columns);
    }
}

static bool is_cte(const struct printer *pr, struct str name)
{
    for (const struct print_scope *scope = pr->scope; scope; scope = scope->outer) {
        for (uint32_t i = 0; i < scope->ctes->n; i++) {
            if (str_ieq(node_ident(node_cte(scope->ctes->at[i])->name)->text, name)) {
                return true;
            }
        }
    }
    return false;
}

static void print_engine_name(struct printer *pr, const struct node *n)
{
    const struct node_table_ref *ref = node_table_ref_const(n);
    const struct node_list *parts = &node_name_const(ref->name)->parts;
    if (ref->bound && ref->bound->table->scope == SCOPE_AUDIT) {
        print_puts(pr, CATALOG_ENGINE_SOURCES "." CATALOG_AUDIT_LOG_RELATION "()");
    } else if (ref->bound) {
        if (ref->bound->table->engine_schema.n) { /* none: rows that the engine is being given */
            print_quoted(pr, ref->bound->table->engine_schema);
            print_puts(pr, ".");
        }
        print_quoted(pr, ref->bound->table->name);
    } else if (parts->n == 1 && is_cte(pr, node_ident(parts->at[0])->text)) {
        print_ident(pr, parts->at[0]);
    } else {
        print_fail(pr, n, "a table that isn't bound is");
    }
}

static void print_table_ref(struct printer *pr, const struct node *n)
{
    const struct node_table_ref *ref = node_table_ref_const(n);
    const struct node_list *parts = &node_name_const(ref->name)->parts;
    if (!must_be_bound(pr)) {
        print_parts(pr, parts, 0);
    } else {
        print_engine_name(pr, n);
    }
    const struct node *alias = ref->alias;
    if (!alias && must_be_bound(pr)) {
        alias = parts->at[parts->n - 1];
    }
    print_alias(pr, alias, &ref->columns);
}

void print_written_table(struct printer *pr, const struct node *n)
{
    const struct node_table_ref *ref = node_table_ref_const(n);
    if (!must_be_bound(pr)) {
        print_parts(pr, &node_name_const(ref->name)->parts, 0);
    } else if (!ref->bound) {
        print_fail(pr, n, "writing a table that isn't bound is");
    } else {
        print_engine_name(pr, n);
    }
    print_alias(pr, ref->alias, &ref->columns);
}

static void print_table_func(struct printer *pr, const struct node_table_func *f)
{
    print_puts(pr, f->lateral ? "LATERAL " : "");
    print_call(pr, f->func);
    print_puts(pr, f->ordinality ? " WITH ORDINALITY" : "");
    print_alias(pr, f->alias, &f->columns);
}

static void print_derived(struct printer *pr, const struct node_derived *d)
{
    print_puts(pr, d->lateral ? "LATERAL " : "");
    print_query_in_parens(pr, d->query);
    print_alias(pr, d->alias, &d->columns);
}

static void print_join(struct printer *pr, const struct node_join *join)
{
    static const char *const words[] = {"JOIN ",      "LEFT JOIN ",      "RIGHT JOIN ",
                                        "FULL JOIN ", "CROSS JOIN ",     "SEMI JOIN ",
                                        "ANTI JOIN ", "POSITIONAL JOIN "};
    print_from(pr, join->left);
    print_puts(pr, join->natural ? " NATURAL " : " ");
    print_puts(pr, join->asof ? "ASOF " : "");
    print_puts(pr, words[join->type]);
    print_from_source(pr, join->right);
    if (join->match) {
        if (for_engine(pr)) {
            print_fail(pr, join->match, "MATCH_CONDITION is");
        }
        print_puts(pr, " MATCH_CONDITION (");
        print_expr(pr, join->match);
        print_puts(pr, ")");
    }
    if (join->on) {
        print_puts(pr, " ON ");
        print_expr(pr, join->on);
    } else if (join->using_columns.n) {
        print_puts(pr, " USING ");
        print_idents(pr, &join->using_columns);
    }
}

void print_from(struct printer *pr, const struct node *n)
{
    switch (n->kind) {
    case NODE_TABLE_REF:
        print_table_ref(pr, n);
        return;
    case NODE_TABLE_FUNC:
        print_table_func(pr, node_table_func_const(n));
        return;
    case NODE_DERIVED:
        print_derived(pr, node_derived_const(n));
        return;
    case NODE_JOIN:
        print_join(pr, node_join_const(n));
        return;
    default:
        print_rare_from(pr, n);
        return;
    }
}

void print_from_source(struct printer *pr, const struct node *n)
{
    bool is_join = n->kind == NODE_JOIN;
    print_puts(pr, is_join ? "(" : "");
    print_from(pr, n);
    print_puts(pr, is_join ? ")" : "");
}
