/* COPY FROM STDIN and TO STDOUT.
 *
 * What a client sends is held, on the disk where it is much, until CopyDone; only then does a
 * worker load it, all or nothing. So a slow sender occupies no worker. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/state.h"
#include "wire/copy_in.h"
#include "wire/copy_out.h"

enum { ROW_MAX = 256 << 20, FLUSH_AT = 32 << 10 };

struct copy_from {
    struct plan *plan;
    struct prepared *of; /* whose plan it is; NULL: a simple query's */
    struct arena *arena;
    struct copy_options options;
    struct copy_column *columns;
    size_t column_count;
    struct held *data;
};

bool copy_is(const struct node *stmt)
{
    return stmt->kind == NODE_COPY;
}

/* ---- options ---- */

static struct copy_column *columns_of(const struct engine_column *c, size_t n, struct arena *a)
{
    struct copy_column *out = ARENA_ARRAY(a, struct copy_column, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct copy_column){arena_str(a, c[i].name), c[i].type};
    }
    return out;
}

static enum status read_options(const struct node *stmt, const struct copy_column *columns,
                                size_t n, struct arena *a, struct copy_options *out,
                                struct error *e)
{
    const struct node_copy_stmt *copy = node_copy_stmt_const(stmt);
    struct str *names = ARENA_ARRAY(a, struct str, copy->options.n);
    struct str *values = ARENA_ARRAY(a, struct str, copy->options.n);
    for (uint32_t i = 0; i < copy->options.n; i++) {
        const struct node_copy_option *o = node_copy_option_const(copy->options.at[i]);
        struct buf text = BUF_INIT(1 << 16);
        if (local_join_values(&o->values, &text, e)) {
            buf_free(&text);
            return FAIL;
        }
        names[i] = o->name;
        values[i] = o->values.n ? arena_str(a, buf_str(&text)) : STR_NULL;
        buf_free(&text);
    }
    return copy_options_parse(names, values, copy->options.n, columns, n, !copy->to, a, out, e);
}

/* ---- FROM STDIN ---- */

void copy_drop(struct session *s)
{
    struct copy_from *c = s->copy;
    if (!c) {
        return;
    }
    s->copy = NULL;
    held_free(c->data);
    if (c->of) {
        prepared_drop(s, c->of);
    } else {
        plan_free(c->plan);
    }
    arena_free(c->arena);
    free(c);
}

enum status copy_begin(struct session *s, struct plan *p, struct prepared *of,
                       const struct node *stmt, struct error *e)
{
    struct copy_from *c = s->copy = mem_alloc(sizeof *c);
    c->plan = p;
    c->of = of;
    if (of) {
        of->holders++;
    }
    c->arena = arena_new(0);
    const struct engine_column *columns = plan_copy_columns(p, &c->column_count);
    c->columns = columns_of(columns, c->column_count, c->arena);
    if (read_options(stmt, c->columns, c->column_count, c->arena, &c->options, e)) {
        copy_drop(s);
        return FAIL;
    }
    c->data = held_new(s->env->held);
    wire_put_copy_response(replies_buf(&s->replies), 'G', c->options.format == COPY_BINARY,
                           c->column_count);
    return OK;
}

struct copy_source {
    struct row_source source; /* first: the pipeline gives us this back */
    struct copy_in *reader;
    struct held *data;
    struct arena *arena;
    struct copy_rows rows;
    size_t next;
    bool ended;
};

/* More rows from the held data. */
static enum status refill(struct copy_source *c, struct error *e)
{
    arena_reset(c->arena);
    c->rows = (struct copy_rows){0};
    c->next = 0;
    while (c->rows.n == 0 && !c->ended) {
        struct str piece;
        if (held_peek(c->data, &piece, e)) {
            return FAIL;
        }
        if (piece.n == 0) {
            c->ended = true;
            return copy_in_end(c->reader, c->arena, &c->rows, e);
        }
        if (copy_in_feed(c->reader, piece, c->arena, &c->rows, e)) {
            return FAIL;
        }
        held_consume(c->data, piece.n);
    }
    return OK;
}

static enum status next_row(struct row_source *source, const struct value **row, bool *done,
                            struct error *e)
{
    struct copy_source *c = (struct copy_source *)source;
    if (c->next == c->rows.n && refill(c, e)) {
        return FAIL;
    }
    *done = c->next == c->rows.n;
    if (!*done) {
        *row = c->rows.at[c->next++];
    }
    return OK;
}

static enum status load(struct session *s, struct result *out, struct error *e)
{
    struct copy_from *c = s->copy;
    if (session_admit(s, e)) {
        return FAIL;
    }
    struct copy_source source = {
        .source = {next_row},
        .reader = copy_in_new(&c->options, c->columns, c->column_count, s->style.time.zone),
        .data = c->data,
        .arena = arena_new(0)};
    struct run_result ran = {0};
    s->has_run = true;
    enum status status = plan_run_copy(c->plan, &source.source, &ran, e);
    copy_in_free(source.reader);
    arena_free(source.arena);
    result_tag(out, "COPY", ran.rows);
    return status;
}

/* Done (e is NULL) or failed: on with the message that began it. */
static void leave(struct session *s, struct result *r, const struct error *e)
{
    bool extended = s->copy->of != NULL;
    if (!extended) {
        copy_drop(s);
        simple_copied(s, r, e);
        return;
    }
    if (e) {
        s->query = s->copy->of->text;
        session_error(s, e);
        s->query = STR_NULL;
        s->skip_to_sync = true;
    } else {
        wire_put_complete(replies_buf(&s->replies), r->tag);
    }
    copy_drop(s);
}

static void client_failed(struct session *s, struct str body, struct error *e)
{
    struct str why;
    if (wire_get_text(body, "CopyFail", &why, e) == OK) {
        error_set(e, ERR_CANCELED, "COPY from stdin failed: %.*s", why.n > 200 ? 200 : (int)why.n,
                  why.p);
    }
}

void copy_message(struct session *s, const struct wire_message *m)
{
    struct error e = ERROR_INIT;
    struct result done = {0};
    switch (m->type) {
    case 'd':
        if (held_append(s->copy->data, m->body.p, m->body.n, &e)) {
            leave(s, NULL, &e);
        }
        break;
    case 'c':
        leave(s, &done, load(s, &done, &e) ? &e : NULL);
        break;
    case 'f':
        client_failed(s, m->body, &e);
        leave(s, NULL, &e);
        break;
    case 'H':
    case 'S': /* to be ignored here: protocol chapter, "COPY Operations" */
        break;
    default:
        error_set(&e, ERR_PROTOCOL, "message type '%c' is not allowed during COPY from stdin",
                  m->type);
        leave(s, NULL, &e);
    }
}

/* ---- TO STDOUT ---- */

struct copy_sink {
    struct result_sink sink; /* first */
    const struct node *stmt;
    const struct format_style *style;
    struct copy_out *writer;
    struct buf scratch;
    struct result *result;
};

static enum status flush(struct copy_sink *s, struct error *e)
{
    enum status status = held_append(s->result->rows, s->scratch.p, s->scratch.n, e);
    s->sink.bytes += s->scratch.n;
    buf_clear(&s->scratch);
    return status;
}

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct copy_sink *s = (struct copy_sink *)sink;
    struct arena *a = s->result->arena;
    struct copy_column *c = columns_of(columns, n, a);
    struct copy_options *options = ARENA_NEW(a, struct copy_options);
    if (read_options(s->stmt, c, n, a, options, e)) {
        return FAIL;
    }
    s->writer = copy_out_new(a, options, c, n, s->style);
    wire_put_copy_response(&s->scratch, 'H', copy_out_format(s->writer) == 1, n);
    return copy_out_begin(s->writer, &s->scratch, e) || flush(s, e) ? FAIL : OK;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct copy_sink *s = (struct copy_sink *)sink;
    for (int64_t i = 0; i < batch->length; i++) {
        if (copy_out_row(s->writer, &s->scratch, batch, i, e) ||
            (s->scratch.n >= FLUSH_AT && flush(s, e))) {
            return FAIL;
        }
    }
    s->result->count += batch->length;
    return flush(s, e);
}

static enum status finish(struct copy_sink *s, struct error *e)
{
    if (!s->writer) {
        return error_set(e, ERR_INTERNAL, "COPY TO gave no columns");
    }
    if (copy_out_end(s->writer, &s->scratch, e)) {
        return FAIL;
    }
    wire_put_copy_done(&s->scratch);
    return flush(s, e);
}

enum status copy_out(struct session *s, struct plan *p, const struct node *stmt, struct result *out,
                     struct error *e)
{
    *out = (struct result){.rows = held_new(s->env->held), .arena = arena_new(0)};
    struct copy_sink sink = {.sink = {take_columns, take_batch},
                             .stmt = stmt,
                             .style = &s->style,
                             .scratch = BUF_INIT(ROW_MAX),
                             .result = out};
    struct run_result ran = {0};
    s->has_run = true;
    enum status status = plan_run(p, NULL, 0, &sink.sink, &ran, e);
    if (status == OK) {
        status = finish(&sink, e);
    }
    buf_free(&sink.scratch);
    if (status) {
        result_fini(out);
        return FAIL;
    }
    result_tag(out, "COPY", out->count);
    return OK;
}
