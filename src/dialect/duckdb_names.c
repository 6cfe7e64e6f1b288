/* DuckDB: what an output is called to which the statement gives no name. There it is the
 * expression's text, (a + b), where PostgreSQL's rule gives ?column? or, of a cast, the name of
 * what is cast: then ORDER BY a would mean another thing. Written before any rule changes an
 * expression. A name past the limit stops where it stands. */
#include "base/buf.h"
#include "dialect/rules.h"
#include "sql/walk.h"

enum { LONGEST_NAME = 240 };

/* Stops soon after the limit, so that the depth of the tree costs nothing. */
static void put_name(struct buf *b, const struct node *n);

static void put_list(struct buf *b, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->n && !b->failed; i++) {
        buf_puts(b, i ? ", " : "");
        put_name(b, l->at[i]);
    }
}

static void put_lower(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n && !b->failed; i++) {
        buf_u8(b, (uint8_t)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]));
    }
}

static void put_literal(struct buf *b, const struct node_literal *n)
{
    switch ((enum literal_kind)n->lit) {
    case LIT_NULL:
        buf_puts(b, "NULL");
        break;
    case LIT_TRUE:
        buf_puts(b, "true");
        break;
    case LIT_FALSE:
        buf_puts(b, "false");
        break;
    case LIT_STRING:
        buf_puts(b, "'");
        buf_put_str(b, n->text);
        buf_puts(b, "'");
        break;
    default:
        buf_put_str(b, n->text);
    }
}

static void put_call(struct buf *b, const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    put_lower(b, node_ident_const(parts->at[parts->n - 1])->text);
    buf_puts(b, f->star ? "_star(" : f->distinct ? "(DISTINCT " : "(");
    put_list(b, &f->args);
    buf_puts(b, ")");
}

static void put_unary(struct buf *b, const struct node_unary *u)
{
    bool is_prefix = u->op == OP_NOT || u->op == OP_NEG || u->op == OP_PLUS ||
                     u->op == OP_BIT_NOT || u->op == OP_ABS;
    buf_puts(b, "(");
    if (is_prefix) {
        buf_puts(b, op_text((enum op)u->op));
        buf_puts(b, u->op == OP_NOT ? " " : "");
    }
    put_name(b, u->operand);
    if (!is_prefix) {
        buf_puts(b, " ");
        buf_puts(b, op_text((enum op)u->op));
    }
    buf_puts(b, ")");
}

static void put_chain(struct buf *b, const struct node_bool_chain *c)
{
    buf_puts(b, "(");
    for (uint32_t i = 0; i < c->args.n && !b->failed; i++) {
        buf_puts(b, i == 0 ? "" : c->is_or ? " OR " : " AND ");
        put_name(b, c->args.at[i]);
    }
    buf_puts(b, ")");
}

static void put_binary(struct buf *b, const struct node_binary *x)
{
    buf_puts(b, "(");
    put_name(b, x->left);
    buf_puts(b, " ");
    buf_puts(b, op_text((enum op)x->op));
    buf_puts(b, " ");
    put_name(b, x->right);
    buf_puts(b, ")");
}

static void put_cast(struct buf *b, const struct node_cast *c)
{
    buf_puts(b, c->is_try ? "TRY_CAST(" : "CAST(");
    put_name(b, c->operand);
    buf_puts(b, " AS ");
    buf_put_str(b, node_type_name_const(c->target)->text);
    buf_puts(b, ")");
}

static void put_name(struct buf *b, const struct node *n)
{
    if (b->failed || !n) {
        return;
    }
    switch ((int)n->kind) {
    case NODE_COLUMN_REF: {
        const struct node_list *parts = &node_column_ref_const(n)->parts;
        buf_put_str(b, node_ident_const(parts->at[parts->n - 1])->text);
        break;
    }
    case NODE_LITERAL:
        put_literal(b, node_literal_const(n));
        break;
    case NODE_FUNC:
        put_call(b, node_func_const(n));
        break;
    case NODE_UNARY:
        put_unary(b, node_unary_const(n));
        break;
    case NODE_BINARY:
        put_binary(b, node_binary_const(n));
        break;
    case NODE_BOOL:
        put_chain(b, node_bool_chain_const(n));
        break;
    case NODE_CAST:
        put_cast(b, node_cast_const(n));
        break;
    case NODE_FIELD:
        put_name(b, node_field_const(n)->name);
        break;
    case NODE_IDENT:
        buf_put_str(b, node_ident_const(n)->text);
        break;
    case NODE_LIST:
        buf_puts(b, "[");
        put_list(b, &node_list_lit_const(n)->items);
        buf_puts(b, "]");
        break;
    case NODE_INDEX:
        put_name(b, node_index_const(n)->operand);
        buf_puts(b, "[");
        put_name(b, node_index_const(n)->index);
        buf_puts(b, "]");
        break;
    default:
        put_lower(b, str_of(node_kind_name(n->kind)));
    }
}

/* A star gives many outputs, and so may unnest(); they name themselves. So do columns and fields.
 */
static enum walk find_many(struct node **n, void *ctx)
{
    bool *found = ctx;
    if ((*n)->kind == NODE_QUERY) {
        return WALK_SKIP;
    }
    if ((*n)->kind == NODE_FUNC) {
        const struct node_list *parts = &node_name_const(node_func(*n)->name)->parts;
        struct str name = node_ident_const(parts->at[parts->n - 1])->text;
        *found |= str_iis(name, "columns") || str_iis(name, "unnest");
    }
    *found |= (*n)->kind == NODE_STAR || (*n)->kind == NODE_COLUMNS;
    return *found ? WALK_STOP : WALK_ON;
}

static bool names_itself(struct node_target *t)
{
    bool is_many = false;
    if (t->alias || t->expr->kind == NODE_COLUMN_REF || t->expr->kind == NODE_FIELD ||
        t->expr->kind == NODE_POSITION) {
        return true;
    }
    (void)node_walk(&t->expr, find_many, &is_many);
    return is_many;
}

struct str duckdb_output_name(struct arena *a, const struct node *expr)
{
    struct buf b = BUF_INIT(LONGEST_NAME);
    put_name(&b, expr);
    struct str name = arena_str(a, b.n ? buf_str(&b) : STR("expression"));
    buf_free(&b);
    return name;
}

/* alias(x) AS y is the output's name, 'y'. */
static void answer_alias(struct arena *a, struct node_target *t)
{
    if (!t->alias || t->expr->kind != NODE_FUNC) {
        return;
    }
    const struct node_func *f = node_func_const(t->expr);
    const struct node_list *parts = &node_name_const(f->name)->parts;
    bool is_plain = parts->n == 1 && f->args.n == 1 && !f->star && !f->distinct && !f->over &&
                    !f->filter && !f->order.n && !f->within_group.n;
    if (is_plain && str_iis(node_ident_const(parts->at[0])->text, "alias")) {
        struct node *name = make_literal(a, LIT_STRING, node_ident_const(t->alias)->text);
        name->offset = t->expr->offset;
        name->length = t->expr->length;
        t->expr = name;
    }
}

static void name_targets(struct arena *a, struct node_list *targets)
{
    for (uint32_t i = 0; i < targets->n; i++) {
        struct node_target *t = node_target(targets->at[i]);
        answer_alias(a, t);
        if (names_itself(t)) {
            continue;
        }
        t->alias = make_ident(a, duckdb_output_name(a, t->expr));
        t->alias->offset = t->expr->offset;
    }
}

static enum walk name_outputs(struct node **n, void *ctx)
{
    struct rewriting *r = ctx;
    switch ((int)(*n)->kind) {
    case NODE_SELECT:
        name_targets(r->a, &node_select(*n)->targets);
        break;
    case NODE_PIVOT: /* several are told apart by their names */
        if (node_pivot(*n)->aggregates.n > 1) {
            name_targets(r->a, &node_pivot(*n)->aggregates);
        }
        break;
    case NODE_INSERT:
        name_targets(r->a, &node_insert(*n)->returning);
        break;
    case NODE_UPDATE:
        name_targets(r->a, &node_update(*n)->returning);
        break;
    case NODE_DELETE:
        name_targets(r->a, &node_delete_stmt(*n)->returning);
        break;
    default:
        break;
    }
    return WALK_ON;
}

void duckdb_name_outputs(struct rewriting *r, struct node **stmt)
{
    (void)node_walk(stmt, name_outputs, r);
}
