#include "pipeline/copy_in.h"

#include "sql/make.h"
#include "sql/walk.h"

#define INCOMING "incoming" /* the relation of engine_append_begin() */

bool copy_in_is(const struct node *stmt)
{
    return stmt->kind == NODE_COPY && !node_copy_stmt_const(stmt)->to;
}

/* NULL::type AS column: as the binder needs to know it. */
static struct node *typed_null(struct arena *a, const struct column *c)
{
    struct node *null = make_literal(a, LIT_NULL, STR_NULL);
    return make_target(a, make_cast(a, null, c->type), c->name);
}

static struct node *from_incoming(struct arena *a)
{
    struct node *ref = node_new(a, NODE_TABLE_REF, 0);
    node_table_ref(ref)->name = make_name(a, STR(INCOMING));
    return ref;
}

/* One column of the COPY: into the INSERT's list, the SELECT and the typed source. */
static void add_column(struct arena *a, const struct column *c, struct node *insert,
                       struct node *select, struct node *source)
{
    node_push(a, &node_insert(insert)->columns, make_ident(a, c->name));
    node_push(a, &node_select(select)->targets,
              make_target(a, make_column(a, STR_NULL, c->name, NULL), STR_NULL));
    node_push(a, &node_select(source)->targets, typed_null(a, c));
}

static enum status add_columns(struct arena *a, const struct table *t,
                               const struct node_copy_stmt *copy, struct node *insert,
                               struct node *select, struct node *source, struct error *e)
{
    for (uint32_t i = 0; i < copy->columns.n; i++) {
        struct node *named = copy->columns.at[i];
        int index = table_column(t, node_ident(named)->text);
        if (index < 0) {
            return error_at(e, ERR_UNKNOWN_COLUMN, named->offset,
                            "column \"%.*s\" of relation \"%.*s\" does not exist",
                            STR_ARG(node_ident(named)->text), STR_ARG(t->name));
        }
        add_column(a, &t->columns[index], insert, select, source);
    }
    for (size_t i = 0; i < t->column_count && copy->columns.n == 0; i++) {
        if (!t->columns[i].generated.p) {
            add_column(a, &t->columns[i], insert, select, source);
        }
    }
    return OK;
}

/* What the INSERT couldn't say is refused before the COPY becomes one. */
static enum status refuse_unsaid(const struct node_copy_stmt *copy, struct error *e)
{
    if (copy->file) {
        return error_at(e, ERR_UNSUPPORTED, copy->file->offset,
                        "COPY with a file or program on the server is not supported");
    }
    if (copy->where) {
        return error_at(e, ERR_UNSUPPORTED, copy->where->offset, "COPY ... WHERE is not supported");
    }
    return OK;
}

enum status copy_in_as_insert(const struct bind_context *ctx, struct arena *a, struct node **stmt,
                              struct error *e)
{
    const struct node_copy_stmt *copy = node_copy_stmt_const(*stmt);
    if (refuse_unsaid(copy, e) != OK) {
        return FAIL;
    }
    const struct table *t = sql_find_table(ctx, node_table_ref_const(copy->table)->name);
    struct node *insert = node_new(a, NODE_INSERT, (*stmt)->offset);
    struct node *select = node_new(a, NODE_SELECT, 0), *source = node_new(a, NODE_SELECT, 0);
    node_insert(insert)->table = copy->table;
    if (!t || t->is_view) { /* the INSERT's binding says what is wrong, in its usual words */
        node_push(
            a, &node_select(select)->targets,
            typed_null(a, &(struct column){.name = STR("x"), .type = type_simple(TYPE_TEXT)}));
        node_insert(insert)->source = make_query(a, select);
        *stmt = insert;
        return OK;
    }
    if (add_columns(a, t, copy, insert, select, source, e) != OK) {
        return FAIL;
    }
    node_select(select)->from = from_incoming(a);
    struct node *cte = node_new(a, NODE_CTE, 0);
    node_cte(cte)->name = make_ident(a, STR(INCOMING));
    node_cte(cte)->query = make_query(a, source);
    node_push(a, &node_insert(insert)->ctes, cte);
    node_insert(insert)->source = make_query(a, select);
    *stmt = insert;
    return OK;
}

/* The rows as they come: no table of the catalog has an empty engine schema. */
static enum walk bind_incoming(struct node **n, void *ctx)
{
    static const struct table incoming = {.name = {INCOMING, sizeof INCOMING - 1}};
    static const struct bound_table bound = {.table = &incoming};
    (void)ctx;
    if ((*n)->kind == NODE_TABLE_REF && !node_table_ref(*n)->bound) {
        node_table_ref(*n)->bound = &bound;
    }
    return WALK_ON;
}

void copy_in_open_source(struct node *insert)
{
    node_insert(insert)->ctes.n = 0;
    node_walk(&node_insert(insert)->source, bind_incoming, NULL);
}

enum status copy_in_columns(struct plan *p, struct error *e)
{
    struct node_insert *insert = node_insert(p->now.stmt);
    const struct node_table_ref *ref = node_table_ref_const(insert->table);
    if (!ref->bound) {
        return error_set(e, ERR_INTERNAL, "COPY has no bound table");
    }
    const struct table *t = ref->bound->table;
    const struct node_copy_stmt *copy = node_copy_stmt_const(p->source);
    size_t most = copy->columns.n ? copy->columns.n : t->column_count;
    p->copy_column_count = 0;
    p->copy_columns = ARENA_ARRAY(p->arena, struct engine_column, most);
    for (size_t i = 0; i < most; i++) {
        int index =
            copy->columns.n ? table_column(t, node_ident(copy->columns.at[i])->text) : (int)i;
        if (t->columns[index].generated.p) {
            continue;
        }
        p->copy_columns[p->copy_column_count++] = (struct engine_column){
            .name = arena_str(p->arena, t->columns[index].name),
            .type = type_copy(p->arena, t->columns[index].type),
        };
    }
    return OK;
}
