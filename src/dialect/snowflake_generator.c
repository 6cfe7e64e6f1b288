/* Snowflake: rows and numbers out of nothing. */
#include "dialect/rules.h"

/* GENERATOR(ROWCOUNT => n): n rows. How many a time limit gives isn't known. */
struct node *snowflake_generator(struct rewriting *r, struct node_table_func *from)
{
    struct node_func *f = node_func(from->func);
    struct node *count = NULL;
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *arg = f->args.at[i];
        bool is_named = arg->kind == NODE_NAMED_ARG;
        if (is_named ? str_iis(node_named_arg(arg)->name, "rowcount") : i == 0) {
            count = is_named ? node_named_arg(arg)->value : arg;
        }
    }
    if (!count) {
        rule_fail(r, from->func, ERR_UNSUPPORTED, "GENERATOR without ROWCOUNT is not supported");
        return &from->base;
    }
    from->func = CALL(r, from->func, "range", count);
    return &from->base;
}

/* UNIFORM(least, most, source): whole numbers, both ends in, or numbers between. */
static struct node *uniform(struct rewriting *r, struct node_func *f)
{
    enum type_kind low = rule_type(f->args.at[0]), high = rule_type(f->args.at[1]);
    bool is_whole =
        low != TYPE_DECIMAL && high != TYPE_DECIMAL && low != TYPE_FLOAT8 && high != TYPE_FLOAT8;
    const char *text;
    if (rule_is_volatile(f->args.at[2])) {
        text = is_whole ? "CAST(floor($1 + random() * ($2 - $1 + 1)) AS bigint)"
                        : "$1 + random() * ($2 - $1)";
    } else {
        text = is_whole ? "CAST(floor($1 + (abs(hash($3)) % 1000000) / 1000000.0 * ($2 - $1 + 1)) "
                          "AS bigint)"
                        : "$1 + (abs(hash($3)) % 1000000) / 1000000.0 * ($2 - $1)";
    }
    return rule_expand(r, &f->base, text, 3, f->args.at);
}

static struct node *normal(struct rewriting *r, struct node_func *f)
{
    if (!rule_is_volatile(f->args.at[2])) {
        rule_fail(r, f->args.at[2], ERR_UNSUPPORTED, "NORMAL needs RANDOM() as its source");
        return &f->base;
    }
    return EXPAND(r, &f->base,
                  "$1 + $2 * sqrt(-2 * ln(greatest(random(), 1e-300))) * cos(2 * pi() * random())",
                  f->args.at[0], f->args.at[1]);
}

/* clang-format off */
#define NUMBER "(row_number() OVER (ORDER BY 1 NULLS FIRST) - 1)"
#define SEQUENCE(name, size, half)                                                                 \
    {name, 0, 0, NUMBER " % " size, NULL},                                                         \
    {name, 1, 1, NUMBER " % " size ", signed where $1 is 1", seq_##half}
#define SIGNED(half, size, text_half)                                                              \
    static struct node *seq_##half(struct rewriting *r, struct node_func *f)                       \
    {                                                                                              \
        int64_t is_signed = 0;                                                                     \
        bool is_known = rule_int(f->args.at[0], &is_signed);                                       \
        if (!is_known) {                                                                           \
            rule_fail(r, f->args.at[0], ERR_BAD_SQL, "0 or 1 is expected");                        \
        }                                                                                          \
        return rule_expand(r, &f->base,                                                            \
                           is_signed ? "(CASE WHEN " NUMBER " % " size " >= " text_half " THEN "   \
                                       NUMBER " % " size " - " size " ELSE " NUMBER " % " size     \
                                       " END)"                                                     \
                                     : NUMBER " % " size,                                          \
                           0, NULL);                                                               \
    }
SIGNED(1, "256", "128")
SIGNED(2, "65536", "32768")
SIGNED(4, "4294967296", "2147483648")
SIGNED(8, "18446744073709551616", "9223372036854775808")

const struct function_rule snowflake_generator_functions[] = {
    SEQUENCE("seq1", "256", 1),
    SEQUENCE("seq2", "65536", 2),
    SEQUENCE("seq4", "4294967296", 4),
    SEQUENCE("seq8", "18446744073709551616", 8),
    {"random", 0, 1, "CAST(-9.223372036854776E+18 + random() * (9.223372036854776e+18 - -9.223372036854776E+18) AS bigint)", NULL},
    {"uniform", 3, 3, "CAST(floor($1 + random() * ($2 - $1 + 1)) AS bigint)", uniform},
    {"normal", 3, 3, "$1 + $2 * a number of the normal distribution", normal},
    {NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
