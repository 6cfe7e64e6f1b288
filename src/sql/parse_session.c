/* Statements about the session: transactions, settings, EXPLAIN. */
#include "sql/parse_priv.h"

static enum isolation parse_isolation(struct parser *p)
{
    if (tok_take_word(p, KW_SERIALIZABLE)) {
        return ISOLATION_SERIALIZABLE;
    }
    if (tok_take_words(p, KW_REPEATABLE, KW_READ)) {
        return ISOLATION_REPEATABLE_READ;
    }
    tok_need_word(p, KW_READ);
    if (tok_take_word(p, KW_COMMITTED)) {
        return ISOLATION_READ_COMMITTED;
    }
    tok_need_word(p, KW_UNCOMMITTED);
    return ISOLATION_READ_UNCOMMITTED;
}

/* ISOLATION LEVEL ..., READ ONLY, READ WRITE, commas between or not. DEFERRABLE matters only to
 * PostgreSQL's own serializable snapshots; NOT DEFERRABLE says the default. */
static void parse_modes(struct parser *p, struct node_transaction *t)
{
    for (bool comma = false;; comma = tok_take(p, TOK_COMMA)) {
        if (tok_take_words(p, KW_ISOLATION, KW_LEVEL)) {
            t->isolation = parse_isolation(p);
        } else if (tok_is_word(p, KW_READ)) {
            tok_next(p);
            t->access = tok_take_word(p, KW_ONLY) ? SAID_YES : SAID_NO;
            if (t->access == SAID_NO) {
                tok_need_word(p, KW_WRITE);
            }
        } else if (tok_take_word(p, KW_DEFERRABLE)) {
            t->deferrable = true;
        } else if (!tok_take_words(p, KW_NOT, KW_DEFERRABLE)) {
            if (comma) {
                parse_syntax_error(p);
            }
            return;
        }
    }
}

static void take_work(struct parser *p)
{
    if (!tok_take_word(p, KW_WORK)) {
        tok_take_word(p, KW_TRANSACTION);
    }
}

static void parse_chain(struct parser *p, struct node_transaction *t)
{
    if (tok_take_word(p, KW_AND)) {
        t->chain = !tok_take_word(p, KW_NO);
        tok_need_word(p, KW_CHAIN);
    }
}

static void parse_end(struct parser *p, struct node_transaction *t, enum transaction_verb verb)
{
    t->verb = verb;
    take_work(p);
    if (verb == TXN_ROLLBACK && tok_take_word(p, KW_TO)) {
        tok_take_word(p, KW_SAVEPOINT);
        t->verb = TXN_ROLLBACK_TO;
        t->savepoint = node_ident(parse_ident(p))->text;
        return;
    }
    parse_chain(p, t);
}

/* [WORK | TRANSACTION] [NAME x] modes; DuckDB's BEGIN IMMEDIATE and its like change nothing here.
 */
static void parse_begin(struct parser *p, struct node_transaction *t)
{
    t->verb = TXN_BEGIN;
    take_work(p);
    if (tok_take_word(p, KW_NAME)) {
        t->name = node_ident(parse_ident(p))->text;
    }
    parse_modes(p, t);
}

struct node *parse_transaction(struct parser *p)
{
    if (tok_starts_block(p)) {
        return parse_block(p);
    }
    if (tok_says(p, 1, "prepared") && tok_peek(p, 2)->kind == TOK_STRING) {
        struct token verb = tok_next(p);
        return parse_foreign_rest(p, verb.word == KW_COMMIT ? "commit" : "rollback", verb.offset);
    }
    struct node *n = parse_node(p, NODE_TRANSACTION, tok(p)->offset);
    struct node_transaction *t = node_transaction(n);
    switch (tok_next(p).word) {
    case KW_START:
        if (!tok_is_word(p, KW_TRANSACTION)) {
            parse_syntax_error(p);
        }
        parse_begin(p, t);
        break;
    case KW_BEGIN:
        parse_begin(p, t);
        break;
    case KW_COMMIT:
    case KW_END:
        parse_end(p, t, TXN_COMMIT);
        break;
    case KW_SAVEPOINT:
        t->verb = TXN_SAVEPOINT;
        t->savepoint = node_ident(parse_ident(p))->text;
        break;
    case KW_RELEASE:
        tok_take_word(p, KW_SAVEPOINT);
        t->verb = TXN_RELEASE;
        t->savepoint = node_ident(parse_ident(p))->text;
        break;
    default:
        parse_end(p, t, TXN_ROLLBACK);
        break;
    }
    return parse_done(p, n);
}

/* A setting's name, in lower case: "hatidata.environment". */
struct str parse_setting(struct parser *p)
{
    struct node *n = parse_name(p);
    const struct node_list *parts = &node_name(n)->parts;
    struct str name = parse_lower(p, node_ident(parts->at[0])->text);
    for (uint32_t i = 1; i < parts->n; i++) {
        struct str part = parse_lower(p, node_ident(parts->at[i])->text);
        name = str_of(arena_printf(p->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(part)));
    }
    return name;
}

/* A value: a literal, a signed number, or a word (IDENT), as in SET x = on. */
static struct node *parse_setting_value(struct parser *p)
{
    bool is_word = (tok_is(p, TOK_WORD) && !tok_is_word(p, KW_TRUE) && !tok_is_word(p, KW_FALSE)) ||
                   tok_is(p, TOK_QUOTED);
    if (!is_word) {
        return parse_plain_value(p);
    }
    return tok_is_word(p, KW_ON) ? parse_label(p) : parse_ident(p);
}

/* Whether behind the comma another setting begins, as in ALTER SESSION SET a = 1, b = 2. */
static bool at_next_setting(struct parser *p)
{
    const struct token *behind = tok_peek(p, 2);
    return (behind->kind == TOK_OP && behind->op == OP_EQ) || behind->word == KW_TO ||
           behind->kind == TOK_DOT;
}

static void parse_setting_values(struct parser *p, struct node_set *set)
{
    if (tok_take_word(p, KW_DEFAULT)) {
        set->to_default = true;
        return;
    }
    parse_push(p, &set->values, parse_setting_value(p));
    while (tok_is(p, TOK_COMMA) && !at_next_setting(p)) {
        tok_next(p);
        parse_push(p, &set->values, parse_setting_value(p));
    }
}

/* SET TIME ZONE 'x' | LOCAL | DEFAULT */
static void parse_time_zone(struct parser *p, struct node_set *set)
{
    set->name = STR("timezone");
    tok_need_word(p, KW_ZONE);
    if (tok_take_word(p, KW_LOCAL)) {
        set->to_default = true;
        return;
    }
    if (tok_is_word(p, KW_INTERVAL)) {
        parse_unsupported(p, "a time zone as INTERVAL is");
    }
    parse_setting_values(p, set);
}

/* SET [SESSION CHARACTERISTICS AS] TRANSACTION modes */
static struct node *parse_characteristics(struct parser *p, size_t offset)
{
    struct node *n = parse_node(p, NODE_TRANSACTION, offset);
    struct node_transaction *t = node_transaction(n);
    t->verb = TXN_SET;
    if (tok_take_word(p, KW_CHARACTERISTICS)) {
        t->verb = TXN_SET_SESSION;
        tok_need_word(p, KW_AS);
    }
    tok_need_word(p, KW_TRANSACTION);
    parse_modes(p, t);
    return parse_done(p, n);
}

struct node *parse_setting_to(struct parser *p, bool local)
{
    struct node *n = parse_node(p, NODE_SET, tok(p)->offset);
    struct node_set *set = node_set(n);
    set->local = local;
    if (tok_is_word(p, KW_TIME) && tok_peek(p, 1)->word == KW_ZONE) {
        tok_next(p);
        parse_time_zone(p, set);
        return parse_done(p, n);
    }
    if (tok_is_word(p, KW_NAMES) && tok_peek(p, 1)->kind == TOK_STRING) {
        tok_next(p);
        set->name = STR("client_encoding");
    } else {
        set->name = parse_setting(p);
        if (tok_is_op(p, OP_EQ)) {
            tok_next(p);
        } else {
            tok_need_word(p, KW_TO);
        }
    }
    parse_setting_values(p, set);
    return parse_done(p, n);
}

/* VARIABLE a = x; (a, b) = (x, y); in Snowflake's dialect a = expression */
static struct node *parse_set_variable(struct parser *p, size_t offset)
{
    struct node *n = parse_node(p, NODE_SET_VARIABLE, offset);
    struct node_set_variable *set = node_set_variable(n);
    bool is_list = tok_is(p, TOK_LPAREN);
    if (is_list) {
        parse_ident_list(p, &set->names);
    } else {
        parse_push(p, &set->names, parse_ident(p));
    }
    if (!tok_is_op(p, OP_EQ)) {
        tok_need_word(p, KW_TO);
    } else {
        tok_next(p);
    }
    if (is_list) {
        tok_need(p, TOK_LPAREN);
        parse_expr_list(p, &set->values);
        tok_need(p, TOK_RPAREN);
    } else {
        parse_push(p, &set->values, parse_expr(p));
    }
    if (set->names.n != set->values.n) {
        parse_fail(p, ERR_BAD_SQL, offset, "as many values as variables are needed");
    }
    return parse_done(p, n);
}

/* Whether SET sets a variable alone. In Snowflake's dialect SET name = value, where the value is
 * one that a setting may have, sets what has that name: who runs it knows the settings. A value
 * that is an expression is a variable's. */
static bool starts_variable(struct parser *p)
{
    if (tok_is(p, TOK_LPAREN)) {
        return true;
    }
    const struct token *next = tok_peek(p, 1);
    bool is_local = p->dialect == DIALECT_SNOWFLAKE && next->kind == TOK_OP && next->op == OP_EQ;
    if (!is_local || !tok_is_column_name(p, 0)) {
        return false;
    }
    const struct token *value = tok_peek(p, 2);
    bool is_sign = value->kind == TOK_OP && (value->op == OP_SUB || value->op == OP_ADD);
    bool is_value = is_sign || value->kind == TOK_WORD || value->kind == TOK_QUOTED ||
                    (value->kind >= TOK_STRING && value->kind <= TOK_FLOAT);
    enum token_kind behind = tok_peek(p, 3)->kind;
    bool is_end = behind == TOK_COMMA || behind == TOK_SEMICOLON || behind == TOK_END;
    return !is_value || (!is_sign && !is_end);
}

/* Who the user is isn't said in SQL: SET [SESSION | LOCAL] ROLE ..., SESSION AUTHORIZATION ...
 * A setting may be called role too. */
static struct node *take_user(struct parser *p, const char *verb, size_t offset)
{
    static const char *const words[] = {"session authorization", "local session authorization",
                                        "session role", "local role", "role"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        unsigned count = i == 1 ? 3 : i == 4 ? 1 : 2;
        if (!tok_says_all(p, words[i])) {
            continue;
        }
        const struct token *next = tok_peek(p, count);
        bool is_name =
            next->kind == TOK_WORD || next->kind == TOK_QUOTED || next->kind == TOK_STRING;
        bool is_end = next->kind == TOK_SEMICOLON || next->kind == TOK_END;
        if (next->word == KW_TO || (!is_name && !is_end)) {
            continue;
        }
        tok_take_all(p, words[i]);
        const char *what = i < 2 ? "session authorization" : "role";
        return parse_foreign_rest(p, arena_printf(p->arena, "%s %s", verb, what), offset);
    }
    return NULL;
}

struct node *parse_set(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    bool local = false;
    struct node *foreign = take_user(p, "set", offset);
    if (foreign) {
        return foreign;
    }
    const struct token *next = tok_peek(p, 1);
    bool is_scope = next->kind == TOK_QUOTED || (next->kind == TOK_WORD && next->word != KW_TO);
    if (is_scope && tok_take_word(p, KW_LOCAL)) {
        local = true;
    } else if (is_scope && tok_says(p, 0, "global")) {
        parse_unsupported(p, "SET GLOBAL is"); /* a session sets for itself alone */
    } else if (is_scope) {
        tok_take_word(p, KW_SESSION);
    }
    next = tok_peek(p, 1);
    bool is_name =
        (next->kind == TOK_OP && next->op == OP_EQ) || next->word == KW_TO || next->kind == TOK_DOT;
    if (!is_name && (tok_is_word(p, KW_CHARACTERISTICS) || tok_is_word(p, KW_TRANSACTION))) {
        return parse_characteristics(p, offset);
    }
    if (!is_name && tok_take_said(p, "constraints")) {
        return parse_foreign_rest(p, "set constraints", offset);
    }
    if (!is_name && tok_take_said(p, "variable")) {
        return parse_set_variable(p, offset);
    }
    if (starts_variable(p)) {
        return parse_set_variable(p, offset);
    }
    struct node *n = parse_setting_to(p, local);
    n->offset = (uint32_t)offset;
    return parse_done(p, n);
}

/* UNSET a; UNSET (a, b) */
struct node *parse_unset(struct parser *p)
{
    struct node *n = parse_node(p, NODE_UNSET_VARIABLE, tok_next(p).offset);
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &node_unset_variable(n)->names);
    } else {
        parse_push(p, &node_unset_variable(n)->names, parse_ident(p));
    }
    return parse_done(p, n);
}

/* The name behind SHOW and RESET, with the standard's spellings. */
struct str parse_shown(struct parser *p)
{
    if (tok_take_word(p, KW_ALL)) {
        return STR("all");
    }
    if (tok_take_words(p, KW_TIME, KW_ZONE)) {
        return STR("timezone");
    }
    if (tok_take_words(p, KW_TRANSACTION, KW_ISOLATION)) {
        tok_need_word(p, KW_LEVEL);
        return STR("transaction_isolation");
    }
    return parse_setting(p);
}

struct node *parse_reset(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    struct node *foreign = take_user(p, "reset", offset);
    if (foreign) {
        return foreign;
    }
    if (tok_says(p, 0, "variable") && tok_is_column_name(p, 1)) {
        tok_next(p);
        struct node *unset = parse_node(p, NODE_UNSET_VARIABLE, offset);
        parse_push(p, &node_unset_variable(unset)->names, parse_ident(p));
        return parse_done(p, unset);
    }
    struct node *n = parse_node(p, NODE_RESET, offset);
    if (!tok_take_word(p, KW_SESSION)) {
        tok_take_word(p, KW_LOCAL);
    }
    node_reset(n)->name = parse_shown(p);
    return parse_done(p, n);
}

struct node *parse_discard(struct parser *p)
{
    static const char *const kinds[] = {"all", "plans", "sequences", "temp", "temporary"};
    struct node *n = parse_node(p, NODE_DISCARD, tok_next(p).offset);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (tok_says(p, 0, kinds[i])) {
            node_discard(n)->what = str_of(i == 4 ? "temp" : kinds[i]);
            tok_next(p);
            return parse_done(p, n);
        }
    }
    parse_syntax_error(p);
}

/* IN mode MODE; without it PostgreSQL takes the strongest. */
static struct str parse_lock_mode(struct parser *p)
{
    static const char *const modes[] = {
        "access share",        "row share", "row exclusive", "share update exclusive",
        "share row exclusive", "share",     "exclusive",     "access exclusive"};
    if (!tok_take_word(p, KW_IN)) {
        return STR("access exclusive");
    }
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (tok_says_all(p, modes[i])) {
            for (struct str rest = str_of(modes[i]); rest.p;) {
                (void)str_cut(&rest, ' ');
                tok_next(p);
            }
            if (!tok_says_all(p, "mode")) {
                break;
            }
            tok_next(p);
            return str_of(modes[i]);
        }
    }
    parse_syntax_error(p);
}

/* LOCK [TABLE] [ONLY] name [*] [, ...] [IN mode MODE] [NOWAIT] */
struct node *parse_lock(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LOCK, tok_next(p).offset);
    tok_take_word(p, KW_TABLE);
    do {
        if (tok_says_all(p, "only")) {
            tok_next(p);
        }
        node_push(p->arena, &node_lock(n)->names, parse_name(p));
        if (tok_is_op(p, OP_MUL)) {
            tok_next(p);
        }
    } while (tok_take(p, TOK_COMMA));
    node_lock(n)->mode = parse_lock_mode(p);
    node_lock(n)->nowait = tok_says_all(p, "nowait");
    if (node_lock(n)->nowait) {
        tok_next(p);
    }
    return parse_done(p, n);
}

/* UNLISTEN * | channel: of what nobody can listen to. */
struct node *parse_unlisten(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DISCARD, tok_next(p).offset);
    node_discard(n)->what = STR("listening");
    if (tok_is_op(p, OP_MUL)) {
        tok_next(p);
    } else {
        node_discard(n)->name = node_ident(parse_ident(p))->text;
    }
    return parse_done(p, n);
}

struct node *parse_deallocate(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DISCARD, tok_next(p).offset);
    node_discard(n)->what = STR("prepared");
    if (tok_says(p, 0, "prepare") && tok_peek(p, 1)->kind == TOK_WORD) {
        tok_next(p);
    }
    if (!tok_take_word(p, KW_ALL)) {
        node_discard(n)->name = node_ident(parse_ident(p))->text;
    }
    return parse_done(p, n);
}

static bool take_switch(struct parser *p)
{
    if (tok_take_word(p, KW_FALSE) || tok_take_said(p, "off")) {
        return false;
    }
    if (tok_is(p, TOK_INTEGER)) {
        return !str_is(tok_next(p).text, "0");
    }
    if (!tok_take_word(p, KW_TRUE)) {
        tok_take_word(p, KW_ON);
    }
    return true;
}

static enum explain_format parse_format(struct parser *p)
{
    if (tok_take_said(p, "text")) {
        return EXPLAIN_TEXT;
    }
    if (tok_take_said(p, "json")) {
        return EXPLAIN_JSON;
    }
    if (tok_take_said(p, "tabular")) {
        return EXPLAIN_TABULAR;
    }
    if (!tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    parse_unsupported(p, "this format of EXPLAIN is");
}

/* What is only shown beside a plan; each word is kept with "no" before it where it was turned off.
 */
static void parse_explain_option(struct parser *p, struct node_explain *explain)
{
    static const char *const known[] = {"verbose", "costs",  "settings", "generic_plan", "buffers",
                                        "wal",     "timing", "summary",  "memory"};
    if (tok_take_word(p, KW_ANALYZE) || tok_take_word(p, KW_ANALYSE)) {
        explain->analyze = take_switch(p);
        return;
    }
    if (tok_take_said(p, "format")) {
        explain->format = parse_format(p);
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (tok_take_said(p, known[i])) {
            const char *gap = explain->options.n ? " " : "";
            const char *no = take_switch(p) ? "" : "no ";
            explain->options = str_of(
                arena_printf(p->arena, "%.*s%s%s%s", STR_ARG(explain->options), gap, no, known[i]));
            return;
        }
    }
    parse_unsupported(p, "this option of EXPLAIN is");
}

static void parse_explain_options(struct parser *p, struct node_explain *explain)
{
    const struct token *next = tok_peek(p, 1);
    bool is_query = next->kind == TOK_LPAREN || next->word == KW_SELECT || next->word == KW_WITH ||
                    next->word == KW_VALUES || next->word == KW_FROM || next->word == KW_TABLE;
    if (tok_is(p, TOK_LPAREN) && !is_query) {
        tok_next(p);
        do {
            parse_explain_option(p, explain);
        } while (tok_take(p, TOK_COMMA));
        tok_need(p, TOK_RPAREN);
        return;
    }
    explain->analyze = tok_take_word(p, KW_ANALYZE) || tok_take_word(p, KW_ANALYSE);
    if (tok_take_word(p, KW_VERBOSE)) {
        explain->options = STR("verbose");
    }
    if (tok_take_word(p, KW_USING)) {
        explain->format = parse_format(p);
    }
}

static bool is_explainable(const struct node *n)
{
    switch (n->kind) {
    case NODE_QUERY:
    case NODE_INSERT:
    case NODE_MULTI_INSERT:
    case NODE_UPDATE:
    case NODE_DELETE:
    case NODE_MERGE:
    case NODE_CREATE_TABLE:
    case NODE_CREATE_VIEW:
    case NODE_EXECUTE:
    case NODE_DECLARE_CURSOR:
        return true;
    default:
        return false;
    }
}

bool sql_is_of_session(const struct node *stmt)
{
    switch ((int)stmt->kind) {
    case NODE_TRANSACTION:
    case NODE_SET:
    case NODE_SHOW:
    case NODE_RESET:
    case NODE_DISCARD:
    case NODE_ALTER_SESSION:
    case NODE_SET_VARIABLE:
    case NODE_UNSET_VARIABLE:
    case NODE_USE:
    case NODE_LOCK:
    case NODE_PREPARE:
    case NODE_EXECUTE:
    case NODE_DECLARE_CURSOR:
    case NODE_FETCH:
    case NODE_CLOSE:
        return true;
    default:
        return false;
    }
}

/* What policy decides about where a statement of the session keeps another for later. Which one
 * EXECUTE means only the session knows. */
static struct node *kept_statement(struct node *n)
{
    switch ((int)n->kind) {
    case NODE_PREPARE:
        return node_prepare(n)->statement;
    case NODE_DECLARE_CURSOR:
        return node_declare_cursor(n)->query;
    default:
        return n;
    }
}

/* EXPLAIN POLICY statement */
static struct node *parse_explain_policy(struct parser *p, size_t begun)
{
    struct node *n = parse_node(p, NODE_EXPLAIN_POLICY, begun);
    tok_next(p);
    if (tok_is_word(p, KW_EXPLAIN)) {
        parse_syntax_error(p);
    }
    size_t offset = tok(p)->offset;
    parse_enter(p);
    struct node *inner = kept_statement(parse_done(p, parse_statement(p)));
    parse_leave(p);
    if ((sql_is_of_session(inner) && inner->kind != NODE_EXECUTE) || inner->kind == NODE_CALL) {
        parse_fail(p, ERR_UNSUPPORTED, offset,
                   "EXPLAIN POLICY of a statement of the session is not supported: no policy "
                   "decides about it");
    }
    node_explain_policy(n)->statement = inner;
    return parse_done(p, n);
}

struct node *parse_explain(struct parser *p)
{
    size_t begun = tok_next(p).offset;
    if (tok_says(p, 0, "policy")) {
        return parse_explain_policy(p, begun);
    }
    struct node *n = parse_node(p, NODE_EXPLAIN, begun);
    struct node_explain *explain = node_explain(n);
    parse_explain_options(p, explain);
    if (tok_is_word(p, KW_EXPLAIN)) {
        parse_syntax_error(p);
    }
    size_t offset = tok(p)->offset;
    explain->statement = parse_done(p, parse_statement(p));
    if (!is_explainable(explain->statement)) {
        parse_fail(p, ERR_UNSUPPORTED, offset, "EXPLAIN of this statement is not supported");
    }
    return parse_done(p, n);
}
