/* Rows of a plan, encoded while the engine streams and held until it has finished. */
#include <stdio.h>

#include "base/log.h"
#include "session/state.h"
#include "wire/format.h"
#include "wire/oid.h"

enum { ROW_MAX = 256 << 20, FLUSH_AT = 32 << 10 };

struct row_sink {
    struct result_sink sink; /* first: the pipeline gives us this back */
    const int16_t *formats;
    size_t format_count;
    const struct prepared *described;
    const struct format_style *style;
    struct format_plan *plan;
    struct buf scratch;
    struct result *result;
};

void result_fini(struct result *r)
{
    held_free(r->rows);
    arena_free(r->arena);
    *r = (struct result){0};
}

static bool str_is_any(const char *z, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(z, *words) == 0) {
            return true;
        }
    }
    return false;
}

void result_tag(struct result *r, const char *verb, int64_t count)
{
    static const char *const counted[] = {"SELECT", "UPDATE", "DELETE", "COPY",
                                          "MERGE",  "FETCH",  "MOVE",   NULL};
    if (count >= 0 && strcmp(verb, "INSERT") == 0) {
        snprintf(r->tag, sizeof r->tag, "INSERT 0 %lld", (long long)count);
    } else if (count >= 0 && str_is_any(verb, counted)) {
        snprintf(r->tag, sizeof r->tag, "%s %lld", verb, (long long)count);
    } else {
        snprintf(r->tag, sizeof r->tag, "%s", verb);
    }
}

int16_t rows_format(const int16_t *formats, size_t count, size_t i)
{
    return count == 0 ? 0 : count == 1 ? formats[0] : formats[i];
}

void rows_describe(const struct engine_column *columns, size_t n, const int16_t *formats,
                   size_t format_count, struct arena *a, struct wire_column **out)
{
    *out = ARENA_ARRAY(a, struct wire_column, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t oid = oid_of(columns[i].type);
        (*out)[i] = (struct wire_column){arena_str(a, columns[i].name), oid, oid_typlen(oid),
                                         oid_typmod(columns[i].type),
                                         rows_format(formats, format_count, i)};
    }
}

/* A client that was told of the columns reads the rows by them. */
static enum status same_as_described(const struct prepared *p, const struct engine_column *columns,
                                     size_t n, struct error *e)
{
    size_t told;
    const struct engine_column *before = plan_columns(p->plan, &told);
    bool same = told == n;
    for (size_t i = 0; same && i < n; i++) {
        same = oid_of(before[i].type) == oid_of(columns[i].type);
    }
    if (same) {
        return OK;
    }
    error_set(e, ERR_UNSUPPORTED, "the statement's columns have changed since it was described");
    return error_hint(e, "Prepare the statement again.");
}

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct row_sink *s = (struct row_sink *)sink;
    struct result *r = s->result;
    if (s->format_count > 1 && s->format_count != n) {
        return error_set(e, ERR_PROTOCOL, "Bind has %zu result formats for %zu columns",
                         s->format_count, n);
    }
    if (s->described && same_as_described(s->described, columns, n, e)) {
        return FAIL;
    }
    r->column_count = n;
    rows_describe(columns, n, s->formats, s->format_count, r->arena, &r->columns);
    struct format_column *f = ARENA_ARRAY(r->arena, struct format_column, n);
    for (size_t i = 0; i < n; i++) {
        f[i] = (struct format_column){columns[i].type, r->columns[i].format};
    }
    s->plan = format_plan_new(r->arena, f, n, s->style);
    return OK;
}

static enum status flush(struct row_sink *s, struct error *e)
{
    enum status status = held_append(s->result->rows, s->scratch.p, s->scratch.n, e);
    s->sink.bytes += s->scratch.n;
    buf_clear(&s->scratch);
    return status;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct row_sink *s = (struct row_sink *)sink;
    for (int64_t i = 0; i < batch->length; i++) {
        if (format_row(&s->scratch, s->plan, batch, i, e) ||
            (s->scratch.n >= FLUSH_AT && flush(s, e))) {
            return FAIL;
        }
    }
    s->result->count += batch->length;
    return flush(s, e);
}

enum status rows_run(struct session *s, struct plan *p, const struct value *params,
                     size_t param_count, const int16_t *formats, size_t format_count,
                     const struct prepared *described, struct result *out, struct error *e)
{
    *out = (struct result){.rows = held_new(s->env->held),
                           .arena = arena_new(0),
                           .returns_rows = plan_returns_rows(p)};
    struct row_sink sink = {.sink = {take_columns, take_batch},
                            .formats = formats,
                            .format_count = format_count,
                            .described = described,
                            .style = &s->style,
                            .scratch = BUF_INIT(ROW_MAX),
                            .result = out};
    struct run_result ran = {0};
    s->has_run = true;
    enum status status = plan_run(p, params, param_count, &sink.sink, &ran, e);
    buf_free(&sink.scratch);
    if (status) {
        result_fini(out);
        return FAIL;
    }
    if (!out->returns_rows) {
        out->count = ran.rows;
    }
    result_tag(out, plan_tag(p), out->count);
    return OK;
}
