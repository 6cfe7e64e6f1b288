/* Snowflake: VARIANT and OBJECT. What depends on whether a value is a document is left to
 * sql/spell_json, which knows its type. */
#include "dialect/rules.h"

/* PARSE_JSON('') is NULL, and so is that of NULL; what isn't JSON is an error. */
static struct node *parse_json(struct rewriting *r, struct node_func *f)
{
    struct node *text = f->args.at[0];
    if (rule_is_string(text)) {
        return rule_word(text).n ? EXPAND(r, &f->base, "json($1)", text)
                                 : EXPAND(r, &f->base, "CAST(NULL AS json)", text);
    }
    return EXPAND(r, &f->base, "json(nullif(variant_scalar($1), ''))", text);
}

static bool is_bool(const struct node *n, bool value)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == (value ? LIT_TRUE : LIT_FALSE);
}

/* OBJECT_CONSTRUCT(*) is {*}. */
static struct node *object_of_star(struct rewriting *r, struct node_func *f)
{
    struct node *n = node_new(r->a, NODE_STAR_OBJECT, f->base.offset);
    n->length = f->base.length;
    node_star_object(n)->items = f->args;
    if (f->star) {
        node_push(r->a, &node_star_object(n)->items, node_new(r->a, NODE_STAR, f->base.offset));
    }
    return n;
}

static struct node *object_construct(struct rewriting *r, struct node_func *f)
{
    if (f->star || (f->args.n == 1 && f->args.at[0]->kind == NODE_STAR)) {
        return object_of_star(r, f);
    }
    return rule_call(r, &f->base, "object_of", f->args.n, f->args.at);
}

static struct node *object_construct_keep_null(struct rewriting *r, struct node_func *f)
{
    return rule_call(r, &f->base, "json_object", f->args.n, f->args.at);
}

static bool is_plain_value(const struct node *n)
{
    return (n->kind == NODE_LITERAL && !rule_is_null(n)) || n->kind == NODE_STRUCT;
}

/* OBJECT_INSERT(o, k, v, update): a NULL value leaves the object as it is. */
static struct node *object_insert(struct rewriting *r, struct node_func *f)
{
    struct node *update = rule_arg(f, 3);
    if (update && !is_bool(update, true) && !is_bool(update, false)) {
        rule_fail(r, update, ERR_UNSUPPORTED, "OBJECT_INSERT's update flag must be TRUE or FALSE");
        return &f->base;
    }
    bool updates = update && is_bool(update, true), is_value = is_plain_value(f->args.at[2]);
    const char *text = is_value ? updates ? "object_updated($1, $2, $3)" : "object_with($1, $2, $3)"
                       : updates ? "CASE WHEN $3 IS NULL THEN object_without($1, [$2]) "
                                   "ELSE object_updated($1, $2, $3) END"
                                 : "CASE WHEN $3 IS NULL THEN variant_object($1) "
                                   "ELSE object_with($1, $2, $3) END";
    return rule_expand(r, &f->base, text, 3, f->args.at);
}

/* The keys of OBJECT_DELETE(o, 'a', 'b') as one list. */
static struct node *keys(struct rewriting *r, struct node_func *f, const char *name)
{
    struct node *list = node_new(r->a, NODE_LIST, f->base.offset);
    for (uint32_t i = 1; i < f->args.n; i++) {
        node_push(r->a, &node_list_lit(list)->items, f->args.at[i]);
    }
    bool is_array = f->args.n == 2 && (rule_type(f->args.at[1]) == TYPE_LIST ||
                                       rule_type(f->args.at[1]) == TYPE_JSON);
    return CALL(r, &f->base, name, f->args.at[0], is_array ? f->args.at[1] : list);
}

static struct node *object_delete(struct rewriting *r, struct node_func *f)
{
    return keys(r, f, "object_without");
}

static struct node *object_pick(struct rewriting *r, struct node_func *f)
{
    return keys(r, f, "object_with_only");
}

/* {'a': 1}: a struct while no value can be NULL, since that would leave its key out. */
static bool same_name_before(const struct node_list *fields, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (str_ieq(node_named_arg(fields->at[k])->name, node_named_arg(fields->at[i])->name)) {
            return true;
        }
    }
    return false;
}

enum { MOST_PLAIN_FIELDS = 64 };

static struct node *object_literal(struct rewriting *r, struct node *n)
{
    struct node_list *fields = &node_struct_lit(n)->fields;
    bool is_plain = fields->n > 0 && fields->n <= MOST_PLAIN_FIELDS;
    for (uint32_t i = 0; is_plain && i < fields->n; i++) {
        const struct node_named_arg *x = node_named_arg(fields->at[i]);
        is_plain = is_plain_value(x->value) && x->name.n && !same_name_before(fields, i);
    }
    if (is_plain) {
        return n;
    }
    struct node *call = rule_call(r, n, "object_of", 0, NULL);
    for (uint32_t i = 0; i < fields->n; i++) {
        struct node_named_arg *x = node_named_arg(fields->at[i]);
        struct node *key = make_literal(r->a, LIT_STRING, x->name);
        key->offset = fields->at[i]->offset;
        node_push(r->a, &node_func(call)->args, key);
        node_push(r->a, &node_func(call)->args, x->value);
    }
    return call;
}

/* ---- casts ---- */

static bool may_be_document(enum type_kind kind)
{
    return kind == TYPE_UNKNOWN || kind == TYPE_JSON || kind == TYPE_LIST || kind == TYPE_STRUCT ||
           kind == TYPE_MAP;
}

/* A document has types of its own; anything else is cast from the scalar in a variant. A parameter
 * is of the type that it is cast to; JSON is PostgreSQL's word, and reads text. */
static struct node *cast(struct rewriting *r, struct node *n)
{
    struct node_cast *c = node_cast(n);
    const struct node_type_name *t = node_type_name(c->target);
    bool is_plain = t->dims == 0 && t->fields.n == 0 && t->args.n == 0;
    if (is_plain && str_iis(t->text, "variant")) {
        return CALL(r, n, "variant_of", c->operand);
    }
    if (is_plain && str_iis(t->text, "array")) {
        return CALL(r, n, "variant_array", c->operand);
    }
    if (is_plain && str_iis(t->text, "object")) {
        return CALL(r, n, "variant_object", c->operand);
    }
    if (c->operand->kind != NODE_PARAM && t->dims == 0 && t->fields.n == 0 &&
        may_be_document(rule_type(c->operand))) {
        c->operand = CALL(r, n, "variant_scalar", c->operand);
    }
    return n;
}

/* clang-format off */
#define AS_TYPE(types, to) \
    "CASE WHEN variant_type($1) IN (" types ") THEN CAST(variant_scalar($1) AS " to ") END"
#define INTEGERS "'UBIGINT', 'BIGINT', 'HUGEINT', 'UHUGEINT'"
#define NUMBERS  INTEGERS ", 'DOUBLE'"

const struct function_rule snowflake_json_functions[] = {
    {"parse_json", 1, 2, "json(text), NULL for an empty one", parse_json},
    {"try_parse_json", 1, 2, "CASE WHEN json_valid(variant_scalar($1)) THEN json(variant_scalar($1)) END", NULL},
    {"check_json", 1, 1, "CASE WHEN $1 IS NULL OR $1 = '' OR json_valid($1) THEN NULL ELSE 'Invalid JSON' END", NULL},
    {"to_json", 1, 1, "CAST(variant_of($1) AS varchar)", NULL},
    {"to_variant", 1, 1, "variant_of($1)", NULL},
    {"to_object", 1, 1, "variant_object($1)", NULL},
    {"strip_null_value", 1, 1, "CASE WHEN variant_type($1) = 'NULL' THEN NULL ELSE $1 END", NULL},
    {"is_null_value", 1, 1, "variant_type($1) = 'NULL'", NULL},
    {"is_array", 1, 1, "variant_type($1) = 'ARRAY'", NULL},
    {"is_object", 1, 1, "variant_type($1) = 'OBJECT'", NULL},
    {"is_boolean", 1, 1, "variant_type($1) = 'BOOLEAN'", NULL},
    {"is_varchar", 1, 1, "variant_type($1) = 'VARCHAR'", NULL},
    {"is_char", 1, 1, "variant_type($1) = 'VARCHAR'", NULL},
    {"is_integer", 1, 1, "variant_type($1) IN (" INTEGERS ")", NULL},
    {"is_decimal", 1, 1, "variant_type($1) IN (" NUMBERS ")", NULL},
    {"is_double", 1, 1, "variant_type($1) IN (" NUMBERS ")", NULL},
    {"is_real", 1, 1, "variant_type($1) IN (" NUMBERS ")", NULL},
    {"typeof", 1, 1, "CASE variant_type($1) WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER' "
                     "WHEN 'BIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER' "
                     "WHEN 'DOUBLE' THEN CASE WHEN variant_scalar($1) LIKE '%e%' THEN 'DOUBLE' ELSE 'DECIMAL' END "
                     "ELSE variant_type($1) END", NULL},
    {"as_array", 1, 1, "CASE WHEN variant_type($1) = 'ARRAY' THEN variant_of($1) END", NULL},
    {"as_object", 1, 1, "CASE WHEN variant_type($1) = 'OBJECT' THEN variant_of($1) END", NULL},
    {"as_boolean", 1, 1, AS_TYPE("'BOOLEAN'", "boolean"), NULL},
    {"as_varchar", 1, 1, AS_TYPE("'VARCHAR'", "varchar"), NULL},
    {"as_char", 1, 1, AS_TYPE("'VARCHAR'", "varchar"), NULL},
    {"as_integer", 1, 1, AS_TYPE(INTEGERS, "decimal(38, 0)"), NULL},
    {"as_double", 1, 1, AS_TYPE(NUMBERS, "double"), NULL},
    {"as_real", 1, 1, AS_TYPE(NUMBERS, "double"), NULL},
    {"as_number", 1, 1, AS_TYPE(NUMBERS, "decimal(38, 0)"), NULL},
    {"as_decimal", 1, 1, AS_TYPE(NUMBERS, "decimal(38, 0)"), NULL},
    {"object_construct", 0, -1, "object_of(...), which leaves NULL out", object_construct},
    {"object_construct_keep_null", 0, -1, "json_object(...)", object_construct_keep_null},
    {"object_insert", 3, 4, "object_with(), object_updated() where a key may be there", object_insert},
    {"object_delete", 2, -1, "object_without($1, [keys])", object_delete},
    {"object_pick", 2, -1, "object_with_only($1, [keys])", object_pick},
    {"object_keys", 1, 1, "object_keys_of($1)", NULL},
    {"get_ignore_case", 2, 2, "object_get_any_case($1, $2)", NULL},
    {"map_contains_key", 2, 2, "array_contains(map_keys($2), $1)", NULL},
    {"map_size", 1, 1, "cardinality($1)", NULL},
    {"map_cat", 2, 2, "map_concat($1, $2)", NULL},
    {"map_insert", 3, 4, "map_concat($1, map([$2], [$3]))", NULL},
    {NULL, 0, 0, NULL, NULL},
};

const struct node_rule snowflake_json_nodes[] = {
    {NODE_CAST, "cast of a variant", "variant_of(x), variant_array(x), CAST(variant_scalar(x) AS type)", cast},
    {NODE_STRUCT, "object literal", "object_of(...) where a value may be NULL", object_literal},
    {0, NULL, NULL, NULL},
};
/* clang-format on */
