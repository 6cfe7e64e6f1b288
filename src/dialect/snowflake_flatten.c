/* Snowflake: FLATTEN and its like. A table function that gives rows of a value becomes a derived
 * table over json_each() or json_tree(), which give a document's members, lateral where the value
 * comes from the tables before it.
 *
 * SEQ numbers the records that were flattened. There is one where the value doesn't depend on
 * another table; where it does, no expression gives that number, and the column is NULL. */
#include <string.h>

#include "dialect/rules.h"
#include "sql/walk.h"

struct flatten {
    struct node *input, *path, *outer, *recursive, *mode;
};

static struct node **slot(struct flatten *f, struct str name)
{
    return str_iis(name, "input")       ? &f->input
           : str_iis(name, "path")      ? &f->path
           : str_iis(name, "outer")     ? &f->outer
           : str_iis(name, "recursive") ? &f->recursive
           : str_iis(name, "mode")      ? &f->mode
                                        : NULL;
}

static bool read_arguments(struct rewriting *r, const struct node_func *call, struct flatten *out)
{
    struct node **in_order[] = {&out->input, &out->path, &out->outer, &out->recursive, &out->mode};
    for (uint32_t i = 0; i < call->args.n; i++) {
        struct node *arg = call->args.at[i];
        bool is_named = arg->kind == NODE_NAMED_ARG;
        struct node **to = is_named ? slot(out, node_named_arg(arg)->name)
                           : i < 5  ? in_order[i]
                                    : NULL;
        if (!to || *to) {
            rule_fail(r, arg, ERR_BAD_SQL, "FLATTEN takes INPUT, PATH, OUTER, RECURSIVE and MODE");
            return false;
        }
        *to = is_named ? node_named_arg(arg)->value : arg;
    }
    if (!out->input) {
        rule_fail(r, &call->base, ERR_BAD_SQL, "FLATTEN needs INPUT");
    }
    return out->input != NULL;
}

/* An option must be there to be looked at: it decides what the query is. */
static bool is_true(struct rewriting *r, const struct node *n)
{
    int lit = n && n->kind == NODE_LITERAL ? (int)node_literal_const(n)->lit : -1;
    if (n && lit != LIT_TRUE && lit != LIT_FALSE) {
        rule_fail(r, n, ERR_UNSUPPORTED, "an option of FLATTEN must be TRUE or FALSE");
    }
    return lit == LIT_TRUE;
}

enum mode { MODE_BOTH, MODE_OBJECT, MODE_ARRAY };

static enum mode read_mode(struct rewriting *r, const struct node *n)
{
    struct str word = n ? rule_word(n) : STR("both");
    if (str_iis(word, "object")) {
        return MODE_OBJECT;
    }
    if (str_iis(word, "array")) {
        return MODE_ARRAY;
    }
    if (!str_iis(word, "both")) {
        rule_fail(r, n, ERR_BAD_SQL, "FLATTEN's MODE is 'OBJECT', 'ARRAY' or 'BOTH'");
    }
    return MODE_BOTH;
}

/* ---- the derived table ---- */

static enum walk find_column(struct node **n, void *ctx)
{
    *(bool *)ctx |= (*n)->kind == NODE_COLUMN_REF;
    return *(bool *)ctx ? WALK_STOP : WALK_ON;
}

static bool depends_on_tables(struct node *n)
{
    bool found = false;
    (void)node_walk(&n, find_column, &found);
    return found;
}

/* The query of `subquery`, in the place of the table function. */
static struct node *derived(struct rewriting *r, struct node_table_func *from,
                            struct node *subquery, bool lateral)
{
    struct node *n = node_new(r->a, NODE_DERIVED, from->base.offset);
    n->length = from->base.length;
    node_derived(n)->query = node_subquery(subquery)->query;
    node_derived(n)->lateral = lateral;
    node_derived(n)->alias = from->alias;
    node_derived(n)->columns = from->columns;
    return n;
}

/* SEQ: what depends on no table has one input. */
static struct node *number_of_input(struct rewriting *r, const struct node *at, bool lateral)
{
    return lateral ? rule_call(r, at, "input_row_number", 0, NULL) : rule_integer(r, at, 1);
}

/* clang-format off */
/* $1 the document, $2 the number of the record, $3 the path that leads to it, $4 and $5 the types
 * that are flattened. */
#define MEMBERS(JOIN, DOCUMENT, ON)                                                                \
    "(SELECT $2 AS seq, CASE WHEN variant_type(_whole.this) = 'OBJECT' THEN _part.key END AS key, "         \
    "CASE WHEN variant_type(_whole.this) = 'ARRAY' THEN $3 || '[' || _part.key || ']' "                     \
    "WHEN regexp_full_match(_part.key, '[A-Za-z_][A-Za-z0-9_]*') "                                     \
    "THEN CASE WHEN $3 = '' THEN '' ELSE $3 || '.' END || _part.key "                                  \
    "ELSE $3 || '[''' || _part.key || ''']' END AS path, "                                             \
    "CASE WHEN variant_type(_whole.this) = 'ARRAY' THEN CAST(_part.key AS bigint) END AS index, "           \
    "_part.value AS value, _whole.this AS this FROM (SELECT $1 AS this) AS _whole "                              \
    JOIN " json_each(CASE WHEN variant_type(" DOCUMENT ") IN ($4, $5) THEN " DOCUMENT " END) "     \
    "AS _part" ON ")"

/* What depends on no table keeps the order of the members, since nothing is joined for each row. */
static const char *members(bool outer, bool lateral)
{
    return outer ? lateral ? MEMBERS("LEFT JOIN LATERAL", "_whole.this", " ON TRUE")
                           : MEMBERS("LEFT JOIN", "$1", " ON TRUE")
           : lateral ? MEMBERS("CROSS JOIN LATERAL", "_whole.this", "")
                     : MEMBERS("CROSS JOIN", "$1", "");
}

/* All levels: what isn't the document itself, and the container that it is in. */
#define TREE(JOIN, DOCUMENT, ORDER)                                                                \
    "(SELECT $2 AS seq, CASE WHEN _holder.type = 'OBJECT' THEN _part.key END AS key, "                       \
    "CASE WHEN $3 = '' AND starts_with(_part.fullkey, '$.') THEN substr(_part.fullkey, 3) "                \
    "ELSE $3 || substr(_part.fullkey, 2) END AS path, "                                                \
    "CASE WHEN _holder.type = 'ARRAY' THEN CAST(_part.key AS bigint) END AS index, "                         \
    "_part.value AS value, _holder.value AS this FROM (SELECT $1 AS this) AS _whole "                             \
    "CROSS JOIN " JOIN "json_tree(" DOCUMENT ") AS _part JOIN " JOIN "json_tree(" DOCUMENT ") AS _holder "   \
    "ON _holder.id = _part.parent WHERE $4 = '' OR NOT contains(_part.fullkey, $4)" ORDER ")"
/* clang-format on */

static struct node *flatten(struct rewriting *r, struct node_table_func *from)
{
    struct flatten f = {0};
    const struct node *at = from->func;
    if (!read_arguments(r, node_func(from->func), &f)) {
        return &from->base;
    }
    bool lateral = depends_on_tables(f.input);
    bool outer = is_true(r, f.outer), recursive = is_true(r, f.recursive);
    enum mode mode = read_mode(r, f.mode);
    if (f.path && !rule_is_string(f.path)) {
        rule_fail(r, f.path, ERR_UNSUPPORTED, "FLATTEN's PATH must be a string");
    }
    if (recursive && outer) {
        rule_fail(r, at, ERR_UNSUPPORTED, "FLATTEN with both RECURSIVE and OUTER is not supported");
    }
    if (r->failed) {
        return &from->base;
    }
    struct node *document = EXPAND(r, at, "variant_of($1)", f.input);
    document = f.path ? snowflake_path(r, document, f.path) : document;
    struct node *seq = number_of_input(r, at, lateral);
    struct node *prefix = f.path ? f.path : rule_text(r, at, "");
    if (recursive) { /* what the mode doesn't flatten is known by the steps that lead into it */
        const char *step = mode == MODE_OBJECT ? "[" : mode == MODE_ARRAY ? "." : "";
        const char *tree =
            lateral ? TREE("LATERAL ", "_whole.this", "") : TREE("", "$1", " ORDER BY _part.id");
        return derived(r, from, EXPAND(r, at, tree, document, seq, prefix, rule_text(r, at, step)),
                       lateral);
    }
    const char *first = mode == MODE_OBJECT ? "OBJECT" : "ARRAY";
    const char *second = mode == MODE_ARRAY ? "ARRAY" : "OBJECT";
    return derived(r, from,
                   EXPAND(r, at, members(outer, lateral), document, seq, prefix,
                          rule_text(r, at, first), rule_text(r, at, second)),
                   lateral);
}

/* ---- parts of a text ---- */

static struct node *split_to_table(struct rewriting *r, struct node_table_func *from, bool by_any)
{
    struct node_func *f = node_func(from->func);
    if (f->args.n != 2 && !(by_any && f->args.n == 1)) {
        rule_fail(r, from->func, ERR_BAD_SQL, "the text and what separates its parts are expected");
        return &from->base;
    }
    struct node *text = rule_arg(f, 0);
    struct node *separator = f->args.n == 2 ? rule_arg(f, 1) : rule_text(r, from->func, " ");
    bool lateral = depends_on_tables(text) || depends_on_tables(separator);
    struct node *seq = number_of_input(r, from->func, lateral);
    const char *parts = by_any ? "(SELECT $3 AS seq, CAST(_part.key AS bigint) + 1 AS index, "
                                 "variant_scalar(_part.value) AS value FROM json_each(to_json("
                                 "list_filter(string_split_regex($1, '[' || regexp_escape($2) || "
                                 "']'), lambda _item: _item <> ''))) AS _part)"
                               : "(SELECT $3 AS seq, CAST(_part.key AS bigint) + 1 AS index, "
                                 "variant_scalar(_part.value) AS value "
                                 "FROM json_each(to_json(string_split($1, $2))) AS _part)";
    return derived(r, from, EXPAND(r, from->func, parts, text, separator, seq), lateral);
}

/* ---- the table ---- */

static struct node *table_function(struct rewriting *r, struct node *n)
{
    struct node_table_func *from = node_table_func(n);
    const struct node_list *parts = &node_name_const(node_func(from->func)->name)->parts;
    struct str name = node_ident(parts->at[parts->n - 1])->text;
    if (parts->n > 1) {
        return n;
    }
    if (str_iis(name, "flatten")) {
        return flatten(r, from);
    }
    if (str_iis(name, "split_to_table") || str_iis(name, "strtok_split_to_table")) {
        return split_to_table(r, from, name.n > strlen("split_to_table"));
    }
    if (str_iis(name, "generator")) {
        return snowflake_generator(r, from);
    }
    if (str_iis(name, "result_scan")) {
        rule_fail(r, n, ERR_UNSUPPORTED, "RESULT_SCAN is not supported: results are not kept");
        rule_hint(r, "Put the first statement into a WITH or a temporary table.");
    }
    return n;
}

const struct node_rule snowflake_flatten_nodes[] = {
    {NODE_TABLE_FUNC, "FLATTEN and its like", "a derived table over json_each()", table_function},
    {0, NULL, NULL, NULL},
};
