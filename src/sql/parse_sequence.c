/* Sequences, and the options that identity columns share with them. */
#include "sql/parse_priv.h"

/* [WITH | BY] [=] n */
static struct node *parse_amount(struct parser *p, enum keyword filler)
{
    tok_take_word(p, filler);
    if (tok_is_op(p, OP_EQ)) {
        tok_next(p);
    }
    return parse_signed(p);
}

static bool take_bound(struct parser *p, struct node_sequence_options *o)
{
    if (tok_take_said(p, "minvalue")) {
        o->min = parse_amount(p, KW_BY);
    } else if (tok_take_said(p, "maxvalue")) {
        o->max = parse_amount(p, KW_BY);
    } else if (tok_take_all(p, "no minvalue")) {
        o->no_min = true;
    } else if (tok_take_all(p, "no maxvalue")) {
        o->no_max = true;
    } else {
        return false;
    }
    return true;
}

static bool take_owner(struct parser *p, struct node_sequence_options *o)
{
    if (!tok_take_all(p, "owned by")) {
        return false;
    }
    o->owned_by =
        tok_says(p, 0, "none") && tok_peek(p, 1)->kind != TOK_DOT ? parse_ident(p) : parse_name(p);
    return true;
}

static bool take_said(struct parser *p, const char *yes, const char *no, int32_t *out)
{
    if (tok_take_all(p, yes)) {
        *out = SAID_YES;
    } else if (tok_take_all(p, no)) {
        *out = SAID_NO;
    } else {
        return false;
    }
    return true;
}

static bool take_sequence_option(struct parser *p, struct node_sequence_options *o)
{
    if (tok_take_word(p, KW_START)) {
        o->start = parse_amount(p, KW_WITH);
    } else if (tok_take_said(p, "increment")) {
        o->increment = parse_amount(p, KW_BY);
    } else if (tok_take_said(p, "cache")) {
        o->cache = parse_signed(p);
    } else if (tok_take_said(p, "restart")) {
        o->restart = true;
        bool has_value = tok_is_word(p, KW_WITH) || tok_is(p, TOK_INTEGER) || tok_is_op(p, OP_SUB);
        o->restart_with = has_value ? parse_amount(p, KW_WITH) : NULL;
    } else if (tok_is_word(p, KW_COMMENT)) {
        o->comment = parse_comment_option(p);
    } else if (tok_is_word(p, KW_AS) && !o->type) {
        tok_next(p);
        o->type = parse_type(p);
    } else {
        return take_bound(p, o) || take_owner(p, o) ||
               take_said(p, "cycle", "no cycle", &o->cycle) ||
               take_said(p, "order", "noorder", &o->ordered);
    }
    return true;
}

struct node *parse_sequence_options(struct parser *p, struct node *given)
{
    struct node *n = given ? given : parse_node(p, NODE_SEQUENCE_OPTIONS, tok(p)->offset);
    bool any = given != NULL;
    while (take_sequence_option(p, node_sequence_options(n))) {
        any = true;
    }
    return any ? parse_done(p, n) : NULL;
}

struct node *parse_create_sequence(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_SEQUENCE, flags->offset);
    struct node_create_sequence *create = node_create_sequence(n);
    create->or_replace = flags->or_replace;
    create->temporary = flags->temporary;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    tok_take_word(p, KW_WITH);
    create->options = parse_sequence_options(p, NULL);
    while (create->options && tok_take(p, TOK_COMMA)) {
        create->options = parse_sequence_options(p, create->options);
    }
    return parse_done(p, n);
}

/* Behind ALTER SEQUENCE. What isn't known of it is left at its first token. */
struct node *parse_alter_sequence(struct parser *p, size_t offset)
{
    struct node *n = parse_node(p, NODE_ALTER_SEQUENCE, offset);
    struct node_alter_sequence *alter = node_alter_sequence(n);
    alter->if_exists = take_if_exists(p);
    alter->name = parse_name(p);
    if (tok_take_words(p, KW_RENAME, KW_TO)) {
        alter->new_name = parse_name(p);
    } else if (tok_take_words(p, KW_SET, KW_SCHEMA)) {
        alter->new_schema = parse_ident(p);
    } else if (tok_take_all(p, "unset comment")) {
        alter->unset_comment = true;
    } else {
        tok_take_word(p, KW_SET);
        alter->options = parse_sequence_options(p, NULL);
        if (!alter->options && tok_says(p, 0, "owner")) {
            parse_unsupported(p, "an owner of a sequence is");
        }
        if (!alter->options) {
            parse_syntax_error(p);
        }
    }
    return parse_done(p, n);
}
