#include "names.h"

#include <string.h>

/* ---- tables and columns ---- */

struct query_names {
    const struct node_list *ctes; /* of this query */
    const struct query_names *outer;
    json_t *tables;
    const char *alias[64], *table[64]; /* of this SELECT's FROM */
    size_t n;
    bool has_from;
    const struct node_pivot *pivot; /* FROM is one: it makes columns */
};

static struct str last_part(const struct node_list *parts)
{
    return node_ident_const(parts->at[parts->n - 1])->text;
}

static void add(json_t *tables, const char *table, struct str column)
{
    json_t *columns = json_object_get(tables, table), *c;
    size_t i;
    if (!columns) {
        json_object_set_new(tables, table, json_array());
        columns = json_object_get(tables, table);
    }
    json_array_foreach(columns, i, c)
    {
        if (str_ieq(str_of(json_string_value(c)), column)) {
            return;
        }
    }
    if (column.n) {
        json_array_append_new(columns, json_stringn(column.p, column.n));
    }
}

static bool is_cte(const struct query_names *q, struct str name)
{
    for (; q; q = q->outer) {
        for (uint32_t i = 0; q->ctes && i < q->ctes->n; i++) {
            if (str_ieq(node_ident_const(node_cte_const(q->ctes->at[i])->name)->text, name)) {
                return true;
            }
        }
    }
    return false;
}

/* The key under which the table is kept: as it was first written. */
static const char *key_of(json_t *tables, struct str name)
{
    const char *key;
    json_t *ignored;
    json_object_foreach(tables, key, ignored)
    {
        if (str_ieq(str_of(key), name)) {
            return key;
        }
    }
    json_object_setn_new(tables, name.p, name.n, json_array());
    return key_of(tables, name);
}

static enum walk find_tables(struct node **n, void *ctx)
{
    struct query_names *q = ctx;
    if ((*n)->kind != NODE_TABLE_REF) {
        return WALK_ON;
    }
    const struct node_table_ref *t = node_table_ref(*n);
    const struct node_list *parts = &node_name_const(t->name)->parts;
    if (is_cte(q, last_part(parts)) || q->n == sizeof q->alias / sizeof *q->alias) {
        return WALK_SKIP;
    }
    const char *table = key_of(q->tables, last_part(parts));
    struct str alias = t->alias ? node_ident_const(t->alias)->text : str_of(table);
    q->alias[q->n] = strndup(alias.p, alias.n); /* the program ends soon */
    q->table[q->n++] = table;
    return WALK_ON;
}

static const char *table_of(const struct query_names *q, struct str alias)
{
    for (; q; q = q->outer) {
        for (size_t i = 0; i < q->n; i++) {
            if (str_ieq(str_of(q->alias[i]), alias)) {
                return q->table[i];
            }
        }
    }
    return NULL;
}

/* Is it a column that PIVOT makes? They are called after its values. */
static bool is_made(const struct node_pivot *p, struct str column)
{
    for (uint32_t i = 0; p && i < p->pivoted.n; i++) {
        const struct node_list *items = &node_pivot_column_const(p->pivoted.at[i])->items;
        for (uint32_t k = 0; k < items->n; k++) {
            const struct node_target *t = node_target_const(items->at[k]);
            struct str name = t->alias                        ? node_ident_const(t->alias)->text
                              : t->expr->kind == NODE_LITERAL ? node_literal_const(t->expr)->text
                                                              : STR_NULL;
            if (name.n && column.n >= name.n && str_ieq((struct str){column.p, name.n}, name)) {
                return true;
            }
        }
    }
    return false;
}

static void note_column(struct query_names *q, const struct node_list *parts)
{
    const char *table = NULL;
    if (parts->n == 1) {
        bool made = is_made(q->pivot, node_ident_const(parts->at[0])->text);
        table = made ? NULL : q->n ? q->table[0] : q->has_from ? NULL : "";
    } else {
        table = table_of(q, node_ident_const(parts->at[0])->text);
    }
    if (table) {
        add(q->tables, table, node_ident_const(parts->at[parts->n > 1])->text);
    }
}

static void look(struct node *n, const struct query_names *outer, json_t *tables);

static enum walk find_columns(struct node **n, void *ctx)
{
    struct query_names *q = ctx;
    switch ((*n)->kind) {
    case NODE_QUERY:
    case NODE_SELECT:
        look(*n, q, q->tables);
        return WALK_SKIP;
    case NODE_JOIN: /* USING: of each of them */
        for (uint32_t i = 0; i < node_join(*n)->using_columns.n; i++) {
            for (size_t k = 0; k < q->n; k++) {
                add(q->tables, q->table[k],
                    node_ident_const(node_join(*n)->using_columns.at[i])->text);
            }
        }
        return WALK_ON;
    case NODE_COLUMN_REF:
        note_column(q, &node_column_ref(*n)->parts);
        return WALK_ON;
    default:
        return WALK_ON;
    }
}

static void look(struct node *n, const struct query_names *outer, json_t *tables)
{
    struct query_names q = {.outer = outer, .tables = tables};
    if (n->kind == NODE_QUERY) {
        q.ctes = &node_query(n)->ctes;
        if (node_query(n)->body->kind == NODE_SELECT) { /* ORDER BY sees its tables */
            struct node_select *s = node_select(node_query(n)->body);
            q.has_from = s->from != NULL;
            q.pivot = s->from && s->from->kind == NODE_PIVOT ? node_pivot(s->from) : NULL;
            (void)node_walk(&s->from, find_tables, &q);
        }
    } else if (n->kind == NODE_SELECT) {
        struct node *from = node_select(n)->from;
        q.has_from = from != NULL;
        q.pivot = from && from->kind == NODE_PIVOT ? node_pivot(from) : NULL;
        (void)node_walk(&node_select(n)->from, find_tables, &q);
    }
    (void)node_walk_children(n, find_columns, &q);
}

void names_of(struct node *n, json_t *tables)
{
    struct query_names none = {.tables = tables};
    (void)find_columns(&n, &none);
    if (n->kind != NODE_QUERY) {
        (void)node_walk_children(n, find_columns, &none);
    }
}

/* ---- spelling ---- */

static enum walk cut(struct node **n, void *ctx)
{
    if ((*n)->kind == NODE_TABLE_REF) {
        struct node_list *parts = &node_name(node_table_ref(*n)->name)->parts;
        parts->at[0] = parts->at[parts->n - 1];
        parts->n = 1;
    }
    if ((*n)->kind == NODE_CTE) {
        struct node_ident *name = node_ident(node_cte(*n)->name);
        for (size_t i = name->text.n; i > 0; i--) {
            if (name->text.p[i - 1] == '.') {
                name->text = (struct str){name->text.p + i, name->text.n - i};
                break;
            }
        }
    }
    return WALK_ON;
}

void names_last_parts(struct arena *a, struct node **n)
{
    (void)node_walk(n, cut, a);
}
