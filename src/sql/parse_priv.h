/* What the files of the parser share.
 *
 * A parsing function stands at the first token of what it reads, gives a node, and leaves the
 * parser behind it. It never gives NULL for "failed": an error is set and control leaves by longjmp
 * to the entry in parse.c. Nothing between owns anything but arena memory, so nothing is lost on
 * the way. */
#ifndef SQL_PARSE_PRIV_H
#define SQL_PARSE_PRIV_H

#include <setjmp.h>

#include "sql/lex.h"
#include "sql/operator.h"
#include "sql/parse.h"

enum { LOOKAHEAD = 4 /* a power of two */ };

struct parser {
    struct lexer lex;
    struct token ring[LOOKAHEAD];
    unsigned head, filled;
    size_t end; /* of the last token taken */
    struct arena *arena;
    enum dialect dialect;
    struct parse_limits limits;
    size_t nodes;
    int depth;
    int placeholders;             /* ? so far in this statement */
    bool numbered;                /* $1 so far in this statement */
    bool colon_ends;              /* what a colon here ends: [a:b], so it starts no path */
    struct node *top;             /* the query that TOP made, while nothing stands behind it */
    struct level *levels;         /* of check_depth() in parse.c */
    const uint32_t *inner_offset; /* while the text of a string is read: where the string stands */
    struct error *e;
    jmp_buf failed;
};

/* Errors: at the current token; at an offset. */
_Noreturn void parse_syntax_error(struct parser *p);
_Noreturn void parse_fail(struct parser *p, enum error_code code, size_t offset, const char *fmt,
                          ...) PRINTF_LIKE(4, 5);
_Noreturn void parse_unsupported(struct parser *p, const char *what); /* "X is not supported" */

/* Recursion: each function that can come back to itself calls both. The one place of the depth
 * limit while reading; the finished tree is measured again (parse.c). */
void parse_enter(struct parser *p);
void parse_leave(struct parser *p);
void parse_check_depth(struct parser *p, struct node *root); /* before anything recurses over it */

/* Tokens. */
const struct token *tok_peek(struct parser *p,
                             unsigned ahead); /* 0: the current one; below LOOKAHEAD */
struct token tok_next(struct parser *p);      /* takes the current one */

static inline const struct token *tok(struct parser *p)
{
    return p->filled ? &p->ring[p->head] : tok_peek(p, 0);
}

static inline bool tok_is(struct parser *p, enum token_kind kind)
{
    return tok(p)->kind == kind;
}

static inline bool tok_closes(struct parser *p, unsigned ahead, enum token_kind close)
{
    return tok_peek(p, ahead)->kind == close;
}

static inline bool tok_is_word(struct parser *p, enum keyword word)
{
    return tok(p)->word == word;
}

static inline bool tok_is_op(struct parser *p, enum op op)
{
    return tok(p)->kind == TOK_OP && tok(p)->op == op;
}

bool tok_take(struct parser *p, enum token_kind kind);
bool tok_take_word(struct parser *p, enum keyword word);
bool tok_take_words(struct parser *p, enum keyword first, enum keyword second); /* both or none */
struct token tok_need(struct parser *p, enum token_kind kind);
void tok_need_word(struct parser *p, enum keyword word);
bool tok_says(struct parser *p, unsigned ahead, const char *word); /* a word that is no keyword */
/* A comma, and behind it something: outside PostgreSQL a list may end in one. */
bool tok_more(struct parser *p);
bool tok_starts_expr(struct parser *p, unsigned ahead); /* false only where it can't */

/* Nodes. */
struct node *parse_node(struct parser *p, enum node_kind kind, size_t offset);
struct node *parse_done(struct parser *p, struct node *n); /* sets its length; gives n */
void parse_push(struct parser *p, struct node_list *list, struct node *n);

/* Names (parse_name.c). `is_name` functions only look. */
bool tok_is_column_name(struct parser *p, unsigned ahead); /* of a column, table, alias */
bool tok_is_label(struct parser *p);                       /* an alias without AS */
struct node *parse_ident(struct parser *p);                /* IDENT where a column name may stand */
bool parse_identifier_call(struct parser *p, struct node_list *parts); /* IDENTIFIER('a.b') */
struct node *parse_label(struct parser *p); /* IDENT behind AS or a dot: any word */
struct node *parse_name(struct parser *p);  /* NAME */
void parse_ident_list(struct parser *p, struct node_list *out); /* ( a, b ) */
struct node *parse_ident_of(struct parser *p, const struct token *t);
struct node *parse_quoted_ident(struct parser *p); /* a word, string or number, as if quoted */
struct node *parse_column_alias(struct parser *p); /* behind AS: a word, elsewhere a string too */
struct str parse_lower(struct parser *p, struct str s);

/* Literals and types. */
struct node *parse_literal(struct parser *p, enum literal_kind kind, struct str text,
                           size_t offset);
struct node *parse_take_literal(struct parser *p, enum literal_kind kind); /* the current token */
struct node *parse_parameter(struct parser *p);                            /* $1, ? */
struct node *parse_variable(struct parser *p);                             /* $name, :name */
struct node *parse_column_number(struct parser *p);                        /* #1 */
bool tok_starts_typed_literal(struct parser *p);
struct node *parse_typed_literal(struct parser *p); /* DATE '...' */
struct node *parse_bits(struct parser *p);
struct node *parse_list_lit(struct parser *p);
struct node *parse_array(struct parser *p);
struct node *parse_struct(struct parser *p);
struct node *parse_map(struct parser *p);
struct node *parse_row(struct parser *p);
struct node *parse_case(struct parser *p);
struct node *parse_exists(struct parser *p);
struct node *parse_type(struct parser *p);

/* Expressions. */
struct node *parse_expr(struct parser *p);
struct node *parse_expr_above(struct parser *p, enum precedence least);
struct node *parse_climb(struct parser *p, struct node *left, enum precedence least);
struct node *parse_prefix(struct parser *p);
struct node *parse_primary(struct parser *p);
struct node *parse_atom(struct parser *p); /* one without what may hang behind it */
struct node *parse_paren(struct parser *p);
struct node *parse_named(struct parser *p); /* a column, a call, t.* */
/* operand.f(x), at the opening parenthesis; `ident` is f. */
struct node *parse_method(struct parser *p, struct node *operand, struct node *ident);
struct node *parse_star(struct parser *p, struct node_list qualifier, size_t offset);
bool tok_is_unpacked(struct parser *p); /* *COLUMNS( */
struct node *parse_lambda_or_expr(struct parser *p);
struct node *parse_columns(struct parser *p, struct node_list qualifier, size_t offset);
struct node *parse_name_like(struct parser *p); /* of *: LIKE without an operand */
bool tok_is_name_like(struct parser *p);
void parse_args(struct parser *p, struct node_func *f);
void parse_expr_list(struct parser *p, struct node_list *out); /* a, b */
bool parse_special_call(struct parser *p, struct node **out);  /* CAST(...), EXTRACT(...), ... */
struct node *parse_call(struct parser *p, struct node *name);  /* at the opening parenthesis */
struct node *parse_extract(struct parser *p, size_t offset);   /* likewise, behind EXTRACT */
struct node *parse_odbc_convert(struct parser *p);
struct node *parse_func_of(struct parser *p, const char *name, size_t offset);
struct node *parse_window(struct parser *p); /* ( PARTITION BY ... ) */
struct node *parse_interval(struct parser *p);

/* Queries. */
bool tok_starts_query(struct parser *p); /* SELECT, VALUES, WITH, FROM, TABLE */
struct node *parse_query(struct parser *p);
struct node *parse_query_rest(struct parser *p, struct node *left); /* UNION ..., ORDER BY ... */
struct node *parse_query_under(struct parser *p, struct node_list ctes, int32_t recursive,
                               size_t offset); /* behind WITH ... */
bool tok_continues_query(struct parser *p);
bool parse_with(struct parser *p, struct node_list *ctes); /* whether RECURSIVE */
struct node *parse_query_in_parens(struct parser *p);
void parse_order_items(struct parser *p, struct node_list *out);             /* behind ORDER BY */
void parse_direction(struct parser *p, int32_t *descending, int32_t *nulls); /* ASC, NULLS ... */
void parse_targets(struct parser *p, struct node_list *out);
struct node *parse_target(struct parser *p);
struct node *parse_from_list(struct parser *p);
struct node *parse_from_item(struct parser *p);      /* one, joins included, no comma */
struct node *parse_suffixed_table(struct parser *p); /* without joins */
struct node *parse_table_ref(struct parser *p);      /* with its alias */
void parse_alias(struct parser *p, struct node **alias, struct node_list *columns);
struct node *parse_star_query(struct parser *p, struct node *from, size_t offset);
struct node *parse_described_table(struct parser *p); /* DESCRIBE query, in FROM */
bool tok_starts_described_table(struct parser *p);
struct node *parse_values(struct parser *p);

/* What hangs behind a FROM item, or is one of the rarer ones (parse_from_item.c, parse_pivot.c). */
struct node *parse_from_suffixes(struct parser *p, struct node *n);
bool tok_starts_suffix(struct parser *p);
struct node *parse_sample_clause(struct parser *p, struct node *source); /* behind its first word */
struct node *parse_travel(struct parser *p, struct node *table);
bool tok_starts_travel(struct parser *p, unsigned ahead);
bool parse_rare_table(struct parser *p, struct node **out);
struct node *parse_pivot(struct parser *p, struct node *source);
struct node *parse_unpivot(struct parser *p, struct node *source);
struct node *parse_pivot_statement(struct parser *p); /* SELECT */
struct node *parse_match_recognize(struct parser *p, struct node *source);

/* Words: of the grammar without being keywords; several of them, a space between. */
bool tok_take_said(struct parser *p, const char *word);
void tok_need_said(struct parser *p, const char *word);
bool tok_says_all(struct parser *p, const char *words);  /* at most LOOKAHEAD */
bool tok_take_all(struct parser *p, const char *words);  /* all or none */
bool tok_ends_statement(struct parser *p);               /* at ; or the end */
bool tok_is_last(struct parser *p, enum token_kind end); /* at `end` behind a comma that may be */

/* Clauses that aren't taken apart (parse_clause.c). */
struct node *parse_token(struct parser *p);                  /* one, or a GROUP */
void parse_clauses(struct parser *p, struct node_list *out); /* to the statement's end */
struct node *parse_option(struct parser *p, unsigned words); /* OPTION of a name of so many words */
bool tok_is_option(struct parser *p);                        /* name = */
void parse_other_clause(struct parser *p, struct node_list *out); /* an OPTION, or a word */
struct node *parse_comment_option(struct parser *p);              /* COMMENT [=] 'text' */
struct node *parse_string(struct parser *p);
struct node *parse_plain_value(struct parser *p); /* a string, a number, TRUE or FALSE */
struct node *parse_signed(struct parser *p);      /* a number, with a sign or not */
struct node *parse_stage(struct parser *p);

/* What CREATE says before it says what. */
struct create_flags {
    size_t offset;
    bool or_replace, temporary, secure, recursive, materialized, unique;
    enum table_form form;
    struct node_list words; /* the modifiers as written, IDENT */
};

/* Parts of statements. */
bool take_if_not_exists(struct parser *p);
bool take_if_exists(struct parser *p);
bool take_cascade(struct parser *p);               /* CASCADE | RESTRICT | nothing */
struct node *parse_target_table(struct parser *p); /* what DML writes */
struct node *value_or_default(struct parser *p);
void parse_values_row(struct parser *p, struct node_list *out);  /* (a, DEFAULT) */
void parse_assignments(struct parser *p, struct node_list *out); /* at SET */
void parse_returning(struct parser *p, struct node_list *out);
int32_t parse_overriding(struct parser *p);
/* NAME, or SIGNATURE where the kind has arguments and they follow. */
struct node *parse_object_name(struct parser *p, enum object_kind object);
enum object_kind take_object(struct parser *p); /* OBJECT_NONE: none that is run here */
/* Adds to `given`, which may be NULL; gives NULL where it has nothing. */
struct node *parse_sequence_options(struct parser *p, struct node *given);
void parse_time_travel(struct parser *p, struct node **at, int32_t *before);

/* Statements. */
struct node *parse_statement(struct parser *p);
struct node *parse_dml(struct parser *p);
struct node *parse_merge(struct parser *p);
struct node *parse_truncate(struct parser *p);
bool tok_starts_dml(struct parser *p, unsigned ahead);
struct node *parse_create(struct parser *p);
struct node *parse_create_table(struct parser *p, const struct create_flags *flags);
struct node *parse_create_sequence(struct parser *p, const struct create_flags *flags);
struct node *parse_create_macro(struct parser *p, const struct create_flags *flags);
struct node *parse_create_function(struct parser *p, const struct create_flags *flags,
                                   enum object_kind object);
bool tok_is_constraint(struct parser *p);
struct node *parse_constraint(struct parser *p);
/* name type options; `lifted` takes what a table must hold for the column, NULL: nothing can. */
struct node *parse_column_def(struct parser *p, struct node_list *lifted);
void parse_column_options(struct parser *p, struct node_column_def *column,
                          struct node_list *lifted);
bool take_governance(struct parser *p, struct node_list *out); /* MASKING POLICY ..., TAG (...) */
void parse_cluster(struct parser *p, struct node_list *out);   /* behind CLUSTER BY */
struct node *parse_drop(struct parser *p);
struct node *parse_alter(struct parser *p);
struct node *parse_alter_sequence(struct parser *p, size_t offset); /* at the name */
struct node *parse_comment(struct parser *p);
struct node *parse_explain(struct parser *p);
struct node *parse_describe(struct parser *p);
struct node *parse_transaction(struct parser *p);
struct node *parse_set(struct parser *p);
struct node *parse_setting_to(struct parser *p, bool local); /* name = value, as in SET */
struct str parse_setting(struct parser *p);
struct node *parse_unset(struct parser *p);
struct node *parse_show(struct parser *p);
struct str parse_shown(struct parser *p);
struct node *parse_reset(struct parser *p);
struct node *parse_use(struct parser *p);
struct node *parse_lock(struct parser *p);
struct node *parse_discard(struct parser *p);
struct node *parse_deallocate(struct parser *p);
struct node *parse_unlisten(struct parser *p);
struct node *parse_prepare(struct parser *p);
struct node *parse_execute(struct parser *p);
struct node *parse_declare(struct parser *p);
struct node *parse_fetch_cursor(struct parser *p);
struct node *parse_close(struct parser *p);
struct node *parse_call_statement(struct parser *p);
struct node *parse_copy(struct parser *p);

/* What never runs here (parse_foreign.c): of the verb that was taken at `offset`, at the object;
 * false where the words name nothing that is known. */
bool tok_is_foreign_object(struct parser *p);
struct node *parse_foreign_object(struct parser *p, const char *verb,
                                  const struct create_flags *flags);
/* The same of a kind that is run here, but not with this verb. */
struct node *parse_foreign_known(struct parser *p, const char *verb, size_t offset,
                                 enum object_kind object);
bool tok_is_foreign_statement(struct parser *p);
struct node *parse_foreign(struct parser *p); /* GRANT, PUT, ATTACH ... */
bool tok_starts_block(struct parser *p);
struct node *parse_block(struct parser *p); /* DECLARE ... BEGIN ... END */
struct node *parse_foreign_rest(struct parser *p, const char *verb, size_t offset); /* its words */

#endif
