/* Scopes: FROM items, their columns, and the names that are unique in the statement. */
#include "sql/bind_state.h"

/* ---- names ---- */

struct str ident_text(const struct node *n)
{
    return n ? node_ident_const(n)->text : STR("");
}

struct str bind_fold(struct arena *a, struct str s)
{
    return arena_lower(a, s);
}

/* `wanted`, or `wanted` and the separator and the next number that is free among `names`; taken
 * then. Each name remembers where to go on, so that many of one name cost no more than many of
 * different. */
static struct str take_name(struct arena *a, struct map *names, struct str wanted,
                            const char *separator)
{
    struct str key = bind_fold(a, wanted), name = wanted;
    unsigned *next = map_get(names, key);
    while (next && map_get(names, bind_fold(a, name))) {
        name = str_of(arena_printf(a, "%.*s%s%u", STR_ARG(wanted), separator, (*next)++));
    }
    unsigned *first = ARENA_NEW(a, unsigned);
    *first = 1;
    map_put(names, bind_fold(a, name), first);
    return name;
}

/* A statement's name that looks like a filter's gets another: see BIND_OF_FILTER. */
struct str bind_unique(struct binder *b, struct str wanted)
{
    static const struct str reserved = {BIND_OF_FILTER, sizeof BIND_OF_FILTER - 1};
    bool looks_like_one =
        wanted.n >= reserved.n && str_ieq((struct str){wanted.p, reserved.n}, reserved);
    const char *prefix = b->prefix ? b->prefix : looks_like_one ? "_" : "";
    struct str name = str_of(arena_printf(b->a, "%s%.*s", prefix, STR_ARG(wanted)));
    return take_name(b->a, b->names, name, "#");
}

struct node *bind_ident(struct binder *b, struct str text, const struct node *at)
{
    struct node *n = node_new(b->a, NODE_IDENT, at ? at->offset : 0);
    node_ident(n)->text = text;
    node_ident(n)->quoted = 1;
    return n;
}

/* What the text of a view or a row filter names has no place in the client's. */
void bind_note_reference(struct binder *b, const struct lineage *origins, const struct node *at)
{
    struct reference reference = {origins, at ? at->offset : 0, b->place, false};
    if (reference.offset && b->view_depth == 0 && !b->prefix) {
        VEC_PUSH(b->a, b->references, reference);
    }
}

struct node *bind_column_ref(struct binder *b, const struct range *r, size_t column,
                             const struct node *at)
{
    struct node *n = node_new(b->a, NODE_COLUMN_REF, at ? at->offset : 0);
    struct node_column_ref *ref = node_column_ref(n);
    if (r->columns[column].number) {
        bind_row_number_read(b, r->columns[column].number, r->columns[column].name, at);
    }
    bind_need(b, r->columns[column].deferred);
    bind_note_reference(b, r->columns[column].value.origins, at);
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
        r->columns[i].deferred = columns->deferred ? columns->deferred[i] : NULL;
    }
    range_tell_apart(b, r);
    return r;
}

/* A mask may show a column in another type; not what is written, nor the row that a filter is asked
 * of, which nothing in the text refers to. */
static const struct type *shown_type(const struct binder *b, const struct bound_table *t, size_t i)
{
    bool may_be_masked = b->ctx->shown_type && !t->written && t->ref;
    return may_be_masked ? b->ctx->shown_type(b->ctx->shown, t->table, i)
                         : t->table->columns[i].type;
}

struct range *range_of_table(struct binder *b, struct str alias, struct bound_table *t)
{
    struct range *r = range_new(b, alias, t->table->column_count);
    r->table = t;
    for (size_t i = 0; i < r->n; i++) {
        const struct column *c = &t->table->columns[i];
        set_column(b, r, i, c->name,
                   (struct bound_expr){shown_type(b, t, i),
                                       bind_column_origins(b, t->table, (int)i), !c->generated.p,
                                       false});
    }
    return r;
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

struct bound_table *bind_new_table(struct binder *b, const struct table *t, struct node *ref,
                                   bool written)
{
    struct bound_table *bound = ARENA_NEW(b->a, struct bound_table);
    bound->table = t;
    bound->written = written;
    bound->in_view = b->view_depth > 0 || b->prefix; /* a filter is nothing that a client wrote */
    bound->columns_used = ARENA_ARRAY(b->a, bool, t->column_count);
    bound->columns_written = ARENA_ARRAY(b->a, bool, t->column_count);
    bound->ref = ref;
    return bound;
}

struct bound_table *bind_add_table(struct binder *b, const struct table *t, struct node *ref,
                                   bool written)
{
    struct bound_table *bound = bind_new_table(b, t, ref, written);
    bound->id = (uint32_t)b->tables.n;
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
