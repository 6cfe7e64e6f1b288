/* Snowflake: types, and casts of literals that mean another thing there. */
#include "dialect/date_part.h"
#include "dialect/rules.h"

static const struct renamed {
    const char *name, *ours;
    bool keeps_args;
} renamed[] = {
    {"number", "decimal", true},
    {"decimal", "decimal", true},
    {"numeric", "decimal", true},
    {"dec", "decimal", true},
    {"int", "bigint", false},
    {"integer", "bigint", false},
    {"smallint", "bigint", false},
    {"tinyint", "bigint", false},
    {"byteint", "bigint", false},
    {"float", "double", false},
    {"float4", "double", false},
    {"float8", "double", false},
    {"real", "double", false},
    {"decfloat", "double", false},
    {"string", "varchar", true},
    {"binary", "blob", false},
    {"varbinary", "blob", false},
    {"datetime", "timestamp", false},
    {"timestamp", "timestamp", false},
    {"timestamp_ntz", "timestamp", false},
    {"timestampntz", "timestamp", false},
    {"timestamp_ltz", "timestamptz", false},
    {"timestampltz", "timestamptz", false},
    {"timestamp_tz", "timestamptz", false},
    {"timestamptz", "timestamptz", false},
    {"time", "time", false},
};

/* NUMBER is DECIMAL(38, 0), INT holds as much as BIGINT at least, FLOAT has eight bytes; a
 * precision of seconds is not kept. */
static struct node *type_of(struct rewriting *r, struct node *n)
{
    struct node_type_name *t = node_type_name(n);
    const struct renamed *to = NULL;
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed && !to; i++) {
        to = str_iis(t->text, renamed[i].name) ? &renamed[i] : NULL;
    }
    bool is_bare_decimal = to && str_is(str_of(to->ours), "decimal") && t->args.n == 0;
    bool is_same = to && str_is(t->text, to->ours) && (to->keeps_args || t->args.n == 0);
    if (!to || (is_same && !is_bare_decimal)) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_type_name(out)->text = str_of(to->ours);
    if (!to->keeps_args) {
        node_type_name(out)->args = (struct node_list){0};
    }
    if (is_bare_decimal) {
        node_push(r->a, &node_type_name(out)->args, rule_integer(r, n, 38));
        node_push(r->a, &node_type_name(out)->args, rule_integer(r, n, 0));
    }
    return out;
}

/* '... +07:00'::TIMESTAMP_NTZ keeps the time of day; the engine would move it to UTC. */
static struct node *cast_of(struct rewriting *r, struct node *n)
{
    const struct node_cast *cast = node_cast(n);
    const struct node_type_name *target = node_type_name(cast->target);
    bool keeps_zone = str_is(target->text, "timestamptz");
    if (!rule_is_string(cast->operand) || target->dims ||
        (!keeps_zone && !str_is(target->text, "timestamp"))) {
        return n;
    }
    struct str text = rule_word(cast->operand);
    int64_t scale;
    if (date_is_count(text, &scale)) { /* as of the function, which knows what it counts */
        return snowflake_counted(r, n, cast->operand, scale, keeps_zone);
    }
    struct str plain = keeps_zone ? date_zone_joined(r->a, text) : date_without_zone(text);
    if (plain.n == text.n) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_cast(out)->operand = rule_text(r, cast->operand, arena_strdup(r->a, plain));
    return out;
}

const struct node_rule snowflake_type_nodes[] = {
    {NODE_TYPE_NAME, "types", "NUMBER is DECIMAL(38, 0), INT is BIGINT, FLOAT is DOUBLE ...",
     type_of},
    {NODE_CAST, "zone of a literal", "TIMESTAMP_NTZ looks over it", cast_of},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
