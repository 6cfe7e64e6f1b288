#include "audit/verify.h"

#include <stdio.h>

#include "audit/kept.h"
#include "audit/reader.h"

struct verification {
    struct chain chain;
    const struct audit_known *known;
    struct audit_report *report;
    size_t witness; /* the next */
    struct arena *arena;
    struct kept *kept; /* of the folder */
    size_t kept_count, kept_next;
    bool kept_is_told; /* the last of them is in an entry */
    audit_visit *visit;
    void *ctx;
};

static void broken(struct verification *v, const char *file, uint64_t line, uint64_t seq,
                   const char *why)
{
    struct audit_report *r = v->report;
    r->valid = false;
    r->bad_seq = seq;
    r->bad_line = line;
    snprintf(r->bad_file, sizeof r->bad_file, "%s", file);
    snprintf(r->reason, sizeof r->reason, "%s", why);
}

static void count_entry(struct audit_report *r, const struct line *line)
{
    if (r->entries++ == 0) {
        memcpy(r->first_hash, line->entry_hash.p, LINE_HASH_TEXT);
    }
    memcpy(r->last_hash, line->entry_hash.p, LINE_HASH_TEXT);
}

static const struct kept *last_kept(const struct verification *v)
{
    return v->kept_count ? &v->kept[v->kept_count - 1] : NULL;
}

/* --- checkpoints --- */

static const char of_another_log[] = "the checkpoint is of another log";

/* Whether the log, up to before the next line, is what a checkpoint says. NULL, or what is wrong.
 */
static const char *check_against(const struct chain *c, const struct checkpoint *said)
{
    struct checkpoint now;
    checkpoint_of(c, &now);
    if (strcmp(now.origin, said->origin) != 0) {
        return of_another_log;
    }
    if (now.size != said->size) {
        return "the checkpoint isn't over the entries before it";
    }
    return memcmp(now.root, said->root, sizeof now.root) == 0
               ? NULL
               : "the entries before are not those that the checkpoint was made over";
}

static const char *why_unread(const struct error *e)
{
    return e->code == ERR_KEY ? "the checkpoint is not signed by a key that was given"
                              : "the checkpoint can't be read";
}

/* Over the entries before it. */
static const char *check_checkpoint(struct verification *v, struct str note)
{
    const struct audit_known *k = v->known;
    struct checkpoint said;
    struct error e = ERROR_INIT;
    if (checkpoint_open(note, k->keys, k->key_count, &said, &e) != OK) {
        return why_unread(&e);
    }
    const char *why = check_against(&v->chain, &said);
    if (!why) {
        v->report->checkpoints++;
        v->report->checked_size = said.size;
    }
    return why;
}

/* Over entries that go; what they were tells the file that is kept. */
static const char *check_retention(struct verification *v, struct str note)
{
    const struct audit_known *k = v->known;
    char origin[CHECKPOINT_ORIGIN_SIZE];
    struct kept said;
    struct error e = ERROR_INIT;
    if (kept_read(note, k->keys, k->key_count, &said, &e) != OK) {
        return why_unread(&e);
    }
    checkpoint_origin(v->chain.log_id, origin);
    if (strcmp(origin, said.checkpoint.origin) != 0) {
        return of_another_log;
    }
    if (said.checkpoint.size > v->chain.seq) {
        return "the checkpoint is over entries that come after it";
    }
    v->kept_is_told = v->kept_is_told || (v->kept_count && str_eq(note, last_kept(v)->note));
    return NULL;
}

/* The checkpoint that a line carries, if it must. NULL where there is nothing wrong with it. */
static const char *check_note(struct verification *v, const struct line *line)
{
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    const char *why = NULL;
    if (!v->chain.whole) {
        return NULL;
    }
    if (checkpoint_in_line(line, "checkpoint", &note)) {
        why = check_checkpoint(v, buf_str(&note));
    } else if (checkpoint_in_line(line, KEPT_ACTION, &note)) {
        why = check_retention(v, buf_str(&note));
    }
    buf_free(&note);
    return why;
}

static const struct audit_witness *next_witness(const struct verification *v)
{
    return v->witness < v->known->witness_count ? &v->known->witnesses[v->witness] : NULL;
}

static void contradict(struct verification *v, const char *name, uint64_t size, const char *why)
{
    char all[512];
    snprintf(all, sizeof all, "%s, which has %llu entries: %s", name, (unsigned long long)size,
             why);
    broken(v, "", 0, size, all);
}

/* The witnesses of a log of just these entries. False where one contradicts. */
static bool hear_witnesses(struct verification *v, const struct chain *now)
{
    const struct audit_witness *w;
    while (now->whole && (w = next_witness(v)) && w->checkpoint.size == now->seq) {
        const char *why = check_against(now, &w->checkpoint);
        if (why) {
            contradict(v, w->name, w->checkpoint.size, why);
            return false;
        }
        v->report->witnesses++;
        v->witness++;
    }
    return true;
}

/* --- what expired --- */

static const char not_whole_segments[] = "its entries don't end with the segment that it names";

/* The checkpoints kept in the folder are witnesses, too, of where a segment ends. `now` is before
 * the first line of the next one. */
static bool hear_kept(struct verification *v, const struct chain *now)
{
    while (v->kept_next < v->kept_count && v->kept[v->kept_next].checkpoint.size <= now->seq) {
        const struct kept *k = &v->kept[v->kept_next++];
        const char *why = check_against(now, &k->checkpoint);
        if (!why && k->through != now->segment - 1) {
            why = not_whole_segments;
        }
        if (why) {
            contradict(v, k->name, k->checkpoint.size, why);
            return false;
        }
    }
    return true;
}

/* Those over fewer entries than have expired can't be compared, but are of this log. */
static bool pass_over(struct verification *v, const struct chain *now)
{
    char origin[CHECKPOINT_ORIGIN_SIZE];
    const struct audit_witness *w;
    const struct kept *k;
    checkpoint_origin(now->log_id, origin);
    for (; (k = &v->kept[v->kept_next])->checkpoint.size < now->seq; v->kept_next++) {
        if (k == last_kept(v) || strcmp(k->checkpoint.origin, origin) != 0) {
            contradict(v, k->name, k->checkpoint.size,
                       k == last_kept(v) ? "more entries are missing than it was kept for"
                                         : of_another_log);
            return false;
        }
    }
    for (; (w = next_witness(v)) && w->checkpoint.size < now->seq; v->witness++) {
        if (strcmp(w->checkpoint.origin, origin) != 0) {
            contradict(v, w->name, w->checkpoint.size, of_another_log);
            return false;
        }
        v->report->unheard++;
    }
    return true;
}

/* Before the first line there is, where entries expired: what it tells of those before is what the
 * last kept checkpoint says, now or when that checkpoint's own entries have been read. */
static bool begin_after_expired(struct verification *v, const struct line *first)
{
    struct chain before = v->chain;
    const struct kept *last = last_kept(v);
    chain_trust(&before, first);
    if (!before.whole) {
        contradict(v, last->name, last->checkpoint.size,
                   "the first entry is of version 1, which doesn't tell what was before");
        return false;
    }
    if (!pass_over(v, &before)) {
        return false;
    }
    v->report->expired = before.seq;
    v->report->expired_days = last->days;
    memcpy(v->report->expired_on, last->when, sizeof last->when);
    return hear_witnesses(v, &before) && hear_kept(v, &before);
}

/* Reads what is kept. False where it can't stand in for what is missing. */
static bool read_kept(struct verification *v, const struct reader *r)
{
    struct error e = ERROR_INIT;
    char name[SEGMENT_NAME_SIZE], stranger[256];
    if (segment_stranger(r->dir_fd, stranger)) {
        broken(v, stranger, 1, 1, "the file is named like a segment and is none");
        return false;
    }
    if (kept_list(r->dir_fd, v->known->keys, v->known->key_count, v->arena, &v->kept,
                  &v->kept_count, &e) != OK) {
        broken(v, "", 0, 1, e.message);
        return false;
    }
    unsigned through = v->kept_count ? last_kept(v)->through : 0;
    if (r->numbers[0] > through + 1) {
        segment_name(through + 1, name);
        broken(v, name, 1, v->kept_count ? last_kept(v)->checkpoint.size + 1 : 1,
               "the segment is missing, and no checkpoint of expired entries is kept for it");
        return false;
    }
    return true;
}

/* --- the log --- */

static const char *take_line(struct verification *v, const struct line *line)
{
    const char *why = check_note(v, line);
    if (!why) {
        chain_advance(&v->chain, line);
        count_entry(v->report, line);
        if (v->visit) {
            v->visit(v->ctx, line);
        }
    }
    return why;
}

/* Reads to the end of the log or to what is wrong first. */
static enum status verify_lines(struct verification *v, struct reader *r, struct error *e)
{
    enum reader_got got;
    struct str text;
    struct line line;
    while ((got = reader_next(r, &text, &line, e)) == READER_LINE) {
        if (v->chain.opening && !r->path &&
            !(v->chain.open_start ? begin_after_expired(v, &line) : hear_kept(v, &v->chain))) {
            return OK;
        }
        r->why = take_line(v, &line);
        if (r->why) {
            got = READER_BROKEN;
            break;
        }
        if (!hear_witnesses(v, &v->chain)) {
            return OK;
        }
    }
    if (got == READER_BROKEN || got == READER_TORN) {
        broken(v, r->file, r->line, v->chain.open_start ? 0 : v->chain.seq + 1, r->why);
    }
    return got == READER_FAILED ? FAIL : OK;
}

/* One segment by itself: what came before it is taken on trust, except before the first. */
static enum status verify_log(struct verification *v, struct reader *r, struct error *e)
{
    if (r->count == 0) {
        return error_set(e, ERR_NOT_FOUND, "there is no audit log in this folder");
    }
    if (!r->path && !read_kept(v, r)) {
        return OK;
    }
    r->growing = !r->path;
    reader_begin(r, 0, r->count, &v->chain);
    return verify_lines(v, r, e);
}

/* What there is to say at the end of a log in which every line is right. */
static void verify_end(struct verification *v, const char *path)
{
    static const char cut_off[] =
        "the log ends before; its end was cut off, or an older copy was put back";
    const struct audit_witness *w = next_witness(v);
    if (v->report->entries == 0) {
        broken(v, path, 1, 1, "the log has no entries");
    } else if (w && !v->chain.whole) {
        contradict(v, w->name, w->checkpoint.size,
                   "a segment alone can't be checked against it; give the log's folder");
    } else if (w && w->checkpoint.size < v->chain.seq) {
        contradict(v, w->name, w->checkpoint.size, "it is older than the first entry here");
    } else if (w) {
        contradict(v, w->name, w->checkpoint.size, cut_off);
    } else if (v->kept_next < v->kept_count) {
        const struct kept *k = &v->kept[v->kept_next];
        contradict(v, k->name, k->checkpoint.size,
                   k->checkpoint.size > v->chain.seq ? cut_off : not_whole_segments);
    } else if (v->kept_count && !v->kept_is_told) {
        contradict(v, last_kept(v)->name, last_kept(v)->checkpoint.size,
                   "no entry of the log tells of it");
    }
}

enum status audit_visit_log(const char *path, const struct audit_known *known, audit_visit *visit,
                            void *ctx, struct audit_report *out, struct error *e)
{
    static const struct audit_known nothing;
    *out = (struct audit_report){.valid = true};
    struct verification v = {.report = out,
                             .known = known ? known : &nothing,
                             .visit = visit,
                             .ctx = ctx,
                             .arena = arena_new(0)};
    struct hasher *hasher = hasher_new();
    chain_init(&v.chain, hasher);
    struct reader r;
    enum status status = reader_open(&r, path, e);
    if (status == OK) {
        status = verify_log(&v, &r, e);
    }
    reader_close(&r);
    if (status == OK && out->valid) {
        verify_end(&v, path);
    }
    memcpy(out->log_id, v.chain.log_id, sizeof out->log_id);
    hasher_free(hasher);
    arena_free(v.arena);
    return status;
}

enum status audit_verify(const char *path, const struct audit_known *known,
                         struct audit_report *out, struct error *e)
{
    enum { TRIES = 100 }; /* segments may expire while a running server's log is read */
    enum status status = FAIL;
    for (int i = 0; status != OK && (i == 0 || (e->code == ERR_NOT_READY && i < TRIES)); i++) {
        status = audit_visit_log(path, known, NULL, NULL, out, e);
    }
    return status;
}

/* --- IAM entries alone --- */

enum status audit_verify_iam(const char *path, struct audit_report *out, struct error *e)
{
    struct verification v = {.report = out};
    struct reader r;
    struct str text;
    struct line line;
    enum reader_got got = READER_FAILED;
    *out = (struct audit_report){.valid = true};
    chain_init(&v.chain, hasher_new());
    v.chain.open_start = true;
    if (reader_open(&r, path, e) == OK) {
        reader_begin(&r, 0, r.count, NULL);
        while ((got = reader_next(&r, &text, NULL, e)) == READER_LINE) {
            r.why = chain_take_iam(&v.chain, text, &line);
            if (r.why) {
                got = READER_BROKEN;
                break;
            }
            count_entry(out, &line);
        }
    }
    if (got == READER_BROKEN || got == READER_TORN) {
        broken(&v, r.file, r.line, v.chain.iam_seq + 1, r.why);
    } else if (got == READER_END && out->entries == 0) {
        broken(&v, path, 1, 1, "there are no entries");
    }
    reader_close(&r);
    hasher_free(v.chain.hasher);
    return got == READER_FAILED ? FAIL : OK;
}

/* --- the log's id --- */

enum status audit_log_id(const char *dir, char out[ID_UUID_SIZE], struct error *e)
{
    struct chain c = {.hasher = hasher_new()};
    struct reader r;
    struct str text;
    struct line line;
    enum status status = reader_open_folder(&r, dir, e);
    if (status == OK && r.count == 0) {
        status = error_set(e, ERR_NOT_FOUND, "there is no audit log in this folder yet");
    }
    if (status == OK) {
        reader_begin(&r, 0, 1, &c);
        enum reader_got got = reader_next(&r, &text, &line, e);
        status = got == READER_FAILED ? FAIL : OK;
        if (got == READER_LINE) {
            chain_advance(&c, &line);
        }
    }
    reader_close(&r);
    hasher_free(c.hasher);
    memcpy(out, c.log_id, sizeof c.log_id);
    return status == OK && !out[0]
               ? error_set(e, ERR_CORRUPT, "the log doesn't tell its id; verify it")
               : status;
}
