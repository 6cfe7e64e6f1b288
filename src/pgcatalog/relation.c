#include "pgcatalog/relation.h"

#include "sql/make.h"

#define ROWS "r"

struct relation relation_new(const struct bind_context *ctx, const struct relation_column *columns,
                             size_t column_count)
{
    return (struct relation){.ctx = ctx,
                             .columns = columns,
                             .column_count = column_count,
                             .values = node_new(ctx->arena, NODE_VALUES, 0)};
}

static void add_cell(struct relation *r, struct node *cell)
{
    struct arena *a = r->ctx->arena;
    if (r->list) {
        node_push(a, &node_list_lit(r->list)->items, cell);
        return;
    }
    if (!r->row) {
        r->row = node_new(a, NODE_ROW, 0);
    }
    node_push(a, &node_row(r->row)->items, cell);
    if (node_row(r->row)->items.n == r->column_count) {
        node_push(a, &node_values(r->values)->rows, r->row);
        r->row = NULL;
    }
}

void relation_null(struct relation *r)
{
    add_cell(r, make_literal(r->ctx->arena, LIT_NULL, STR_NULL));
}

void relation_text(struct relation *r, struct str text)
{
    if (!text.p) {
        relation_null(r);
        return;
    }
    add_cell(r, make_literal(r->ctx->arena, LIT_STRING, arena_str(r->ctx->arena, text)));
}

void relation_word(struct relation *r, const char *text)
{
    relation_text(r, text ? str_of(text) : STR_NULL);
}

void relation_number(struct relation *r, int64_t number)
{
    struct arena *a = r->ctx->arena;
    add_cell(r, make_literal(a, LIT_INTEGER, str_of(arena_printf(a, "%lld", (long long)number))));
}

void relation_number_or_null(struct relation *r, int number)
{
    if (number < 0) {
        relation_null(r);
    } else {
        relation_number(r, number);
    }
}

void relation_begin_list(struct relation *r)
{
    r->list = node_new(r->ctx->arena, NODE_LIST, 0);
}

void relation_end_list(struct relation *r)
{
    struct node *list = r->list;
    r->list = NULL;
    add_cell(r, list);
}

void relation_bool(struct relation *r, bool value)
{
    add_cell(r, make_literal(r->ctx->arena, value ? LIT_TRUE : LIT_FALSE, STR_NULL));
}

static bool is_plain(struct str name)
{
    bool plain = name.n > 0 && !(name.p[0] >= '0' && name.p[0] <= '9');
    for (size_t i = 0; i < name.n && plain; i++) {
        char c = name.p[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '_' || c == '$';
    }
    return plain;
}

void relation_name(struct relation *r, struct str name)
{
    if (r->ctx->dialect != DIALECT_SNOWFLAKE || r->ctx->stored_names || !is_plain(name)) {
        relation_text(r, name);
        return;
    }
    char *upper = arena_strdup(r->ctx->arena, name);
    for (size_t i = 0; i < name.n; i++) {
        upper[i] = upper[i] >= 'a' && upper[i] <= 'z' ? (char)(upper[i] - 'a' + 'A') : upper[i];
    }
    relation_text(r, (struct str){upper, name.n});
}

/* VALUES has a row at least: of an empty relation one that WHERE takes away. */
static struct node *rows_of(const struct relation *r)
{
    if (node_values(r->values)->rows.n) {
        return r->values;
    }
    struct relation one = relation_new(r->ctx, r->columns, r->column_count);
    for (size_t i = 0; i < r->column_count; i++) {
        relation_null(&one);
    }
    return one.values;
}

struct node *relation_query(const struct relation *r)
{
    struct arena *a = r->ctx->arena;
    struct node *derived = make_derived(a, make_query(a, rows_of(r)), STR(ROWS));
    struct node *select = node_new(a, NODE_SELECT, 0);
    for (size_t i = 0; i < r->column_count; i++) {
        struct str name = str_of(r->columns[i].name);
        struct node *value = make_column(a, STR(ROWS), name, NULL);
        node_push(a, &node_derived(derived)->columns, make_ident(a, name));
        const struct type *type = type_simple(r->columns[i].kind);
        type = r->columns[i].is_list ? type_list(a, type) : type;
        node_push(a, &node_select(select)->targets,
                  make_target(a, make_cast(a, value, type), name));
    }
    node_select(select)->from = derived;
    if (!node_values(r->values)->rows.n) {
        node_select(select)->where = make_literal(a, LIT_FALSE, STR_NULL);
    }
    return make_query(a, select);
}
