/* Functions about the session: answered here, as constants of the statement. What can change within
 * a session is asked anew by each run of a plan (binding.asks_settings). */
#include "sql/bind_state.h"
#include "sql/make.h"

#define SERVER_VERSION "PostgreSQL 15.0 (HatiData)"

static enum status text_value(struct binder *b, struct node **n, struct str text)
{
    *n = make_literal(b->a, text.p ? LIT_STRING : LIT_NULL, text.p ? arena_str(b->a, text) : text);
    if (!text.p) {
        *n = make_cast(b->a, *n, type_simple(TYPE_TEXT));
    }
    return OK;
}

static enum status number_value(struct binder *b, struct node **n, int64_t number,
                                enum type_kind kind)
{
    *n = make_literal(b->a, LIT_INTEGER, str_of(arena_printf(b->a, "%lld", (long long)number)));
    *n = make_cast(b->a, *n, type_simple(kind));
    return OK;
}

static bool read_flag(const struct node *n, bool *out)
{
    const struct node_literal *l = n->kind == NODE_LITERAL ? node_literal_const(n) : NULL;
    *out = l && (l->lit == LIT_TRUE || (l->lit == LIT_STRING && str_iis(l->text, "true")));
    return l && (*out || l->lit == LIT_FALSE);
}

/* current_schemas(implicit): the search path's schemas that are there, behind the catalog. */
static enum status schemas_value(struct binder *b, struct node **n)
{
    const struct node *arg = node_func(*n)->args.at[0];
    bool with_catalog;
    if (!read_flag(arg, &with_catalog)) {
        return bind_fail(b, arg, ERR_UNSUPPORTED, "current_schemas() takes true or false");
    }
    struct str *path;
    size_t count = bind_search_path(b, &path);
    struct node *list = node_new(b->a, NODE_LIST, 0);
    if (with_catalog) {
        node_push(b->a, &node_list_lit(list)->items,
                  make_literal(b->a, LIT_STRING, STR("pg_catalog")));
    }
    for (size_t i = 0; i < count; i++) {
        node_push(b->a, &node_list_lit(list)->items, make_literal(b->a, LIT_STRING, path[i]));
    }
    *n = make_cast(b->a, list, type_list(b->a, type_aliased(ALIAS_NAME)));
    return OK;
}

static bool is_string(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
}

bool bind_setting_as_query(struct binder *b, struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    if (!str_iis(ident_text(parts->at[0]), "current_setting") || is_string(f->args.at[0])) {
        return false;
    }
    f->name = make_name(b->a, STR("_pg_setting"));
    f->args.n = 1;
    return true;
}

/* current_setting(name[, missing_ok]) */
static enum status setting_value(struct binder *b, struct node **n)
{
    const struct node_func *f = node_func(*n);
    const struct node *name = f->args.at[0];
    const struct session_facts *facts = b->ctx->facts;
    bool missing_ok = false;
    if (f->args.n > 1 && !read_flag(f->args.at[1], &missing_ok)) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "current_setting() takes true or false");
    }
    struct str wanted = node_literal_const(name)->text, value = STR_NULL;
    if (facts && facts->setting) {
        value = facts->setting(facts->session, b->a, wanted);
    }
    if (!value.p && !missing_ok) {
        return bind_fail(b, name, ERR_UNKNOWN_SETTING,
                         "unrecognized configuration parameter \"%.*s\"", STR_ARG(wanted));
    }
    b->out->asks_settings = true;
    return text_value(b, n, value);
}

static enum status pid_value(struct binder *b, struct node **n)
{
    return number_value(b, n, b->ctx->facts ? b->ctx->facts->pid : 0, TYPE_INT4);
}

/* The number of the transaction, which a first question gives it, unless `assign` is false. */
static enum status transaction_value(struct binder *b, struct node **n, bool assign)
{
    const struct session_facts *facts = b->ctx->facts;
    int64_t number = facts ? facts->transaction(facts->session, assign) : 0;
    b->out->asks_settings = true;
    if (number == 0) {
        *n = make_cast(b->a, make_literal(b->a, LIT_NULL, STR_NULL), type_simple(TYPE_INT8));
        return OK;
    }
    return number_value(b, n, number, TYPE_INT8);
}

static enum status transaction_id(struct binder *b, struct node **n)
{
    return transaction_value(b, n, true);
}

static enum status assigned_transaction_id(struct binder *b, struct node **n)
{
    return transaction_value(b, n, false);
}

static enum status client_address(struct binder *b, struct node **n)
{
    struct str address = b->ctx->facts ? b->ctx->facts->client_address : STR_NULL;
    return text_value(b, n, address.n ? address : STR_NULL);
}

static enum status start_value(struct binder *b, struct node **n)
{
    int64_t us = b->ctx->facts ? b->ctx->facts->server_started_us : 0;
    struct node *call = node_new(b->a, NODE_FUNC, 0);
    node_func(call)->name = make_name(b->a, STR("make_timestamptz"));
    node_push(b->a, &node_func(call)->args,
              make_literal(b->a, LIT_INTEGER, str_of(arena_printf(b->a, "%lld", (long long)us))));
    node_func(call)->bound = function_find(STR("make_timestamptz"));
    *n = make_cast(b->a, call, type_simple(TYPE_TIMESTAMPTZ));
    return OK;
}

static enum status may_create(struct binder *b, struct node **n)
{
    *n = make_literal(b->a, b->ctx->may_create ? LIT_TRUE : LIT_FALSE, STR_NULL);
    return OK;
}

static enum status user_value(struct binder *b, struct node **n)
{
    return text_value(b, n, b->ctx->session_user);
}

static enum status role_value(struct binder *b, struct node **n)
{
    return text_value(b, n, b->ctx->session_role);
}

static enum status database_value(struct binder *b, struct node **n)
{
    return text_value(b, n, b->ctx->current.n ? b->ctx->current : b->ctx->database);
}

static enum status schema_value(struct binder *b, struct node **n)
{
    struct str name = sql_bare_schema(sql_current_schema(b->ctx));
    return text_value(b, n, name.n ? name : STR_NULL);
}

static enum status version_value(struct binder *b, struct node **n)
{
    return text_value(b, n, STR(SERVER_VERSION));
}

static const struct {
    const char *name;
    enum status (*value)(struct binder *b, struct node **n);
} values[] = {
    {"current_user", user_value},
    {"session_user", user_value},
    {"user", user_value},
    {"current_role", role_value},
    {"current_database", database_value},
    {"current_catalog", database_value},
    {"current_schema", schema_value},
    {"current_schemas", schemas_value},
    {"current_setting", setting_value},
    {"version", version_value},
    {"pg_backend_pid", pid_value},
    {"txid_current", transaction_id},
    {"txid_current_if_assigned", assigned_transaction_id},
    {"pg_current_xact_id", transaction_id},
    {"pg_current_xact_id_if_assigned", assigned_transaction_id},
    {"inet_client_addr", client_address},
    {"pg_postmaster_start_time", start_value},
    {"pg_conf_load_time", start_value},
    {"_pg_may_create", may_create},
};

enum status bind_session_value(struct binder *b, const struct function *def, struct node **n,
                               struct bound_expr *out)
{
    uint32_t offset = (*n)->offset, length = (*n)->length;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].name, def->name) != 0) {
            continue;
        }
        if (values[i].value(b, n) != OK) {
            return FAIL;
        }
        (*n)->offset = offset;
        (*n)->length = length;
        *out = (struct bound_expr){(*n)->type, lineage_none(), false, true};
        return OK;
    }
    return bind_fail(b, *n, ERR_UNSUPPORTED, "%s() has no value here", def->name);
}
