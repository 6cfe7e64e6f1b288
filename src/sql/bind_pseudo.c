/* What may be read beside the columns of a table, where no column has its name: the number of a
 * row, that of its relation, and what MERGE did of it. */
#include "sql/bind_state.h"
#include "sql/make.h"

/* The number of a row in its table: rowid, where no column has that name. A table's own occurrence
 * must be meant, and only one can be. */
static bool find_rowid(struct binder *b, const struct scope *s, const struct node_list *parts,
                       struct node **n, struct bound_expr *out)
{
    struct str name = ident_text(parts->at[parts->n - 1]);
    struct range *found = NULL;
    size_t count = 0;
    for (size_t i = s->first_visible; i < s->ranges.n && parts->n <= 2; i++) {
        struct range *r = s->ranges.at[i];
        bool is_meant = parts->n == 1 || str_ieq(r->alias, ident_text(parts->at[0]));
        if (!r->is_hidden && r->table && is_meant) {
            found = r;
            count++;
        }
    }
    if (count != 1 || !str_iis(name, "rowid")) {
        return false;
    }
    struct bound_column *bound = ARENA_NEW(b->a, struct bound_column);
    *bound = (struct bound_column){.column = -1, .origins = lineage_none()};
    struct node *ref = node_new(b->a, NODE_COLUMN_REF, (*n)->offset);
    node_push(b->a, &node_column_ref(ref)->parts, bind_ident(b, found->name, *n));
    node_push(b->a, &node_column_ref(ref)->parts, bind_ident(b, STR("rowid"), *n));
    node_column_ref(ref)->bound = bound;
    ref->length = (*n)->length;
    ref->type = type_simple(TYPE_INT8);
    found->table->rowid_used = true;
    *n = ref;
    *out = (struct bound_expr){ref->type, lineage_none(), false, false};
    return true;
}

/* What MERGE did of a row: INSERT, UPDATE or DELETE. */
static bool find_merge_action(struct binder *b, const struct scope *s,
                              const struct node_list *parts, struct node **n,
                              struct bound_expr *out)
{
    if (!s->is_of_merge || parts->n != 1 || !str_iis(ident_text(parts->at[0]), "merge_action")) {
        return false;
    }
    struct node *ref = make_column(b->a, STR(""), STR("merge_action"), type_simple(TYPE_TEXT));
    struct bound_column *bound = ARENA_NEW(b->a, struct bound_column);
    *bound = (struct bound_column){.column = -1, .origins = lineage_none()};
    node_column_ref(ref)->bound = bound;
    ref->offset = (*n)->offset;
    ref->length = (*n)->length;
    *n = ref;
    *out = (struct bound_expr){ref->type, lineage_none(), false, false};
    return true;
}

/* The number of the relation that the row is of, where no column has the name tableoid. */
static bool find_tableoid(struct binder *b, const struct scope *s, const struct node_list *parts,
                          struct node **n, struct bound_expr *out)
{
    const struct range *found = NULL;
    int64_t number = 0;
    if (parts->n > 2 || !str_iis(ident_text(parts->at[parts->n - 1]), "tableoid")) {
        return false;
    }
    for (size_t i = s->first_visible; i < s->ranges.n; i++) {
        const struct range *r = s->ranges.at[i];
        bool is_meant = parts->n == 1 || str_ieq(r->alias, ident_text(parts->at[0]));
        if (is_meant && !r->is_hidden) {
            if (found) {
                return false;
            }
            found = r;
        }
    }
    if (!found || (!found->table && !found->system.n)) {
        return false;
    }
    if (found->table) {
        number = found->table->table->oid;
    } else if (!b->ctx->find_object ||
               !b->ctx->find_object(b->ctx, ALIAS_REGCLASS, NULL, 0, found->system, &number)) {
        return false;
    }
    struct node *literal =
        make_literal(b->a, LIT_INTEGER, str_of(arena_printf(b->a, "%lld", (long long)number)));
    *n = make_cast(b->a, literal, type_aliased(ALIAS_OID));
    *out = (struct bound_expr){(*n)->type, lineage_none(), false, true};
    return true;
}

bool bind_pseudo_column(struct binder *b, const struct scope *s, struct node **n,
                        struct bound_expr *out)
{
    const struct node_list parts = node_column_ref(*n)->parts;
    return find_rowid(b, s, &parts, n, out) || find_merge_action(b, s, &parts, n, out) ||
           find_tableoid(b, s, &parts, n, out);
}
