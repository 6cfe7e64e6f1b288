/* What the caller's role may do with the tables that he may know of. Roles get what they may from
 * policy, and nobody grants it on. */
#include "pgcatalog/definition.h"

static bool may_change(const struct table *t)
{
    return !t->is_view && t->scope != SCOPE_COMMON && t->scope != SCOPE_AUDIT;
}

typedef void (*privilege_fn)(struct relation *r, const struct table *t, const char *privilege);

static void for_each_privilege(struct relation *r, privilege_fn fn)
{
    const struct {
        const char *name;
        bool is_his, changes;
    } privileges[] = {{"SELECT", r->ctx->may_read, false},
                      {"INSERT", r->ctx->may_write, true},
                      {"UPDATE", r->ctx->may_write, true},
                      {"DELETE", r->ctx->may_delete, true}};
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < sizeof privileges / sizeof *privileges; k++) {
            if (privileges[k].is_his && (!privileges[k].changes || may_change(all[i]))) {
                fn(r, all[i], privileges[k].name);
            }
        }
    }
}

static void begin(struct relation *r, const struct table *t, const char *privilege)
{
    relation_null_row(r);
    relation_put_word(r, "grantor", "owner");
    relation_put_text(r, "grantee", r->ctx->session_role);
    relation_place(relation_at(r, "table_catalog"), t);
    relation_put_word(r, "privilege_type", privilege);
    relation_put_word(r, "is_grantable", "NO");
}

static void add_table(struct relation *r, const struct table *t, const char *privilege)
{
    begin(r, t, privilege);
    relation_put_word(r, "with_hierarchy", strcmp(privilege, "SELECT") == 0 ? "YES" : "NO");
}

static void of_tables(struct relation *r)
{
    for_each_privilege(r, add_table);
}

static void add_columns(struct relation *r, const struct table *t, const char *privilege)
{
    for (size_t i = 0; i < t->column_count && strcmp(privilege, "DELETE") != 0; i++) {
        begin(r, t, privilege);
        relation_name(relation_at(r, "column_name"), t->columns[i].name);
    }
}

static void of_columns(struct relation *r)
{
    for_each_privilege(r, add_columns);
}

const struct relation_definition privilege_relations[] = {
    {"table_privileges",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, "
     "privilege_type text, is_grantable text, with_hierarchy text",
     of_tables, 0},
    {"role_table_grants",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, "
     "privilege_type text, is_grantable text, with_hierarchy text",
     of_tables, 0},
    {"column_privileges",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, "
     "column_name name, privilege_type text, is_grantable text",
     of_columns, 0},
    {"role_column_grants",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, "
     "column_name name, privilege_type text, is_grantable text",
     of_columns, 0},
    {NULL, NULL, NULL, 0},
};
