/* Stage 7. Draws the result out of the engine batch by batch, masks what lineage says is masked,
 * and hands it to the sink. The sink shows nothing before all nine stages are through. */
#include "pipeline/execution.h"

#include "base/mem.h"
#include "crypto/datakey.h"
#include "pipeline/mask.h"

/* The engine knows nothing of a type's alias. */
static const struct type *known_as(const struct type *engines, const struct output_column *bound)
{
    return bound->type && type_same(engines, bound->type) ? bound->type : engines;
}

/* The columns as the sink gets them: the engine's storage, the client's names, masked types. */
static enum status announce(struct statement *s, struct error *e)
{
    const struct plan *p = s->plan;
    struct engine_column *columns =
        ARENA_ARRAY(s->arena, struct engine_column, s->result.column_count);
    if (s->result.column_count != p->now.binding->output_count) {
        return error_set(e, ERR_INTERNAL, "the engine gave %zu columns where %zu were expected",
                         s->result.column_count, p->now.binding->output_count);
    }
    for (size_t i = 0; i < s->result.column_count; i++) {
        columns[i] = (struct engine_column){
            .name = p->now.binding->outputs[i].name,
            .type = mask_type(known_as(s->result.columns[i].type, &p->now.binding->outputs[i]),
                              p->now.masks ? p->now.masks[i] : NULL),
        };
    }
    return s->sink->columns(s->sink, columns, s->result.column_count, e);
}

static enum status draw(struct statement *s, struct masker *m, struct error *e)
{
    struct governor *g = s->plan->governor;
    const int64_t most = s->limits.max_rows;
    for (;;) {
        struct ArrowArray batch = {0};
        if (engine_next(g->pipeline->config.engine, g->engine_session, s->result.cursor, &batch,
                        e) != OK) {
            return FAIL;
        }
        if (!batch.release) {
            return OK;
        }
        s->row_count += batch.length;
        enum status status = OK;
        if (s->row_count > most) {
            status = error_set(e, ERR_ROW_LIMIT, "the result has more than the %lld rows allowed",
                               (long long)most);
        } else if (m && masker_apply(m, &batch, e) != OK) {
            status = FAIL;
        } else {
            status = s->sink->batch(s->sink, &batch, e);
        }
        arrow_array_release(&batch);
        if (status != OK) {
            return FAIL;
        }
    }
}

/* NULL where no column is masked. */
static enum status make_masker(struct statement *s, struct masker **out, struct error *e)
{
    const struct governor *g = s->plan->governor;
    uint8_t key[KMS_KEY_SIZE];
    *out = NULL;
    if (!s->plan->now.masks) {
        return OK; /* and no key is derived for nothing */
    }
    keyring_mask_key(g->pipeline->config.keyring, g->principal->org_id, key);
    enum status status =
        masker_new(key, s->result.columns, s->result.column_count, s->plan->now.masks, out, e);
    mem_wipe(key, sizeof key);
    return status;
}

static enum status draw_masked(struct statement *s, struct error *e)
{
    struct masker *m;
    if (announce(s, e) != OK || make_masker(s, &m, e) != OK) {
        return FAIL;
    }
    enum status status = draw(s, m, e);
    masker_free(m);
    return status;
}

enum status column_mask(struct statement *s, struct error *e)
{
    enum status status = OK;
    if (s->result.returns_rows) {
        status = draw_masked(s, e);
    } else {
        s->row_count = s->result.rows_changed;
    }
    return execution_end(s, status, e);
}
