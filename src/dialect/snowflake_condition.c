/* Snowflake: choices and NULL. */
#include "dialect/rules.h"

static struct node *arg(struct node_func *f, uint32_t i)
{
    return f->args.at[i];
}

static struct node *equal_null(struct rewriting *r, struct node_func *f)
{
    return rule_binary(r, OP_NOT_DISTINCT, arg(f, 0), arg(f, 1));
}

static struct node *zero_if_null(struct rewriting *r, struct node_func *f)
{
    struct node *is_null = rule_unary(r, OP_IS_NULL, arg(f, 0));
    return make_case(r->a, is_null, rule_integer(r, &f->base, 0), rule_copy(r, arg(f, 0)));
}

const struct function_rule snowflake_condition_functions[] = {
    {"equal_null", 2, 2, "a IS NOT DISTINCT FROM b", equal_null},
    {"zeroifnull", 1, 1, "CASE WHEN a IS NULL THEN 0 ELSE a END", zero_if_null},
    {NULL, 0, 0, NULL, NULL},
};
