/* Snowflake: choices and NULL. */
#include "dialect/rules.h"

/* DECODE(x, a, b, ..., otherwise): NULL is found too, unlike in a CASE. */
static struct node *decode(struct rewriting *r, struct node_func *f)
{
    struct node *n = node_new(r->a, NODE_CASE, f->base.offset);
    struct node_case_expr *c = node_case_expr(n);
    struct node *x = f->args.at[0];
    n->length = f->base.length;
    for (uint32_t i = 1; i + 1 < f->args.n; i += 2) {
        struct node *operand = i == 1 ? x : rule_copy(r, x), *search = f->args.at[i];
        struct node *when = node_new(r->a, NODE_WHEN, search->offset);
        node_when(when)->condition =
            EXPAND(r, search, "$1 = $2 OR ($1 IS NULL AND $2 IS NULL)", operand, search);
        node_when(when)->result = f->args.at[i + 1];
        node_push(r->a, &c->whens, when);
    }
    c->otherwise = f->args.n % 2 == 0 ? f->args.at[f->args.n - 1] : NULL;
    return n;
}

/* GREATEST and LEAST: NULL where any is. The engine's look over NULL. */
static struct node *extreme(struct rewriting *r, struct node_func *f)
{
    bool greatest = str_iis(node_ident(node_name(f->name)->parts.at[0])->text, "greatest");
    struct node *chain = node_new(r->a, NODE_BOOL, f->base.offset);
    node_bool_chain(chain)->is_or = true;
    for (uint32_t i = 0; i < f->args.n; i++) {
        node_push(r->a, &node_bool_chain(chain)->args,
                  rule_unary(r, OP_IS_NULL, rule_copy(r, f->args.at[i])));
    }
    struct node *condition = f->args.n == 1 ? node_bool_chain(chain)->args.at[0] : chain;
    struct node *call =
        rule_call(r, &f->base, greatest ? "greatest" : "least", f->args.n, f->args.at);
    return make_case(r->a, condition, rule_null(r, &f->base), call);
}

static struct node *extreme_of_values(struct rewriting *r, struct node_func *f)
{
    bool greatest =
        str_iis(node_ident(node_name(f->name)->parts.at[0])->text, "greatest_ignore_nulls");
    return rule_call(r, &f->base, greatest ? "greatest" : "least", f->args.n, f->args.at);
}

const struct function_rule snowflake_condition_functions[] = {
    {"equal_null", 2, 2, "$1 IS NOT DISTINCT FROM $2", NULL},
    {"zeroifnull", 1, 1, "CASE WHEN $1 IS NULL THEN 0 ELSE $1 END", NULL},
    {"nullifzero", 1, 1, "CASE WHEN $1 = 0 THEN NULL ELSE $1 END", NULL},
    {"div0", 2, 2, "CASE WHEN $2 = 0 AND NOT $1 IS NULL THEN 0 ELSE $1 / $2 END", NULL},
    {"div0null", 2, 2, "CASE WHEN $2 = 0 OR $2 IS NULL THEN 0 ELSE $1 / $2 END", NULL},
    {"iff", 3, 3, "CASE WHEN $1 THEN $2 ELSE $3 END", NULL},
    {"nvl", 2, 2, "coalesce($1, $2)", NULL},
    {"ifnull", 2, 2, "coalesce($1, $2)", NULL},
    {"nvl2", 3, 3, "CASE WHEN NOT $1 IS NULL THEN $2 ELSE $3 END", NULL},
    {"decode", 3, -1, "CASE WHEN x = a OR (x IS NULL AND a IS NULL) THEN b ... END", decode},
    {"greatest", 1, -1, "NULL where an argument is, else greatest()", extreme},
    {"least", 1, -1, "NULL where an argument is, else least()", extreme},
    {"greatest_ignore_nulls", 1, -1, "greatest(), which looks over NULL", extreme_of_values},
    {"least_ignore_nulls", 1, -1, "least(), which looks over NULL", extreme_of_values},
    {"booland", 2, 2, "truth_of($1) AND truth_of($2)", NULL},
    {"boolor", 2, 2, "truth_of($1) OR truth_of($2)", NULL},
    {"boolnot", 1, 1, "NOT truth_of($1)", NULL},
    {"boolxor", 2, 2,
     "(truth_of($1) AND (NOT truth_of($2))) OR ((NOT truth_of($1)) AND truth_of($2))", NULL},
    {"regr_valx", 2, 2, "CASE WHEN $1 IS NULL THEN CAST(NULL AS double) ELSE $2 END", NULL},
    {"regr_valy", 2, 2, "CASE WHEN $2 IS NULL THEN CAST(NULL AS double) ELSE $1 END", NULL},
    {NULL, 0, 0, NULL, NULL},
};
