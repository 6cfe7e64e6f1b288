/* JOIN by columns' names. USING and NATURAL become ON, written out, so that the engine joins by
 * exactly the columns whose use was noted.
 *
 * SQL shows the common columns first, then the others of the left side, then those of the right:
 * PostgreSQL and Snowflake do, DuckDB leaves each where the left side has it. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"

/* The one column of that name on a side. */
static enum status find_side(struct binder *b, struct scope *s, struct join_side side,
                             const struct node *name, struct range **range, size_t *column)
{
    size_t count = 0;
    for (size_t i = side.from; i < side.to; i++) {
        struct range *r = s->ranges.at[i];
        for (size_t k = 0; k < r->n && !r->is_hidden; k++) {
            if (!r->columns[k].is_merged_away && str_ieq(r->columns[k].name, ident_text(name))) {
                *range = r;
                *column = k;
                count++;
            }
        }
    }
    if (count == 1) {
        return OK;
    }
    return bind_fail(b, name, count ? ERR_AMBIGUOUS_COLUMN : ERR_UNKNOWN_COLUMN,
                     count ? "common column name \"%.*s\" appears more than once in a table"
                           : "column \"%.*s\" in the USING clause does not exist on both sides",
                     STR_ARG(ident_text(name)));
}

/* What the column's bare name means, as an expression. */
static struct node *bare_value(struct binder *b, struct range *r, size_t i, const struct node *at,
                               struct bound_expr *value)
{
    struct range_column *c = &r->columns[i];
    if (c->merged) {
        *value = c->merged_value;
        return node_copy(b->a, c->merged);
    }
    if (r->table) {
        bind_mark_column(b, r->table, i);
    }
    *value = c->value;
    return bind_column_ref(b, r, i, at);
}

static struct node *coalesce(struct binder *b, struct node *x, struct node *y)
{
    struct node *n = node_new(b->a, NODE_FUNC, x->offset);
    struct node_func *f = node_func(n);
    f->name = node_new(b->a, NODE_NAME, x->offset);
    node_push(b->a, &node_name(f->name)->parts, bind_ident(b, STR("coalesce"), x));
    node_push(b->a, &f->args, x);
    node_push(b->a, &f->args, y);
    f->bound = function_find(STR("coalesce"));
    n->type = type_common(b->a, x->type, y->type);
    return n;
}

/* The merged column is the left one's value; of a RIGHT join the right one's, of a FULL join
 * whichever isn't NULL. */
static void merge(struct binder *b, enum join_type type, struct range_column *left,
                  struct range_column *right, struct node *x, const struct bound_expr *p,
                  struct node *y, const struct bound_expr *q)
{
    right->is_merged_away = true;
    if (type == JOIN_RIGHT) {
        left->merged = node_copy(b->a, y);
        left->merged_value = *q;
    } else if (type == JOIN_FULL) {
        left->merged = coalesce(b, node_copy(b->a, x), node_copy(b->a, y));
        left->merged_value = (struct bound_expr){
            left->merged->type, lineage_derived(b->a, lineage_union(b->a, p->origins, q->origins)),
            false, false};
    }
}

static enum status join_using(struct binder *b, struct scope *s, struct node_join *j,
                              struct join_side left, struct join_side right)
{
    struct node *chain = node_new(b->a, NODE_BOOL, j->base.offset);
    struct merged_columns first = {.from = left.from,
                                   .to = right.to,
                                   .at = ARENA_ARRAY(b->a, struct star_column, j->using_columns.n),
                                   .n = j->using_columns.n};
    chain->type = type_simple(TYPE_BOOL);
    for (uint32_t i = 0; i < j->using_columns.n; i++) {
        const struct node *name = j->using_columns.at[i];
        struct range *l = NULL, *r = NULL;
        size_t lc = 0, rc = 0;
        if (find_side(b, s, left, name, &l, &lc) != OK ||
            find_side(b, s, right, name, &r, &rc) != OK) {
            return FAIL;
        }
        struct bound_expr p, q;
        struct node *equal = node_new(b->a, NODE_BINARY, name->offset);
        struct node_binary *eq = node_binary(equal);
        /* The last one of ASOF is the moment: the nearest that isn't later. */
        eq->op = j->asof && i + 1 == j->using_columns.n ? OP_GE : OP_EQ;
        eq->left = bare_value(b, l, lc, name, &p);
        eq->right = bare_value(b, r, rc, name, &q);
        equal->type = type_simple(TYPE_BOOL);
        bind_use_at(b, p.origins, USE_JOIN);
        bind_use_at(b, q.origins, USE_JOIN);
        b->out->has_predicate |= p.origins->n || q.origins->n;
        b->out->may_fail |= !type_same(p.type, q.type) && !type_may_meet(b->a, p.type, q.type);
        merge(b, (enum join_type)j->type, &l->columns[lc], &r->columns[rc], eq->left, &p, eq->right,
              &q);
        first.at[i] = (struct star_column){l, lc};
        node_push(b->a, &node_bool_chain(chain)->args, equal);
    }
    j->on = j->using_columns.n == 1 ? node_bool_chain(chain)->args.at[0] : chain;
    j->using_columns = (struct node_list){0};
    j->natural = 0;
    VEC_PUSH(b->a, s->merges, first);
    return OK;
}

/* NATURAL: every name that both sides have. */
static enum status common_names(struct binder *b, struct scope *s, struct node_join *j,
                                struct join_side left, struct join_side right)
{
    for (size_t i = left.from; i < left.to; i++) {
        const struct range *l = s->ranges.at[i];
        for (size_t k = 0; k < l->n && !l->is_hidden; k++) {
            bool both = false;
            for (size_t m = right.from; m < right.to; m++) {
                const struct range *r = s->ranges.at[m];
                for (size_t c = 0; c < r->n && !r->is_hidden; c++) {
                    both |= !r->columns[c].is_merged_away &&
                            str_ieq(r->columns[c].name, l->columns[k].name);
                }
            }
            if (both && !l->columns[k].is_merged_away) {
                node_push(b->a, &j->using_columns, bind_ident(b, l->columns[k].name, &j->base));
            }
        }
    }
    if (!j->using_columns.n) {
        return bind_fail(b, &j->base, ERR_BAD_SQL,
                         "NATURAL JOIN of tables without a common column");
    }
    return OK;
}

enum status bind_join_by_name(struct binder *b, struct scope *s, struct node_join *j,
                              struct join_side left, struct join_side right)
{
    if (j->natural && common_names(b, s, j, left, right) != OK) {
        return FAIL;
    }
    return join_using(b, s, j, left, right);
}

/* ---- what a star shows ---- */

static bool is_merged(const struct merged_columns *m, const struct star_column *c)
{
    bool found = false;
    for (size_t i = 0; i < m->n; i++) {
        found |= m->at[i].range == c->range && m->at[i].column == c->column;
    }
    return found;
}

/* Of the columns of one join: its common ones to the front, the others as they were. */
static void put_first(struct binder *b, const struct merged_columns *m, struct star_column *at,
                      size_t n)
{
    struct star_column *others = ARENA_ARRAY(b->a, struct star_column, n);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_merged(m, &at[i])) {
            others[kept++] = at[i];
        }
    }
    memcpy(at, m->at, m->n * sizeof *at);
    memcpy(at + m->n, others, kept * sizeof *at);
}

size_t bind_star_columns(struct binder *b, const struct scope *s, bool of_joins,
                         struct star_column **out)
{
    size_t n = 0, *begins = ARENA_ARRAY(b->a, size_t, s->ranges.n + 1);
    for (size_t i = 0; i < s->ranges.n; i++) {
        n += s->ranges.at[i]->n;
        begins[i + 1] = n;
    }
    struct star_column *all = ARENA_ARRAY(b->a, struct star_column, n);
    for (size_t i = 0; i < s->ranges.n; i++) {
        for (size_t k = 0; k < s->ranges.at[i]->n; k++) {
            all[begins[i] + k] = (struct star_column){s->ranges.at[i], k};
        }
    }
    /* Inner joins were bound before those around them. */
    size_t merges = of_joins && b->ctx->dialect != DIALECT_DUCKDB ? s->merges.n : 0;
    for (size_t i = 0; i < merges; i++) {
        const struct merged_columns *m = &s->merges.at[i];
        put_first(b, m, all + begins[m->from], begins[m->to] - begins[m->from]);
    }
    *out = all;
    return n;
}
