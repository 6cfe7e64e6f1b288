/* Types. Names of several words become one, so that whoever resolves a type compares one word. */
#include "sql/parse_priv.h"

static struct str read_word(struct parser *p)
{
    const struct token *t = tok(p);
    if (t->kind == TOK_QUOTED) {
        return tok_next(p).text;
    }
    bool is_type = t->word == KW_ARRAY || t->word == KW_UNION; /* reserved for other things */
    if (t->kind != TOK_WORD || (!is_type && lex_keyword_class(t->word) == KEYWORD_RESERVED)) {
        parse_syntax_error(p);
    }
    return parse_lower(p, tok_next(p).text);
}

/* CHAR, NCHAR, NATIONAL CHARACTER, each perhaps VARYING; nothing where `word` is no such. */
static struct str read_character(struct parser *p, struct str word)
{
    if (str_is(word, "national") && (tok_says(p, 0, "character") || tok_says(p, 0, "char"))) {
        tok_next(p);
        word = STR("char");
    }
    bool is_char = str_is(word, "character") || str_is(word, "char") || str_is(word, "nchar");
    if (!is_char) {
        return STR_NULL;
    }
    return tok_take_word(p, KW_VARYING) ? STR("varchar") : STR("char");
}

/* "pg_catalog.int4" is int4; what stands in another schema was made there, and has one word. */
static struct str read_type_word(struct parser *p, struct str *schema)
{
    struct str word = read_word(p);
    if (tok_take(p, TOK_DOT)) {
        *schema = str_iis(word, "pg_catalog") ? STR("") : word;
        word = read_word(p);
    }
    if (schema->n) {
        return word;
    }
    if (str_is(word, "double") && tok_take_word(p, KW_PRECISION)) {
        return word;
    }
    struct str character = read_character(p, word);
    if (character.n) {
        return character;
    }
    return str_is(word, "bit") && tok_take_word(p, KW_VARYING) ? STR("varbit") : word;
}

/* (10, 2), ('a', 'b') */
static void read_args(struct parser *p, struct node_list *args)
{
    if (!tok_take(p, TOK_LPAREN) || tok_take(p, TOK_RPAREN)) {
        return;
    }
    do {
        struct token t = *tok(p);
        if (t.kind != TOK_INTEGER && t.kind != TOK_STRING) {
            parse_syntax_error(p);
        }
        tok_next(p);
        parse_push(
            p, args,
            parse_literal(p, t.kind == TOK_STRING ? LIT_STRING : LIT_INTEGER, t.text, t.offset));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

static struct node *read_field(struct parser *p, bool named)
{
    struct node *n = parse_node(p, NODE_COLUMN_DEF, tok(p)->offset);
    node_column_def(n)->name = named ? parse_label(p) : NULL;
    node_column_def(n)->type = parse_type(p);
    node_column_def(n)->not_null = tok_take_words(p, KW_NOT, KW_NULL);
    return parse_done(p, n);
}

/* STRUCT(a INTEGER, ...), MAP(VARCHAR, INTEGER) */
static void read_fields(struct parser *p, struct node_list *fields, bool named)
{
    tok_need(p, TOK_LPAREN);
    do {
        parse_push(p, fields, read_field(p, named));
    } while (tok_take(p, TOK_COMMA) && !tok_is(p, TOK_INTEGER));
}

static struct str with_zone(struct parser *p, struct str word)
{
    bool is_time = str_is(word, "time");
    if (!is_time && !str_is(word, "timestamp")) {
        return word;
    }
    if (tok_is_word(p, KW_WITH) && tok_peek(p, 1)->word == KW_TIME) {
        tok_next(p);
        tok_next(p);
        tok_need_word(p, KW_ZONE);
        return is_time ? STR("timetz") : STR("timestamptz");
    }
    if (tok_is_word(p, KW_WITH) && tok_peek(p, 1)->word == KW_LOCAL && !is_time) {
        tok_next(p);
        tok_next(p);
        tok_need_word(p, KW_TIME);
        tok_need_word(p, KW_ZONE);
        return STR("timestamp_ltz");
    }
    if (tok_is_word(p, KW_WITHOUT) && tok_peek(p, 1)->word == KW_TIME) {
        tok_next(p);
        tok_next(p);
        tok_need_word(p, KW_ZONE);
    }
    return word;
}

static bool is_one_of(struct str word, const char *const *words)
{
    for (; *words; words++) {
        if (str_is(word, *words)) {
            return true;
        }
    }
    return false;
}

static bool wants_fields(struct parser *p, struct str word, bool named)
{
    static const char *const with_names[] = {"struct", "row", "union", "object", NULL};
    static const char *const without[] = {"map", "array", "vector", NULL};
    return tok_is(p, TOK_LPAREN) && is_one_of(word, named ? with_names : without);
}

/* INTEGER[3]: an array of a fixed size around what was read so far. */
static struct node *array_of(struct parser *p, struct node *element, const struct token *size)
{
    struct node *field = parse_node(p, NODE_COLUMN_DEF, element->offset);
    node_column_def(field)->type = element;
    struct node *array = parse_node(p, NODE_TYPE_NAME, element->offset);
    node_type_name(array)->text = STR("array");
    parse_push(p, &node_type_name(array)->fields, parse_done(p, field));
    parse_push(p, &node_type_name(array)->args,
               parse_literal(p, LIT_INTEGER, size->text, size->offset));
    return array;
}

static struct node *read_dimensions(struct parser *p, struct node *n)
{
    while (tok_is(p, TOK_LBRACKET) || tok_is_word(p, KW_ARRAY)) {
        bool is_size = tok_is(p, TOK_LBRACKET) && tok_peek(p, 1)->kind == TOK_INTEGER;
        if (is_size && p->dialect == DIALECT_SNOWFLAKE) { /* an item of what was cast */
            break;
        }
        if (tok_take_word(p, KW_ARRAY) && !tok_is(p, TOK_LBRACKET)) {
            node_type_name(n)->dims++;
            continue;
        }
        tok_need(p, TOK_LBRACKET);
        if (tok_is(p, TOK_INTEGER)) {
            struct token size = tok_next(p);
            n = array_of(p, n, &size);
        } else {
            node_type_name(n)->dims++;
        }
        tok_need(p, TOK_RBRACKET);
        if (node_type_name(n)->dims > p->limits.depth) {
            parse_syntax_error(p);
        }
    }
    return parse_done(p, n);
}

struct node *parse_type(struct parser *p)
{
    parse_enter(p);
    struct node *n = parse_node(p, NODE_TYPE_NAME, tok(p)->offset);
    struct node_type_name *type = node_type_name(n);
    struct str word = read_type_word(p, &type->schema);
    if (type->schema.n) {
        type->text = word;
        n = read_dimensions(p, parse_done(p, n));
        parse_leave(p);
        return n;
    }
    bool named = wants_fields(p, word, true);
    if (named || wants_fields(p, word, false)) {
        word = str_is(word, "row") ? STR("struct") : word;
        read_fields(p, &type->fields, named);
        if (tok_is(p, TOK_INTEGER)) { /* VECTOR(FLOAT, 3) */
            struct token size = tok_next(p);
            parse_push(p, &type->args, parse_literal(p, LIT_INTEGER, size.text, size.offset));
        }
        tok_need(p, TOK_RPAREN);
    } else {
        read_args(p, &type->args);
    }
    type->text = with_zone(p, word);
    n = read_dimensions(p, parse_done(p, n));
    parse_leave(p);
    return n;
}
