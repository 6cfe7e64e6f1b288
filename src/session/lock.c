/* LOCK TABLE. A transaction has one snapshot, which no other changes: what a reader asks for by the
 * two weakest modes he has, once the transaction has begun and he may read the table. The stronger
 * ones keep writers away, which nothing does here. */
#include "session/evaluate.h"
#include "sql/make.h"

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    return OK;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    return OK;
}

/* SELECT true FROM name LIMIT 0: policy decides on it, and the snapshot is taken. */
static struct node *query_of(struct arena *a, const struct node *stmt, const struct node *name)
{
    struct node *ref = node_new(a, NODE_TABLE_REF, name->offset);
    struct node *select = node_new(a, NODE_SELECT, stmt->offset);
    node_table_ref(ref)->name = node_copy(a, name);
    node_select(select)->from = ref;
    node_push(a, &node_select(select)->targets,
              make_target(a, make_literal(a, LIT_TRUE, STR_NULL), STR_NULL));
    struct node *query = make_query(a, select);
    node_query(query)->limit = make_literal(a, LIT_INTEGER, STR("0"));
    query->offset = stmt->offset;
    query->length = stmt->length;
    return query;
}

static enum status read_table(struct session *s, const struct node *stmt, const struct node *name,
                              struct error *e)
{
    struct result_sink sink = {take_columns, take_batch};
    struct run_result ran = {0};
    struct plan *plan = NULL;
    struct arena *a = arena_new(0);
    enum status status =
        plan_make(s->governor, query_of(a, stmt, name), evaluate_text(s, stmt), NULL, 0, &plan, e);
    if (status == OK) {
        s->has_run = true;
        status = plan_run(plan, NULL, 0, &sink, &ran, e);
        plan_free(plan);
    }
    arena_free(a);
    return status;
}

enum status lock_tables(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node_lock *lock = node_lock_const(stmt);
    if (s->block != BLOCK_OPEN && !s->implicit) {
        return error_at(e, ERR_NO_TRANSACTION, stmt->offset,
                        "LOCK TABLE can only be used in transaction blocks");
    }
    if (!str_is(lock->mode, "access share") && !str_is(lock->mode, "row share")) {
        error_at(e, ERR_UNSUPPORTED, stmt->offset, "LOCK TABLE IN %.*s MODE is not supported",
                 STR_ARG(lock->mode));
        return error_hint(e, "Writers of the same rows fail with 40001. ACCESS SHARE and ROW SHARE "
                             "are what a transaction's snapshot gives.");
    }
    for (uint32_t i = 0; i < lock->names.n; i++) {
        if (read_table(s, stmt, lock->names.at[i], e)) {
            return FAIL;
        }
    }
    return OK;
}
