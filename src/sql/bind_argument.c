/* Arguments that must be there to be looked at, or of certain types, before the engine may have
 * them: each call here could else cost what no limit bounds, or mean what isn't in the statement.
 */
#include "sql/bind_state.h"
#include "sql/bind_type.h"

/* How long the list gets is bounded by sql_rewrite(), for which the ends' types must be known. */
static enum status check_series(struct binder *b, struct node_func *f)
{
    for (uint32_t i = 0; i < f->args.n; i++) {
        const struct type *t = f->args.at[i]->type;
        bool is_moment = t->kind == TYPE_DATE ||
                         (t->kind >= TYPE_TIMESTAMP && t->kind <= TYPE_TIMESTAMPTZ) ||
                         (i == 2 && t->kind == TYPE_INTERVAL);
        bool is_list_of_moments = is_moment && f->args.n == 3;
        if (!type_is_integer(t) && !type_is_open(t) && !is_list_of_moments) {
            return bind_fail(b, &f->base, ERR_UNSUPPORTED, "%s() of these types is not supported",
                             f->bound->name);
        }
    }
    return OK;
}

/* A width in a format makes a text of any length, so it must be there to be looked at, and short.
 */
static enum status check_format(struct binder *b, struct node_func *f)
{
    const struct node *n = f->args.at[0];
    struct str text = n->kind == NODE_LITERAL ? node_literal_const(n)->text : STR("*");
    int digits = 0, open = 0;
    bool bounded = true;
    for (size_t i = 0; i < text.n; i++) {
        digits = text.p[i] >= '0' && text.p[i] <= '9' ? digits + 1 : 0;
        open = text.p[i] == '{' ? open + 1 : text.p[i] == '}' ? 0 : open;
        bool nested = text.p[i] == '{' && open > 1 && text.p[i - 1] != '{';
        bounded = bounded && digits <= 4 && text.p[i] != '*' && !nested;
    }
    return bounded ? OK
                   : bind_fail(b, n, ERR_UNSUPPORTED,
                               "the format must be a literal with widths of four digits at most");
}

/* The name runs a function: it must be there to be read, and be one of the list's aggregates. */
static enum status check_list_aggregate(struct binder *b, struct node_func *f)
{
    struct node *of = f->args.at[1];
    bool is_text = of->kind == NODE_LITERAL && node_literal(of)->lit == LIT_STRING;
    const struct function *by_name = is_text ? function_find(node_literal(of)->text) : NULL;
    if (!by_name || by_name->kind != FUNCTION_AGGREGATE) {
        return bind_fail(b, of, ERR_UNSUPPORTED,
                         "the aggregate function must be a literal with the name of one that is "
                         "allowed");
    }
    node_literal(of)->text = str_of(by_name->engine_name ? by_name->engine_name : by_name->name);
    return OK;
}

enum status bind_check_arguments(struct binder *b, struct node_func *f)
{
    static const struct {
        const char *name;
        enum status (*check)(struct binder *b, struct node_func *f);
    } checks[] = {
        {"range", check_series},       {"generate_series", check_series},
        {"printf", check_format},      {"format", check_format},
        {"unnest", bind_check_unnest}, {"list_by_aggregate", check_list_aggregate},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (strcmp(f->bound->name, checks[i].name) == 0) {
            return checks[i].check(b, f);
        }
    }
    return OK;
}
