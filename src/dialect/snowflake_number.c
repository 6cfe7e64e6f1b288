/* Snowflake: numbers and bits. */
#include "dialect/rules.h"

/* ROUND(x, scale, mode), each of which may be named. */
static struct node *round_to(struct rewriting *r, struct node_func *f)
{
    static const char *const names[] = {"expr", "scale", "rounding_mode"};
    struct node *given[3] = {NULL, NULL, NULL};
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *arg = f->args.at[i];
        uint32_t at = i;
        for (uint32_t k = 0; arg->kind == NODE_NAMED_ARG && k < 3; k++) {
            at = str_iis(node_named_arg(arg)->name, names[k]) ? k : at;
        }
        given[at] = rule_arg(f, i);
    }
    struct node *x = given[0], *scale = given[1], *mode = given[2];
    int64_t value;
    if (!x || (mode && !rule_is_string(mode))) {
        rule_fail(r, &f->base, ERR_BAD_SQL,
                  "ROUND takes a number, a scale and a literal rounding mode");
        return &f->base;
    }
    scale = scale && !rule_int(scale, &value) ? rule_cast(r, scale, "integer") : scale;
    if (mode && str_iis(rule_word(mode), "half_to_even")) {
        return CALL(r, &f->base, "round_even", x, scale ? scale : rule_integer(r, &f->base, 0));
    }
    if (mode && !str_iis(rule_word(mode), "half_away_from_zero")) {
        rule_fail(r, mode, ERR_BAD_SQL, "the rounding mode is HALF_AWAY_FROM_ZERO or HALF_TO_EVEN");
        return &f->base;
    }
    return scale ? CALL(r, &f->base, "round", x, scale) : CALL(r, &f->base, "round", x);
}

/* clang-format off */
const struct function_rule snowflake_number_functions[] = {
    {"round", 1, 3, "round($1, scale), or round_even()", round_to},
    {"mod", 2, 2, "$1 % $2", NULL},
    {"square", 1, 1, "power($1, 2)", NULL},
    {"ceil", 2, 2, "ceil($1 * power(10, $2)) / power(10, $2)", NULL},
    {"floor", 2, 2, "floor($1 * power(10, $2)) / power(10, $2)", NULL},
    {"haversine", 4, 4,
     "2 * 6371 * asin(sqrt(power(sin(radians($3 - $1) / 2), 2) + cos(radians($1)) * cos(radians($3)) * power(sin(radians($4 - $2) / 2), 2)))", NULL},
    {"width_bucket", 4, 4,
     "CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1 ELSE CAST(floor(($1 - $2) * $4 / ($3 - $2)) AS bigint) + 1 END", NULL},
    {"bitand", 2, 2, "$1 & $2", NULL},
    {"bit_and", 2, 2, "$1 & $2", NULL},
    {"bitor", 2, 2, "$1 | $2", NULL},
    {"bit_or", 2, 2, "$1 | $2", NULL},
    {"bitxor", 2, 2, "xor($1, $2)", NULL},
    {"bit_xor", 2, 2, "xor($1, $2)", NULL},
    {"bitnot", 1, 1, "~$1", NULL},
    {"bit_not", 1, 1, "~$1", NULL},
    {"bitshiftleft", 2, 2, "shift_left($1, $2)", NULL},
    {"bit_shiftleft", 2, 2, "shift_left($1, $2)", NULL},
    {"bitshiftright", 2, 2, "shift_right($1, $2)", NULL},
    {"bit_shiftright", 2, 2, "shift_right($1, $2)", NULL},
    {"getbit", 2, 2, "CAST($1 AS bigint) >> CAST($2 AS integer) & 1", NULL},
    {"randstr", 2, 2,
     "array_to_string(list_transform(range(CAST($1 AS bigint)), lambda i: substring("
     "'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 1 + CAST(floor(random() * 62 + i * 0) AS bigint) % 62, 1)), '')", NULL},
    {NULL, 0, 0, NULL, NULL},
};
