#include "audit/find.h"

#include <inttypes.h>

#include "base/array.h"
#include "base/buf.h"
#include "catalog/audit_log.h"
#include "engine/engine.h"

/* The statement, and its parameters in their order. */
struct asking {
    struct buf sql;
    struct value params[2 + AUDIT_SAME_MAX];
    size_t n;
};

static void put_same(struct asking *q, const char *column, struct str value)
{
    q->params[q->n++] = (struct value){.type = type_simple(TYPE_TEXT), .as.text = value};
    buf_printf(&q->sql, " AND %s = $%zu", column, q->n);
}

static void write_query(const struct audit_search *s, uint64_t least, uint64_t before, size_t most,
                        struct asking *q)
{
    buf_puts(&q->sql, "SELECT seq, line_segment, line_offset FROM " CATALOG_ENGINE_SOURCES
                      "." CATALOG_AUDIT_LOG_RELATION "() WHERE true");
    put_same(q, "org_id", s->org_id);
    put_same(q, "kind", str_of(line_kind_word(s->kind)));
    for (size_t i = 0; i < s->same_count; i++) {
        put_same(q, s->same[i].column, s->same[i].value);
    }
    if (least) {
        buf_printf(&q->sql, " AND seq >= %" PRIu64, least);
    }
    if (before) {
        buf_printf(&q->sql, " AND seq < %" PRIu64, before);
    }
    if (s->from_us) {
        buf_printf(&q->sql, " AND \"timestamp\" >= make_timestamptz(%" PRId64 ")", s->from_us);
    }
    if (s->to_us) {
        buf_printf(&q->sql, " AND \"timestamp\" < make_timestamptz(%" PRId64 ")", s->to_us);
    }
    buf_printf(&q->sql, " ORDER BY seq DESC LIMIT %zu", most);
}

static void take_places(const struct ArrowArray *batch, struct audit_place *out, size_t most,
                        size_t *n)
{
    for (int64_t i = 0; i < batch->length && *n < most; i++) {
        out[(*n)++] = (struct audit_place){.seq = (uint64_t)array_i64(batch->children[0], i),
                                           .segment = (unsigned)array_i64(batch->children[1], i),
                                           .offset = (uint64_t)array_i64(batch->children[2], i)};
    }
}

static enum status fetch(struct engine *g, uint64_t session, uint64_t cursor,
                         struct audit_place *out, size_t most, size_t *n, struct error *e)
{
    for (;;) {
        struct ArrowArray batch = {0};
        if (engine_next(g, session, cursor, &batch, e) != OK) {
            return FAIL;
        }
        if (!batch.release) {
            return OK;
        }
        take_places(&batch, out, most, n);
        batch.release(&batch);
    }
}

static enum status ask(struct engine *g, uint64_t session, const struct asking *q,
                       struct audit_place *out, size_t most, size_t *n, struct error *e)
{
    struct arena *a = arena_new(0);
    struct engine_prepared prepared;
    struct engine_result result;
    enum status status = engine_prepare(g, session, buf_str(&q->sql), a, &prepared, e);
    if (status == OK) {
        status = engine_execute(g, session, prepared.statement, q->params, q->n, 0, a, &result, e);
    }
    if (status == OK) {
        status = fetch(g, session, result.cursor, out, most, n, e);
    }
    arena_free(a);
    return status;
}

enum status audit_find(const struct audit_search *s, uint64_t least, uint64_t before,
                       struct audit_place *out, size_t most, size_t *n, struct error *e)
{
    struct asking q = {.sql = BUF_INIT(0)};
    uint64_t session = engine_session_open(s->engine);
    *n = 0;
    write_query(s, least, before, most, &q);
    enum status status = ask(s->engine, session, &q, out, most, n, e);
    engine_session_close(s->engine, session);
    buf_free(&q.sql);
    return status;
}
