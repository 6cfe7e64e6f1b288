#include "audit/recover.h"

#include <stdlib.h>

#include "audit/kept.h"
#include "audit/reader.h"
#include "base/mem.h"

static void forget_all(struct recovery *r)
{
    map_free(r->open, free);
    r->open = map_new();
}

/* Keeps the set of intents without an outcome. An entry "open_intents" has told of those before it.
 */
static void follow(struct recovery *r, const struct line *line)
{
    size_t at = 0;
    if (!line_member(line->body, 0, "entry_id", &at).p) {
        return;
    }
    if (line->kind == AUDIT_SYSTEM) {
        if (str_is(line_member(line->body, at + 1, "action", NULL), "open_intents")) {
            forget_all(r);
        }
        return;
    }
    struct str query = line_member(line->body, at + 1, "query_id", NULL);
    if (query.n == 0) {
        return;
    }
    if (line->kind == AUDIT_INTENT) {
        free(map_put(r->open, query, mem_strndup(query.p, query.n)));
    } else if (line->kind == AUDIT_OUTCOME) {
        free(map_remove(r->open, query));
    }
}

/* Reads the segments from this one on, to the end. */
static enum status scan(struct recovery *r, struct reader *in, size_t from, struct error *e)
{
    enum reader_got got;
    struct str text;
    struct line line;
    reader_begin(in, from, in->count, &r->chain);
    while ((got = reader_next(in, &text, &line, e)) == READER_LINE) {
        chain_advance(&r->chain, &line);
        follow(r, &line);
        r->last_us = line_time(line.timestamp);
    }
    if (got == READER_BROKEN) {
        return error_set(e, ERR_CORRUPT, "audit log %s line %llu: %s", in->file,
                         (unsigned long long)in->line, in->why);
    }
    r->segment = in->segment;
    r->size = in->offset;
    r->torn = got == READER_TORN ? in->torn : 0;
    return got == READER_FAILED ? FAIL : OK;
}

/* There may be none missing but those that expired. */
static enum status check_numbers(const struct reader *in, struct error *e)
{
    unsigned expired;
    if (kept_through(in->dir_fd, &expired, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < in->count; i++) {
        unsigned wanted = i > 0 ? in->numbers[i - 1] + 1 : expired + 1;
        if (i > 0 ? in->numbers[i] != wanted : in->numbers[0] > wanted) {
            return error_set(e, ERR_CORRUPT, "audit log segment %u is missing", wanted);
        }
    }
    return OK;
}

static enum status scan_log(struct recovery *r, struct reader *in, struct error *e)
{
    enum status status = check_numbers(in, e);
    r->expired = in->numbers[0] - 1;
    if (status == OK) {
        status = scan(r, in, in->count > 2 ? in->count - 2 : 0, e);
    }
    if (status == OK && !r->chain.whole) {
        forget_all(r);
        status = scan(r, in, 0, e);
    }
    return status;
}

enum status recover(const char *dir, struct hasher *h, struct recovery *out, struct error *e)
{
    struct reader in;
    *out = (struct recovery){.open = map_new()};
    chain_init(&out->chain, h);
    enum status status = reader_open_folder(&in, dir, e);
    if (status == OK && in.count > 0) {
        status = scan_log(out, &in, e);
    }
    reader_close(&in);
    return status;
}

void recovery_fini(struct recovery *r)
{
    map_free(r->open, free);
    r->open = NULL;
}
