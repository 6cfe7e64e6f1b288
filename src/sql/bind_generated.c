/* Generated columns. The engine computes one from its row whenever it is read, so its values are
 * never older than the rule for what it is made of; a STORED one has the same values, since nothing
 * that changes by itself may stand in it. The engine takes bare names of columns alone. */
#include "sql/bind_ddl.h"
#include "sql/print.h"

static enum walk find_refused(struct node **n, void *ctx)
{
    const char **what = ctx;
    *what = (*n)->kind == NODE_QUERY                         ? "a sub-query"
            : (*n)->kind == NODE_PARAM                       ? "a parameter"
            : (*n)->kind == NODE_LAMBDA                      ? "a lambda"
            : (*n)->kind == NODE_FUNC && node_func(*n)->over ? "a window"
                                                             : NULL;
    return *what ? WALK_STOP : WALK_ON;
}

/* Whoever reads the catalog looks for names in the texts: that they are short keeps it quick. */
static enum status check_length(struct binder *b, const struct node *expr, size_t *left)
{
    struct buf text = BUF_INIT(*left);
    enum status status = sql_print(expr, PRINT_CANONICAL, &text, b->e);
    if (status == OK && text.failed) {
        status = bind_fail(b, expr, ERR_STATEMENT_TOO_COMPLEX,
                           "the generated columns of a table may have %d bytes of expressions",
                           BIND_LONGEST_GENERATED);
    }
    *left -= text.failed ? 0 : text.n;
    buf_free(&text);
    return status;
}

enum status bind_generated(struct binder *b, struct scope *s, struct node_column_def *d,
                           size_t *left)
{
    const char *what = NULL;
    bool was_volatile = b->out->is_volatile;
    if (d->default_value || d->not_null || d->unique || d->primary_key || d->check || d->identity) {
        return bind_fail(b, &d->base, ERR_UNSUPPORTED,
                         "a constraint or default of a generated column is not supported");
    }
    (void)node_walk(&d->generated, find_refused, &what);
    if (what) {
        return bind_fail(b, d->generated, ERR_UNSUPPORTED, "%s can't stand in a generated column",
                         what);
    }
    if (check_length(b, d->generated, left) != OK) {
        return FAIL;
    }
    b->out->is_volatile = false;
    if (bind_used_at(b, s, &d->generated, NULL, USE_CONSTRAINT) != OK) {
        return FAIL;
    }
    if (b->out->is_volatile) {
        return bind_fail(b, d->generated, ERR_BAD_SQL,
                         "a generated column may not change by itself");
    }
    b->out->is_volatile = was_volatile;
    bind_bare_columns(&d->generated);
    d->stored = 0;
    return OK;
}
