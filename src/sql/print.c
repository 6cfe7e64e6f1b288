/* Names, literals, types, and which part of the printer a node belongs to. This is the boundary to
 * the engine: every name is quoted, every literal is written anew from its value, and nothing that
 * isn't known gets through. */
#include "sql/print.h"

#include "sql/bind_type.h"
#include "sql/lex.h"
#include "sql/print_priv.h"

void print_fail(struct printer *pr, const struct node *at, const char *what)
{
    if (!pr->failed) {
        (void)error_at(pr->e, ERR_UNSUPPORTED, at->offset, "%s not supported", what);
    }
    pr->failed = true;
}

void print_puts(struct printer *pr, const char *z)
{
    buf_puts(pr->out, z);
}

static void put_doubled(struct printer *pr, struct str s, char quote)
{
    buf_u8(pr->out, (uint8_t)quote);
    for (size_t from = 0; from < s.n;) {
        const char *at = memchr(s.p + from, quote, s.n - from);
        size_t to = at ? (size_t)(at - s.p) + 1 : s.n;
        buf_put(pr->out, s.p + from, to - from);
        if (at) {
            buf_u8(pr->out, (uint8_t)quote);
        }
        from = to;
    }
    buf_u8(pr->out, (uint8_t)quote);
}

void print_quoted(struct printer *pr, struct str name)
{
    put_doubled(pr, name, '"');
}

void print_string(struct printer *pr, struct str value)
{
    put_doubled(pr, value, '\'');
}

void print_ident(struct printer *pr, const struct node *n)
{
    const struct node_ident *ident = node_ident_const(n);
    if (ident->text.n == 0 || memchr(ident->text.p, 0, ident->text.n)) {
        print_fail(pr, n, "an empty name or one with NUL is");
    } else if (must_be_bound(pr) || ident->quoted || !lex_is_plain_word(ident->text)) {
        print_quoted(pr, ident->text);
    } else {
        buf_put_str(pr->out, ident->text);
    }
}

void print_parts(struct printer *pr, const struct node_list *parts, uint32_t from)
{
    for (uint32_t i = from; i < parts->n; i++) {
        if (i > from) {
            print_puts(pr, ".");
        }
        print_ident(pr, parts->at[i]);
    }
}

void print_path(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_IDENT) {
        print_ident(pr, n);
    } else {
        print_parts(pr, &node_name_const(n)->parts, 0);
    }
}

void print_object(struct printer *pr, const struct node *n)
{
    const struct node_name *name = node_name_const(n);
    if (!must_be_bound(pr)) {
        print_parts(pr, &name->parts, 0);
    } else if (name->engine_schema.n == 0 || name->parts.n == 0) {
        print_fail(pr, n, "a name that isn't bound is");
    } else {
        print_quoted(pr, name->engine_schema);
        print_puts(pr, ".");
        print_ident(pr, name->parts.at[name->parts.n - 1]);
    }
}

void print_list(struct printer *pr, const struct node_list *list,
                void (*print)(struct printer *, const struct node *))
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (i > 0) {
            print_puts(pr, ", ");
        }
        print(pr, list->at[i]);
    }
}

void print_idents(struct printer *pr, const struct node_list *idents)
{
    print_puts(pr, "(");
    print_list(pr, idents, print_ident);
    print_puts(pr, ")");
}

static size_t digits_at(struct str s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9') {
        n++;
    }
    return n;
}

/* Digits, for a decimal one point among them, for a float an exponent behind. */
static bool is_number(struct str s, enum literal_kind kind)
{
    size_t whole = digits_at(s, 0);
    size_t i = whole, fraction = 0;
    if (kind != LIT_INTEGER && i < s.n && s.p[i] == '.') {
        fraction = digits_at(s, ++i);
        i += fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (kind == LIT_FLOAT && i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        size_t exponent = digits_at(s, i);
        i += exponent;
        return exponent > 0 && i == s.n;
    }
    return i == s.n;
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = (char)(s.p[i] | 0x20);
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return s.n % 2 == 0;
}

static void print_bytes(struct printer *pr, const struct node *n, struct str digits)
{
    if (!is_hex(digits)) {
        print_fail(pr, n, "a malformed literal is");
        return;
    }
    if (!for_engine(pr)) {
        buf_printf(pr->out, "X'%.*s'", STR_ARG(digits));
        return;
    }
    print_puts(pr, "'");
    for (size_t i = 0; i < digits.n; i += 2) {
        buf_printf(pr->out, "\\x%.2s", digits.p + i);
    }
    print_puts(pr, "'::BLOB");
}

void print_literal(struct printer *pr, const struct node *n)
{
    const struct node_literal *literal = node_literal_const(n);
    switch ((enum literal_kind)literal->lit) {
    case LIT_NULL:
        print_puts(pr, "NULL");
        return;
    case LIT_TRUE:
        print_puts(pr, "TRUE");
        return;
    case LIT_FALSE:
        print_puts(pr, "FALSE");
        return;
    case LIT_INTEGER:
    case LIT_DECIMAL:
    case LIT_FLOAT:
        if (!is_number(literal->text, (enum literal_kind)literal->lit)) {
            print_fail(pr, n, "a malformed number is");
        }
        buf_put_str(pr->out, literal->text);
        return;
    case LIT_STRING:
        if (literal->text.n && memchr(literal->text.p, 0, literal->text.n)) {
            print_fail(pr, n, "NUL in a string is");
        }
        print_string(pr, literal->text);
        return;
    case LIT_BYTES:
        print_bytes(pr, n, literal->text);
        return;
    }
    print_fail(pr, n, "this kind of literal is");
}

static void print_field(struct printer *pr, const struct node *n)
{
    const struct node_column_def *field = node_column_def_const(n);
    if (field->name) {
        print_ident(pr, field->name);
        print_puts(pr, " ");
    }
    print_type(pr, field->type);
    print_puts(pr, field->not_null ? " NOT NULL" : "");
}

/* A word that reads back as it is: lower case, as it is read without quotes. */
static bool needs_no_quotes(struct str word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] >= 'A' && word.p[i] <= 'Z') {
            return false;
        }
    }
    enum keyword keyword = lex_keyword(word);
    bool is_type = keyword == KW_ARRAY || keyword == KW_UNION;
    return lex_is_plain_word(word) && (is_type || lex_keyword_class(keyword) != KEYWORD_RESERVED);
}

static void print_written_type(struct printer *pr, const struct node_type_name *type)
{
    bool is_sized = str_is(type->text, "array") && type->fields.n == 1 && type->args.n == 1;
    if (is_sized) {
        print_type(pr, node_column_def(type->fields.at[0])->type);
        print_puts(pr, "[");
        print_literal(pr, type->args.at[0]);
        print_puts(pr, "]");
    } else {
        struct str word = type->text;
        if (type->schema.n) {
            print_quoted(pr, type->schema);
            print_puts(pr, ".");
        }
        if (needs_no_quotes(word)) {
            buf_put_str(pr->out, word);
        } else {
            print_quoted(pr, word);
        }
        if (type->fields.n || type->args.n) {
            print_puts(pr, "(");
            print_list(pr, &type->fields, print_field);
            print_puts(pr, type->fields.n && type->args.n ? ", " : "");
            print_list(pr, &type->args, print_literal);
            print_puts(pr, ")");
        }
    }
    for (int32_t i = 0; i < type->dims; i++) {
        print_puts(pr, "[]");
    }
}

/* The engine's name of a type that has one, what was written otherwise. */
static void print_shown_type(struct printer *pr, const struct node_type_name *type)
{
    enum type_kind kind = bind_type_kind(type->text);
    if (!pr->arena) {
        pr->arena = arena_new(0);
    }
    bool is_plain = kind != TYPE_UNKNOWN && !type->fields.n && !type->dims;
    if (!is_plain || str_is(type->text, "float")) {
        print_written_type(pr, type);
    } else if (kind == TYPE_DECIMAL && type->args.n) {
        print_puts(pr, "DECIMAL(");
        print_list(pr, &type->args, print_literal);
        print_puts(pr, ")");
    } else {
        buf_put_str(pr->out, type_name(pr->arena, type_simple(kind)));
    }
}

void print_type(struct printer *pr, const struct node *n)
{
    const struct node_type_name *type = node_type_name_const(n);
    if (!for_engine(pr)) {
        print_written_type(pr, type);
    } else if (pr->shows && !type->resolved) {
        print_shown_type(pr, type);
    } else if (!type->resolved) {
        print_fail(pr, n, "a type that isn't resolved is");
    } else {
        if (!pr->arena) {
            pr->arena = arena_new(0);
        }
        if (!pr->out->failed) { /* labels may make it long */
            buf_put_str(pr->out, type_name(pr->arena, type->resolved));
        }
    }
}

void print_statement(struct printer *pr, const struct node *n)
{
    switch (n->kind) {
    case NODE_QUERY:
        print_query(pr, n);
        return;
    case NODE_INSERT:
        print_insert(pr, n);
        return;
    case NODE_MULTI_INSERT:
        print_multi_insert(pr, n);
        return;
    case NODE_UPDATE:
        print_update(pr, n);
        return;
    case NODE_DELETE:
        print_delete(pr, n);
        return;
    case NODE_MERGE:
        print_merge(pr, n);
        return;
    case NODE_CREATE_TABLE:
    case NODE_CREATE_VIEW:
    case NODE_CREATE_SCHEMA:
    case NODE_CREATE_SEQUENCE:
    case NODE_ALTER_SEQUENCE:
    case NODE_CREATE_FUNCTION:
    case NODE_CREATE_TYPE:
    case NODE_CREATE_INDEX:
    case NODE_DROP:
    case NODE_ALTER_TABLE:
    case NODE_COMMENT:
    case NODE_TRUNCATE:
        print_ddl(pr, n);
        return;
    case NODE_EXPLAIN:
        print_explain(pr, n);
        return;
    case NODE_EXPLAIN_POLICY:
        print_explain_policy(pr, n);
        return;
    case NODE_COPY:
        print_copy(pr, n);
        return;
    case NODE_TRANSACTION:
    case NODE_SET:
    case NODE_SHOW:
    case NODE_RESET:
    case NODE_ALTER_SESSION:
    case NODE_SET_VARIABLE:
    case NODE_UNSET_VARIABLE:
    case NODE_USE:
    case NODE_LOCK:
    case NODE_DISCARD:
    case NODE_PREPARE:
    case NODE_EXECUTE:
    case NODE_DECLARE_CURSOR:
    case NODE_FETCH:
    case NODE_CLOSE:
    case NODE_CALL:
    case NODE_SHOW_OBJECTS:
    case NODE_DESCRIBE:
        print_session(pr, n);
        return;
    case NODE_FOREIGN:
        print_foreign(pr, n);
        return;
    case NODE_EMPTY:
        return;
    default:
        print_expr(pr, n);
        return;
    }
}

static enum status print_all(struct printer *pr, const struct node *n)
{
    print_statement(pr, n);
    arena_free(pr->arena);
    if (pr->failed) {
        return FAIL;
    }
    if (pr->out->failed) {
        return error_set(pr->e, ERR_STATEMENT_TOO_COMPLEX, "statement is too long to print");
    }
    return OK;
}

enum status sql_print(const struct node *n, enum print_target target, struct buf *out,
                      struct error *e)
{
    struct printer pr = {.out = out, .target = target, .e = e};
    return print_all(&pr, n);
}

enum status sql_show(const struct node *n, struct shown_sql *out, struct error *e)
{
    struct printer pr = {.out = &out->text, .target = PRINT_DUCKDB, .e = e, .shows = true};
    return print_all(&pr, n);
}
