#include "session/evaluate.h"

#include "base/array.h"
#include "sql/make.h"
#include "wire/format.h"

enum { VALUE_MAX_BYTES = 16 << 20 };

struct str evaluate_text(const struct session *s, const struct node *stmt)
{
    if (!s->query.p || stmt->offset > s->query.n || stmt->length > s->query.n - stmt->offset) {
        return s->query.p ? s->query : STR("");
    }
    return (struct str){s->query.p + stmt->offset, stmt->length};
}

/* ---- one row ---- */

struct row_of_values {
    struct result_sink sink; /* first: the pipeline gives us this back */
    struct arena *arena;
    struct evaluated *values;
    size_t n;
    int64_t rows;
};

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct row_of_values *r = (struct row_of_values *)sink;
    if (n != r->n) {
        return error_set(e, ERR_INTERNAL, "as many values as expressions were expected");
    }
    for (size_t i = 0; i < n; i++) {
        r->values[i].type = type_copy(r->arena, columns[i].type);
    }
    return OK;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct row_of_values *r = (struct row_of_values *)sink;
    for (size_t i = 0; i < r->n && batch->length > 0 && r->rows == 0; i++) {
        struct buf text = BUF_INIT(VALUE_MAX_BYTES);
        if (!arrow_is_null(batch->children[i], 0)) {
            format_text(&text, r->values[i].type, batch->children[i], 0);
            r->values[i].text = arena_str(r->arena, text.n ? buf_str(&text) : STR(""));
        }
        bool failed = text.failed;
        r->sink.bytes += text.n;
        buf_free(&text);
        if (failed) {
            return error_set(e, ERR_TOO_LARGE, "a value here may have %d bytes", VALUE_MAX_BYTES);
        }
    }
    r->rows += batch->length;
    return OK;
}

static enum status run_query(struct session *s, struct plan *plan, struct arena *a, size_t n,
                             struct evaluated *out, struct error *e)
{
    struct row_of_values row = {
        .sink = {take_columns, take_batch}, .arena = a, .values = out, .n = n};
    struct run_result ran = {0};
    size_t params;
    plan_params(plan, &params);
    if (params > 0) {
        return error_set(e, ERR_UNTYPED_PARAMETER, "there is no parameter $1");
    }
    if (plan_run(plan, NULL, 0, &row.sink, &ran, e)) {
        return FAIL;
    }
    return row.rows == 1 ? OK : error_set(e, ERR_BAD_SQL, "one value is wanted, not a set of rows");
}

static struct node *select_of(struct arena *a, const struct node *stmt,
                              const struct node_list *exprs)
{
    struct node *select = node_new(a, NODE_SELECT, stmt->offset);
    for (uint32_t i = 0; i < exprs->n; i++) {
        node_push(a, &node_select(select)->targets,
                  make_target(a, node_copy(a, exprs->at[i]), STR_NULL));
    }
    struct node *query = make_query(a, select);
    query->offset = stmt->offset;
    query->length = stmt->length;
    return query;
}

/* ---- literals ---- */

static bool literal_value(const struct node *n, struct evaluated *out)
{
    if (n->kind != NODE_LITERAL) {
        return false;
    }
    const struct node_literal *l = node_literal_const(n);
    switch ((enum literal_kind)l->lit) {
    case LIT_NULL:
        *out = (struct evaluated){type_simple(TYPE_TEXT), STR_NULL};
        return true;
    case LIT_STRING:
        *out = (struct evaluated){type_simple(TYPE_TEXT), l->text.n ? l->text : STR("")};
        return true;
    case LIT_TRUE:
    case LIT_FALSE:
        *out = (struct evaluated){type_simple(TYPE_BOOL), l->lit == LIT_TRUE ? STR("t") : STR("f")};
        return true;
    default: /* the binder knows which type a number has */
        return false;
    }
}

enum status evaluate(struct session *s, const struct node *stmt, const struct node_list *exprs,
                     struct arena *a, struct evaluated **out, struct error *e)
{
    struct plan *plan = NULL;
    bool all_literals = true;
    *out = ARENA_ARRAY(a, struct evaluated, exprs->n);
    for (uint32_t i = 0; i < exprs->n; i++) {
        all_literals &= literal_value(exprs->at[i], &(*out)[i]);
    }
    if (all_literals) {
        return OK;
    }
    if (plan_make(s->governor, select_of(a, stmt, exprs), evaluate_text(s, stmt), NULL, 0, &plan,
                  e)) {
        return FAIL;
    }
    enum status status = run_query(s, plan, a, exprs->n, *out, e);
    plan_free(plan);
    return status;
}

/* The binder reads a type's name where a value is cast to it. */
enum status evaluate_types(struct session *s, const struct node *stmt,
                           const struct node_list *names, struct arena *a, const struct type ***out,
                           struct error *e)
{
    struct node_list casts = {0};
    struct plan *plan = NULL;
    size_t n;
    *out = ARENA_ARRAY(a, const struct type *, names->n);
    for (uint32_t i = 0; i < names->n; i++) {
        struct node *cast = node_new(a, NODE_CAST, names->at[i]->offset);
        node_cast(cast)->operand = make_literal(a, LIT_NULL, STR_NULL);
        node_cast(cast)->target = names->at[i];
        node_push(a, &casts, cast);
    }
    if (names->n == 0) {
        return OK;
    }
    if (plan_make(s->governor, select_of(a, stmt, &casts), evaluate_text(s, stmt), NULL, 0, &plan,
                  e)) {
        return FAIL;
    }
    const struct engine_column *columns = plan_columns(plan, &n);
    for (size_t i = 0; i < n && i < names->n; i++) {
        (*out)[i] = type_copy(a, columns[i].type);
    }
    plan_free(plan);
    return OK;
}
