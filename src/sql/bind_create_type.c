/* Types that an organization names itself: enumerations, and other names of types. The engine keeps
 * them, so that making one is part of a transaction; but wherever such a name is used, the binder
 * puts what it means in its place. So a column's type doesn't change when the name does, and no
 * name of one organization is ever looked up by the engine. */
#include "base/map.h"
#include "sql/bind_ddl.h"
#include "sql/bind_type.h"
#include "sql/make.h"

/* ---- enumerations ---- */

static enum status check_label(struct binder *b, const struct node *n, struct map *seen)
{
    static char yes;
    if (n->kind != NODE_LITERAL || node_literal_const(n)->lit != LIT_STRING) {
        return bind_fail(b, n, ERR_BAD_SQL, "a label of an enumeration is text");
    }
    if (map_put(seen, node_literal_const(n)->text, &yes)) {
        return bind_fail(b, n, ERR_BAD_SQL, "a label of an enumeration is there twice");
    }
    return OK;
}

enum status bind_enum_labels(struct binder *b, const struct node *at,
                             const struct node_list *labels, const struct type **out)
{
    struct str *texts = ARENA_ARRAY(b->a, struct str, labels->n);
    struct map *seen = map_new();
    size_t bytes = 0;
    enum status status = OK;
    for (uint32_t i = 0; i < labels->n && status == OK; i++) {
        status = check_label(b, labels->at[i], seen);
        if (status == OK) {
            texts[i] = node_literal_const(labels->at[i])->text;
            bytes += texts[i].n;
        }
        if (status == OK && (i >= BIND_MAX_LABELS || bytes > BIND_LONGEST_LABELS)) {
            status = bind_fail(b, at, ERR_UNSUPPORTED, "an enumeration has %d labels at most",
                               BIND_MAX_LABELS);
        }
    }
    map_free(seen, NULL);
    *out = type_enum(b->a, texts, labels->n);
    return status;
}

/* ---- where a type is ---- */

static enum status check_place(struct binder *b, const struct node *name, struct str *schema)
{
    if (!schema->n) {
        *schema = sql_current_schema(b->ctx);
    }
    if (!b->ctx->space.org_id.n || str_iis(*schema, CATALOG_SHARED_SCHEMA)) {
        return bind_fail(b, name, ERR_DENIED, "types are made in an organization's own schemas");
    }
    if (!schema->n || !catalog_has_schema(b->ctx->catalog, b->ctx->space, *schema)) {
        return bind_fail(b, name, ERR_UNKNOWN_SCHEMA, "schema \"%.*s\" does not exist",
                         STR_ARG(*schema));
    }
    return OK;
}

/* Policy has a say as of a table of that name. */
static void add_changed(struct binder *b, const struct made_type *t)
{
    struct table *like = ARENA_NEW(b->a, struct table);
    *like = (struct table){.schema = t->schema,
                           .name = t->name,
                           .engine_schema = t->engine_schema,
                           .qualified = t->qualified,
                           .scope = SCOPE_PRIVATE,
                           .space = t->space,
                           .tenant_column = -1,
                           .definition = STR("")};
    bind_add_ddl_table(b, like);
}

/* ---- CREATE TYPE ---- */

static enum status check_form(struct binder *b, const struct node_create_type *n)
{
    if (n->temporary) {
        (void)bind_fail(b, &n->base, ERR_UNSUPPORTED, "temporary types are not supported");
        return error_hint(b->e, "Make it without TEMPORARY.");
    }
    if (n->query) {
        (void)bind_fail(b, n->query, ERR_UNSUPPORTED,
                        "labels that come from a query are not supported: what a type is can't "
                        "depend on who reads");
        return error_hint(b->e, "Write the labels.");
    }
    if (n->is_enum && !n->labels.n) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED,
                         "an enumeration without labels is not supported");
    }
    return OK;
}

static enum status new_type_name(struct binder *b, struct node_create_type *n)
{
    struct str schema, name;
    if (bind_split_name(b, n->name, &schema, &name) != OK ||
        check_place(b, n->name, &schema) != OK) {
        return FAIL;
    }
    const struct made_type *old = bind_find_type(b, schema, name);
    bool is_known = bind_type_kind(name) != TYPE_UNKNOWN || str_iis(name, "struct") ||
                    str_iis(name, "row") || str_iis(name, "map") || str_iis(name, "enum") ||
                    str_iis(name, "union");
    if (is_known || (old && !n->or_replace && !n->if_not_exists)) {
        return bind_fail(b, n->name, ERR_EXISTS, "type \"%.*s\" already exists", STR_ARG(name));
    }
    if (old) {
        add_changed(b, old);
    }
    b->out->creates = !old;
    bind_engine_name(b, n->name, catalog_schema_on_engine(b->a, b->ctx->space, schema), name);
    return OK;
}

enum status bind_create_type(struct binder *b, struct node_create_type *n)
{
    const struct type *type = NULL;
    b->out->kind = STATEMENT_DDL;
    if (check_form(b, n) != OK || new_type_name(b, n) != OK) {
        return FAIL;
    }
    return n->is_enum ? bind_enum_labels(b, &n->base, &n->labels, &type)
                      : bind_type_name(b, n->type, &type);
}

/* ---- DROP TYPE ---- */

static enum status own_type(struct binder *b, struct node *name, bool if_exists,
                            const struct made_type **out)
{
    struct str schema, object;
    if (name->kind != NODE_NAME) {
        return bind_fail(b, name, ERR_BAD_SQL, "a type has no arguments");
    }
    if (bind_split_name(b, name, &schema, &object) != OK) {
        return FAIL;
    }
    *out = bind_find_type(b, schema, object);
    if (!*out && !if_exists) {
        return bind_fail(b, name, ERR_UNKNOWN_TYPE, "type \"%.*s\" does not exist",
                         STR_ARG(object));
    }
    schema = schema.n ? schema : sql_current_schema(b->ctx);
    bind_engine_name(b, name,
                     *out ? (*out)->engine_schema
                          : catalog_schema_on_engine(b->a, b->ctx->space, schema),
                     *out ? (*out)->name : object);
    return OK;
}

static struct node *drop_one(struct binder *b, const struct node_drop *n, struct node *name)
{
    struct node *one = node_copy(b->a, &n->base);
    node_drop(one)->names = (struct node_list){0};
    node_push(b->a, &node_drop(one)->names, name);
    return one;
}

/* What isn't there and needn't be is left out. The last of the others is the statement itself. */

enum status bind_drop_types(struct binder *b, struct node_drop *n)
{
    struct node *last = NULL;
    n->cascade = 0; /* nothing depends on a name */
    for (uint32_t i = 0; i < n->names.n; i++) {
        const struct made_type *t = NULL;
        if (own_type(b, n->names.at[i], n->if_exists, &t) != OK) {
            return FAIL;
        }
        if (!t) {
            continue;
        }
        add_changed(b, t);
        if (last) {
            node_push(b->a, &b->out->before, drop_one(b, n, last));
        }
        last = n->names.at[i];
    }
    n->names.at[0] = last ? last : n->names.at[0];
    n->names.n = 1;
    return OK;
}
