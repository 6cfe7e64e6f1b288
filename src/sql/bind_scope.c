/* Scopes: FROM items and what a name means among them. The innermost query that knows the name
 * wins; two answers within one query are an error, never a choice. */
#include <stdarg.h>
#include <stdio.h>

#include "sql/bind_state.h"
#include "sql/bind_suggest.h"

/* ---- errors, limits, uses ---- */

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

/* ---- names ---- */

struct str ident_text(const struct node *n)
{
    return n ? node_ident_const(n)->text : STR("");
}

static struct str fold(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char)(p[i] - 'A' + 'a');
        }
    }
    return (struct str){p, s.n};
}

/* `wanted`, or `wanted` and the separator and the next number that is free among `names`; taken
 * then. Each name remembers where to go on, so that many of one name cost no more than many of
 * different. */
static struct str take_name(struct arena *a, struct map *names, struct str wanted,
                            const char *separator)
{
    struct str key = fold(a, wanted), name = wanted;
    unsigned *next = map_get(names, key);
    while (next && map_get(names, fold(a, name))) {
        name = str_of(arena_printf(a, "%.*s%s%u", STR_ARG(wanted), separator, (*next)++));
    }
    unsigned *first = ARENA_NEW(a, unsigned);
    *first = 1;
    map_put(names, fold(a, name), first);
    return name;
}

struct str bind_unique(struct binder *b, struct str wanted)
{
    return take_name(b->a, b->names, arena_str(b->a, wanted), "#");
}

struct node *bind_ident(struct binder *b, struct str text, const struct node *at)
{
    struct node *n = node_new(b->a, NODE_IDENT, at ? at->offset : 0);
    node_ident(n)->text = text;
    node_ident(n)->quoted = 1;
    return n;
}

struct node *bind_column_ref(struct binder *b, const struct range *r, size_t column,
                             const struct node *at)
{
    struct node *n = node_new(b->a, NODE_COLUMN_REF, at ? at->offset : 0);
    struct node_column_ref *ref = node_column_ref(n);
    if (r->columns[column].number) {
        bind_row_number_read(b, r->columns[column].number, r->columns[column].name, at);
    }
    node_push(b->a, &ref->parts, bind_ident(b, r->name, at));
    node_push(b->a, &ref->parts, bind_ident(b, r->columns[column].name, at));
    ref->bound = r->columns[column].bound;
    n->length = at ? at->length : 0;
    n->type = r->columns[column].value.type;
    return n;
}

/* ---- ranges ---- */

struct range *range_new(struct binder *b, struct str alias, size_t columns)
{
    struct range *r = ARENA_NEW(b->a, struct range);
    r->alias = alias;
    r->name = bind_unique(b, alias);
    r->columns = ARENA_ARRAY(b->a, struct range_column, columns);
    r->n = columns;
    VEC_PUSH(b->a, b->all_ranges, r);
    return r;
}

static void set_column(struct binder *b, struct range *r, size_t i, struct str name,
                       struct bound_expr value)
{
    struct range_column *c = &r->columns[i];
    c->name = c->label = name;
    c->value = value;
    c->bound = ARENA_NEW(b->a, struct bound_column);
    c->bound->table = r->table;
    c->bound->column = r->table ? (int)i : -1;
    c->bound->origins = value.origins;
}

/* Two columns of one name: the later one is told apart, so that a star can name both. */
void range_tell_apart(struct binder *b, struct range *r)
{
    struct map *seen = map_new();
    for (size_t i = 0; i < r->n; i++) {
        r->columns[i].name = take_name(b->a, seen, r->columns[i].name, "_");
    }
    map_free(seen, NULL);
}

struct range *range_of_columns(struct binder *b, struct str alias, const struct columns *columns)
{
    struct range *r = range_new(b, alias, columns->n);
    for (size_t i = 0; i < columns->n; i++) {
        const struct output_column *c = &columns->at[i];
        set_column(b, r, i, c->name, (struct bound_expr){c->type, c->origins, c->is_bare, false});
    }
    range_tell_apart(b, r);
    return r;
}

struct range *range_of_table(struct binder *b, struct str alias, struct bound_table *t)
{
    struct range *r = range_new(b, alias, t->table->column_count);
    r->table = t;
    for (size_t i = 0; i < r->n; i++) {
        const struct column *c = &t->table->columns[i];
        set_column(b, r, i, c->name,
                   (struct bound_expr){c->type, bind_column_origins(b, t->table, (int)i),
                                       !c->generated.p, false});
    }
    return r;
}

/* A generated column is read where those are that it is made of. */
void bind_mark_column(struct bound_table *t, size_t column)
{
    const struct column *c = &t->table->columns[column];
    t->columns_used[column] = true;
    for (size_t i = 0; i < c->from_count; i++) {
        t->columns_used[c->from[i]] = true;
    }
}

const struct lineage *bind_column_origins(struct binder *b, const struct table *t, int column)
{
    const struct column *c = &t->columns[column];
    if (!c->generated.p) {
        return lineage_column(b->a, t, column);
    }
    struct lineage *l = ARENA_NEW(b->a, struct lineage);
    b->out->may_fail = true; /* its expression may */
    *l = (struct lineage){.at = ARENA_ARRAY(b->a, struct origin, c->from_count + 1)};
    bool has_itself = false;
    for (size_t i = 0; i <= c->from_count; i++) {
        bool is_next = !has_itself && (i == c->from_count || c->from[i] > column);
        if (is_next) {
            l->at[l->n++] = (struct origin){t, column, ORIGIN_DERIVED};
            has_itself = true;
        }
        if (i < c->from_count) {
            l->at[l->n++] = (struct origin){t, c->from[i], ORIGIN_DERIVED};
        }
    }
    return l;
}

struct bound_table *bind_add_table(struct binder *b, const struct table *t, struct node *ref,
                                   bool written)
{
    struct bound_table *bound = ARENA_NEW(b->a, struct bound_table);
    bound->id = (uint32_t)b->tables.n;
    bound->table = t;
    bound->written = written;
    bound->in_view = b->view_depth > 0;
    bound->columns_used = ARENA_ARRAY(b->a, bool, t->column_count);
    bound->columns_written = ARENA_ARRAY(b->a, bool, t->column_count);
    bound->ref = ref;
    VEC_PUSH(b->a, b->tables, bound);
    if (ref) {
        node_table_ref(ref)->bound = bound;
    }
    return bound;
}

void bind_add_view(struct binder *b, const struct table *view)
{
    struct bound_view opened = {view, b->view_depth > 0};
    VEC_PUSH(b->a, b->views, opened);
}

/* DuckDB takes a name twice in FROM: each column is found where only one of them has it. */
static bool may_share_alias(const struct binder *b, const struct range *x, const struct range *y)
{
    bool two_schemas = x->schema.n && y->schema.n && !str_ieq(x->schema, y->schema);
    bool is_written = (x->table && x->table->written) || (y->table && y->table->written);
    bool is_lax = b->ctx->dialect == DIALECT_DUCKDB || b->lasting_views;
    return two_schemas || (is_lax && !is_written);
}

enum status scope_add(struct binder *b, struct scope *s, struct range *r, const struct node *at)
{
    if (b->all_ranges.n > BIND_MAX_RANGES || r->n > BIND_MAX_COLUMNS) {
        return bind_fail(b, at, ERR_STATEMENT_TOO_COMPLEX, "too many tables or columns");
    }
    for (size_t i = 0; i < s->ranges.n; i++) {
        const struct range *other = s->ranges.at[i];
        if (str_ieq(other->alias, r->alias) && !may_share_alias(b, other, r)) {
            return bind_fail(b, at, ERR_DUPLICATE_ALIAS,
                             "table name \"%.*s\" specified more than once", STR_ARG(r->alias));
        }
    }
    VEC_PUSH(b->a, s->ranges, r);
    return OK;
}

/* ---- references ---- */

struct found {
    const struct range *range;
    size_t column, count;
    size_t parts; /* of the name that were used; the rest are fields of a structure */
};

static void note(struct found *f, const struct range *r, size_t column, size_t parts)
{
    f->range = r;
    f->column = column;
    f->parts = parts;
    f->count++;
}

static void find_bare(const struct scope *s, struct str name, struct found *f)
{
    for (size_t i = s->first_visible; i < s->ranges.n; i++) {
        const struct range *r = s->ranges.at[i];
        for (size_t k = 0; k < r->n && !r->is_hidden; k++) {
            if (!r->columns[k].is_merged_away && str_ieq(r->columns[k].name, name)) {
                note(f, r, k, 1);
            }
        }
    }
}

static void find_qualified(const struct scope *s, struct str schema, struct str alias,
                           struct str name, size_t parts, struct found *f)
{
    for (size_t i = 0; i < s->ranges.n; i++) {
        const struct range *r = s->ranges.at[i];
        if (r->is_hidden || !str_ieq(r->alias, alias) ||
            (schema.n && !str_ieq(r->schema, schema))) {
            continue;
        }
        for (size_t k = 0; k < r->n; k++) {
            if (str_ieq(r->columns[k].name, name)) {
                note(f, r, k, parts);
            }
        }
    }
}

/* table.column, then schema.table.column, then column.field, as the engine has it. */
static struct found find_in(const struct scope *s, const struct node_list *parts)
{
    struct found f = {0};
    struct str part[3] = {{0}};
    for (size_t i = 0; i < parts->n && i < 3; i++) {
        part[i] = ident_text(parts->at[i]);
    }
    if (parts->n >= 2) {
        find_qualified(s, STR(""), part[0], part[1], 2, &f);
    }
    if (!f.count && parts->n >= 3) {
        find_qualified(s, part[0], part[1], part[2], 3, &f);
    }
    if (!f.count) {
        find_bare(s, part[0], &f);
    }
    return f;
}

static void mark_used(const struct range *r, size_t column)
{
    if (r->table) {
        bind_mark_column(r->table, column);
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
    mark_used(f->range, f->column);
    *out = c->value;
    return bind_column_ref(b, f->range, f->column, at);
}

static const struct type *field_type(const struct type *t, struct str name)
{
    for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->field_count; i++) {
        if (str_ieq(t->fields[i].name, name)) {
            return t->fields[i].type;
        }
    }
    return type_simple(TYPE_UNKNOWN);
}

static struct node *take_fields(struct binder *b, struct node *n, const struct node_list *parts,
                                size_t from, struct bound_expr *value)
{
    for (size_t i = from; i < parts->n; i++) {
        struct node *field = node_new(b->a, NODE_FIELD, n->offset);
        node_field(field)->operand = n;
        node_field(field)->name = parts->at[i];
        value->type = field_type(value->type, ident_text(parts->at[i]));
        field->type = value->type;
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
        struct found f = find_in(at, &parts);
        if (f.count > 1) {
            return bind_fail(b, *n, ERR_AMBIGUOUS_COLUMN, "column reference \"%.*s\" is ambiguous",
                             STR_ARG(ident_text(parts.at[f.parts - 1])));
        }
        if (f.count == 1) {
            const struct type *t = f.range->columns[f.column].value.type;
            bool has_fields =
                t->kind == TYPE_STRUCT || t->kind == TYPE_UNKNOWN || t->kind == TYPE_OTHER;
            if (f.parts == parts.n || has_fields) {
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
    find_bare(s, name, &f);
    return f.count > 0;
}

/* ---- stars ---- */

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
    struct found f = find_in(s, &star->qualifier);
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
    struct str schema = q->n > 1 ? ident_text(q->at[q->n - 2]) : STR("");
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
        if (r->is_hidden || (alias.n && !str_ieq(r->alias, alias)) ||
            (schema.n && !str_ieq(r->schema, schema))) {
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

/* The engine could read [alias, column] as a field of a structure column that has
 * the alias's name. */
enum status bind_check_aliases(struct binder *b)
{
    struct map *structures = map_new();
    for (size_t i = 0; i < b->all_ranges.n; i++) {
        const struct range *r = b->all_ranges.at[i];
        for (size_t k = 0; k < r->n; k++) {
            switch (r->columns[k].value.type->kind) {
            case TYPE_UNKNOWN:
            case TYPE_OTHER:
            case TYPE_JSON:
            case TYPE_STRUCT:
            case TYPE_MAP:
            case TYPE_LIST:
            case TYPE_ARRAY:
                map_put(structures, fold(b->a, r->columns[k].name), b);
                break;
            default:
                break;
            }
        }
    }
    enum status status = OK;
    for (size_t i = 0; i < b->all_ranges.n && status == OK; i++) {
        struct str name = b->all_ranges.at[i]->name;
        if (map_count(structures) && map_get(structures, fold(b->a, name))) {
            status = bind_fail(b, NULL, ERR_DUPLICATE_ALIAS,
                               "the alias \"%.*s\" is also the name of a structured column: choose "
                               "another alias",
                               STR_ARG(name));
        }
    }
    map_free(structures, NULL);
    return status;
}
