/* Semi-structured values: a VARIANT is the engine's JSON, but what Snowflake makes of one in the
 * place of a scalar is the text or number in it, without quotes. Lists and structs that didn't come
 * from a document are taken as what they would be as one. */
#include <string.h>

#include "sql/make.h"
#include "sql/spell_priv.h"

static bool is_list(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY;
}

/* ---- types ---- */

static const struct type *scalar_type(const struct type *t)
{
    bool has_text =
        t->kind == TYPE_JSON || is_list(t) || t->kind == TYPE_STRUCT || t->kind == TYPE_MAP;
    return has_text ? type_simple(TYPE_TEXT) : t;
}

static const struct type *item_type(const struct type *t)
{
    const struct type *unknown = type_simple(TYPE_UNKNOWN);
    if (is_list(t)) {
        return t->child ? t->child : unknown;
    }
    if (t->kind == TYPE_MAP) {
        return t->fields ? t->fields[1].type : unknown;
    }
    return t->kind == TYPE_JSON || t->kind == TYPE_STRUCT ? type_simple(TYPE_JSON) : unknown;
}

const struct type *json_result(struct arena *a, const char *name, const struct node_func *f)
{
    (void)a;
    if (strcmp(name, "variant_scalar") == 0) {
        return scalar_type(spell_type(f->args.at[0]));
    }
    if (strcmp(name, "variant_item") == 0) {
        return item_type(spell_type(f->args.at[0]));
    }
    return NULL;
}

/* ---- items ---- */

static struct str integer_text(const struct node *n)
{
    bool is_integer = n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER;
    return is_integer ? node_literal_const(n)->text : STR_NULL;
}

static struct node *text_literal(struct spelling_state *s, const struct node *at, const char *text)
{
    struct node *n = make_literal(s->a, LIT_STRING, str_of(text));
    n->offset = at->offset;
    n->length = at->length;
    n->type = type_simple(TYPE_TEXT);
    return n;
}

static bool is_plain_key(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return key.n > 0;
}

/* The path of one key: $.key, or $."key", its quotes escaped. */
static const char *key_path(struct spelling_state *s, struct str key)
{
    if (is_plain_key(key)) {
        return arena_printf(s->a, "$.%.*s", STR_ARG(key));
    }
    char *out = arena_alloc(s->a, 2 * key.n + 6), *to = out;
    memcpy(to, "$.\"", 3);
    to += 3;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '"' || key.p[i] == '\\') {
            *to++ = '\\';
        }
        *to++ = key.p[i];
    }
    memcpy(to, "\"", 2);
    return out;
}

static struct node *fail_item(struct spelling_state *s, struct node_func *f)
{
    spell_fail(s, &f->base, "an item is taken of VARIANT, OBJECT, ARRAY or MAP, by number or name");
    return &f->base;
}

static struct node *json_item(struct spelling_state *s, struct node_func *f)
{
    struct node *value = f->args.at[0], *index = f->args.at[1];
    struct str number = integer_text(index), key = spell_word(index);
    if (number.n) {
        const char *path = arena_printf(s->a, "$[%.*s]", STR_ARG(number));
        return SPELL(s, &f->base, "$1 -> $2", value, text_literal(s, index, path));
    }
    if (index->kind == NODE_LITERAL && node_literal(index)->lit == LIT_STRING) {
        return SPELL(s, &f->base, "$1 -> $2", value, text_literal(s, index, key_path(s, key)));
    }
    enum type_kind kind = infer_type(index);
    if (kind == TYPE_TEXT || kind == TYPE_JSON) {
        /* A variant is a name, or the text of a number. */
        const char *text =
            kind == TYPE_TEXT ? "json_extract($1, '$.\"' || replace(replace($2, '\\', '\\\\'), "
                                "'\"', '\\\"') || '\"')"
                              : "json_extract($1, CASE WHEN json_type($2) = 'UBIGINT' THEN '$[' || "
                                "CAST($2 AS varchar) || ']' ELSE '$.' || CAST($2 AS varchar) END)";
        return SPELL(s, &f->base, text, value, index);
    }
    if (kind == TYPE_UNKNOWN || (kind >= TYPE_INT1 && kind <= TYPE_UINT16) ||
        kind == TYPE_DECIMAL) {
        return SPELL(
            s, &f->base,
            "json_extract($1, CASE WHEN $2 >= 0 THEN '$[' || CAST($2 AS bigint) || ']' END)", value,
            index);
    }
    return fail_item(s, f);
}

static struct node *list_item(struct spelling_state *s, struct node_func *f)
{
    struct node *list = f->args.at[0], *index = f->args.at[1];
    struct str number = integer_text(index);
    int64_t value;
    if (number.n && str_to_i64(number, &value) && value < INT32_MAX) {
        char *next = arena_printf(s->a, "%lld", (long long)value + 1);
        struct node *literal = make_literal(s->a, LIT_INTEGER, str_of(next));
        literal->type = type_simple(TYPE_INT4);
        return SPELL(s, &f->base, "$1[$2]", list, literal);
    }
    enum type_kind kind = infer_type(index);
    if (kind == TYPE_TEXT) {
        return SPELL(s, &f->base, "variant_item(to_json($1), $2)", list, index);
    }
    return SPELL(s, &f->base, "$1[CASE WHEN $2 >= 0 THEN CAST($2 AS bigint) + 1 END]", list, index);
}

/* A value that only the engine knows the type of: as a document it has what is asked for. */
static struct node *unknown_item(struct spelling_state *s, struct node_func *f)
{
    if (infer_type(f->args.at[1]) == TYPE_TEXT) {
        return json_item(s, f);
    }
    f->args.at[0] = SPELL(s, &f->base, "to_json($1)", f->args.at[0]);
    return json_item(s, f);
}

/* ---- objects ---- */

/* {k: v, ...} of pairs of which neither is NULL. */
static struct node *object_of(struct spelling_state *s, struct node_func *f)
{
    struct node *call = spell_text(s, &f->base, "concat_ws(',')", 0, NULL);
    if (f->args.n % 2) {
        spell_fail(s, &f->base, "an object is made of pairs of key and value");
        return &f->base;
    }
    for (uint32_t i = 0; i + 1 < f->args.n; i += 2) {
        node_push(s->a, &node_func(call)->args,
                  SPELL(s, f->args.at[i],
                        "CAST(to_json(CAST($1 AS varchar)) AS varchar) || ':' || "
                        "CAST(to_json($2) AS varchar)",
                        f->args.at[i], f->args.at[i + 1]));
    }
    call->type = type_simple(TYPE_TEXT);
    return f->args.n ? SPELL(s, &f->base, "json('{' || $1 || '}')", call)
                     : spell_text(s, &f->base, "json('{}')", 0, NULL);
}

/* clang-format off */
#define OBJECT_AS_MAP "map(json_keys($1), json_extract($1, '$.*'))"

const struct spelling json_spellings[] = {
    /* What a variant is in the place of a scalar; JSON's null is NULL. */
    {"variant_scalar", "J", "$1 ->> '$'", NULL},
    {"variant_scalar", "A", "CAST(to_json($1) AS varchar)", NULL},
    {"variant_scalar", "R", "CAST(to_json($1) AS varchar)", NULL},
    {"variant_scalar", "K", "CAST(to_json($1) AS varchar)", NULL},
    {"variant_scalar", "*", "$1", NULL},
    {"variant_number", "J", "CAST($1 ->> '$' AS double)", NULL},
    {"variant_number", "*", "CAST($1 AS double)", NULL},
    /* Any value as a variant. */
    {"variant_of", "J", "$1", NULL},
    {"variant_of", "*", "to_json($1)", NULL},
    {"variant_list", "J", "CAST($1 AS json[])", NULL},
    {"variant_list", "A", "CAST(to_json($1) AS json[])", NULL},
    {"variant_list", "U", "CAST(to_json($1) AS json[])", NULL},
    {"variant_list", "0", "CAST(NULL AS json[])", NULL},
    {"variant_array", "J", "CASE WHEN json_type($1) = 'ARRAY' THEN $1 ELSE json_array($1) END", NULL},
    {"variant_array", "A", "to_json($1)", NULL},
    {"variant_array", "*", "CASE WHEN $1 IS NULL THEN NULL ELSE json_array($1) END", NULL},
    {"variant_object", "J", "CASE WHEN json_type($1) = 'OBJECT' THEN $1 ELSE CAST('not an object' AS json) END", NULL},
    {"variant_object", "*", "to_json($1)", NULL},
    {"variant_path", "J*", "$1 -> $2", NULL},
    {"variant_path", "U*", "$1 -> $2", NULL},
    {"variant_path", "0*", "CAST(NULL AS json)", NULL},
    {"variant_path", "A*", "to_json($1) -> $2", NULL},
    {"variant_path", "R*", "to_json($1) -> $2", NULL},
    {"variant_path", "K*", "to_json($1) -> $2", NULL},
    {"variant_path", "**", NULL, fail_item},
    {"variant_item", "J*", NULL, json_item},
    {"variant_item", "A*", NULL, list_item},
    {"variant_item", "K*", "$1[$2]", NULL},
    {"variant_item", "R*", "variant_item(to_json($1), $2)", NULL},
    {"variant_item", "U*", NULL, unknown_item},
    {"variant_item", "**", NULL, fail_item},
    {"variant_type", "J", "json_type($1)", NULL},
    {"variant_type", "U", "json_type($1)", NULL},
    {"variant_type", "*", "json_type(to_json($1))", NULL},
    {"variant_size", "A", "array_length($1)", NULL},
    {"variant_size", "J", "CASE WHEN json_type($1) = 'ARRAY' THEN CAST(json_array_length($1) AS bigint) END", NULL},
    {"variant_size", "U", "json_array_length($1)", NULL},
    {"variant_size", "*", "CAST(NULL AS bigint)", NULL},
    {"object_of", "", NULL, object_of},
    {"object_of", "*+", NULL, object_of},
    {"object_keys_of", "J", "json_keys($1)", NULL},
    {"object_keys_of", "U", "json_keys($1)", NULL},
    {"object_keys_of", "K", "map_keys($1)", NULL},
    {"object_keys_of", "*", "json_keys(to_json($1))", NULL},
    /* Of maps, whose keys the engine keeps unique: a key that is there already is its error. */
    {"object_with", "J**", "to_json(map(list_append(json_keys($1), $2), list_append(json_extract($1, '$.*'), variant_of($3))))", NULL},
    {"object_with", "***", "object_with(to_json($1), $2, $3)", NULL},
    {"object_updated", "J**", "to_json(map_concat(" OBJECT_AS_MAP ", map([$2], [variant_of($3)])))", NULL},
    {"object_updated", "***", "object_updated(to_json($1), $2, $3)", NULL},
    {"object_without", "J*", "to_json(map_from_entries(list_filter(map_entries(" OBJECT_AS_MAP "), lambda _e: NOT list_contains($2, struct_extract(_e, 'key')))))", NULL},
    {"object_without", "**", "object_without(to_json($1), $2)", NULL},
    {"object_with_only", "J*", "to_json(map_from_entries(list_filter(map_entries(" OBJECT_AS_MAP "), lambda _e: list_contains($2, struct_extract(_e, 'key')))))", NULL},
    {"object_with_only", "**", "object_with_only(to_json($1), $2)", NULL},
    {"object_get_any_case", "J*", "json_extract($1, '$.*')[list_position(list_transform(json_keys($1), lambda _k: lower(_k)), lower($2))]", NULL},
    {"object_get_any_case", "**", "object_get_any_case(to_json($1), $2)", NULL},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */
