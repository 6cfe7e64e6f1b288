/* Relations that are made for the statement: those of pg_catalog and
 * information_schema, and DESCRIBE in FROM.
 * Each stands in the tree as a derived table of constants. */
#include "sql/bind_state.h"

#define SYSTEM_SCHEMA "pg_catalog"

/* ---- what the statement wants of one ---- */

/* The name of a column of the relation, where the reference can mean no other: STR_NULL. */
static struct str own_column(const struct node *n, struct str alias, bool stands_alone)
{
    if (n->kind != NODE_COLUMN_REF) {
        return STR_NULL;
    }
    const struct node_list *parts = &node_column_ref_const(n)->parts;
    bool is_own =
        parts->n == 1 ? stands_alone : parts->n == 2 && str_ieq(ident_text(parts->at[0]), alias);
    return is_own ? ident_text(parts->at[parts->n - 1]) : STR_NULL;
}

struct wanting {
    struct arena *arena;
    struct str alias;
    bool stands_alone; /* nothing else is in FROM */
    VEC_OF(struct relation_wanted) wanted;
};

static void want_equal(struct wanting *w, const struct node *column, const struct node *value)
{
    struct str name = own_column(column, w->alias, w->stands_alone);
    if (!name.p || value->kind != NODE_LITERAL) {
        return;
    }
    const struct node_literal *l = node_literal_const(value);
    if (l->lit == LIT_STRING || l->lit == LIT_INTEGER) {
        struct relation_wanted wanted = {name, l->text, l->lit == LIT_INTEGER};
        VEC_PUSH(w->arena, w->wanted, wanted);
    }
}

/* Of a condition those parts that say what a column is. Rows of another value would be taken away
 * later, whatever the relation is joined with. */
static void want(struct wanting *w, const struct node *condition)
{
    if (condition->kind == NODE_BINARY && node_binary_const(condition)->op == OP_EQ) {
        const struct node_binary *x = node_binary_const(condition);
        want_equal(w, x->left, x->right);
        want_equal(w, x->right, x->left);
    }
    if (condition->kind != NODE_BOOL || node_bool_chain_const(condition)->is_or) {
        return;
    }
    const struct node_list *parts = &node_bool_chain_const(condition)->args;
    for (uint32_t i = 0; i < parts->n; i++) {
        if (parts->at[i]->kind != NODE_BOOL) {
            want(w, parts->at[i]);
        }
    }
}

/* ---- which one is meant ---- */

/* Of a bare name pg_catalog; of one in another database, or of too many parts, STR_NULL. */
static struct str schema_of(const struct binder *b, const struct node_list *parts)
{
    bool is_qualified =
        parts->n == 2 || (parts->n == 3 && bind_is_database(b, ident_text(parts->at[0])));
    return is_qualified    ? ident_text(parts->at[parts->n - 2])
           : parts->n == 1 ? STR(SYSTEM_SCHEMA)
                           : STR_NULL;
}

/* Those whose rows end with the next SET. */
static bool asks_session(struct str name)
{
    return str_iis(name, "pg_settings") || str_iis(name, "pg_stat_activity");
}

/* The relation that the reference means; `*query` stays NULL where it means a table. */
static enum status made_relation(struct binder *b, const struct scope *s, struct node *n,
                                 struct node **query)
{
    struct node_table_ref *ref = node_table_ref(n);
    const struct node_list *parts = &node_name_const(ref->name)->parts;
    struct str name = ident_text(parts->at[parts->n - 1]);
    struct wanting w = {.arena = b->a,
                        .alias = ref->alias ? ident_text(ref->alias) : name,
                        .stands_alone = s->from == n};
    *query = NULL;
    struct str schema = schema_of(b, parts);
    if (!b->ctx->relation || !schema.p || (parts->n == 1 && bind_hides_system(b, name))) {
        return OK;
    }
    if (s->where && !ref->columns.n) {
        want(&w, s->where);
    }
    struct relation_asked asked = {schema, name, w.wanted.at, w.wanted.n};
    if (b->ctx->relation(b->ctx, &asked, query, b->e) != OK) {
        return FAIL;
    }
    b->out->asks_settings |= asks_session(name);
    if (*query && parts->n == 1) {
        node_name(ref->name)->schema = STR(SYSTEM_SCHEMA);
    }
    return OK;
}

static enum status stand_in(struct binder *b, struct scope *s, struct node **n, struct node *query,
                            struct node *alias, struct node_list columns)
{
    struct node *derived = node_new(b->a, NODE_DERIVED, (*n)->offset);
    derived->length = (*n)->length;
    node_derived(derived)->query = query;
    node_derived(derived)->alias = alias;
    node_derived(derived)->columns = columns;
    *n = derived;
    return bind_derived(b, s, derived);
}

enum status bind_made_relation(struct binder *b, struct scope *s, struct node **n, bool *is_made)
{
    const struct node_table_ref *ref = node_table_ref_const(*n);
    const struct node_list *parts = &node_name_const(ref->name)->parts;
    struct node *made;
    enum status status = made_relation(b, s, *n, &made);
    *is_made = status != OK || made;
    if (!made) {
        return status;
    }
    struct str name = ident_text(parts->at[parts->n - 1]);
    status =
        stand_in(b, s, n, made, ref->alias ? ref->alias : parts->at[parts->n - 1], ref->columns);
    if (status == OK) {
        struct range *r = s->ranges.at[s->ranges.n - 1];
        r->system = name;
        r->schema = ref->alias ? STR("") : schema_of(b, parts);
    }
    return status;
}

/* Why a DESCRIBE can't stand here; NULL: it can. What it tells of is bound by itself, so that
 * nothing of it is read: names of this statement mean nothing there. */
static const char *misplaced(const struct binder *b, const struct scope *s,
                             const struct node_described *d)
{
    return d->summarize || !b->ctx->describe      ? "is not supported"
           : b->is_query_body || b->lasting_views ? "can't stand in a view"
           : s->ctes                              ? "can't stand beside WITH"
                                                  : NULL;
}

enum status bind_described(struct binder *b, struct scope *s, struct node **n)
{
    struct node_described *d = node_described(*n);
    struct node *rows = NULL;
    struct binding *of = NULL;
    const char *why = misplaced(b, s, d);
    if (why) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "%s in FROM %s",
                         d->summarize ? "SUMMARIZE" : "DESCRIBE", why);
    }
    if (b->views_opened++ >= BIND_MAX_VIEWS) {
        return bind_fail(b, *n, ERR_STATEMENT_TOO_COMPLEX, "too many views");
    }
    if (b->ctx->describe(b->ctx, d->query, &rows, &of, b->e) != OK) {
        return FAIL;
    }
    if (of) {
        VEC_PUSH(b->a, b->described, of);
    }
    return stand_in(b, s, n, rows, d->alias, d->columns);
}
