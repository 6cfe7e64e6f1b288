/* Stars, written out as the references that they stand for. */
#include "sql/bind_state.h"

static bool is_named(const struct node_list *list, struct str name)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct node_list *parts = &node_name(list->at[i])->parts;
        if (str_ieq(ident_text(parts->at[parts->n - 1]), name)) {
            return true;
        }
    }
    return false;
}

static struct node_target *target_for(const struct node_list *list, struct str name, bool is_rename)
{
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_target *t = node_target(list->at[i]);
        struct str of = ident_text(t->alias);
        if (is_rename) {
            if (t->expr->kind != NODE_COLUMN_REF) {
                continue;
            }
            struct node_list *parts = &node_column_ref(t->expr)->parts;
            of = ident_text(parts->at[parts->n - 1]);
        }
        if (str_ieq(of, name)) {
            return t;
        }
    }
    return NULL;
}

static void push_column(struct binder *b, const struct node_star *star, struct range *r, size_t k,
                        bool is_bare, struct node_list *targets)
{
    const struct range_column *c = &r->columns[k];
    if (is_named(&star->exclude, c->name)) {
        return;
    }
    struct node *target = node_new(b->a, NODE_TARGET, star->base.offset);
    struct node_target *t = node_target(target);
    struct node_target *replace = target_for(&star->replace, c->name, false);
    struct node_target *rename = target_for(&star->rename, c->name, true);
    if (replace) {
        t->expr = node_copy(b->a, replace->expr);
    } else {
        t->expr = node_new(b->a, NODE_COLUMN_REF, star->base.offset);
        if (!is_bare || !c->merged) {
            node_push(b->a, &node_column_ref(t->expr)->parts, bind_ident(b, r->alias, &star->base));
        }
        node_push(b->a, &node_column_ref(t->expr)->parts, bind_ident(b, c->name, &star->base));
    }
    t->alias = bind_ident(b, rename ? ident_text(rename->alias) : c->label, &star->base);
    node_push(b->a, targets, target);
}

/* Every name of EXCLUDE, REPLACE, RENAME must be of a column that the star has. */
static enum status check_star(struct binder *b, const struct scope *s, const struct node_star *star,
                              struct str qualifier)
{
    const struct node_list *lists[] = {&star->exclude, &star->replace, &star->rename};
    for (int l = 0; l < 3; l++) {
        for (uint32_t i = 0; i < lists[l]->n; i++) {
            struct node *item = lists[l]->at[i];
            struct node_list *parts = NULL;
            struct str name;
            if (l == 1) {
                name = ident_text(node_target(item)->alias);
            } else {
                if (l == 2 && node_target(item)->expr->kind != NODE_COLUMN_REF) {
                    return bind_fail(b, item, ERR_UNSUPPORTED, "RENAME takes a column's name");
                }
                parts =
                    l ? &node_column_ref(node_target(item)->expr)->parts : &node_name(item)->parts;
                name = ident_text(parts->at[parts->n - 1]);
            }
            bool is_known = false;
            for (size_t r = 0; r < s->ranges.n; r++) {
                const struct range *range = s->ranges.at[r];
                for (size_t k = 0; k < range->n; k++) {
                    is_known |= (!qualifier.n || str_ieq(range->alias, qualifier)) &&
                                str_ieq(range->columns[k].name, name);
                }
            }
            if (!is_known) {
                return bind_fail(b, item, ERR_UNKNOWN_COLUMN, "column \"%.*s\" is not in the star",
                                 STR_ARG(name));
            }
        }
    }
    return OK;
}

/* s.* of a column that is a structure: its fields. */
static enum status star_of_fields(struct binder *b, struct scope *s, const struct node_star *star,
                                  struct node_list *targets, bool *is_found)
{
    struct node *value = node_new(b->a, NODE_COLUMN_REF, star->base.offset);
    struct bound_expr v;
    struct found f = scope_find(b->ctx, s, &star->qualifier);
    if (f.count != 1) {
        return OK;
    }
    for (uint32_t i = 0; i < star->qualifier.n; i++) {
        node_push(b->a, &node_column_ref(value)->parts, star->qualifier.at[i]);
    }
    struct node *written = node_copy(b->a, value);
    if (bind_reference(b, s, &value, &v) != OK) {
        return FAIL;
    }
    *is_found = v.type->kind == TYPE_STRUCT;
    for (uint32_t i = 0; *is_found && i < v.type->field_count; i++) {
        struct str name = v.type->fields[i].name;
        struct node *target = node_new(b->a, NODE_TARGET, star->base.offset);
        struct node *field = node_new(b->a, NODE_FIELD, star->base.offset);
        struct node_target *replace = target_for(&star->replace, name, false);
        struct node_target *rename = target_for(&star->rename, name, true);
        if (is_named(&star->exclude, name)) {
            continue;
        }
        node_field(field)->operand = node_copy(b->a, written);
        node_field(field)->name = bind_ident(b, name, &star->base);
        node_target(target)->expr = replace ? node_copy(b->a, replace->expr) : field;
        node_target(target)->alias =
            bind_ident(b, rename ? ident_text(rename->alias) : name, &star->base);
        node_push(b->a, targets, target);
    }
    return OK;
}

static bool has_range(const struct scope *s, struct str alias)
{
    for (size_t i = 0; i < s->ranges.n; i++) {
        if (str_ieq(s->ranges.at[i]->alias, alias)) {
            return true;
        }
    }
    return false;
}

/* Writes the star out as references in their written form; the caller binds them
 * like any others. */
enum status bind_star(struct binder *b, struct scope *s, const struct node_star *star,
                      struct node_list *targets)
{
    const struct node_list *q = &star->qualifier;
    struct str alias = q->n ? ident_text(q->at[q->n - 1]) : STR("");
    bool any = false;
    if (alias.n && !has_range(s, alias) && star_of_fields(b, s, star, targets, &any) != OK) {
        return FAIL;
    }
    if (any) {
        return OK;
    }
    if (check_star(b, s, star, alias) != OK) {
        return FAIL;
    }
    struct star_column *columns;
    size_t n = bind_star_columns(b, s, !alias.n, &columns);
    for (size_t i = 0; i < n; i++) {
        struct range *r = columns[i].range;
        if (r->is_hidden || (q->n && !range_is_named(b->ctx, r, q, q->n))) {
            continue;
        }
        any = true;
        if (alias.n || !r->columns[columns[i].column].is_merged_away) {
            push_column(b, star, r, columns[i].column, !alias.n, targets);
        }
    }
    if (any) {
        return OK;
    }
    if (alias.n) {
        return bind_fail(b, &star->base, ERR_UNKNOWN_TABLE,
                         "missing FROM-clause entry for table \"%.*s\"", STR_ARG(alias));
    }
    return bind_fail(b, &star->base, ERR_BAD_SQL, "SELECT * with no tables specified is not valid");
}
