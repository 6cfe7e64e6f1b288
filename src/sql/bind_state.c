/* Errors, limits and uses of the statement that is being bound. */
#include <stdarg.h>
#include <stdio.h>

#include "sql/bind_state.h"

/* Positions within a view's text mean nothing to the client: they are left out. */
enum status bind_fail(struct binder *b, const struct node *at, enum error_code code,
                      const char *fmt, ...)
{
    char message[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (!at || b->view_depth) {
        return error_set(b->e, code, "%s", message);
    }
    return error_at(b->e, code, at->offset, "%s", message);
}

enum status bind_enter(struct binder *b, const struct node *at)
{
    if (b->depth >= BIND_MAX_DEPTH || arena_exceeded(b->a)) {
        return bind_fail(b, at, ERR_STATEMENT_TOO_COMPLEX, "the statement is too complex");
    }
    b->depth++;
    return OK;
}

enum status bind_limit_list(struct binder *b, const struct node *at, size_t n)
{
    return n <= BIND_MAX_COLUMNS ? OK
                                 : bind_fail(b, at, ERR_STATEMENT_TOO_COMPLEX,
                                             "a list has more than %d items", BIND_MAX_COLUMNS);
}

void bind_leave(struct binder *b)
{
    b->depth--;
}

void bind_use(struct binder *b, const struct lineage *l)
{
    bind_use_at(b, l, b->place);
}

void bind_use_at(struct binder *b, const struct lineage *l, enum origin_use place)
{
    b->out->uses = lineage_add(b->a, b->out->uses, l, place);
}

enum origin_use bind_place(struct binder *b, enum origin_use place)
{
    enum origin_use before = b->place;
    b->place = place;
    return before;
}
