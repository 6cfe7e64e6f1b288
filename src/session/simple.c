/* The simple query protocol: one message, any number of statements, an implicit transaction around
 * them when they are several. A COPY FROM STDIN among them suspends the message until its data
 * came. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/calls.h"
#include "sql/session_call.h"

struct simple {
    struct arena *arena;
    struct str text;
    struct node_list statements;
    uint32_t next;
};

void simple_drop(struct session *s)
{
    if (s->simple) {
        arena_free(s->simple->arena);
        free(s->simple);
        s->simple = NULL;
    }
    s->query = STR_NULL;
}

static void finish(struct session *s)
{
    simple_drop(s);
    session_ready(s);
}

static void fail(struct session *s, const struct error *e)
{
    session_error(s, e);
    finish(s);
}

static enum status show(struct session *s, struct result *r, struct error *e)
{
    if (r->returns_rows) {
        wire_put_row_description(replies_buf(&s->replies), r->columns, r->column_count);
    }
    if (r->rows) {
        struct held *rows = r->rows;
        r->rows = NULL;
        if (replies_held(&s->replies, rows, e)) {
            return FAIL;
        }
    }
    wire_put_complete(replies_buf(&s->replies), r->tag);
    return OK;
}

static struct str statement_text(const struct simple *q, const struct node *n)
{
    if (n->offset > q->text.n || n->length > q->text.n - n->offset) {
        return q->text;
    }
    return (struct str){q->text.p + n->offset, n->length};
}

/* A statement of the pipeline. *waits: it takes COPY data first. */
static enum status run_plan(struct session *s, const struct node *stmt, struct result *out,
                            bool *waits, struct error *e)
{
    struct plan *plan = NULL;
    if (sql_plan(s, stmt, statement_text(s->simple, stmt), NULL, 0, &plan, e)) {
        return FAIL;
    }
    size_t params;
    plan_params(plan, &params);
    enum status status;
    if (params > 0 && !plan_explains(plan)) {
        status = error_set(e, ERR_UNTYPED_PARAMETER, "there is no parameter $1");
    } else if (copy_is(stmt) && !node_copy_stmt_const(stmt)->to) {
        *waits = true;
        return copy_begin(s, plan, NULL, stmt, e);
    } else if (copy_is(stmt)) {
        status = copy_out(s, plan, stmt, out, e);
    } else if (session_calls_in(stmt)) {
        status = calls_run(s, stmt, plan, NULL, 0, NULL, 0, out, e);
    } else {
        status = rows_run(s, plan, NULL, 0, NULL, 0, NULL, out, e);
    }
    plan_free(plan);
    return status;
}

static enum status run_one(struct session *s, const struct node *stmt, struct result *out,
                           bool *waits, struct error *e)
{
    if (!transaction_allows(s, stmt)) {
        return error_set(e, ERR_IN_FAILED_TRANSACTION,
                         "current transaction is aborted, commands ignored until end of "
                         "transaction block");
    }
    if (session_admit(s, e)) {
        return FAIL;
    }
    bool several = s->simple->statements.n > 1;
    if (stmt->kind != NODE_TRANSACTION &&
        (several || settings_is_on(s->settings, SET_DEFAULT_READ_ONLY)) &&
        transaction_implicit(s, e)) {
        return FAIL;
    }
    return local_is(stmt) ? local_run(s, stmt, NULL, 0, out, e) : run_plan(s, stmt, out, waits, e);
}

/* Shows a result, after the commit where it was the last of the implicit transaction. */
static enum status conclude(struct session *s, struct result *r, struct error *e)
{
    if (s->simple->next >= s->simple->statements.n && transaction_end_implicit(s, e)) {
        return FAIL;
    }
    return show(s, r, e);
}

void simple_go_on(struct session *s)
{
    struct simple *q = s->simple;
    struct error e = ERROR_INIT;
    while (q->next < q->statements.n) {
        struct result result = {0};
        bool waits = false;
        enum status status = run_one(s, q->statements.at[q->next++], &result, &waits, &e);
        if (status == OK && waits) {
            return;
        }
        if (status == OK && result.waits) {
            q->next--;
            return;
        }
        if (status == OK) {
            status = conclude(s, &result, &e);
        }
        result_fini(&result);
        if (status) {
            fail(s, &e);
            return;
        }
    }
    finish(s);
}

void simple_copied(struct session *s, struct result *r, const struct error *e)
{
    struct error late = ERROR_INIT;
    if (e) {
        fail(s, e);
    } else if (conclude(s, r, &late)) {
        fail(s, &late);
    } else {
        simple_go_on(s);
    }
}

/* Statements that do something: an empty one between semicolons doesn't count. */
static void drop_empty(struct node_list *list)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->at[i]->kind != NODE_EMPTY) {
            list->at[kept++] = list->at[i];
        }
    }
    list->n = kept;
}

void simple_query(struct session *s, struct str body)
{
    struct error e = ERROR_INIT;
    struct str text;
    extended_drop_unnamed(s);
    session_new_request(s);
    struct simple *q = s->simple = mem_alloc(sizeof *q);
    q->arena = arena_new(0);
    if (wire_get_text(body, "Query", &text, &e)) {
        fail(s, &e);
        return;
    }
    /* A copy: the message is gone when a COPY's data comes. */
    q->text = s->query = arena_str(q->arena, text);
    s->in_cycle = false;
    if (session_parse(s, q->text, q->arena, &q->statements, &e)) {
        fail(s, &e);
        return;
    }
    drop_empty(&q->statements);
    if (q->statements.n == 0) {
        wire_put_empty_query(replies_buf(&s->replies));
    }
    simple_go_on(s);
}
