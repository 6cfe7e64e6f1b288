/* Rows are kept as plain cells until the relation is whole, and become nodes then: of a column that
 * is the same in all rows, one. */
#include "pgcatalog/relation.h"

#include "base/buf.h"
#include "sql/make.h"
#include "wire/oid.h"

#define ROWS "r"

enum cell_kind { CELL_NULL, CELL_TEXT, CELL_NUMBER, CELL_BOOL, CELL_LIST };

struct relation_cell {
    enum cell_kind kind;
    struct str text;
    int64_t number; /* of CELL_BOOL too */
    VEC_OF(struct relation_cell) items;
};

/* ---- columns ---- */

static const struct type *type_called(struct str name)
{
    static const struct {
        const char *name;
        uint32_t oid;
    } types[] = {
        {"bool", OID_BOOL},
        {"char", OID_CHAR},
        {"name", OID_NAME},
        {"int2", OID_INT2},
        {"int4", OID_INT4},
        {"int8", OID_INT8},
        {"oid", OID_OID},
        {"xid", OID_XID},
        {"text", OID_TEXT},
        {"float4", OID_FLOAT4},
        {"float8", OID_FLOAT8},
        {"bytea", OID_BYTEA},
        {"regproc", OID_REGPROC},
        {"regtype", OID_REGTYPE},
        {"aclitem", OID_ACLITEM},
        {"interval", OID_INTERVAL},
        {"timestamptz", OID_TIMESTAMPTZ},
        {"int2vector", OID_INT2VECTOR},
        {"oidvector", OID_OIDVECTOR},
        {"pg_node_tree", OID_NODE_TREE},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_is(name, types[i].name)) {
            enum oid oid = types[i].oid;
            return oid == OID_INT2VECTOR  ? type_aliased(ALIAS_INT2VECTOR)
                   : oid == OID_OIDVECTOR ? type_aliased(ALIAS_OIDVECTOR)
                                          : oid_type(oid);
        }
    }
    return type_simple(TYPE_TEXT);
}

static struct relation_column column_of(struct arena *a, struct str text)
{
    struct str name = str_trim(text);
    while (name.p[name.n - 1] != ' ') {
        name.n--;
    }
    struct str type =
        str_trim((struct str){name.p + name.n, text.n - (size_t)(name.p - text.p) - name.n});
    bool is_list = type.p[0] == '_';
    name.n--;
    const struct type *t = type_called((struct str){type.p + is_list, type.n - is_list});
    return (struct relation_column){name, is_list ? type_list(a, t) : t};
}

size_t relation_columns(struct arena *a, const char *text, const struct relation_column **out)
{
    struct str rest = str_of(text);
    VEC_OF(struct relation_column) columns = {0};
    while (rest.n) {
        VEC_PUSH(a, columns, column_of(a, str_cut(&rest, ',')));
    }
    *out = columns.at;
    return columns.n;
}

struct relation relation_new(const struct bind_context *ctx, const char *columns)
{
    struct relation r = {.ctx = ctx};
    r.column_count = relation_columns(ctx->arena, columns, &r.columns);
    return r;
}

static size_t column_index(const struct relation *r, struct str name)
{
    for (size_t i = 0; i < r->column_count; i++) {
        size_t k = (r->at + i) % r->column_count; /* most come in their order */
        if (str_eq(r->columns[k].name, name)) {
            return k;
        }
    }
    return r->column_count;
}

/* ---- rows ---- */

static bool is_value(const struct relation_cell *c, const struct relation_wanted *wanted)
{
    int64_t number;
    struct str value = wanted->value;
    switch (c->kind) {
    case CELL_TEXT:
        return wanted->is_number || str_eq(c->text, value);
    case CELL_NUMBER:
        return !str_to_i64(str_trim(value), &number) || number == c->number;
    case CELL_NULL:
        return false;
    case CELL_BOOL:
    case CELL_LIST:
        break;
    }
    return true;
}

static bool is_wanted(const struct relation *r, const char *column, const struct relation_cell *c)
{
    for (size_t i = 0; i < r->wanted_count; i++) {
        if (str_iis(r->wanted[i].column, column) && !is_value(c, &r->wanted[i])) {
            return false;
        }
    }
    return true;
}

bool relation_wants_text(const struct relation *r, const char *column, struct str value)
{
    return is_wanted(r, column, &(struct relation_cell){.kind = CELL_TEXT, .text = value});
}

bool relation_wants_number(const struct relation *r, const char *column, int64_t value)
{
    return is_wanted(r, column, &(struct relation_cell){.kind = CELL_NUMBER, .number = value});
}

void relation_end(struct relation *r)
{
    bool keep = r->row != NULL;
    for (size_t i = 0; i < r->wanted_count && keep; i++) {
        for (size_t k = 0; k < r->column_count && keep; k++) {
            keep = !str_ieq(r->wanted[i].column, r->columns[k].name) ||
                   is_value(&r->row[k], &r->wanted[i]);
        }
    }
    if (keep) {
        VEC_PUSH(r->ctx->arena, r->rows, r->row);
    }
    r->row = NULL;
    r->at = 0;
    r->is_named = false;
}

static void begin_row(struct relation *r)
{
    r->row = ARENA_ARRAY(r->ctx->arena, struct relation_cell, r->column_count);
    r->at = 0;
}

static struct relation_cell nothing_of(const struct type *t)
{
    switch (t->kind) {
    case TYPE_BOOL:
        return (struct relation_cell){.kind = CELL_BOOL};
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return (struct relation_cell){.kind = CELL_NUMBER};
    case TYPE_TEXT:
        return t->alias == ALIAS_NAME || t->alias == ALIAS_CHAR
                   ? (struct relation_cell){.kind = CELL_TEXT, .text = STR("")}
                   : (struct relation_cell){.kind = CELL_NULL};
    default:
        return (struct relation_cell){.kind = CELL_NULL};
    }
}

void relation_null_row(struct relation *r)
{
    relation_end(r);
    begin_row(r);
    r->is_named = true;
}

void relation_row(struct relation *r)
{
    relation_null_row(r);
    for (size_t i = 0; i < r->column_count; i++) {
        r->row[i] = nothing_of(r->columns[i].type);
    }
}

struct relation *relation_at(struct relation *r, const char *column)
{
    r->at = column_index(r, str_of(column));
    return r;
}

static void add_cell(struct relation *r, struct relation_cell cell)
{
    if (r->list) {
        VEC_PUSH(r->ctx->arena, r->list->items, cell);
        return;
    }
    if (!r->row) {
        begin_row(r);
    }
    r->row[r->at++] = cell;
    if (r->at == r->column_count && !r->is_named) {
        relation_end(r);
    }
}

void relation_null(struct relation *r)
{
    add_cell(r, (struct relation_cell){.kind = CELL_NULL});
}

void relation_text(struct relation *r, struct str text)
{
    add_cell(r, (struct relation_cell){.kind = text.p ? CELL_TEXT : CELL_NULL, .text = text});
}

void relation_word(struct relation *r, const char *text)
{
    relation_text(r, text ? str_of(text) : STR_NULL);
}

void relation_number(struct relation *r, int64_t number)
{
    add_cell(r, (struct relation_cell){.kind = CELL_NUMBER, .number = number});
}

void relation_number_or_null(struct relation *r, int number)
{
    if (number < 0) {
        relation_null(r);
    } else {
        relation_number(r, number);
    }
}

void relation_bool(struct relation *r, bool value)
{
    add_cell(r, (struct relation_cell){.kind = CELL_BOOL, .number = value});
}

void relation_begin_list(struct relation *r)
{
    r->list = ARENA_NEW(r->ctx->arena, struct relation_cell);
    *r->list = (struct relation_cell){.kind = CELL_LIST};
}

void relation_end_list(struct relation *r)
{
    struct relation_cell *list = r->list;
    r->list = NULL;
    add_cell(r, *list);
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

/* ---- reading ---- */

size_t relation_count(const struct relation *r)
{
    return r->rows.n;
}

struct str relation_text_at(const struct relation *r, size_t row, const char *column)
{
    return r->rows.at[row][column_index(r, str_of(column))].text;
}

int64_t relation_number_at(const struct relation *r, size_t row, const char *column)
{
    return r->rows.at[row][column_index(r, str_of(column))].number;
}

/* ---- the query ---- */

static struct node *number_of(struct arena *a, int64_t n)
{
    const char *digits = arena_printf(a, "%lld", (long long)n);
    struct node *literal = make_literal(a, LIT_INTEGER, str_of(digits + (n < 0)));
    if (n >= 0) {
        return literal;
    }
    struct node *minus = node_new(a, NODE_UNARY, 0); /* a literal has no sign */
    node_unary(minus)->op = OP_NEG;
    node_unary(minus)->operand = literal;
    return minus;
}

static struct node *literal_of(struct arena *a, const struct relation_cell *c)
{
    switch (c->kind) {
    case CELL_TEXT:
        return make_literal(a, LIT_STRING, arena_str(a, c->text));
    case CELL_NUMBER:
        return number_of(a, c->number);
    case CELL_BOOL:
        return make_literal(a, c->number ? LIT_TRUE : LIT_FALSE, STR_NULL);
    case CELL_LIST: {
        struct node *list = node_new(a, NODE_LIST, 0);
        for (size_t i = 0; i < c->items.n; i++) {
            node_push(a, &node_list_lit(list)->items, literal_of(a, &c->items.at[i]));
        }
        return list;
    }
    case CELL_NULL:
        break;
    }
    return make_literal(a, LIT_NULL, STR_NULL);
}

static bool same_cell(const struct relation_cell *x, const struct relation_cell *y)
{
    bool same = x->kind == y->kind && x->number == y->number && str_eq(x->text, y->text) &&
                x->items.n == y->items.n;
    for (size_t i = 0; i < x->items.n && same; i++) {
        same = same_cell(&x->items.at[i], &y->items.at[i]);
    }
    return same;
}

/* Of a column that has one value in all rows, that; NULL of any other. Of several rows the first
 * column is never one, so that there are as many. */
static const struct relation_cell *only_value(const struct relation *r, size_t column)
{
    static const struct relation_cell none = {.kind = CELL_NULL};
    if (!r->rows.n) {
        return &none;
    }
    bool one = r->rows.n == 1 || column > 0;
    for (size_t i = 1; i < r->rows.n && one; i++) {
        one = same_cell(&r->rows.at[i][column], &r->rows.at[0][column]);
    }
    return one ? &r->rows.at[0][column] : NULL;
}

/* ---- many rows: a text a column, which the engine takes apart: it is ten times as quick with that
 * as with VALUES ---- */

/* Characters that stand in no value: between rows, between items of a list, for NULL. */
struct marks {
    bool used[32];
    char row, item, null;
};

static void note_used(struct marks *m, const struct relation_cell *c)
{
    for (size_t i = 0; i < c->text.n; i++) {
        unsigned char byte = (unsigned char)c->text.p[i];
        if (byte < 32) {
            m->used[byte] = true;
        }
    }
    for (size_t i = 0; i < c->items.n; i++) {
        note_used(m, &c->items.at[i]);
    }
}

static char unused(struct marks *m)
{
    for (char c = 1; c < 32; c++) {
        if (!m->used[(int)c]) {
            m->used[(int)c] = true;
            return c;
        }
    }
    return 0;
}

/* False where values have almost all of them. */
static bool choose_marks(const struct relation *r, struct marks *m)
{
    for (size_t i = 0; i < r->rows.n; i++) {
        for (size_t k = 0; k < r->column_count; k++) {
            note_used(m, &r->rows.at[i][k]);
        }
    }
    m->row = unused(m);
    m->item = unused(m);
    m->null = unused(m);
    return m->null != 0;
}

static void put_cell(struct buf *b, const struct marks *m, const struct relation_cell *c)
{
    switch (c->kind) {
    case CELL_TEXT:
        buf_put_str(b, c->text);
        break;
    case CELL_NUMBER:
        buf_printf(b, "%lld", (long long)c->number);
        break;
    case CELL_BOOL:
        buf_puts(b, c->number ? "true" : "false");
        break;
    case CELL_LIST:
        for (size_t i = 0; i < c->items.n; i++) {
            buf_put(b, &m->item, i > 0);
            put_cell(b, m, &c->items.at[i]);
        }
        break;
    case CELL_NULL:
        buf_put(b, &m->null, 1);
        break;
    }
}

static struct node *call(struct arena *a, const char *name, struct node *x, struct node *y)
{
    struct node *n = node_new(a, NODE_FUNC, 0);
    node_func(n)->name = make_name(a, str_of(name));
    node_push(a, &node_func(n)->args, x);
    if (y) {
        node_push(a, &node_func(n)->args, y);
    }
    return n;
}

static struct node *mark(struct arena *a, char c)
{
    return make_literal(a, LIT_STRING, arena_str(a, (struct str){&c, 1}));
}

/* unnest(string_split('...', row)) */
static struct node *column_text(const struct relation *r, const struct marks *m, size_t column)
{
    struct arena *a = r->ctx->arena;
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < r->rows.n; i++) {
        buf_put(&b, &m->row, i > 0);
        put_cell(&b, m, &r->rows.at[i][column]);
    }
    struct node *text = make_literal(a, LIT_STRING, arena_str(a, buf_str(&b)));
    buf_free(&b);
    return call(a, "unnest", call(a, "string_split", text, mark(a, m->row)), NULL);
}

/* (SELECT unnest(...) AS oid, unnest(...) AS relname ...) AS r, of the columns that differ */
static struct node *rows_of(const struct relation *r, const struct marks *m, const bool *differs)
{
    struct arena *a = r->ctx->arena;
    struct node *select = node_new(a, NODE_SELECT, 0);
    for (size_t k = 0; k < r->column_count; k++) {
        if (differs[k]) {
            node_push(a, &node_select(select)->targets,
                      make_target(a, column_text(r, m, k), r->columns[k].name));
        }
    }
    return make_derived(a, make_query(a, select), STR(ROWS));
}

static struct node *when_equal(struct arena *a, struct str column, struct node *value,
                               struct node *then, struct node *otherwise)
{
    struct node *equal = node_new(a, NODE_BINARY, 0);
    node_binary(equal)->op = OP_EQ;
    node_binary(equal)->left = make_column(a, STR(ROWS), column, NULL);
    node_binary(equal)->right = value;
    return make_case(a, equal, then, otherwise);
}

/* What a cell is of its text: it can't fail, and no row filter need mind it. */
static struct node *value_of(struct arena *a, const struct marks *m,
                             const struct relation_column *c)
{
    struct node *text = make_column(a, STR(ROWS), c->name, NULL);
    if (c->type->kind == TYPE_LIST) {
        text =
            when_equal(a, c->name, make_literal(a, LIT_STRING, STR("")), node_new(a, NODE_LIST, 0),
                       call(a, "string_split", text, mark(a, m->item)));
    }
    bool is_number = c->type->kind == TYPE_INT8;
    struct node *cast = make_cast(
        a, when_equal(a, c->name, mark(a, m->null), make_literal(a, LIT_NULL, STR_NULL), text),
        is_number ? type_simple(TYPE_INT8) : c->type);
    node_cast(cast)->is_try = true;
    /* As regproc and its like the digits would be looked up as a name. */
    return is_number ? make_cast(a, cast, c->type) : cast;
}

/* ---- and few: VALUES ---- */

static struct node *values_of(const struct relation *r, const bool *differs)
{
    struct arena *a = r->ctx->arena;
    struct node *values = node_new(a, NODE_VALUES, 0);
    for (size_t i = 0; i < r->rows.n; i++) {
        struct node *row = node_new(a, NODE_ROW, 0);
        for (size_t k = 0; k < r->column_count; k++) {
            if (differs[k]) {
                node_push(a, &node_row(row)->items, literal_of(a, &r->rows.at[i][k]));
            }
        }
        node_push(a, &node_values(values)->rows, row);
    }
    struct node *derived = make_derived(a, make_query(a, values), STR(ROWS));
    for (size_t k = 0; k < r->column_count; k++) {
        if (differs[k]) {
            node_push(a, &node_derived(derived)->columns, make_ident(a, r->columns[k].name));
        }
    }
    return derived;
}

enum { FEW_ROWS = 8 };

struct node *relation_query(struct relation *r)
{
    struct arena *a = r->ctx->arena;
    bool *differs = ARENA_ARRAY(a, bool, r->column_count);
    struct node *select = node_new(a, NODE_SELECT, 0);
    struct marks m = {.row = 0};
    relation_end(r);
    bool is_text = r->rows.n > FEW_ROWS && choose_marks(r, &m);
    for (size_t i = 0; i < r->column_count; i++) {
        const struct relation_column *c = &r->columns[i];
        const struct relation_cell *only = only_value(r, i);
        struct node *value = only ? make_cast(a, literal_of(a, only), c->type)
                             : is_text
                                 ? value_of(a, &m, c)
                                 : make_cast(a, make_column(a, STR(ROWS), c->name, NULL), c->type);
        differs[i] = !only;
        node_push(a, &node_select(select)->targets, make_target(a, value, c->name));
    }
    if (r->rows.n > 1) {
        node_select(select)->from = is_text ? rows_of(r, &m, differs) : values_of(r, differs);
    }
    if (!r->rows.n) {
        node_select(select)->where = make_literal(a, LIT_FALSE, STR_NULL);
    }
    return make_query(a, select);
}
