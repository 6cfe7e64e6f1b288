/* regclass, regtype and their like: numbers of objects, which are written and shown as names. A
 * name that stands as a literal is looked up here; one that an expression makes or a parameter
 * gives, by the function that PostgreSQL has for it, to_regclass() and so on. What the caller may
 * not know of isn't there.
 */
#include "sql/bind_expr.h"
#include "sql/bind_macro.h"
#include "sql/bind_type.h"
#include "sql/make.h"

static const struct {
    enum type_alias alias;
    const char *to, *name; /* functions: of a text the number, of a number the name */
    const char *what;
    enum error_code unknown;
} kinds[] = {
    {ALIAS_REGCLASS, "to_regclass", "_pg_regclass_name", "relation", ERR_UNKNOWN_TABLE},
    {ALIAS_REGTYPE, "to_regtype", "_pg_regtype_name", "type", ERR_UNKNOWN_TYPE},
    {ALIAS_REGPROC, "to_regproc", "_pg_regproc_name", "function", ERR_UNKNOWN_FUNCTION},
    {ALIAS_REGPROCEDURE, "to_regprocedure", "_pg_regprocedure_name", "function",
     ERR_UNKNOWN_FUNCTION},
    {ALIAS_REGOPER, "to_regoper", "_pg_regoper_name", "operator", ERR_UNKNOWN_FUNCTION},
    {ALIAS_REGOPERATOR, "to_regoperator", "_pg_regoper_name", "operator", ERR_UNKNOWN_FUNCTION},
    {ALIAS_REGNAMESPACE, "to_regnamespace", "_pg_regnamespace_name", "schema", ERR_UNKNOWN_SCHEMA},
    {ALIAS_REGROLE, "to_regrole", "_pg_regrole_name", "role", ERR_UNKNOWN_TYPE},
    {ALIAS_REGCOLLATION, "to_regcollation", "_pg_regcollation_name", "collation", ERR_UNKNOWN_TYPE},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static size_t kind_of(const struct type *t)
{
    size_t i = 0;
    while (i < KINDS && (!t || kinds[i].alias != t->alias || t->alias == ALIAS_NONE)) {
        i++;
    }
    return i;
}

static struct node *number_of(struct binder *b, struct str digits, const struct type *to,
                              const struct node *at)
{
    struct node *n = make_cast(b->a, make_literal(b->a, LIT_INTEGER, digits), to);
    n->offset = at->offset;
    n->length = at->length;
    return n;
}

/* '16384', '-' for none, or a name. */
static enum status literal_of(struct binder *b, struct node **n, const struct type *to, size_t kind)
{
    struct str text = str_trim(node_literal(node_cast(*n)->operand)->text);
    int64_t number = 0;
    bool is_none = str_is(text, "-");
    if (is_none || (text.n && str_to_i64(text, &number) && number >= 0)) {
        *n = number_of(b, is_none ? STR("0") : text, to, *n);
        return OK;
    }
    struct str *path;
    size_t count = bind_search_path(b, &path);
    if (!b->ctx->find_object ||
        !b->ctx->find_object(b->ctx, to->alias, path, count, text, &number)) {
        return bind_fail(b, *n, kinds[kind].unknown, "%s \"%.*s\" does not exist", kinds[kind].what,
                         STR_ARG(text));
    }
    *n = number_of(b, str_of(arena_printf(b->a, "%lld", (long long)number)), to, *n);
    return OK;
}

/* `name(*n)`, where `*n` is bound and `known` is what is known of it. */
static enum status call_on(struct binder *b, const char *name, struct node **n,
                           struct bound_expr *known)
{
    uint32_t offset = (*n)->offset, length = (*n)->length;
    if (macro_call_system(b, name, n, known) != OK) {
        return FAIL;
    }
    (*n)->offset = offset;
    (*n)->length = length;
    (*n)->type = known->type;
    return OK;
}

bool bind_is_reg_literal(const struct node_cast *cast, const struct type *to)
{
    return kind_of(to) < KINDS && cast->operand->kind == NODE_LITERAL &&
           node_literal_const(cast->operand)->lit == LIT_STRING;
}

enum status bind_reg_literal(struct binder *b, struct node **n, const struct type *to,
                             struct bound_expr *out)
{
    if (literal_of(b, n, to, kind_of(to)) != OK) {
        return FAIL;
    }
    *out = (struct bound_expr){to, lineage_none(), false, true};
    return OK;
}

enum status bind_reg_cast(struct binder *b, struct node **n, const struct type *to,
                          struct bound_expr *out)
{
    struct node *operand = node_cast(*n)->operand;
    size_t from_kind = kind_of(operand->type), to_kind = kind_of(to);
    if (to_kind < KINDS && operand->kind == NODE_PARAM) {
        bind_settle_kind(b, operand,
                         TYPE_TEXT); /* where the client says no type, it gives a name */
    }
    bool reads = to_kind < KINDS && operand->type->kind == TYPE_TEXT;
    bool writes = from_kind < KINDS && to->kind == TYPE_TEXT;
    bool writes_vector = bind_is_vector(operand->type) && to->kind == TYPE_TEXT;
    if (!reads && !writes && !writes_vector) {
        return OK;
    }
    *n = operand;
    out->type = operand->type;
    const char *function = writes_vector ? "_pg_vector_text"
                           : reads       ? kinds[to_kind].to
                                         : kinds[from_kind].name;
    if (call_on(b, function, n, out) != OK) {
        return FAIL;
    }
    out->type = to;
    return OK;
}

bool bind_is_reg(const struct type *t)
{
    return kind_of(t) < KINDS;
}

enum status bind_show_reg(struct binder *b, struct node **n, struct bound_expr *value)
{
    if (!bind_is_reg(value->type)) {
        return OK;
    }
    if (call_on(b, kinds[kind_of(value->type)].name, n, value) != OK) {
        return FAIL;
    }
    value->is_bare = false;
    return OK;
}
