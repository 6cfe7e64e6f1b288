/* Masks on the columns of a result: the values themselves leave the batch, and nothing of a masked
 * value can be read from what replaces it beyond what its function says.
 *
 *   full     '***'
 *   partial  '***' and the last `visible_chars` characters (code points); of a value with no more
 *            characters than that, '***' alone, so that no value is shown whole
 *   hash     lower-case hexadecimal HMAC-SHA-256 of the value's text under the tenant's key
 *   null     NULL
 *
 * NULL stays NULL. A column that is not text becomes NULL in its own type, or, with as_text, the
 * mask of its text (PostgreSQL's text format) as TEXT. */
#ifndef PIPELINE_MASK_H
#define PIPELINE_MASK_H

#include "base/arrow.h"
#include "engine/engine.h"
#include "policy/policy.h"

enum { MASK_KEY_SIZE = 32 };

struct masker;

/* For the `count` columns of one result; masks[i], or all of `masks`, NULL: none. NULL in `*out`
 * where no column is masked. `key` (MASK_KEY_SIZE bytes, the tenant's) is copied, and may be NULL
 * where no mask is MASK_HASH. Columns and masks must live as long. Used by one thread at a time;
 * free with masker_free, which wipes the key. ERR_INTERNAL where a mask has no such function, or
 * the key is missing. */
MUST_USE enum status masker_new(const uint8_t *key, const struct engine_column *columns,
                                size_t count, const struct mask **masks, struct masker **out,
                                struct error *e);
void masker_free(struct masker *m); /* NULL is allowed */

/* Replaces the masked children of `*batch` (a struct array of `count` children). The batch stays
 * one thing to release; the original lives in it until then, which must be before the next batch is
 * masked and before the masker is freed: parts of it are the masker's. On FAIL the batch is
 * released: nothing that was to be masked can leave by mistake. */
MUST_USE enum status masker_apply(struct masker *m, struct ArrowArray *batch, struct error *e);

#endif
