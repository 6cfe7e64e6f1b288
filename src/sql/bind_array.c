/* Arrays as PostgreSQL writes them: '{1,2}' in the place of a list, ARRAY(SELECT ...), and
 * generate_subscripts() in FROM. */
#include "base/array_text.h"
#include "base/text.h"
#include "sql/bind_expr.h"
#include "sql/bind_type.h"
#include "sql/make.h"
#include "wire/param.h"

enum { MOST_DIMENSIONS = 6 }; /* PostgreSQL's */

static bool is_list(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY;
}

static enum status malformed(struct binder *b, const struct node *at)
{
    return bind_fail(b, at, ERR_BAD_VALUE, "malformed array literal");
}

/* The engine reads bytes by other rules than PostgreSQL. */
static struct node *element_of(struct binder *b, struct str text, const struct type *t)
{
    struct value v;
    struct error e = ERROR_INIT;
    if (t->kind != TYPE_BYTES || param_from_text(t, NULL, text, b->a, &v, &e) != OK) {
        return make_literal(b->a, LIT_STRING, text);
    }
    char *digits = arena_alloc(b->a, 2 * v.as.bytes.n + 1);
    text_hex(v.as.bytes.p, v.as.bytes.n, digits);
    return make_literal(b->a, LIT_BYTES, (struct str){digits, 2 * v.as.bytes.n});
}

static enum status list_of_text(struct binder *b, const struct node *at, struct str text,
                                const struct type *list, int depth, struct node **out)
{
    struct array_text reader = array_text_of(text, b->a);
    struct node *items = node_new(b->a, NODE_LIST, at->offset);
    enum array_text_item item;
    struct str element = STR_NULL;
    while ((item = array_text_next(&reader, &element)) != ARRAY_TEXT_END) {
        struct node *n = NULL;
        if (++b->nodes_copied > BIND_MAX_COPIED) {
            return bind_fail(b, at, ERR_STATEMENT_TOO_COMPLEX, "an array has too many elements");
        }
        if (item == ARRAY_TEXT_NESTED && is_list(list->child) && depth < MOST_DIMENSIONS) {
            if (list_of_text(b, at, element, list->child, depth + 1, &n) != OK) {
                return FAIL;
            }
        } else if (item == ARRAY_TEXT_ELEMENT && !is_list(list->child)) {
            n = make_cast(b->a, element_of(b, element, list->child), list->child);
        } else if (item == ARRAY_TEXT_NULL) {
            n = make_literal(b->a, LIT_NULL, STR_NULL);
        } else {
            return malformed(b, at);
        }
        node_push(b->a, &node_list_lit(items)->items, n);
    }
    *out = make_cast(b->a, items, list);
    (*out)->offset = at->offset;
    (*out)->length = at->length;
    return OK;
}

enum status bind_array_literal(struct binder *b, struct node **n, const struct type *list)
{
    const struct node_literal *literal = (*n)->kind == NODE_LITERAL ? node_literal_const(*n) : NULL;
    if (!literal || literal->lit != LIT_STRING || !is_list(list)) {
        return OK;
    }
    struct str text = str_trim(literal->text);
    return text.n && text.p[0] == '{' ? list_of_text(b, *n, text, list, 1, n) : OK;
}

/* ---- ARRAY(SELECT ...) ---- */

#define ELEMENT  "element"
#define POSITION "position"

bool bind_is_array_query(const struct node *n)
{
    const struct node_func *f = node_func_const(n);
    const struct node_list *parts = &node_name_const(f->name)->parts;
    return parts->n == 1 && str_iis(ident_text(parts->at[0]), "array") && f->args.n == 1 &&
           f->args.at[0]->kind == NODE_SUBQUERY;
}

static struct node *call_of(struct binder *b, const char *name, struct node *argument)
{
    struct node *n = node_new(b->a, NODE_FUNC, 0);
    node_func(n)->name = make_name(b->a, str_of(name));
    if (argument) {
        node_push(b->a, &node_func(n)->args, argument);
    }
    return n;
}

static struct node *rows_as(struct binder *b, struct node *query, const char *alias)
{
    struct node *rows = make_derived(b->a, query, str_of(alias));
    node_push(b->a, &node_derived(rows)->columns, make_ident(b->a, STR(ELEMENT)));
    return rows;
}

/* The same rows with their positions, so that their order outlives the aggregate. */
static struct node *numbered(struct binder *b, struct node *query)
{
    struct node *select = node_new(b->a, NODE_SELECT, 0);
    struct node *number = call_of(b, "row_number", NULL);
    node_func(number)->over = node_new(b->a, NODE_WINDOW, 0);
    node_push(b->a, &node_select(select)->targets,
              make_target(b->a, make_column(b->a, STR(""), STR(ELEMENT), NULL), STR(ELEMENT)));
    node_push(b->a, &node_select(select)->targets, make_target(b->a, number, STR(POSITION)));
    node_select(select)->from = rows_as(b, query, "ordered");
    return make_query(b->a, select);
}

enum status bind_array_query(struct binder *b, struct scope *s, struct node **n,
                             struct bound_expr *out)
{
    struct node *query = node_subquery(node_func(*n)->args.at[0])->query;
    bool is_ordered = node_query(query)->order.n > 0;
    struct node *list = call_of(b, "list", make_column(b->a, STR(""), STR(ELEMENT), NULL));
    if (is_ordered) {
        struct node *by = node_new(b->a, NODE_ORDER_ITEM, 0);
        node_order_item(by)->expr = make_column(b->a, STR(""), STR(POSITION), NULL);
        node_push(b->a, &node_func(list)->order, by);
    }
    struct node *select = node_new(b->a, NODE_SELECT, 0);
    node_push(b->a, &node_select(select)->targets, make_target(b->a, list, STR("")));
    node_select(select)->from = is_ordered ? make_derived(b->a, numbered(b, query), STR("numbered"))
                                           : rows_as(b, query, "elements");
    struct node *value = node_new(b->a, NODE_SUBQUERY, (*n)->offset);
    node_subquery(value)->query = make_query(b->a, select);
    if (bind_expr(b, s, &value, out) != OK) {
        return FAIL;
    }
    struct node *none = node_new(b->a, NODE_LIST, 0), *both = call_of(b, "coalesce", value);
    none->type = type_simple(TYPE_UNKNOWN);
    node_push(b->a, &node_func(both)->args,
              is_list(out->type) ? make_cast(b->a, none, out->type) : none);
    node_func(both)->bound = function_find(STR("coalesce"));
    both->offset = (*n)->offset;
    both->length = (*n)->length;
    *n = both;
    return OK;
}

/* ---- subscripts ---- */

static struct node *by_one(struct binder *b, struct node *n, enum op op, const struct type *type)
{
    struct node *sum = node_new(b->a, NODE_BINARY, n->offset);
    node_binary(sum)->op = op;
    node_binary(sum)->left = n;
    node_binary(sum)->right = make_literal(b->a, LIT_INTEGER, STR("1"));
    sum->length = n->length;
    sum->type = type;
    return sum;
}

bool bind_is_vector(const struct type *t)
{
    return t->alias == ALIAS_INT2VECTOR || t->alias == ALIAS_OIDVECTOR;
}

void bind_from_zero(struct binder *b, const struct type *list, struct node **subscript)
{
    if (bind_is_vector(list) || list->alias == ALIAS_NAME) {
        *subscript = by_one(b, *subscript, OP_ADD, type_simple(TYPE_INT8));
    }
}

void bind_subscripts_from_zero(struct binder *b, struct node **call)
{
    const struct node_func *f = node_func(*call);
    bool is_subscripts = strcmp(f->bound->name, "generate_subscripts") == 0;
    if (is_subscripts && f->args.n && f->args.at[0]->type && bind_is_vector(f->args.at[0]->type)) {
        *call = by_one(b, *call, OP_SUB, (*call)->type);
    }
}

static bool is_one(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_is(node_literal_const(n)->text, "1");
}

static bool is_call_of(const struct node_func *f, const char *name, uint32_t args)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    return f->args.n == args && str_iis(ident_text(parts->at[parts->n - 1]), name);
}

/* In the second case there is nothing that is partitioned. */
void bind_series_in_from(struct binder *b, struct node_func *f)
{
    if (is_call_of(f, "generate_subscripts", 2) && is_one(f->args.at[1])) {
        struct node *upper = call_of(b, "len", f->args.at[0]);
        f->name = make_name(b->a, STR("generate_series"));
        f->args.at[0] = make_literal(b->a, LIT_INTEGER, STR("1"));
        f->args.at[1] = upper;
    } else if (is_call_of(f, "pg_partition_ancestors", 1)) {
        f->name = make_name(b->a, STR("unnest"));
        f->args.at[0] =
            make_cast(b->a, node_new(b->a, NODE_LIST, 0), type_list(b->a, type_simple(TYPE_INT8)));
    }
}
