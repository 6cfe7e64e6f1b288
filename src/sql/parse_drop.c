/* DROP, TRUNCATE, COMMENT: statements that name objects and say little of them. */
#include "sql/parse_priv.h"

bool take_cascade(struct parser *p)
{
    bool cascade = tok_take_word(p, KW_CASCADE);
    if (!cascade) {
        tok_take_word(p, KW_RESTRICT);
    }
    return cascade;
}

enum object_kind take_object(struct parser *p)
{
    static const enum object_kind longest_first[] = {
        OBJECT_MATERIALIZED_VIEW,
        OBJECT_MACRO_TABLE,
        OBJECT_TABLE,
        OBJECT_VIEW,
        OBJECT_SCHEMA,
        OBJECT_DATABASE,
        OBJECT_SEQUENCE,
        OBJECT_FUNCTION,
        OBJECT_PROCEDURE,
        OBJECT_MACRO,
        OBJECT_TYPE,
        OBJECT_INDEX,
    };
    for (size_t i = 0; i < sizeof longest_first / sizeof *longest_first; i++) {
        if (tok_take_all(p, object_words(longest_first[i]))) {
            return longest_first[i];
        }
    }
    return OBJECT_NONE;
}

struct node *parse_drop(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    struct create_flags flags = {.offset = offset};
    if (tok_is_foreign_object(p)) {
        return parse_foreign_object(p, "drop", &flags);
    }
    struct node *n = parse_node(p, NODE_DROP, offset);
    struct node_drop *drop = node_drop(n);
    while (tok_says(p, 0, "external") || tok_says(p, 0, "dynamic") || tok_says(p, 0, "iceberg") ||
           tok_says(p, 0, "hybrid")) {
        tok_next(p); /* which form of table it was doesn't matter */
    }
    drop->object = take_object(p);
    if (drop->object == OBJECT_NONE) {
        if (!tok_is(p, TOK_WORD)) {
            parse_syntax_error(p);
        }
        parse_unsupported(p, "this kind of DROP is");
    }
    if (drop->object == OBJECT_INDEX) {
        tok_take_said(p, "concurrently");
    }
    drop->if_exists = take_if_exists(p);
    do {
        parse_push(p, &drop->names, parse_object_name(p, (enum object_kind)drop->object));
    } while (tok_take(p, TOK_COMMA));
    drop->cascade = take_cascade(p);
    return parse_done(p, n);
}

/* TRUNCATE [TABLE] [IF EXISTS] a, b [RESTART | CONTINUE IDENTITY] [CASCADE] */
struct node *parse_truncate(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TRUNCATE, tok_next(p).offset);
    struct node_truncate_stmt *truncate = node_truncate_stmt(n);
    tok_take_word(p, KW_TABLE);
    truncate->if_exists = take_if_exists(p);
    do {
        tok_take_word(p, KW_ONLY);
        struct node *ref = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
        node_table_ref(ref)->name = parse_name(p);
        parse_push(p, &truncate->tables, parse_done(p, ref));
    } while (tok_take(p, TOK_COMMA));
    truncate->restart_identity = tok_take_all(p, "restart identity");
    if (!truncate->restart_identity) {
        tok_take_all(p, "continue identity");
    }
    truncate->cascade = take_cascade(p);
    return parse_done(p, n);
}

/* COMMENT [IF EXISTS] ON kind name IS 'text' | NULL */
struct node *parse_comment(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    struct node *n = parse_node(p, NODE_COMMENT, offset);
    struct node_comment *comment = node_comment(n);
    comment->if_exists = take_if_exists(p);
    tok_need_word(p, KW_ON);
    if (tok_is_foreign_object(p)) {
        struct create_flags flags = {.offset = offset};
        return parse_foreign_object(p, "comment on", &flags);
    }
    comment->object = tok_take_word(p, KW_COLUMN) ? OBJECT_COLUMN : take_object(p);
    if (comment->object == OBJECT_NONE) {
        if (!tok_is(p, TOK_WORD)) {
            parse_syntax_error(p);
        }
        parse_unsupported(p, "COMMENT on this kind of object is");
    }
    comment->name = parse_object_name(p, (enum object_kind)comment->object);
    tok_need_word(p, KW_IS);
    size_t at = tok(p)->offset;
    comment->text =
        tok_take_word(p, KW_NULL) ? parse_literal(p, LIT_NULL, STR_NULL, at) : parse_string(p);
    return parse_done(p, n);
}
