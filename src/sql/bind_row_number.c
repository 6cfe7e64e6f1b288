/* input_row_number(): what stands first in a lateral sub-query for the number of the row that the
 * sub-query is for, as FLATTEN's SEQ does. Where that row is one table's alone, the number is that
 * of the row in the table; of other rows there is none, and the column is refused where it is read.
 * Nowhere else is it a function. Nothing is made of it until it is read, so that what doesn't read
 * it needs no numbers. */
#include "sql/bind_state.h"
#include "sql/make.h"

struct row_number {
    struct node_target *target;
    const struct range *input; /* of the table; NULL: its rows have no number */
};

static struct node_target *first_target(const struct node *query)
{
    const struct node *body = node_query_const(query)->body;
    if (body->kind != NODE_SELECT) {
        return NULL;
    }
    const struct node_select *x = node_select_const(body);
    bool is_plain = !x->distinct && !x->distinct_on.n && !x->group_all && !x->group.n && !x->having;
    return is_plain && x->targets.n ? node_target(x->targets.at[0]) : NULL;
}

static bool is_row_number(const struct node *n)
{
    if (n->kind != NODE_FUNC || node_func_const(n)->args.n || node_func_const(n)->over) {
        return false;
    }
    const struct node_list *parts = &node_name_const(node_func_const(n)->name)->parts;
    return parts->n == 1 && str_iis(ident_text(parts->at[0]), "input_row_number");
}

struct row_number *bind_row_number(struct binder *b, const struct scope *s, struct node *query)
{
    struct node_target *t = first_target(query);
    if (!t || !is_row_number(t->expr)) {
        return NULL;
    }
    struct row_number *r = ARENA_NEW(b->a, struct row_number);
    const struct range *only = s->ranges.n == 1 ? s->ranges.at[0] : NULL;
    r->input = only && only->table && !only->is_hidden ? only : NULL;
    t->expr = make_cast(b->a, make_literal(b->a, LIT_NULL, STR_NULL), type_simple(TYPE_INT8));
    return r;
}

void bind_row_number_bound(struct row_number *r, struct node *query)
{
    r->target = first_target(query);
}

/* rowid + 1 */
static struct node *number_of(struct binder *b, const struct range *input)
{
    struct bound_column *bound = ARENA_NEW(b->a, struct bound_column);
    *bound = (struct bound_column){.column = -1, .origins = lineage_none()};
    struct node *ref = make_column(b->a, input->name, STR("rowid"), type_simple(TYPE_INT8));
    node_column_ref(ref)->bound = bound;
    struct node *n = node_new(b->a, NODE_BINARY, 0);
    node_binary(n)->op = OP_ADD;
    node_binary(n)->left = ref;
    node_binary(n)->right = make_literal(b->a, LIT_INTEGER, STR("1"));
    n->type = type_simple(TYPE_INT8);
    input->table->rowid_used = true;
    return n;
}

void bind_row_number_read(struct binder *b, struct row_number *r, struct str column,
                          const struct node *at)
{
    if (r->input && r->target->expr->kind == NODE_CAST) {
        r->target->expr = number_of(b, r->input);
    }
    if (!r->input && !b->unnumbered.p) {
        b->unnumbered = column;
        b->unnumbered_at = b->view_depth ? NULL : at;
    }
}

enum status bind_check_row_numbers(struct binder *b)
{
    if (!b->unnumbered.p) {
        return OK;
    }
    (void)bind_fail(b, b->unnumbered_at, ERR_UNSUPPORTED,
                    "column \"%.*s\" can't be computed here: only the rows of a single table have "
                    "numbers",
                    STR_ARG(b->unnumbered));
    return error_hint(b->e, "Name the columns that you need, or write * EXCLUDE (%.*s).",
                      STR_ARG(b->unnumbered));
}
