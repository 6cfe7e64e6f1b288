/* Whether the log's files are what this process wrote. It knows the tree over all entries, so that
 * nothing can be changed in the files without another root, and which segments it deleted itself,
 * so that no file in the folder can say that another one has expired. */
#include <stdio.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "audit/kept.h"
#include "audit/reader.h"
#include "audit/verify.h"

struct check {
    struct reader reader;
    struct chain chain;
    struct checkpoint wanted;
    struct audit_report *report;
};

static void broken(struct check *c, const char *why)
{
    struct audit_report *r = c->report;
    r->valid = false;
    r->bad_seq = c->chain.seq + 1;
    r->bad_line = c->reader.line;
    snprintf(r->bad_file, sizeof r->bad_file, "%s", c->reader.file);
    snprintf(r->reason, sizeof r->reason, "%s", why);
}

/* What the process has written, all of it in the hands of the operating system. */
static bool take_state(struct audit *a, struct checkpoint *out)
{
    pthread_mutex_lock(&a->lock);
    bool good = audit_is_healthy(a) && audit_flush(a);
    if (good) {
        checkpoint_of(&a->chain, out);
    }
    pthread_mutex_unlock(&a->lock);
    return good;
}

/* True: there is more to read. */
static bool take_line(struct check *c, const struct line *line)
{
    struct checkpoint now;
    chain_advance(&c->chain, line);
    c->report->entries++;
    if (c->chain.seq < c->wanted.size) {
        return true;
    }
    if (!c->chain.whole) {
        broken(c, "the log doesn't tell what came before it");
        return false;
    }
    checkpoint_of(&c->chain, &now);
    if (strcmp(now.origin, c->wanted.origin) != 0 || now.size != c->wanted.size ||
        memcmp(now.root, c->wanted.root, sizeof now.root) != 0) {
        broken(c, "the entries in the files are not those that this server wrote");
    }
    return false;
}

static enum status read_lines(struct check *c, bool (*go_on)(void *ctx, size_t bytes), void *ctx,
                              struct error *e)
{
    struct str text;
    struct line line;
    for (;;) {
        enum reader_got got = reader_next(&c->reader, &text, &line, e);
        if (got == READER_FAILED) {
            return FAIL;
        }
        if (got == READER_BROKEN) {
            broken(c, c->reader.why);
            return OK;
        }
        if (got != READER_LINE) {
            broken(c, "the log ends before what this server wrote: its end was cut off");
            return OK;
        }
        if (!take_line(c, &line)) {
            return OK;
        }
        if (!go_on(ctx, text.n)) {
            *c->report = (struct audit_report){.valid = true};
            return OK;
        }
    }
}

/* What of the segments may be missing, after the folder was listed: what this process knows, and
 * has left a checkpoint for. */
static enum status may_be_missing(struct audit *a, int dir_fd, unsigned *through, struct error *e)
{
    if (kept_through(dir_fd, through, e) != OK) {
        return FAIL;
    }
    pthread_mutex_lock(&a->lock);
    *through = *through < a->expired ? *through : a->expired;
    pthread_mutex_unlock(&a->lock);
    return OK;
}

static enum status read_log(struct check *c, struct audit *a,
                            bool (*go_on)(void *ctx, size_t bytes), void *ctx, struct error *e)
{
    unsigned through = 0;
    if (reader_open_folder(&c->reader, a->dir, e) != OK ||
        may_be_missing(a, c->reader.dir_fd, &through, e) != OK) {
        return FAIL;
    }
    reader_begin(&c->reader, 0, c->reader.count, &c->chain);
    if (c->reader.count == 0 || c->reader.numbers[0] > through + 1) {
        broken(c, "segments are missing");
        return OK;
    }
    return read_lines(c, go_on, ctx, e);
}

enum status audit_check(struct audit *a, bool (*go_on)(void *ctx, size_t bytes), void *ctx,
                        struct audit_report *out, struct error *e)
{
    struct check c = {.report = out};
    *out = (struct audit_report){.valid = true};
    if (!take_state(a, &c.wanted)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written");
    }
    c.chain.hasher = hasher_new();
    enum status status = read_log(&c, a, go_on, ctx, e);
    reader_close(&c.reader);
    hasher_free(c.chain.hasher);
    return status;
}
