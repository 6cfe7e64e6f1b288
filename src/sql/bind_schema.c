/* Schemas and sequences of an organization. */
#include <string.h>

#include "base/buf.h"
#include "sql/bind_ddl.h"
#include "sql/make.h"

/* ---- schemas ---- */

/* Words that mean something else as a schema, to clients or to the engine. */
bool bind_is_reserved_schema(struct str name)
{
    static const char *const words[] = {"information_schema", "main",  "temp", "hati",
                                        "hatidata",           "system"};
    bool reserved = name.n >= 3 && str_iis((struct str){name.p, 3}, "pg_");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        reserved |= str_iis(name, words[i]);
    }
    return reserved || name.n == 0 || name.n > 63 || memchr(name.p, '.', name.n);
}

/* [database.]schema */
static enum status schema_name(struct binder *b, const struct node *name, struct str *out)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    *out = ident_text(parts->at[parts->n - 1]);
    if (parts->n > 2) {
        return bind_fail(b, name, ERR_BAD_SQL, "name it as schema or database.schema");
    }
    if (parts->n == 2 && sql_database_schema(b->ctx, parts->at[0], *out, out, b->e) != OK) {
        return FAIL;
    }
    *out = parts->n == 1 ? bind_in_database(b, *out) : *out;
    if (!b->ctx->space.org_id.n) {
        return bind_fail(b, name, ERR_DENIED, "only an organization can have a schema");
    }
    return OK;
}

void bind_schema_on_engine(struct binder *b, struct node *name, struct str schema)
{
    node_name(name)->engine_schema = catalog_schema_on_engine(b->a, b->ctx->space, schema);
}

enum status bind_create_schema(struct binder *b, struct node_create_schema *n)
{
    struct str name;
    b->out->kind = STATEMENT_DDL;
    if (n->object == OBJECT_DATABASE) {
        return bind_create_database(b, n);
    }
    if (!n->name || n->owner || n->clone || n->comment || n->options.n) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "CREATE SCHEMA takes a name alone");
    }
    if (schema_name(b, n->name, &name) != OK) {
        return FAIL;
    }
    bool exists = catalog_has_schema(b->ctx->catalog, b->ctx->space, name);
    if (exists && !n->if_not_exists) {
        return bind_fail(b, n->name, ERR_EXISTS, "schema \"%.*s\" already exists", STR_ARG(name));
    }
    const struct node_list *parts = &node_name(n->name)->parts;
    if (!exists && bind_is_reserved_schema(ident_text(parts->at[parts->n - 1]))) {
        return bind_fail(b, n->name, ERR_BAD_SQL, "unacceptable schema name \"%.*s\"",
                         STR_ARG(name));
    }
    n->or_replace = n->transient = 0;
    n->if_not_exists = 1; /* the engine's answer to a race says nothing of names */
    b->out->creates = true;
    bind_schema_on_engine(b, n->name, exists ? STR(CATALOG_PUBLIC_SCHEMA) : name);
    return OK;
}

/* What is in a schema goes with it: policy has its say for each. */
static enum status add_contents(struct binder *b, const struct node *at, struct str schema,
                                bool cascade)
{
    const struct table **all = NULL;
    size_t n = catalog_list(b->ctx->catalog, b->ctx->space, b->a, &all);
    for (size_t i = 0; i < n; i++) {
        if (!str_ieq(all[i]->schema, schema)) {
            continue;
        }
        if (!cascade || !bind_may_see(b, all[i])) {
            (void)bind_fail(b, at, ERR_UNSUPPORTED, "schema \"%.*s\" isn't empty", STR_ARG(schema));
            return error_hint(b->e, "Drop what is in it, or say CASCADE.");
        }
        bind_add_ddl_table(b, all[i]);
    }
    return OK;
}

static struct node *drop_macros(struct binder *b, struct str schema)
{
    struct node *n = node_new(b->a, NODE_DROP, 0), *name = make_name(b->a, schema);
    node_drop(n)->object = OBJECT_SCHEMA;
    node_drop(n)->if_exists = node_drop(n)->cascade = 1;
    node_name(name)->engine_schema = catalog_macros_on_engine(b->a, b->ctx->space, schema);
    node_push(b->a, &node_drop(n)->names, name);
    return n;
}

enum status bind_drop_schema_before(struct binder *b, const struct node *at, struct str schema,
                                    bool cascade)
{
    struct node *n = node_new(b->a, NODE_DROP, 0), *name = make_name(b->a, schema);
    if (add_contents(b, at, schema, cascade) != OK) {
        return FAIL;
    }
    node_drop(n)->object = OBJECT_SCHEMA;
    node_drop(n)->if_exists = 1;
    node_drop(n)->cascade = cascade;
    bind_schema_on_engine(b, name, schema);
    node_push(b->a, &node_drop(n)->names, name);
    node_push(b->a, &b->out->before, drop_macros(b, schema));
    node_push(b->a, &b->out->before, n);
    return OK;
}

/* In Snowflake DROP SCHEMA drops what is in it, in PostgreSQL only where CASCADE is said. */
enum status bind_drop_schema(struct binder *b, struct node_drop *n)
{
    struct str name;
    if (n->names.n != 1) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "drop one schema a statement");
    }
    struct node *at = n->names.at[0];
    if (schema_name(b, at, &name) != OK) {
        return FAIL;
    }
    struct str bare = sql_bare_schema(name);
    if (str_iis(bare, CATALOG_PUBLIC_SCHEMA) || str_iis(bare, CATALOG_SHARED_SCHEMA) ||
        bind_is_reserved_schema(bare)) {
        return bind_fail(b, at, ERR_DENIED, "schema \"%.*s\" can't be dropped", STR_ARG(name));
    }
    if (!n->if_exists && !catalog_has_schema(b->ctx->catalog, b->ctx->space, name)) {
        return bind_fail(b, at, ERR_UNKNOWN_SCHEMA, "schema \"%.*s\" does not exist",
                         STR_ARG(name));
    }
    n->cascade |= b->ctx->dialect == DIALECT_SNOWFLAKE;
    if (add_contents(b, at, name, n->cascade) != OK) {
        return FAIL;
    }
    n->if_exists = 1;
    node_push(b->a, &b->out->before, drop_macros(b, name));
    bind_schema_on_engine(b, at, name);
    return OK;
}

/* ---- sequences ---- */

static enum status check_options(struct binder *b, const struct node *options)
{
    const struct node_sequence_options *o = options ? node_sequence_options_const(options) : NULL;
    if (o && (o->type || o->owned_by || o->restart || o->restart_with || o->comment)) {
        return bind_fail(b, options, ERR_UNSUPPORTED, "this option of a sequence is not supported");
    }
    return OK;
}

/* Order and cache say how fast numbers come, not which. */
static void keep_meaning(struct node *options)
{
    if (options) {
        node_sequence_options(options)->ordered = SAID_NOTHING;
        node_sequence_options(options)->cache = NULL;
    }
}

enum status bind_create_sequence(struct binder *b, struct node_create_sequence *n)
{
    b->out->kind = STATEMENT_DDL;
    if (check_options(b, n->options) != OK ||
        bind_new_name(b, n->name, n->temporary, n->if_not_exists || n->or_replace) != OK) {
        return FAIL;
    }
    const struct table *old = b->out->ddl_table_count ? b->out->ddl_tables[0] : NULL;
    if (old && !old->is_sequence) {
        return bind_fail(b, n->name, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(old->name));
    }
    n->temporary = b->out->is_temporary;
    keep_meaning(n->options);
    return OK;
}

struct node *bind_new_sequence(struct binder *b, const struct node *at, struct str engine_schema,
                               struct str name, struct node *options)
{
    struct node *n = node_new(b->a, NODE_CREATE_SEQUENCE, at->offset);
    struct node_create_sequence *create = node_create_sequence(n);
    create->name = make_name(b->a, name);
    node_name(create->name)->engine_schema = engine_schema;
    create->temporary = str_is(engine_schema, CATALOG_ENGINE_TEMP);
    create->options = options;
    keep_meaning(options);
    return n;
}

enum status bind_identity_options(struct binder *b, const struct node *identity)
{
    const struct node_identity *i = node_identity_const(identity);
    if (i->always) {
        (void)bind_fail(b, identity, ERR_UNSUPPORTED, "GENERATED ALWAYS is not supported");
        return error_hint(b->e, "Say GENERATED BY DEFAULT.");
    }
    return check_options(b, i->options);
}

/* ---- numbers out of a sequence ---- */

static const struct function sequence_functions[] = {
    {.name = "nextval",
     .kind = FUNCTION_SCALAR,
     .min_args = 1,
     .max_args = 1,
     .rule = RESULT_FIXED,
     .result = TYPE_INT8,
     .args = "t",
     .flags = FUNCTION_VOLATILE},
    {.name = "currval",
     .kind = FUNCTION_SCALAR,
     .min_args = 1,
     .max_args = 1,
     .rule = RESULT_FIXED,
     .result = TYPE_INT8,
     .args = "t",
     .flags = FUNCTION_VOLATILE},
};

static const struct function *find_function(struct str name)
{
    for (size_t i = 0; i < sizeof sequence_functions / sizeof *sequence_functions; i++) {
        if (str_iis(name, sequence_functions[i].name)) {
            return &sequence_functions[i];
        }
    }
    return NULL;
}

static struct str quoted_name(struct binder *b, struct str schema, struct str name)
{
    struct buf text = BUF_INIT(0);
    const struct str parts[2] = {schema, name};
    for (int i = 0; i < 2; i++) {
        buf_puts(&text, i ? ".\"" : "\"");
        for (size_t k = 0; k < parts[i].n; k++) {
            buf_puts(&text, parts[i].p[k] == '"' ? "\"" : "");
            buf_u8(&text, (uint8_t)parts[i].p[k]);
        }
        buf_u8(&text, '"');
    }
    struct str out = arena_str(b->a, buf_str(&text));
    buf_free(&text);
    return out;
}

struct node *bind_nextval(struct binder *b, const struct node *at, struct str engine_schema,
                          struct str name)
{
    struct node *n = node_new(b->a, NODE_FUNC, at->offset);
    struct node *text = make_literal(b->a, LIT_STRING, quoted_name(b, engine_schema, name));
    text->type = type_simple(TYPE_TEXT);
    node_func(n)->name = make_name(b->a, STR("nextval"));
    node_func(n)->bound = &sequence_functions[0];
    node_push(b->a, &node_func(n)->args, text);
    n->type = type_simple(TYPE_INT8);
    return n;
}

/* nextval() changes the sequence for everybody: it is a write, in whatever statement it stands. */
static enum status call(struct binder *b, struct node **n, const struct function *f,
                        const struct table *seq, struct bound_expr *out)
{
    struct node *made = bind_nextval(b, *n, seq->engine_schema, seq->name);
    if (b->is_query_body || b->lasting_views) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "a sequence can't be used in a view");
    }
    node_func(made)->bound = f;
    node_func(made)->name = make_name(b->a, str_of(f->name));
    made->length = (*n)->length;
    (void)bind_add_table(b, seq, NULL, true);
    b->out->takes_numbers = true;
    b->out->is_volatile = b->out->may_fail = true;
    *n = made;
    *out = (struct bound_expr){made->type, lineage_none(), false, false};
    return OK;
}

static enum status no_sequence(struct binder *b, const struct node *at, struct str name)
{
    return bind_fail(b, at, ERR_UNKNOWN_TABLE, "sequence \"%.*s\" does not exist", STR_ARG(name));
}

/* 's', or 's'::regclass, as PostgreSQL tells of it. */
static const struct node *sequence_name(const struct node *arg)
{
    const struct node *target = arg->kind == NODE_CAST ? node_cast_const(arg)->target : NULL;
    if (target && str_iis(node_type_name_const(target)->text, "regclass")) {
        arg = node_cast_const(arg)->operand;
    }
    return arg->kind == NODE_LITERAL && node_literal_const(arg)->lit == LIT_STRING ? arg : NULL;
}

/* nextval('s'), nextval('schema.s'): the name as text, each part as it is or in double quotes. */
enum status bind_sequence_call(struct binder *b, struct node **n, struct bound_expr *out,
                               bool *is_one)
{
    const struct node_func *f = node_func(*n);
    const struct node_list *parts = &node_name_const(f->name)->parts;
    const struct function *def = find_function(ident_text(parts->at[parts->n - 1]));
    *is_one = def != NULL;
    if (!def) {
        return OK;
    }
    const struct node *text = f->args.n == 1 ? sequence_name(f->args.at[0]) : NULL;
    if (!text) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "%s() takes the sequence's name as a literal",
                         def->name);
    }
    struct str rest = node_literal_const(text)->text, part[2] = {{0}};
    size_t count = 0;
    while (rest.p && count < 2) {
        struct str p = str_cut(&rest, '.');
        bool quoted = p.n >= 2 && p.p[0] == '"' && p.p[p.n - 1] == '"';
        part[count++] = quoted ? (struct str){p.p + 1, p.n - 2} : p;
    }
    struct str name = count ? part[count - 1] : STR("");
    const struct table *seq =
        rest.p ? NULL : bind_find(b, count == 2 ? bind_in_database(b, part[0]) : STR(""), name);
    return seq && seq->is_sequence ? call(b, n, def, seq, out) : no_sequence(b, *n, name);
}

/* s.nextval, as Snowflake writes it: where no column has that name. */
enum status bind_sequence_column(struct binder *b, struct node **n, struct bound_expr *out,
                                 bool *is_one)
{
    const struct node_list *parts = &node_column_ref(*n)->parts;
    struct str last = ident_text(parts->at[parts->n - 1]);
    const struct table *seq = NULL;
    if (str_iis(last, "nextval") && (parts->n == 2 || parts->n == 3)) {
        seq = bind_find(b, parts->n == 3 ? bind_in_database(b, ident_text(parts->at[0])) : STR(""),
                        ident_text(parts->at[parts->n - 2]));
    }
    *is_one = seq && seq->is_sequence;
    return *is_one ? call(b, n, &sequence_functions[0], seq, out) : OK;
}
