/* What a column reference means. The innermost query that knows the name wins; two answers within
 * one query are an error, never a choice. */
#include "sql/bind_state.h"
#include "sql/bind_suggest.h"

static void note(struct found *f, const struct range *r, size_t column, size_t parts)
{
    f->range = r;
    f->column = column;
    f->parts = parts;
    f->count++;
}

static bool may_have_fields(const struct type *t)
{
    return t->kind == TYPE_STRUCT || t->kind == TYPE_UNION || t->kind == TYPE_UNKNOWN ||
           t->kind == TYPE_OTHER;
}

static const struct type *field_type(const struct type *t, struct str name)
{
    bool has_fields = t->kind == TYPE_STRUCT || t->kind == TYPE_UNION;
    for (uint32_t i = 0; has_fields && i < t->field_count; i++) {
        if (str_ieq(t->fields[i].name, name)) {
            return t->fields[i].type;
        }
    }
    return NULL;
}

/* Is a column of this type meant by a name of which `field` (empty: nothing) is left over? Where an
 * enclosing query has a table of the name, a structure without such a field isn't. */
static bool is_meant(const struct scope *s, const struct type *t, struct str name, struct str field)
{
    if (!field.n) {
        return true;
    }
    bool lacks_it = t->kind == TYPE_STRUCT && !field_type(t, field);
    return may_have_fields(t) && !(lacks_it && scope_names_range(s->parent, name));
}

static void find_bare(const struct scope *s, struct str name, struct str field, struct found *f)
{
    for (size_t i = s->first_visible; i < s->ranges.n; i++) {
        const struct range *r = s->ranges.at[i];
        for (size_t k = 0; k < r->n && !r->is_hidden; k++) {
            const struct range_column *c = &r->columns[k];
            if (!c->is_merged_away && str_ieq(c->name, name) &&
                is_meant(s, c->value.type, name, field)) {
                note(f, r, k, 1);
            }
        }
    }
}

static void find_qualified(const struct bind_context *c, const struct scope *s,
                           const struct node_list *parts, size_t n, struct found *f)
{
    struct str name = ident_text(parts->at[n - 1]);
    for (size_t i = 0; i < s->ranges.n; i++) {
        const struct range *r = s->ranges.at[i];
        if (r->is_hidden || !range_is_named(c, r, parts, n - 1)) {
            continue;
        }
        for (size_t k = 0; k < r->n; k++) {
            if (str_ieq(r->columns[k].name, name)) {
                note(f, r, k, n);
            }
        }
    }
}

bool range_is_named(const struct bind_context *c, const struct range *r,
                    const struct node_list *parts, size_t n)
{
    return n <= 3 && str_ieq(r->alias, ident_text(parts->at[n - 1])) &&
           (n < 2 || str_ieq(sql_bare_schema(r->schema), ident_text(parts->at[n - 2]))) &&
           (n < 3 || str_ieq(sql_database_of(c, r->schema), ident_text(parts->at[n - 3])));
}

/* table.column, then schema.table.column and database.schema.table.column, then column.field, as
 * the engine has it. */
struct found scope_find(const struct bind_context *c, const struct scope *s,
                        const struct node_list *parts)
{
    struct found f = {0};
    for (size_t n = 2; n <= 4 && n <= parts->n && !f.count; n++) {
        find_qualified(c, s, parts, n, &f);
    }
    if (!f.count) {
        find_bare(s, ident_text(parts->at[0]), parts->n > 1 ? ident_text(parts->at[1]) : STR(""),
                  &f);
    }
    return f;
}

static void mark_used(struct binder *b, const struct range *r, size_t column)
{
    if (r->table) {
        bind_mark_column(b, r->table, column);
    }
}

/* A bare name of a USING column stands for the merged one. */
static struct node *reference_to(struct binder *b, const struct found *f, const struct node *at,
                                 struct bound_expr *out)
{
    const struct range_column *c = &f->range->columns[f->column];
    if (f->parts == 1 && c->merged) {
        *out = c->merged_value;
        return node_copy(b->a, c->merged);
    }
    mark_used(b, f->range, f->column);
    *out = c->value;
    return bind_column_ref(b, f->range, f->column, at);
}

static struct node *take_fields(struct binder *b, struct node *n, const struct node_list *parts,
                                size_t from, struct bound_expr *value)
{
    for (size_t i = from; i < parts->n; i++) {
        struct node *field = node_new(b->a, NODE_FIELD, n->offset);
        node_field(field)->operand = n;
        node_field(field)->name = parts->at[i];
        const struct type *type = field_type(value->type, ident_text(parts->at[i]));
        field->type = value->type = type ? type : type_simple(TYPE_UNKNOWN);
        n = field;
    }
    if (from < parts->n) {
        bind_use(b, value->origins);
        value->origins = lineage_derived(b->a, value->origins);
        value->is_bare = false;
        b->out->may_fail = true;
    }
    return n;
}

static bool find_lambda(struct binder *b, const struct scope *s, struct node_column_ref *ref,
                        struct bound_expr *out)
{
    struct str name = ident_text(ref->parts.at[0]);
    for (const struct lambda_param *p = s->lambdas; p; p = p->next) {
        if (str_ieq(p->name, name)) {
            /* What the elements come from is already used: the list is an argument of the call. */
            ref->parts.at[0] = bind_ident(b, p->unique, ref->parts.at[0]);
            const struct type *t = ref->parts.n == 1 ? p->type : type_simple(TYPE_UNKNOWN);
            *out = (struct bound_expr){t, lineage_none(), false, false};
            b->out->may_fail |= ref->parts.n > 1;
            return true;
        }
    }
    return false;
}

bool scope_names_range(const struct scope *s, struct str name)
{
    for (; s; s = s->parent) {
        for (size_t i = 0; i < s->ranges.n; i++) {
            if (str_ieq(s->ranges.at[i]->alias, name) && !s->ranges.at[i]->is_hidden) {
                return true;
            }
        }
    }
    return false;
}

/* The row of a FROM item: a structure of its columns. */
static enum status whole_row(struct binder *b, struct scope *s, struct node **n,
                             struct bound_expr *out, bool *is_found)
{
    const struct node_list *parts = &node_column_ref(*n)->parts;
    const struct range *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < s->ranges.n && parts->n == 1; i++) {
        const struct range *r = s->ranges.at[i];
        bool is_it = !r->is_hidden && str_ieq(r->alias, ident_text(parts->at[0]));
        found = is_it ? r : found;
        count += is_it;
    }
    if (count != 1) {
        return OK;
    }
    struct node *row = node_new(b->a, NODE_STRUCT, (*n)->offset);
    row->length = (*n)->length;
    for (size_t k = 0; k < found->n; k++) {
        struct node *field = node_new(b->a, NODE_NAMED_ARG, (*n)->offset);
        struct node *column = node_new(b->a, NODE_COLUMN_REF, (*n)->offset);
        node_push(b->a, &node_column_ref(column)->parts, bind_ident(b, found->alias, *n));
        node_push(b->a, &node_column_ref(column)->parts, bind_ident(b, found->columns[k].name, *n));
        node_named_arg(field)->name = found->columns[k].name;
        node_named_arg(field)->value = column;
        node_push(b->a, &node_struct_lit(row)->fields, field);
    }
    b->nodes_copied += 3 * found->n;
    if (b->nodes_copied > BIND_MAX_COPIED) {
        return bind_fail(b, *n, ERR_STATEMENT_TOO_COMPLEX, "too many whole rows");
    }
    *is_found = true;
    *n = row;
    return bind_expr(b, s, n, out);
}

void bind_suggest_column(struct binder *b, const struct scope *s, struct str name)
{
    struct suggestion best = suggestion_for(name);
    for (; s; s = s->parent) {
        for (size_t i = 0; i < s->ranges.n; i++) {
            const struct range *r = s->ranges.at[i];
            for (size_t k = 0; k < r->n && !r->is_hidden; k++) {
                suggestion_offer(&best, r->columns[k].name, r->columns[k].name);
            }
        }
    }
    if (best.text.n) {
        (void)error_hint(b->e, "Perhaps you meant the column \"%.*s\".", STR_ARG(best.text));
    }
}

static enum status not_found(struct binder *b, const struct scope *s, const struct node *n)
{
    const struct node_list *parts = &node_column_ref_const(n)->parts;
    struct str first = ident_text(parts->at[0]), last = ident_text(parts->at[parts->n - 1]);
    if (parts->n > 1 && !scope_names_range(s, first) &&
        !scope_names_range(s, ident_text(parts->at[1]))) {
        return bind_fail(b, n, ERR_UNKNOWN_TABLE, "missing FROM-clause entry for table \"%.*s\"",
                         STR_ARG(first));
    }
    if (parts->n > 1) {
        (void)bind_fail(b, n, ERR_UNKNOWN_COLUMN, "column %.*s.%.*s does not exist", STR_ARG(first),
                        STR_ARG(last));
    } else {
        (void)bind_fail(b, n, ERR_UNKNOWN_COLUMN, "column \"%.*s\" does not exist", STR_ARG(last));
    }
    bind_suggest_column(b, s, last);
    return FAIL;
}

enum status bind_reference(struct binder *b, struct scope *s, struct node **n,
                           struct bound_expr *out)
{
    struct node_column_ref *ref = node_column_ref(*n);
    const struct node_list parts = ref->parts;
    if (find_lambda(b, s, ref, out)) {
        return OK;
    }
    for (struct scope *at = s; at; at = at->parent) {
        struct found f = scope_find(b->ctx, at, &parts);
        if (f.count > 1) {
            return bind_fail(b, *n, ERR_AMBIGUOUS_COLUMN, "column reference \"%.*s\" is ambiguous",
                             STR_ARG(ident_text(parts.at[f.parts - 1])));
        }
        if (f.count == 1) {
            const struct type *t = f.range->columns[f.column].value.type;
            if (f.parts == parts.n || may_have_fields(t)) {
                b->has_correlated |= at != s;
                *n = take_fields(b, reference_to(b, &f, *n, out), &parts, f.parts, out);
                return OK;
            }
        }
        if (f.count == 0 && bind_pseudo_column(b, at, n, out)) {
            return OK;
        }
        bool is_found = false;
        if (bind_macro_param(b, s, at, n, out, &is_found) != OK || is_found) {
            return is_found ? OK : FAIL;
        }
        if (bind_alias(b, at, n, out, &is_found) != OK ||
            (!is_found && whole_row(b, at, n, out, &is_found) != OK)) {
            return FAIL;
        }
        if (is_found) {
            return OK;
        }
    }
    bool is_sequence = false;
    enum status sequence = bind_sequence_column(b, n, out, &is_sequence);
    return is_sequence ? sequence : not_found(b, s, *n);
}

bool scope_has_column(const struct scope *s, struct str name)
{
    struct found f = {0};
    find_bare(s, name, STR(""), &f);
    return f.count > 0;
}
