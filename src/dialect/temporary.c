/* Temporary tables, views and sequences with a schema before their name. PostgreSQL keeps them in a
 * schema of the session's own, and refuses another; Snowflake's are in the schema that is named,
 * which for everybody else is as if they weren't. */
#include "dialect/rules.h"

static struct node *name_of(struct node *n)
{
    switch (n->kind) {
    case NODE_CREATE_TABLE:
        return node_create_table(n)->temporary ? node_create_table(n)->name : NULL;
    case NODE_CREATE_VIEW:
        return node_create_view(n)->temporary ? node_create_view(n)->name : NULL;
    case NODE_CREATE_SEQUENCE:
        return node_create_sequence(n)->temporary ? node_create_sequence(n)->name : NULL;
    default:
        return NULL;
    }
}

/* The schema that was written; STR_NULL where none was, or no plain one. */
static struct str schema_of(struct node *n)
{
    struct node *name = name_of(n);
    if (!name || name->kind != NODE_NAME || node_name(name)->parts.n < 2) {
        return STR_NULL;
    }
    const struct node *schema = node_name(name)->parts.at[node_name(name)->parts.n - 2];
    return schema->kind == NODE_IDENT ? node_ident_const(schema)->text : STR_NULL;
}

static struct node *refuse_schema(struct rewriting *r, struct node *n)
{
    struct str schema = schema_of(n);
    if (schema.p && !str_iis(schema, "pg_temp")) {
        rule_fail(r, name_of(n), ERR_BAD_TABLE,
                  "cannot create temporary relation in non-temporary schema");
    }
    return n;
}

const struct node_rule postgres_temporary_nodes[] = {
    {NODE_CREATE_TABLE, "temporary tables", "refused in another schema", refuse_schema},
    {NODE_CREATE_VIEW, "temporary views", "refused in another schema", refuse_schema},
    {NODE_CREATE_SEQUENCE, "temporary sequences", "refused in another schema", refuse_schema},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
