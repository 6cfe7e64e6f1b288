/* COLUMNS(..) and * LIKE '..': columns chosen by their names, written out before anything is bound.
 * An expression that holds COLUMNS stands once for each column; *COLUMNS stands for all of them, as
 * so many items of the list that it is in. */
#include "base/buf.h"
#include "base/wildcard.h"
#include "sql/bind_state.h"
#include "sql/pattern.h"

enum { LONGEST_ALIAS = 4096 };

/* A chosen column: a TARGET as bind_star() writes it, and what the pattern took from its name. */
struct chosen {
    struct node_list targets;
    VEC_OF(struct str *) groups; /* PATTERN_GROUPS of each */
};

static void choose(struct binder *b, struct chosen *c, struct node *target,
                   const struct str groups[PATTERN_GROUPS])
{
    struct str *kept = ARENA_ARRAY(b->a, struct str, PATTERN_GROUPS);
    for (int i = 0; i < PATTERN_GROUPS; i++) {
        kept[i] = groups ? groups[i] : STR("");
    }
    if (!groups) {
        kept[0] = ident_text(node_target(target)->alias);
    }
    node_push(b->a, &c->targets, target);
    VEC_PUSH(b->a, c->groups, kept);
}

static bool is_text(const struct node *n)
{
    return n && n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
}

static enum status bad_pattern(struct binder *b, const struct node *at)
{
    return bind_fail(b, at, ERR_UNSUPPORTED,
                     "a pattern of column names must be a literal, short, and without {} or \\b");
}

/* ---- * LIKE, NOT LIKE, ILIKE, SIMILAR TO ---- */

/* Of ASCII letters, as names compare. */
static struct str lower(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        bool is_upper = s.p[i] >= 'A' && s.p[i] <= 'Z';
        out[i] = (char)(is_upper ? s.p[i] - 'A' + 'a' : s.p[i]);
    }
    return (struct str){out, s.n};
}

static enum status like(struct binder *b, const struct node_like *l, struct str name, bool *out,
                        struct str groups[PATTERN_GROUPS])
{
    bool has_escape = is_text(l->escape) && node_literal_const(l->escape)->text.n == 1;
    if (!is_text(l->pattern) || (l->escape && !has_escape) || l->quantifier != QUANT_NONE) {
        return bad_pattern(b, &l->base);
    }
    struct str pattern = node_literal_const(l->pattern)->text;
    groups[0] = name;
    if (l->op == LIKE_SIMILAR || l->op == LIKE_REGEXP) {
        enum pattern_result r = pattern_regex(name, pattern, l->op == LIKE_SIMILAR, groups);
        *out = (r == PATTERN_YES) != (l->negated != 0);
        return r == PATTERN_BAD ? bad_pattern(b, l->pattern) : OK;
    }
    if (l->op != LIKE_LIKE && l->op != LIKE_ILIKE) {
        return bad_pattern(b, &l->base);
    }
    if (l->op == LIKE_ILIKE) {
        name = lower(b->a, name);
        pattern = lower(b->a, pattern);
    }
    struct str escape = has_escape ? node_literal_const(l->escape)->text : STR_NULL;
    *out = (wildcard_like(name, pattern, escape, NULL) == WILDCARD_YES) != (l->negated != 0);
    return OK;
}

static enum status all_of(struct binder *b, struct scope *s, const struct node_star *star,
                          struct chosen *out)
{
    struct node_list all = {0};
    if (star->match && star->match->kind != NODE_LIKE) {
        return bad_pattern(b, star->match);
    }
    if (bind_star(b, s, star, &all) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < all.n; i++) {
        struct str groups[PATTERN_GROUPS] = {{0}};
        bool is_chosen = true;
        struct str name = ident_text(node_target(all.at[i])->alias);
        if (star->match && like(b, node_like_const(star->match), name, &is_chosen, groups) != OK) {
            return FAIL;
        }
        if (is_chosen) {
            choose(b, out, all.at[i], star->match ? groups : NULL);
        }
    }
    return OK;
}

/* ---- COLUMNS(x -> condition) ---- */

/* What a condition says of a name: comparisons of the parameter with literals, and their chains. */
struct condition {
    struct binder *b;
    struct str param, name;
};

static enum status holds(struct condition *c, const struct node *n, bool *out);

static bool is_param(const struct condition *c, const struct node *n)
{
    return n->kind == NODE_COLUMN_REF && node_column_ref_const(n)->parts.n == 1 &&
           str_ieq(ident_text(node_column_ref_const(n)->parts.at[0]), c->param);
}

static enum status cannot(struct condition *c, const struct node *n)
{
    return bind_fail(
        c->b, n, ERR_UNSUPPORTED,
        "the condition of COLUMNS() may compare the name with literals by =, <>, IN and "
        "LIKE");
}

static enum status is_among(struct condition *c, const struct node_in_list *n, bool *out)
{
    bool found = false;
    for (uint32_t i = 0; i < n->items.n; i++) {
        const struct node *item = n->items.at[i];
        if (!is_text(item)) {
            return cannot(c, item);
        }
        found |= str_eq(node_literal_const(item)->text, c->name);
    }
    *out = found != (n->negated != 0);
    return is_param(c, n->operand) ? OK : cannot(c, &n->base);
}

static enum status chain(struct condition *c, const struct node_bool_chain *n, bool *out)
{
    *out = !n->is_or;
    for (uint32_t i = 0; i < n->args.n; i++) {
        bool one = false;
        if (bind_enter(c->b, n->args.at[i]) != OK || holds(c, n->args.at[i], &one) != OK) {
            return FAIL;
        }
        bind_leave(c->b);
        *out = n->is_or ? *out || one : *out && one;
    }
    return OK;
}

static enum status holds(struct condition *c, const struct node *n, bool *out)
{
    struct str ignored[PATTERN_GROUPS];
    if (n->kind == NODE_BOOL) {
        return chain(c, node_bool_chain_const(n), out);
    }
    if (n->kind == NODE_LIKE && node_like_const(n)->operand &&
        is_param(c, node_like_const(n)->operand)) {
        return like(c->b, node_like_const(n), c->name, out, ignored);
    }
    if (n->kind == NODE_IN_LIST) {
        return is_among(c, node_in_list_const(n), out);
    }
    if (n->kind == NODE_BINARY) {
        const struct node_binary *x = node_binary_const(n);
        bool is_compared = (x->op == OP_EQ || x->op == OP_NE) && is_param(c, x->left);
        if (is_compared && is_text(x->right)) {
            *out = str_eq(node_literal_const(x->right)->text, c->name) == (x->op == OP_EQ);
            return OK;
        }
    }
    return cannot(c, n);
}

/* ---- the columns that COLUMNS(..) means ---- */

static enum status by_pattern(struct binder *b, const struct node *pattern, struct chosen *all,
                              struct chosen *out)
{
    for (uint32_t i = 0; i < all->targets.n; i++) {
        struct str groups[PATTERN_GROUPS];
        struct str name = ident_text(node_target(all->targets.at[i])->alias);
        enum pattern_result r =
            pattern_regex(name, node_literal_const(pattern)->text, false, groups);
        if (r == PATTERN_BAD) {
            return bad_pattern(b, pattern);
        }
        if (r == PATTERN_YES) {
            choose(b, out, all->targets.at[i], groups);
        }
    }
    return OK;
}

static enum status by_names(struct binder *b, const struct node_list *names, struct chosen *all,
                            struct chosen *out)
{
    for (uint32_t k = 0; k < names->n; k++) {
        uint32_t before = out->targets.n;
        for (uint32_t i = 0; is_text(names->at[k]) && i < all->targets.n; i++) {
            if (str_ieq(ident_text(node_target(all->targets.at[i])->alias),
                        node_literal_const(names->at[k])->text)) {
                choose(b, out, all->targets.at[i], NULL);
            }
        }
        if (out->targets.n == before) {
            return bind_fail(b, names->at[k], ERR_UNKNOWN_COLUMN,
                             "COLUMNS() names a column that is not there");
        }
    }
    return OK;
}

static enum status by_condition(struct binder *b, const struct node_lambda *l, struct chosen *all,
                                struct chosen *out)
{
    struct condition c = {.b = b, .param = ident_text(l->params.at[0])};
    for (uint32_t i = 0; i < all->targets.n; i++) {
        bool is_chosen = false;
        c.name = ident_text(node_target(all->targets.at[i])->alias);
        if (holds(&c, l->body, &is_chosen) != OK) {
            return FAIL;
        }
        if (is_chosen) {
            choose(b, out, all->targets.at[i], NULL);
        }
    }
    return OK;
}

static enum status columns_of(struct binder *b, struct scope *s, const struct node_columns *n,
                              struct chosen *out)
{
    struct node *star = node_new(b->a, NODE_STAR, n->base.offset);
    struct chosen all = {0};
    if (n->source->kind == NODE_STAR) {
        *node_star(star) = *node_star_const(n->source);
    }
    if (n->qualifier.n) {
        node_star(star)->qualifier = n->qualifier;
    }
    if (all_of(b, s, node_star(star), &all) != OK) {
        return FAIL;
    }
    enum status status = OK;
    if (n->source->kind == NODE_STAR) {
        *out = all;
    } else if (is_text(n->source)) {
        status = by_pattern(b, n->source, &all, out);
    } else if (n->source->kind == NODE_LIST) {
        status = by_names(b, &node_list_lit_const(n->source)->items, &all, out);
    } else if (n->source->kind == NODE_LAMBDA && node_lambda_const(n->source)->params.n == 1) {
        status = by_condition(b, node_lambda_const(n->source), &all, out);
    } else {
        return bad_pattern(b, n->source);
    }
    if (status == OK && out->targets.n == 0) {
        return bind_fail(b, &n->base, ERR_UNKNOWN_COLUMN, "COLUMNS() finds no column");
    }
    return status;
}

/* ---- an expression with COLUMNS ---- */

/* All COLUMNS of an expression, sub-queries left out, mean the same columns. */
struct search {
    struct node_columns *first;
    bool differs;
    size_t nodes;
};

static bool same_columns(const struct node_columns *x, const struct node_columns *y)
{
    return node_equal(x->source, y->source) && x->qualifier.n == y->qualifier.n;
}

static enum walk find_columns(struct node **n, void *ctx)
{
    struct search *search = ctx;
    search->nodes++;
    if ((*n)->kind == NODE_COLUMNS && !node_columns(*n)->unpacked) {
        struct node_columns *c = node_columns(*n);
        search->differs |= search->first && !same_columns(search->first, c);
        search->first = search->first ? search->first : c;
        return WALK_SKIP;
    }
    return (*n)->kind == NODE_QUERY ? WALK_SKIP : WALK_ON;
}

struct filling {
    struct binder *b;
    struct scope *s;
    const struct node *column;
    bool failed;
};

static enum walk fill(struct node **n, void *ctx)
{
    struct filling *f = ctx;
    if ((*n)->kind == NODE_COLUMNS && !node_columns(*n)->unpacked) {
        *n = node_copy(f->b->a, f->column);
        return WALK_SKIP;
    }
    return (*n)->kind == NODE_QUERY ? WALK_SKIP : WALK_ON;
}

static enum status unpack_list(struct binder *b, struct scope *s, struct node_list *list)
{
    struct node_list out = {0};
    bool any = false;
    for (uint32_t i = 0; i < list->n; i++) {
        struct node *n = list->at[i];
        struct chosen c = {0};
        if (n->kind != NODE_COLUMNS || !node_columns(n)->unpacked) {
            node_push(b->a, &out, n);
            continue;
        }
        any = true;
        if (columns_of(b, s, node_columns(n), &c) != OK) {
            return FAIL;
        }
        for (uint32_t k = 0; k < c.targets.n; k++) {
            node_push(b->a, &out, node_target(c.targets.at[k])->expr);
        }
    }
    if (any) {
        *list = out;
    }
    return bind_limit_list(b, list->n ? list->at[0] : NULL, list->n);
}

static enum walk unpack(struct node **n, void *ctx)
{
    struct filling *f = ctx;
    if ((*n)->kind == NODE_QUERY || f->failed) {
        return WALK_SKIP;
    }
    for (const struct node_member *m = node_members((*n)->kind); m->kind != FIELD_END; m++) {
        if (m->kind == FIELD_NODES && unpack_list(f->b, f->s, node_children(*n, m)) != OK) {
            f->failed = true;
            return WALK_STOP;
        }
    }
    return WALK_ON;
}

/* "min_\1": what the pattern took from the name. */
static struct str filled_alias(struct binder *b, struct str alias, const struct str *groups)
{
    struct buf out = BUF_INIT(LONGEST_ALIAS);
    for (size_t i = 0; i < alias.n && !out.failed; i++) {
        bool is_marked = alias.p[i] == '\\' && i + 1 < alias.n;
        char c = is_marked ? alias.p[i + 1] : alias.p[i];
        if (is_marked && c >= '0' && c <= '9') {
            buf_put_str(&out, groups[c - '0']);
            i++;
        } else {
            buf_u8(&out, (uint8_t)alias.p[i]);
            i += is_marked && c == '\\';
        }
    }
    struct str text = arena_str(b->a, buf_str(&out));
    buf_free(&out);
    return text;
}

/* Where the statement gives no name: the column's, if that is all or is cast, else the
 * function's of it. */
static struct node *alias_of(struct binder *b, const struct node_target *t, struct str name,
                             const struct str *groups)
{
    if (t->alias) {
        bool has_groups = memchr(ident_text(t->alias).p, '\\', ident_text(t->alias).n) != NULL;
        return has_groups ? bind_ident(b, filled_alias(b, ident_text(t->alias), groups), t->alias)
                          : t->alias;
    }
    const struct node *n = t->expr;
    while (n->kind == NODE_CAST) {
        n = node_cast_const(n)->operand;
    }
    if (n->kind == NODE_COLUMNS || n->kind == NODE_STAR) {
        return bind_ident(b, name, t->expr);
    }
    if (n->kind == NODE_FUNC && node_func_const(n)->args.n == 1) {
        struct str function = bind_target_name(b, n);
        name = str_of(arena_printf(b->a, "%.*s(%.*s)", STR_ARG(function), STR_ARG(name)));
        return bind_ident(b, name, t->expr);
    }
    return NULL;
}

static enum status expand_target(struct binder *b, struct scope *s, struct node_target *t,
                                 struct node_list *out)
{
    struct search found = {0};
    struct chosen c = {0};
    struct filling f = {.b = b, .s = s};
    (void)node_walk(&t->expr, unpack, &f);
    if (f.failed) {
        return FAIL;
    }
    (void)node_walk(&t->expr, find_columns, &found);
    if (!found.first) {
        node_push(b->a, out, &t->base);
        return OK;
    }
    if (found.differs) {
        return bind_fail(b, t->expr, ERR_UNSUPPORTED,
                         "one expression can't have several different COLUMNS()");
    }
    if (columns_of(b, s, found.first, &c) != OK) {
        return FAIL;
    }
    b->nodes_copied += found.nodes * c.targets.n;
    if (b->nodes_copied > BIND_MAX_COPIED) {
        return bind_fail(b, t->expr, ERR_STATEMENT_TOO_COMPLEX,
                         "COLUMNS() makes the statement too complex");
    }
    for (uint32_t i = 0; i < c.targets.n; i++) {
        const struct node_target *column = node_target(c.targets.at[i]);
        struct node *one = node_new(b->a, NODE_TARGET, t->base.offset);
        f.column = column->expr;
        node_target(one)->alias = alias_of(b, t, ident_text(column->alias), c.groups.at[i]);
        node_target(one)->expr = node_copy(b->a, t->expr);
        (void)node_walk(&node_target(one)->expr, fill, &f);
        node_push(b->a, out, one);
    }
    return OK;
}

static enum status expand_star(struct binder *b, struct scope *s, struct node_target *t,
                               struct node_list *out)
{
    struct chosen c = {0};
    if (all_of(b, s, node_star(t->expr), &c) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < c.targets.n; i++) {
        struct node_target *one = node_target(c.targets.at[i]);
        one->alias = alias_of(b, t, ident_text(one->alias), c.groups.at[i]);
        node_push(b->a, out, c.targets.at[i]);
    }
    if (node_star(t->expr)->match && c.targets.n == 0) {
        return bind_fail(b, t->expr, ERR_UNKNOWN_COLUMN, "no column has such a name");
    }
    return OK;
}

enum status bind_expand_targets(struct binder *b, struct scope *s, struct node_list *targets)
{
    struct node_list expanded = {0};
    for (uint32_t i = 0; i < targets->n; i++) {
        struct node_target *t = node_target(targets->at[i]);
        bool is_star = t->expr->kind == NODE_STAR;
        b->out->selects_star |= is_star && b->view_depth == 0;
        if (is_star ? expand_star(b, s, t, &expanded) != OK
                    : expand_target(b, s, t, &expanded) != OK) {
            return FAIL;
        }
    }
    *targets = expanded;
    return OK;
}

enum status bind_expand_items(struct binder *b, struct scope *s, struct node_list *items)
{
    struct node_list out = {0};
    bool any = false;
    for (uint32_t i = 0; i < items->n; i++) {
        struct node *item = items->at[i];
        bool is_ordered = item->kind == NODE_ORDER_ITEM;
        struct node *target = node_new(b->a, NODE_TARGET, item->offset);
        struct node_list one = {0};
        struct search found = {0};
        node_target(target)->expr = is_ordered ? node_order_item(item)->expr : item;
        (void)node_walk(&node_target(target)->expr, find_columns, &found);
        if (!found.first) {
            node_push(b->a, &out, item);
            continue;
        }
        any = true;
        if (expand_target(b, s, node_target(target), &one) != OK) {
            return FAIL;
        }
        for (uint32_t k = 0; k < one.n; k++) {
            struct node *copy = is_ordered ? node_copy(b->a, item) : node_target(one.at[k])->expr;
            if (is_ordered) {
                node_order_item(copy)->expr = node_target(one.at[k])->expr;
            }
            node_push(b->a, &out, copy);
        }
    }
    if (any) {
        *items = out;
    }
    return OK;
}

enum status bind_position(struct binder *b, struct scope *s, struct node **n,
                          struct bound_expr *out)
{
    struct node *star = node_new(b->a, NODE_STAR, (*n)->offset);
    struct node_list all = {0};
    int32_t number = node_position(*n)->number;
    if (bind_star(b, s, node_star(star), &all) != OK) {
        return FAIL;
    }
    if (number < 1 || (uint32_t)number > all.n) {
        return bind_fail(b, *n, ERR_UNKNOWN_COLUMN, "there is no column #%d", number);
    }
    *n = node_target(all.at[number - 1])->expr;
    return bind_expr(b, s, n, out);
}

enum status bind_expand_condition(struct binder *b, struct scope *s, struct node **n)
{
    struct node_list items = {0};
    if (!*n) {
        return OK;
    }
    node_push(b->a, &items, *n);
    if (bind_expand_items(b, s, &items) != OK) {
        return FAIL;
    }
    if (items.n > 1) {
        *n = node_new(b->a, NODE_BOOL, (*n)->offset);
        node_bool_chain(*n)->args = items;
    } else {
        *n = items.at[0];
    }
    return OK;
}
