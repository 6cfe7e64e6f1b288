#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/mem.h"
#include "identity/identity.h"
#include "pipeline/pipeline.h"

struct fake_counts fake;

struct governor {
    atomic_bool cancelled;
};

struct plan {
    struct governor *governor;
    char *text, *tag;
    bool rows, copy_from, echo;
    struct engine_column columns[2];
    size_t column_count;
    const struct type *param;
};

static struct buf copied; /* "a|b\n" a row */

enum status identity_verify(struct identity *i, struct str user, struct str secret,
                            struct str environment, struct str source_ip, struct arena *a,
                            struct principal **out, struct error *e)
{
    if (!str_is(secret, "right")) {
        return error_set(e, ERR_AUTH, "authentication failed");
    }
    *out = ARENA_NEW(a, struct principal);
    (*out)->user_id = arena_str(a, user);
    (*out)->environment = arena_str(a, environment);
    return OK;
}

enum status identity_still_valid(struct identity *i, const struct principal *p,
                                 struct standing *now, struct error *e)
{
    *now = (struct standing){.role = p->role};
    return atomic_load(&fake.revoked) ? error_set(e, ERR_REVOKED, "the key was revoked") : OK;
}

bool standing_holds(const struct standing *now, const struct principal *p)
{
    return now->role == p->role && str_is(p->grant_id, now->grant_id);
}

enum status governor_set_role(struct governor *g, enum role role, struct str grant_id,
                              struct error *e)
{
    return OK;
}

enum status governor_rules(struct governor *g, uint64_t *out, struct error *e)
{
    *out = 1;
    return OK;
}

enum status governor_open(struct pipeline *p, const struct principal *who,
                          const struct governor_options *o, struct governor **out, struct error *e)
{
    *out = mem_alloc(sizeof **out);
    atomic_fetch_add(&fake.governors, 1);
    return OK;
}

void governor_close(struct governor *g)
{
    if (g) {
        atomic_fetch_sub(&fake.governors, 1);
        free(g);
    }
}

void governor_set_timeout(struct governor *g, int64_t milliseconds) {}

void governor_set_dialect(struct governor *g, enum dialect d) {}

void governor_show_stored_names(struct governor *g, bool stored) {}

void governor_set_row_security(struct governor *g, bool on) {}

enum dialect pipeline_dialect(const struct pipeline *p)
{
    return DIALECT_SNOWFLAKE;
}

const struct parse_limits *pipeline_parse_limits(const struct pipeline *p)
{
    static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    return &limits;
}

enum status governor_record_failure(struct governor *g, struct str text, const struct error *why,
                                    struct error *e)
{
    atomic_fetch_add(&fake.recorded, 1);
    return OK;
}

void governor_set_facts(struct governor *g, const struct session_facts *facts) {}

void governor_set_path(struct governor *g, struct str database, const struct str *path, size_t n) {}

enum status governor_set_variable(struct governor *g, struct str name, const struct type *type,
                                  struct str text, struct error *e)
{
    return OK;
}

enum status governor_discard(struct governor *g, struct error *e)
{
    return OK;
}

enum status governor_discard_temporary(struct governor *g, struct error *e)
{
    return OK;
}

enum status governor_set_time_zone(struct governor *g, const char *name, struct error *e)
{
    return OK;
}

void governor_set_read_only(struct governor *g) {}

uint64_t governor_writes(const struct governor *g)
{
    return 0;
}

void governor_unset_variable(struct governor *g, struct str name) {}

enum status governor_has_schema(struct governor *g, struct str database, struct str name, bool *out,
                                struct error *e)
{
    *out = true;
    return OK;
}

int64_t governor_concurrency(const struct governor *g)
{
    return 100;
}

enum status governor_has_database(struct governor *g, struct str name, bool *out, struct error *e)
{
    *out = true;
    return OK;
}

bool plan_policy_holds(struct plan *p)
{
    return true;
}

void governor_set_request_id(struct governor *g, struct str id) {}

void governor_set_reasoning(struct governor *g, struct str parent_request_id, struct str step) {}

enum status governor_begin(struct governor *g, bool read_only, struct error *e)
{
    atomic_fetch_add(&fake.begins, 1);
    return OK;
}

enum status governor_commit(struct governor *g, struct error *e)
{
    if (atomic_exchange(&fake.fail_commit, false)) {
        return error_set(e, ERR_CONFLICT, "another transaction changed the row");
    }
    atomic_fetch_add(&fake.commits, 1);
    return OK;
}

enum status governor_rollback(struct governor *g, struct error *e)
{
    atomic_fetch_add(&fake.rollbacks, 1);
    return OK;
}

void governor_heed(struct governor *g) {}

void governor_cancel(struct governor *g)
{
    atomic_fetch_add(&fake.cancels, 1);
    atomic_store(&g->cancelled, true);
}

enum status plan_make(struct governor *g, const struct node *stmt, struct str text,
                      const struct type *const *hints, size_t hint_count, struct plan **out,
                      struct error *e)
{
    char *z = mem_strndup(text.p, text.n);
    if (strstr(z, "refused")) {
        free(z);
        return error_at(e, ERR_DENIED, stmt->offset + 7, "you may not");
    }
    struct plan *p = mem_alloc(sizeof *p);
    p->governor = g;
    p->text = z;
    p->copy_from = stmt->kind == NODE_COPY && !node_copy_stmt_const(stmt)->to;
    p->rows = stmt->kind == NODE_QUERY;
    p->echo = strstr(z, "$1") != NULL;
    p->tag = mem_strdup(p->rows ? "SELECT" : stmt->kind == NODE_COPY ? "COPY" : "INSERT");
    p->columns[0] = (struct engine_column){STR("n"), type_simple(TYPE_INT4)};
    p->columns[1] = (struct engine_column){STR("t"), type_simple(TYPE_TEXT)};
    p->column_count = p->rows || stmt->kind == NODE_COPY ? 2 : 0;
    p->param = hint_count && hints[0]->kind != TYPE_UNKNOWN ? hints[0] : type_simple(TYPE_TEXT);
    *out = p;
    return OK;
}

enum status plan_explain(const struct plan *of, struct str text, struct plan **out, struct error *e)
{
    (void)of;
    (void)text;
    (void)out;
    return error_set(e, ERR_UNSUPPORTED, "the fake explains nothing");
}

void plan_free(struct plan *p)
{
    if (p) {
        free(p->text);
        free(p->tag);
        free(p);
    }
}

const struct type *const *plan_params(const struct plan *p, size_t *count)
{
    *count = p->echo;
    return &p->param;
}

const struct engine_column *plan_columns(const struct plan *p, size_t *count)
{
    *count = p->column_count;
    return p->columns;
}

const struct engine_column *plan_copy_columns(const struct plan *p, size_t *count)
{
    return plan_columns(p, count);
}

bool plan_explains(const struct plan *p)
{
    (void)p;
    return false;
}

bool plan_returns_rows(const struct plan *p)
{
    return p->rows;
}

const char *plan_tag(const struct plan *p)
{
    return p->tag;
}

/* ---- batches ---- */

static void release_numbers(struct ArrowArray *a)
{
    free((void *)(uintptr_t)a->buffers[1]);
    free(a->buffers);
    a->release = NULL;
}

static void release_batch(struct ArrowArray *a)
{
    for (int i = 0; i < 2; i++) {
        arrow_array_release(a->children[i]);
        free(a->children[i]);
    }
    free(a->children);
    a->release = NULL;
}

static enum status give(struct result_sink *sink, int32_t first, int32_t n, struct str text,
                        struct error *e)
{
    int32_t *numbers = mem_calloc((size_t)n, sizeof *numbers);
    struct array_builder b;
    array_builder_init(&b, n);
    for (int32_t i = 0; i < n; i++) {
        numbers[i] = first + i;
        array_builder_put(&b, text);
    }
    struct ArrowArray batch = {.length = n, .n_children = 2, .release = release_batch};
    batch.children = mem_calloc(2, sizeof *batch.children);
    batch.children[0] = mem_alloc(sizeof *batch.children[0]);
    batch.children[1] = mem_alloc(sizeof *batch.children[1]);
    *batch.children[0] = (struct ArrowArray){.length = n,
                                             .n_buffers = 2,
                                             .buffers = mem_calloc(2, sizeof(void *)),
                                             .release = release_numbers};
    batch.children[0]->buffers[1] = numbers;
    array_builder_finish(&b, batch.children[1]);
    enum status s = sink->batch(sink, &batch, e);
    arrow_array_release(&batch);
    return s;
}

static enum status give_many(struct result_sink *sink, int32_t n, struct error *e)
{
    char text[101];
    memset(text, 'x', 100);
    for (int32_t at = 1; at <= n; at += 2048) {
        int32_t left = n - at + 1;
        if (give(sink, at, left < 2048 ? left : 2048, (struct str){text, 100}, e)) {
            return FAIL;
        }
    }
    return OK;
}

static enum status give_copied(struct result_sink *sink, struct error *e)
{
    struct str rest = buf_str(&copied);
    int32_t n = 0;
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (give(sink, ++n, 1, line, e)) {
            return FAIL;
        }
        if (!rest.p) {
            break;
        }
    }
    return OK;
}

static enum status run_slow(struct plan *p, struct error *e)
{
    for (int i = 0; i < 20000; i++) {
        if (atomic_exchange(&p->governor->cancelled, false)) {
            return error_set(e, ERR_CANCELED, "canceling statement due to user request");
        }
        usleep(1000);
    }
    return error_set(e, ERR_TIMEOUT, "nobody cancelled");
}

enum status plan_run(struct plan *p, const struct value *params, size_t param_count,
                     struct result_sink *sink, struct run_result *out, struct error *e)
{
    atomic_fetch_add(&fake.runs, 1);
    const char *many = strstr(p->text, "many_"), *late = strstr(p->text, "late_");
    if (strstr(p->text, "slow")) {
        return run_slow(p, e);
    }
    if (p->column_count && sink->columns(sink, p->columns, p->column_count, e)) {
        return FAIL;
    }
    out->rows = 1;
    if (many) {
        return give_many(sink, atoi(many + 5), e);
    }
    if (late) {
        return give_many(sink, atoi(late + 5), e) ? FAIL
                                                  : error_set(e, ERR_DIVISION_BY_ZERO, "too late");
    }
    if (strcmp(p->tag, "COPY") == 0) {
        return give_copied(sink, e);
    }
    if (p->rows) {
        return give(sink, 1, 1, p->echo ? params[0].as.text : STR("one"), e);
    }
    return OK;
}

enum status plan_run_copy(struct plan *p, struct row_source *rows, struct run_result *out,
                          struct error *e)
{
    bool done = false;
    out->rows = 0;
    buf_clear(&copied);
    for (;;) {
        const struct value *row = NULL;
        if (rows->next(rows, &row, &done, e)) {
            return FAIL;
        }
        if (done) {
            return OK;
        }
        buf_put_str(&copied, row[1].is_null ? STR("(null)") : row[1].as.text);
        buf_puts(&copied, "\n");
        out->rows++;
    }
}
