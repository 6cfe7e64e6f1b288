/* What there is: SHOW, DESCRIBE, SUMMARIZE; and USE, which says where names are looked for. */
#include "sql/parse_priv.h"

/* Kinds of objects that SHOW lists; who runs it knows which of them exist here. Longer ones before
 * their beginnings. */
static const char *const listed[] = {
    "tables",
    "all tables",
    "views",
    "columns",
    "schemas",
    "databases",
    "objects",
    "sequences",
    "functions",
    "macros",
    "types",
    "indexes",
    "variables",
    "parameters",
    "primary keys",
    "unique keys",
    "imported keys",
    "exported keys",
    "user functions",
    "builtin functions",
    "external functions",
    "external tables",
    "dynamic tables",
    "iceberg tables",
    "hybrid tables",
    "event tables",
    "transactions",
    "locks",
    "materialized views",
    "semantic views",
    "semantic dimensions",
    "semantic metrics",
    "procedures",
    "user procedures",
    "stages",
    "file formats",
    "streams",
    "tasks",
    "pipes",
    "tags",
    "alerts",
    "warehouses",
    "users",
    "roles",
    "shares",
    "secrets",
    "integrations",
    "storage integrations",
    "api integrations",
    "security integrations",
    "notification integrations",
    "catalog integrations",
    "masking policies",
    "row access policies",
    "network policies",
    "password policies",
    "session policies",
    "authentication policies",
    "aggregation policies",
    "projection policies",
    "resource monitors",
    "managed accounts",
    "organization accounts",
    "accounts",
    "applications",
    "application packages",
    "application roles",
    "database roles",
    "replication databases",
    "replication accounts",
    "replication groups",
    "failover groups",
    "regions",
    "connections",
    "channels",
    "services",
    "compute pools",
    "image repositories",
    "git repositories",
    "git branches",
    "notebooks",
    "streamlits",
    "models",
    "versions",
    "listings",
    "network rules",
    "external volumes",
    "delegated authorizations",
    "global accounts",
    "releases",
    "classes",
};

/* How many words of the list stand here; 0: none. A setting may have such a name too, then quoted
 * or behind a dot. */
static unsigned at_listed(struct parser *p, const char **which)
{
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
        if (tok_says_all(p, listed[i])) {
            *which = listed[i];
            return strchr(listed[i], ' ') ? 2 : 1;
        }
    }
    return 0;
}

/* The kinds that IN may name, and the name. */
static void parse_place(struct parser *p, struct node_show_objects *show)
{
    static const char *const scopes[] = {
        "account",     "database", "schema", "table",   "view",  "session", "warehouse",
        "application", "user",     "task",   "dynamic", "model", "class",   "share",
    };
    show->in = true;
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        if (tok_says(p, 0, scopes[i]) && tok_peek(p, 1)->kind != TOK_DOT) {
            show->scope = str_of(scopes[i]);
            tok_next(p);
            break;
        }
    }
    bool has_name =
        (tok_is_column_name(p, 0) && !tok_is_word(p, KW_START) && !tok_says(p, 0, "starts")) ||
        tok_is(p, TOK_QUOTED);
    if (has_name) {
        show->place = parse_name(p);
    }
    if (!has_name && !show->scope.n) {
        parse_syntax_error(p);
    }
}

/* LIKE 'x', IN place, STARTS WITH 'x', LIMIT n FROM 'x', in any order. */
static bool take_show_clause(struct parser *p, struct node_show_objects *show)
{
    if (!show->like && tok_take_word(p, KW_LIKE)) {
        show->like = parse_string(p);
    } else if (!show->in && tok_take_word(p, KW_IN)) {
        parse_place(p, show);
    } else if (!show->starts_with && tok_take_all(p, "starts with")) {
        show->starts_with = parse_string(p);
    } else if (!show->limit && tok_take_word(p, KW_LIMIT)) {
        show->limit = parse_signed(p);
    } else if (!show->from && tok_is_word(p, KW_FROM) && tok_peek(p, 1)->kind == TOK_STRING) {
        tok_next(p);
        show->from = parse_string(p);
    } else if (!show->history && tok_take_said(p, "history")) {
        show->history = true;
    } else if (!show->in && tok_is_word(p, KW_FROM) && tok_peek(p, 1)->kind != TOK_STRING) {
        tok_next(p); /* SHOW TABLES FROM schema */
        parse_place(p, show);
    } else if (!show->where && tok_take_word(p, KW_WHERE)) {
        show->where = parse_expr(p);
    } else {
        return false;
    }
    return true;
}

static struct node *parse_show_objects(struct parser *p, size_t offset, const char *objects,
                                       bool terse, bool full)
{
    struct node *n = parse_node(p, NODE_SHOW_OBJECTS, offset);
    struct node_show_objects *show = node_show_objects(n);
    show->objects = str_of(objects);
    show->terse = terse;
    show->full = full;
    while (take_show_clause(p, show)) {
    }
    while (!tok_ends_statement(p)) { /* SHOW VERSIONS IN MODEL m ..., of kinds that aren't here */
        parse_push(p, &show->options, parse_token(p));
    }
    return parse_done(p, n);
}

struct node *parse_show(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    const char *objects = NULL;
    bool terse = tok_peek(p, 1)->kind == TOK_WORD && tok_take_said(p, "terse");
    bool full = !terse && tok_is_word(p, KW_FULL) && tok_peek(p, 1)->kind == TOK_WORD;
    if (full) {
        tok_next(p);
    }
    unsigned words = at_listed(p, &objects);
    if (words > 0) {
        for (unsigned i = 0; i < words; i++) {
            tok_next(p);
        }
        return parse_show_objects(p, offset, objects, terse, full);
    }
    if (terse || full) {
        parse_unsupported(p, "SHOW of this kind of object is");
    }
    if (tok_says(p, 0, "grants") || tok_says_all(p, "future grants") ||
        tok_says_all(p, "create table")) {
        return parse_foreign_rest(p, "show", offset);
    }
    struct node *n = parse_node(p, NODE_SHOW, offset);
    node_show(n)->name = parse_shown(p);
    return parse_done(p, n);
}

/* ---- DESCRIBE ---- */

static void parse_described(struct parser *p, struct node_describe *describe)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    bool is_name = next == TOK_DOT || next == TOK_END || next == TOK_SEMICOLON;
    if (tok_starts_query(p) && !(is_name && tok_is_column_name(p, 0)) &&
        !(tok_is_word(p, KW_TABLE) && !describe->summarize)) {
        describe->query = parse_query(p);
        return;
    }
    describe->object = is_name ? OBJECT_NONE : take_object(p);
    describe->name = parse_object_name(p, (enum object_kind)describe->object);
    if (tok_take_word(p, KW_TYPE)) {
        if (!tok_is_op(p, OP_EQ)) {
            parse_syntax_error(p);
        }
        tok_next(p);
        describe->stage = tok_take_said(p, "stage");
        if (!describe->stage) {
            tok_need_said(p, "columns");
        }
    }
}

struct node *parse_describe(struct parser *p)
{
    struct create_flags flags = {.offset = tok(p)->offset};
    bool summarize = tok_next(p).word == KW_SUMMARIZE;
    if (!summarize && tok_ends_statement(p)) { /* DuckDB's DESCRIBE alone lists the tables */
        return parse_show_objects(p, flags.offset, "tables", false, false);
    }
    if (!summarize && tok_is_foreign_object(p) && tok_peek(p, 1)->kind != TOK_DOT) {
        return parse_foreign_object(p, "describe", &flags);
    }
    if (!summarize &&
        (tok_says(p, 0, "result") || tok_says(p, 0, "external") || tok_says(p, 0, "dynamic") ||
         tok_says(p, 0, "iceberg")) &&
        tok_peek(p, 1)->kind != TOK_DOT && tok_peek(p, 1)->kind != TOK_END) {
        return parse_foreign_rest(p, "describe", flags.offset);
    }
    struct node *n = parse_node(p, NODE_DESCRIBE, flags.offset);
    node_describe(n)->summarize = summarize;
    node_describe(n)->object = OBJECT_NONE;
    parse_described(p, node_describe(n));
    return parse_done(p, n);
}

/* ---- USE ---- */

struct node *parse_use(struct parser *p)
{
    static const char *const kinds[] = {"database", "schema", "role", "warehouse", "catalog"};
    struct node *n = parse_node(p, NODE_USE, tok_next(p).offset);
    struct node_use *use = node_use(n);
    enum token_kind next = tok_peek(p, 1)->kind;
    bool has_kind = next == TOK_WORD || next == TOK_QUOTED || next == TOK_STRING;
    if (has_kind && tok_take_all(p, "secondary roles")) {
        use->object = STR("secondary roles");
        struct node *name = parse_node(p, NODE_NAME, tok(p)->offset);
        parse_push(p, &node_name(name)->parts, parse_label(p));
        use->name = parse_done(p, name);
        return parse_done(p, n);
    }
    for (size_t i = 0; has_kind && i < sizeof kinds / sizeof *kinds; i++) {
        if (tok_take_said(p, kinds[i])) {
            use->object = str_of(kinds[i]);
            break;
        }
    }
    use->name = parse_name(p);
    return parse_done(p, n);
}
