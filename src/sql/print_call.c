/* Calls and windows. For the engine the name comes from the allow-list, never from the statement.
 */
#include "sql/function.h"
#include "sql/print_priv.h"

/* A function that isn't in the list is the reader's business. */
static void print_shown_name(struct printer *pr, const struct node *n)
{
    const struct node_list *parts = &node_name_const(node_func_const(n)->name)->parts;
    const struct function *f = function_find(node_ident(parts->at[parts->n - 1])->text);
    if (f && f->flags & FUNCTION_SPELLED) {
        print_fail(pr, n, "this call is");
    } else if (f && parts->n == 1) {
        print_puts(pr, f->engine_name ? f->engine_name : f->name);
    } else {
        print_parts(pr, parts, 0);
    }
}

static void print_name(struct printer *pr, const struct node *n)
{
    const struct node_func *f = node_func_const(n);
    if (!for_engine(pr)) {
        print_parts(pr, &node_name_const(f->name)->parts, 0);
    } else if (pr->shows) {
        print_shown_name(pr, n);
    } else if (!f->bound) {
        print_fail(pr, n, "a function that isn't bound is");
    } else if (f->bound->flags & FUNCTION_SESSION) {
        print_fail(pr, n, "a function of the session is");
    } else if (f->bound->flags & FUNCTION_SPELLED) {
        print_fail(pr, n, "this call is");
    } else {
        print_puts(pr, f->bound->engine_name ? f->bound->engine_name : f->bound->name);
    }
}

static void print_arg(struct printer *pr, const struct node *n)
{
    bool is_arrow = n->kind == NODE_BINARY && node_binary_const(n)->op == OP_JSON_GET;
    if (is_arrow) {
        print_puts(pr, "(");
    }
    print_expr(pr, n);
    if (is_arrow) {
        print_puts(pr, ")");
    }
}

static void print_args(struct printer *pr, const struct node_func *f)
{
    static const char *const nulls[] = {"", " IGNORE NULLS", " RESPECT NULLS"};
    print_puts(pr, f->star ? "(*" : f->distinct ? "(DISTINCT " : "(");
    print_list(pr, &f->args, print_arg);
    if (f->order.n) {
        print_puts(pr, f->args.n ? " ORDER BY " : "ORDER BY ");
        print_list(pr, &f->order, print_order_item);
    }
    if (f->limit) {
        if (for_engine(pr)) {
            print_fail(pr, f->limit, "LIMIT in a call is");
        }
        print_puts(pr, " LIMIT ");
        print_expr(pr, f->limit);
    }
    bool inside = f->args.n > 0 || f->order.n > 0;
    print_puts(pr, inside ? nulls[f->nulls] : "");
    print_puts(pr, ")");
    if (f->within_group.n) {
        print_puts(pr, " WITHIN GROUP (ORDER BY ");
        print_list(pr, &f->within_group, print_order_item);
        print_puts(pr, ")");
    }
    if (f->filter) {
        print_puts(pr, " FILTER (WHERE ");
        print_expr(pr, f->filter);
        print_puts(pr, ")");
    }
    print_puts(pr, inside ? "" : nulls[f->nulls]);
}

void print_call(struct printer *pr, const struct node *n)
{
    const struct node_func *f = node_func_const(n);
    print_name(pr, n);
    print_args(pr, f);
    if (f->over) {
        print_puts(pr, " OVER ");
        if (f->over->kind == NODE_IDENT) {
            print_ident(pr, f->over);
        } else {
            print_window(pr, f->over);
        }
    }
}

static void print_bound(struct printer *pr, int32_t bound, const struct node *expr)
{
    static const char *const words[] = {"",           "UNBOUNDED PRECEDING",
                                        " PRECEDING", "CURRENT ROW",
                                        " FOLLOWING", "UNBOUNDED FOLLOWING"};
    if (expr) {
        print_operand(pr, expr, PREC_NOT);
    }
    print_puts(pr, words[bound]);
}

static void print_frame(struct printer *pr, const struct node_window *w)
{
    static const char *const modes[] = {"", "ROWS ", "RANGE ", "GROUPS "};
    static const char *const excludes[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                           " EXCLUDE TIES"};
    print_puts(pr, modes[w->frame]);
    if (w->end != BOUND_NONE) {
        print_puts(pr, "BETWEEN ");
    }
    print_bound(pr, w->start, w->start_expr);
    if (w->end != BOUND_NONE) {
        print_puts(pr, " AND ");
        print_bound(pr, w->end, w->end_expr);
    }
    print_puts(pr, excludes[w->exclude]);
}

void print_window(struct printer *pr, const struct node *n)
{
    const struct node_window *w = node_window_const(n);
    const char *space = "";
    print_puts(pr, "(");
    if (w->named) {
        print_ident(pr, w->named);
        space = " ";
    }
    if (w->partition.n) {
        print_puts(pr, space);
        print_puts(pr, "PARTITION BY ");
        print_list(pr, &w->partition, print_expr);
        space = " ";
    }
    if (w->order.n) {
        print_puts(pr, space);
        print_puts(pr, "ORDER BY ");
        print_list(pr, &w->order, print_order_item);
        space = " ";
    }
    if (w->frame != FRAME_NONE) {
        print_puts(pr, space);
        print_frame(pr, w);
    }
    print_puts(pr, ")");
}
